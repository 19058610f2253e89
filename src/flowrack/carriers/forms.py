"""Forms and grids of the carriers' pages. Each section of a rate card is a grid; the rest of the card stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from flowrack.carriers import rules_try
from flowrack.carriers.rules_rates import Extra
from flowrack.carriers.types import (
    CardFuelOf,
    CardHazardOf,
    CardLaneOf,
    CardOf,
    CardRateOf,
    CardRemoteOf,
    CardServiceOf,
    CardSurchargeOf,
    CardTransitOf,
    GuideLineOf,
)
from flowrack.platform.web.grid import GridColumn
from flowrack.shared.errors import BadLine

Row = dict[str, str]
YES = ("yes", "y", "true", "1", "x")
DAY_NAMES = ("", "Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
ZERO = Decimal(0)


class Cells:
    """The cells of one grid row as values; what is no value is a bad line, and counts as nothing."""

    def __init__(self, n: int, row: Row, bad: list[BadLine]) -> None:
        self.n, self.row, self.bad = n, row, bad

    def text(self, name: str) -> str:
        """Text without blanks around it."""
        return self.row.get(name, "").strip()

    def whole(self, name: str, otherwise: int = 0) -> int:
        """A whole number."""
        text = self.text(name)
        if text and not (text.isascii() and text.isdigit() and len(text) < 10):
            self._fault(name, f"“{text}” is no whole number.", "Write digits only.")
            return otherwise
        return int(text) if text else otherwise

    def amount(self, name: str) -> Decimal:
        """An amount or a percentage."""
        try:
            found = Decimal(self.text(name) or 0)
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            self._fault(name, f"“{self.text(name)}” is no amount.", "Write it as 4.50.")
            return ZERO
        return found

    def day(self, name: str) -> date:
        """A day."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            self._fault(name, f"“{self.text(name)}” is no day.", "Write it as 2026-12-01.")
            return date.min

    def yes(self, name: str) -> bool:
        """Yes or nothing."""
        return self.text(name).lower() in YES

    def weekdays(self, name: str) -> list[int]:
        """Weekdays as digits or names: 1-5, Mo Tu, 12345."""
        text = self.text(name) or "1-5"
        if len(text) == 3 and text[1] == "-" and text[0].isdigit() and text[2].isdigit():
            return list(range(int(text[0]), int(text[2]) + 1))
        if text.isdigit():
            return sorted({int(digit) for digit in text})
        found = [DAY_NAMES.index(part[:2].title()) for part in text.split() if part[:2].title() in DAY_NAMES[1:]]
        if len(found) != len(text.split()):
            self._fault(name, f"“{text}” are no weekdays.", "Write 1-5, or Mo Tu We.")
        return found

    def hazards(self, name: str) -> list[CardHazardOf]:
        """Classes and divisions, with LQ behind those that are taken as limited quantity alone."""
        parts = [part.split() for part in self.text(name).upper().split(",") if part.strip()]
        return [CardHazardOf(part[0], part[1:] == ["LQ"]) for part in parts]

    def _fault(self, name: str, said: str, fix: str) -> None:
        self.bad.append(BadLine(self.n, name, said, fix))


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a rate card that is written in one grid."""

    title: str
    sub: str
    columns: Sequence[GridColumn]
    show: Callable[[CardOf], list[Row]]
    read: Callable[[CardOf, Sequence[Row], list[BadLine]], CardOf]


def _n(name: str, label: str, placeholder: str = "") -> GridColumn:
    return GridColumn(name, label, kind="number", placeholder=placeholder)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else ""
    return str(value) if value not in (0, None) else ""


def _rows(of: Sequence[Any], names: Sequence[str]) -> list[Row]:
    return [{name: _plain(getattr(one, name)) for name in names} for one in of]


# Services: what a service takes, when it goes, how it is charged.
SERVICE_COLUMNS = [
    GridColumn("service", "Service", code=True, placeholder="PARCEL"),
    GridColumn("mode", "Travels", options=("ground", "air"), placeholder="ground"),
    GridColumn("basis", "Charged per", options=("parcel", "shipment", "pallet"), placeholder="parcel"),
    _n("divisor", "cm³ for a kg", "5000"),
    _n("step_g", "Weight step, g", "1000"),
    _n("minimum", "Minimum"),
    _n("max_parcel_g", "Parcel up to, g", "30000"),
    _n("max_length_mm", "Length up to, mm", "1200"),
    _n("max_girth_mm", "Length + girth up to, mm", "3000"),
    _n("min_pallets", "Pallets from"),
    _n("dock_minutes", "Dock minutes", "30"),
    GridColumn("goes_on", "Goes on", placeholder="1-5"),
    GridColumn("delivers_on", "Delivers on", placeholder="1-5"),
    GridColumn("hazards", "Hazards taken", placeholder="2.1 LQ, 3"),
]
SERVICE_NUMBERS = ("divisor", "max_parcel_g", "max_length_mm", "max_girth_mm", "min_pallets", "dock_minutes")
SERVICE_CELLS = ("service", "mode", "basis", "minimum", "step_g", *SERVICE_NUMBERS)


def _days(days: Sequence[int]) -> str:
    return " ".join(DAY_NAMES[day] for day in days)


def _show_services(card: CardOf) -> list[Row]:
    return [
        {name: _plain(getattr(one, name)) for name in SERVICE_CELLS}
        | {"goes_on": _days(one.goes_on), "delivers_on": _days(one.delivers_on)}
        | {"hazards": ", ".join(f"{h.hazard} LQ" if h.limited_only else h.hazard for h in one.hazards)}
        for one in card.services
    ]


def _read_services(card: CardOf, rows: Sequence[Row], bad: list[BadLine]) -> CardOf:
    known = {one.service: one for one in card.services}
    services = []
    for n, row in enumerate(rows, 1):
        cells = Cells(n, row, bad)
        code = cells.text("service")
        services.append(
            replace(
                known.get(code, CardServiceOf(code)),
                mode=cells.text("mode").lower() or "ground",
                basis=cells.text("basis").lower() or "parcel",
                step_g=cells.whole("step_g", 1),
                minimum=cells.amount("minimum"),
                goes_on=cells.weekdays("goes_on"),
                delivers_on=cells.weekdays("delivers_on"),
                hazards=cells.hazards("hazards"),
                **{name: cells.whole(name) for name in SERVICE_NUMBERS},  # type: ignore[arg-type]
            )
        )
    return replace(card, services=services)


def _of_services(card: CardOf, name: str, names: Sequence[str]) -> list[Row]:
    return [{"service": one.service} | row for one in card.services for row in _rows(getattr(one, name), names)]


def _into_services(
    card: CardOf, name: str, rows: Sequence[Row], bad: list[BadLine], make: Callable[[Cells], object]
) -> CardOf:
    """The card with the rows of each service in place of those it had; a service that the card has not is a fault."""
    found: dict[str, list[object]] = {one.service: [] for one in card.services}
    for n, row in enumerate(rows, 1):
        cells = Cells(n, row, bad)
        code = cells.text("service")
        if code not in found:
            known = ", ".join(found) or "none yet"
            bad.append(BadLine(n, "service", f"The card has no service “{code}”.", f"It has: {known}."))
            continue
        found[code].append(make(cells))
    services = [replace(one, **{name: found[one.service]}) for one in card.services]  # type: ignore[arg-type]
    return replace(card, services=services)


RATE_COLUMNS = [
    GridColumn("service", "Service", code=True, placeholder="PARCEL"),
    GridColumn("zone", "Zone", code=True, placeholder="1"),
    _n("upto_g", "Up to, g", "5000"),
    _n("price", "Price", "6.40"),
    _n("per_kg", "And per kg"),
    _n("over_g", "above, g"),
]
DAY_COLUMNS = [
    GridColumn("service", "Service", code=True, placeholder="PARCEL"),
    GridColumn("zone", "Zone", code=True, placeholder="1"),
    _n("days", "Days on the way", "1"),
]
EXTRA_COLUMNS = [
    GridColumn("service", "Service", code=True, placeholder="PARCEL"),
    GridColumn("cause", "When", options=tuple(Extra), placeholder="remote"),
    _n("amount", "Amount", "12.00"),
    GridColumn("is_per_parcel", "Each parcel", placeholder="yes"),
    GridColumn("has_fuel", "Fuel on it", placeholder="yes"),
    _n("over_length_mm", "Length above, mm"),
    _n("over_girth_mm", "Length + girth above, mm"),
    _n("over_weight_g", "Weight above, g"),
]
LANE_COLUMNS = [
    GridColumn("zone", "Zone", code=True, placeholder="1"),
    GridColumn("origin_site", "From site", code=True),
    GridColumn("origin_country", "From country", code=True),
    GridColumn("country", "To country", code=True, placeholder="GB"),
    GridColumn("region", "To region"),
    GridColumn("postcode_from", "Postcode from", code=True, placeholder="IV"),
    GridColumn("postcode_to", "Postcode to", code=True, placeholder="KW"),
]
FUEL_COLUMNS = [GridColumn("from_on", "From", placeholder="2026-12-01"), _n("percent", "Fuel, %", "12.5")]
REMOTE_COLUMNS = [
    GridColumn("country", "Country", code=True, placeholder="GB"),
    GridColumn("postcode_from", "Postcode from", code=True, placeholder="IV"),
    GridColumn("postcode_to", "Postcode to", code=True, placeholder="KW"),
]


def _names(kind: type, *left_out: str) -> list[str]:
    return [f.name for f in fields(kind) if f.name not in left_out]


def _read_rates(card: CardOf, rows: Sequence[Row], bad: list[BadLine]) -> CardOf:
    def make(c: Cells) -> CardRateOf:
        return CardRateOf(c.text("zone"), c.whole("upto_g"), c.amount("price"), c.amount("per_kg"), c.whole("over_g"))

    return _into_services(card, "rates", rows, bad, make)


def _read_days(card: CardOf, rows: Sequence[Row], bad: list[BadLine]) -> CardOf:
    return _into_services(card, "transits", rows, bad, lambda c: CardTransitOf(c.text("zone"), c.whole("days")))


def _read_extras(card: CardOf, rows: Sequence[Row], bad: list[BadLine]) -> CardOf:
    def make(c: Cells) -> CardSurchargeOf:
        limits = [c.whole(name) for name in ("over_length_mm", "over_girth_mm", "over_weight_g")]
        return CardSurchargeOf(
            c.text("cause").lower(), c.amount("amount"), c.yes("is_per_parcel"), c.yes("has_fuel"), *limits
        )

    return _into_services(card, "surcharges", rows, bad, make)


def _read_lanes(card: CardOf, rows: Sequence[Row], bad: list[BadLine]) -> CardOf:
    lanes = []
    for n, row in enumerate(rows, 1):
        cells = Cells(n, row, bad)
        lanes.append(CardLaneOf(**{name: _upper(name, cells.text(name)) for name in _names(CardLaneOf)}))
    return replace(card, lanes=lanes)


def _upper(name: str, text: str) -> str:
    return text.upper() if name in ("origin_country", "country", "postcode_from", "postcode_to") else text


def _read_fuels(card: CardOf, rows: Sequence[Row], bad: list[BadLine]) -> CardOf:
    cells = [Cells(n, row, bad) for n, row in enumerate(rows, 1)]
    return replace(card, fuels=[CardFuelOf(c.day("from_on"), c.amount("percent")) for c in cells])


def _read_remotes(card: CardOf, rows: Sequence[Row], bad: list[BadLine]) -> CardOf:
    cells = [Cells(n, row, bad) for n, row in enumerate(rows, 1)]
    names = _names(CardRemoteOf)
    return replace(card, remotes=[CardRemoteOf(*(_upper(name, c.text(name)) for name in names)) for c in cells])


SECTIONS: dict[str, Section] = {
    "services": Section(
        "Services", "What each service takes, when it goes and how it is charged. 0 or nothing = no limit.",
        SERVICE_COLUMNS, _show_services, _read_services,
    ),
    "rates": Section(
        "Rates", "What a billable weight up to so many grams costs, and so much for each kg above a weight.",
        RATE_COLUMNS, lambda c: _of_services(c, "rates", _names(CardRateOf)), _read_rates,
    ),
    "days": Section(
        "Days on the way", "How many days of delivery a service takes to a zone.",
        DAY_COLUMNS, lambda c: _of_services(c, "transits", _names(CardTransitOf)), _read_days,
    ),
    "places": Section(
        "Places of zones", "The place that says most counts: postcodes before a region, a region before a country.",
        LANE_COLUMNS, lambda c: _rows(c.lanes, _names(CardLaneOf)), _read_lanes,
    ),
    "surcharges": Section(
        "Surcharges", "An amount when its cause is there: always, residential, remote, oversize or hazard.",
        EXTRA_COLUMNS, lambda c: _of_services(c, "surcharges", _names(CardSurchargeOf)), _read_extras,
    ),
    "fuel": Section(
        "Fuel", "The percentage from a day on, on freight and on surcharges that say so.",
        FUEL_COLUMNS, lambda c: _rows(c.fuels, _names(CardFuelOf)), _read_fuels,
    ),
    "remote": Section(
        "Remote places", "Postcodes for which the surcharge “remote” is due.",
        REMOTE_COLUMNS, lambda c: _rows(c.remotes, _names(CardRemoteOf)), _read_remotes,
    ),
}  # fmt: skip

GUIDE_COLUMNS = [
    GridColumn("carrier", "Carrier", code=True, look="carrier"),
    GridColumn("service", "Service", code=True),
    GridColumn("rule", "Rule", options=("allowed", "required", "barred"), placeholder="allowed"),
    GridColumn("account", "His account", placeholder="empty: we pay"),
]


def read_guide(rows: Sequence[Row]) -> list[GuideLineOf]:
    """The lines of a routing guide as the grid says them."""
    return [
        GuideLineOf(row.get("carrier", ""), row.get("service", ""), row.get("rule", "").lower(), row.get("account", ""))
        for row in rows
    ]


class NewCardForm(forms.Form):
    """A carrier, and the day from which a new version prices."""

    carrier = forms.CharField(max_length=40, help_text="Code of the carrier.")
    valid_from = forms.DateField(label="Prices from", widget=forms.DateInput(attrs={"type": "date"}))
    name = forms.CharField(max_length=80, required=False, help_text="For example: Winter 2027.")


class CopyCardForm(forms.Form):
    """From when a copy prices, and by how much its amounts change."""

    valid_from = forms.DateField(label="Prices from", widget=forms.DateInput(attrs={"type": "date"}))
    change_pct = forms.DecimalField(
        label="Change of all amounts, %", initial=0, max_digits=6, decimal_places=2, help_text="4.9 = dearer by 4.9 %."
    )


class WithdrawForm(forms.Form):
    """Why a version prices no more."""

    reason = forms.CharField(max_length=200)


class LateForm(forms.Form):
    """What a day of lateness counts, by tier."""

    a = forms.DecimalField(label="Tier A", min_value=0, max_value=100_000, decimal_places=2)
    b = forms.DecimalField(label="Tier B", min_value=0, max_value=100_000, decimal_places=2)
    c = forms.DecimalField(label="Tier C", min_value=0, max_value=100_000, decimal_places=2)


class TryForm(forms.Form):
    """Some equal parcels for a place."""

    site = forms.ChoiceField(label="From")
    country = forms.CharField(label="To country", max_length=60, initial="GB", help_text="Two letters.")
    postcode = forms.CharField(max_length=20, required=False)
    region = forms.CharField(max_length=120, required=False)
    is_residential = forms.BooleanField(label="A home", required=False)
    parcels = forms.IntegerField(min_value=1, max_value=999, initial=1)
    weight_g = forms.IntegerField(label="Weight of each, g", min_value=1, max_value=30_000_000, initial=2_000)
    length_mm = forms.IntegerField(label="Length, mm", min_value=0, max_value=20_000, required=False)
    width_mm = forms.IntegerField(label="Width, mm", min_value=0, max_value=20_000, required=False)
    height_mm = forms.IntegerField(label="Height, mm", min_value=0, max_value=20_000, required=False)
    hazard = forms.CharField(label="Hazard", max_length=60, required=False, help_text="Class or division, such as 2.1.")
    is_limited = forms.BooleanField(label="Limited quantity", required=False)
    on = forms.DateField(label="Leaves on", widget=forms.DateInput(attrs={"type": "date"}))
    drafts = forms.BooleanField(label="By the drafts, where there are any", required=False)

    def clean(self) -> dict[str, Any]:
        """A place and a hazard that exist; all sides or none."""
        said = super().clean() or self.cleaned_data
        if not self.errors:
            sides = (said["length_mm"] or 0, said["width_mm"] or 0, said["height_mm"] or 0)
            for fault in rules_try.faults(said["country"], said["hazard"], sides):
                self.add_error(fault.field, f"{fault.message} {fault.fix}")
        return said
