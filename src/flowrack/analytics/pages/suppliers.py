"""The supplier scorecard: all suppliers, one supplier, and the lines behind every number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from flowrack.analytics.pages.common import COST, link
from flowrack.analytics.queries.suppliers import Asked, SupplierFigures, line_page, scorecards
from flowrack.analytics.rules_suppliers import FEW_LINES, Spread, Window, histogram
from flowrack.platform.web import charts, clock
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import number
from flowrack.platform.web.listing import Choice, DateRange, Empty, ListPage, ListQuery, Page, Range, Text, memory_page
from flowrack.platform.web.record import Fact, Record, Table, render_record
from flowrack.platform.web.viewer import viewer_of

PERMISSION = "purchasing.view"
PERIOD_DAYS = 182
NO_DATA = "no data"
WINDOWS = {
    "2-0": ("2 days early, none late", Window(2, 0)),
    "0-0": ("the day itself", Window(0, 0)),
    "any-0": ("any day up to the promise", Window(None, 0)),
    "2-3": ("2 days early, 3 late", Window(2, 3)),
}
VERDICTS = ("on_time", "early", "late", "short", "overdue", "open")
EDGES = (-14, -7, -2, 0, 1, 3, 8, 15)
BINS = ("over 14 early", "8 to 14 early", "3 to 7 early", "1 or 2 early", "the day", "1 or 2 late", "3 to 7 late",
        "8 to 14 late", "over 14 late")  # fmt: skip
BASES = [
    ("lead", "with a lead time"), ("received", "with goods received"), ("faulty", "with faulty units"),
    ("carrier", "damaged by the carrier"), ("held", "held for a cause of the supplier"),
    ("priced", "with an agreed price"), ("asn", "received against an ASN"),
]  # fmt: skip


def asked_of(filters: Mapping[str, Any], site_id: int, supplier_id: int = 0) -> Asked:
    """The period and window that a list's filters say; else half a year until today and the window of the house."""
    today = clock.today()
    due = filters.get("due_on")
    low, high = (due.low, due.high) if isinstance(due, Range) else (None, None)
    end = high if isinstance(high, date) else today
    start = low if isinstance(low, date) else end - timedelta(days=PERIOD_DAYS - 1)
    chosen = filters.get("window")
    window = WINDOWS.get(chosen[0] if isinstance(chosen, list) and chosen else "", WINDOWS["2-0"])[1]
    return Asked(start, end, today, window, site_id, supplier_id)


def said(asked: Asked) -> dict[str, str]:
    """The address of a period and window."""
    code = next(code for code, (_, window) in WINDOWS.items() if window == asked.window)
    return {"due_on_from": asked.start.isoformat(), "due_on_to": asked.end.isoformat(), "window": code}


@dataclass(frozen=True, slots=True)
class Row:
    """A supplier in the list; `address` leads to his page for the same period."""

    id: int
    code: str
    name: str
    judged: int
    otif: Decimal | None
    in_full: Decimal | None
    bias: Decimal | None
    deviation: Decimal | None
    lead: Decimal | None
    defect_ppm: Decimal | None
    received_units: int
    asn: Decimal | None
    asn_lines: int
    price_pct: Decimal | None
    overdue: int
    figures: SupplierFigures
    address: str


def rounded(value: Decimal | None, places: str = "0.1") -> Decimal | None:
    """A figure as it is shown; what rounds to nothing has no sign."""
    return None if value is None else value.quantize(Decimal(places), rounding=ROUND_HALF_UP) + 0


def _row(f: SupplierFigures, address: str) -> Row:
    return Row(
        f.supplier_id, f.code, f.name, f.judged, f.otif.percent, f.in_full.percent,
        rounded(f.after.mean) if f.after else None, rounded(f.after.deviation) if f.after else None,
        rounded(f.lead.mean) if f.lead else None, f.defect_ppm, f.received_units, f.asn.percent, f.asn_lines,
        f.price_pct, f.overdue, f, address,
    )  # fmt: skip


def supplier_rows(query: ListQuery) -> Page[Row]:
    """Suppliers with lines promised in the period."""
    asked = asked_of(query.filters, query.site_id)
    tail = "?" + urlencode(said(asked))
    rows = [_row(f, reverse("analytics_supplier", args=[f.supplier_id]) + tail) for f in scorecards(asked)]
    return memory_page(replace(query, filters={}), rows, search=("code", "name"))


