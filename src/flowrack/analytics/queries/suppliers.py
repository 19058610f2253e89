"""How suppliers kept their word, from purchase orders, receipts, goods sent back, agreements and ASNs.

A period is two days, both included, of the days on which lines were promised. Every line of an approved PO promised in
the period is one row with a verdict; all figures of a supplier are sums over these rows, so that each number can be
opened. The formulas are those of docs/stages/analytics.md.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flowrack.analytics.rules import Ratio, ratio
from flowrack.analytics.rules_suppliers import FEW_LINES, Spread, Window, ppm, price_variance, spread
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page

HOUSE_WINDOW = Window()
NAMED = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose lines: promised from `start` to `end`, at a site (0 = all), of a supplier (0 = all), as `today` sees it."""

    start: date
    end: date
    today: date
    window: Window = HOUSE_WINDOW
    site_id: int = 0
    supplier_id: int = 0

    @property
    def params(self) -> dict[str, Any]:
        """What LINES needs."""
        early = self.window.early_days
        return {
            "start": self.start, "end": self.end, "today": self.today, "site": self.site_id,
            "supplier": self.supplier_id, "late": self.window.late_days, "early": 100_000 if early is None else early,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class SupplierFigures:
    """How one supplier kept his word on the lines promised in a period; every figure with its sample.

    `promised` lines are on_time, early, late (all came), short (given up), overdue (still owed) or open (not due yet).
    """

    supplier_id: int
    code: str
    name: str
    promised: int
    on_time: int
    early: int
    late: int
    short: int
    overdue: int
    open: int
    days_after: tuple[int, ...]
    after: Spread | None
    lead: Spread | None
    received_units: int
    faulty_units: int
    carrier_units: int
    held_units: int
    sent_back_units: int
    priced_lines: int
    paid: Decimal
    agreed: Decimal
    asn_lines: int
    asn_matching: int
    before_order: int
    trend: tuple[tuple[date, int, int], ...]

    @property
    def judged(self) -> int:
        """Lines that are decided: the sample of OTIF."""
        return self.promised - self.open

    @property
    def is_thin(self) -> bool:
        """Whether the sample is too small to judge anybody by it."""
        return self.judged < FEW_LINES

    @property
    def otif(self) -> Ratio:
        """Lines that came in full within the window, of those decided."""
        return ratio(self.on_time, self.judged)

    @property
    def in_full(self) -> Ratio:
        """Lines of which everything came, whenever, of those decided."""
        return ratio(self.on_time + self.early + self.late, self.judged)

    @property
    def defect_ppm(self) -> Decimal | None:
        """Faulty units per million received; what the carrier damaged is not the supplier's."""
        return ppm(self.faulty_units + self.sent_back_units, self.received_units)

    @property
    def price_pct(self) -> Decimal | None:
        """How much more than agreed was paid, in percent."""
        return price_variance(paid=self.paid, agreed=self.agreed)

    @property
    def asn(self) -> Ratio:
        """ASN lines that matched what was received, of those received against."""
        return ratio(self.asn_matching, self.asn_lines)


# One row for each promised line. A unit is faulty once: as it was found on arrival, when inspectors set it apart, or
# because it went back later. Of an inspected lot on two lines of a PO the first one answers for what was found.
LINES = """
    WITH line AS MATERIALIZED (
        SELECT l.id, po.id AS po_id, po.number, po.supplier_id, po.site_id, po.state, po.ordered_on, l.due_on,
               l.line_no, l.item_id, l.units, l.units - l.under_units AS needed, l.short_units, l.unit_cost,
               l.agreed_cost, site.timezone
        FROM purchasing_po po
        JOIN purchasing_poline l ON l.po_id = po.id
        JOIN locations_site site ON site.id = po.site_id
        WHERE l.due_on BETWEEN %(start)s AND %(end)s AND l.units > 0
          AND po.state IN ('approved', 'receiving', 'received', 'closed')
          AND (%(site)s = 0 OR po.site_id = %(site)s) AND (%(supplier)s = 0 OR po.supplier_id = %(supplier)s)
    ), counted AS MATERIALIZED (
        SELECT r.id, r.po_line_id, line.site_id, r.posting_id, r.item_id, r.lot_id, r.units, r.received_at,
               r.quality IN ('damaged', 'expired') AS is_faulty, r.discrepancy ILIKE '%%carrier%%' OR EXISTS (
                   SELECT FROM inbound_discrepancy d WHERE d.receipt_line_id = r.id AND d.kind = 'damaged'
                   AND d.responsible = 'carrier' AND d.state <> 'withdrawn') AS is_carrier,
               sum(r.units) OVER (PARTITION BY r.po_line_id ORDER BY r.received_at, r.id) AS upto
        FROM line JOIN inbound_receiptline r ON r.po_line_id = line.id AND r.taken_back_at IS NULL
    ), came AS (
        SELECT line.id,
               (min(c.received_at) FILTER (WHERE c.upto >= line.needed)
                AT TIME ZONE line.timezone)::date AS complete_on,
               sum(c.units)::bigint AS received,
               coalesce(sum(c.units) FILTER (WHERE c.is_faulty AND NOT c.is_carrier), 0)::bigint AS faulty,
               coalesce(sum(c.units) FILTER (WHERE c.is_faulty AND c.is_carrier), 0)::bigint AS carrier
        FROM line JOIN counted c ON c.po_line_id = line.id GROUP BY line.id, line.timezone
    ), lot AS (
        SELECT DISTINCT ON (x.inspection_id) x.inspection_id, c.po_line_id
        FROM counted c JOIN inspection_inspectionline x ON x.receipt_line_id = c.id AND NOT x.is_dropped
        ORDER BY x.inspection_id, c.id
    ), inspected AS (
        SELECT lot.po_line_id, sum(n.damaged_units)::bigint AS units
        FROM lot JOIN inspection_inspection n ON n.id = lot.inspection_id AND n.state = 'decided'
        WHERE n.damaged_units > 0 GROUP BY 1
    ), held AS (
        SELECT x.po_line_id, sum(x.units)::bigint AS units
        FROM (
            SELECT lot.po_line_id, h.units FROM lot JOIN inspection_hold h ON h.inspection_id = lot.inspection_id
            WHERE h.cause = 'supplier'
            UNION ALL
            (SELECT DISTINCT ON (h.id) c.po_line_id, h.units
             FROM inspection_hold h JOIN counted c ON c.item_id = h.item_id AND c.lot_id = h.lot_id
                  AND c.site_id = h.site_id AND c.received_at <= h.placed_at
             WHERE h.cause = 'supplier' AND h.inspection_id IS NULL AND h.lot_id <> 0 ORDER BY h.id, c.received_at DESC)
        ) x GROUP BY 1
    ), back AS (
        SELECT x.po_line_id, coalesce(sum(b.units) FILTER (WHERE f.quality = 'damaged'), 0)::bigint AS damaged,
               coalesce(sum(b.units) FILTER (WHERE f.quality <> 'damaged'), 0)::bigint AS others
        FROM (SELECT posting_id, item_id, min(po_line_id) AS po_line_id FROM counted GROUP BY 1, 2) x
        JOIN ledger_move m ON m.posting_id = x.posting_id
        JOIN ledger_cell c ON c.id = m.to_cell_id AND c.item_id = x.item_id AND c.quality NOT IN ('damaged', 'expired')
        JOIN ledger_move b ON b.of_move_id = m.id AND b.of_move_id <> 0 AND b.reason = 'SUPPLIER_RETURN'
        JOIN ledger_cell f ON f.id = b.from_cell_id
        WHERE NOT EXISTS (SELECT FROM ledger_posting p WHERE p.reverses_id = b.posting_id)
        GROUP BY 1
    ), notice AS (
        SELECT a.po_line_id, count(*) AS lines, count(*) FILTER (WHERE a.received_units = a.units) AS matching
        FROM line JOIN dock_asnline a ON a.po_line_id = line.id
        JOIN dock_asn n ON n.id = a.asn_id AND n.state = 'closed'
        WHERE EXISTS (SELECT FROM dock_asnline o WHERE o.asn_id = n.id AND o.received_units > 0)
        GROUP BY 1
    )
    SELECT line.id, line.po_id, line.number, line.line_no, line.supplier_id, s.code AS supplier_code,
           s.name AS supplier, line.site_id, site.code AS site, i.sku, line.item_id, line.ordered_on, line.due_on,
           came.complete_on, came.complete_on - line.due_on AS days_after,
           came.complete_on - line.ordered_on AS lead_days,
           CASE WHEN came.complete_on > line.due_on + %(late)s THEN 'late'
                WHEN came.complete_on < line.due_on - %(early)s THEN 'early'
                WHEN came.complete_on IS NOT NULL THEN 'on_time'
                WHEN line.short_units > 0 OR line.state = 'closed' THEN 'short'
                WHEN line.due_on + %(late)s < %(today)s::date THEN 'overdue'
                ELSE 'open' END AS verdict,
           line.units, coalesce(came.received, 0) AS received,
           coalesce(came.faulty, 0) + coalesce(inspected.units, 0) AS faulty,
           coalesce(came.carrier, 0) AS carrier,
           greatest(coalesce(back.damaged, 0) - coalesce(inspected.units, 0), 0) + coalesce(back.others, 0)
               AS sent_back, coalesce(held.units, 0) AS held,
           line.unit_cost, nullif(line.agreed_cost, 0) AS agreed_cost,
           CASE WHEN line.agreed_cost > 0 THEN line.units * (line.unit_cost - line.agreed_cost) END AS price_difference,
           coalesce(notice.lines, 0) AS asn_lines, coalesce(notice.matching, 0) AS asn_matching
    FROM line
    JOIN parties_party s ON s.id = line.supplier_id
    JOIN locations_site site ON site.id = line.site_id
    JOIN catalog_item i ON i.id = line.item_id
    LEFT JOIN came ON came.id = line.id
    LEFT JOIN inspected ON inspected.po_line_id = line.id
    LEFT JOIN held ON held.po_line_id = line.id
    LEFT JOIN back ON back.po_line_id = line.id
    LEFT JOIN notice ON notice.po_line_id = line.id
"""


def scorecards(asked: Asked) -> list[SupplierFigures]:
    """The figures of each supplier with promised lines in the period, by code. Two queries."""
    rows = sql.fetch_all(
        f"""
        SELECT x.supplier_id, x.supplier_code, x.supplier, count(*),
               count(*) FILTER (WHERE verdict = 'on_time'), count(*) FILTER (WHERE verdict = 'early'),
               count(*) FILTER (WHERE verdict = 'late'), count(*) FILTER (WHERE verdict = 'short'),
               count(*) FILTER (WHERE verdict = 'overdue'), count(*) FILTER (WHERE verdict = 'open'),
               array_agg(days_after) FILTER (WHERE days_after IS NOT NULL),
               array_agg(lead_days) FILTER (WHERE lead_days >= 0),
               sum(received)::bigint, sum(faulty)::bigint, sum(carrier)::bigint, sum(sent_back)::bigint,
               count(agreed_cost), coalesce(sum(units * unit_cost) FILTER (WHERE agreed_cost IS NOT NULL), 0),
               coalesce(sum(units * agreed_cost), 0), sum(asn_lines)::bigint, sum(asn_matching)::bigint,
               count(*) FILTER (WHERE lead_days < 0), sum(held)::bigint
        FROM ({LINES}) x GROUP BY 1, 2, 3 ORDER BY 2
        """,  # noqa: S608 - our own text
        asked.params,
    )
    trend = _trend(asked)
    loose = _sent_back_without_receipt(asked)
    return [
        SupplierFigures(
            supplier_id=r[0], code=r[1], name=r[2], promised=r[3], on_time=r[4], early=r[5], late=r[6], short=r[7],
            overdue=r[8], open=r[9], days_after=tuple(r[10] or ()), after=spread(r[10] or ()), lead=spread(r[11] or ()),
            received_units=r[12], faulty_units=r[13], carrier_units=r[14], held_units=r[22],
            sent_back_units=r[15] + loose.get(r[0], 0),
            priced_lines=r[16], paid=Decimal(r[17]), agreed=Decimal(r[18]), asn_lines=r[19], asn_matching=r[20],
            before_order=r[21], trend=tuple(trend.get(r[0], ())),
        )
        for r in rows
    ]  # fmt: skip


def _trend(asked: Asked) -> dict[int, list[tuple[date, int, int]]]:
    """(month, lines judged, lines on time and in full) of each supplier. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT supplier_id, date_trunc('month', due_on)::date, count(*), count(*) FILTER (WHERE verdict = 'on_time')
        FROM ({LINES}) x WHERE verdict <> 'open' GROUP BY 1, 2 ORDER BY 1, 2
        """,  # noqa: S608 - our own text
        asked.params,
    )
    found: dict[int, list[tuple[date, int, int]]] = defaultdict(list)
    for supplier_id, month, lines, kept in rows:
        found[supplier_id].append((month, lines, kept))
    return found


