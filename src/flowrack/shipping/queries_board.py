"""Reads of loads for pages and boards: the list, one load, how far each truck is and what keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.fulfilment.queries_totes import with_picker
from flowrack.platform import sql
from flowrack.platform.lookup import Found, look_up, numbered
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shipping import rules_loads
from flowrack.shipping.types_loads import LoadNotFound


@dataclass(frozen=True, slots=True)
class LoadRow:
    """A load with how far it is. `to_come` units are promised on it and not staged yet."""

    id: int
    number: str
    state: str
    site_id: int
    site: str
    door_id: int | None
    door: str
    carrier_id: int | None
    carrier: str
    trailer: str
    driver: str
    cut_off_at: datetime | None
    max_weight_g: int
    max_volume_ml: int
    planned_at: datetime
    planned_by: str
    started_at: datetime | None
    closed_at: datetime | None
    left_at: datetime | None
    seal: str
    signed_by: str
    signature: str
    end_reason: str
    carrier_reason: str
    has_card: bool
    stops: int
    orders: str
    customers: str
    order_ids: list[int]
    loaded: int
    loaded_g: int
    waiting: int
    behind: int
    to_come: int
    last_loaded_at: datetime | None

    @property
    def total(self) -> int:
        """Plates that are on it, or should be."""
        return self.loaded + self.waiting + self.behind

    @property
    def plates(self) -> str:
        """Plates that are on it, of those that stand there: 3 of 5."""
        return f"{self.loaded:,} of {self.total:,}"

    @property
    def done(self) -> str:
        """How far it is, with what no plate shows yet: 3 of 5, 160 units not staged."""
        return self.plates + (f", {self.to_come:,} units not staged" if self.to_come else "")

    def minutes_left(self, now: datetime) -> int | None:
        """Minutes to the cut-off, below zero when it is over; None without one, or when the truck is closed."""
        if self.cut_off_at is None or self.state not in ("open", "loading"):
            return None
        return int((self.cut_off_at - now).total_seconds() // 60)

    def is_overdue(self, now: datetime) -> bool:
        """Whether its carrier was due to leave and it is not closed."""
        left = self.minutes_left(now)
        return left is not None and left < 0

    def stuck(self, now: datetime) -> str:
        """What keeps the truck, as a sentence; empty when it is on its way or nothing keeps it."""
        return rules_loads.stuck(
            state=self.state,
            has_door=bool(self.door),
            waiting=self.waiting,
            to_come=self.to_come,
            minutes_left=self.minutes_left(now),
            still_minutes=self._still(now),
        )

    def _still(self, now: datetime) -> int:
        since = self.last_loaded_at or self.started_at
        return int((now - since).total_seconds() // 60) if since and self.state == "loading" else 0


_LOADS = f"""
    SELECT h.id, h.number, h.state, h.site_id, s.name AS site, h.door_id, coalesce(d.code, '') AS door, h.carrier_id,
           coalesce(c.name, '') AS carrier, h.trailer, h.driver, h.cut_off_at, h.max_weight_g, h.max_volume_ml,
           h.planned_at, coalesce(nullif(u.full_name, ''), u.username) AS planned_by, h.started_at, h.closed_at,
           h.left_at, h.seal, h.signed_by, h.signature, h.end_reason, h.carrier_reason,
           EXISTS (SELECT FROM carriers_ratecard a WHERE a.carrier_id = h.carrier_id AND a.state = 'approved')
               AS has_card,
           o.stops + t.stops AS stops, concat_ws(', ', nullif(o.orders, ''), t.numbers) AS orders,
           concat_ws(', ', nullif(o.customers, ''), t.sites) AS customers, o.order_ids,
           p.loaded, p.loaded_g, w.staged + t.staged - CASE WHEN h.state IN ('open', 'loading') THEN p.loaded ELSE 0 END
               AS waiting, b.behind, o.to_come, p.last_loaded_at
    FROM shipping_load h JOIN locations_site s ON s.id = h.site_id JOIN platform_user u ON u.id = h.planned_by_id
    LEFT JOIN locations_location d ON d.id = h.door_id LEFT JOIN parties_party c ON c.id = h.carrier_id
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT x.stop_no) AS stops, coalesce(string_agg(DISTINCT r.number, ', '), '') AS orders,
               coalesce(string_agg(DISTINCT q.name, ', '), '') AS customers,
               coalesce(array_agg(r.id ORDER BY x.stop_no, r.id), ARRAY[]::bigint[]) AS order_ids,
               coalesce(sum((
                       SELECT sum(l.allocated_units + coalesce((
                           SELECT sum(v.units) FROM ledger_reservation v
                           JOIN ledger_cell e ON e.id = v.cell_id AND e.state = 'staged'
                           WHERE l.picked_units > 0 AND v.ref = 'sales.line:' || l.id
                             AND {with_picker("e.lpn_id", "l.order_id")}
                       ), 0)) FROM sales_orderline l WHERE l.order_id = r.id
                   )) FILTER (WHERE x.is_live), 0)::bigint AS to_come
        FROM shipping_loadorder x JOIN sales_order r ON r.id = x.order_id JOIN parties_party q ON q.id = r.customer_id
        WHERE x.load_id = h.id
    ) AS o
    CROSS JOIN LATERAL (
        SELECT count(*) AS loaded, coalesce(sum(y.weight_g), 0)::bigint AS loaded_g,
               max(y.loaded_at) AS last_loaded_at
        FROM shipping_loadedplate y WHERE y.load_id = h.id AND y.state <> 'off'
    ) AS p
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT (coalesce(k.pallet_id, e.lpn_id), CASE WHEN e.lpn_id = 0 THEN l.order_id END)) AS staged
        FROM shipping_loadorder x JOIN sales_orderline l ON l.order_id = x.order_id AND l.picked_units > 0
        JOIN ledger_reservation r ON r.ref = 'sales.line:' || l.id
        JOIN ledger_cell e ON e.id = r.cell_id AND e.state = 'staged'
        LEFT JOIN shipping_stackedcarton k ON k.carton_id = e.lpn_id AND k.is_on AND e.lpn_id > 0
        WHERE x.load_id = h.id AND x.is_live
          AND NOT {with_picker("e.lpn_id", "x.order_id")}
    ) AS w
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT x.stop_no) AS stops, string_agg(DISTINCT r.number, ', ') AS numbers,
               string_agg(DISTINCT q.name, ', ') AS sites,
               coalesce(sum((SELECT count(DISTINCT e.lpn_id) FROM ledger_reservation v
                             JOIN ledger_cell e ON e.id = v.cell_id WHERE v.ref = 'storage.transfer:' || r.id))
                        FILTER (WHERE x.is_live), 0)::bigint AS staged
        FROM shipping_loadtransfer x JOIN storage_transfer r ON r.id = x.transfer_id
        JOIN locations_site q ON q.id = r.to_site_id WHERE x.load_id = h.id
    ) AS t
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT (z.lpn_id, CASE WHEN z.lpn_id = 0 THEN z.order_id END,
                               CASE WHEN z.lpn_id = 0 THEN z.transfer_id END)) AS behind
        FROM shipping_loadbehind z WHERE z.load_id = h.id AND z.is_staged
    ) AS b
