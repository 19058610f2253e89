"""Forms of supplier agreements: the page's fields and the grid of prices to a command's request, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from django import forms

from flowrack.catalog import queries as catalog
from flowrack.locations import queries as places
from flowrack.parties import queries as parties
from flowrack.platform.web.grid import GridColumn
from flowrack.platform.web.standins import readable
from flowrack.purchasing.queries_agreements import AgreementPriceRow, AgreementRecord
from flowrack.purchasing.types_agreements import AgreedLine, AgreedTerms, AgreementContent, PriceBreak
from flowrack.shared.errors import BadLine
from flowrack.shared.quantity import Units

Read = TypeVar("Read")
WEEKDAYS = [("1", "Mon"), ("2", "Tue"), ("3", "Wed"), ("4", "Thu"), ("5", "Fri"), ("6", "Sat"), ("7", "Sun")]
GRAMS, MILLILITRES = 1000, 1_000_000


def sites_or_all() -> list[tuple[str, str]]:
    """Every site, and each of them."""
    return [("", "Every site"), *((str(site.site_id), site.name) for site in places.sites())]


def day_field(label: str, *, required: bool = False, help_text: str = "") -> forms.DateField:
    """A day."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


def _number(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=100_000, help_text=help_text)


def _decimal(label: str, places: int, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=0, max_digits=14, decimal_places=places, help_text=help_text
    )


def _weekdays(text: str) -> list[int]:
    """Mon Wed, or 1 3, as numbers."""
    known = {name.lower(): int(code) for code, name in WEEKDAYS} | {code: int(code) for code, _ in WEEKDAYS}
    days = []
    for word in re.split(r"[\s,;]+", text.strip()):
        day = known.get(word.lower()[:3])
        if word and day is None:
            raise forms.ValidationError(f"“{word}” is no weekday. Write Mon Wed.")
        days += [day] if day else []
    return sorted(set(days))


def _named(days: Sequence[int]) -> str:
    return " ".join(dict(WEEKDAYS)[str(day)] for day in days)


