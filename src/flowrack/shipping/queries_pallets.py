"""Reads of pallets that are built from cartons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flowrack.fulfilment.queries_packing import register_whereabouts
from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class CartonToStack:
    """A packed carton: for whom, where it stands, on which pallet, and whether it is on a truck."""

    lpn_id: int
    code: str
    state: str
    site_id: int
    order: str
    customer_id: int
    customer: str
    ship_to_id: int
    pallet: str
    load: str
    hazards: list[str]


def cartons(codes: Sequence[str]) -> dict[str, CartonToStack]:
    """Packed cartons by SSCC; what is none is left out. One query."""
    rows = sql.fetch_all(
        """
        SELECT k.lpn_id, k.sscc, k.state, k.site_id, o.number, o.customer_id, p.name, coalesce(o.ship_to_id, 0),
               coalesce(m.code, ''),
               coalesce((SELECT d.number FROM shipping_loadedplate y JOIN shipping_load d ON d.id = y.load_id
                         WHERE y.lpn_id IN (k.lpn_id, s.pallet_id) AND y.lpn_id > 0 AND y.state = 'on' LIMIT 1), ''),
               ARRAY(SELECT DISTINCT coalesce(nullif(i.hazard_division, ''), i.hazard_class)
                            || CASE WHEN i.is_limited_quantity THEN ' LQ' ELSE '' END
                     FROM fulfilment_cartonline l JOIN catalog_item i ON i.id = l.item_id
                     WHERE l.carton_id = k.id AND i.hazard_class <> '' ORDER BY 1)
        FROM fulfilment_carton k JOIN sales_order o ON o.id = k.order_id JOIN parties_party p ON p.id = o.customer_id
        LEFT JOIN shipping_stackedcarton s ON s.carton_id = k.lpn_id AND s.is_on
        LEFT JOIN locations_lpn m ON m.id = s.pallet_id
        WHERE k.sscc = ANY(%s::text[])
        """,
        (list(codes),),
    )
    return {row[1]: CartonToStack(*row) for row in rows}


def on_pallet(pallet_id: int) -> list[str]:
    """The codes of the cartons on a pallet, in the order in which they went on. One query."""
    rows = sql.fetch_all(
        """
        SELECT n.code FROM shipping_stackedcarton s JOIN locations_lpn n ON n.id = s.carton_id
        WHERE s.pallet_id = %s AND s.is_on ORDER BY s.id
        """,
        (pallet_id,),
    )
    return [row[0] for row in rows]


class Kept(NamedTuple):
    """A plate that stands on a pallet or a truck."""

    code: str
    pallet: str
    load: str


def kept(lpn_ids: Sequence[int]) -> list[Kept]:
    """Which of these plates stand on a pallet or on a truck. One query."""
    rows = sql.fetch_all(
        """
        SELECT t.code, t.pallet, t.load FROM (
            SELECT n.id, n.code, coalesce(m.code, '') AS pallet,
                   coalesce((SELECT d.number FROM shipping_loadedplate y JOIN shipping_load d ON d.id = y.load_id
                             WHERE y.lpn_id IN (n.id, s.pallet_id) AND y.state = 'on' LIMIT 1), '') AS load
            FROM locations_lpn n LEFT JOIN shipping_stackedcarton s ON s.carton_id = n.id AND s.is_on
            LEFT JOIN locations_lpn m ON m.id = s.pallet_id
            WHERE n.id = ANY(%s::bigint[]) AND n.id > 0
        ) AS t WHERE t.pallet <> '' OR t.load <> '' ORDER BY t.id
        """,
        (list(lpn_ids),),
    )
    return [Kept(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Built:
    """A plate that is not free to be filled, and where it is in words."""

    code: str
    where: str


def built(lpn_ids: Sequence[int]) -> list[Built]:
    """Which of these plates are on a truck, stand on a pallet, or carry cartons of orders. One query."""
    rows = sql.fetch_all(
        """
        SELECT n.code, w.words FROM locations_lpn n
        CROSS JOIN LATERAL (
            SELECT 'is on ' || d.number AS words, 1 AS place
            FROM shipping_loadedplate y JOIN shipping_load d ON d.id = y.load_id
            WHERE y.lpn_id = n.id AND y.state = 'on'
            UNION ALL
            SELECT 'stands on ' || p.code, 2
            FROM shipping_stackedcarton s JOIN locations_lpn p ON p.id = s.pallet_id
            WHERE s.carton_id = n.id AND s.is_on
            UNION ALL
            SELECT 'carries cartons of orders', 3
            WHERE EXISTS (SELECT FROM shipping_stackedcarton s WHERE s.pallet_id = n.id AND s.is_on)
            ORDER BY 2 LIMIT 1
        ) AS w
        WHERE n.id = ANY(%s::bigint[]) ORDER BY n.id
        """,
        (list(lpn_ids),),
    )
    return [Built(*row) for row in rows]


def loose_aboard(order_ids: Sequence[int]) -> list[tuple[str, str]]:
    """Orders of which loose goods are on a truck, with its load. One query, none without orders."""
    if not order_ids:
        return []
    return [
        (order, load)
        for order, load in sql.fetch_all(
            """
            SELECT o.number, d.number FROM shipping_loadedplate y JOIN shipping_load d ON d.id = y.load_id
            JOIN sales_order o ON o.id = y.order_id
            WHERE y.lpn_id = 0 AND y.state = 'on' AND y.order_id = ANY(%s::bigint[]) ORDER BY o.id, d.id
            """,
            (list(order_ids),),
        )
    ]


def is_on_truck(pallet_id: int) -> bool:
    """Whether a pallet is on a truck. One query."""
    return bool(
        sql.fetch_value(
            "SELECT EXISTS (SELECT FROM shipping_loadedplate WHERE lpn_id = %s AND state = 'on')", (pallet_id,)
        )
    )


def trucks_of(codes: Sequence[str]) -> dict[str, str]:
    """The trucks on which cartons stand, alone or on their pallets: "on LD-1001 at door D1". One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT ON (n.id) n.code, d.number, coalesce(b.code, '') FROM locations_lpn n
        LEFT JOIN shipping_stackedcarton s ON s.carton_id = n.id AND s.is_on
        JOIN shipping_loadedplate y ON y.lpn_id IN (n.id, s.pallet_id) AND y.lpn_id > 0 AND y.state = 'on'
        JOIN shipping_load d ON d.id = y.load_id LEFT JOIN locations_location b ON b.id = d.door_id
        WHERE n.code = ANY(%s::text[]) AND n.id > 0 ORDER BY n.id, d.id
        """,
        (list(codes),),
    )
    return {code: f"on {load}{f' at door {door}' if door else ''}" for code, load, door in rows}


register_whereabouts(trucks_of)