"""  # noqa: S608 - constant columns


def load_list(query: ListQuery) -> Page[LoadRow]:
    """Loads with how far they are. Two queries."""
    return sql_page(
        query,
        LoadRow,
        _LOADS,
        search=("number", "customers", "orders", "trailer", "carrier", "seal"),
        site_column="site_id",
    )


def loads(site_ids: frozenset[int], *, after_id: int = 0, limit: int) -> list[LoadRow]:
    """Loads with ids above `after_id`, for the API's cursor pages. One query."""
    rows = sql.fetch_all(
        _LOADS
        + """ WHERE h.id > %(after)s AND (0 = ANY(%(sites)s::bigint[]) OR h.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY h.id LIMIT %(limit)s""",
        {"sites": sorted(site_ids), "after": after_id, "limit": limit},
    )
    return [LoadRow(*row) for row in rows]


def live_loads(site_ids: frozenset[int], *, limit: int = 100) -> list[LoadRow]:
    """Trucks that are planned, at a door or closed and not gone, the soonest cut-off first. One query."""
    rows = sql.fetch_all(
        _LOADS
        + """ WHERE h.state IN ('open', 'loading', 'closed')
              AND (0 = ANY(%(sites)s::bigint[]) OR h.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY h.state <> 'loading', h.cut_off_at NULLS LAST, h.id LIMIT %(limit)s""",
        {"sites": sorted(site_ids), "limit": limit},
    )
    return [LoadRow(*row) for row in rows]


