"""Reads for packing that is proved: rules, what a carton should weigh, and its label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.fulfilment import rules_packing
from flowrack.fulfilment.rules_packing import Inside
from flowrack.fulfilment.types import PackLine
from flowrack.fulfilment.types_packing import CARTON, CartonNotFound, CartonWeighed
from flowrack.labels import queries_prints as prints
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.refs import ref


@dataclass(frozen=True, slots=True)
class PackRuleRow:
    """A rule in words."""

    site_id: int
    site: str
    customer: str
    tolerance_permille: int
    least_g: int
    must_weigh: bool
    must_check: bool
    prints_slip: bool
    unchecked_reason: str


def pack_rules() -> list[PackRuleRow]:
    """All rules, the general ones first. One query."""
    rows = sql.fetch_all(
        """
        SELECT coalesce(r.site_id, 0), coalesce(s.code, ''), coalesce(p.code, ''), r.tolerance_permille, r.least_g,
               r.must_weigh, r.must_check, r.prints_slip, r.unchecked_reason
        FROM fulfilment_packrule r LEFT JOIN locations_site s ON s.id = r.site_id
        LEFT JOIN parties_party p ON p.id = r.customer_id ORDER BY p.code NULLS FIRST, s.code NULLS FIRST
        """
    )
    return [PackRuleRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class PackRuleNow:
    """The rule that holds for an order; without one what goes into a carton is checked, and nothing more is asked."""

    tolerance_permille: int = 20
    least_g: int = 10
    must_weigh: bool = False
    must_check: bool = True
    prints_slip: bool = False


def rules_of(order_ids: Iterable[int]) -> dict[int, PackRuleNow]:
    """The rule of each order: its customer's at its site, then the customer's, the site's, the house's. One query."""
    asked = sorted(set(order_ids))
    rows = sql.fetch_all(
        """
        SELECT o.id, r.tolerance_permille, r.least_g, r.must_weigh, r.must_check, r.prints_slip
        FROM sales_order o CROSS JOIN LATERAL (
            SELECT * FROM fulfilment_packrule r
            WHERE (r.site_id IS NULL OR r.site_id = o.site_id)
              AND (r.customer_id IS NULL OR r.customer_id = o.customer_id)
            ORDER BY r.customer_id NULLS LAST, r.site_id NULLS LAST LIMIT 1
        ) AS r WHERE o.id = ANY(%s::bigint[])
        """,
        (asked,),
    )
    found = {order_id: PackRuleNow(*rule) for order_id, *rule in rows}
    return {order_id: found.get(order_id, PackRuleNow()) for order_id in asked}


def to_check(order_ids: Iterable[int]) -> dict[int, list[PackLine]]:
    """What there is to check of each order before a carton takes it: staged, and in no carton. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.order_id, l.id, r.units, e.lot_id, e.lpn_id
        FROM sales_orderline l JOIN ledger_reservation r ON r.ref = 'sales.line:' || l.id
        JOIN ledger_cell e ON e.id = r.cell_id AND e.state = 'staged'
        WHERE l.order_id = ANY(%s::bigint[])
          AND NOT EXISTS (SELECT FROM fulfilment_carton k WHERE k.lpn_id = e.lpn_id AND k.state = 'packed')
        ORDER BY l.order_id, l.line_no, e.id
        """,
        (sorted(set(order_ids)),),
    )
    found: dict[int, list[PackLine]] = {}
    for order_id, *line in rows:
        found.setdefault(order_id, []).append(PackLine(*line))
    return found


def inside_of(contents: Sequence[Mapping[int, int]]) -> list[list[Inside]]:
    """The units by item of each carton, with weights and room. One query, none for no units."""
    flat = [(n, item_id, units) for n, held in enumerate(contents) for item_id, units in held.items()]
    found: list[list[Inside]] = [[] for _ in contents]
    if not flat:
        return found
    rows = sql.fetch_all(
        """
        SELECT x.n, x.units, coalesce(e.weight_g, 0), coalesce(e.length_mm::bigint * e.width_mm * e.height_mm, 0),
               coalesce(c.factor, 0), coalesce(c.weight_g, 0)
        FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) AS x(n, item_id, units)
        LEFT JOIN catalog_packlevel e ON e.item_id = x.item_id AND e.level = 'each'
        LEFT JOIN catalog_packlevel c ON c.item_id = x.item_id AND c.level = 'case'
        """,
        tuple(list(column) for column in zip(*flat, strict=True)),
    )
    for n, *row in rows:
        found[n].append(Inside(*row))
    return found


def inside(carton_id: int) -> tuple[list[Inside], int | None]:
    """What is in a carton, and the tare of the carton; None without a carton type. Three queries."""
    held = sql.fetch_all("SELECT item_id, units FROM fulfilment_cartonline WHERE carton_id = %s", (carton_id,))
    units: dict[int, int] = {}
    for item_id, many in held:
        units[item_id] = units.get(item_id, 0) + many
    tare = sql.fetch_value(
        """
        SELECT t.tare_g FROM fulfilment_carton k JOIN fulfilment_cartontype t ON t.id = k.carton_type_id
        WHERE k.id = %s
        """,
        (carton_id,),
    )
    return inside_of([units])[0], tare


def judged(carton_id: int, order_id: int, weight_g: int) -> CartonWeighed:
    """A weight beside what a carton should weigh. Three queries and those of the rules."""
    rule, expected = rules_of([order_id])[order_id], rules_packing.expected_g(*inside(carton_id))
    tolerance = 0
    if expected is not None:
        tolerance = rules_packing.tolerance_g(expected, permille=rule.tolerance_permille, least_g=rule.least_g)
    state = rules_packing.judge(expected, weight_g, tolerance)
    return CartonWeighed(carton_id, weight_g, expected, tolerance, state)


Whereabouts = Callable[[Sequence[str]], dict[str, str]]
_whereabouts: list[Whereabouts] = []


def register_whereabouts(tells: Whereabouts) -> None:
    """Make known who knows on what cartons (by SSCC) went already: "on LD-1001 at door D1"; on nothing: left out."""
    _whereabouts.append(tells)


def went_onto(codes: Sequence[str]) -> dict[str, str]:
    """On which truck cartons stand already, in words; those on none are left out. One query."""
    found: dict[str, str] = {}
    for tells in _whereabouts:
        found |= tells(codes)
    return found


@dataclass(frozen=True, slots=True)
class CartonNow:
    """A carton as it is proved so far: its last weighing and its last label since its content changed.

    A label by the spec of another carrier than the one that takes it now counts as none.
    """

    id: int
    sscc: str
    order_id: int
    order: str
    customer: str
    site_id: int
    state: str
    changed_at: datetime
    weight_state: str
    weight_g: int
    expected_g: int | None
    print_id: int
    must_scan: bool
    scanned_at: datetime | None

    @property
    def is_labelled(self) -> bool:
        """Whether its label counts: printed, and scanned where that is asked."""
        return bool(self.print_id) and (self.scanned_at is not None or not self.must_scan)


_NOW = """
    SELECT k.id, k.sscc, k.order_id, o.number, p.name, k.site_id, k.state, k.changed_at, coalesce(w.state, ''),
           coalesce(w.weight_g, 0), w.expected_g, CASE WHEN l.fits THEN l.id ELSE 0 END,
           coalesce(l.is_scanned, false), l.scanned_at
    FROM fulfilment_carton k JOIN sales_order o ON o.id = k.order_id JOIN parties_party p ON p.id = o.customer_id
    LEFT JOIN carriers_choiceorder co ON co.order_id = o.id AND co.is_latest
    LEFT JOIN carriers_choice cc ON cc.id = co.choice_id LEFT JOIN parties_carrierservice cs ON cs.id = cc.service_id
    LEFT JOIN LATERAL (
        SELECT * FROM fulfilment_cartonweighing w WHERE w.carton_id = k.id AND w.weighed_at >= k.changed_at
        ORDER BY w.id DESC LIMIT 1
    ) AS w ON true
    LEFT JOIN LATERAL (
        SELECT l.id, l.scanned_at, v.is_scanned, s.carrier_id IS NULL OR s.carrier_id = cs.carrier_id AS fits
        FROM labels_labelprint l JOIN labels_labelspecversion v ON v.id = l.version_id
        JOIN labels_labelspec s ON s.id = v.spec_id
        WHERE l.subject = 'fulfilment.carton:' || k.id AND l.kind = 'carton' AND l.printed_at >= k.changed_at
        ORDER BY l.id DESC LIMIT 1
    ) AS l ON true
