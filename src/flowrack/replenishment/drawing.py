"""The level of a pick face over time as a picture: what is drawn from it, refills landing, when it would be empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from flowrack.replenishment.rules import Face, levels
from flowrack.replenishment.rules_level import Draw

WIDTH, LEFT, RIGHT, TOP, BASE = 1_040, 56, 920, 28, 196
LEAST = timedelta(hours=1)
Across = Callable[[datetime], int]
Up = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Landing:
    """A refill on its way: when it is expected in the face, and the time in which it may land."""

    refill_id: int
    units: int
    at: datetime
    not_before: datetime
    land_by: datetime | None


@dataclass(frozen=True, slots=True)
class Projection:
    """The picture, and the same as rows of a table: when, level, what happens."""

    picture: SafeString
    rows: list[tuple[datetime, int, str]]


def projection(
    face: Face, code: str, draws: Sequence[Draw], landings: Sequence[Landing], *, now: datetime
) -> Projection:
    """The level of a face from now until the last that is known of it."""
    last = max([now + LEAST, *(d.until_at for d in draws), *(x.at for x in landings)])
    end = last + (last - now) / 20
    points = levels(face.there, draws, [(x.at, x.units) for x in landings], now=now)
    top = max(face.max_units, *(level for _, level in points), 1)

    def x(at: datetime) -> int:
        return LEFT + int((RIGHT - LEFT) * (at - now) // (end - now)) if at > now else LEFT

    def y(units: int) -> int:
        return BASE - units * (BASE - TOP) // top

    parts = [
        _limits(face, y),
        _windows(landings, x),
        _hours(now, end, x),
        _line([*points, (end, points[-1][1])], x, y),
        _landings(landings, points, x, y),
        _empty(points, x),
    ]
    sentence = f"Level of {code} from {_clock(now)} to {_clock(end)}, with the refills that land"
    picture = format_html(
        '<svg width="100%" viewBox="0 0 {} 236" role="img" aria-label="{}">{}</svg>',
        WIDTH, sentence, mark_safe("".join(parts)),  # noqa: S308 - of escaped parts
    )  # fmt: skip
    said = {(x.at): f"refill of {x.units:,} lands" for x in landings}
    rows = [(at, level, "now" if at == now else said.get(at, "")) for at, level in points]
    return Projection(picture, rows)


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"


def _limits(face: Face, y: Up) -> SafeString:
    """Empty, minimum and maximum."""
    lines = [(0, "0"), (face.min_units, f"min {face.min_units:,}"), (face.max_units, f"max {face.max_units:,}")]
    return format_html_join(
        "",
        '<path class="l l-hair" d="M{} {}H{}"/><text class="x12 f-ink3" x="{}" y="{}">{}</text>',
        [(LEFT, y(units), RIGHT, RIGHT + 8, y(units) + 4, words) for units, words in lines],
    )


def _windows(landings: Sequence[Landing], x: Across) -> SafeString:
    """The time in which each refill may and must land."""
    return format_html_join(
        "",
        '<rect class="f-accs" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        [
            (
                x(one.not_before), TOP, max(x(one.land_by) - x(one.not_before), 2), BASE - TOP,
                f"Refill of {one.units:,}: lands between {_clock(one.not_before)} and {_clock(one.land_by)}",
            )
            for one in landings
            if one.land_by is not None
        ],
    )  # fmt: skip


def _hours(now: datetime, end: datetime, x: Across) -> SafeString:
    """Ticks at round times, at most ten."""
    steps = (5, 10, 15, 30, 60, 120, 240, 480, 1_440)
    minutes = next((step for step in steps if (end - now) <= timedelta(minutes=10 * step)), 1_440)
    first = now.replace(minute=0, second=0, microsecond=0)
    ticks = []
    at = first
    while at <= end:
        if at >= now:
            ticks.append((x(at), BASE, x(at), BASE + 20, _clock(at)))
        at += timedelta(minutes=minutes)
    return format_html_join(
        "",
        '<path class="l l-hair" d="M{} {}v4"/><text class="x12 f-ink3" text-anchor="middle" x="{}" y="{}">{}</text>',
        ticks[:40],
    )


def _line(points: Sequence[tuple[datetime, int]], x: Across, y: Up) -> SafeString:
    path = "M" + "L".join(f"{x(at)} {y(level)}" for at, level in points)
    return format_html('<path class="l l-ink" fill="none" stroke-width="2" d="{}"/>', path)


def _landings(landings: Sequence[Landing], points: Sequence[tuple[datetime, int]], x: Across, y: Up) -> SafeString:
    """What lands, written at the top of its step."""
    together: dict[datetime, int] = {}
    for one in landings:
        together[one.at] = together.get(one.at, 0) + one.units
    after = dict(points)  # the second of two points at a moment is the level after it
    return format_html_join(
        "",
        '<text class="x12 xb f-ink" text-anchor="middle" x="{}" y="{}">+{}</text>',
        [
            (max(x(at), LEFT + 12), max(y(after[at]) - 6, 12), f"{units:,}")
            for at, units in together.items()
            if at in after
        ],
    )


def _empty(points: Sequence[tuple[datetime, int]], x: Across) -> SafeString:
    """When the face is empty for good, where it is."""
    if points[-1][1] > 0:
        return mark_safe("")
    first = points[-1][0]
    for at, level in reversed(points):
        if level > 0:
            break
        first = at
    return format_html(
        '<circle class="f-bad" cx="{}" cy="{}" r="5"/><text class="x12 xb f-bad" text-anchor="middle" x="{}" y="{}">'
        "empty {}</text>",
        x(first), BASE, x(first), BASE + 36, _clock(first),
    )  # fmt: skip
