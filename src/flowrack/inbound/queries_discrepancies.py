"""Reads of discrepancies: for commands, lists, records and the score of a supplier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class DiscrepancyRow:
    """A discrepancy in a list and on its page."""

    id: int
    number: str
    kind: str
    state: str
    responsible: str
    outcome: str
    site_id: int
    site: str
    supplier_id: int
    supplier: str
    item_id: int
    sku: str
    name: str
    units: int
    value: Decimal
    reason: str
    note: str
    lot: str
    lpn: str
    place: str
    po_id: int
    po_number: str
    receipt_id: int
    receipt_number: str
    asn_number: str
    posting_id: int
    photos: list[str]
    photo_count: int
    recorded_by: str
    recorded_at: datetime
    decided_by: str
    decided_at: datetime | None
    amount: Decimal
    document: str
    tolerance_id: int
    sent_units: int


# Names that nobody sorts or searches by are looked up for the rows shown: to join thirteen tables took the planner more
# time than all the rows.
DISCREPANCY = """
    SELECT d.id, d.number, d.kind, d.state, d.responsible, d.outcome, d.site_id, site.code AS site,
           coalesce(d.supplier_id, 0) AS supplier_id, coalesce(s.name, '') AS supplier,
           coalesce(d.item_id, 0) AS item_id,
           coalesce(i.sku, '') AS sku, coalesce(i.name, '') AS name, d.units, d.value, d.reason, d.note,
           coalesce((SELECT code FROM catalog_lot WHERE id = d.lot_id), '') AS lot, d.lpn,
           coalesce((SELECT code FROM locations_location WHERE id = d.location_id), '') AS place,
           coalesce(po.id, 0) AS po_id, coalesce(po.number, '') AS po_number,
           coalesce(d.receipt_id, 0) AS receipt_id,
           coalesce((SELECT number FROM inbound_receipt WHERE id = d.receipt_id), '') AS receipt_number,
           coalesce((SELECT n.number FROM dock_asnline x JOIN dock_asn n ON n.id = x.asn_id
                     WHERE x.id = d.asn_line_id), '') AS asn_number,
           d.posting_id, d.photos, cardinality(d.photos) AS photo_count,
           (SELECT full_name FROM platform_user WHERE id = d.recorded_by_id) AS recorded_by, d.recorded_at,
           coalesce((SELECT full_name FROM platform_user WHERE id = d.decided_by_id), '') AS decided_by, d.decided_at,
           d.amount, d.document, coalesce(d.tolerance_id, 0) AS tolerance_id, d.sent_units
    FROM inbound_discrepancy d
    JOIN locations_site site ON site.id = d.site_id
    LEFT JOIN parties_party s ON s.id = d.supplier_id
    LEFT JOIN catalog_item i ON i.id = d.item_id
    LEFT JOIN purchasing_poline pl ON pl.id = d.po_line_id
    LEFT JOIN purchasing_po po ON po.id = pl.po_id
"""


def discrepancy_page(query: ListQuery) -> Page[DiscrepancyRow]:
    """Discrepancies at the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        DiscrepancyRow,
        DISCREPANCY
        + """
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role role ON role.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, d.site_id) AND 'inbound.view' = ANY(role.permissions)
        )
        """,
        [query.actor_id],
        search=("number", "supplier", "sku", "po_number", "lpn", "document"),
        totals={"units": "sum(units)", "value": "sum(value)", "amount": "sum(amount)"},
        site_column="site_id",
    )


def discrepancies(
    *,
    site_ids: Sequence[int],
    state: str = "",
    kind: str = "",
    supplier_id: int = 0,
    before: int | None = None,
    limit: int = 50,
) -> list[DiscrepancyRow]:
    """Discrepancies at sites (0 = all), newest first, from the id `before` on. One query."""
    rows = sql.fetch_all(
        DISCREPANCY
        + """
        WHERE (0 = ANY(%s::bigint[]) OR d.site_id = ANY(%s::bigint[])) AND (%s = '' OR d.state = %s)
          AND (%s = '' OR d.kind = %s) AND (%s = 0 OR d.supplier_id = %s)
          AND (%s::bigint IS NULL OR d.id < %s::bigint)
        ORDER BY d.id DESC LIMIT %s
        """,
        (
            list(site_ids),
            list(site_ids),
            state,
            state,
            kind,
            kind,
            supplier_id,
            supplier_id,
            before,
            before,
            limit,
        ),
    )
    return [DiscrepancyRow(*row) for row in rows]