"""


def cartons_now(carton_ids: Iterable[int]) -> dict[int, CartonNow]:
    """Cartons by id, as they are proved so far. One query."""
    rows = sql.fetch_all(_NOW + " WHERE k.id = ANY(%s::bigint[])", (sorted(set(carton_ids)),))
    return {row[0]: CartonNow(*row) for row in rows}


def cartons_of_orders(order_ids: Iterable[int]) -> list[CartonNow]:
    """The closed cartons of orders, as they are proved so far. One query."""
    which = " WHERE k.order_id = ANY(%s::bigint[]) AND k.state = 'packed' ORDER BY k.id"
    return [CartonNow(*row) for row in sql.fetch_all(_NOW + which, (sorted(set(order_ids)),))]


def orders_of(carton_ids: Iterable[int]) -> list[int]:
    """Whose these cartons are; a carton never changes its order. One query."""
    rows = sql.fetch_all(
        "SELECT DISTINCT order_id FROM fulfilment_carton WHERE id = ANY(%s::bigint[]) ORDER BY 1",
        (sorted(set(carton_ids)),),
    )
    return [row[0] for row in rows]


def is_plate_empty(lpn_id: int) -> bool:
    """Whether nothing stands on a plate, wherever it is. One query."""
    return not sql.fetch_value("SELECT EXISTS (SELECT FROM ledger_cell WHERE lpn_id = %s AND on_hand > 0)", (lpn_id,))


def carton_by_sscc(sscc: str) -> CartonNow | None:
    """The carton with this SSCC. One query."""
    row = sql.fetch_one(_NOW + " WHERE k.sscc = %s", (sscc,))
    return CartonNow(*row) if row else None


def owners_of(item_id: int, site_id: int, *, but: int) -> list[str]:
    """Other orders whose picked, unpacked goods of this item stand staged at the site. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT o.number, p.name
        FROM ledger_cell e JOIN ledger_reservation r ON r.cell_id = e.id AND r.ref LIKE 'sales.line:%%'
        JOIN sales_orderline l ON l.id = split_part(r.ref, ':', 2)::bigint
        JOIN sales_order o ON o.id = l.order_id JOIN parties_party p ON p.id = o.customer_id
        WHERE e.item_id = %s AND e.site_id = %s AND e.state = 'staged' AND e.on_hand > 0 AND o.id <> %s
          AND NOT EXISTS (SELECT FROM fulfilment_carton k WHERE k.lpn_id = e.lpn_id AND k.state = 'packed')
        ORDER BY 1 LIMIT 4
        """,
        (item_id, site_id, but),
    )
    return [f"{number} ({who})" for number, who in rows]


def prints_of(carton_id: int) -> list[prints.PrintRow]:
    """The labels that were printed of a carton, the newest first. One query."""
    subject = ref(CARTON, carton_id)
    return prints.prints_of([subject], "carton").get(subject, [])


def known_sites() -> dict[int, str]:
    """All sites, id and code. One query."""
    return dict(sql.fetch_all("SELECT id, code FROM locations_site"))


@dataclass(frozen=True, slots=True)
class CartonRow:
    """A carton in a list: planned and taken, full, heavy and labelled."""

    id: int
    sscc: str
    order_id: int
    order: str
    customer: str
    site_id: int
    site: str
    state: str
    carton_type: str
    planned_type: str
    filled: int | None
    weight_g: int
    expected_g: int | None
    weight_state: str
    checked: str
    label: str
    packed_by: str
    packed_at: datetime


_LIST = """
    SELECT k.id, k.sscc, k.order_id, o.number AS order, p.name AS customer, k.site_id, s.code AS site, k.state,
           coalesce(t.code, '') AS carton_type, coalesce(q.code, '') AS planned_type, k.filled, k.weight_g,
           w.expected_g,
           coalesce(w.state, '') AS weight_state, k.checked,
           CASE WHEN l.id IS NULL THEN 'not printed' WHEN NOT coalesce(l.fits, false) THEN 'of another carrier'
                WHEN l.scanned_at IS NOT NULL THEN 'scanned'
                WHEN l.is_scanned THEN 'not scanned' ELSE 'printed' END AS label,
           u.full_name AS packed_by, k.packed_at
    FROM fulfilment_carton k JOIN sales_order o ON o.id = k.order_id JOIN parties_party p ON p.id = o.customer_id
    JOIN locations_site s ON s.id = k.site_id JOIN platform_user u ON u.id = k.packed_by_id
    LEFT JOIN fulfilment_cartontype t ON t.id = k.carton_type_id
    LEFT JOIN fulfilment_cartontype q ON q.id = k.planned_type_id
    LEFT JOIN carriers_choiceorder co ON co.order_id = o.id AND co.is_latest
    LEFT JOIN carriers_choice cc ON cc.id = co.choice_id LEFT JOIN parties_carrierservice cs ON cs.id = cc.service_id
    LEFT JOIN LATERAL (
        SELECT w.state, w.expected_g FROM fulfilment_cartonweighing w
        WHERE w.carton_id = k.id AND w.weighed_at >= k.changed_at ORDER BY w.id DESC LIMIT 1
    ) AS w ON true
    LEFT JOIN LATERAL (
        SELECT l.id, l.scanned_at, v.is_scanned, s.carrier_id IS NULL OR s.carrier_id = cs.carrier_id AS fits
        FROM labels_labelprint l JOIN labels_labelspecversion v ON v.id = l.version_id
        JOIN labels_labelspec s ON s.id = v.spec_id
        WHERE l.subject = 'fulfilment.carton:' || k.id AND l.kind = 'carton' AND l.printed_at >= k.changed_at
        ORDER BY l.id DESC LIMIT 1
    ) AS l ON true
