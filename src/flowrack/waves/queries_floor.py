"""Reads of waves on the floor: how far each is, what holds it up, and who works on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql

# Open picks are found through the lists that are to be picked: these are few, picks of the past are many.
_OPEN_BY_ZONE = """
    SELECT coalesce(b.zone_id, 0), count(*)
    FROM fulfilment_picklist l JOIN fulfilment_pickline p ON p.pick_list_id = l.id AND p.state = 'open'
    JOIN locations_location b ON b.id = p.location_id
    WHERE l.site_id = %s AND l.state IN ('open', 'taken', 'parked') GROUP BY 1
"""
_ANY_SLIPPING = """
    WITH to_pick AS MATERIALIZED (
        SELECT DISTINCT l.wave_id FROM fulfilment_picklist l JOIN fulfilment_pickline p ON p.pick_list_id = l.id
        WHERE l.state IN ('open', 'taken', 'parked') AND p.state = 'open'
    )
    SELECT EXISTS (
        SELECT FROM to_pick JOIN waves_run r USING (wave_id) WHERE r.slipped_at IS NULL AND r.pick_until < %s
    )
"""


def open_by_zone(site_id: int) -> dict[int, int]:
    """Open picks of a site by zone. One query."""
    return dict(sql.fetch_all(_OPEN_BY_ZONE, (site_id,)))


def orders_to_pick(wave_id: int) -> list[int]:
    """Orders of a wave with open picks. One query."""
    rows = sql.fetch_all(
        "SELECT DISTINCT order_id FROM fulfilment_pickline WHERE wave_id = %s AND state = 'open' ORDER BY 1", (wave_id,)
    )
    return [row[0] for row in rows]


def site_of(wave_id: int) -> int:
    """The site of a wave, 0 when there is no such wave. One query."""
    found: int = sql.fetch_value("SELECT coalesce(max(site_id), 0) FROM fulfilment_wave WHERE id = %s", (wave_id,))
    return found


def lines_of(pick_ids: Sequence[int]) -> list[int]:
    """The order lines of picks. One query."""
    rows = sql.fetch_all(
        "SELECT DISTINCT order_line_id FROM fulfilment_pickline WHERE id = ANY(%s::bigint[]) ORDER BY 1",
        (list(pick_ids),),
    )
    return [row[0] for row in rows]


def pick_until(wave_id: int) -> datetime | None:
    """By when a wave must be picked; None without a cut-off. One query."""
    found: datetime | None = sql.fetch_value("SELECT max(pick_until) FROM waves_run WHERE wave_id = %s", (wave_id,))
    return found


def method_of(wave_id: int) -> str:
    """How the template of a wave has it picked; empty where the rules of its zones decide. One query."""
    return str(sql.fetch_value("SELECT method FROM waves_run WHERE wave_id = %s", (wave_id,)) or "")


def cut_off(wave_id: int) -> datetime | None:
    """When the truck of a wave leaves; None where nobody said. One query."""
    found: datetime | None = sql.fetch_value("SELECT cut_off_at FROM waves_run WHERE wave_id = %s", (wave_id,))
    return found


def wave_of_order(order_id: int, site_id: int) -> tuple[str, int, str] | None:
    """The order, and the newest wave of a site in which picks of it are open or done; None without one. One query."""
    row = sql.fetch_one(
        """
        SELECT o.number, w.id, w.number FROM fulfilment_pickline p JOIN fulfilment_wave w ON w.id = p.wave_id
        JOIN sales_order o ON o.id = p.order_id
        WHERE p.order_id = %s AND w.site_id = %s AND p.state IN ('open', 'picked') ORDER BY w.id DESC LIMIT 1
        """,
        (order_id, site_id),
    )
    return (row[0], row[1], row[2]) if row else None


def orders_named(wave_id: int) -> list[tuple[int, str]]:
    """Orders of a wave with open picks: id, and number with customer. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT o.id, o.number || ', ' || c.name FROM fulfilment_pickline p
        JOIN sales_order o ON o.id = p.order_id JOIN parties_party c ON c.id = o.customer_id
        WHERE p.wave_id = %s AND p.state = 'open' ORDER BY o.id
        """,
        (wave_id,),
    )
    return [(row[0], row[1]) for row in rows]


def lines_to_pick(wave_id: int, order_ids: Sequence[int]) -> list[int]:
    """Lines of orders with open picks in a wave. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT order_line_id FROM fulfilment_pickline
        WHERE wave_id = %s AND order_id = ANY(%s::bigint[]) AND state = 'open' ORDER BY 1
        """,
        (wave_id, list(order_ids)),
    )
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class SlippedWave:
    """A wave that cannot make its cut-off, and its orders that are not picked."""

    wave_id: int
    number: str
    site_id: int
    order_ids: list[int]
    service_id: int
    cut_off_at: datetime
    pick_until: datetime
    open_picks: int
    open_units: int


def slipped(wave_ids: Sequence[int]) -> list[SlippedWave]:
    """Waves with what of them is not picked. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.id, w.number, w.site_id, array_agg(DISTINCT p.order_id ORDER BY p.order_id), r.service_id,
               r.cut_off_at, r.pick_until, count(*), sum(p.units)::bigint
        FROM fulfilment_wave w JOIN waves_run r ON r.wave_id = w.id
        JOIN fulfilment_pickline p ON p.wave_id = w.id AND p.state = 'open'
        WHERE w.id = ANY(%s::bigint[]) GROUP BY w.id, r.wave_id ORDER BY w.id
        """,
        (list(wave_ids),),
    )
    return [SlippedWave(*row) for row in rows]


def any_slipping(now: datetime) -> bool:
    """Whether a wave is past the time by which it had to be picked. One query."""
    found: bool = sql.fetch_value(_ANY_SLIPPING, (now,))
    return found


def automatic_templates() -> list[int]:
    """Continuous templates that release by themselves. One query."""
    rows = sql.fetch_all(
        """
        SELECT id FROM waves_template WHERE is_active AND is_automatic AND mode = 'continuous'
        ORDER BY site_id, position
        """
    )
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A continuous template, and open lines of the zone that is fullest."""

    id: int
    name: str
    wip_lines: int
    is_automatic: bool


def continuous(site_id: int) -> list[FlowRow]:
    """The continuous templates of a site. One query."""
    rows = sql.fetch_all(
        """
        SELECT id, name, wip_lines, is_automatic FROM waves_template
        WHERE site_id = %s AND is_active AND mode = 'continuous' ORDER BY position
        """,
        (site_id,),
    )
    return [FlowRow(*row) for row in rows]