def access_load(load_id: int, site_ids: frozenset[int]) -> LoadRow:
    """The load, if it is at a site that the person may see. One query."""
    row = sql.fetch_one(_LOADS + " WHERE h.id = %s", (load_id,))
    if row is None or not (0 in site_ids or row[3] in site_ids):
        raise LoadNotFound("There is no such load.", fix="Open the list of loads.")
    return LoadRow(*row)


def at_door(site_id: int, door_id: int) -> LoadRow | None:
    """The truck at a door: the one that is loaded, else the one planned for it with the soonest cut-off. One query."""
    row = sql.fetch_one(
        _LOADS
        + """ WHERE h.site_id = %s AND h.door_id = %s AND h.state IN ('loading', 'open')
        ORDER BY h.state <> 'loading', h.cut_off_at NULLS LAST, h.id LIMIT 1""",
        (site_id, door_id),
    )
    return LoadRow(*row) if row else None


def trucks_to_load(site_id: int) -> int:
    """How many trucks stand at doors or are planned (0 = all sites). One query."""
    found: int = sql.fetch_value(
        "SELECT count(*) FROM shipping_load WHERE state IN ('open', 'loading') AND (%s = 0 OR site_id = %s)",
        (site_id, site_id),
    )
    return found


@dataclass(frozen=True, slots=True)
class LoadShipment:
    """A shipment that left with a load."""

    id: int
    number: str
    state: str
    stop_no: int
    customers: str
    units: int