def _sent_back_without_receipt(asked: Asked) -> dict[int, int]:
    """Units that went back in the period without naming the receipt, by supplier. One query.

    Units that were damaged or expired where they stood are taken for those that were found so on arrival.
    """
    return dict(
        sql.fetch_all(
            """
            SELECT substr(b.origin, 15)::bigint, sum(b.units)::bigint
            FROM ledger_posting p
            JOIN ledger_move b ON b.posting_id = p.id AND b.reason = 'SUPPLIER_RETURN' AND b.of_move_id = 0
            JOIN ledger_cell c ON c.id = b.from_cell_id AND c.quality NOT IN ('damaged', 'expired')
            WHERE p.booked_on BETWEEN %(start)s AND %(end)s AND b.origin LIKE 'parties.party:%%'
              AND (%(site)s = 0 OR c.site_id = %(site)s)
              AND NOT EXISTS (SELECT FROM ledger_posting r WHERE r.reverses_id = p.id)
            GROUP BY 1
            """,
            asked.params,
        )
    )


def line_page(query: ListQuery, asked: Asked) -> Page[Any]:
    """The promised lines behind the figures, as a list. Two queries."""
    return sql_page(
        query,
        None,
        NAMED.sub("%s", LINES),
        [asked.params[name] for name in NAMED.findall(LINES)],
        search=("number", "sku", "supplier_code", "supplier"),
        conditions={
            "supplier": "r.supplier_code = %s",
            "basis": "CASE %s::text WHEN 'faulty' THEN r.faulty + r.sent_back > 0 WHEN 'carrier' THEN r.carrier > 0 "
            "WHEN 'held' THEN r.held > 0 "
            "WHEN 'received' THEN r.received > 0 WHEN 'priced' THEN r.agreed_cost IS NOT NULL "
            "WHEN 'asn' THEN r.asn_lines > 0 WHEN 'lead' THEN r.lead_days >= 0 ELSE true END",
        },
        totals={
            "units": "sum(units)", "received": "sum(received)", "faulty": "sum(faulty)", "sent_back": "sum(sent_back)",
            "carrier": "sum(carrier)", "held": "sum(held)", "price_difference": "sum(price_difference)",
        },
    )  # fmt: skip
