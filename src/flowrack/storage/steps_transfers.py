"""Writes of transfers; run inside somebody's command."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.ledger.types import Move
from flowrack.platform import sql
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context
from flowrack.shared.refs import ref
from flowrack.storage.models_transfers import Transfer
from flowrack.storage.types_transfers import TRANSFER, ArrivedLine, OpenLine, SendStock


def write_transfer(ctx: Context, req: SendStock, moves: Sequence[Move]) -> tuple[int, str]:
    """A transfer with a line for each kind of stock: its id and number. Three statements."""
    made = Transfer(
        number=next_number("TR"), site_id=req.site_id, to_site_id=req.to_site_id, note=req.note.strip(),
        due_on=req.due_on, sent_at=ctx.now, sent_by_id=ctx.actor_id,
    )  # fmt: skip
    made.save()
    sql.execute(
        """
        INSERT INTO storage_transferline (transfer_id, item_id, lot_id, quality, units)
        SELECT %s::bigint, m.item_id, m.lot_id, m.quality, sum(m.units)::bigint
        FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[]) AS m(item_id, lot_id, quality, units)
        GROUP BY 2, 3, 4 ORDER BY 2, 3, 4
        """,
        (
            made.pk,
            [m.item_id for m in moves],
            [m.lot_id for m in moves],
            [str(m.target.quality) for m in moves],
            [int(m.units) for m in moves],
        ),
    )
    return int(made.pk), made.number


def origins(arrived: Sequence[ArrivedLine], taken: Sequence[tuple[int, OpenLine, int]]) -> list[str]:
    """The transfer that each arrived line is booked under: the oldest that brought some of it."""
    first: dict[int, int] = {}
    for place, line, _ in taken:
        first.setdefault(place, line.transfer_id)
    return [ref(TRANSFER, first[place]) for place in range(len(arrived))]


def write_arrivals(ctx: Context, taken: Sequence[tuple[int, OpenLine, int]]) -> list[int]:
    """Book what arrived on its lines; the transfers of which nothing is on the way any more. Two statements."""
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
