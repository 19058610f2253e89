"""Reads of goods that are to go back into their bins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page

KIND = "put_back"


@dataclass(frozen=True, slots=True)
class ToPutBack:
    """Picked goods that are to be put back: what, out of which tote or place, into which bin."""

    task_id: int
    pick_id: int
    order: str
    item_id: int
    sku: str
    name: str
    base_uom: str
    lot: str
    units: int
    site_id: int
    place: str
    tote: str
    location: str
    is_ended: bool  # its order is cancelled
    is_fewer: bool  # the customer wants fewer of the line
    stays: int  # units of the line and lot that were picked into the tote and stay there
    inside: int  # these and all that are to come out


_WAITING = """
    SELECT t.id, p.id, o.number, i.id, i.sku, i.name, i.base_uom, c.code, p.units, t.site_id, f.code, n.code, b.code,
           o.state = 'cancelled', p.state = 'going_back', k.stays, k.inside
    FROM tasks_task t JOIN fulfilment_pickline p ON t.origin = 'fulfilment.pick:' || p.id
         AND p.state IN ('picked', 'going_back')
    JOIN sales_order o ON o.id = p.order_id JOIN catalog_item i ON i.id = p.item_id
    JOIN catalog_lot c ON c.id = p.lot_id JOIN locations_location b ON b.id = p.location_id
    JOIN locations_location f ON f.id = t.from_location_id JOIN locations_lpn n ON n.id = t.lpn_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(q.units) FILTER (WHERE q.state = 'picked'), 0)::bigint AS stays,
               coalesce(sum(q.units), 0)::bigint AS inside
        FROM fulfilment_pickline q WHERE q.order_line_id = p.order_line_id AND q.lot_id = p.lot_id
             AND q.tote_id = p.tote_id AND q.state IN ('picked', 'going_back')
    ) AS k
    WHERE t.kind = 'put_back' AND t.state IN ('open', 'leased')
      AND (0 = ANY(%(sites)s::bigint[]) OR t.site_id = ANY(%(sites)s::bigint[]))
"""


def waiting(site_ids: frozenset[int], *, skip: Sequence[int] = (), limit: int = 99) -> list[ToPutBack]:
    """What waits to be put back, in walking order; skipped picks come last. One query."""
    rows = sql.fetch_all(
        _WAITING + " ORDER BY p.id = ANY(%(skip)s::bigint[]), t.sequence, t.id LIMIT %(limit)s",
        {"sites": sorted(site_ids), "skip": list(skip), "limit": limit},
    )
    return [ToPutBack(*row) for row in rows]


def tasks_of(pick_ids: Sequence[int]) -> dict[int, int]:
    """The unfinished task of each pick that is to be put back. One query."""
    rows = sql.fetch_all(
        """
        SELECT substr(origin, 17)::bigint, id FROM tasks_task
        WHERE origin = ANY(%s::text[]) AND kind = 'put_back' AND state IN ('open', 'leased')
        """,
        ([f"fulfilment.pick:{pick_id}" for pick_id in pick_ids],),
    )
    return dict(rows)


def picked_of(order_id: int) -> list[int]:
    """The picks of an order that were made, the last first. One query."""
    rows = sql.fetch_all(
        "SELECT id FROM fulfilment_pickline WHERE order_id = %s AND state = 'picked' ORDER BY id DESC", (order_id,)
    )
    return [row[0] for row in rows]


def sequences(location_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Zone and place in the walk of bins. One query."""
    rows = sql.fetch_all(
        "SELECT id, zone_id, pick_sequence FROM locations_location WHERE id = ANY(%s::bigint[])", (list(location_ids),)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def is_waited_for(order_id: int) -> bool:
    """Whether goods of an order are still to be put back. One query."""
    return bool(
        sql.fetch_value(
            """
            SELECT EXISTS (
                SELECT FROM fulfilment_pickline p
                JOIN tasks_task t ON t.origin = 'fulfilment.pick:' || p.id AND t.kind = 'put_back'
                WHERE p.order_id = %s AND p.state IN ('picked', 'going_back') AND t.state IN ('open', 'leased')
            )
            """,
            (order_id,),
        )
    )


@dataclass(frozen=True, slots=True)
class PutBackRow:
    """Goods of an order that were asked back: by whom, how far, and what became of the order."""

    id: int
    order_id: int
    order: str
    customer: str
    site: str
    site_id: int
    standing: str
    units_left: int
    cancels: bool
    reason: str
    asked_by: str
    asked_at: datetime
    back_at: datetime | None
    outcome: str


_PUT_BACKS = """
    SELECT b.id, o.id AS order_id, o.number AS order, c.name AS customer, s.code AS site, s.id AS site_id,
           CASE WHEN b.back_at IS NULL THEN 'on its way' ELSE 'back' END AS standing,
           coalesce(w.units, 0)::bigint AS units_left, b.cancels, b.reason, u.full_name AS asked_by, b.asked_at,
           b.back_at, b.outcome
    FROM fulfilment_putback b JOIN sales_order o ON o.id = b.order_id JOIN parties_party c ON c.id = o.customer_id
    JOIN locations_site s ON s.id = o.site_id JOIN platform_user u ON u.id = b.asked_by_id
    LEFT JOIN LATERAL (
        SELECT sum(p.units) AS units FROM fulfilment_pickline p
        JOIN tasks_task t ON t.origin = 'fulfilment.pick:' || p.id AND t.kind = 'put_back'
        WHERE b.back_at IS NULL AND p.order_id = b.order_id AND p.state IN ('picked', 'going_back')
          AND t.state IN ('open', 'leased')
    ) AS w ON true
"""


def put_backs(query: ListQuery) -> Page[PutBackRow]:
    """Put-backs of the sites that the person may see. Two queries."""
    return sql_page(query, PutBackRow, _PUT_BACKS, search=("order", "customer", "asked_by"), site_column="site_id")
