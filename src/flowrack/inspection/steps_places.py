"""Keeps where held units stand, while their stock is moved and while holds are settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowrack.inspection import locks, rules_places
from flowrack.inspection.models import Hold
from flowrack.inspection.rules_places import Gone, HeldAt, Spot
from flowrack.inspection.types_holds import HeldLine
from flowrack.ledger.types import Move
from flowrack.platform import sql

FREE = ("available", "inspection")  # stock of these qualities has no hold


def held_at(holds: Sequence[Hold]) -> list[HeldAt]:
    """Locked holds with their places, in the order given. One statement."""
    places = locks.places_of([hold.pk for hold in holds])
    return [
        HeldAt(hold.pk, (hold.item_id, hold.lot_id, hold.quality), hold.left_units, places.get(hold.pk, {}))
        for hold in holds
    ]


def gone_of(lines: Sequence[HeldLine]) -> list[Gone]:
    """Held units at places, as the rules see them."""
    return [Gone((x.item_id, x.lot_id, x.quality), (x.location_id, x.lpn_id), x.units) for x in lines]


def settle(taken: Mapping[int, int], near: Sequence[Spot]) -> None:
    """Units of locked holds are settled, those near these spots first. Three statements at most."""
    places = locks.places_of(list(taken))
    _write({hold_id: rules_places.left_at(places.get(hold_id, {}), n, near=near) for hold_id, n in taken.items()})


def follow(site_id: int, moves: Sequence[Move]) -> None:
    """Holds go along with stock that was moved within the site. Four statements; none where nothing held was moved."""
    held = [
        Gone(
            (m.item_id, m.lot_id, str(m.source.quality)),
            (m.source.location_id, m.source.lpn_id),
            m.units,
            (m.target.location_id, m.target.lpn_id),
        )
        for m in moves
        if str(m.source.quality) not in FREE and m.source.quality == m.target.quality
    ]
    if held:
        _follow(site_id, held)


def follow_posting(site_id: int, posting_id: int) -> None:
    """The same for what a posting moved, also backwards. One statement more."""
    rows = sql.fetch_all(
        """
        SELECT f.item_id, f.lot_id, f.quality, f.location_id, f.lpn_id, m.units, t.location_id, t.lpn_id
        FROM ledger_move m JOIN ledger_cell f ON f.id = m.from_cell_id JOIN ledger_cell t ON t.id = m.to_cell_id
        WHERE m.posting_id = %s AND m.units > 0 AND f.quality = t.quality AND f.quality <> ALL(%s)
          AND NOT f.is_virtual AND NOT t.is_virtual ORDER BY m.id
        """,
        (posting_id, list(FREE)),
    )
    if rows:
        _follow(site_id, [Gone((row[0], row[1], row[2]), (row[3], row[4]), row[5], (row[6], row[7])) for row in rows])


def _follow(site_id: int, gone: Sequence[Gone]) -> None:
    holds = locks.open_holds(site_id, sorted({one.kind for one in gone}))
    if holds:
        _write(rules_places.moved(held_at(holds), gone))


def _write(places: Mapping[int, Mapping[Spot, int]]) -> None:
    """Replace the places of holds; a hold itself names the place with most of it. Two statements."""
    if not places:
        return
    flat = [(hold_id, *spot, units) for hold_id, of in places.items() for spot, units in sorted(of.items())]
    sql.execute("DELETE FROM inspection_holdplace WHERE hold_id = ANY(%s::bigint[])", (list(places),))
    sql.execute(
        """
        WITH n AS (
            SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
                     AS n(hold, location, lpn, units)
        ), kept AS (
            INSERT INTO inspection_holdplace (hold_id, location_id, lpn_id, units)
            SELECT hold, location, lpn, units FROM n
        )
        UPDATE inspection_hold h SET location_id = n.location, lpn_id = n.lpn
        FROM (SELECT DISTINCT ON (hold) * FROM n ORDER BY hold, units DESC, location, lpn) n WHERE h.id = n.hold
        """,
        ([row[0] for row in flat], [row[1] for row in flat], [row[2] for row in flat], [row[3] for row in flat]),
    )
