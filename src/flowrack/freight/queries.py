"""Reads of what carriers bill: what a reference stands for, what was expected, invoices, charges, figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from flowrack.freight.rules import MOST_LINES, Expected
from flowrack.freight.types import FreightChargeNotFound, FreightInvoiceNotFound, FreightTerms
from flowrack.platform import sql
from flowrack.platform.web.format import currency_symbol
from flowrack.platform.web.query import ListQuery, Page, sql_page

CODES = {"£": "GBP", "€": "EUR"}  # a sign of several currencies, such as $, is none of them


def terms() -> FreightTerms:
    """The terms of the house; where they name no currency, that of the sign on all pages. One query."""
    row = sql.fetch_one(
        "SELECT tolerance_pct, tolerance_amount, limit_amount, days_back, days_ahead, currency FROM freight_terms"
    )
    found = FreightTerms(*row) if row else FreightTerms()
    return found if found.currency else replace(found, currency=CODES.get(currency_symbol(), ""))


class Named(NamedTuple):
    """A shipment that left, as a reference names it."""

    shipment_id: int
    number: str
    left_with: str


def shipments_named(references: Sequence[str]) -> dict[str, Named]:
    """The shipments that left, by our number, tracking reference or SSCC; of several the latest. One query."""
    rows = sql.fetch_all(
        """
        WITH asked AS (SELECT DISTINCT unnest(%s::text[]) AS reference)
        SELECT a.reference, s.id, s.number, s.carrier FROM asked a JOIN shipping_shipment s ON s.number = a.reference
        WHERE s.shipped_at IS NOT NULL
        UNION ALL
        SELECT a.reference, s.id, s.number, s.carrier FROM asked a
        JOIN shipping_shipment s ON upper(s.tracking) = a.reference
        WHERE s.shipped_at IS NOT NULL AND s.tracking <> ''
        UNION ALL
        SELECT a.reference, s.id, s.number, s.carrier FROM asked a
        JOIN locations_lpn n ON n.code = a.reference AND n.id > 0
        JOIN LATERAL (SELECT DISTINCT l.shipment_id FROM shipping_shipmentline l WHERE l.lpn_id IN (
            SELECT n.id UNION SELECT k.carton_id FROM shipping_stackedcarton k
            WHERE k.pallet_id = n.id AND k.load_id IS NOT NULL)) AS x ON true
        JOIN shipping_shipment s ON s.id = x.shipment_id
        ORDER BY 1, 2
        """,
        (sorted(set(references)),),
    )
    return {row[0]: Named(row[1], row[2], row[3]) for row in rows}


def expected_of(shipment_ids: Sequence[int]) -> dict[int, Expected]:
    """What was expected of shipments: of each order the last choice before it left, counted with the first shipment
    that left of it. One query."""
    rows = sql.fetch_all(
        """
        WITH asked AS (SELECT id, shipped_at FROM shipping_shipment WHERE id = ANY(%s::bigint[])),
        made AS (
            SELECT DISTINCT a.id AS shipment_id, a.shipped_at, c.choice_id
            FROM asked a JOIN shipping_shipmentorder o ON o.shipment_id = a.id
            CROSS JOIN LATERAL (
                SELECT x.choice_id FROM carriers_choiceorder x JOIN carriers_choice c ON c.id = x.choice_id
                WHERE x.order_id = o.order_id AND c.made_at <= a.shipped_at ORDER BY c.id DESC LIMIT 1
            ) AS c
        )
        SELECT m.shipment_id, c.cost, coalesce(o.billable_g, 0), coalesce(o.zone, ''), v.carrier_id,
               coalesce(p.name || ' ' || v.name, ''), coalesce(o.account, ''),
               coalesce((SELECT sum(g.amount) FROM carriers_choicecharge g
                         WHERE g.option_id = o.id AND g.kind = 'surcharge'), 0),
               CASE WHEN f.id <> m.shipment_id THEN f.number ELSE '' END
        FROM made m JOIN carriers_choice c ON c.id = m.choice_id
        LEFT JOIN carriers_choiceoption o ON o.choice_id = c.id AND o.is_chosen
        LEFT JOIN parties_carrierservice v ON v.id = c.service_id LEFT JOIN parties_party p ON p.id = v.carrier_id
        CROSS JOIN LATERAL (
            SELECT s.id, s.number FROM carriers_choiceorder x JOIN shipping_shipmentorder y ON y.order_id = x.order_id
            JOIN shipping_shipment s ON s.id = y.shipment_id AND s.shipped_at >= c.made_at
            WHERE x.choice_id = c.id ORDER BY s.shipped_at, s.id LIMIT 1
        ) AS f
        ORDER BY m.shipment_id, c.id
        """,
        (sorted(set(shipment_ids)),),
    )
    found: dict[int, list[tuple[object, ...]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row[1:])
    return {shipment_id: _expected(of) for shipment_id, of in found.items()}


def _expected(rows: Sequence[tuple[object, ...]]) -> Expected:
    """The choices of one shipment as one; a choice that was expected with an earlier shipment adds nothing."""
    fresh = [row for row in rows if not row[7]]
    of = fresh or rows
    zones = {str(row[2]) for row in of}
    return Expected(
        amount=sum((Decimal(str(row[0])) for row in fresh), Decimal(0)),
        weight_g=sum(int(str(row[1])) for row in fresh),
        zone=zones.pop() if len(zones) == 1 else "",
        surcharges=sum((Decimal(str(row[6])) for row in fresh), Decimal(0)),
        carriers=tuple(sorted({int(str(row[3])) for row in of if row[3] is not None})),
        names=", ".join(sorted({str(row[4]) for row in of if row[4]})),
        account=next((str(row[5]) for row in of if row[5]), ""),
        with_shipment="" if fresh else str(rows[0][7]),
    )


def billed_before(carrier_ids: Sequence[int], shipment_ids: Sequence[int]) -> dict[tuple[int, int], str]:
    """The invoices in which shipments stand already, by carrier and shipment, unless that was credited in whole. One
    query."""
    rows = sql.fetch_all(
        """
        SELECT i.carrier_id, c.shipment_id, i.number
        FROM freight_charge c JOIN freight_invoice i ON i.id = c.invoice_id
        WHERE i.carrier_id = ANY(%s::bigint[]) AND i.state <> 'dropped' AND c.shipment_id = ANY(%s::bigint[])
          AND (c.cause NOT IN ('twice', 'not_ours') OR c.state = 'accepted') AND c.state <> 'voided'
        ORDER BY c.id
        """,
        (sorted(set(carrier_ids)), sorted(set(shipment_ids))),
    )
    return {(row[0], row[1]): f"invoice {row[2]}" for row in rows}


def accepted_of(invoice_ids: Sequence[int]) -> dict[int, Decimal]:
    """What people whom the limit binds have accepted of invoices beyond what was expected. One query."""
    rows = sql.fetch_all(
        """
        SELECT invoice_id, sum(billed - expected) FROM freight_charge
        WHERE invoice_id = ANY(%s::bigint[]) AND state = 'accepted' AND NOT is_high GROUP BY invoice_id
        """,
        (sorted(set(invoice_ids)),),
    )
    return dict(rows)


def accepted_by(invoice_id: int, actor_id: int) -> Decimal:
    """What one person has accepted of an invoice beyond what was expected. One query."""
    return Decimal(
        sql.fetch_value(
            """
            SELECT coalesce(sum(billed - expected), 0) FROM freight_charge
            WHERE invoice_id = %s AND state = 'accepted' AND decided_by_id = %s
            """,
            (invoice_id, actor_id),
        )
    )


def entered(numbers: Sequence[tuple[int, str]]) -> set[tuple[int, str]]:
    """Which invoices (carrier and number) were entered. One query."""
    rows = sql.fetch_all(
        """
        SELECT i.carrier_id, i.number FROM freight_invoice i
        JOIN (SELECT unnest(%s::bigint[]) AS carrier_id, unnest(%s::text[]) AS number) AS n USING (carrier_id, number)
        WHERE i.state <> 'dropped'
        """,
        ([carrier_id for carrier_id, _ in numbers], [number for _, number in numbers]),
    )
    return {(row[0], row[1]) for row in rows}


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice with what it asks, what was expected and what is payable."""

    id: int
    carrier_id: int
    carrier: str
    number: str
    invoiced_on: date
    state: str
    charges: int
    open: int
    disputed: int
    billed: Decimal
    expected: Decimal
    difference: Decimal
    payable: Decimal
    released: Decimal | None
    entered_by: str
    entered_at: datetime
    ended_by: str
    ended_at: datetime | None
    end_reason: str


