"""Reads of loads for those who load: orders to plan, what stands staged for a truck, what is on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flowrack.fulfilment.queries_totes import with_picker
from flowrack.locations import queries as locations
from flowrack.platform import sql
from flowrack.shared.errors import BadLine, NotFound
from flowrack.shipping import queries_load_transfers
from flowrack.shipping.rules_load_carriers import ChosenFor
from flowrack.shipping.rules_loads import Content, Key, key_of
from flowrack.shipping.types_loads import LoadPolicy, OnOtherLoad


def policy(site_id: int) -> LoadPolicy:
    """How a site loads. One query."""
    row = sql.fetch_one(
        """
        SELECT stop_order, past_cut_off, needs_seal, needs_signature, answer_hours, proof_years, carrier_else,
               takes_totes
        FROM shipping_loadrules WHERE site_id = %s
        """,
        (site_id,),
    )
    return LoadPolicy(*row) if row else LoadPolicy()


def policy_seen(site_id: int, site_ids: frozenset[int]) -> LoadPolicy:
    """How a site loads, for who may see it. Refuses with NotFound. Two queries."""
    if not (0 in site_ids or site_id in site_ids):
        raise NotFound("There is no such site.")
    locations.site(site_id)
    return policy(site_id)


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """An order as a plan of trucks sees it: where it goes and what it holds that has not left."""

    order_id: int
    number: str
    site_id: int
    state: str
    customer_id: int
    customer: str
    ship_to_id: int | None
    address: str
    weight_g: int
    volume_ml: int
    hazards: list[str]
    hazard_skus: list[str]
    with_orders: list[int]
    load: str
    chosen_id: int
    chosen: str

    @property
    def place(self) -> tuple[int, int | None]:
        """Where it goes, as stops and shipments tell addresses apart."""
        return (self.customer_id, self.ship_to_id)

    @property
    def consignee(self) -> str:
        """Where it goes, in words."""
        return ", ".join(part for part in (self.customer, self.address) if part)

    @property
    def hazardous(self) -> dict[str, str]:
        """Hazard classes and divisions of it, each with an item."""
        return dict(zip(self.hazards, self.hazard_skus, strict=True))


def orders(order_ids: Sequence[int]) -> dict[int, PlannedOrder]:
    """Orders by id with address, weight, hazards, the load they are on, and what is prepared with them. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id, o.number, o.site_id, o.state, o.customer_id, p.name, a.id,
               coalesce(concat_ws(', ', nullif(a.name, ''), nullif(a.city, '')), ''),
               greatest(t.weight_g, w.weight_g, 0)::bigint, coalesce(t.volume_ml, 0)::bigint,
               coalesce(h.hazards, ARRAY[]::text[]), coalesce(h.skus, ARRAY[]::text[]),
               ARRAY(SELECT y.order_id FROM shipping_shipmentorder x
                     JOIN shipping_shipmentorder y ON y.shipment_id = x.shipment_id AND y.is_waiting
                     WHERE x.order_id = o.id AND x.is_waiting ORDER BY 1),
               coalesce((SELECT d.number FROM shipping_loadorder b JOIN shipping_load d ON d.id = b.load_id
                         WHERE b.order_id = o.id AND b.is_live), ''),
               coalesce(f.id, 0), coalesce(f.name, '')
        FROM sales_order o JOIN parties_party p ON p.id = o.customer_id
        LEFT JOIN LATERAL (
            SELECT * FROM parties_address a WHERE a.id = o.ship_to_id OR (o.ship_to_id IS NULL AND a.party_id = p.id)
            ORDER BY a.is_default DESC, a.id LIMIT 1
        ) AS a ON true
        LEFT JOIN carriers_choiceorder co ON co.order_id = o.id AND co.is_latest
        LEFT JOIN carriers_choice cc ON cc.id = co.choice_id
        LEFT JOIN parties_carrierservice cs ON cs.id = cc.service_id LEFT JOIN parties_party f ON f.id = cs.carrier_id
        CROSS JOIN LATERAL (
            SELECT sum((l.allocated_units + l.picked_units) * k.weight_g) AS weight_g,
                   sum((l.allocated_units + l.picked_units) * k.length_mm::bigint * k.width_mm * k.height_mm / 1000)
                       AS volume_ml
            FROM sales_orderline l LEFT JOIN catalog_packlevel k ON k.item_id = l.item_id AND k.level = 'each'
            WHERE l.order_id = o.id
        ) AS t
        CROSS JOIN LATERAL (
            SELECT sum(c.weight_g) AS weight_g FROM fulfilment_carton c WHERE c.order_id = o.id AND c.state = 'packed'
        ) AS w
        CROSS JOIN LATERAL (
            SELECT array_agg(g.hazard ORDER BY g.hazard) AS hazards, array_agg(g.sku ORDER BY g.hazard) AS skus
            FROM (SELECT coalesce(nullif(i.hazard_division, ''), i.hazard_class)
                         || CASE WHEN i.is_limited_quantity THEN ' LQ' ELSE '' END AS hazard, min(i.sku) AS sku
                  FROM sales_orderline l JOIN catalog_item i ON i.id = l.item_id AND i.hazard_class <> ''
                  WHERE l.order_id = o.id AND l.units > l.shipped_units + l.cancelled_units GROUP BY 1) AS g
        ) AS h
        WHERE o.id = ANY(%s::bigint[])
        """,
        (list(order_ids),),
    )
    return {row[0]: PlannedOrder(*row) for row in rows}


def has_card(carrier_id: int, on: date) -> bool:
    """Whether a rate card of the carrier is in force. One query."""
    return bool(
        sql.fetch_value(
            "SELECT EXISTS (SELECT FROM carriers_ratecard WHERE carrier_id = %s AND state = 'approved'"
            " AND valid_from <= %s)",
            (carrier_id, on),
        )
    )


def chosen_on(load_id: int) -> list[ChosenFor]:
    """The carriers that were chosen for the orders of a load; orders without a choice are left out. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id, o.number, p.id, p.name FROM shipping_loadorder x JOIN sales_order o ON o.id = x.order_id
        JOIN carriers_choiceorder co ON co.order_id = o.id AND co.is_latest
        JOIN carriers_choice c ON c.id = co.choice_id JOIN parties_carrierservice v ON v.id = c.service_id
        JOIN parties_party p ON p.id = v.carrier_id
        WHERE x.load_id = %s AND x.is_live ORDER BY x.stop_no, o.id
        """,
        (load_id,),
    )
    return [ChosenFor(*row) for row in rows]


def contents(load_id: int) -> list[Content]:
    """What stands staged for the orders and transfers of a load, later stops first: loaded or not. Two queries.

    What is still with its picker (`with_picker`) is not here.
    """
    rows = sql.fetch_all(
        f"""
        SELECT x.stop_no, o.id, o.number, p.name, coalesce(k.pallet_id, e.lpn_id), n.code, n.kind, i.id, i.sku,
               coalesce(nullif(i.hazard_division, ''), i.hazard_class)
               || CASE WHEN i.is_limited_quantity THEN ' LQ' ELSE '' END, r.units,
               coalesce(r.units * w.weight_g, 0)::bigint,
               coalesce(r.units * w.length_mm::bigint * w.width_mm * w.height_mm / 1000, 0)::bigint, b.code,
               e.lpn_id, coalesce(c.weight_g, 0)
        FROM shipping_loadorder x JOIN sales_order o ON o.id = x.order_id JOIN parties_party p ON p.id = o.customer_id
        JOIN sales_orderline l ON l.order_id = x.order_id
        JOIN ledger_reservation r ON r.ref = 'sales.line:' || l.id
        JOIN ledger_cell e ON e.id = r.cell_id AND e.state = 'staged'
        JOIN catalog_item i ON i.id = e.item_id JOIN locations_location b ON b.id = e.location_id
        LEFT JOIN shipping_stackedcarton k ON k.carton_id = e.lpn_id AND k.is_on AND e.lpn_id > 0
        JOIN locations_lpn n ON n.id = coalesce(k.pallet_id, e.lpn_id)
        LEFT JOIN fulfilment_carton c ON c.lpn_id = e.lpn_id AND c.state = 'packed'
        LEFT JOIN catalog_packlevel w ON w.item_id = i.id AND w.level = 'each'
        WHERE x.load_id = %s AND x.is_live
          AND NOT {with_picker("e.lpn_id", "o.id")}
        ORDER BY x.stop_no DESC, n.code, o.id, l.line_no, e.id
        """,  # noqa: S608 - constant columns
        (load_id,),
    )
    found = [Content(*row) for row in rows] + queries_load_transfers.contents(load_id)
    return sorted(found, key=lambda one: -one.stop_no)


@dataclass(frozen=True, slots=True)
class OnTruck:
    """A plate that is on a truck, or went with it."""

    lpn_id: int
    order_id: int
    code: str
    stop_no: int
    units: int
    weight_g: int
    reason: str
    separation: str
    transfer_id: int

    @property
    def key(self) -> Key:
        """As `rules_loads.plates` knows it."""
        return key_of(self.lpn_id, self.order_id, self.transfer_id)


def on_truck(load_id: int) -> list[OnTruck]:
    """What is on a truck, in the order in which it went on. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.lpn_id, coalesce(p.order_id, 0),
               coalesce(nullif(n.code, ''), 'loose, ' || coalesce(o.number, t.number)), p.stop_no,
               p.units, p.weight_g, p.reason, p.separation, coalesce(p.transfer_id, 0)
        FROM shipping_loadedplate p JOIN locations_lpn n ON n.id = p.lpn_id LEFT JOIN sales_order o ON o.id = p.order_id
        LEFT JOIN storage_transfer t ON t.id = p.transfer_id
        WHERE p.load_id = %s AND p.state <> 'off' ORDER BY p.id
        """,
        (load_id,),
    )
    return [OnTruck(*row) for row in rows]


def foreign_goods(load_id: int) -> list[tuple[str, str]]:
    """Plates on a truck with goods of orders that are not on its load: (plate, order). One query."""
    return [
        (code, order)
        for code, order in sql.fetch_all(
            """
            SELECT DISTINCT n.code, o.number
            FROM shipping_loadedplate p JOIN locations_lpn n ON n.id = p.lpn_id
            CROSS JOIN LATERAL (
                SELECT p.lpn_id AS id UNION ALL
                SELECT k.carton_id FROM shipping_stackedcarton k WHERE k.pallet_id = p.lpn_id AND k.is_on
            ) AS u
            JOIN ledger_cell e ON e.lpn_id = u.id AND e.on_hand > 0 AND e.state = 'staged'
            JOIN ledger_reservation r ON r.cell_id = e.id AND r.ref LIKE 'sales.line:%%'
            JOIN sales_orderline l ON l.id = substr(r.ref, 12)::bigint JOIN sales_order o ON o.id = l.order_id
            WHERE p.load_id = %(load)s AND p.state = 'on' AND p.lpn_id > 0
              AND NOT EXISTS (SELECT FROM shipping_loadorder x
                              WHERE x.load_id = %(load)s AND x.order_id = o.id AND x.is_live)
            UNION
            SELECT n.code, t.number FROM shipping_loadedplate p JOIN locations_lpn n ON n.id = p.lpn_id
            JOIN ledger_cell e ON e.lpn_id = p.lpn_id AND e.on_hand > 0
            JOIN ledger_reservation r ON r.cell_id = e.id AND r.ref LIKE 'storage.transfer:%%'
            JOIN storage_transfer t ON t.id = substr(r.ref, 18)::bigint
            WHERE p.load_id = %(load)s AND p.state = 'on' AND p.lpn_id > 0
              AND NOT EXISTS (SELECT FROM shipping_loadtransfer x
                              WHERE x.load_id = %(load)s AND x.transfer_id = t.id AND x.is_live)
            ORDER BY 1, 2
            """,
            {"load": load_id},
        )
    ]


@dataclass(frozen=True, slots=True)
class StopRow:
    """A stop of a load: who is there, and its orders and transfers."""

    stop_no: int
    customer: str
    address: str
    order_ids: list[int]
    orders: str
    to_come: int
    transfer_ids: list[int]


def stops(load_id: int) -> list[StopRow]:
    """The stops of a load, the first to be unloaded first; `to_come` units are not staged yet. One query.

    Those are the units still to pick, and those that are still with their picker.
    """
    rows = sql.fetch_all(
        f"""
        SELECT s.stop_no, coalesce(p.name, w.name), coalesce(concat_ws(', ', nullif(a.name, ''), nullif(a.city, '')),
                        ''), coalesce(t.ids, ARRAY[]::bigint[]), coalesce(t.numbers, m.numbers, ''),
               coalesce(t.to_come, 0)::bigint, coalesce(m.ids, ARRAY[]::bigint[])
        FROM shipping_loadstop s LEFT JOIN parties_party p ON p.id = s.customer_id
        LEFT JOIN locations_site w ON w.id = s.to_site_id
        LEFT JOIN LATERAL (
            SELECT * FROM parties_address a WHERE a.id = s.ship_to_id OR (s.ship_to_id IS NULL AND a.party_id = p.id)
            ORDER BY a.is_default DESC, a.id LIMIT 1
        ) AS a ON true
        CROSS JOIN LATERAL (
            SELECT array_agg(o.id ORDER BY o.id) AS ids, string_agg(o.number, ', ' ORDER BY o.id) AS numbers,
                   sum((
                       SELECT sum(l.allocated_units + coalesce((
                           SELECT sum(r.units) FROM ledger_reservation r
                           JOIN ledger_cell e ON e.id = r.cell_id AND e.state = 'staged'
                           WHERE l.picked_units > 0 AND r.ref = 'sales.line:' || l.id
                             AND {with_picker("e.lpn_id", "l.order_id")}
                       ), 0)) FROM sales_orderline l WHERE l.order_id = o.id
                   )) FILTER (WHERE x.is_live) AS to_come
            FROM shipping_loadorder x JOIN sales_order o ON o.id = x.order_id
            WHERE x.load_id = s.load_id AND x.stop_no = s.stop_no
        ) AS t
        CROSS JOIN LATERAL (
            SELECT array_agg(r.id ORDER BY r.id) AS ids, string_agg(r.number, ', ' ORDER BY r.id) AS numbers
            FROM shipping_loadtransfer x JOIN storage_transfer r ON r.id = x.transfer_id
            WHERE x.load_id = s.load_id AND x.stop_no = s.stop_no
        ) AS m
        WHERE s.load_id = %s ORDER BY s.stop_no
        """,  # noqa: S608 - constant columns
        (load_id,),
    )
    return [StopRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The live load of an order."""

    order_id: int
    order: str
    load_id: int
    load: str
    door: str
    site_id: int


