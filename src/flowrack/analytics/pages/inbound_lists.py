"""What stands behind the numbers of receiving: every figure in a table, pallets, receipt lines and trucks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from flowrack.analytics.pages.common import link
from flowrack.analytics.queries.inbound import AGE_LABELS, STEPS, inbound_figures, line_page, pallet_page, truck_page
from flowrack.analytics.rules import Ratio
from flowrack.analytics.rules_inbound import DockToStock, InboundAsked, InboundFigures, Productivity
from flowrack.parties import queries as parties
from flowrack.platform.http import now
from flowrack.platform.web import clock
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import words
from flowrack.platform.web.listing import (
    Choice,
    DateRange,
    Empty,
    Flag,
    ListPage,
    ListQuery,
    Page,
    Range,
    Text,
    memory_page,
)  # fmt: skip

PERMISSION = "inbound.view"
PERIOD_DAYS = 28
MOST_DAYS = 800
LABELS = {
    "dock_to_stock": "Dock to stock",
    "without_qc": "Dock to stock, without QC",
    "received_to_stock": "Received to stock",
    "unload": "Check-in to received",
    "inspect": "Received to inspected",
    "hold": "Inspected to released",
    "putaway": "Free to put away",
}
FORMULAS = {
    "dock_to_stock": "put away − check-in of the truck, by pallet",
    "without_qc": "the same, less what inspection and hold took",
    "received_to_stock": "put away − counted, by pallet",
    "unload": "counted − check-in of the truck",
    "inspect": "verdict − counted, of inspected pallets",
    "hold": "released − verdict, of held pallets",
    "putaway": "put away − free (counted, verdict or release, the last of them)",
}
MEASURED = {"dock_to_stock": "dock_to_stock", "without_qc": "dock_to_stock", "unload": "dock_to_stock",
            "inspect": "inspect", "hold": "hold"}  # fmt: skip
VERDICTS = ("on_time", "early", "late", "no_show", "undecided", "walk_in")
PERIOD = DateRange("on", "Days", promoted=True, any_label="last 4 weeks")
SUPPLIER = Text("supplier", "Supplier code", promoted=True)
NOBODY = -1  # a code that no supplier has


def asked_of(filters: Mapping[str, Any], site_id: int) -> InboundAsked:
    """The period and supplier that filters say; else four weeks until today and all suppliers."""
    at = now()
    chosen = filters.get("on")
    low, high = (chosen.low, chosen.high) if isinstance(chosen, Range) else (None, None)
    end = high if isinstance(high, date) else clock.today()
    start = low if isinstance(low, date) else end - timedelta(days=PERIOD_DAYS - 1)
    start = max(start, end - timedelta(days=MOST_DAYS))
    code = filters.get("supplier")
    supplier_id = 0
    if isinstance(code, str):
        found = parties.find_by_code([code.upper()]) or parties.find_by_code([code])
        supplier_id = next((row.party_id for row in found.values()), NOBODY)
    return InboundAsked(start, end, at, site_id, supplier_id)


def address(name: str, asked: InboundAsked, supplier: str = "", **more: str) -> str:
    """The address of a page for the same period and supplier."""
    period = {"on_from": asked.start.isoformat(), "on_to": asked.end.isoformat()}
    return f"{reverse(name)}?{urlencode({**period, **({'supplier': supplier} if supplier else {}), **more})}"


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure with both its parts; `week` is a Monday, empty for the whole period."""

    id: int
    measure: str
    week: date | None
    value: Decimal | None
    unit: str
    numerator: Decimal | None
    denominator: Decimal | None
    formula: str
    address: str


NewRow = Callable[..., None]


def pallets_of(step: str, asked: InboundAsked, supplier: str = "") -> str:
    """The address of the pallets of which a step was measured."""
    with_ = {"step": MEASURED[step]} if step in MEASURED else {}
    return address("analytics_inbound_pallets", asked, supplier, **with_)


def figure_rows(found: InboundFigures, supplier: str = "") -> list[FigureRow]:
    """Every figure of a period and of its weeks, each leading to what it was counted from."""
    rows: list[FigureRow] = []

    def add(
        measure: str, value: Any, unit: str, parts: tuple[Any, Any], formula: str, url: str, week: Any = None
    ) -> None:
        rows.append(FigureRow(len(rows) + 1, measure, week, value, unit, *parts, formula, url))

    for one in (found.dock_to_stock, *found.weeks):
        _time_rows(add, one, found.asked, supplier)
    for work in (found.productivity, *found.productivity_weeks):
        _work_rows(add, work, found.asked, supplier)
    trucks = found.punctuality
    url = address("analytics_inbound_trucks", found.asked, supplier)
    add("Trucks punctual", trucks.share.percent, "%", _parts(trucks.share), "within the window / due and decided", url)
    for kind, records, units in found.kinds:
        url = link("inbound_discrepancies", query=f"?kind={kind}")
        add(f"Discrepancies, {words(kind).lower()}", Decimal(records), "records", (Decimal(records), None),
            f"recorded and not withdrawn; {units:,} units", url)  # fmt: skip
    for state in found.standing:
        url = link("analytics_stock", query=f"?has={state.state}")
        add(
            f"Stock in {words(state.state).lower()}",
            Decimal(state.units),
            "units",
            (Decimal(state.units), None),
            "now",
            url,
        )
        for label, units in zip((*AGE_LABELS, "age not known"), (*state.by_age, state.ageless), strict=True):
            if units:
                add(f"Stock in {words(state.state).lower()}, {label}", Decimal(units), "units",
                    (Decimal(units), Decimal(state.units)), "units of the age / units in the state", url)  # fmt: skip
    return rows


