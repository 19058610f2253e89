"""Builders for tests of inspection: goods that come from a supplier under a plan, each step done by a command."""

from __future__ import annotations

from decimal import Decimal

from tests.cast import ADA, BO, FAY, ctx
from tests.supply import approved, receive, supplier

from flowrack.approvals import commands as approvals
from flowrack.approvals import types as approval
from flowrack.inbound.types import CountedLine, Received
from flowrack.inspection import commands
from flowrack.inspection.types import CheckResult, Decide, Decided, RecordResults, SetPlan, StartInspection, Verdict
from flowrack.ledger.tests.house import House
from flowrack.platform import outbox, sql
from flowrack.platform.runner import Context
from flowrack.shared.quantity import Units
from flowrack.storage.tests.house import shelves

__all__ = ["answer", "deliver", "inspect", "latest", "plan", "shelves", "supplier"]


def plan(item_id: int = 0, **more: object) -> int:
    """Fay's plan for an item."""
    return commands.set_plan(ctx(FAY), SetPlan(item_id=item_id, **more)).plan_id  # type: ignore[arg-type]


def deliver(at: House, item_id: int, units: int, *, cost: str = "30", by: int = 0, lot: str = "") -> Received:
    """Goods of one receipt at the dock, and everybody has heard of it."""
    po = approved(at.site, by or supplier(f"S{sql.fetch_value('SELECT count(*) FROM parties_party')}"),
                  (item_id, units, cost))  # fmt: skip
    done = receive(po, at, CountedLine(units=Units(units), item_id=item_id, lot=lot), by=ctx(BO))
    outbox.drain()
    return done


def latest() -> int:
    """The newest inspection."""
    return int(sql.fetch_value("SELECT max(id) FROM inspection_inspection"))


def inspect(
    inspection_id: int, defective: int = 0, verdict: Verdict = Verdict.RELEASE, *, by: Context | None = None,
    tested: int | None = None, **more: object,
) -> Decided:  # fmt: skip
    """Fay starts, tests the whole sample, finds so many defective units and decides."""
    done = commands.start_inspection(ctx(FAY), StartInspection(inspection_id))
    units = done.sample_units if tested is None else tested
    found = [CheckResult(defective_units=defective)] if defective else []
    commands.record_results(ctx(FAY), RecordResults(inspection_id, units, found))
    more.setdefault("reason", "found defects" if verdict != Verdict.RELEASE else "")
    return commands.decide(by or ctx(FAY), Decide(inspection_id, verdict, **more))  # type: ignore[arg-type]


def answer(number: str, verdict: str = "approve", *, by: Context | None = None) -> None:
    """Ada decides in the inbox on what was asked under this number, and everybody has heard of it."""
    seen = sql.fetch_one("SELECT id, content_hash FROM approvals_request WHERE number = %s", (number,))
    assert seen is not None
    approvals.decide(by or ctx(ADA), approval.Decide([approval.Seen(*seen)], verdict, "looked at it"))
    outbox.drain()


AQL_1 = Decimal("1.0")