def of_receipt(receipt_id: int, *, limit: int) -> list[DiscrepancyRow]:
    """The discrepancies of a receipt, newest first. One query."""
    rows = sql.fetch_all(DISCREPANCY + " WHERE d.receipt_id = %s ORDER BY d.id DESC LIMIT %s", (receipt_id, limit))
    return [DiscrepancyRow(*row) for row in rows]


def count_of_receipt(receipt_id: int) -> int:
    """How many discrepancies a receipt has. One query."""
    return int(sql.fetch_value("SELECT count(*) FROM inbound_discrepancy WHERE receipt_id = %s", (receipt_id,)))


def discrepancy(discrepancy_id: int) -> DiscrepancyRow:
    """One discrepancy. One query. Refuses with NotFound."""
    row = sql.fetch_one(DISCREPANCY + " WHERE d.id = %s", (discrepancy_id,))
    if row is None:
        raise NotFound(f"There is no discrepancy with id {discrepancy_id}.")
    return DiscrepancyRow(*row)


def access(discrepancy_id: int, site_ids: frozenset[int]) -> DiscrepancyRow:
    """The discrepancy, if it is at a site that the person may see (0 = all). One query."""
    found = discrepancy(discrepancy_id)
    if 0 not in site_ids and found.site_id not in site_ids:
        raise NotFound(f"There is no discrepancy with id {discrepancy_id}.")
    return found


@dataclass(frozen=True, slots=True)
class SupplierScore:
    """What a supplier's deliveries were like: units that came, and units that were not as expected by its fault."""

    received_units: int
    short_units: int
    defect_units: int
    discrepancy_count: int
    amount: Decimal

    @property
    def defect_ppm(self) -> int:
        """Defective units in a million that came; 0 when nothing came."""
        return self.defect_units * 1_000_000 // self.received_units if self.received_units else 0


def supplier_score(supplier_id: int, *, now: datetime, days: int = 90) -> SupplierScore:
    """The last days of a supplier; what the carrier broke is left out. One query."""
    since = now - timedelta(days=days)
    row = sql.fetch_one(
        """
        SELECT (SELECT coalesce(sum(l.units), 0)::bigint FROM inbound_receiptline l
                JOIN inbound_receipt r ON r.id = l.receipt_id
                WHERE r.supplier_id = %s AND l.taken_back_at IS NULL AND l.received_at >= %s),
               coalesce(sum(d.units) FILTER (WHERE d.kind = 'short'), 0)::bigint,
               coalesce(sum(d.units) FILTER (WHERE d.kind IN ('damaged', 'wrong_item', 'expired', 'short_dated')),
                        0)::bigint,
               count(d.id), coalesce(sum(d.amount), 0)
        FROM inbound_discrepancy d
        WHERE d.supplier_id = %s AND d.responsible = 'supplier' AND d.state <> 'withdrawn' AND d.recorded_at >= %s
        """,
        (supplier_id, since, supplier_id, since),
    )
    assert row is not None
    return SupplierScore(*row)