"""


def carton_list(query: ListQuery) -> Page[CartonRow]:
    """Cartons at the viewer's sites. Two queries."""
    return sql_page(
        query, CartonRow, _LIST, search=("sscc", "order", "customer"), site_column="site_id", only_shown=True
    )


def access_carton(carton_id: int, site_ids: frozenset[int]) -> CartonRow:
    """One carton at a site that the person may see. One query. Refuses with CartonNotFound."""
    row = sql.fetch_one(_LIST + " WHERE k.id = %s", (carton_id,))
    found = CartonRow(*row) if row else None
    if found is None or not (0 in site_ids or found.site_id in site_ids):
        raise CartonNotFound("There is no such carton.", fix="Open the order and look at its cartons.")
    return found


@dataclass(frozen=True, slots=True)
class InCartonRow:
    """Units of an order line in a carton."""

    line_id: int
    lot_id: int
    line_no: int
    sku: str
    name: str
    lot: str
    units: int


def content_of(carton_id: int) -> list[InCartonRow]:
    """What is in a carton. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.order_line_id, l.lot_id, o.line_no, i.sku, i.name, t.code, sum(l.units)::bigint
        FROM fulfilment_cartonline l JOIN sales_orderline o ON o.id = l.order_line_id
        JOIN catalog_item i ON i.id = l.item_id JOIN catalog_lot t ON t.id = l.lot_id
        WHERE l.carton_id = %s GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 3, 4, 6
        """,
        (carton_id,),
    )
    return [InCartonRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class WeighingRow:
    """One weighing."""

    weighed_at: datetime
    weight_g: int
    expected_g: int | None
    tolerance_g: int
    state: str
    reason: str
    photo: str
    weighed_by: str


def weighings_of(carton_id: int) -> list[WeighingRow]:
    """All weighings of a carton, the newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.weighed_at, w.weight_g, w.expected_g, w.tolerance_g, w.state, w.reason, w.photo, u.full_name
        FROM fulfilment_cartonweighing w JOIN platform_user u ON u.id = w.weighed_by_id
        WHERE w.carton_id = %s ORDER BY w.id DESC LIMIT 50
        """,
        (carton_id,),
    )
    return [WeighingRow(*row) for row in rows]
