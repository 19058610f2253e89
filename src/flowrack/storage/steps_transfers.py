"""Writes of transfers; run inside somebody's command."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowrack.ledger.types import Move
from flowrack.platform import sql
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context
from flowrack.shared.refs import ref
from flowrack.storage.models_transfers import Transfer
from flowrack.storage.states import ClaimState
from flowrack.storage.types_transfers import (
    TRANSFER,
    ArrivedLine,
    ClaimMissing,
    OpenLine,
    SendStock,
    SettleTransferClaim,
)


def write_transfer(ctx: Context, req: SendStock, moves: Sequence[Move]) -> tuple[int, str]:
    """A transfer with a line for each kind of stock: its id and number. Three statements."""
    made = Transfer(
        number=next_number("TR"), site_id=req.site_id, to_site_id=req.to_site_id, note=req.note.strip(),
        due_on=req.due_on, sent_at=ctx.now, sent_by_id=ctx.actor_id,
    )  # fmt: skip
    made.save()
    write_lines(int(made.pk), [(m.item_id, m.lot_id, str(m.target.quality), int(m.units)) for m in moves])
    return int(made.pk), made.number


def write_lines(transfer_id: int, goods: Sequence[tuple[int, int, str, int]]) -> None:
    """The lines of a transfer, one for each item, lot and quality: (item, lot, quality, units). One statement."""
    sql.execute(
        """
        INSERT INTO storage_transferline (transfer_id, item_id, lot_id, quality, units)
        SELECT %s::bigint, m.item_id, m.lot_id, m.quality, sum(m.units)::bigint
        FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[]) AS m(item_id, lot_id, quality, units)
        GROUP BY 2, 3, 4 ORDER BY 2, 3, 4
        """,
        (
            transfer_id,
            [item for item, _, _, _ in goods],
            [lot for _, lot, _, _ in goods],
            [quality for _, _, quality, _ in goods],
            [units for _, _, _, units in goods],
        ),
    )


def origins(arrived: Sequence[ArrivedLine], taken: Sequence[tuple[int, OpenLine, int]]) -> list[str]:
    """The transfer that each arrived line is booked under: the oldest that brought some of it."""
    first: dict[int, int] = {}
    for place, line, _ in taken:
        first.setdefault(place, line.transfer_id)
    return [ref(TRANSFER, first[place]) for place in range(len(arrived))]


def write_arrivals(ctx: Context, taken: Sequence[tuple[int, OpenLine, int]]) -> list[int]:
    """Book what arrived on its lines; the transfers of which nothing is on the way any more. Three statements."""
    units: dict[int, int] = {}
    for _, line, count in taken:
        units[line.line_id] = units.get(line.line_id, 0) + count
    sql.execute(
        """
        UPDATE storage_transferline l SET received_units = l.received_units + d.units
        FROM unnest(%s::bigint[], %s::bigint[]) AS d(id, units) WHERE l.id = d.id
        """,
        (list(units), list(units.values())),
    )
    sql.execute(
        "UPDATE storage_transfer SET arrived_at = %s WHERE id = ANY(%s::bigint[])",
        (ctx.now, sorted({line.transfer_id for _, line, _ in taken})),
    )
    rows = sql.fetch_all(
        """
        UPDATE storage_transfer t SET state = 'received', received_at = %s
        WHERE t.id = ANY(%s::bigint[]) AND NOT EXISTS (
            SELECT FROM storage_transferline l WHERE l.transfer_id = t.id AND l.received_units < l.units)
        RETURNING t.id
        """,
        (ctx.now, sorted({line.transfer_id for _, line, _ in taken})),
    )
    return sorted(row[0] for row in rows)


def ask_claim(
    ctx: Context, req: ClaimMissing, carrier_id: int | None, *, units: int, value: Decimal
) -> tuple[int, str]:
    """A claim for what is missing, which asks for the loss: id and number. Two statements."""
    number = next_number("TC")
    claim_id: int = sql.fetch_value(
        """
        INSERT INTO storage_transferclaim (number, transfer_id, state, carrier_id, units, value, note, posting_id,
                                           opened_at, opened_by_id)
        VALUES (%s, %s, 'asked', %s, %s, %s, %s, 0, %s, %s) RETURNING id
        """,
        (number, req.transfer_id, carrier_id, units, value, req.note.strip(), ctx.now, ctx.actor_id),
    )
    return claim_id, number


def open_claim(claim_id: int, *, value: Decimal, posting_id: int) -> None:
    """The loss was posted: the claim is open, and its transfer short. Two statements."""
    sql.execute(
        "UPDATE storage_transferclaim SET state = 'open', value = %s, posting_id = %s WHERE id = %s",
        (value, posting_id, claim_id),
    )
    sql.execute(
        """
        UPDATE storage_transfer t SET state = 'short' FROM storage_transferclaim c
        WHERE c.id = %s AND t.id = c.transfer_id
        """,
        (claim_id,),
    )


def refuse_claim(ctx: Context, claim_id: int, why: str) -> None:
    """Nothing was given up. One statement."""
    sql.execute(
        """
        UPDATE storage_transferclaim SET state = 'refused', answer = left(%s, 200), settled_at = %s, settled_by_id = %s
        WHERE id = %s AND state = 'asked'
        """,
        (why, ctx.now, ctx.actor_id, claim_id),
    )


def settle_claim(ctx: Context, req: SettleTransferClaim) -> None:
    """What became of a claim; what was found is on the way again. Two statements."""
    sql.execute(
        """
        UPDATE storage_transferclaim SET state = %s, credited = %s, answer = %s, settled_at = %s, settled_by_id = %s
        WHERE id = %s
        """,
        (req.outcome, req.credited, req.answer.strip(), ctx.now, ctx.actor_id, req.claim_id),
    )
    if req.outcome == ClaimState.FOUND:
        sql.execute(
            """
            UPDATE storage_transfer t SET state = 'on_the_way' FROM storage_transferclaim c
            WHERE c.id = %s AND t.id = c.transfer_id
            """,
            (req.claim_id,),
        )