def present_costs(item_ids: Sequence[int], site_id: int) -> dict[int, Decimal]:
    """What a unit of each item is worth at a site until an order says its price: its standard cost where it is costed
    so, else what stock there is (or last was) worth a unit, else the standard cost, else the price ordered last, else
    nothing. One query."""
    return dict(
        sql.fetch_all(
            """
            SELECT i.id, coalesce(CASE WHEN i.costing = 'standard' THEN i.standard_cost END, b.value / b.units,
                                  b.unit_cost, i.standard_cost, ordered.unit_cost, 0)
            FROM catalog_item i
            CROSS JOIN LATERAL (
                SELECT nullif(sum(k.units), 0) AS units, sum(k.value) AS value,
                       nullif(max(k.unit_cost), 0) AS unit_cost
                FROM ledger_book k WHERE k.item_id = i.id AND k.site_id = %s AND k.account = 'inventory'
            ) AS b
            LEFT JOIN LATERAL (
                SELECT l.unit_cost FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id
                WHERE l.item_id = i.id AND po.approved_at IS NOT NULL ORDER BY l.id DESC LIMIT 1
            ) AS ordered ON true
            WHERE i.id = ANY(%s::bigint[])
            """,
            (site_id, list(item_ids)),
        )
    )


def blind_posting(posting_id: int) -> int:
    """The site of a posting that brought goods without an order; 0 for any other. One query."""
    return int(
        sql.fetch_value(
            """
            SELECT site_id FROM inbound_discrepancy
            WHERE posting_id = %s AND kind = 'no_po' AND receipt_line_id IS NULL AND state = 'open' LIMIT 1
            """,
            (posting_id,),
        )
        or 0
    )


def short_of_po_lines(po_line_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(Units that may be missing, units on record as short) of each PO line. One query."""
    return {
        row[0]: (row[1], row[2])
        for row in sql.fetch_all(
            """
            SELECT l.id, l.under_units, coalesce(sum(d.units), 0)::bigint
            FROM purchasing_poline l
            LEFT JOIN inbound_discrepancy d ON d.po_line_id = l.id AND d.kind = 'short' AND d.state <> 'withdrawn'
            WHERE l.id = ANY(%s::bigint[]) GROUP BY l.id
            """,
            (list(po_line_ids),),
        )
    }


@dataclass(frozen=True, slots=True)
class BlindStock:
    """Goods in quarantine because no order was known for them; `together` lines came with the same posting."""

    discrepancy_id: int
    number: str
    state: str
    site_id: int
    supplier_id: int
    posting_id: int
    location_id: int
    item_id: int
    lot: str
    expires_on: date | None
    lpn: str
    units: int
    together: int


def blind_stock(discrepancy_id: int) -> BlindStock:
    """The goods behind a discrepancy of kind no_po. One query. Refuses with NotFound."""
    row = sql.fetch_one(
        """
        SELECT d.id, d.number, d.state, d.site_id, coalesce(d.supplier_id, 0), d.posting_id,
               coalesce(d.location_id, 0), d.item_id, coalesce(l.code, ''), l.expires_on, d.lpn, d.units,
               (SELECT count(*) FROM inbound_discrepancy o WHERE o.posting_id = d.posting_id AND o.kind = 'no_po')
        FROM inbound_discrepancy d LEFT JOIN catalog_lot l ON l.id = d.lot_id
        WHERE d.id = %s AND d.kind = 'no_po' AND d.posting_id > 0
        """,
        (discrepancy_id,),
    )
    if row is None:
        raise NotFound("No goods without an order are waiting under this number.")
    return BlindStock(*row)


@dataclass(frozen=True, slots=True)
class PoLineFacts:
    """What a discrepancy takes from a PO line: whose it is and what a unit costs."""

    po_line_id: int
    site_id: int
    supplier_id: int
    item_id: int
    unit_cost: Decimal


def po_line_facts(po_line_id: int) -> PoLineFacts:
    """A PO line. One query. Refuses with NotFound."""
    row = sql.fetch_one(
        """
        SELECT l.id, po.site_id, po.supplier_id, l.item_id, l.unit_cost
        FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id WHERE l.id = %s
        """,
        (po_line_id,),
    )
    if row is None:
        raise NotFound(f"There is no PO line with id {po_line_id}.")
    return PoLineFacts(*row)


def newest_of(posting_ids: Sequence[int]) -> int:
    """The newest discrepancy of some postings; 0 if none. One query."""
    return int(
        sql.fetch_value(
            "SELECT max(id) FROM inbound_discrepancy WHERE posting_id = ANY(%s::bigint[])", (list(posting_ids),)
        )
        or 0
    )
