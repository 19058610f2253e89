"""Row locks of fulfilment. Order: pick lists, their picks, order lines, the ledger's pools and cells, then cartons.

A put-back comes after all of these.

Each by ascending id; picks by list, then id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.fulfilment.rules import PickCell
from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class LockedPick:
    """A pick with the place of its cell."""

    pick_id: int
    wave_id: int
    sequence: int
    site_id: int
    staging_id: int
    order_id: int
    line_id: int
    item_id: int
    lot_id: int
    cell_id: int
    units: int
    state: str
    tote_id: int | None
    location_id: int
    lpn_id: int
    owner_id: int
    quality: str
    list_id: int
    place: int
    method: str
    unit_kind: str


_PICKS = """
    SELECT p.id, p.wave_id, p.sequence, l.site_id, l.place_id, p.order_id, p.order_line_id, p.item_id, p.lot_id,
           p.cell_id, p.units, p.state, p.tote_id, c.location_id, c.lpn_id, c.owner_id, c.quality, l.id, p.place,
           l.method, l.unit_kind
    FROM fulfilment_pickline p JOIN fulfilment_picklist l ON l.id = p.pick_list_id
    JOIN ledger_cell c ON c.id = p.cell_id
    WHERE {which} ORDER BY l.id, p.id FOR NO KEY UPDATE OF l, p
"""


def picks(pick_ids: Sequence[int]) -> dict[int, LockedPick]:
    """The picks by id. One statement."""
    rows = sql.fetch_all(_PICKS.format(which="p.id = ANY(%s::bigint[])"), (list(pick_ids),))
    return {row[0]: LockedPick(*row) for row in rows}


@dataclass(frozen=True, slots=True)
class LockedWave:
    """A wave, with how far it is."""

    wave_id: int
    site_id: int
    open_picks: int
    last_sequence: int


def wave(wave_id: int) -> LockedWave | None:
    """One wave, so that what joins it is numbered behind what it has. Two statements."""
    row = sql.fetch_one("SELECT site_id FROM fulfilment_wave WHERE id = %s FOR NO KEY UPDATE", (wave_id,))
    counts = sql.fetch_one(
        """
        SELECT count(*) FILTER (WHERE state = 'open'), coalesce(max(sequence), 0) FROM fulfilment_pickline
        WHERE wave_id = %s
        """,
        (wave_id,),
    )
    return None if row is None or counts is None else LockedWave(wave_id, row[0], *counts)


def open_picks_of(order_ids: Sequence[int]) -> list[LockedPick]:
    """The picks of orders that nobody has done. One statement."""
    which = "p.order_id = ANY(%s::bigint[]) AND p.state = 'open'"
    return [LockedPick(*row) for row in sql.fetch_all(_PICKS.format(which=which), (list(order_ids),))]


def open_picks_for(line_ids: Sequence[int]) -> list[LockedPick]:
    """The picks for order lines that nobody has done. One statement."""
    return _picks_for(line_ids, "p.state = 'open'")


def picks_in_work_for(line_ids: Sequence[int]) -> list[LockedPick]:
    """The picks for order lines that nobody has done, and those that were made. One statement.

    One that is made while this waits for it is among them as it is then.
    """
    return _picks_for(line_ids, "p.state IN ('open', 'picked')")


def _picks_for(line_ids: Sequence[int], states: str) -> list[LockedPick]:
    which = f"""
        p.order_id = ANY(ARRAY(SELECT l.order_id FROM sales_orderline l WHERE l.id = ANY(%s::bigint[])))
        AND p.order_line_id = ANY(%s::bigint[]) AND {states}
    """  # noqa: S608 - constant states
    return [LockedPick(*row) for row in sql.fetch_all(_PICKS.format(which=which), (list(line_ids), list(line_ids)))]


def open_picks_at(cell_ids: Sequence[int]) -> list[LockedPick]:
    """The picks from cells that nobody has done. One statement."""
    which = "p.cell_id = ANY(%s::bigint[]) AND p.state = 'open'"
    return [LockedPick(*row) for row in sql.fetch_all(_PICKS.format(which=which), (list(cell_ids),))]


_CELLS = """
    SELECT c.id, c.item_id, c.lot_id, c.location_id, c.lpn_id, c.state, b.pick_sequence, c.on_hand,
           c.on_hand - c.reserved,
           EXISTS (SELECT FROM fulfilment_pickline s WHERE s.location_id = c.location_id AND s.item_id = c.item_id
                   AND s.short_units > 0 AND s.done_at > %(now)s::timestamptz - interval '1 day')
    FROM unnest(%(items)s::bigint[]) AS w(item_id)
    JOIN ledger_cell c ON c.item_id = w.item_id AND c.site_id = %(site)s AND c.owner_id = 1 AND NOT c.is_virtual
    JOIN locations_location b ON b.id = c.location_id
    WHERE {which} ORDER BY c.id FOR NO KEY UPDATE OF c
