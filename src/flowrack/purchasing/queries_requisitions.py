"""Reads of requisitions: what one is checked against, lists and records, and which order covers which line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from flowrack.platform import sql
from flowrack.purchasing import queries, queries_offers, queries_orders
from flowrack.purchasing.queries_cover import ORDERED_UNITS
from flowrack.purchasing.queries_offers import Offer, OfferKey
from flowrack.purchasing.queries_orders import ItemFacts
from flowrack.purchasing.rules_agreements import price_of
from flowrack.purchasing.types_requisitions import NewRequisition, NewRequisitionLine
from flowrack.shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class RequisitionFacts:
    """Everything that new requisitions are checked against."""

    today: dict[int, date]
    items: dict[int, ItemFacts]
    suppliers: frozenset[int]
    offers: dict[OfferKey, Offer]

    def until(self, site_id: int, line: NewRequisitionLine) -> date:
        """The day until which what comes covers the line: when it is wanted, plus the lead time."""
        return line.wanted_on + timedelta(days=self.offers[line.supplier_id, site_id, line.item_id].lead_days)

    def cost_of(self, site_id: int, line: NewRequisitionLine) -> Decimal | None:
        """What a unit should cost: by agreement with the supplier (else the preferred one), else by his list, else the
        standard cost."""
        priced = price_of(
            self.offers[line.supplier_id, site_id, line.item_id].terms,
            units=line.units,
            typed=None,
            standard_cost=self.items[line.item_id].standard_cost,
        )
        return priced.unit_cost if priced else None


def facts(wanted: Sequence[NewRequisition], *, now: datetime) -> RequisitionFacts:
    """Sites, items, suppliers, lead times and costs of new requisitions. Six queries."""
    asked = [(x.supplier_id, one.site_id, x.item_id) for one in wanted for x in one.lines]
    today = queries.business_days(sorted({one.site_id for one in wanted}), now=now)
    return RequisitionFacts(
        today=today,
        items=queries_orders.item_facts(sorted({item for _, _, item in asked})),
        suppliers=frozenset(
            row[0]
            for row in sql.fetch_all(
                "SELECT id FROM parties_party WHERE id = ANY(%s::bigint[]) AND is_supplier AND is_active",
                (sorted({supplier for supplier, _, _ in asked if supplier is not None}),),
            )
        ),
        offers=queries_offers.offers(asked, today=today),
    )


@dataclass(frozen=True, slots=True)
class RequisitionRow:
    """A requisition in a list."""

    id: int
    number: str
    state: str
    site_id: int
    site: str
    reason: str
    requested_by: str
    requested_by_id: int
    requested_at: datetime
    wanted_on: date
    line_count: int
    units: int
    ordered_units: int
    open_units: int
    total: Decimal
    version: int
    end_reason: str


REQUISITION_ROW = f"""
    SELECT r.id, r.number, r.state, r.site_id, site.code AS site, r.reason, u.full_name AS requested_by,
           r.requested_by_id, r.requested_at, x.wanted_on, x.line_count, x.units, x.ordered AS ordered_units,
           x.open AS open_units, x.total, r.version, r.end_reason
    FROM purchasing_requisition r
    JOIN locations_site site ON site.id = r.site_id
    JOIN platform_user u ON u.id = r.requested_by_id
    CROSS JOIN LATERAL (
        SELECT min(l.wanted_on) AS wanted_on, count(*) AS line_count, sum(l.units)::bigint AS units,
               sum(o.units)::bigint AS ordered, sum(greatest(l.units - o.units, 0))::bigint AS open,
               coalesce(sum(round(l.units * l.unit_cost, 2)), 0) AS total
        FROM purchasing_requisitionline l CROSS JOIN LATERAL (SELECT {ORDERED_UNITS} AS units) AS o
        WHERE l.requisition_id = r.id
    ) AS x
"""  # noqa: S608 (a constant)


def requisitions(
    *, site_ids: Sequence[int], states: Sequence[str] = (), after: int = 0, limit: int = 50
) -> list[RequisitionRow]:
    """Requisitions of sites (0 = all) in order of id. One query."""
    rows = sql.fetch_all(
        REQUISITION_ROW
        + """
        WHERE (0 = ANY(%s::bigint[]) OR r.site_id = ANY(%s::bigint[]))
          AND (%s::text[] = '{}' OR r.state = ANY(%s::text[])) AND r.id > %s
        ORDER BY r.id LIMIT %s
        """,
        (list(site_ids), list(site_ids), list(states), list(states), after, limit),
    )
    return [RequisitionRow(*row) for row in rows]


def heads(requisition_ids: Sequence[int]) -> list[RequisitionRow]:
    """Requisitions by id. One query."""
    rows = sql.fetch_all(REQUISITION_ROW + " WHERE r.id = ANY(%s) ORDER BY r.id", (list(requisition_ids),))
    return [RequisitionRow(*row) for row in rows]


def never_bought(item_ids: Sequence[int]) -> frozenset[int]:
    """Those items of which no PO line was ever approved. One query."""
    rows = sql.fetch_all(
        """
        SELECT a.item FROM unnest(%s::bigint[]) AS a(item)
        WHERE NOT EXISTS (SELECT FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id
                          WHERE l.item_id = a.item AND po.approved_at IS NOT NULL)
        """,
        (sorted(set(item_ids)),),
    )
    return frozenset(row[0] for row in rows)


@dataclass(frozen=True, slots=True)
class RequisitionLineRow:
    """A line of a requisition, and how much of it is ordered."""

    line_id: int
    line_no: int
    item_id: int
    sku: str
    name: str
    units: int
    wanted_on: date
    supplier_id: int
    supplier_code: str
    supplier: str
    unit_cost: Decimal | None
    ordered_units: int
    open_units: int
    requisition_id: int
    number: str
    state: str
    site_id: int
    announced_units: int


LINE_ROW = f"""
    SELECT l.id, l.line_no, l.item_id, i.sku, i.name, l.units, l.wanted_on, coalesce(l.supplier_id, 0),
           coalesce(s.code, ''), coalesce(s.name, ''), l.unit_cost, o.units, greatest(l.units - o.units, 0),
           r.id, r.number, r.state, r.site_id, l.announced_units
    FROM purchasing_requisitionline l
    JOIN purchasing_requisition r ON r.id = l.requisition_id
    JOIN catalog_item i ON i.id = l.item_id
    LEFT JOIN parties_party s ON s.id = l.supplier_id
    CROSS JOIN LATERAL (SELECT {ORDERED_UNITS} AS units) AS o
