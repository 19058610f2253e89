"""What is in stock, promised and worth: from running sums, never from history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.ledger.types import STATES
from flowrack.platform import sql

ALL_SITES = 0
_STATE_COLUMNS = ", ".join(f"p.{state}" for state in STATES)
_STATE_SUMS = ", ".join(f"sum(p.{state})::bigint" for state in STATES)
_STATE_TOTAL = " + ".join(f"p.{state}" for state in STATES)


@dataclass(frozen=True, slots=True)
class PoolRow:
    """Stock of one item and lot at a site that can be promised: `free` units of it are not promised yet."""

    pool_id: int
    item_id: int
    lot_id: int
    owner_id: int
    site_id: int
    expires_on: date | None
    arrived_at: datetime
    reserve: int
    forward_pick: int
    committed: int

    @property
    def free(self) -> int:
        """Units that can still be promised."""
        return self.reserve + self.forward_pick - self.committed


@dataclass(frozen=True, slots=True)
class CellRow:
    """Stock at one place."""

    cell_id: int
    item_id: int
    lot_id: int
    lot_code: str
    expires_on: date | None
    location_id: int
    location_code: str
    lpn_id: int
    lpn_code: str
    owner_id: int
    quality: str
    state: str
    site_id: int
    on_hand: int
    reserved: int
    pick_sequence: int

    @property
    def free(self) -> int:
        """Units that are not reserved."""
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class StateRow:
    """An item at a site: units in each state, how many of the allocatable ones are promised, and how many are free."""

    item_id: int
    site_id: int
    units: dict[str, int]
    committed: int
    free: int


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A commitment (place = pool) or reservation (place = cell) of one demand."""

    ref: str
    place_id: int
    item_id: int
    lot_id: int
    site_id: int
    owner_id: int
    units: int


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """What one account of a site holds: units and value, running."""

    site_id: int
    account: str
    units: int
    value: Decimal


def pools(item_ids: Sequence[int], site_id: int) -> list[PoolRow]:
    """The pools of these items that hold allocatable stock. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.id, p.item_id, p.lot_id, p.owner_id, p.site_id, l.expires_on, p.arrived_at, p.reserve,
               p.forward_pick, p.committed
          FROM ledger_pool p JOIN catalog_lot l ON l.id = p.lot_id
         WHERE p.item_id = ANY (%s::bigint[]) AND p.site_id = %s AND p.reserve + p.forward_pick > 0
         ORDER BY p.item_id, p.id
        """,
        (list(item_ids), site_id),
    )
    return [PoolRow(*row) for row in rows]


_CELL_COLUMNS = """
    c.id, c.item_id, c.lot_id, lot.code, lot.expires_on, c.location_id, loc.code, c.lpn_id, lpn.code, c.owner_id,
    c.quality, c.state, c.site_id, c.on_hand, c.reserved, loc.pick_sequence
      FROM ledger_cell c
      JOIN catalog_lot lot ON lot.id = c.lot_id
      JOIN locations_location loc ON loc.id = c.location_id
      JOIN locations_lpn lpn ON lpn.id = c.lpn_id
"""


def cells(item_ids: Sequence[int], site_id: int, states: Sequence[str] = tuple(STATES)) -> list[CellRow]:
    """Where these items lie at a site in these states, in pick sequence. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT {_CELL_COLUMNS}
         WHERE c.item_id = ANY (%s::bigint[]) AND c.site_id = %s AND c.state = ANY (%s::text[]) AND c.on_hand > 0
         ORDER BY c.item_id, loc.pick_sequence, c.id
        """,
        (list(item_ids), site_id, [str(s) for s in states]),
    )
    return [CellRow(*row) for row in rows]


def cells_at(location_ids: Sequence[int] = (), lpn_ids: Sequence[int] = ()) -> list[CellRow]:
    """What lies in these locations, or on these LPNs. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT {_CELL_COLUMNS}
         WHERE c.id IN (
                SELECT id FROM ledger_cell WHERE location_id = ANY (%s::bigint[]) AND NOT is_virtual
                UNION SELECT id FROM ledger_cell WHERE lpn_id = ANY (%s::bigint[]) AND lpn_id <> 0)
           AND c.on_hand > 0 AND NOT c.is_virtual
         ORDER BY loc.pick_sequence, c.location_id, c.id
        """,  # noqa: S608 - constant columns
        (list(location_ids), list(lpn_ids)),
    )
    return [CellRow(*row) for row in rows]


