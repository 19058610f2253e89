"""Builders for the tests of approvals: a kind of document of their own, policies and submissions by commands."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from tests.cast import DI, NOW, OZ, Person, ctx

from flowrack.approvals import commands, steps
from flowrack.approvals.types import (
    KINDS,
    Change,
    Condition,
    Decide,
    DecidedRequest,
    DocumentKind,
    FactKind,
    Outcome,
    PolicyStep,
    Seen,
    Submission,
    WritePolicy,
    register,
)
from flowrack.platform import sql
from flowrack.platform.runner import Context

KIND = DocumentKind(
    "house.paper",
    "Paper",
    (FactKind("price_up_pct", "price rise", "percent"), FactKind("new_supplier", "new supplier", "flag")),
)
MANAGER = PolicyStep(1, ("purchasing_manager",))
CONTROLLER = PolicyStep(1, ("finance_controller",))


def know_papers() -> None:
    """Papers are a kind of document."""
    if KIND.code not in KINDS:
        register(KIND)


def policy(
    code: str, *steps_: PolicyStep, when: tuple[Condition, ...] = (), active: bool = True, by: Person = OZ
) -> int:
    """A version of a policy, in force now; its id."""
    know_papers()
    asked = WritePolicy(KIND.code, code, f"Policy {code}", list(when), list(steps_), "for the test", is_active=active)
    return commands.write_policy(ctx(by), asked).policy_id


def paper(number: int = 1, *, site: int, amount: str = "100", by: Person = DI, **more: Any) -> Submission:
    """A paper that asks."""
    know_papers()
    base = Submission(
        kind=KIND.code,
        subject=f"house.paper:{number}",
        site_id=site,
        amount=Decimal(amount),
        content={"number": number, "amount": amount},
        summary=f"Paper {number}",
        requester_id=by.id,
        changes=(Change("Paper", "Amount", "", amount),),
    )
    return replace(base, **more)


def submit(*papers: Submission, by: Context | None = None) -> list[Outcome]:
    """Submit as a stage's command does: in one transaction, with a command record behind it."""
    context = by or ctx(DI)
    with transaction.atomic():
        context.command_id = sql.fetch_value(
            """
            INSERT INTO platform_commandrecord (actor_id, key, command, device, fingerprint, request, occurred_at,
                                                subject)
            VALUES (%s, %s, 'house.submit', '', '', '{}', %s, '') RETURNING id
            """,
            (context.actor_id, context.key, context.now),
        )
        return steps.submit(context, list(papers))


def decide(
    who: Person, *outcomes: Outcome, verdict: str = "approve", reason: str = "", **more: Any
) -> list[DecidedRequest]:
    """A person's verdict on what was submitted."""
    seen = [Seen(o.request_id, o.content_hash) for o in outcomes]
    return commands.decide(ctx(who, **more), Decide(seen, verdict, reason)).requests


def state(outcome: Outcome) -> str:
    """Where the request stands now."""
    return str(sql.fetch_value("SELECT state FROM approvals_request WHERE id = %s", (outcome.request_id,)))


def rows() -> dict[str, int]:
    """Rows of what approvals write, to show that a refused command left no trace."""
    tables = ("request", "step", "verdict", "policy", "policycondition", "policystep", "delegation")
    found = {t: int(sql.fetch_value(f"SELECT count(*) FROM approvals_{t}")) for t in tables}
    return {**found, "outbox": int(sql.fetch_value("SELECT count(*) FROM platform_outboxevent"))}


__all__ = [
    "CONTROLLER",
    "KIND",
    "MANAGER",
    "NOW",
    "decide",
    "know_papers",
    "paper",
    "policy",
    "rows",
    "state",
    "submit",
]
