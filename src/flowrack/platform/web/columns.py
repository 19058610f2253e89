"""Columns: how one field of a row becomes a cell on the page, in CSV and in XLSX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from flowrack.platform.web import clock
from flowrack.platform.web import format as fmt

KINDS = ("text", "code", "number", "money", "percent", "date", "datetime", "state", "chip", "tier", "flag", "html")
ENDS = {"number", "money", "percent", "date", "datetime"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `key` names the row's field; `link` gives the address of the cell's page.

    `sort` is False, or True to sort by `key`, or the name of the sort key. `total` shows the total of that key.
    `value` overrides how the field is read; `html` draws the cell on the page (export keeps `value`).
    `tone` gives a chip's tone (bad, warn, acc or "") for a row. `hidden` columns wait in the columns chooser. `minor`
    ones are left out where a phone draws each row as a card. `of_sites` ones are shown by themselves only to who looks
    at several sites.
    """

    key: str
    label: str
    kind: str = "text"
    link: Callable[[Any], str | None] | None = None
    sort: bool | str = False
    total: bool = False
    value: Callable[[Any], Any] | None = None
    html: Callable[[Any], Any] | None = None
    tone: Callable[[Any], str] | None = None
    marks: dict[str, str] = field(default_factory=dict)
    hidden: bool = False
    wide: bool = False
    places: int | None = None
    permission: str = ""
    minor: bool = False
    of_sites: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is not a kind of column; use one of {', '.join(KINDS)}")

    @property
    def sort_key(self) -> str:
        """The sort key, "" when the column does not sort."""
        return self.key if self.sort is True else (self.sort or "")

    @property
    def heading(self) -> str:
        """The label, with the currency for money."""
        return f"{self.label}, {fmt.currency_symbol()}" if self.kind == "money" else self.label

    @property
    def file_heading(self) -> str:
        """The heading in a file, whose times are all by one clock: that of the page."""
        return f"{self.label}, {clock.zone_name()}" if self.kind == "datetime" else self.heading

    @property
    def hint(self) -> str:
        """By which clock the times below are; shown on the heading."""
        return clock.told() if self.kind == "datetime" else ""

    @property
    def css(self) -> str:
        """The class of head and cells."""
        own = "n" if self.kind in ENDS else ("w" if self.wide else "")
        return f"{own} minor".strip() if self.minor else own

    def read(self, row: Any) -> Any:
        """The raw value, for export."""
        if self.value is not None:
            return self.value(row)
        return row.get(self.key) if isinstance(row, dict) else getattr(row, self.key, None)

    def cell(self, row: Any) -> SafeString:
        """The cell's content on the page."""
        drawn = conditional_escape(self.html(row) or "") if self.html is not None else self.draw(self.read(row), row)
        url = self.link(row) if self.link else None
        if url and drawn:
            return format_html('<a class="id{}" href="{}">{}</a>', " code" if self.kind == "code" else "", url, drawn)
        if self.kind == "code" and drawn:
            return format_html('<span class="code">{}</span>', drawn)
        return drawn

    def draw(self, value: Any, row: Any = None) -> SafeString:
        """The value as this kind shows it."""
        if value is None or value == "":
            return mark_safe("")
        if self.kind == "chip":
            return fmt.chip(value, self.tone(row) if self.tone and row is not None else "")
        if self.kind == "state":
            return fmt.state(value, self.marks)
        if self.kind == "datetime":
            return _time(value, clock.of_row(row))
        return conditional_escape(DRAWN[self.kind](value, self.places) if self.kind in DRAWN else value)


def _iso(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _time(value: Any, own: ZoneInfo | None) -> SafeString:
    """A time by the clock of the page, or by that of the row's own site, which it then names."""
    if own is None or not isinstance(value, datetime):
        return format_html('<time datetime="{}">{}</time>', _iso(value), fmt.moment(value))
    with timezone.override(own):
        said = f"{fmt.moment(value)} {clock.short(value)}"
    return format_html('<time datetime="{}" title="{}">{}</time>', _iso(value), own, said)


DRAWN: dict[str, Callable[[Any, int | None], Any]] = {
    "number": fmt.number,
    "money": lambda value, places: fmt.money(value),
    "percent": lambda value, places: f"{fmt.number(value, 1 if places is None else places)} %",
    "date": lambda value, places: format_html('<time datetime="{}">{}</time>', _iso(value), fmt.day(value)),
    "tier": lambda value, places: fmt.tier(value),
    "flag": lambda value, places: "yes" if value else "",
}


def export_value(column: Column, row: Any) -> Any:
    """The value for CSV and XLSX: numbers stay numbers, text cannot become a formula, times are by the page's clock."""
    value = column.read(row)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | Decimal | float):
        return value
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).isoformat(timespec="seconds")
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return defused(str(getattr(value, "value", value)))


def defused(text: str) -> str:
    """Text that a spreadsheet must not run as a formula gets an apostrophe in front."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