def _parts(ratio: Ratio) -> tuple[Decimal, Decimal]:
    return ratio.numerator, ratio.denominator


def _week(asked: InboundAsked, week: date | None) -> InboundAsked:
    if week is None:
        return asked
    return replace(asked, start=max(week, asked.start), end=min(week + timedelta(days=6), asked.end))


def _time_rows(add: NewRow, one: DockToStock, asked: InboundAsked, supplier: str) -> None:
    mine = _week(asked, one.week)
    for key in STEPS:
        step = one.steps[key]
        url = pallets_of(key, mine, supplier)
        for mark, value in (("median", step.p50), ("90th percentile", step.p90)):
            parts = (step.minutes, Decimal(step.pallets))
            add(f"{LABELS[key]}, {mark}", value, "min", parts, f"{FORMULAS[key]}; minutes / pallets", url, one.week)
    url = address("analytics_inbound_pallets", mine, supplier, overridden="yes")
    formula = "pallets that went to another bin / pallets with a suggestion"
    add("Putaway overrides", one.overrides.percent, "%", _parts(one.overrides), formula, url, one.week)


def _work_rows(add: NewRow, work: Productivity, asked: InboundAsked, supplier: str) -> None:
    url = address("analytics_inbound_lines", _week(asked, work.week), supplier)
    rate = work.lines_per_hour
    if rate is not None:
        value = None if rate.value is None else rate.value.quantize(Decimal("0.1"))
        add("Lines per labour hour", value, "lines", _parts(rate), "receipt lines / labour hours", url, work.week)
    add("Lines with a discrepancy", work.discrepancies.percent, "%", _parts(work.discrepancies),
        "receipt lines with a discrepancy / receipt lines", url + "&wrong=yes", work.week)  # fmt: skip


def _figures(query: ListQuery) -> Page[FigureRow]:
    asked = asked_of(query.filters, query.site_id)
    supplier = query.filters.get("supplier")
    rows = figure_rows(inbound_figures(asked), supplier if isinstance(supplier, str) else "")
    scope = query.filters.get("scope")
    if isinstance(scope, list):
        rows = [row for row in rows if (row.week is not None) == ("weeks" in scope)]
    return memory_page(replace(query, filters={}), rows, search=("measure",))


FIGURES = ListPage(
    name="analytics.inbound_figures",
    title="Receiving figures",
    noun=("figure", "figures"),
    permission=PERMISSION,
    rows=_figures,
    columns=[
        Column("measure", "Measure", sort=True, link=lambda r: r.address),
        Column("week", "Week of", kind="date", sort=True),
        Column("value", "Value", kind="number", places=1, sort=True),
        Column("unit", "Unit"),
        Column("numerator", "Numerator", kind="number", places=2),
        Column("denominator", "Denominator", kind="number", places=2),
        Column("formula", "Formula", wide=True),
    ],
    filters=[PERIOD, SUPPLIER, Choice("scope", "Figures", [("whole", "whole period"), ("weeks", "by week")])],
    sort="id",
    search="Measure",
    empty=Empty("No figures", "Numbers of what was received and put away in the period."),
)


def _behind(page: Callable[[ListQuery, InboundAsked], Page[Any]]) -> Callable[[ListQuery], Page[Any]]:
    """Rows of a list whose period and supplier the statement itself takes."""

    def rows(query: ListQuery) -> Page[Any]:
        asked = asked_of(query.filters, query.site_id)
        left: dict[str, Any] = {k: v for k, v in query.filters.items() if k not in ("on", "supplier")}
        if isinstance(step := left.get("step"), list):
            left["step"] = step[0] if step else ""
        return page(replace(query, filters=left), asked)

    return rows


def _time(key: str, label: str, **more: Any) -> Column:
    return Column(key, label, kind="number", places=1, sort=True, **more)


