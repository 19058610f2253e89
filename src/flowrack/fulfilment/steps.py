"""Writes of fulfilment that commands of this and of later stages share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from flowrack.allocation import steps as allocation
from flowrack.allocation.types import Displaced, GivenUp, PoolShortfall
from flowrack.fulfilment import locks, queries_stock, rules, steps_lists
from flowrack.fulfilment.locks import LockedPick
from flowrack.fulfilment.rules import Demand, PickPlan
from flowrack.fulfilment.types import PicksCalledBack
from flowrack.fulfilment.types_stock import DoubtsEnded
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import CellClaim, PoolClaim
from flowrack.locations import steps as places
from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, LockedLine, UnitsChange
from flowrack.shared.refs import ref


def demands_of(lines: Sequence[LockedLine]) -> list[Demand]:
    """The promised units of lines, by line and lot, that no picker has; their pools are locked. One statement."""
    order_of = {line.line_id: line.order_id for line in lines if line.counts.unreleased}
    if not order_of:
        return []
    promised = sales.claim_promises(sorted(order_of))
    return [
        Demand(p.line_id, order_of[p.line_id], p.item_id, p.lot_id, p.units)
        for p in sorted(promised, key=lambda p: (p.line_id, p.lot_id))
        if p.units > 0
    ]


def plan_picks(demands: Sequence[Demand], site_id: int, *, now: datetime) -> list[PickPlan]:
    """Cells for demands in walking order, locked; less than is asked where the bins hold less. One statement."""
    cells = locks.pick_cells(sorted({demand.item_id for demand in demands}), site_id, now=now)
    return sorted(rules.plan_picks(demands, cells), key=lambda p: (p.cell.pick_sequence, p.cell.cell_id))


def insert_picks(
    wave_id: int, plans: Sequence[PickPlan], lists: Sequence[tuple[int, int]], *, first_sequence: int = 1
) -> list[int]:
    """Write open picks in the given (walking) order, each with its list and place in that. One statement."""
    rows = sql.fetch_all(
        """
        INSERT INTO fulfilment_pickline (wave_id, sequence, order_id, order_line_id, item_id, lot_id, cell_id,
                                         location_id, lpn_id, units, state, short_reason, pick_list_id, place)
        SELECT %s, %s + p.n, p.order_id, p.line_id, p.item_id, p.lot_id, p.cell_id, p.location_id, p.lpn_id, p.units,
               'open', '', p.list_id, p.place
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
                    %s::bigint[], %s::bigint[], %s::int[])
             WITH ORDINALITY
             AS p(order_id, line_id, item_id, lot_id, cell_id, location_id, lpn_id, units, list_id, place, n)
        ORDER BY p.n RETURNING id
        """,
        (
            wave_id,
            first_sequence - 1,
            [plan.demand.order_id for plan in plans],
            [plan.demand.line_id for plan in plans],
            [plan.demand.item_id for plan in plans],
            [plan.demand.lot_id for plan in plans],
            [plan.cell.cell_id for plan in plans],
            [plan.cell.location_id for plan in plans],
            [plan.cell.lpn_id for plan in plans],
            [plan.units for plan in plans],
            [list_id for list_id, _ in lists],
            [place for _, place in lists],
        ),
    )
    return sorted(row[0] for row in rows)


def close_picks(
    ctx: Context, done: Sequence[tuple[LockedPick, int, int]], *, posting_id: int, rest_reason: str = ""
) -> list[int]:
    """Mark picks as picked: (pick, units, tote). What is left is split off: open, or short when a reason is given.

    The ids of the split-off picks, in order. One statement, two when something is left. A list of which nothing is
    left is done; its lease goes on while picks of it come.
    """
    rests = [(pick, pick.units - units) for pick, units, _ in done if units < pick.units]
    sql.execute(
        _CLOSE,
        (
            [pick.pick_id for pick, _, _ in done],
            [units for _, units, _ in done],
            [tote_id for _, _, tote_id in done],
            posting_id,
            ctx.actor_id,
            ctx.now,
            [] if rest_reason else [pick.list_id for pick, _ in rests],
            sorted({pick.list_id for pick, _, _ in done}),
            ctx.now,
            ctx.now,
            ctx.now,
            ctx.now,
        ),
    )
    return split_off(ctx, rests, reason=rest_reason) if rests else []


_CLOSE = """
    WITH d AS (
        SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS units, unnest(%s::bigint[]) AS tote_id
    ), picked AS (
        UPDATE fulfilment_pickline p
        SET state = 'picked', units = d.units, tote_id = d.tote_id, posting_id = %s, done_by_id = %s, done_at = %s
        FROM d WHERE p.id = d.id
    ), list AS (
        SELECT l.id, l.lease_until,
               l.id <> ALL(%s::bigint[]) AND NOT EXISTS (
                   SELECT FROM fulfilment_pickline o
                   WHERE o.pick_list_id = l.id AND o.state = 'open' AND o.id NOT IN (SELECT id FROM d)
               ) AS is_over
        FROM fulfilment_picklist l WHERE l.id = ANY(%s::bigint[])
    ), cart AS (
        UPDATE fulfilment_picklisttote t SET is_bound = false FROM list
        WHERE list.is_over AND t.pick_list_id = list.id AND t.is_bound
    )
    UPDATE fulfilment_picklist l
    SET last_pick_at = %s, started_at = coalesce(l.started_at, %s),
        state = CASE WHEN list.is_over THEN 'done' ELSE l.state END,
        finished_at = CASE WHEN list.is_over THEN %s::timestamptz END,
        lease_until = CASE WHEN NOT list.is_over AND l.state = 'taken'
                           THEN greatest(l.lease_until, %s::timestamptz + interval '15 minutes') END
    FROM list WHERE l.id = list.id