def _trend(row: Row) -> Any:
    months = row.figures.trend
    shares = [Decimal(100 * kept) / lines for _, lines, kept in months]
    sentence = "OTIF by month: " + ", ".join(
        f"{month:%b %Y} {share:.0f} % of {lines}" for (month, lines, _), share in zip(months, shares, strict=True)
    )
    few = ", ".join(f"{month:%b} {kept}/{lines}" for month, lines, kept in row.figures.trend)
    return charts.sparkline(shares, sentence) or few  # a line says nothing below three months


def _months(row: Row) -> str:
    """The same for a file: lines on time in full of the lines decided, by month."""
    return "; ".join(f"{month:%Y-%m} {kept}/{lines}" for month, lines, kept in row.figures.trend)


def _or_no_data(key: str, unit: str = "") -> Any:
    """A figure on the page; "no data" where nothing was measured, since an empty cell could be taken for a zero."""

    def draw(row: Row) -> Any:
        value = getattr(row, key)
        return NO_DATA if value is None else f"{value:,}{unit}".replace("-", "−")

    return draw


def _figure(key: str, label: str, unit: str = "", **more: Any) -> Column:
    return Column(key, label, kind="number", sort=True, html=_or_no_data(key, unit), **more)


def _decided(row: Row) -> Any:
    few = mark_safe(' <span class="q">few</span>') if row.figures.is_thin else ""
    return format_html("{}{}", number(row.judged), few)


PERIOD = DateRange("due_on", "Promised", promoted=True, any_label="last half year")
WINDOW = Choice("window", "On time is", [(code, label) for code, (label, _) in WINDOWS.items()], promoted=True)

SUPPLIERS = ListPage(
    name="analytics.suppliers",
    title="Supplier scorecard",
    noun=("supplier", "suppliers"),
    permission=PERMISSION,
    rows=supplier_rows,
    columns=[
        Column("code", "Supplier", kind="code", sort=True, link=lambda r: r.address),
        Column("name", "Name", sort=True, wide=True),
        Column("judged", "Lines", kind="number", sort=True, html=_decided),
        _figure("otif", "OTIF", " %"),
        Column("trend", "By month", value=_months, html=_trend),
        _figure("in_full", "In full", " %"),
        _figure("bias", "Bias, days"),
        _figure("deviation", "Spread"),
        _figure("lead", "Lead, days"),
        _figure("defect_ppm", "Defects, ppm"),
        Column("received_units", "Units", kind="number", sort=True),
        _figure("asn", "ASN right", " %"),
        Column("asn_lines", "ASN lines", kind="number", sort=True, hidden=True),
        _figure("price_pct", "Price", " %", permission=COST),
        Column("overdue", "Overdue", kind="number", sort=True, value=lambda r: r.overdue or None),
    ],
    filters=[PERIOD, WINDOW],
    sort="code",
    search="Supplier",
    empty=Empty("No supplier promised anything", "Lines of approved purchase orders promised in the period."),
    legend=f"OTIF: lines that came in full within the window, of the lines decided. Fewer than {FEW_LINES} lines "
    "judge nobody. Bias and spread: days from promise to completion. Price: over what was agreed. Damage by the "
    "carrier is not the supplier's.",
)  # fmt: skip


def _lines(query: ListQuery) -> Page[Any]:
    asked = asked_of(query.filters, query.site_id)
    filters: dict[str, Any] = {k: v for k, v in query.filters.items() if k not in ("due_on", "window")}
    if isinstance(basis := filters.get("basis"), list):
        filters["basis"] = basis[0] if basis else ""
    return line_page(replace(query, filters=filters), asked)


