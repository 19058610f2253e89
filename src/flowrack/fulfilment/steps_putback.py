"""Writes of put-backs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flowrack.fulfilment import locks, queries, queries_putback, rules_recall, steps_packing
from flowrack.fulfilment.locks import LockedPick
from flowrack.fulfilment.rules_recall import GoesBack, LooseUnits, MadePick
from flowrack.fulfilment.types import PickNotFound
from flowrack.fulfilment.types_short import PutBackDone
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import CellClaim
from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, TooLate, UnitsChange
from flowrack.shared.refs import ref
from flowrack.tasks import steps as tasks
from flowrack.tasks.types import NewTask

PICK = "fulfilment.pick"


def ask(ctx: Context, order_id: int, cancels: bool, reason: str) -> None:
    """What is picked of an order is to come back; what was said before of it counts no more. One statement."""
    sql.execute(
        """
        INSERT INTO fulfilment_putback (order_id, cancels, reason, asked_by_id, asked_at)
        VALUES (%s, %s, left(%s, 200), %s, %s)
        ON CONFLICT (order_id) WHERE back_at IS NULL DO UPDATE
        SET cancels = excluded.cancels, reason = excluded.reason, asked_by_id = excluded.asked_by_id,
            asked_at = excluded.asked_at
        """,
        (order_id, cancels, reason, ctx.actor_id, ctx.now),
    )


def send_back(ctx: Context, made: Sequence[LockedPick], wanted: Mapping[int, int], order_ids: Sequence[int]) -> None:
    """Units of lines that were picked and are wanted no more go back into the bins they came from; `made` are the picks
    of these lines, `wanted` the units by line, both locked.

    They are the line's no more: no truck takes them and no carton, and they are free for others once they are in their
    bin. Refuses with TooLate when some are in cartons, or came over the dock and were never in a bin. Not more
    statements for more lines.
    """
    cartons = {one.lpn_id: one for one in queries.cartons(order_ids)}
    rows = [row for row in queries.staged(order_ids) if row.line_id in wanted]
    back: list[tuple[LockedPick, GoesBack]] = []
    missing = 0
    for line_id, units in wanted.items():
        mine = {one.pick_id: one for one in made if one.line_id == line_id}
        found = rules_recall.to_send_back(
            [MadePick(one.pick_id, one.lot_id, one.staging_id, one.tote_id or 0, one.units) for one in mine.values()],
            [
                LooseUnits(row.cell_id, row.lot_id, row.location_id, row.lpn_id, row.units)
                for row in rows
                if row.line_id == line_id and row.lpn_id not in cartons
            ],
            units,
        )
        back += [(mine[one.pick_id], one) for one in found]
        missing += units - sum(one.units for one in found)
    if missing:
        inside = sorted({cartons[row.lpn_id].sscc for row in rows if row.lpn_id in cartons})
        raise _cannot_go(missing, inside)
    plates = sorted({one.lpn_id for _, one in back if one.lpn_id})
    steps_packing.refuse_kept(plates, loose_of=list(order_ids) if any(not one.lpn_id for _, one in back) else [])
    sales.apply_units(UnitsChange(line_id, picked=-units) for line_id, units in wanted.items())
    ledger.unreserve(ctx, [CellClaim(one.cell_id, one.units, ref(LINE, pick.line_id)) for pick, one in back])
    give_work(ctx, _mark(back))
    _note(ctx, order_ids)


def _cannot_go(units: int, inside: Sequence[str]) -> TooLate:
    is_one = units == 1
    if not inside:
        return TooLate(
            f"{units:,} unit{' was' if is_one else 's were'} brought to the door without a bin to go back to.",
            fix="Put them away first, or let them leave and take them as a return.",
        )
    where = f"carton {inside[0]}" if len(inside) == 1 else f"cartons {', '.join(inside[:3])}"
    return TooLate(
        f"{units:,} unit{' is' if is_one else 's are'} packed: {where}.",
        fix="Open the carton, or repack it without them; then ask again.",
        cartons=list(inside),
    )


def _mark(back: Sequence[tuple[LockedPick, GoesBack]]) -> list[tuple[LockedPick, int, int]]:
    """Write which picks go back, or which part of them, as a pick of its own for each tote: (pick with the new id,
    units, LPN). Two statements."""
    total: dict[int, int] = {}
    for pick, one in back:
        total[pick.pick_id] = total.get(pick.pick_id, 0) + one.units
    first: dict[int, tuple[LockedPick, GoesBack]] = {}
    parts: list[tuple[LockedPick, GoesBack]] = []
    for pick, one in back:
        if total[pick.pick_id] == pick.units and pick.pick_id not in first:
            first[pick.pick_id] = (pick, one)
        else:
            parts.append((pick, one))
    smaller = {pick.pick_id: pick.units - total[pick.pick_id] for pick, _ in parts if pick.pick_id not in first}
    sql.execute(
        """
        UPDATE fulfilment_pickline p SET units = w.units, tote_id = coalesce(w.tote_id, p.tote_id),
               state = CASE WHEN w.tote_id IS NULL THEN p.state ELSE 'going_back' END
        FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS units, unnest(%s::bigint[]) AS tote_id) AS w
        WHERE p.id = w.id
        """,
        (
            [*first, *smaller],
            [*(one.units for _, one in first.values()), *smaller.values()],
            [*(one.lpn_id for _, one in first.values()), *(None for _ in smaller)],
        ),
    )
    rows = sql.fetch_all(
        """
        INSERT INTO fulfilment_pickline (wave_id, sequence, order_id, order_line_id, item_id, lot_id, cell_id,
                                         location_id, lpn_id, units, state, short_reason, tote_id, posting_id,
                                         done_by_id, done_at, pick_list_id, place)
        SELECT p.wave_id, p.sequence, p.order_id, p.order_line_id, p.item_id, p.lot_id, p.cell_id, p.location_id,
               p.lpn_id, w.units, 'going_back', '', w.tote_id, p.posting_id, p.done_by_id, p.done_at, p.pick_list_id,
               p.place
        FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS units, unnest(%s::bigint[]) AS tote_id,
                     generate_series(1, %s::int) AS n) AS w
        JOIN fulfilment_pickline p ON p.id = w.id ORDER BY w.n RETURNING id
        """,
        (
            [pick.pick_id for pick, _ in parts],
            [one.units for _, one in parts],
            [one.lpn_id for _, one in parts],
            len(parts),
        ),
    ) if parts else []  # fmt: skip
    new_ids = sorted(row[0] for row in rows)
    made = [(replace(pick, pick_id=new), one) for (pick, one), new in zip(parts, new_ids, strict=True)]
    return [(pick, one.units, one.lpn_id) for pick, one in [*first.values(), *made]]


def give_work(ctx: Context, back: Sequence[tuple[LockedPick, int, int]]) -> None:
    """A task for each pick whose goods are to go back and for which none is open: (pick, units, LPN they stand on).
    Three statements."""
    known = queries_putback.tasks_of([pick.pick_id for pick, _, _ in back])
    places = queries_putback.sequences([pick.location_id for pick, _, _ in back])
    new = [
        NewTask(
            kind=queries_putback.KIND,
            origin=ref(PICK, pick.pick_id),
            site_id=pick.site_id,
            zone_id=places[pick.location_id][0],
            from_location_id=pick.staging_id,
            to_location_id=pick.location_id,
            lpn_id=lpn_id,
            item_id=pick.item_id,
            units=units,
            priority=4,
            sequence=places[pick.location_id][1],
        )
        for pick, units, lpn_id in back
        if pick.pick_id not in known
    ]
    tasks.create_tasks(ctx, new)


def _note(ctx: Context, order_ids: Sequence[int]) -> None:
    """Goods of orders are on their way back; what was asked of an order before still counts. One statement."""
    sql.execute(
        """
        INSERT INTO fulfilment_putback (order_id, cancels, reason, asked_by_id, asked_at)
        SELECT o.id, false, '', %s, %s FROM unnest(%s::bigint[]) AS o(id)
        ON CONFLICT (order_id) WHERE back_at IS NULL DO NOTHING
        """,
        (ctx.actor_id, ctx.now, list(order_ids)),
    )


def close(ctx: Context, pick_id: int) -> None:
    """Goods that were wanted no more are in their bin. One statement."""
    sql.execute(
        "UPDATE fulfilment_pickline SET state = 'cancelled', done_by_id = %s, done_at = %s WHERE id = %s",
        (ctx.actor_id, ctx.now, pick_id),
    )


def note_back(ctx: Context, site_id: int, order_id: int) -> None:
    """Goods of an order are back: when these were the last, that is told. Three statements and the event.

    Two that put the last goods of an order back at once, each on a list of its own, go one after the other here; else
    each would see the other's goods on their way, and nobody would tell.
    """
    if not locks.put_back(order_id) or queries_putback.is_waited_for(order_id):
        return
    row = sql.fetch_one(
        """
        UPDATE fulfilment_putback b SET back_at = %s FROM platform_user u
        WHERE b.order_id = %s AND b.back_at IS NULL AND u.id = b.asked_by_id
        RETURNING b.id, b.cancels, b.reason, u.full_name
        """,
        (ctx.now, order_id),
    )
    if row is not None:
        ctx.emit(PutBackDone(site_id, order_id, *row))


def end(ctx: Context, put_back_id: int, outcome: str) -> int:
    """What became of the order; its id. One statement."""
    order_id = sql.fetch_value(
        """
        UPDATE fulfilment_putback SET outcome = left(%s, 200) WHERE id = %s AND back_at IS NOT NULL RETURNING order_id
        """,
        (outcome, put_back_id),
    )
    if order_id is None:
        raise PickNotFound("There is no such put-back.", fix="Look at the list of put-backs.")
    return int(order_id)
