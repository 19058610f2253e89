"""Reads of waves and the trucks with which they leave: which orders hang on a wave, and how these leave next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.carriers import queries_choices as choices
from flowrack.platform import sql
from flowrack.waves.queries_pool import Here, trucks
from flowrack.waves.rules_pool import PoolLine, PoolOrder

# A wave leaves with a truck whose cut-off is the same to the minute: people see, type and drag no seconds.
_ON_FLOOR = """
    SELECT r.wave_id FROM fulfilment_pickline p JOIN waves_run r ON r.wave_id = p.wave_id
    JOIN fulfilment_wave w ON w.id = r.wave_id
    WHERE p.order_id = ANY(%(orders)s::bigint[]) AND p.state = 'open' AND w.site_id = %(site)s
      AND date_trunc('minute', r.cut_off_at) = date_trunc('minute', %(at)s)
"""
_PLANNED = """
    SELECT w.id FROM waves_planline x JOIN waves_plan p ON p.id = x.plan_id AND p.state IN ('draft', 'releasing')
    JOIN waves_planwave w ON w.plan_id = p.id AND w.place = x.wave_place AND w.state = 'planned'
    WHERE x.order_id = ANY(%(orders)s::bigint[]) AND p.site_id = %(site)s
      AND date_trunc('minute', w.cut_off_at) = date_trunc('minute', %(at)s)
"""


def any_with(site_id: int, order_ids: Sequence[int], at: datetime) -> bool:
    """Whether a wave of orders, on the floor or planned, has this cut-off. One query."""
    found: bool = sql.fetch_value(
        f"SELECT EXISTS ({_ON_FLOOR}) OR EXISTS ({_PLANNED})",
        {"site": site_id, "orders": list(order_ids), "at": at},
    )
    return found


def on_floor(site_id: int, order_ids: Sequence[int], at: datetime) -> list[int]:
    """Waves on the floor with open picks of orders and this cut-off. One query."""
    rows = sql.fetch_all(_ON_FLOOR, {"site": site_id, "orders": list(order_ids), "at": at})
    return sorted({row[0] for row in rows})


def planned(site_id: int, order_ids: Sequence[int], at: datetime) -> list[int]:
    """Planned waves of orders with this cut-off. One query."""
    rows = sql.fetch_all(_PLANNED, {"site": site_id, "orders": list(order_ids), "at": at})
    return sorted({row[0] for row in rows})


def cut_off_of_load(load_id: int) -> datetime | None:
    """When a truck was to leave; None where nobody said. One query."""
    found: datetime | None = sql.fetch_value("SELECT cut_off_at FROM shipping_load WHERE id = %s", (load_id,))
    return found


def orders_to_pick(wave_ids: Sequence[int]) -> dict[int, list[int]]:
    """The orders of waves that still have picks to do. One query."""
    rows = sql.fetch_all(
        """
        SELECT wave_id, array_agg(DISTINCT order_id ORDER BY order_id) FROM fulfilment_pickline
        WHERE wave_id = ANY(%s::bigint[]) AND state = 'open' GROUP BY 1 ORDER BY 1
        """,
        (list(wave_ids),),
    )
    return dict(rows)


def orders_planned(plan_wave_ids: Sequence[int]) -> dict[int, list[int]]:
    """The orders of planned waves. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.id, array_agg(DISTINCT x.order_id ORDER BY x.order_id)
        FROM waves_planwave w JOIN waves_planline x ON x.plan_id = w.plan_id AND x.wave_place = w.place
        WHERE w.id = ANY(%s::bigint[]) GROUP BY 1 ORDER BY 1
        """,
        (list(plan_wave_ids),),
    )
    return dict(rows)


def orders(place: Here, order_ids: Sequence[int]) -> list[PoolOrder]:
    """Orders as departures look at them, whatever of them is with a picker already. Three queries."""
    rows = sql.fetch_all(
        """
        SELECT o.id, o.number, p.name, o.tier, coalesce(a.region, ''), o.requested_on,
               min(coalesce(l.promised_on, o.ship_by_on)) FILTER (WHERE l.open_units + l.allocated_units > 0)
        FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id JOIN parties_party p ON p.id = o.customer_id
        LEFT JOIN parties_address a ON a.id = o.ship_to_id
        WHERE o.id = ANY(%s::bigint[]) GROUP BY o.id, p.id, a.id ORDER BY o.id
        """,
        (list(order_ids),),
    )
    chosen = choices.latest_of([row[0] for row in rows]) if rows else {}
    leaves = trucks([row[0] for row in rows])
    found = []
    for order_id, number, customer, tier, region, wanted_on, due_on in rows:
        line = PoolLine(0, 0, 0, "", 1, 0, 0, "", "", "", 0, 0, 0, due_on or place.local.date())
        truck, at = leaves.get(order_id, ("", None))
        found.append(
            PoolOrder(
                order_id=order_id,
                number=number,
                customer=customer,
                tier=tier,
                goes_whole=False,
                channel="",
                order_type="",
                region=region,
                label_needs=frozenset(),
                age_days=0,
                wanted_on=wanted_on,
                lines=(line,),
                service_id=(chosen[order_id].service_id or 0) if order_id in chosen else 0,
                truck=truck,
                leaves_at=place.clock(at) if at else None,
            )
        )
    return found