"""


def split_off(ctx: Context, rests: Sequence[tuple[LockedPick, int]], *, reason: str) -> list[int]:
    """New picks for what is left of others: open, or short when a reason is given. One statement."""
    rows = sql.fetch_all(
        """
        INSERT INTO fulfilment_pickline (wave_id, sequence, order_id, order_line_id, item_id, lot_id, cell_id,
                                         location_id, lpn_id, units, state, short_units, short_reason, done_by_id,
                                         done_at, pick_list_id, place)
        SELECT p.wave_id, p.sequence, p.order_id, p.order_line_id, p.item_id, p.lot_id, p.cell_id, p.location_id,
               p.lpn_id, r.units, CASE WHEN %(reason)s::text = '' THEN 'open' ELSE 'short' END,
               CASE WHEN %(reason)s::text <> '' THEN r.units END, %(reason)s::text,
               CASE WHEN %(reason)s::text <> '' THEN %(actor)s::bigint END,
               CASE WHEN %(reason)s::text <> '' THEN %(now)s::timestamptz END, p.pick_list_id, p.place
        FROM unnest(%(ids)s::bigint[], %(units)s::bigint[]) WITH ORDINALITY AS r(id, units, n)
        JOIN fulfilment_pickline p ON p.id = r.id ORDER BY r.n RETURNING id
        """,
        {
            "reason": reason,
            "actor": ctx.actor_id,
            "now": ctx.now,
            "ids": [pick.pick_id for pick, _ in rests],
            "units": [units for _, units in rests],
        },
    )
    return sorted(row[0] for row in rows)


def mark_short(ctx: Context, pick: LockedPick, reason: str) -> None:
    """Nothing of the pick was found. One statement."""
    sql.execute(
        """
        UPDATE fulfilment_pickline SET state = 'short', short_units = units, short_reason = %s, done_by_id = %s,
               done_at = %s WHERE id = %s
        """,
        (reason, ctx.actor_id, ctx.now, pick.pick_id),
    )


def call_back(ctx: Context, picks: Sequence[LockedPick]) -> None:
    """Take open picks from the floor: their cells are free, their lines stay promised. Five statements."""
    take_off(ctx, [(pick, pick.units) for pick in picks])


def take_off(ctx: Context, taken: Sequence[tuple[LockedPick, int]]) -> None:
    """Take units of open picks from the floor, all of a pick or a part: then it is smaller, and goes on. Six
    statements."""
    if not taken:
        return
    sales.claim_lines(sorted({pick.line_id for pick, _ in taken}))
    sales.apply_units(UnitsChange(pick.line_id, released=-units) for pick, units in taken)
    _shrink_picks(ctx, [(pick, units) for pick, units in taken if units < pick.units])
    _cancel_picks(ctx, [pick for pick, units in taken if units == pick.units])
    ledger.unreserve(ctx, [CellClaim(pick.cell_id, units, ref(LINE, pick.line_id)) for pick, units in taken])


def _shrink_picks(ctx: Context, parts: Sequence[tuple[LockedPick, int]]) -> None:
    """Open picks ask for fewer units; what is called back of each stays beside it as a pick of its own. One
    statement."""
    if not parts:
        return
    sql.execute(
        """
        WITH w AS (
            SELECT unnest(%(ids)s::bigint[]) AS id, unnest(%(units)s::bigint[]) AS units
        ), less AS (
            UPDATE fulfilment_pickline p SET units = p.units - w.units FROM w WHERE p.id = w.id
        )
        INSERT INTO fulfilment_pickline (wave_id, sequence, order_id, order_line_id, item_id, lot_id, cell_id,
                                         location_id, lpn_id, units, state, short_reason, done_by_id, done_at,
                                         pick_list_id, place)
        SELECT p.wave_id, p.sequence, p.order_id, p.order_line_id, p.item_id, p.lot_id, p.cell_id, p.location_id,
               p.lpn_id, w.units, 'cancelled', '', %(actor)s, %(now)s, p.pick_list_id, p.place
        FROM w JOIN fulfilment_pickline p ON p.id = w.id ORDER BY p.id
        """,
        {
            "ids": [pick.pick_id for pick, _ in parts],
            "units": [units for _, units in parts],
            "actor": ctx.actor_id,
            "now": ctx.now,
        },
    )
    _tell_called_back(ctx, [pick for pick, _ in parts])


def _tell_called_back(ctx: Context, picks: Sequence[LockedPick]) -> None:
    for site_id in sorted({pick.site_id for pick in picks}):
        ctx.emit(PicksCalledBack(site_id, sorted({pick.item_id for pick in picks if pick.site_id == site_id})))


def _cancel_picks(ctx: Context, picks: Sequence[LockedPick]) -> None:
    if picks:
        sql.execute(
            """
            UPDATE fulfilment_pickline SET state = 'cancelled', done_by_id = %s, done_at = %s
            WHERE id = ANY(%s::bigint[])
            """,
            (ctx.actor_id, ctx.now, [pick.pick_id for pick in picks]),
        )
        steps_lists.settle((pick.list_id for pick in picks), at=ctx.now)
        sales.mark_recalled(sorted({pick.order_id for pick in picks}))
        _tell_called_back(ctx, picks)


def displace(
    ctx: Context,
    shortfalls: Sequence[PoolShortfall],
    reason: str,
    *,
    lacking: Mapping[int, int] | None = None,
    counted: Sequence[int] = (),
) -> Displaced:
    """Free stock that is about to vanish: the lowest rank loses its promise first. Not more statements for more lines.

    For counts, holds and scrap, in the same transaction and before the posting. `lacking` says how many units more
    than are free will leave a cell: what is in doubt there gives way first, then its open picks are called back.
    Doubts on `counted` cells end, because somebody has looked. Emits fulfilment.doubts_ended where one does.
    """
    lacks = dict(lacking or {})
    ended = queries_stock.doubts_that_end(lacks, counted)
    picks = locks.open_picks_at([cell_id for cell_id, units in lacks.items() if units > 0])
    gaps = [*shortfalls, *(PoolShortfall(d.item_id, d.lot_id, d.site_id, d.owner_id, -d.units) for d in ended)]
    given_up = [GivenUp(p.line_id, p.item_id, p.lot_id, p.site_id, p.owner_id, p.units) for p in picks]
    done = allocation.displace(ctx, gaps, reason, given_up=given_up)
    _cancel_picks(ctx, picks)
    ledger.uncommit(ctx, [PoolClaim(d.item_id, d.site_id, d.units, d.ref, d.lot_id, d.owner_id) for d in ended])
    ledger.unreserve(
        ctx,
        [CellClaim(d.cell_id, d.units, d.ref) for d in ended]
        + [CellClaim(pick.cell_id, pick.units, ref(LINE, pick.line_id)) for pick in picks],
    )
    for site_id in sorted({doubt.site_id for doubt in ended}):
        ctx.emit(DoubtsEnded(site_id, sorted({doubt.item_id for doubt in ended if doubt.site_id == site_id})))
    return done


def ship_cartons(ctx: Context, lpn_ids: Sequence[int]) -> None:
    """Goods on these plates have left: cartons are shipped and their labels used up, totes stay. Three statements."""
    gone = sql.fetch_all(
        "UPDATE fulfilment_carton SET state = 'shipped' WHERE id = ANY(%s::bigint[]) RETURNING lpn_id",
        (locks.cartons_on(lpn_ids),),
    )
    if gone:
        places.close_lpns([row[0] for row in gone], at=ctx.now)


def new_wave(ctx: Context, site_id: int, staging_id: int) -> tuple[int, str, int] | None:
    """Write the head of a wave: (id, number, staging). Staging 0 = the site's first; None when it has none.

    One statement.
    """
    row = sql.fetch_one(
        """
        INSERT INTO fulfilment_wave (number, site_id, staging_id, released_at, released_by_id)
        SELECT 'W-' || n.number, s.site_id, s.id, %s, %s
        FROM (
            SELECT id, site_id FROM locations_location
            WHERE site_id = %s AND role = 'staged' AND NOT is_virtual AND is_active AND blocked_reason = ''
              AND (%s::bigint = 0 OR id = %s)
            ORDER BY pick_sequence, id LIMIT 1
        ) AS s, platform_next_numbers('W', 1) AS n(number)
        RETURNING id, number, staging_id
        """,
        (ctx.now, ctx.actor_id, site_id, staging_id, staging_id),
    )
    return None if row is None else (row[0], row[1], row[2])


def wave_of(wave_id: int) -> tuple[int, str, int] | None:
    """The head of a wave that is there: (id, number, staging). One query."""
    row = sql.fetch_one("SELECT id, number, staging_id FROM fulfilment_wave WHERE id = %s", (wave_id,))
    return None if row is None else (row[0], row[1], row[2])


def reopen_pick(pick: LockedPick, lpn_id: int) -> None:
    """The goods are back where they came from, on this LPN (0 = loose). One statement."""
    sql.execute(
        """
        UPDATE fulfilment_pickline p
        SET state = 'open', tote_id = NULL, posting_id = NULL, done_by_id = NULL, done_at = NULL, cell_id = c.id,
            lpn_id = c.lpn_id
        FROM ledger_cell c
        WHERE p.id = %s AND c.item_id = %s AND c.lot_id = %s AND c.location_id = %s AND c.lpn_id = %s
          AND c.owner_id = %s AND c.quality = %s
        """,
        (pick.pick_id, pick.item_id, pick.lot_id, pick.location_id, lpn_id, pick.owner_id, pick.quality),
    )


class NewCarton(NamedTuple):
    """A carton that was packed: its type as the packer said and as it was planned (None: not said, not planned)."""

    lpn_id: int
    sscc: str
    order_id: int
    site_id: int
    weight_g: int
    type_id: int | None
    planned_id: int | None
    checked: str = ""
    filled: int | None = None


def insert_cartons(
    ctx: Context,
    posting_id: int,
    cartons: Sequence[NewCarton],
    lines: Sequence[tuple[str, int, int, int, int]],
) -> dict[str, int]:
    """Write cartons and lines (sscc, order line, item, lot, units). One statement."""
    heads = list(zip(*cartons, strict=True))
    rows = sql.fetch_all(
        """
        WITH head AS (
            INSERT INTO fulfilment_carton (lpn_id, sscc, order_id, site_id, weight_g, carton_type_id, planned_type_id,
                                           checked, filled, state, packed_by_id, packed_at, changed_at, posting_id)
            SELECT c.*, 'packed', %s, %s, %s, %s
            FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::bigint[],
                        %s::text[], %s::int[]) AS c
            RETURNING id, sscc
        ), line AS (
            INSERT INTO fulfilment_cartonline (carton_id, order_line_id, item_id, lot_id, units)
            SELECT head.id, l.line_id, l.item_id, l.lot_id, l.units
            FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) WITH ORDINALITY
                 AS l(sscc, line_id, item_id, lot_id, units, n) JOIN head ON head.sscc = l.sscc ORDER BY l.n
        )
        SELECT sscc, id FROM head
        """,
        (
            ctx.actor_id,
            ctx.now,
            ctx.now,
            posting_id,
            *(list(column) for column in heads),
            *(list(column) for column in zip(*lines, strict=True)),
        ),
    )
    return dict(rows)


def void_carton(carton_id: int, lpn_id: int, at: datetime) -> None:
    """The carton was opened again; its label is used up. Two statements."""
    sql.execute("UPDATE fulfilment_carton SET state = 'unpacked' WHERE id = %s", (carton_id,))
    places.close_lpns([lpn_id], at=at)