"""
_PICKABLE = """
    c.state IN ('reserve', 'forward_pick') AND c.on_hand > c.reserved AND b.is_active AND b.blocked_reason = ''
"""


def pick_cells(item_ids: Sequence[int], site_id: int, *, now: datetime) -> list[PickCell]:
    """Cells of the items from which can be picked, locked so that no two waves choose the same units.

    Blocked and closed bins are left out. A cell is in doubt for a day after a short pick.
    """
    rows = sql.fetch_all(_CELLS.format(which=_PICKABLE), {"now": now, "items": list(item_ids), "site": site_id})
    return [PickCell(*row) for row in rows]


def cells_around(pick: LockedPick, item_ids: Sequence[int], *, now: datetime) -> tuple[int, list[PickCell]]:
    """The free units of a pick's own cell, and the cells that could give what it lacks, in no order.

    They are of any lot of its item, and of the other items.

    Another pallet of its own bin is among them.

    The pick's own cell and those of its staging place are locked with them.

    All in one statement, because they are written one after the other: two short picks that look at each other's bin
    would each wait for the other.
    """
    which = f"""
        c.owner_id = %(owner)s
        AND (c.id = %(own)s OR c.location_id = %(staging)s OR ({_PICKABLE}))
    """
    rows = sql.fetch_all(
        _CELLS.format(which=which),
        {
            "now": now,
            "items": sorted({pick.item_id, *item_ids}),
            "site": pick.site_id,
            "owner": pick.owner_id,
            "own": pick.cell_id,
            "staging": pick.staging_id,
        },
    )
    cells = [PickCell(*row) for row in rows]
    own = sum(cell.free for cell in cells if cell.cell_id == pick.cell_id)
    return own, [cell for cell in cells if cell.cell_id != pick.cell_id and cell.location_id != pick.staging_id]


@dataclass(frozen=True, slots=True)
class LockedCarton:
    """A carton with its order and place."""

    carton_id: int
    lpn_id: int
    order_id: int
    site_id: int
    state: str


def carton(carton_id: int) -> LockedCarton | None:
    """One carton, locked. One statement."""
    row = sql.fetch_one(
        "SELECT id, lpn_id, order_id, site_id, state FROM fulfilment_carton WHERE id = %s FOR NO KEY UPDATE",
        (carton_id,),
    )
    return LockedCarton(*row) if row else None


def tote(tote_id: int) -> None:
    """A tote into which goods are sorted, so that no two orders begin it at once. One statement."""
    sql.execute("SELECT FROM locations_lpn WHERE id = %s FOR NO KEY UPDATE", (tote_id,))


def put_back(order_id: int) -> bool:
    """Whether goods of an order are on their way back, locked: the last two see each other. One statement."""
    row = sql.fetch_one(
        "SELECT id FROM fulfilment_putback WHERE order_id = %s AND back_at IS NULL FOR NO KEY UPDATE", (order_id,)
    )
    return row is not None


def rules(what: str, site_id: int = 0) -> None:
    """Rules that are replaced as a whole are this transaction's: two sets never stand together. One statement."""
    sql.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('fulfilment.rules:' || %s || %s, 0))", (what, str(site_id))
    )


