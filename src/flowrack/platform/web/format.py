"""How values look: numbers with thousands, money to the cent, dates as people say them, states with a glyph."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

GLYPHS = {
    "bad": "<path d='M5 0 10 5 5 10 0 5Z'/>",
    "warn": "<path d='M5 .5 10 9.5H0Z'/>",
    "wait": "<circle cx='5' cy='5' r='4'/>",
    "run": "<circle cx='5' cy='5' r='4' fill='none'/><path d='M5 1a4 4 0 0 1 0 8Z' stroke='none'/>",
    "ok": "<path d='M1 5.2 4 8.2 9.2 1.8'/>",
    "info": "<circle cx='5' cy='5' r='4.5'/>",
}
GLYPHS = {kind: mark_safe(path) for kind, path in GLYPHS.items()}  # noqa: S308

# State word -> glyph. A stage may pass its own map to a column; unknown words get the ring (waiting).
STATE_MARKS: dict[str, str] = {
    **dict.fromkeys(("done", "closed", "received", "shipped", "packed", "picked", "approved", "posted"), "ok"),
    **dict.fromkeys(("stored", "restocked", "active", "in use", "available", "complete", "completed", "counted"), "ok"),
    **dict.fromkeys(("receiving", "running", "released", "picking", "packing", "staged", "loading"), "run"),
    **dict.fromkeys(("in_transit", "partial", "started", "in_progress", "allocated"), "run"),
    **dict.fromkeys(("short", "late", "at_risk", "inspection", "return_review", "variance", "recount"), "warn"),
    **dict.fromkeys(("held", "hold", "blocked", "failed", "damaged", "quarantine", "expired", "refused"), "bad"),
}

THIN_MINUS = "−"


def currency_symbol() -> str:
    """The sign of the company's currency."""
    return str(getattr(settings, "CURRENCY_SYMBOL", "£"))


def number(value: Any, places: int | None = None) -> str:
    """12345 -> 12,345; empty for None."""
    if value is None or value == "":
        return ""
    if places is not None:
        text = f"{Decimal(str(value)):z,.{places}f}"
    elif isinstance(value, Decimal):
        text = f"{value.normalize():,f}"
    else:
        text = f"{value:,}" if isinstance(value, int | float) else str(value)
    return text.replace("-", THIN_MINUS)


def money(value: Any) -> str:
    """1234.5 -> 1,234.50; empty for None."""
    return number(value, 2)


def metres(mm: int | None) -> str:
    """Millimetres as metres: 2700 -> 2.7; empty for None."""
    return "" if mm is None else number(Decimal(mm) / 1000, 1)


def day(value: date | datetime | None, today: date | None = None) -> str:
    """Fri 15 May; with the year when it is not this one."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    here = today or timezone.localdate()
    return f"{value:%a} {value.day} {value:%b}" if value.year == here.year else f"{value.day} {value:%b %Y}"


def moment(value: datetime | None, today: date | None = None) -> str:
    """10:41 today, else Fri 15 May 10:41."""
    if value is None or value == "":
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    here = today or timezone.localdate()
    return f"{local:%H:%M}" if local.date() == here else f"{day(local.date(), here)} {local:%H:%M}"


def duration(value: timedelta | None) -> str:
    """0.8 s, 4 min, 4 h 18, 3 d 4 h."""
    if value is None:
        return ""
    seconds = value.total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02d}"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def signed(value: int | Decimal) -> str:
    """3 -> +3; -3 -> −3."""
    return f"{'+' if value > 0 else ''}{number(value)}"


def in_units(count: int) -> str:
    """1 unit, 1,234 units."""
    return f"{number(count)} unit{'' if abs(count) == 1 else 's'}"


LETTERS = {"po": "PO", "asn": "ASN", "lpn": "LPN", "qc": "QC"}


def words(state: Any) -> str:
    """in_transit -> In transit; no_po -> No PO."""
    text = str(getattr(state, "value", state) or "").replace("_", " ").strip()
    text = " ".join(LETTERS.get(word, word) for word in text.split(" "))
    return text[:1].upper() + text[1:]


def looked_at(value: Any) -> str:
    """What a decision looked at, as it was kept: a time by the site's clock, a day, yes or no, a list with commas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(looked_at(one) for one in value)
    if isinstance(value, str) and value[:4].isdigit() and value[4:5] == "-":
        try:
            return moment(datetime.fromisoformat(value)) if "T" in value else day(date.fromisoformat(value))
        except ValueError:
            return value
    return str(value)


FIELD_NAMES = {
    "po_line_id": "Order line", "order_line_id": "Order line", "po_line": "Order line", "sku": "Item", "uom": "Unit",
    "moq": "Minimum order", "aql": "AQL", "aql_minor": "AQL, minor", "gtin": "GTIN", "sscc": "SSCC", "gln": "GLN",
    "lpn": "LPN", "hs_code": "HS code",
}  # fmt: skip


def field_name(field: Any) -> str:
    """A field of a request in people's words: po_line_id -> Order line, valid_from -> Valid from."""
    text = str(field or "")
    known = FIELD_NAMES.get(text)
    if known:
        return known
    plain = " ".join(part for part in text.replace(".", "_").split("_") if part not in ("id", "ids"))
    return words({"po": "order", "asn": "ASN", "lpn": "LPN", "rma": "return"}.get(plain, plain))


def glyph(kind: str) -> SafeString:
    """One of the six state glyphs: bad, warn, wait, run, ok, info."""
    shape = kind if kind in GLYPHS else "wait"
    return format_html(
        '<svg class="mk m-{}" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">{}</svg>',
        shape,
        GLYPHS[shape],
    )


def mark_of(state: Any, marks: dict[str, str] | None = None) -> str:
    """The glyph's name for a state word."""
    word = str(getattr(state, "value", state) or "").lower()
    return (marks or {}).get(word) or STATE_MARKS.get(word, "wait")


def state(value: Any, marks: dict[str, str] | None = None) -> SafeString:
    """Glyph and word, for a row."""
    if value in (None, ""):
        return mark_safe("")
    return format_html('<span class="st">{}{}</span>', glyph(mark_of(value, marks)), words(value))


def pill(value: Any, marks: dict[str, str] | None = None) -> SafeString:
    """Glyph and word in an outline, for the header of a record."""
    if value in (None, ""):
        return mark_safe("")
    kind = mark_of(value, marks)
    tone = f" p-{kind}" if kind in ("bad", "warn", "ok") else ""
    return format_html('<span class="pill{}">{}{}</span>', tone, glyph(kind), words(value))


def chip(text: Any, tone: str = "") -> SafeString:
    """A cause; `tone` bad, warn or acc only for an exception."""
    if text in (None, ""):
        return mark_safe("")
    return format_html('<span class="chip{}">{}</span>', f" c-{tone}" if tone else "", text)


def tier(letter: Any) -> SafeString:
    """The customer's tier in a square."""
    if not letter:
        return mark_safe("")
    return format_html(
        '<span class="tier{}" title="Customer tier {}">{}</span>', " a" if letter == "A" else "", letter, letter
    )