PAYABLE = """
    coalesce(sum(CASE WHEN x.state IN ('matched', 'accepted') THEN x.billed WHEN x.state = 'voided' THEN 0
                      ELSE least(x.billed, x.expected) END), 0)
"""
_INVOICES = f"""
    SELECT i.id, i.carrier_id, p.name AS carrier, i.number, i.invoiced_on, i.state, c.charges, c.open, c.disputed,
           c.billed, c.expected, c.billed - c.expected AS difference, c.payable, i.released,
           u.full_name AS entered_by, i.entered_at, coalesce(e.full_name, '') AS ended_by, i.ended_at, i.end_reason
    FROM freight_invoice i JOIN parties_party p ON p.id = i.carrier_id JOIN platform_user u ON u.id = i.entered_by_id
    LEFT JOIN platform_user e ON e.id = i.ended_by_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS charges, count(*) FILTER (WHERE x.state = 'open') AS open,
               count(*) FILTER (WHERE x.state = 'disputed') AS disputed,
               coalesce(sum(x.billed), 0) AS billed, coalesce(sum(x.expected), 0) AS expected,
               {PAYABLE} AS payable
        FROM freight_charge x WHERE x.invoice_id = i.id
    ) AS c
"""  # noqa: S608


def invoice_list(query: ListQuery) -> Page[InvoiceRow]:
    """Invoices with their sums. Two queries."""
    return sql_page(
        query, InvoiceRow, _INVOICES, search=("number", "carrier"),
        totals={name: f"sum({name})" for name in ("billed", "expected", "difference", "payable", "released")},
    )  # fmt: skip


