"""Server-drawn SVG: sparkline, bullet, stacked bar, flow strip and cell bar, as the look draws them.

Every chart is `role="img"` with a sentence. Sizes and colours are attributes and classes, never inline style, because
the content policy forbids it. Give each chart its table twin: `twin(heads, rows)` draws one behind "Table".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

Number = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar: its size, its tone (c1 c2 c3 c4 acc warn bad) and its words."""

    value: Number
    tone: str
    label: str = ""
    url: str = ""


def _n(value: Number) -> str:
    return f"{float(value):.1f}".rstrip("0").rstrip(".")


def bar(value: Number, whole: Number, width: int = 120, tone: str = "c1", rest: str = "c4") -> SafeString:
    """A progress bar for a cell: `value` of `whole`."""
    share = min(max(float(value) / float(whole), 0.0), 1.0) if whole else 0.0
    return format_html(
        '<svg class="cellbar" width="{}" height="8" viewBox="0 0 {} 8" role="img" aria-label="{} of {}">'
        '<rect class="f-{}" width="{}" height="8"/><rect class="f-{}" width="{}" height="8"/></svg>',
        width, width, value, whole, rest, width, tone, _n(share * width),
    )  # fmt: skip


def stacked_bar(
    parts: Sequence[Part], sentence: str, *, width: int = 120, height: int = 10, share: float = 1.0
) -> SafeString:
    """Parts of one whole side by side, one pixel of air between them.

    Bars that are compared have the same `width` and differ by `share`, what they fill of it: a column that is narrower
    squeezes all alike, and they stay true.
    """
    shown = [p for p in parts if p.value > 0]
    total = float(sum(Decimal(str(p.value)) for p in shown)) or 1.0
    usable = max(width * share - max(len(shown) - 1, 0), 1)
    drawn, at = [], 0.0
    for part in shown:
        size = float(part.value) / total * usable
        rect = format_html(
            '<rect class="f-{}" x="{}" y="1" width="{}" height="{}"><title>{}</title></rect>',
            part.tone, _n(at), _n(max(size, 1)), height - 2, part.label,
        )  # fmt: skip
        drawn.append(format_html('<a href="{}" tabindex="-1">{}</a>', part.url, rect) if part.url else rect)
        at += size + 1
    return format_html(
        '<svg width="{}" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}'
        "</svg>",
        width, height, width, height, sentence, mark_safe("".join(drawn)),  # noqa: S308
    )  # fmt: skip


def sparkline(
    values: Sequence[Number],
    sentence: str,
    *,
    target: Number | None = None,
    width: int = 96,
    height: int = 24,
    tone: str = "",
) -> SafeString:
    """A line on its own scale, the last point marked, the target as dots. `tone` bad or warn colours the last point.

    Nothing below three points: two say no more than the numbers.
    """
    if len(values) < 3:
        return mark_safe("")
    low = min([float(v) for v in values] + ([float(target)] if target is not None else []))
    high = max([float(v) for v in values] + ([float(target)] if target is not None else []))
    spread = (high - low) or 1.0

    def y(value: Number) -> float:
        return height - 3 - (float(value) - low) / spread * (height - 6)

    step = (width - 6) / (len(values) - 1)
    points = " ".join(f"{_n(i * step)},{_n(y(v))}" for i, v in enumerate(values))
    goal = ""
    if target is not None:
        line = '<path class="l l-c2 l-dots" d="M0 {}H{}"/>'
        goal = format_html(line, _n(y(target)), width)
    return format_html(
        '<svg width="{}" height="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}<polyline class="l" points="{}"/>'
        '<circle class="f-{}" cx="{}" cy="{}" r="2.5"/></svg>',
        width, height, width, height, sentence, goal, points, tone or "ink", _n((len(values) - 1) * step),
        _n(y(values[-1])),
    )  # fmt: skip