def cells_by_id(cell_ids: Sequence[int]) -> list[CellRow]:
    """These cells, empty ones included. One query."""
    rows = sql.fetch_all(
        f"SELECT {_CELL_COLUMNS} WHERE c.id = ANY (%s::bigint[]) ORDER BY c.id",
        (list(cell_ids),),
    )
    return [CellRow(*row) for row in rows]


def by_state(item_ids: Sequence[int], site_id: int = ALL_SITES) -> list[StateRow]:
    """Units by state, promised and free, of each item at each site (own and foreign stock, all lots). One query."""
    rows = sql.fetch_all(
        f"""
        SELECT p.item_id, p.site_id, {_STATE_SUMS}, sum(p.committed)::bigint,
               sum(p.reserve + p.forward_pick - p.committed)::bigint
          FROM ledger_pool p
         WHERE p.item_id = ANY (%s::bigint[]) AND (%s = 0 OR p.site_id = %s)
         GROUP BY p.item_id, p.site_id ORDER BY p.item_id, p.site_id
        """,  # noqa: S608 - constant columns
        (list(item_ids), site_id, site_id),
    )
    n = len(STATES)
    return [
        StateRow(row[0], row[1], dict(zip(STATES, row[2 : 2 + n], strict=True)), row[2 + n], row[3 + n]) for row in rows
    ]


def states_of_sites() -> list[StateRow]:
    """Units by state of all items together, per site (item 0). One query over the pools."""
    rows = sql.fetch_all(
        f"""
        SELECT 0, p.site_id, {_STATE_SUMS}, sum(p.committed)::bigint,
               sum(p.reserve + p.forward_pick - p.committed)::bigint
          FROM ledger_pool p GROUP BY p.site_id ORDER BY p.site_id
        """  # noqa: S608 - constant columns
    )
    n = len(STATES)
    return [
        StateRow(row[0], row[1], dict(zip(STATES, row[2 : 2 + n], strict=True)), row[2 + n], row[3 + n]) for row in rows
    ]


def commitments(refs: Sequence[str]) -> list[ClaimRow]:
    """What is promised to these demands, oldest promise first. One query."""
    rows = sql.fetch_all(
        """
        SELECT c.ref, c.pool_id, p.item_id, p.lot_id, p.site_id, p.owner_id, c.units
          FROM ledger_commitment c JOIN ledger_pool p ON p.id = c.pool_id
         WHERE c.ref = ANY (%s::text[]) ORDER BY c.id
        """,
        (list(refs),),
    )
    return [ClaimRow(*row) for row in rows]


def commitments_of_items(item_ids: Sequence[int], site_id: int) -> list[ClaimRow]:
    """Who holds promises on these items at a site, oldest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT c.ref, c.pool_id, p.item_id, p.lot_id, p.site_id, p.owner_id, c.units
          FROM ledger_pool p JOIN ledger_commitment c ON c.pool_id = p.id
         WHERE p.item_id = ANY (%s::bigint[]) AND p.site_id = %s ORDER BY c.id
        """,
        (list(item_ids), site_id),
    )
    return [ClaimRow(*row) for row in rows]


def reservations(refs: Sequence[str]) -> list[ClaimRow]:
    """Which cells are reserved for these demands. One query."""
    rows = sql.fetch_all(
        """
        SELECT r.ref, r.cell_id, c.item_id, c.lot_id, c.site_id, c.owner_id, r.units
          FROM ledger_reservation r JOIN ledger_cell c ON c.id = r.cell_id
         WHERE r.ref = ANY (%s::text[]) ORDER BY r.id
        """,
        (list(refs),),
    )
    return [ClaimRow(*row) for row in rows]


def reservations_of_cells(cell_ids: Sequence[int]) -> list[ClaimRow]:
    """Who holds reservations on these cells. One query."""
    rows = sql.fetch_all(
        """
        SELECT r.ref, r.cell_id, c.item_id, c.lot_id, c.site_id, c.owner_id, r.units
          FROM ledger_reservation r JOIN ledger_cell c ON c.id = r.cell_id
         WHERE r.cell_id = ANY (%s::bigint[]) ORDER BY r.id
        """,
        (list(cell_ids),),
    )
    return [ClaimRow(*row) for row in rows]