def loads_of_orders(order_ids: Sequence[int]) -> dict[int, Whereabouts]:
    """On which live load orders are. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id, o.number, h.id, h.number, coalesce(d.code, ''), h.site_id
        FROM shipping_loadorder x JOIN sales_order o ON o.id = x.order_id JOIN shipping_load h ON h.id = x.load_id
        LEFT JOIN locations_location d ON d.id = h.door_id
        WHERE x.order_id = ANY(%s::bigint[]) AND x.is_live
        """,
        (list(order_ids),),
    )
    return {row[0]: Whereabouts(*row) for row in rows}


def refuse_on_load(order_ids: Sequence[int]) -> None:
    """Refuse with OnOtherLoad, naming every order that a truck waits for. One query."""
    found = loads_of_orders(order_ids)
    bad = [
        BadLine(n, "order_ids", f"{at.order} is on {at.load}.", f"Load it there, or take it off {at.load}.")
        for n, order_id in enumerate(order_ids, 1)
        if (at := found.get(order_id)) is not None
    ]
    if bad:
        raise OnOtherLoad(bad[0].message, lines=bad, fix=bad[0].fix)


@dataclass(frozen=True, slots=True)
class PlateAt:
    """A plate by its code, and the orders whose goods are on it, also on cartons that stand on it."""

    lpn_id: int
    code: str
    kind: str
    site_id: int
    is_closed: bool
    pallet_id: int
    pallet: str
    order_ids: list[int]
    transfer_ids: list[int]


