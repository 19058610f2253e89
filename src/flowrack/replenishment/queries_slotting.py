"""What slotting reads: how often items are ordered, with what, where they are picked, and which places there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.replenishment.rules_slotting import Goods, Slot
from flowrack.storage import queries as bins

MOST_PAIRS = 2_000


def goods_of(site_id: int, *, days: int, now: datetime) -> list[Goods]:
    """Items that were ordered in the last days or have a face, with their most frequent companion. Three queries."""
    since = now - timedelta(days=days)
    partners = _partners(site_id, since)
    rows = sql.fetch_all(
        """
        WITH wanted AS (
            SELECT l.item_id, count(*)::int AS lines, sum(l.units)::bigint AS units
            FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
            WHERE o.site_id = %(site)s AND o.ordered_at > %(since)s AND o.state <> 'cancelled' GROUP BY l.item_id
        ), face AS (
            SELECT DISTINCT ON (f.item_id) f.item_id, f.id, f.location_id, f.min_units, f.max_units
            FROM storage_pickface f JOIN locations_location l ON l.id = f.location_id
            WHERE l.site_id = %(site)s AND l.is_active ORDER BY f.item_id, l.pick_sequence, l.id
        ), rack AS (
            SELECT DISTINCT ON (c.item_id) c.item_id, c.location_id
            FROM ledger_cell c JOIN locations_location l ON l.id = c.location_id
            WHERE c.site_id = %(site)s AND c.state IN ('reserve', 'forward_pick') AND c.on_hand > 0
              AND c.item_id IN (SELECT item_id FROM wanted)
            ORDER BY c.item_id, c.state, l.pick_sequence, l.id
        )
        SELECT i.id, coalesce(w.lines, 0), coalesce(w.units, 0), coalesce(f.location_id, r.location_id),
               coalesce(f.id, 0), coalesce(f.min_units, 0), coalesce(f.max_units, 0),
               coalesce((SELECT sum(c.on_hand) FROM ledger_cell c WHERE c.location_id = f.location_id
                         AND c.item_id = i.id AND NOT c.is_virtual), 0)::bigint,
               i.temperature, i.hazard_class
        FROM (SELECT item_id FROM wanted UNION SELECT item_id FROM face) AS n
        JOIN catalog_item i ON i.id = n.item_id AND i.is_active
        LEFT JOIN wanted w ON w.item_id = i.id LEFT JOIN face f ON f.item_id = i.id
        LEFT JOIN rack r ON r.item_id = i.id
        WHERE coalesce(f.location_id, r.location_id) IS NOT NULL ORDER BY i.id
        """,
        {"site": site_id, "since": since},
    )
    sizes = bins.item_needs([row[0] for row in rows])
    found = []
    for row in rows:
        needs = frozenset({f"t:{row[8]}", *([f"h:{row[9]}"] if row[9] else [])})
        partner, together = partners.get(row[0], (0, 0))
        item_id, lines, units, place, face_id, low, high, there = row[:8]
        size = sizes[item_id].size
        found.append(Goods(item_id, lines, units, place, face_id, low, high, there, size, needs, partner, together))
    return found


def _partners(site_id: int, since: datetime) -> dict[int, tuple[int, int]]:
    """The item that most often shares an order with each of the items: item -> (other, orders)."""
    rows = sql.fetch_all(
        """
        WITH line AS (
            SELECT DISTINCT l.order_id, l.item_id FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
            WHERE o.site_id = %(site)s AND o.ordered_at > %(since)s AND o.state <> 'cancelled'
        ), small AS (
            SELECT order_id FROM line GROUP BY order_id HAVING count(*) BETWEEN 2 AND 30
        ), pair AS (
            SELECT a.item_id, b.item_id AS other_id, count(*)::int AS orders
            FROM small JOIN line a USING (order_id) JOIN line b ON b.order_id = a.order_id AND b.item_id <> a.item_id
            GROUP BY 1, 2 HAVING count(*) > 1
        )
        SELECT DISTINCT ON (item_id) item_id, other_id, orders FROM pair
        ORDER BY item_id, orders DESC, other_id LIMIT %(most)s
        """,
        {"site": site_id, "since": since, "most": MOST_PAIRS},
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def slots_of(site_id: int) -> list[Slot]:
    """The forward pick bins of a site that are somebody's face, or empty and nobody's. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, coalesce(f.item_id, 0), coalesce(l.max_volume_ml, 0), l.temperature, l.hazard_classes,
               coalesce(l.max_weight_g, 0)
        FROM locations_location l LEFT JOIN storage_pickface f ON f.location_id = l.id
        WHERE l.site_id = %s AND l.role = 'forward_pick' AND NOT l.is_virtual AND l.is_active AND l.blocked_reason = ''
          AND (f.id IS NOT NULL OR NOT EXISTS (
              SELECT FROM ledger_cell c WHERE c.location_id = l.id AND c.on_hand > 0 AND NOT c.is_virtual))
        ORDER BY l.id
        """,
        (site_id,),
    )
    return [
        Slot(row[0], row[1], row[2], frozenset({f"t:{row[3]}", *(f"h:{one}" for one in row[4])}), row[5])
        for row in rows
    ]


def rejected(site_id: int, *, since: datetime) -> dict[tuple[int, int], str]:
    """What people rejected lately: (item, place) -> why. One query."""
    rows = sql.fetch_all(
        """
        SELECT item_id, to_location_id, reason FROM replenishment_slotsuggestion
        WHERE site_id = %s AND state = 'rejected' AND decided_at > %s
        """,
        (site_id, since),
    )
    return {(row[0], row[1]): row[2] for row in rows}


@dataclass(frozen=True, slots=True)
class SlotLine:
    """A suggestion in the list."""

    id: int
    site_id: int
    item_id: int
    sku: str
    name: str
    from_code: str
    from_location_id: int
    to_code: str
    to_location_id: int
    swaps_sku: str
    swaps_item_id: int
    state: str
    min_units: int
    max_units: int
    picks: int
    days: int
    saved_seconds_a_day: int
    move_seconds: int
    pays_in_days: object
    made_at: datetime
    decided_at: datetime | None
    decided_by: str
    reason: str
    picked_since: int | None
    saved_since: int | None

    @property
    def has_paid(self) -> bool:
        """Whether what it saved by the picks since is what the move took."""
        return self.saved_since is not None and self.saved_since >= self.move_seconds


_SLOTS = """
    SELECT s.id, s.site_id, s.item_id, i.sku, i.name, coalesce(f.code, '') AS from_code,
           coalesce(s.from_location_id, 0) AS from_location_id, t.code AS to_code, s.to_location_id,
           coalesce(o.sku, '') AS swaps_sku, coalesce(s.swaps_item_id, 0) AS swaps_item_id, s.state, s.min_units,
           s.max_units, s.picks, s.days, s.saved_seconds_a_day, s.move_seconds,
           ceil(s.move_seconds * 10.0 / s.saved_seconds_a_day) / 10 AS pays_in_days, s.made_at, s.decided_at,
           coalesce(u.full_name, '') AS decided_by, s.reason, m.lines AS picked_since,
           m.lines * s.saved_seconds_a_day * s.days / s.picks AS saved_since
    FROM replenishment_slotsuggestion s
    JOIN catalog_item i ON i.id = s.item_id
    JOIN locations_location t ON t.id = s.to_location_id
    LEFT JOIN locations_location f ON f.id = s.from_location_id
    LEFT JOIN catalog_item o ON o.id = s.swaps_item_id
    LEFT JOIN platform_user u ON u.id = s.decided_by_id
    LEFT JOIN LATERAL (
        SELECT count(*) AS lines FROM (
            SELECT x.demand FROM ledger_cell c CROSS JOIN LATERAL (
                SELECT m.demand, m.posting_id, m.units FROM ledger_move m
                WHERE m.from_cell_id = c.id AND m.reason = 'PICK'
                UNION ALL
                SELECT m.demand, m.posting_id, -m.units FROM ledger_move m
                WHERE m.to_cell_id = c.id AND m.reason = 'UNPICK'
            ) AS x JOIN ledger_posting p ON p.id = x.posting_id AND p.occurred_at > s.decided_at
            WHERE c.location_id = s.to_location_id AND c.item_id = s.item_id
            GROUP BY x.demand HAVING sum(x.units) > 0
        ) AS line
    ) AS m ON s.state = 'accepted'
