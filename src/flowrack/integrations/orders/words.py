"""The report of an order history for people at a terminal and for programs."""

from __future__ import annotations

from typing import Any

from flowrack.integrations.orders.types import CLASS_TEXTS, LineClass, Outcome, Report, Totals


def as_data(report: Report) -> dict[str, Any]:
    """Every figure by name; money and values as text, so that nothing is rounded."""
    return {
        "lines": report.whole.lines,
        "documents": report.documents,
        "net_quantity": report.whole.units,
        "net_value": _money(report.whole),
        "adds_up": report.adds_up(),
        "classes": {kind.value: _totals(report.by_class[kind]) for kind in LineClass},
        "cancellation_documents": report.cancellation_documents,
        "cancelled_lines": report.cancelled_lines,
        "lines_without_customer": report.lines_without_customer,
        "lines_not_stock": report.lines_not_stock,
        "charges": {kind: _totals(report.charges[kind]) for kind in sorted(report.charges)},
        "duplicate_lines": report.duplicate_lines,
        "lines_at_no_price": report.lines_at_no_price,
        "lines_at_negative_price": report.lines_at_negative_price,
        "codes_as_written": len(report.codes_as_written),
        "items": len(report.items),
        "items_sold": len(report.sold_items),
        "renamed_lines": report.renamed_lines,
        "spellings": {code: sorted(report.spellings[code]) for code in sorted(report.spellings)},
        "customers": len(report.customers),
        "matches": {outcome.value: _totals(report.matches[outcome]) for outcome in Outcome},
        "matched_units": report.matched_units,
        "unmatched_units": report.unmatched_units,
        "first_at": report.first_at.isoformat(sep=" ") if report.first_at else None,
        "last_at": report.last_at.isoformat(sep=" ") if report.last_at else None,
    }


def in_words(report: Report) -> str:
    """The report on one screen: the classes first, their sum below, then what is odd about single lines."""
    rows = [f"{'':<60}{'lines':>10}{'units':>14}{'value':>18}"]
    for kind in LineClass:
        rows.append(_row(CLASS_TEXTS[kind], report.by_class[kind]))
    rows += ["", _row(f"Whole file, {report.documents:,} documents", report.whole)]
    rows += [
        "",
        f"Cancellations: {report.cancellation_documents:,} documents, {report.cancelled_lines:,} lines",
        *(f"  {o.value:<44}{report.matches[o].lines:>10,}{-report.matches[o].units:>14,} units" for o in Outcome),
        f"Codes that are not stock: {report.lines_not_stock:,} lines",
        *(f"  {kind:<44}{report.charges[kind].lines:>10,}" for kind in sorted(report.charges)),
        f"Lines without customer: {report.lines_without_customer:,} (kept as counter sales)",
        f"Exact duplicates: {report.duplicate_lines:,} lines (kept, marked)",
        f"Lines at no price: {report.lines_at_no_price:,}, at a negative price: {report.lines_at_negative_price:,}",
        f"Item codes: {len(report.codes_as_written):,} as written, {len(report.items):,} items after mending case and"
        f" blanks ({report.renamed_lines:,} lines); {len(report.customers):,} customers",
    ]
    return "\n".join(rows)


def _row(text: str, totals: Totals) -> str:
    return f"{text:<60}{totals.lines:>10,}{totals.units:>14,}{totals.value:>18,.2f}"


def _totals(totals: Totals) -> dict[str, Any]:
    return {"lines": totals.lines, "units": totals.units, "value": _money(totals)}


def _money(totals: Totals) -> str:
    return format(totals.value.normalize(), "f")