def invoices_after(invoice_id: int, *, limit: int) -> list[InvoiceRow]:
    """The next invoices by id, for cursor pages. One query."""
    rows = sql.fetch_all(_INVOICES + " WHERE i.id > %s ORDER BY i.id LIMIT %s", (invoice_id, limit))
    return [InvoiceRow(*row) for row in rows]


def invoice_row(invoice_id: int) -> InvoiceRow:
    """One invoice. Refuses with FreightInvoiceNotFound. One query."""
    row = sql.fetch_one(_INVOICES + " WHERE i.id = %s", (invoice_id,))
    if row is None:
        raise FreightInvoiceNotFound("There is no such invoice.", fix="Open the list of freight invoices.")
    return InvoiceRow(*row)


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """A charge beside what was expected."""

    id: int
    invoice_id: int
    invoice: str
    carrier: str
    invoiced_on: date
    line_no: int
    reference: str
    shipment_id: int | None
    shipment: str
    billed: Decimal
    expected: Decimal
    difference: Decimal
    billed_weight_g: int
    expected_weight_g: int
    billed_zone: str
    expected_zone: str
    billed_surcharges: Decimal | None
    expected_surcharges: Decimal
    cause: str
    words: str
    state: str
    note: str
    decided_by: str
    decided_at: datetime | None


_CHARGES = """
    SELECT c.id, c.invoice_id, i.number AS invoice, p.name AS carrier, i.invoiced_on, c.line_no, c.reference,
           c.shipment_id, coalesce(s.number, '') AS shipment, c.billed, c.expected, c.billed - c.expected AS difference,
           c.billed_weight_g, c.expected_weight_g, c.billed_zone, c.expected_zone, c.billed_surcharges,
           c.expected_surcharges, c.cause, c.words, c.state, c.note, coalesce(u.full_name, '') AS decided_by,
           c.decided_at
    FROM freight_charge c JOIN freight_invoice i ON i.id = c.invoice_id AND i.state <> 'dropped'
    JOIN parties_party p ON p.id = i.carrier_id
    LEFT JOIN shipping_shipment s ON s.id = c.shipment_id LEFT JOIN platform_user u ON u.id = c.decided_by_id
"""


