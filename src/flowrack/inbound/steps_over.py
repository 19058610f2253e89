"""How units beyond the tolerance ask for approval, and how they become part of what may come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flowrack.approvals import rules as approval_rules
from flowrack.approvals.types import Change, DocumentKind, FactKind, Submission, register
from flowrack.inbound.states import OverReceiptState
from flowrack.inbound.types_over import OVER
from flowrack.platform import sql
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context
from flowrack.purchasing.types import LineForReceipt
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref

register(
    DocumentKind(
        OVER,
        "Over-receipt",
        (
            FactKind("over_pct", "units beyond what was ordered, all together", "percent"),
            FactKind("over_units", "units beyond the tolerance"),
        ),
        verb="Let them in",
        view="purchasing.view",
    )
)


def content(line: LineForReceipt, units: int) -> dict[str, Any]:
    """What is approved: so many units more of this line as it is ordered now."""
    return {
        "po_line": line.po_line_id,
        "item": line.item_id,
        "ordered": line.ordered,
        "over": line.over_units,
        "unit_cost": str(line.unit_cost),
        "units": units,
    }


def content_hash(line: LineForReceipt, units: int) -> str:
    """The hash under which approvals know it."""
    return approval_rules.content_hash(content(line, units))


def submission(
    ctx: Context, over_receipt_id: int, number: str, line: LineForReceipt, units: int, reason: str
) -> Submission:
    """The question as the inbox shows it: what may be received before and after."""
    before, after = line.ordered + line.over_most, line.ordered + line.over_most + units
    over_pct = Decimal(100 * (after - line.ordered)) / max(line.ordered, 1)
    return Submission(
        kind=OVER,
        subject=ref(OVER, over_receipt_id),
        site_id=line.site_id,
        amount=to_money(line.unit_cost * units),
        content=content(line, units),
        summary=f"{number} {units:,} × {line.sku} on {line.po_number}",
        requester_id=ctx.actor_id,
        facts={"over_pct": over_pct.quantize(Decimal("0.1")), "over_units": units},
        changes=(Change(f"{line.sku} on {line.po_number}", "Most that may come", f"{before:,}", f"{after:,}", True),),
        sentence=(
            f"When it was asked, {line.received:,} of {line.ordered:,} ordered had come, {line.over_most:,} more are"
            f" tolerated; {units:,} beyond that stand at the dock."
        ),
        reason=reason,
        partner=ref("parties.party", line.supplier_id),
    )


def insert(ctx: Context, line: LineForReceipt, units: int, reason: str) -> tuple[int, str]:
    """Write the question: its id and number. Two statements."""
    number = next_number("OR")
    made = sql.fetch_value(
        """
        INSERT INTO inbound_overreceipt (number, site_id, po_line_id, units, reason, state, asked_by_id, asked_at)
        VALUES (%s, %s, %s, %s, %s, 'waiting', %s, %s) RETURNING id
        """,
        (number, line.site_id, line.po_line_id, units, reason[:200], ctx.actor_id, ctx.now),
    )
    return int(made), number


def end(ctx: Context, states: Mapping[int, OverReceiptState]) -> None:
    """Write how questions ended. One statement."""
    sql.execute(
        """
        UPDATE inbound_overreceipt o SET state = n.state, ended_at = %s
        FROM unnest(%s::bigint[], %s::text[]) AS n(id, state) WHERE o.id = n.id
        """,
        (ctx.now, list(states), [str(state) for state in states.values()]),
    )


def waiting_of(po_line_ids: Sequence[int]) -> dict[int, tuple[int, str, int]]:
    """The question that waits for each PO line: (id, number, units). The POs are locked. One query."""
    rows = sql.fetch_all(
        """
        SELECT po_line_id, id, number, units FROM inbound_overreceipt
        WHERE po_line_id = ANY(%s::bigint[]) AND state = 'waiting'
        """,
        (list(po_line_ids),),
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def asked(over_receipt_ids: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """(id, PO, PO line, units) of questions that wait. One query."""
    return sql.fetch_all(
        """
        SELECT o.id, l.po_id, l.id, o.units FROM inbound_overreceipt o JOIN purchasing_poline l ON l.id = o.po_line_id
        WHERE o.id = ANY(%s::bigint[]) AND o.state = 'waiting' ORDER BY o.id
        """,
        (list(over_receipt_ids),),
    )
