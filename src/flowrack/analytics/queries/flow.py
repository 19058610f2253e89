"""What moved between states in a window of days, by site: the ribbons of the flow map."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.platform import sql

PHYSICAL = (
    "receiving", "inspection", "quarantine", "reserve", "forward_pick", "staged", "in_transit", "return_review",
    "damaged", "hold", "expired",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StateFlow:
    """Units and value that moved from one state to another at a site; outside the house, the account's name."""

    site_id: int
    source: str
    target: str
    units: int
    value: Decimal


def flows(site_id: int, since: date) -> list[StateFlow]:
    """All movements between states booked since a day, at present unit costs. One query over the days' postings."""
    rows = sql.fetch_all(
        """
        WITH k AS MATERIALIZED (
            SELECT item_id, site_id, sum(value) / nullif(sum(units), 0) AS cost FROM ledger_book
            WHERE account IN ('inventory', 'in_transit') GROUP BY 1, 2
        ), moved AS (
            SELECT CASE WHEN t.is_virtual THEN f.site_id ELSE t.site_id END AS at_site, f.item_id,
                   CASE WHEN f.is_virtual THEN f.account ELSE f.state END AS source,
                   CASE WHEN t.is_virtual THEN t.account ELSE t.state END AS target, sum(m.units) AS units
            FROM ledger_posting p JOIN ledger_move m ON m.posting_id = p.id
            JOIN ledger_cell f ON f.id = m.from_cell_id JOIN ledger_cell t ON t.id = m.to_cell_id
            WHERE p.booked_on >= %(since)s AND m.units > 0
              AND (%(site)s = 0 OR (CASE WHEN t.is_virtual THEN f.site_id ELSE t.site_id END) = %(site)s)
            GROUP BY 1, 2, 3, 4
        )
        SELECT v.at_site, v.source, v.target, sum(v.units)::bigint, coalesce(round(sum(v.units * k.cost), 2), 0)
        FROM moved v LEFT JOIN k ON k.item_id = v.item_id AND k.site_id = v.at_site
        WHERE v.source <> v.target GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC, 2, 3
        """,
        {"site": site_id, "since": since},
    )
    return [StateFlow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class SiteStock:
    """What stands at a site by the state of its place, promised or not, in units and at present unit costs."""

    site_id: int
    name: str
    units: dict[str, int]
    value: dict[str, Decimal]


def standing(site_id: int) -> list[SiteStock]:
    """What stands at each site (0 = all sites), the largest first. One query over the pools."""
    parts = ", ".join(f"sum(p.{s})::bigint, coalesce(round(sum(p.{s} * k.cost), 2), 0)" for s in PHYSICAL)
    rows = sql.fetch_all(
        f"""
        WITH k AS MATERIALIZED (
            SELECT item_id, site_id, sum(value) / nullif(sum(units), 0) AS cost FROM ledger_book
            WHERE account IN ('inventory', 'in_transit') GROUP BY 1, 2
        )
        SELECT s.id, s.name, {parts}
        FROM ledger_pool p JOIN locations_site s ON s.id = p.site_id
        LEFT JOIN k ON k.item_id = p.item_id AND k.site_id = p.site_id AND p.owner_id = 1
        WHERE %(site)s = 0 OR p.site_id = %(site)s GROUP BY 1, 2
        """,  # noqa: S608 - constant columns
        {"site": site_id},
    )
    found = [
        SiteStock(
            row[0],
            row[1],
            {state: int(row[2 + 2 * n]) for n, state in enumerate(PHYSICAL)},
            {state: Decimal(row[3 + 2 * n]) for n, state in enumerate(PHYSICAL)},
        )
        for row in rows
    ]
    return sorted(found, key=lambda s: (-sum(s.units.values()), s.name))
