"""Filters of a list: how the address says them and how the page shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from django.http import QueryDict
from django.utils import timezone

from flowrack.platform.web.query import FilterValue, Range

Options = Sequence[tuple[str, str]]
SPANS = ("today", "week", "late")


@dataclass(frozen=True, slots=True)
class Choice:
    """One or more values out of a list; `options` may be a function, read when the page is drawn."""

    name: str
    label: str
    options: Options | Callable[[], Options]
    promoted: bool = False
    any_label: str = "any"
    template: str = "patterns/_filter_choice.html"

    def choices(self) -> Options:
        """The values and their words."""
        return self.options() if callable(self.options) else self.options

    def parse(self, data: QueryDict) -> FilterValue | None:
        """The chosen values, comma-separated or repeated. Those that are no values are told by `unknown`."""
        known = {str(value) for value, _ in self.choices()}
        return [v for v in self._asked(data) if v in known] or None

    def unknown(self, data: QueryDict) -> list[str]:
        """What was asked for and is no value of it."""
        asked = self._asked(data)
        known = {str(value) for value, _ in self.choices()} if asked else set()
        return [v for v in asked if v not in known]

    def _asked(self, data: QueryDict) -> list[str]:
        return list(dict.fromkeys(v for part in data.getlist(self.name) for v in part.split(",") if v.strip()))

    def say(self, value: FilterValue) -> str:
        """The filter in words."""
        names = {str(v): label for v, label in self.choices()}
        chosen = [names[v] for v in value if v in names] if isinstance(value, list) else []
        return ", ".join(chosen) if len(chosen) <= 2 else f"{len(chosen)} of {len(names)}"


@dataclass(frozen=True, slots=True)
class Text:
    """A text contained in the field."""

    name: str
    label: str
    promoted: bool = False
    any_label: str = "any"
    template: str = "patterns/_filter_text.html"

    def parse(self, data: QueryDict) -> FilterValue | None:
        """The text, trimmed."""
        return data.get(self.name, "").strip()[:200] or None

    def unknown(self, data: QueryDict) -> list[str]:
        """Any text may be looked for."""
        return []

    def say(self, value: FilterValue) -> str:
        """The filter in words."""
        return str(value)


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    name: str
    label: str
    promoted: bool = False
    any_label: str = "any"
    template: str = "patterns/_filter_flag.html"

    def parse(self, data: QueryDict) -> FilterValue | None:
        """True, False or nothing."""
        return {"yes": True, "no": False}.get(data.get(self.name, ""))

    def unknown(self, data: QueryDict) -> list[str]:
        """What is neither yes nor no."""
        return [v for v in [data.get(self.name, "").strip()] if v and v not in ("yes", "no")]

    def say(self, value: FilterValue) -> str:
        """The filter in words."""
        return "yes" if value else "no"


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from .. to; `today`, `week` (next 7 days) and `late` (before today) have names of their own."""

    name: str
    label: str
    promoted: bool = False
    any_label: str = "any date"
    template: str = "patterns/_filter_dates.html"

    def parse(self, data: QueryDict) -> FilterValue | None:
        """The range, from `name_from` and `name_to` or a named span in `name`."""
        today = timezone.localdate()
        spans = {
            "today": Range(today, today),
            "week": Range(today, today + timedelta(days=6)),
            "late": Range(None, today - timedelta(days=1)),
        }
        named = spans.get(data.get(self.name, ""))
        if named:
            return named
        low, high = _day(data.get(f"{self.name}_from")), _day(data.get(f"{self.name}_to"))
        return Range(low, high) if low or high else None

    def unknown(self, data: QueryDict) -> list[str]:
        """What is neither a span of days nor a day."""
        span = data.get(self.name, "").strip()
        days = [data.get(f"{self.name}_{end}", "").strip() for end in ("from", "to")]
        return [v for v in [span] if v and v not in SPANS] + [v for v in days if v and _day(v) is None]

    def say(self, value: FilterValue) -> str:
        """The filter in words."""
        assert isinstance(value, Range)
        today = timezone.localdate()
        if value.low == value.high == today:
            return "today"
        low, high = (f"{d.day} {d:%b %Y}" if isinstance(d, date) else "" for d in (value.low, value.high))
        return f"{low} to {high}" if low and high else (f"from {low}" if low else f"until {high}")


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Numbers from .. to."""

    name: str
    label: str
    promoted: bool = False
    any_label: str = "any"
    template: str = "patterns/_filter_numbers.html"

    def parse(self, data: QueryDict) -> FilterValue | None:
        """The range, from `name_from` and `name_to`."""
        low, high = _number(data.get(f"{self.name}_from")), _number(data.get(f"{self.name}_to"))
        return Range(low, high) if low is not None or high is not None else None

    def unknown(self, data: QueryDict) -> list[str]:
        """What is no number."""
        ends = [data.get(f"{self.name}_{end}", "").strip() for end in ("from", "to")]
        return [v for v in ends if v and _number(v) is None]

    def say(self, value: FilterValue) -> str:
        """The filter in words."""
        assert isinstance(value, Range)
        if value.low is not None and value.high is not None:
            return f"{value.low} to {value.high}"
        return f"from {value.low}" if value.low is not None else f"up to {value.high}"


Filter = Choice | Text | Flag | DateRange | NumberRange


def _day(text: str | None) -> date | None:
    """The day that was typed; years in which no house kept books are none, so that pages may count days from it."""
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is not None and 1900 <= found.year < 2200 else None


def _number(text: str | None) -> Decimal | None:
    try:
        found = Decimal(text) if text else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None