"""


def slot_page(query: ListQuery) -> Page[SlotLine]:
    """Suggestions at the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        SlotLine,
        _SLOTS
        + """
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role role ON role.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, s.site_id) AND 'replenishment.view' = ANY(role.permissions)
        )
        """,
        [query.actor_id],
        search=("sku", "name", "from_code", "to_code"),
        totals={"saved_seconds_a_day": "sum(saved_seconds_a_day)", "move_seconds": "sum(move_seconds)"},
        site_column="site_id",
    )


def slot_line(suggestion_id: int) -> SlotLine | None:
    """One suggestion. One query."""
    row = sql.fetch_one(_SLOTS + " WHERE s.id = %s", (suggestion_id,))
    return SlotLine(*row) if row else None


def slot_lines(site_id: int, *, state: str, limit: int) -> list[SlotLine]:
    """Suggestions of a site, the greatest saving first. One query."""
    rows = sql.fetch_all(
        _SLOTS + " WHERE s.site_id = %s AND s.state = %s ORDER BY s.saved_seconds_a_day DESC, s.id LIMIT %s",
        (site_id, state, limit),
    )
    return [SlotLine(*row) for row in rows]


def levels_at(location_ids: list[int]) -> dict[int, tuple[int, int, int, str]]:
    """The faces at places: place -> (item, min, max, trigger). One query."""
    rows = sql.fetch_all(
        """
        SELECT location_id, item_id, min_units, max_units, trigger FROM storage_pickface
        WHERE location_id = ANY(%s::bigint[])
        """,
        (location_ids,),
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}
