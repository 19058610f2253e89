"""Pictures of the measures: percentile bands over weeks. Sizes and colours are attributes and classes, never style."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from flowrack.analytics.rules import duration_words

WIDTH, LEFT, TOP, HEIGHT, FOOT = 900, 56, 8, 150, 22
NICE = (15, 30, 60, 120, 240, 480, 720, 1_440, 2_880, 7_200, 14_400)


def said(minutes: Decimal | int | None) -> str:
    """Minutes as people say them: 45 min, 2 h 52, 3.2 days."""
    return " ".join(part for part in duration_words(minutes) if part)


def grid_step(top: int) -> int:
    """Minutes between the lines of a grid that has at most five of them."""
    return next((step for step in NICE if top <= 5 * step), -(-top // 5))


def bands(weeks: Sequence[tuple[date, Decimal | None, Decimal | None, int]], target: int, what: str) -> SafeString:
    """(Monday, median, 90th percentile, how many) of each week: a bar from one to the other, the median as a tick."""
    known = [(week, p50, p90, count) for week, p50, p90, count in weeks if p50 is not None and p90 is not None]
    if not known:
        return mark_safe("")
    top = max(int(max(p90 for _, _, p90, _ in known)) + 1, target)
    step = grid_step(top)
    ceiling = -(-top // step) * step
    slot = (WIDTH - LEFT) // len(weeks)
    wide = min(slot * 6 // 10, 56)

    def y(minutes: Decimal | int) -> int:
        return TOP + HEIGHT - int(minutes * HEIGHT / ceiling)

    lines = format_html_join(
        "", '<path class="l l-hair" d="M{} {}H{}"/><text class="x11 f-ink3" x="0" y="{}">{}</text>',
        ((LEFT, y(at) + 0.5, WIDTH, y(at) + 4, said(at)) for at in range(0, ceiling + 1, step)),
    )  # fmt: skip
    place = {week: n for n, (week, _, _, _) in enumerate(weeks)}
    bars = format_html_join(
        "",
        '<g><title>{}</title><rect class="f-{}" x="{}" y="{}" width="{}" height="{}"/>'
        '<rect class="f-ink" x="{}" y="{}" width="{}" height="3"/></g>',
        (
            (
                f"Week of {week:%-d %b}: median {said(p50)}, 90 % within {said(p90)}, of {count:,}",
                "warn" if p50 > target else "c2",
                LEFT + slot * place[week] + (slot - wide) // 2, y(p90), wide, max(y(p50) - y(p90), 2),
                LEFT + slot * place[week] + (slot - wide) // 2, y(p50) - 1, wide,
            )
            for week, p50, p90, count in known
        ),
    )  # fmt: skip
    names = format_html_join(
        "", '<text class="x11 f-ink3 xm" x="{}" y="{}">{}</text>',
        (
            (LEFT + slot * n + slot // 2, TOP + HEIGHT + 16, f"{week:%-d %b}")
            for n, (week, _, _, _) in enumerate(weeks)
            if n % (len(weeks) // 14 + 1) == 0
        ),
    )  # fmt: skip
    sentence = f"{what} by week: " + "; ".join(
        f"{week:%-d %b} median {said(p50)}, 90 % within {said(p90)}" for week, p50, p90, _ in known
    )
    return format_html(
        '<svg width="100%" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}<path class="l l-ink l-dots" '
        'd="M{} {}H{}"/>{}</svg>',
        WIDTH, TOP + HEIGHT + FOOT, sentence, lines, bars, LEFT, y(target) + 0.5, WIDTH, names,
    )  # fmt: skip


def range_bar(p50: Decimal, p90: Decimal, most: Decimal, sentence: str, *, width: int) -> SafeString:
    """From nothing over the median to the 90th percentile, on a scale that ends at `most`."""
    scale = most or Decimal(1)
    middle, end = int(p50 * width / scale), int(p90 * width / scale)
    return format_html(
        '<svg width="{}" height="12" viewBox="0 0 {} 12" role="img" aria-label="{}"><rect class="f-c1" y="2" '
        'width="{}" height="8"/><rect class="f-c3" x="{}" y="4" width="{}" height="4"/></svg>',
        width, width, sentence, max(middle, 1), middle, max(end - middle, 1),
    )  # fmt: skip