def cartons(carton_ids: Sequence[int]) -> None:
    """Cartons, locked by ascending id. One statement."""
    sql.fetch_all(
        "SELECT id FROM fulfilment_carton WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE",
        (list(carton_ids),),
    )


def cartons_on(lpn_ids: Sequence[int]) -> list[int]:
    """The closed cartons with these plates, locked by ascending id. One statement."""
    rows = sql.fetch_all(
        """
        SELECT id FROM fulfilment_carton WHERE lpn_id = ANY(%s::bigint[]) AND state = 'packed'
        ORDER BY id FOR NO KEY UPDATE
        """,
        (list(lpn_ids),),
    )
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class LockedList:
    """A pick list and who has it."""

    list_id: int
    number: str
    site_id: int
    zone_id: int
    method: str
    unit_kind: str
    state: str
    taken_by_id: int | None
    taken_by: str
    device: str
    lease_until: datetime | None
    is_walked: bool  # its walk was found, or somebody began it in the order of the bins


_LIST = """
    SELECT l.id, l.number, l.site_id, coalesce(l.zone_id, 0), l.method, l.unit_kind, l.state, l.taken_by_id,
           coalesce((SELECT coalesce(nullif(u.full_name, ''), u.username) FROM platform_user u
                     WHERE u.id = l.taken_by_id), ''), l.device, l.lease_until,
           l.walk_mm IS NOT NULL OR l.started_at IS NOT NULL
    FROM fulfilment_picklist l
"""


def lists_of_wave(wave_id: int) -> list[int]:
    """The lists of a wave, locked. One statement."""
    rows = sql.fetch_all(
        "SELECT id FROM fulfilment_picklist WHERE wave_id = %s ORDER BY id FOR NO KEY UPDATE", (wave_id,)
    )
    return [row[0] for row in rows]


def pick_list(list_id: int) -> LockedList | None:
    """One pick list, locked. One statement."""
    row = sql.fetch_one(_LIST + "WHERE l.id = %s FOR NO KEY UPDATE OF l", (list_id,))
    return LockedList(*row) if row else None


