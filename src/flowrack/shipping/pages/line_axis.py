"""An order line over the days, as a picture: what it was given and lost, what left, now, and what is to come."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from flowrack.platform.web.charts import twin
from flowrack.platform.web.format import day, number

WIDTH, LINE, GAP = 1392, 34, 168
MOST = WIDTH // GAP  # days that the picture shows
ROWS = 4  # things of one day that it names
HAD = re.compile(r"^(?:All |The last )?([\d,]+)(?: of [\d,]+)? reserved|^([\d,]+) by hand")
LOST = re.compile(r"^([\d,]+) (?:given to|taken back)")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something of a line on a day: in words, and as of when: past, now, or to come; `is_late` where it was missed."""

    on: date
    what: str
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class LineAxis:
    """The picture, the sentence that stands for it, and the same as a table."""

    picture: SafeString
    table: SafeString


def units_told(kind: str, sentence: str, lost: int) -> str:
    """What a decision gave a line, or took from it: "40 reserved", "50 taken away"; empty where it did neither."""
    if lost:
        return f"{number(lost)} taken away"
    if found := LOST.match(sentence):
        return f"{found[1]} taken away"
    if found := HAD.match(sentence):
        return f"{found[1] or found[2]} {'given by hand' if found[2] else 'reserved'}"
    return "none reserved" if kind == "allocation" else ""


def draw(things: Sequence[Thing], today: date) -> LineAxis | None:
    """The days of a line side by side, those further apart with more room between them; None with nothing to show."""
    of: dict[date, list[Thing]] = {today: []}
    for one in things:
        if one not in of.setdefault(one.on, []):
            of[one.on].append(one)
    days = sorted(of)
    if len(days) < 2:
        return None
    shown = _few(days, today)
    at = _places(shown)
    now_x = at[today]
    dots = format_html_join(
        "", '<circle class="f-{}" cx="{}" cy="{}" r="4.5"/>',
        (("ink" if on < today else "acc" if on == today else "c3", x, LINE) for on, x in at.items()),
    )  # fmt: skip
    texts = [_texts(on, x, of[on], today) for on, x in at.items()]
    said = "; ".join(f"{day(on)}: {', '.join(_words(of[on], on, today))}" for on in days)
    height = LINE + 22 + 18 * max(min(len(_words(of[on], on, today)), ROWS + 1) for on in shown)
    picture = format_html(
        '<svg width="{}" height="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<path class="l l-rule" d="M0 {}H{}"/><path class="l l-ink" stroke-width="2" d="M0 {}H{}"/>{}{}</svg>',
        WIDTH, height, WIDTH, height, said, LINE, WIDTH, LINE, now_x, dots, mark_safe("".join(texts)),  # noqa: S308
    )  # fmt: skip
    rows = [(day(on), "; ".join(_words(of[on], on, today))) for on in days]
    more = f"Table; {len(days) - len(shown)} days are in it alone" if len(shown) < len(days) else "Table"
    return LineAxis(picture, twin(["Day", "What"], rows, caption=more))


def _tone(word: str) -> str:
    return "xb f-acc" if word == "now" else "f-bad" if word.endswith("(missed)") else "f-ink"


def _words(things: Sequence[Thing], on: date, today: date) -> list[str]:
    late = [f"{one.what} (missed)" if one.is_late else one.what for one in things]
    return ["now", *late] if on == today else late


def _few(days: Sequence[date], today: date) -> list[date]:
    """The first day, today, and those nearest to today: as many as there is room for."""
    if len(days) <= MOST:
        return list(days)
    near = sorted(days[1:], key=lambda on: (on != today, abs((on - today).days), on))[: MOST - 1]
    return sorted([days[0], *near])


def _places(days: Sequence[date]) -> dict[date, int]:
    """Where days stand on the axis: by their distance, but never closer than a word needs."""
    first, last = days[0], days[-1]
    span, room = max((last - first).days, 1), WIDTH - GAP
    found = [4 + (on - first).days * room // span for on in days]
    for n in range(1, len(found)):
        found[n] = max(found[n], found[n - 1] + GAP)
    for n in range(len(found) - 1, -1, -1):
        found[n] = min(found[n], 4 + room - (len(found) - 1 - n) * GAP)
    return dict(zip(days, found, strict=True))


def _texts(on: date, x: int, things: Sequence[Thing], today: date) -> SafeString:
    words = _words(things, on, today)
    if len(words) > ROWS:
        words = [*words[:ROWS], f"and {len(words) - ROWS} more"]
    head = format_html('<text class="x12 f-ink3" x="{}" y="16">{}</text>', x - 4, day(on))
    lines = format_html_join(
        "", '<text class="x12 {}" x="{}" y="{}">{}</text>',
        ((_tone(word), x - 4, LINE + 24 + 18 * n, word) for n, word in enumerate(words)),
    )  # fmt: skip
    return head + lines