"""  # noqa: S608 (a constant)


def lines_of(requisition_ids: Sequence[int]) -> list[RequisitionLineRow]:
    """The lines of requisitions, in order. One query."""
    rows = sql.fetch_all(
        LINE_ROW + " WHERE r.id = ANY(%s) ORDER BY r.id, l.line_no",
        (list(requisition_ids),),
    )
    return [RequisitionLineRow(*row) for row in rows]


def lines(line_ids: Sequence[int]) -> dict[int, RequisitionLineRow]:
    """Requisition lines by id; unknown ones are left out. One query."""
    rows = sql.fetch_all(LINE_ROW + " WHERE l.id = ANY(%s)", (list(line_ids),))
    return {row[0]: RequisitionLineRow(*row) for row in rows}


@dataclass(frozen=True, slots=True)
class OrderOfLine:
    """The PO line that orders (part of) a requisition line."""

    requisition_line_id: int
    requisition_id: int
    requisition: str
    requested_by: str
    line_no: int
    sku: str
    po_id: int
    po: str
    po_state: str
    supplier: str
    due_on: date
    units: int
    received_units: int
    po_line_no: int


def orders_of(*, requisition_id: int = 0, po_id: int = 0) -> list[OrderOfLine]:
    """What orders the lines of a requisition, or what the lines of a PO are ordered for. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, r.id, r.number, u.full_name, l.line_no, i.sku, po.id, po.number, po.state, s.name, po.due_on,
               pl.units, pl.received_units, pl.line_no
        FROM purchasing_requisitionorder ro
        JOIN purchasing_requisitionline l ON l.id = ro.requisition_line_id
        JOIN purchasing_requisition r ON r.id = l.requisition_id
        JOIN platform_user u ON u.id = r.requested_by_id
        JOIN purchasing_poline pl ON pl.id = ro.po_line_id
        JOIN purchasing_po po ON po.id = pl.po_id
        JOIN parties_party s ON s.id = po.supplier_id
        JOIN catalog_item i ON i.id = l.item_id
        WHERE (%s = 0 OR r.id = %s) AND (%s = 0 OR po.id = %s)
        ORDER BY r.id, l.line_no, po.id, pl.line_no
        """,
        (requisition_id, requisition_id, po_id, po_id),
    )
    return [OrderOfLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class RequisitionRecord:
    """A requisition with its lines and what orders them."""

    head: RequisitionRow
    lines: list[RequisitionLineRow]
    orders: list[OrderOfLine]


def requisition(requisition_id: int, site_ids: frozenset[int]) -> RequisitionRecord:
    """One requisition, if it is at a site that the person may see (0 = all). Three queries. Refuses with NotFound."""
    row = sql.fetch_one(REQUISITION_ROW + " WHERE r.id = %s", (requisition_id,))
    if row is None or not ({0, row[3]} & site_ids):
        raise NotFound(f"There is no requisition with id {requisition_id}.")
    return RequisitionRecord(RequisitionRow(*row), lines_of([requisition_id]), orders_of(requisition_id=requisition_id))


def ordering(po_ids: Sequence[int]) -> list[int]:
    """The requisitions that lines of these POs order. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT l.requisition_id FROM purchasing_poline pl
        JOIN purchasing_requisitionorder ro ON ro.po_line_id = pl.id
        JOIN purchasing_requisitionline l ON l.id = ro.requisition_line_id WHERE pl.po_id = ANY(%s) ORDER BY 1
        """,
        (list(po_ids),),
    )
    return [row[0] for row in rows]


def ordered_for(po_line_ids: Collection[int]) -> set[tuple[int, int]]:
    """The requisitions, and the items of them, that PO lines order. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT l.requisition_id, l.item_id FROM purchasing_requisitionorder ro
        JOIN purchasing_requisitionline l ON l.id = ro.requisition_line_id WHERE ro.po_line_id = ANY(%s::bigint[])
        """,
        (list(po_line_ids),),
    )
    return {(row[0], row[1]) for row in rows}