def charge_list(query: ListQuery) -> Page[ChargeRow]:
    """Charges with their differences. Two queries."""
    return sql_page(
        query, ChargeRow, _CHARGES, search=("reference", "shipment", "invoice", "carrier"),
        totals={name: f"sum({name})" for name in ("billed", "expected", "difference")},
    )  # fmt: skip


def charges_of(invoice_id: int) -> list[ChargeRow]:
    """The charges of an invoice, the greatest difference first; an invoice has no more lines. One query."""
    rows = sql.fetch_all(
        _CHARGES + " WHERE c.invoice_id = %s ORDER BY difference DESC, c.line_no LIMIT %s", (invoice_id, MOST_LINES)
    )
    return [ChargeRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class InvoiceChargesRow(InvoiceRow):
    """An invoice with its charges, the greatest difference first."""

    charges_of: list[ChargeRow]


def invoice_charges(invoice_id: int) -> InvoiceChargesRow:
    """One invoice with its charges. Refuses with FreightInvoiceNotFound. Two queries."""
    row = invoice_row(invoice_id)
    fields = {name: getattr(row, name) for name in InvoiceRow.__slots__}
    return InvoiceChargesRow(**fields, charges_of=charges_of(invoice_id))


def charges_named(charge_ids: Sequence[int]) -> list[ChargeRow]:
    """Charges by id. Refuses with FreightChargeNotFound when one is missing. One query."""
    ids = sorted(set(charge_ids))
    rows = sql.fetch_all(_CHARGES + " WHERE c.id = ANY(%s::bigint[]) ORDER BY c.id", (ids,))
    if not rows or len(rows) < len(ids):
        raise FreightChargeNotFound("There is no such charge.", fix="Open the list of charges.")
    return [ChargeRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """What a carrier billed in a month, beside what was expected."""

    id: int
    carrier_id: int
    carrier: str
    month: date
    invoices: int
    shipments: int
    billed: Decimal
    expected: Decimal
    difference: Decimal
    disputed: Decimal
    credited: Decimal
    over: Decimal | None


_FIGURES = """
    SELECT min(c.id) AS id, i.carrier_id, p.name AS carrier, date_trunc('month', i.invoiced_on)::date AS month,
           count(DISTINCT i.id) AS invoices, count(DISTINCT c.shipment_id) AS shipments, sum(c.billed) AS billed,
           sum(c.expected) AS expected, sum(c.billed - c.expected) AS difference,
           coalesce(sum(c.billed - c.expected) FILTER (WHERE c.state = 'disputed'), 0) AS disputed,
           coalesce(sum(CASE c.state WHEN 'credited' THEN c.billed - c.expected WHEN 'voided' THEN c.billed END), 0)
               AS credited,
           100 * sum(c.billed - c.expected) / nullif(sum(c.expected), 0) AS over
    FROM freight_charge c JOIN freight_invoice i ON i.id = c.invoice_id AND i.state <> 'dropped'
    JOIN parties_party p ON p.id = i.carrier_id
    GROUP BY i.carrier_id, p.name, date_trunc('month', i.invoiced_on)
"""


def figure_list(query: ListQuery) -> Page[FigureRow]:
    """Freight expected and billed, by carrier and month. Two queries."""
    return sql_page(
        query, FigureRow, _FIGURES, search=("carrier",),
        totals={
            **{n: f"sum({n})" for n in ("shipments", "billed", "expected", "difference", "disputed", "credited")},
            "over": "100 * sum(difference) / nullif(sum(expected), 0)",
        },
    )  # fmt: skip


def figures(*, since: date, limit: int) -> list[FigureRow]:
    """The same for other systems, of invoices of a month since then, the newest first. One query."""
    rows = sql.fetch_all(
        f"SELECT * FROM ({_FIGURES}) AS f WHERE f.month > %s ORDER BY f.month DESC, f.carrier LIMIT %s",  # noqa: S608
        (since, limit),
    )
    return [FigureRow(*row) for row in rows]