class AgreementForm(forms.Form):
    """What is agreed for whole orders. Its prices stand in the grid below."""

    supplier = forms.CharField(label="Supplier code", max_length=40)
    site = forms.ChoiceField(label="For", choices=sites_or_all, required=False)
    valid_from = day_field("First day", required=True)
    valid_to = day_field("Last day", help_text="Empty: until another one replaces it.")
    reference = forms.CharField(label="Supplier's reference", max_length=80, required=False)
    lead_time_days = _number("Lead time, days", "Empty: the supplier's.")
    min_value = _decimal("Least value of an order", 2, "Empty: the supplier's.")
    min_weight = _decimal("Least weight, kg", 3)
    min_volume = _decimal("Least volume, m³", 6)
    over_pct = _decimal("Over tolerance, %", 2, "Of every line without its own.")
    under_pct = _decimal("Under tolerance, %", 2)
    early_days = _number("Days early", "That a delivery may come.")
    late_days = _number("Days late")
    order_weekdays = forms.CharField(
        label="Takes orders on", required=False, max_length=40, help_text="For example Mon Wed. Empty: any day."
    )
    delivery_weekdays = forms.CharField(
        label="Delivers on", required=False, max_length=40, help_text="Empty: the supplier's days."
    )
    closed_days = forms.CharField(
        label="Closed days", required=False, max_length=2000, help_text="For example 2026-12-24, 2026-12-25."
    )
    note = forms.CharField(label="Note", max_length=400, required=False)

    def clean_supplier(self) -> int:
        """The supplier behind the code."""
        code = self.cleaned_data["supplier"].strip()
        found = parties.find_by_code([code]).get(code)
        if found is None or not found.is_supplier:
            raise forms.ValidationError(f"There is no supplier “{code}”.")
        return int(found.party_id)

    def clean_closed_days(self) -> list[date]:
        """The days, written one after the other."""
        days = []
        for text in re.split(r"[\s,;]+", self.cleaned_data["closed_days"].strip()):
            try:
                days += [date.fromisoformat(text)] if text else []
            except ValueError:
                raise forms.ValidationError(f"“{text}” is no day. Write 2026-12-24.") from None
        return days

    def clean_order_weekdays(self) -> list[int]:
        """The weekdays on which orders are taken; any of them when none is named."""
        return _weekdays(self.cleaned_data["order_weekdays"]) or [1, 2, 3, 4, 5, 6, 7]

    def clean_delivery_weekdays(self) -> list[int] | None:
        """The weekdays on which goods come; None = as the supplier's terms say."""
        return _weekdays(self.cleaned_data["delivery_weekdays"]) or None

    def to_content(self, lines: list[AgreedLine]) -> AgreementContent:
        """The agreement as the commands want it."""
        data = readable(self, supplier=0, closed_days=[], order_weekdays=[1, 2, 3, 4, 5, 6, 7], delivery_weekdays=None)
        plain = ("lead_time_days", "min_value", "over_pct", "under_pct", "early_days", "late_days", "closed_days")
        weight, volume = data["min_weight"], data["min_volume"]
        return AgreementContent(
            supplier_id=data["supplier"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            site_id=int(data["site"]) if data["site"] else None,
            reference=data["reference"],
            note=data["note"],
            terms=AgreedTerms(
                **{name: data[name] for name in plain},
                min_weight_g=None if weight is None else int(weight * GRAMS),
                min_volume_ml=None if volume is None else int(volume * MILLILITRES),
                order_weekdays=data["order_weekdays"],
                delivery_weekdays=data["delivery_weekdays"],
            ),
            lines=lines,
        )

    @staticmethod
    def initial_of(record: AgreementRecord, supplier_code: str) -> dict[str, Any]:
        """The form's values for a stored version."""
        content, terms = record.content, record.content.terms
        plain = ("lead_time_days", "min_value", "over_pct", "under_pct", "early_days", "late_days")
        weight, volume = terms.min_weight_g, terms.min_volume_ml
        return {
            "supplier": supplier_code,
            "site": str(content.site_id or ""),
            **{name: getattr(content, name) for name in ("valid_from", "valid_to", "reference", "note")},
            **{name: getattr(terms, name) for name in plain},
            "min_weight": None if weight is None else Decimal(weight) / GRAMS,
            "min_volume": None if volume is None else Decimal(volume) / MILLILITRES,
            "order_weekdays": "" if len(terms.order_weekdays) == 7 else _named(terms.order_weekdays),
            "delivery_weekdays": _named(terms.delivery_weekdays or ()),
            "closed_days": ", ".join(day.isoformat() for day in terms.closed_days),
        }


PRICE_GRID = [
    GridColumn("item", "Item, barcode or SKU", code=True),
    GridColumn("family", "or family", code=True),
    GridColumn("from_units", "From units", kind="number", placeholder="1"),
    GridColumn("unit_cost", "Unit cost", kind="number"),
    GridColumn("starts_on", "Since", placeholder="first day"),
    GridColumn("moq", "MOQ", kind="number"),
    GridColumn("multiple", "Multiple", kind="number"),
    GridColumn("lead_time_days", "Lead days", kind="number"),
    GridColumn("over_pct", "Over %", kind="number"),
]


def grid_of(prices: Sequence[AgreementPriceRow]) -> list[dict[str, str]]:
    """The rows of the grid for stored prices."""
    return [
        {
            "item": p.code if p.item_id else "",
            "family": p.code if p.family_id else "",
            "from_units": _text(p.from_units),
            "unit_cost": "" if p.unit_cost is None else f"{p.unit_cost.normalize():f}",
            "starts_on": "" if p.starts_on is None else p.starts_on.isoformat(),
            **{name: _text(getattr(p, name)) for name in ("moq", "multiple", "lead_time_days")},
            "over_pct": "" if p.over_pct is None else f"{p.over_pct.normalize():f}",
        }
        for p in prices
    ]


def _text(value: int | None) -> str:
    return "" if value is None else str(value)


def read_prices(
    rows: Sequence[dict[str, str]], families: dict[str, int]
) -> tuple[list[AgreedLine], list[int], list[BadLine]]:
    """The lines of the grid, rows of one item or family put together, the first row of each, and all that is wrong with
    the others."""
    found = catalog.find_codes([row["item"] for row in rows])
    lines: dict[tuple[int | None, int | None], AgreedLine] = {}
    first: dict[tuple[int | None, int | None], int] = {}
    bad: list[BadLine] = []
    for number, row in enumerate(rows, 1):
        before = len(bad)
        hits = found.get(row["item"], [])
        item_id = hits[0].item_id if len(hits) == 1 else None
        family_id = families.get(row["family"])
        if row["item"] and item_id is None:
            bad.append(BadLine(number, "item", f"“{row['item']}” is not one item.", "Check the SKU."))
        if row["family"] and family_id is None:
            bad.append(BadLine(number, "family", f"There is no family “{row['family']}”.", "Check its code."))
        if bool(row["item"]) == bool(row["family"]):
            bad.append(BadLine(number, "item", "A price is for one item or one family.", "Name one of the two."))
        cost, over = (_read(number, row, name, _decimal_of, bad) for name in ("unit_cost", "over_pct"))
        starts = _read(number, row, "starts_on", date.fromisoformat, bad)
        figures = {
            name: _read(number, row, name, int, bad) for name in ("from_units", "moq", "multiple", "lead_time_days")
        }
        if row["unit_cost"] == "" and figures["from_units"] is not None:
            bad.append(BadLine(number, "unit_cost", "The price is missing.", "Type what a unit costs."))
        if len(bad) > before:
            continue
        line = lines.get((item_id, family_id), AgreedLine(item_id, family_id))
        first.setdefault((item_id, family_id), number)
        price = None if cost is None else PriceBreak(Units(figures.pop("from_units") or 1), cost, starts)
        figures.pop("from_units", None)
        line = replace(line, over_pct=line.over_pct if over is None else over)
        lines[item_id, family_id] = replace(
            line,
            prices=[*line.prices, *([price] if price else [])],
            **{name: value for name, value in figures.items() if value is not None},  # type: ignore[arg-type]
        )
    return list(lines.values()), list(first.values()), bad


def _decimal_of(text: str) -> Decimal:
    cost = Decimal(text)
    if not cost.is_finite():
        raise ValueError(text)
    return cost


def _read(number: int, row: dict[str, str], name: str, read: Callable[[str], Read], bad: list[BadLine]) -> Read | None:
    text = row[name]
    if not text:
        return None
    try:
        return read(text)
    except (ValueError, InvalidOperation):
        like = {"unit_cost": "3.95", "starts_on": "2026-05-01"}.get(name, "12")
        bad.append(BadLine(number, name, f"“{text}” cannot be read.", f"Type it like {like}."))
        return None


class EndAgreementForm(forms.Form):
    """Why and when an agreement ends."""

    last_day = day_field(
        "Last day", help_text="Empty: today. A draft, and what has not begun by the day, is withdrawn."
    )
    reason = forms.CharField(label="Reason", max_length=200)


class ReviseForm(forms.Form):
    """From when on the next version counts."""

    valid_from = day_field("First day of the next version", required=True)