def bullet(
    value: Number,
    target: Number,
    sentence: str,
    *,
    top: Number | None = None,
    width: int = 160,
    low_is_good: bool = False,
) -> SafeString:
    """A bar from 0 on a track, a tick at the target; the distance to the target alone is amber."""
    scale = float(top or max(float(value), float(target)) * 1.1) or 1.0
    at, goal = float(value) / scale * width, float(target) / scale * width
    missed = value > target if low_is_good else value < target
    gap = mark_safe("")
    if missed:
        gap = format_html(
            '<rect class="f-warn" x="{}" y="3" width="{}" height="6"/>', _n(min(at, goal)), _n(abs(goal - at))
        )
    return format_html(
        '<svg width="{}" height="12" viewBox="0 0 {} 12" role="img" aria-label="{}"><rect class="f-c4" width="{}" '
        'height="12"/><rect class="f-c1" y="3" width="{}" height="6"/>{}<rect class="f-ink" x="{}" width="2" '
        'height="12"/></svg>',
        width, width, sentence, width, _n(min(at, width)), gap, _n(goal - 1),
    )  # fmt: skip


def flow_strip(rows: Sequence[tuple[str, Sequence[Part]]], sentence: str, *, width: int = 440) -> SafeString:
    """One bar per site on one order of states and one scale; the table under it is the legend."""
    longest = max((sum(float(p.value) for p in parts) for _, parts in rows), default=0.0) or 1.0
    drawn = []
    for line, (label, parts) in enumerate(rows):
        top = line * 40
        drawn.append(format_html('<text class="x12 xb f-ink" x="0" y="{}">{}</text>', top + 12, label))
        at = 0.0
        for part in (p for p in parts if p.value > 0):
            size = float(part.value) / longest * width
            rect = format_html(
                '<rect class="f-{}" x="{}" y="{}" width="{}" height="14"><title>{}</title></rect>',
                part.tone, _n(at), top + 18, _n(max(size - 1, 1)), part.label,
            )  # fmt: skip
            drawn.append(format_html('<a href="{}" tabindex="-1">{}</a>', part.url, rect) if part.url else rect)
            at += size
    height = len(rows) * 40
    return format_html(
        '<svg width="100%" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        width, height, sentence, mark_safe("".join(drawn)),  # noqa: S308
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Series:
    """Lines over time for `{% include "patterns/_series.html" with series=... %}`; the page loads uPlot for them:

    {% block styles %}<link rel="stylesheet" href="{% static 'vendor/uplot-1.6.32.min.css' %}">{% endblock %}
    {% block scripts %}<script src="{% static 'vendor/uplot-1.6.32.min.js' %}" defer></script>
    <script src="{% static 'js/series.js' %}" type="module"></script>{% endblock %}

    `x` are seconds since 1970; `lines` are (label, values) with None for a gap.
    """

    sentence: str
    x: Sequence[int]
    lines: Sequence[tuple[str, Sequence[Number | None]]]
    unit: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """What the browser draws."""
        lines = [
            {"label": label, "values": [None if v is None else float(v) for v in values]}
            for label, values in self.lines
        ]
        return {"x": list(self.x), "lines": lines, "unit": self.unit}

    @property
    def twin(self) -> SafeString:
        """The same as a table."""
        days = [datetime.fromtimestamp(x, UTC).date().isoformat() for x in self.x]
        rows = list(zip(days, *(values for _, values in self.lines), strict=True))
        return twin(["Day", *(label for label, _ in self.lines)], rows)


def twin(heads: Sequence[str], rows: Sequence[Sequence[Any]], *, caption: str = "Table") -> SafeString:
    """The table twin of a chart, folded behind one word."""
    head = format_html_join("", '<th scope="col">{}</th>', ((h,) for h in heads))
    body = format_html_join(
        "", "<tr>{}</tr>", ((format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),) for row in rows)
    )
    return format_html(
        '<details class="twin"><summary>{}</summary><table class="tbl"><thead><tr>{}</tr></thead><tbody>{}</tbody>'
        "</table></details>",
        caption, head, body,
    )  # fmt: skip
