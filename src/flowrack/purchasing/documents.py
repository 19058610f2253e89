"""The order as its supplier gets it: PDF for people, JSON and CSV with the same content for systems."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from importlib.resources import files
from typing import Any

import typst
from pydantic import TypeAdapter

from flowrack.platform.web.columns import defused
from flowrack.platform.web.format import currency_symbol
from flowrack.purchasing.queries_documents import Company, PoDocument
from flowrack.purchasing.rules import price

DOCUMENT = TypeAdapter(PoDocument)
CSV_HEADS = (
    "order", "version", "supplier", "ship_to", "line", "item", "supplier_item", "gtin", "name", "units", "uom",
    "unit_cost", "total", "currency", "due_on", "expected_on",
)  # fmt: skip


def po_data(document: PoDocument) -> dict[str, Any]:
    """The order as plain data; money as decimal text, days as ISO dates."""
    data: dict[str, Any] = DOCUMENT.dump_python(document, mode="json")
    return {**data, "currency": currency_symbol()}


def po_csv(document: PoDocument) -> str:
    """The order as CSV, one row for each line."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(CSV_HEADS)
    for line in document.lines:
        writer.writerow(
            [
                document.number, document.version_no, defused(document.supplier.code), document.ship_to.code,
                line.line_no, defused(line.sku), defused(line.supplier_sku), line.gtin, defused(line.name), line.units,
                line.uom, f"{line.unit_cost:f}", f"{line.total:.2f}", currency_symbol(), line.due_on.isoformat(),
                line.expected_on.isoformat(),
            ]
        )  # fmt: skip
    return buffer.getvalue()


def po_pdf(document: PoDocument) -> bytes:
    """The order as PDF, A4."""
    data = {
        "number": document.number,
        "version": f"Version {document.version_no} of {_day(document.approved_on)}",
        "facts": [
            ["Ordered", _day(document.ordered_on)],
            ["Deliver by", _day(document.due_on)],
            ["Buyer", document.buyer],
            *([["Your reference", document.reference]] if document.reference else []),
        ],
        "house": _company(document.house),
        "supplier": _company(document.supplier),
        "ship_to": _company(document.ship_to),
        "lines": [
            {
                "no": str(line.line_no),
                "name": line.name,
                "codes": " · ".join(
                    part
                    for part in (
                        line.sku,
                        f"your item {line.supplier_sku}" if line.supplier_sku else "",
                        f"GTIN {line.gtin}" if line.gtin else "",
                    )
                    if part
                ),
                "units": f"{line.units:,}",
                "uom": line.uom,
                "cost": price(line.unit_cost),
                "total": f"{line.total:,.2f}",
                "due": _day(line.expected_on),
            }
            for line in document.lines
        ],
        "currency": currency_symbol(),
        "total": f"{document.total:,.2f}",
        "units": f"{sum(line.units for line in document.lines):,} units on {len(document.lines)} "
        f"line{'' if len(document.lines) == 1 else 's'}",
        "terms": terms(document),
        "note": document.note,
    }
    source = files("flowrack.purchasing").joinpath("typst", "purchase_order.typ").read_bytes()
    return typst.compile(source, format="pdf", sys_inputs={"data": json.dumps(data)})


def terms(document: PoDocument) -> list[str]:
    """What goes without saying, said: how to answer and what is tolerated."""
    days = document.confirm_within_days
    over = [f"line {line.line_no}: {line.over_units:,}" for line in document.lines if line.over_units]
    under = [f"line {line.line_no}: {line.under_units:,}" for line in document.lines if line.under_units]
    newer = document.version_no > 1
    return [
        f"Please confirm units, prices and dates of every line within {days} day{'' if days == 1 else 's'}, naming "
        f"{document.number} and version {document.version_no}.",
        *(["This version replaces every earlier one; what was delivered stays delivered."] if newer else []),
        f"More units than ordered are taken up to: {', '.join(over)}."
        if over
        else "No more units than ordered are taken.",
        *([f"Fewer units are taken as complete down to: {', '.join(under)} short."] if under else []),
    ]


def _company(company: Company) -> dict[str, Any]:
    more = [company.email, f"GLN {company.gln}" if company.gln else ""]
    return {"name": company.name, "rows": [*company.address, *(row for row in more if row)]}


def _day(on: date) -> str:
    return f"{on.day} {on:%b %Y}"
