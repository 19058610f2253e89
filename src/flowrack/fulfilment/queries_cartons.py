"""Reads of cartons as they are planned: the types in use, how goods may be packed, what a wave was planned to fill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flowrack.fulfilment import rules_cartons as rules
from flowrack.fulfilment.rules_cartons import CartonKind, FreightOf, Plan, Wish
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class CartonTypeRow:
    """One carton type, with how often it was packed and planned in the last 90 days."""

    id: int
    code: str
    name: str
    length_mm: int
    width_mm: int
    height_mm: int
    max_weight_g: int
    tare_g: int
    cost: Decimal
    is_active: bool
    packed: int
    planned: int


_TYPES = """
    SELECT t.id, t.code, t.name, t.length_mm, t.width_mm, t.height_mm, t.max_weight_g, t.tare_g, t.cost, t.is_active,
           coalesce(k.packed, 0)::bigint AS packed, coalesce(k.planned, 0)::bigint AS planned
    FROM fulfilment_cartontype t
    LEFT JOIN (
        SELECT v.id, count(*) FILTER (WHERE v.is_packed) AS packed, count(*) FILTER (WHERE NOT v.is_packed) AS planned
        FROM fulfilment_carton c
        CROSS JOIN LATERAL (VALUES (c.carton_type_id, true), (c.planned_type_id, false)) AS v(id, is_packed)
        WHERE c.state <> 'unpacked' AND c.packed_at > now() - interval '90 days' AND v.id IS NOT NULL
        GROUP BY v.id
    ) AS k ON k.id = t.id
"""


def type_list(query: ListQuery) -> Page[CartonTypeRow]:
    """Carton types with their use. Two queries."""
    return sql_page(query, CartonTypeRow, _TYPES, search=("code", "name"))


def types_in_use() -> list[CartonTypeRow]:
    """The carton types that packers take, the smallest first. One query."""
    rows = sql.fetch_all(
        _TYPES + "WHERE t.is_active ORDER BY t.length_mm::bigint * t.width_mm * t.height_mm, t.code", ()
    )
    return [CartonTypeRow(*row) for row in rows]


def kinds() -> list[CartonKind]:
    """The carton types in use, as the rules need them. One query."""
    rows = sql.fetch_all(
        """
        SELECT id, code, length_mm, width_mm, height_mm, max_weight_g, tare_g, cost
        FROM fulfilment_cartontype WHERE is_active ORDER BY id
        """
    )
    return [CartonKind(row[0], row[1], (row[2], row[3], row[4]), row[5], row[6], row[7]) for row in rows]


_PACKING = """
    SELECT i.id, e.length_mm, e.width_mm, e.height_mm, coalesce(e.weight_g, 0), i.keep_upright, i.bears_g,
           concat_ws('/', coalesce(nullif(i.hazard_division, ''), nullif(i.hazard_class, '')),
                     nullif(i.temperature, 'ambient')),
           CASE WHEN i.hazard_class = '' THEN '' ELSE coalesce(nullif(i.hazard_division, ''), i.hazard_class)
                || CASE WHEN i.is_limited_quantity THEN ' LQ' ELSE '' END END,
           coalesce(c.factor, 0), c.length_mm, c.width_mm, c.height_mm, coalesce(c.weight_g, 0)
    FROM catalog_item i
    LEFT JOIN catalog_packlevel e ON e.item_id = i.id AND e.level = 'each'
    LEFT JOIN catalog_packlevel c ON c.item_id = i.id AND c.level = 'case' AND c.length_mm > 0 AND c.width_mm > 0
          AND c.height_mm > 0
    WHERE i.id = ANY(%s::bigint[])
"""


def wishes(item_ids: Iterable[int]) -> dict[int, Wish]:
    """How one unit of each item may be packed. One query."""
    found = {}
    for row in sql.fetch_all(_PACKING, (sorted(set(item_ids)),)):
        item_id, long, wide, high, weight, upright, bears, apart, hazard, factor, *case = row
        found[item_id] = Wish(
            item_id=item_id,
            units=0,
            sides=(long, wide, high) if long and wide and high else None,
            weight_g=weight,
            keep_upright=upright,
            bears_g=bears,
            apart=apart,
            hazard=hazard,
            case_units=factor,
            case_sides=(case[0], case[1], case[2]) if case[0] else None,
            case_weight_g=case[3],
        )
    return found


def plans(
    orders: Mapping[int, Mapping[int, int]],
    known: Sequence[CartonKind],
    freights: Mapping[int, FreightOf] | None = None,
) -> dict[int, Plan]:
    """Cartons of the known types for the units (item -> units) of each order; none without a type. One query.

    Those of orders with a freight are chosen jointly with it.

    Of very many orders the first are planned, until that is enough (`rules.MOST_IN_ALL`).
    """
    if not known or not orders:
        return {}
    of_item = wishes(item for units in orders.values() for item in units)
    found, looked_at = {}, 0
    for order_id, units in sorted(orders.items()):
        asked = [of_item[item]._replace(units=n) for item, n in sorted(units.items())]
        looked_at += min(rules.work(asked, known), rules.MOST_WORK)
        if looked_at > rules.MOST_IN_ALL:
            break
        found[order_id] = rules.plan(asked, known, (freights or {}).get(order_id))
    return found


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A carton that a wave was planned to fill; no code: the goods travel in their own box."""

    order_id: int
    order: str
    number: int
    code: str
    weight_g: int
    filled: int
    contents: str
    cost: Decimal | None = None
    freight: Decimal | None = None