def shipments_of(load_id: int) -> list[LoadShipment]:
    """The shipments of a load by stop. One query."""
    rows = sql.fetch_all(
        """
        SELECT h.id, h.number, h.state, coalesce(h.stop_no, 0),
               (SELECT coalesce(string_agg(DISTINCT p.name, ', '), '') FROM shipping_shipmentorder x
                JOIN sales_order o ON o.id = x.order_id JOIN parties_party p ON p.id = o.customer_id
                WHERE x.shipment_id = h.id),
               (SELECT coalesce(sum(l.units), 0)::bigint FROM shipping_shipmentline l WHERE l.shipment_id = h.id)
        FROM shipping_shipment h WHERE h.load_id = %s ORDER BY h.stop_no, h.id
        """,
        (load_id,),
    )
    return [LoadShipment(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class ToLoad:
    """An open order with staged goods, or a staged transfer, that no truck waits for: one of `order_id` and
    `transfer_id` is 0, and `id` is the row's key in the list. Either has the day on which it is to be there, if any."""

    id: int
    order_id: int
    transfer_id: int
    number: str
    customer: str
    address: str
    ship_by_on: date | None
    due_on: date | None
    plates: int
    units: int
    weight_g: int
    site_id: int
    site: str
    carrier: str


_TO_LOAD = f"""
    SELECT 2 * o.id AS id, o.id AS order_id, 0::bigint AS transfer_id, o.number, p.name AS customer,
           coalesce(concat_ws(', ', nullif(a.name, ''), nullif(a.city, '')), '') AS address, o.ship_by_on,
           o.requested_on AS due_on, t.plates, t.units, t.weight_g, o.site_id, s.name AS site,
           coalesce((SELECT f.name || ', ' || cs.name FROM carriers_choiceorder co
                     JOIN carriers_choice cc ON cc.id = co.choice_id
                     JOIN parties_carrierservice cs ON cs.id = cc.service_id
                     JOIN parties_party f ON f.id = cs.carrier_id
                     WHERE co.order_id = o.id AND co.is_latest), '') AS carrier
    FROM (
        SELECT l.order_id, count(DISTINCT coalesce(k.pallet_id, e.lpn_id)) AS plates, sum(r.units)::bigint AS units,
               coalesce(sum(r.units * w.weight_g), 0)::bigint AS weight_g
        FROM ledger_cell e JOIN ledger_reservation r ON r.cell_id = e.id AND r.ref LIKE 'sales.line:%%'
        JOIN sales_orderline l ON l.id = substr(r.ref, 12)::bigint
        LEFT JOIN shipping_stackedcarton k ON k.carton_id = e.lpn_id AND k.is_on AND e.lpn_id > 0
        LEFT JOIN catalog_packlevel w ON w.item_id = e.item_id AND w.level = 'each'
        WHERE e.state = 'staged' AND e.on_hand > 0
          AND NOT {with_picker("e.lpn_id", "l.order_id")}
        GROUP BY l.order_id
    ) AS t JOIN sales_order o ON o.id = t.order_id JOIN parties_party p ON p.id = o.customer_id
    JOIN locations_site s ON s.id = o.site_id LEFT JOIN parties_address a ON a.id = o.ship_to_id
    WHERE NOT EXISTS (SELECT FROM shipping_loadorder x WHERE x.order_id = o.id AND x.is_live)
    UNION ALL
    SELECT 2 * t.id + 1, 0, t.id, t.number, d.name, d.code, NULL, t.due_on, g.plates, g.units, g.weight_g, t.site_id,
           s.name, ''
    FROM storage_transfer t JOIN locations_site s ON s.id = t.site_id JOIN locations_site d ON d.id = t.to_site_id
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT e.lpn_id) AS plates, sum(r.units)::bigint AS units,
               coalesce(sum(r.units * w.weight_g), 0)::bigint AS weight_g
        FROM ledger_reservation r JOIN ledger_cell e ON e.id = r.cell_id
        LEFT JOIN catalog_packlevel w ON w.item_id = e.item_id AND w.level = 'each'
        WHERE r.ref = 'storage.transfer:' || t.id
    ) AS g
    WHERE t.state = 'staged' AND NOT EXISTS (
        SELECT FROM shipping_loadtransfer x WHERE x.transfer_id = t.id AND x.is_live)
"""  # noqa: S608 - constant columns


def to_load(query: ListQuery) -> Page[ToLoad]:
    """Orders with staged goods and staged transfers that no truck waits for. Two queries."""
    return sql_page(
        query,
        ToLoad,
        _TO_LOAD,
        search=("number", "customer", "address", "carrier"),
        totals={"plates": "sum(plates)", "units": "sum(units)"},
        site_column="site_id",
    )


def numbers_of(ids: Sequence[int]) -> list[str]:
    """The numbers of rows that wait for a truck (see ToLoad), in the order of the ids. One query."""
    rows = sql.fetch_all(
        """
        SELECT coalesce(o.number, t.number) FROM unnest(%s::bigint[]) WITH ORDINALITY AS w(id, n)
        LEFT JOIN sales_order o ON w.id %% 2 = 0 AND o.id = w.id / 2
        LEFT JOIN storage_transfer t ON w.id %% 2 = 1 AND t.id = w.id / 2
        WHERE o.id IS NOT NULL OR t.id IS NOT NULL ORDER BY w.n
        """,
        (list(ids),),
    )
    return [row[0] for row in rows]


def ids_of(numbers: Sequence[str]) -> dict[str, int]:
    """Orders by number; unknown ones are left out. One query."""
    return dict(sql.fetch_all("SELECT number, id FROM sales_order WHERE number = ANY(%s::text[])", (list(numbers),)))


def doors(site_id: int) -> list[tuple[int, str]]:
    """The dock doors of a site: (id, code). One query."""
    return sql.fetch_all(
        """
        SELECT id, code FROM locations_location WHERE site_id = %s AND kind = 'door' AND is_active
        ORDER BY pick_sequence, code LIMIT 200
        """,
        (site_id,),
    )


def code_of_party(party_id: int | None) -> str:
    """The code of a carrier; empty without one. One query."""
    return sql.fetch_value("SELECT code FROM parties_party WHERE id = %s", (party_id,)) or "" if party_id else ""


_LOOK_UP = numbered(
    "shipping_load",
    "s.code || ', ' || d.state",
    joins="JOIN locations_site s ON s.id = d.site_id",
    at=("site_id",),
)


def look_up_loads(text: str, sites: frozenset[int]) -> list[Found]:
    """Loads by number. One query."""
    return look_up(_LOOK_UP, text, sites=sites)
