"""The words of approvals: policies of the house, purchases that ask, verdicts and deadlines."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from flowrack.approvals import commands as approvals
from flowrack.approvals import jobs
from flowrack.approvals.queries import Standing, standing
from flowrack.approvals.types import Condition, Decide, Delegate, PolicyStep, Seen, WritePolicy
from flowrack.inbound.commands_over import ask_over_receipt
from flowrack.inbound.types_over import AskOverReceipt
from flowrack.integrations.scenario.figures import same
from flowrack.integrations.scenario.flow import AS_TOLD
from flowrack.integrations.scenario.house import House
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import event, figure, given
from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system
from flowrack.purchasing.commands import change_po, create_po, submit_po
from flowrack.purchasing.types import PO_KIND, ChangePo, CreatePo, NewPo, NewPoLine, SubmitPo
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref


@given("approval_policies")
def approval_policies(house: House, value: Any) -> None:
    """Policies for the purchases of this house, besides the first one that another person approves.

    Each has a name, `when` (a condition or several, such as `amount > 25000`), `ask` (roles), and may have `people`,
    `hours` and `then` (the role that may after that).
    """
    code, _ = house.party("SUPPLIER")
    for number, policy in enumerate(value, start=1):
        when = policy.get("when", [])
        conditions = [_condition(text) for text in ([when] if isinstance(when, str) else when)]
        step = PolicyStep(
            1,
            tuple(policy["ask"]),
            int(policy.get("people", 1)),
            int(policy["hours"]) if "hours" in policy else None,
            str(policy.get("then", "")),
        )
        asked = WritePolicy(
            kind=PO_KIND,
            code=f"{house.prefix.lower()}-{number}",
            name=str(policy["name"]),
            conditions=[Condition("supplier", "=", code), *conditions],
            steps=[step],
            reason=f"given in {house.scenario.id}",
        )
        house.do(approvals.write_policy, "finance_controller", asked)


def _condition(text: str) -> Condition:
    parts = str(text).split()
    if len(parts) != 3:
        raise BadScenario(f"“{text}” is no condition.", fix="Write a field, an operator and a value.")
    return Condition(*parts)


@event("submit", "qty unit_cost product")
def submit(house: House, happening: Event) -> None:
    """A buyer writes a purchase and asks approval for it."""
    [po] = house.do(create_po, "buyer", CreatePo([_order(house, happening)])).pos
    house.noted[f"po:{happening.ref}"] = po.po_id
    house.do(submit_po, "buyer", SubmitPo([po.po_id]))


@event("change_purchase", "of qty unit_cost product")
def change_purchase(house: House, happening: Event) -> None:
    """The buyer changes a purchase that asks, and asks again."""
    po_id = _po(house, happening.args["of"])
    version = sql.fetch_value("SELECT version FROM purchasing_po WHERE id = %s", (po_id,))
    house.do(change_po, "buyer", ChangePo(po_id, version, _order(house, happening)))
    house.do(submit_po, "buyer", SubmitPo([po_id]))


def _order(house: House, happening: Event) -> NewPo:
    item = house.item(happening.args.get("product"))
    _, supplier_id = house.party("SUPPLIER")
    cost = house.base_cost(happening.args["unit_cost"])
    line = NewPoLine(item.item_id, Units(house.units(happening.args["qty"])), cost)
    return NewPo(supplier_id, house.site().site_id, [line], cover_reason=AS_TOLD)


@event("approve", "of")
def approve(house: House, happening: Event) -> None:
    """Somebody approves a purchase in the inbox (`by` a role; else the purchasing manager)."""
    _decide(house, happening, "approve", "")


@event("reject", "of reason")
def reject(house: House, happening: Event) -> None:
    """Somebody rejects a purchase in the inbox, with a reason."""
    _decide(house, happening, "reject", str(happening.args.get("reason", "")))


def _decide(house: House, happening: Event, verdict: str, reason: str) -> None:
    role = str(happening.args.get("by", "purchasing_manager"))
    asked = _standing(house, happening.args["of"])
    seen = [Seen(asked.request_id, asked.content_hash)]
    house.do(approvals.decide, role, Decide(seen, verdict, reason))
    house.settle()


@event("stand_in", "to days")
def stand_in(house: House, happening: Event) -> None:
    """The person of one role (`by`) lets the person of another stand in for so many days."""
    to_id = house.people.ids[str(happening.args["to"])]
    until = house.now + timedelta(days=int(happening.args.get("days", 1)))
    house.do(approvals.delegate, str(happening.args["by"]), Delegate(to_id, until))


@event("look_at_deadlines", "hours")
def look_at_deadlines(house: House, happening: Event) -> None:
    """So many hours pass, and the worker looks for what is overdue."""
    house.now += timedelta(hours=int(happening.args.get("hours", 0)))
    jobs.escalate_overdue(context_for_system(house.now, f"{house.prefix}:deadlines:{house.now.isoformat()}"))


@figure("*_approval")
def approval_state(house: House, name: str, expected: Any) -> None:
    """Where the approval of a purchase stands: waiting, approved, rejected or voided."""
    same(name, str(expected), _standing(house, name.removesuffix("_approval")).state)


@figure("*_purchase")
def purchase_state(house: House, name: str, expected: Any) -> None:
    """The state of a purchase: draft or approved."""
    po_id = _po(house, name.removesuffix("_purchase"))
    same(name, str(expected), str(sql.fetch_value("SELECT state FROM purchasing_po WHERE id = %s", (po_id,))))


@figure("*_verdicts")
def verdicts(house: House, name: str, expected: Any) -> None:
    """How many verdicts the newest request of a purchase has."""
    asked = _standing(house, name.removesuffix("_verdicts"))
    got = sql.fetch_value("SELECT count(*) FROM approvals_verdict WHERE request_id = %s", (asked.request_id,))
    same(name, Decimal(str(expected)), Decimal(got))


def _po(house: House, name: Any) -> int:
    po_id = house.noted.get(f"po:{name}")
    if po_id is None:
        raise BadScenario(f"There is no purchase {name} that asked.", fix="Give the submit event this ref.")
    return int(po_id)


def _standing(house: House, name: Any) -> Standing:
    subject = ref(PO_KIND, _po(house, name))
    return standing([subject], PO_KIND)[subject]


@event("ask_for_more", "qty product")
def ask_for_more(house: House, happening: Event) -> None:
    """The receiver asks whether units beyond the tolerance of the open purchase may come in."""
    item = house.item(happening.args.get("product"))
    units = Units(house.units(happening.args["qty"]))
    request = AskOverReceipt(house.noted["open_po"], item.item_id, units, "scenario")
    house.noted["more"] = house.do(ask_over_receipt, "receiver", request)


@event("decide_on_more", "verdict")
def decide_on_more(house: House, happening: Event) -> None:
    """A supervisor (`by` a role) lets what was asked for come in, or (`verdict: reject`) does not."""
    row = sql.fetch_one(
        "SELECT id, content_hash FROM approvals_request WHERE number = %s", (house.noted["more"].approval,)
    )
    assert row is not None, "it was asked"
    verdict = str(happening.args.get("verdict", "approve"))
    role = str(happening.args.get("by", "warehouse_manager"))
    house.do(approvals.decide, role, Decide([Seen(*row)], verdict, "scenario"))


@figure("more_asked")
def more_asked(house: House, name: str, expected: Any) -> None:
    """Where the last question for more than the tolerance stands: waiting, allowed, rejected, voided."""
    query = "SELECT state FROM inbound_overreceipt WHERE id = %s"
    same(name, expected, sql.fetch_value(query, (house.noted["more"].over_receipt_id,)))