def trial_balance(site_id: int = ALL_SITES) -> list[BalanceRow]:
    """Units and value of every account per site, from running totals; the values add up to zero. One query."""
    rows = sql.fetch_all(
        """
        SELECT b.site_id, b.account, sum(b.units)::bigint, sum(b.value)
          FROM ledger_book b WHERE (%s = 0 OR b.site_id = %s)
         GROUP BY b.site_id, b.account ORDER BY b.site_id, b.account
        """,
        (site_id, site_id),
    )
    return [BalanceRow(*row) for row in rows]


def trial_balance_at(day: date, site_id: int = ALL_SITES) -> list[BalanceRow]:
    """The trial balance at the end of a business day. One query."""
    return trial_balances_at([day], site_id).get(day, [])


def trial_balances_at(days: Sequence[date], site_id: int = ALL_SITES) -> dict[date, list[BalanceRow]]:
    """The trial balance at the end of each of some business days. One query.

    Whole months come from the totals, and so does the last month when nothing was booked after the day; of another
    month only its moves up to the day are read.
    """
    rows = sql.fetch_all(
        """
        WITH latest AS MATERIALIZED (SELECT max(booked_on) AS day FROM ledger_posting),
        asked AS MATERIALIZED (
            SELECT d.day, CASE WHEN d.day >= latest.day OR d.day + 1 = date_trunc('month', d.day + 1)::date
                               THEN (date_trunc('month', d.day) + interval '1 month')::date
                               ELSE date_trunc('month', d.day)::date END AS before
              FROM unnest(%(days)s::date[]) AS d(day) CROSS JOIN latest
        ), monthly AS MATERIALIZED (
            SELECT m.month, b.site_id, b.account, sum(m.units) AS units, sum(m.value) AS value
              FROM ledger_bookmonth m JOIN ledger_book b ON b.id = m.book_id GROUP BY 1, 2, 3
        ), daily AS MATERIALIZED (
            SELECT p.booked_on, s.site_id, s.account, sum(s.sign * m.units) AS units, sum(s.sign * m.value) AS value
              FROM ledger_posting p
              JOIN ledger_move m ON m.posting_id = p.id
              JOIN ledger_cell f ON f.id = m.from_cell_id
              JOIN ledger_cell t ON t.id = m.to_cell_id
             CROSS JOIN LATERAL (VALUES (f.site_id, f.account, -1), (t.site_id, t.account, 1))
                   AS s(site_id, account, sign)
             WHERE p.booked_on = ANY (ARRAY(
                       SELECT g::date FROM asked CROSS JOIN generate_series(before, asked.day, interval '1 day') g))
               AND f.owner_id = 1 AND (f.account <> t.account OR f.site_id <> t.site_id OR m.units = 0)
             GROUP BY 1, 2, 3
        )
        SELECT a.day, x.site_id, x.account, sum(x.units)::bigint, sum(x.value)
          FROM asked a CROSS JOIN LATERAL (
               SELECT site_id, account, units, value FROM monthly WHERE month < a.before
               UNION ALL
               SELECT site_id, account, units, value FROM daily WHERE booked_on BETWEEN a.before AND a.day
          ) x
         WHERE (%(site)s = 0 OR x.site_id = %(site)s) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
        {"days": sorted(set(days)), "site": site_id},
    )
    found: dict[date, list[BalanceRow]] = {}
    for day, *row in rows:
        found.setdefault(day, []).append(BalanceRow(*row))
    return found


def unit_costs(item_ids: Sequence[int], site_id: int) -> dict[int, Decimal]:
    """What one unit of each item is worth in this site's inventory (or was when it last held any). One query."""
    rows = sql.fetch_all(
        """
        SELECT b.item_id,
               CASE WHEN sum(b.units) > 0 THEN round(sum(b.value) / sum(b.units), 6) ELSE max(b.unit_cost) END
          FROM ledger_book b
         WHERE b.item_id = ANY (%s::bigint[]) AND b.site_id = %s AND b.account = 'inventory' GROUP BY b.item_id
        """,
        (list(item_ids), site_id),
    )
    return dict(rows)