LINES = ListPage(
    name="analytics.supplier_lines",
    title="Promised lines",
    noun=("line", "lines"),
    permission=PERMISSION,
    rows=_lines,
    columns=[
        Column("number", "PO", kind="code", sort="po_id", link=lambda r: link("purchasing_po", r.po_id)),
        Column("line_no", "Line", kind="number"),
        Column("supplier_code", "Supplier", kind="code", sort=True),
        Column("site", "Site", sort=True, hidden=True),
        Column("sku", "Item", kind="code", sort=True, link=lambda r: reverse("analytics_item", args=[r.item_id])),
        Column("ordered_on", "Ordered", kind="date", sort=True),
        Column("due_on", "Promised", kind="date", sort=True),
        Column("complete_on", "Complete", kind="date", sort=True),
        Column("days_after", "Days after", kind="number", sort=True),
        Column("lead_days", "Lead time", kind="number", sort=True),
        Column("verdict", "Verdict", kind="state"),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("received", "Received", kind="number", sort=True, total=True),
        Column("faulty", "Faulty", kind="number", sort=True, total=True),
        Column("sent_back", "Sent back", kind="number", sort=True, total=True),
        Column("carrier", "By carrier", kind="number", sort=True, total=True),
        Column("held", "Held", kind="number", sort=True, total=True),
        Column("unit_cost", "Price", kind="number", places=4, permission=COST),
        Column("agreed_cost", "Agreed", kind="number", places=4, permission=COST),
        Column("price_difference", "Over agreed", kind="money", sort=True, total=True, permission=COST),
        Column("asn_lines", "ASN lines", kind="number", hidden=True),
        Column("asn_matching", "ASN right", kind="number", hidden=True),
    ],
    filters=[
        PERIOD,
        WINDOW,
        Choice("verdict", "Verdict", [(v, v.replace("_", " ").capitalize()) for v in VERDICTS], promoted=True),
        Text("supplier", "Supplier code"),
        Choice("basis", "Lines", BASES),
    ],
    sort="-due_on",
    search="PO, item or supplier",
    empty=Empty("No such lines", "Lines of approved purchase orders promised in the period."),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure on a supplier's page: what, how much, from what, and the lines behind it."""

    label: str
    value: str
    sample: str
    formula: str
    url: str


FIGURES = [
    Column("label", "Figure"),
    Column("value", "Value", kind="number", html=lambda r: r.value),
    Column("sample", "From", link=lambda r: r.url),
    Column("formula", "How", wide=True),
]
DISTRIBUTION = [
    Column("label", "Days"),
    Column("bar", "Share", value=lambda r: "", html=lambda r: charts.bar(r["lines"], r["most"], 220, r["tone"])),
    Column("lines", "Lines", kind="number"),
]
MONTHS = [
    Column("month", "Promised in", html=lambda r: f"{r['month']:%b %Y}"),
    Column("lines", "Lines decided", kind="number"),
    Column("kept", "On time in full", kind="number"),
    Column("otif", "OTIF", kind="percent"),
]


@page(PERMISSION)
def supplier(request: HttpRequest, supplier_id: int) -> HttpResponse:
    """One supplier: every figure with its sample, the spread around the promise, and month by month."""
    viewer = viewer_of(request)
    filters = {f.name: v for f in (PERIOD, WINDOW) if (v := f.parse(request.GET)) is not None}
    asked = asked_of(filters, viewer.site_id, supplier_id)
    found = scorecards(asked)
    if not found:
        raise Http404("No line of this supplier was promised in the period.")
    f = found[0]
    months = [
        {"month": month, "lines": lines, "kept": kept, "otif": Decimal(100 * kept) / lines}
        for month, lines, kept in f.trend
    ]
    record = Record(
        title=f.code,
        subtitle=f.name,
        subject=f"parties.party:{supplier_id}",
        back=("Supplier scorecard", reverse("analytics_suppliers") + "?" + urlencode(said(asked))),
        facts=[
            Fact("OTIF", _percent(f.otif.percent), note=f"{f.judged} lines decided"),
            Fact("Days after promise", _mean(f.after), note=_sample(f.after)),
            Fact("Defects", NO_DATA if f.defect_ppm is None else f"{f.defect_ppm:,} ppm"),
            Fact("Overdue", f.overdue, "number", tone="bad" if f.overdue else ""),
            Fact("Period", f"{asked.start:%-d %b %Y} – {asked.end:%-d %b %Y}"),
        ],
        tables=[
            Table("Figures", FIGURES, figures(f, asked, sees_cost=viewer.may(COST)), note=_note(f)),
            Table("Late and early", DISTRIBUTION, _distribution(f, asked), empty="Nothing came in full yet."),
            Table("By month", MONTHS, months, empty="Nothing is decided yet."),
        ],
    )
    return render_record(request, record)


def figures(f: SupplierFigures, asked: Asked, *, sees_cost: bool) -> list[Figure]:
    """The figures of a supplier, each leading to its lines."""

    def lines(**more: str) -> str:
        return reverse("analytics_supplier_lines") + "?" + urlencode({"supplier": f.code, **said(asked), **more})

    kept, decided = str(f.on_time), ",".join(v for v in VERDICTS if v != "open")
    came = "on_time,early,late"
    shown = [
        Figure("On time in full", _percent(f.otif.percent), f"{kept} of {f.judged:,} lines", "complete in the window",
               lines(verdict=decided)),
        Figure("In full", _percent(f.in_full.percent), f"{f.on_time + f.early + f.late:,} of {f.judged:,} lines",
               "complete, whenever", lines(verdict=decided)),
        Figure("Late", f"{f.late:,}", f"of {f.judged:,} lines", "complete after the window", lines(verdict="late")),
        Figure("Early", f"{f.early:,}", f"of {f.judged:,} lines", "complete before the window", lines(verdict="early")),
        Figure("Short", f"{f.short:,}", f"of {f.judged:,} lines", "the rest was given up", lines(verdict="short")),
        Figure("Overdue", f"{f.overdue:,}", f"of {f.judged:,} lines", "still owed", lines(verdict="overdue")),
        Figure("Lead-time bias, days", _mean(f.after), _sample(f.after), "mean of complete − promised",
               lines(verdict=came)),
        Figure("Lead-time spread, days", _deviation(f.after), _sample(f.after), "deviation of complete − promised",
               lines(verdict=came)),
        Figure("Lead time, days", _lead(f.lead), _sample(f.lead), "complete − ordered: mean, median, 90th percentile",
               lines(basis="lead")),
        Figure("Defects, ppm", NO_DATA if f.defect_ppm is None else f"{f.defect_ppm:,}",
               f"{f.faulty_units + f.sent_back_units:,} of {f.received_units:,} units",
               "faulty on arrival, at inspection or sent back later / received", lines(basis="faulty")),
        Figure("Held for a cause of the supplier", f"{f.held_units:,}", f"of {f.received_units:,} units",
               "put on hold with this cause", lines(basis="held")),
        Figure("Damaged by the carrier", f"{f.carrier_units:,}", f"of {f.received_units:,} units",
               "not counted against the supplier", lines(basis="carrier")),
        Figure("ASN accuracy", _percent(f.asn.percent), f"{f.asn_matching:,} of {f.asn_lines:,} ASN lines",
               "announced = received, of closed ASNs that were received against", lines(basis="asn")),
    ]  # fmt: skip
    if sees_cost:
        value = NO_DATA if f.price_pct is None else f"{f.price_pct} %".replace("-", "−")
        sample = f"{f.priced_lines:,} lines with an agreed price"
        shown.append(Figure("Price over agreed", value, sample, "ordered units × (price − agreed) / agreed",
                            lines(basis="priced")))  # fmt: skip
    return shown


def _distribution(f: SupplierFigures, asked: Asked) -> list[dict[str, Any]]:
    counts = histogram(f.days_after, EDGES)
    most = max(counts, default=0)
    late = {name for name, least in zip(BINS[1:], EDGES, strict=True) if least > asked.window.late_days}
    return (
        [
            {"label": label, "lines": lines, "most": most, "tone": "warn" if label in late else "c1"}
            for label, lines in zip(BINS, counts, strict=True)
        ]
        if most
        else []
    )


def _note(f: SupplierFigures) -> str:
    said_ = [f"{f.judged} decided lines are too few to judge anybody by."] if f.is_thin else []
    if f.before_order:
        said_.append(f"{f.before_order} lines were complete before they were ordered; they have no lead time.")
    return " ".join(said_)


def _percent(value: Decimal | None) -> str:
    return NO_DATA if value is None else f"{value} %"


def _mean(found: Spread | None) -> str:
    return NO_DATA if found is None else f"{rounded(found.mean):+}".replace("-", "−")


def _deviation(found: Spread | None) -> str:
    return NO_DATA if found is None or found.deviation is None else str(rounded(found.deviation))


def _lead(found: Spread | None) -> str:
    return NO_DATA if found is None else f"{rounded(found.mean)} · {rounded(found.median)} · {found.p90}"


def _sample(found: Spread | None) -> str:
    return f"{found.lines:,} lines" if found else "no lines"


__all__: Sequence[str] = ("LINES", "SUPPLIERS", "supplier")