def plate_by_code(code: str) -> PlateAt | None:
    """A pallet, carton or tote. One query."""
    row = sql.fetch_one(
        """
        SELECT n.id, n.code, n.kind, n.site_id, n.closed_at IS NOT NULL, coalesce(k.pallet_id, 0),
               coalesce(m.code, ''),
               ARRAY(SELECT DISTINCT l.order_id
                     FROM ledger_cell e JOIN ledger_reservation r ON r.cell_id = e.id AND r.ref LIKE 'sales.line:%%'
                     JOIN sales_orderline l ON l.id = substr(r.ref, 12)::bigint
                     WHERE e.on_hand > 0 AND e.state = 'staged' AND e.lpn_id = ANY(
                         SELECT n.id UNION ALL
                         SELECT c.carton_id FROM shipping_stackedcarton c WHERE c.pallet_id = n.id AND c.is_on)
                     ORDER BY 1),
               ARRAY(SELECT DISTINCT substr(r.ref, 18)::bigint
                     FROM ledger_cell e JOIN ledger_reservation r ON r.cell_id = e.id
                                                                     AND r.ref LIKE 'storage.transfer:%%'
                     WHERE e.on_hand > 0 AND e.lpn_id = n.id ORDER BY 1)
        FROM locations_lpn n LEFT JOIN shipping_stackedcarton k ON k.carton_id = n.id AND k.is_on
        LEFT JOIN locations_lpn m ON m.id = k.pallet_id
        WHERE n.code = %s AND n.id > 0
        """,
        (code,),
    )
    return PlateAt(*row) if row else None


def waiting_shipments(order_ids: Sequence[int]) -> dict[int, int]:
    """On which prepared shipment orders wait: order -> shipment. One query."""
    return dict(
        sql.fetch_all(
            """
            SELECT order_id, shipment_id FROM shipping_shipmentorder
            WHERE order_id = ANY(%s::bigint[]) AND is_waiting
            """,
            (list(order_ids),),
        )
    )