def planned_of_wave(wave_id: int, *, limit: int = 500) -> list[PlannedRow]:
    """The planned cartons of a wave, order by order, without what was called back or goes back: a line that shrank
    fills its first cartons, and one of which nothing is left is not there. One query."""
    rows = sql.fetch_all(
        """
        WITH live AS (
            SELECT order_id, item_id, sum(units) AS units FROM fulfilment_pickline
            WHERE wave_id = %(wave)s AND state NOT IN ('cancelled', 'going_back') GROUP BY 1, 2
        ), line AS (
            SELECT l.id, l.carton_id, l.item_id, l.units AS planned, greatest(0, least(l.units, coalesce(v.units, 0)
                   - (sum(l.units) OVER (PARTITION BY p.order_id, l.item_id ORDER BY p.number, l.id) - l.units)))
                   AS units
            FROM fulfilment_plannedcarton p JOIN fulfilment_plannedcartonline l ON l.carton_id = p.id
            LEFT JOIN live v ON v.order_id = p.order_id AND v.item_id = l.item_id WHERE p.wave_id = %(wave)s
        )
        SELECT p.order_id, o.number, p.number, coalesce(t.code, ''), p.weight_g - x.less_g,
               CASE WHEN x.planned_ml > 0 THEN p.filled * x.left_ml / x.planned_ml ELSE p.filled END, x.contents,
               t.cost, p.freight
        FROM fulfilment_plannedcarton p JOIN sales_order o ON o.id = p.order_id
        LEFT JOIN fulfilment_cartontype t ON t.id = p.carton_type_id
        CROSS JOIN LATERAL (
            SELECT string_agg(l.units || ' × ' || i.sku, ', ' ORDER BY l.id) FILTER (WHERE l.units > 0) AS contents,
                   coalesce(sum((l.planned - l.units) * e.weight_g), 0)::bigint AS less_g,
                   sum(l.units * e.length_mm * e.width_mm * e.height_mm)::bigint AS left_ml,
                   sum(l.planned * e.length_mm::bigint * e.width_mm * e.height_mm)::bigint AS planned_ml
            FROM line l JOIN catalog_item i ON i.id = l.item_id
            LEFT JOIN catalog_packlevel e ON e.item_id = l.item_id AND e.level = 'each'
            WHERE l.carton_id = p.id
        ) AS x
        WHERE p.wave_id = %(wave)s AND x.contents IS NOT NULL ORDER BY o.number, p.number LIMIT %(limit)s
        """,
        {"wave": wave_id, "limit": limit},
    )
    return [PlannedRow(*row) for row in rows]


def last_numbers(wave_id: int, order_ids: Sequence[int]) -> dict[int, int]:
    """The last planned carton of orders that have some in a wave. One query."""
    rows = sql.fetch_all(
        """
        SELECT order_id, max(number) FROM fulfilment_plannedcarton
        WHERE wave_id = %s AND order_id = ANY(%s::bigint[]) GROUP BY order_id
        """,
        (wave_id, list(order_ids)),
    )
    return dict(rows)


def next_planned(order_ids: Sequence[int]) -> dict[int, list[int | None]]:
    """The types of planned cartons of orders for which none was packed yet, the first to pack first. One query."""
    rows = sql.fetch_all(
        """
        SELECT n.order_id, n.carton_type_id
        FROM (
            SELECT p.order_id, p.carton_type_id,
                   row_number() OVER (PARTITION BY p.order_id ORDER BY p.wave_id, p.number) AS place
            FROM fulfilment_plannedcarton p WHERE p.order_id = ANY(%s::bigint[])
        ) AS n
        WHERE n.place > (
            SELECT count(*) FROM fulfilment_carton k WHERE k.order_id = n.order_id AND k.state <> 'unpacked'
        )
        ORDER BY n.order_id, n.place
        """,
        (list(order_ids),),
    )
    found: dict[int, list[int | None]] = {}
    for order_id, type_id in rows:
        found.setdefault(order_id, []).append(type_id)
    return found


def type_ids_of(codes: Iterable[str]) -> dict[str, int]:
    """Carton types in use by code. One query, none for no codes."""
    asked = sorted(set(codes))
    if not asked:
        return {}
    return dict(
        sql.fetch_all("SELECT code, id FROM fulfilment_cartontype WHERE code = ANY(%s) AND is_active", (asked,))
    )
