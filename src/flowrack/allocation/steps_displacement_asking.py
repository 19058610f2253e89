"""How an urgent order asks: what an approver sees of those who would wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from flowrack.allocation.queries_displacement import Judged, LineFacts, UrgentOrder
from flowrack.allocation.reasons_displacement import units_of
from flowrack.allocation.types_displacement import PRIORITY
from flowrack.approvals.types import NO_END_DAYS, Change, DocumentKind, FactKind, Submission, register
from flowrack.platform.runner import Context
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref

register(
    DocumentKind(
        PRIORITY,
        "Urgent order",
        (
            FactKind("units", "units that others lose"),
            FactKind("slip_days", "days that a promise slips", "days"),
            FactKind("losers", "order lines that are worse off"),
            FactKind("loser_tier", "best class that is worse off", "text"),
            FactKind("tier", "class of the urgent order", "text"),
            FactKind("site", "site", "text"),
        ),
        url_name="allocation_priority",
        verb="Let it go first",
        view="sales.view",
    )
)


def worth(one: Judged, facts: Mapping[int, LineFacts]) -> Decimal:
    """The price of the units that must be allowed."""
    asked = units_of(one.made.to_allow)
    return to_money(sum((facts[line_id].unit_price * units for line_id, units in asked.items()), Decimal(0)))


def content(order_id: int, judged: Sequence[Judged]) -> dict[str, object]:
    """What is approved: which lines lose how much to which, and by how many days they slip."""
    return {
        "order": order_id,
        "lines": [
            [one.made.ask.line_id, line_id, units]
            for one in judged
            for line_id, units in units_of(one.made.to_allow).items()
        ],
        "slips": [
            [slip.line_id, slip.units, slip.promised_on.isoformat(), slip.days]
            for one in judged
            for slip in one.made.slips
        ],
    }


def submission(
    ctx: Context,
    request_id: int,
    number: str,
    order: UrgentOrder,
    reason: str,
    judged: Sequence[Judged],
    facts: Mapping[int, LineFacts],
    site: str,
) -> Submission:
    """The question as the inbox shows it: who loses, when they would have been served and when they will be."""
    slips = [(one, slip) for one in judged for slip in one.made.slips]
    losers = [facts[slip.line_id] for _, slip in slips]
    pending = sum(one.made.pending for one in judged)
    days = max((NO_END_DAYS if slip.days is None else slip.days for _, slip in slips), default=0)
    return Submission(
        kind=PRIORITY,
        subject=ref(PRIORITY, request_id),
        site_id=order.site_id,
        amount=sum((worth(one, facts) for one in judged), Decimal(0)),
        content=content(order.order_id, judged),
        summary=f"{number} {pending:,} for {order.number}, {order.customer}",
        requester_id=ctx.actor_id,
        facts={
            "units": pending,
            "slip_days": days,
            "losers": len(losers),
            "loser_tier": min((one.tier for one in losers), default=""),
            "tier": order.tier,
            "site": site,
        },
        changes=tuple(_changes(order, judged, facts)),
        sentence=f"{order.number} is urgent: {pending:,} more only if others wait. What is picked never moves.",
        reason=reason,
        partner=ref("sales.order", order.order_id),
        partner_name=order.customer,
    )


def _changes(order: UrgentOrder, judged: Sequence[Judged], facts: Mapping[int, LineFacts]) -> list[Change]:
    shown: list[Change] = []
    for one in judged:
        sku = facts[one.made.ask.line_id].sku
        got, wants = one.made.got, one.made.ask.units
        if one.made.pending:
            shown.append(
                Change(
                    f"{order.number} {order.customer}, tier {order.tier}",
                    f"{sku} it gets",
                    f"{got:,} of {wants:,}",
                    f"{got + one.made.pending:,} of {wants:,}",
                )
            )
        asked = units_of(one.made.to_allow)
        for slip in one.made.slips:
            about = facts[slip.line_id]
            units = asked.get(slip.line_id, slip.units)
            after = "no cover" if slip.leaves_on is None else _later(slip.leaves_on, slip.days)
            shown.append(
                Change(
                    f"{about.number} {about.customer}, tier {about.tier}",
                    f"{units:,} of {sku} leave",
                    _on(slip.promised_on),
                    after,
                    is_exception=True,
                )
            )
            shown.append(
                Change(
                    f"{about.number} {about.customer}, tier {about.tier}",
                    "Value that waits",
                    "",
                    f"{to_money(about.unit_price * units):,.2f}",
                )
            )
    return shown


def _on(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _later(day: date, days: int | None) -> str:
    """ "Thu 5 Mar (+2 days)"."""
    return f"{_on(day)} (+{days} day{'' if days == 1 else 's'})"