_NEXT = """
    WITH near AS (
        SELECT coalesce((
            SELECT b.pick_sequence
            FROM (SELECT t.id FROM fulfilment_picklist t WHERE t.taken_by_id = %(actor)s AND t.site_id = %(site)s
                    AND t.taken_at > %(now)s::timestamptz - interval '1 day' AND t.last_pick_at IS NOT NULL
                  ORDER BY t.taken_at DESC LIMIT 1) AS last
            JOIN fulfilment_pickline p ON p.pick_list_id = last.id AND p.done_by_id = %(actor)s
            JOIN locations_location b ON b.id = p.location_id
            ORDER BY p.done_at DESC, p.place DESC LIMIT 1
        ), 0) AS place
    ), candidate AS MATERIALIZED (
        SELECT l.id, l.due_on, l.due_at, abs(l.first_sequence - near.place) AS far, l.zone_id
        FROM fulfilment_picklist l CROSS JOIN near
        WHERE l.site_id = %(site)s AND (l.state = 'open' OR (l.state = 'taken' AND l.lease_until <= %(now)s))
          AND (%(zone)s::bigint = 0 OR l.zone_id = %(zone)s)
        ORDER BY l.due_on, l.due_at NULLS LAST, far, l.id LIMIT %(many)s OFFSET %(skip)s
    ), crowd AS (
        SELECT n.zone_id, n.aisle, count(DISTINCT l.taken_by_id) AS people
        FROM fulfilment_picklist l CROSS JOIN LATERAL (
            SELECT b.zone_id, b.aisle FROM fulfilment_pickline p JOIN locations_location b ON b.id = p.location_id
            WHERE p.pick_list_id = l.id AND p.state = 'open' ORDER BY p.place, p.id LIMIT 1
        ) AS n
        WHERE l.site_id = %(site)s AND l.state = 'taken' AND l.lease_until > %(now)s AND n.aisle <> ''
          AND l.taken_by_id <> %(actor)s
        GROUP BY n.zone_id, n.aisle
    ), offered AS MATERIALIZED (
        SELECT w.*, EXISTS (
            SELECT FROM crowd
            LEFT JOIN fulfilment_pickpolicy r ON r.site_id = %(site)s AND r.zone_id IS NOT DISTINCT FROM w.zone_id
            LEFT JOIN walks_floor f ON f.site_id = %(site)s
            LEFT JOIN walks_aisle a ON a.floor_id = f.id AND a.zone_id = crowd.zone_id AND a.code = crowd.aisle
            WHERE crowd.people >= nullif(coalesce(nullif(a.most_people, 0), r.aisle_limit), 0)
              AND (crowd.zone_id, crowd.aisle) = (
                SELECT b.zone_id, b.aisle FROM fulfilment_pickline p JOIN locations_location b ON b.id = p.location_id
                WHERE p.pick_list_id = w.id AND p.state = 'open' ORDER BY p.place, p.id LIMIT 1
            )
        ) AS is_crowded
        FROM candidate w
    )
    SELECT l.id, l.number, o.is_crowded FROM offered o JOIN fulfilment_picklist l ON l.id = o.id
    WHERE l.state = 'open' OR (l.state = 'taken' AND l.lease_until <= %(now)s)
    ORDER BY o.is_crowded, o.due_on, o.due_at NULLS LAST, o.far, o.id LIMIT 1 FOR NO KEY UPDATE OF l SKIP LOCKED
"""


AT_ONCE, MOST_TAKERS = 100, 1_000
_MORE = """
    SELECT EXISTS (
        SELECT FROM fulfilment_picklist l
        WHERE l.site_id = %(site)s AND (l.state = 'open' OR (l.state = 'taken' AND l.lease_until <= %(now)s))
          AND (%(zone)s::bigint = 0 OR l.zone_id = %(zone)s) OFFSET %(skip)s
    )
"""


def next_list(site_id: int, zone_id: int, *, actor_id: int, now: datetime) -> tuple[int, str, bool] | None:
    """The list best begun now, locked: (id, number, whether its first aisle is full of people). One statement.

    The first to leave, then the nearest to where the person picked last; lists that begin in an aisle with as many
    people as the floor plan says for it, or else the rule of the zone, come after all others. Lists that somebody takes
    at this moment are passed over, a hundred at a time. One statement more for each hundred.
    """
    asked = {"site": site_id, "zone": zone_id, "actor": actor_id, "now": now, "many": AT_ONCE}
    for skip in range(0, MOST_TAKERS, AT_ONCE):
        row = sql.fetch_one(_NEXT, {**asked, "skip": skip})
        if row is not None:
            return (row[0], row[1], row[2])
        if not sql.fetch_value(_MORE, {**asked, "skip": skip + AT_ONCE}):
            break
    return None


@dataclass(frozen=True, slots=True)
class LockedCart:
    """A cart in use."""

    cart_id: int
    code: str
    positions: int


def cart(site_id: int, code: str) -> LockedCart | None:
    """A cart of a site, so that two lists do not take it at once. One statement."""
    row = sql.fetch_one(
        """
        SELECT id, code, positions FROM fulfilment_cart WHERE site_id = %s AND code = %s AND is_active
        FOR NO KEY UPDATE
        """,
        (site_id, code),
    )
    return LockedCart(*row) if row else None