PALLETS = ListPage(
    name="analytics.inbound_pallets",
    title="Pallets put away",
    noun=("pallet", "pallets"),
    permission=PERMISSION,
    rows=_behind(pallet_page),
    columns=[
        Column("lpn", "Pallet", kind="code", value=lambda r: r.lpn or "loose",
               link=lambda r: link("analytics_moves", query=f"?q={r.lpn}") if r.lpn else ""),
        Column("sku", "Item", kind="code", sort=True, link=lambda r: reverse("analytics_item", args=[r.item_id])),
        Column("name", "Name", hidden=True),
        Column("more_items", "More items", kind="number", hidden=True, value=lambda r: r.more_items or None),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("supplier", "Supplier", kind="code", sort=True),
        Column("site", "Site", hidden=True),
        Column("receipt", "Receipt", kind="code", link=lambda r: link("inbound_receipt", r.receipt_id)),
        Column("appointment", "Truck", kind="code",
               link=lambda r: link("dock_appointment", r.appointment_id) if r.appointment_id else ""),
        Column("checked_in_at", "Check-in", kind="datetime", hidden=True),
        Column("received_at", "Received", kind="datetime", sort=True),
        Column("inspected_at", "Inspected", kind="datetime", hidden=True),
        Column("released_at", "Released", kind="datetime", hidden=True),
        Column("put_away_at", "Put away", kind="datetime", sort=True),
        _time("unload", "Unload, min"),
        _time("inspect", "Inspect"),
        _time("hold", "Hold"),
        _time("putaway", "Put away, min"),
        _time("dock_to_stock", "Dock to stock"),
        _time("received_to_stock", "Received to stock"),
        Column("suggested", "Suggested", kind="code", hidden=True),
        Column("went_to", "Went to", kind="code", sort=True,
               link=lambda r: link("analytics_moves", query=f"?q={r.went_to}") if r.went_to else ""),
        Column("reason", "Why elsewhere"),
    ],
    filters=[
        PERIOD, SUPPLIER, Flag("overridden", "Went elsewhere", promoted=True),
        Choice("step", "With", [("dock_to_stock", "a truck"), ("inspect", "an inspection"), ("hold", "a hold"),
                                ("suggested", "a suggestion")]),
    ],
    sort="-put_away_at",
    search="Pallet, item, receipt, supplier or bin",
    empty=Empty("Nothing was put away", "Pallets and loose lines of receipts that came into their bin in the period."),
    legend="Minutes of each step. Dock to stock runs from the check-in of the truck; a pallet that came without an ASN "
    "of a truck has none.",
)  # fmt: skip

LINES = ListPage(
    name="analytics.inbound_lines",
    title="Receipt lines",
    noun=("line", "lines"),
    permission=PERMISSION,
    rows=_behind(line_page),
    columns=[
        Column("receipt", "Receipt", kind="code", sort=True, link=lambda r: link("inbound_receipt", r.receipt_id)),
        Column("sku", "Item", kind="code", sort=True, link=lambda r: reverse("analytics_item", args=[r.item_id])),
        Column("name", "Name", hidden=True),
        Column("supplier", "Supplier", kind="code", sort=True),
        Column("site", "Site", hidden=True),
        Column("lpn", "Pallet", kind="code"),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("quality", "Quality", kind="state"),
        Column("received_by", "By", sort=True),
        Column("received_at", "Received", kind="datetime", sort=True),
        Column("kinds", "Discrepancy", value=lambda r: r.kinds.replace("no_po", "no PO").replace("_", " ")),
    ],
    filters=[PERIOD, SUPPLIER, Flag("wrong", "With a discrepancy", promoted=True)],
    sort="-received_at",
    search="Receipt, item, supplier, pallet or person",
    empty=Empty("Nothing was counted", "Receipt lines counted in the period and not taken back."),
)

TRUCKS = ListPage(
    name="analytics.inbound_trucks",
    title="Trucks and their slots",
    noun=("truck", "trucks"),
    permission=PERMISSION,
    rows=_behind(truck_page),
    columns=[
        Column("number", "Appointment", kind="code", sort=True, link=lambda r: link("dock_appointment", r.id)),
        Column("carrier", "Carrier", kind="code", sort=True),
        Column("reference", "Truck or load"),
        Column("site", "Site", hidden=True),
        Column("slot_at", "Slot", kind="datetime", sort=True),
        Column("checked_in_at", "Check-in", kind="datetime", sort=True),
        Column("minutes_after", "Minutes after", kind="number", sort=True),
        Column("verdict", "Verdict", kind="state"),
    ],
    filters=[
        PERIOD, SUPPLIER, Choice("verdict", "Verdict", [(v, words(v)) for v in VERDICTS], promoted=True),
    ],
    sort="-slot_at",
    search="Appointment, carrier or load",
    empty=Empty("No truck was due", "Appointments whose slot began in the period and that were not cancelled."),
    legend="Punctual is from 60 minutes before the slot to 15 minutes after it began.",
)  # fmt: skip
