"""The timeline of an answer as a picture: free units by day, supply and claims as ticks, and how full each day is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from flowrack.allocation.rules_free import Step
from flowrack.promise import reasons
from flowrack.promise.queries_pages import DayAhead
from flowrack.promise.rules_case import Case, Source
from flowrack.promise.rules_options import Answer

WIDTH, LEFT, TOP, BASE = 1392, 86, 24, 170
LETTER = 8  # the width of a bold letter, rounded up
MOST_DAYS, LEAST_DAYS = 28, 12
MOST_TURNS = 6  # changes of the line that are read out; the table has them all
Across = Callable[[date], int]
Up = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Tick:
    """Units that come or go on a day."""

    on: date
    units: int
    words: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """One item at one site over the days ahead; `rows` say the same as a table."""

    site: str
    sku: str
    days: int
    picture: SafeString
    rows: list[tuple[date, int, int, str]]
    loads: list[tuple[date, str]]
    safety: int


def timeline(case: Case, found: Answer, site_id: int, ahead: Sequence[DayAhead]) -> Timeline:
    """The picture of one site of an answer."""
    ask = found.ask
    site = case.site(site_id)
    source = Source(case, site, case.stock(ask.item_id, site_id), ask)
    today = source.today
    arrival = max((o.arrives_on for o in found.options if o.arrives_on), default=today)
    days = min(MOST_DAYS, max(LEAST_DAYS, (arrival - today).days + 3))
    end = today + timedelta(days=days)
    steps = [step for step in source.steps(ask.wanted_on or today) if step.on < end]
    ticks = _ticks(source, end)
    top: int = _nice(max(*(s.free for s in steps), source.stock.safety, 1))
    words = max(len(_free_words(steps[-1].free)), len(_safety_words(source.stock.safety)))
    day_width = (WIDTH - LEFT - LETTER * (words + 1)) // days

    def x(on: date) -> int:
        return LEFT + min((on - today).days, days) * day_width

    def y(units: int) -> int:
        return BASE - units * (BASE - TOP - 20) // top

    parts = [
        _axis(top, x(end), y),
        _safety(source.stock.safety, x(end), y),
        _line([(x(s.on), y(s.free)) for s in steps], x(end), steps[-1].free),
        _tick_marks(ticks, x),
        _marker(found, today, end, x),
        _heat(ahead[:days], today, x, day_width),
    ]
    label = f"Free units of {ask.sku} at {site.name} for {days} days: {_spoken(steps)}. A table below says the same."
    picture = format_html(
        '<svg width="100%" viewBox="0 0 {} 262" role="img" aria-label="{}">'
        '<text class="x12 xb f-ink2" x="0" y="14">Free</text>{}</svg>',
        WIDTH, label, mark_safe("".join(parts)),  # noqa: S308 - of escaped parts
    )  # fmt: skip
    said: dict[date, list[str]] = {tick.on: [] for tick in ticks}
    for tick in ticks:
        said[tick.on].append(tick.words)
    rows = [(s.on, s.free, s.balance, "; ".join(said.get(s.on, []))) for s in steps]
    loads = [(day.on, _load(day)) for day in ahead[:days]]
    return Timeline(site.name, ask.sku, days, picture, rows, loads, source.stock.safety)


def _spoken(steps: Sequence[Step]) -> str:
    """The step line in words, for whoever hears the page: "0 from Tue 1 Dec, 40 from Mon 7 Dec"."""
    turns = [one for n, one in enumerate(steps) if not n or one.free != steps[n - 1].free]
    more = f", and {len(turns) - MOST_TURNS} more changes" if len(turns) > MOST_TURNS else ""
    return ", ".join(f"{one.free:,} from {reasons.day(one.on)}" for one in turns[:MOST_TURNS]) + more


def _load(day: DayAhead) -> str:
    """How full a day is: "46 %", "103 %, full", "closed: Stocktaking"."""
    if day.standing == "closed":
        return f"closed: {day.why_closed}" if day.why_closed else "closed"
    if day.percent is None:
        return "no hands on record"
    return f"{day.percent} %" if day.standing == "free" else f"{day.percent} %, {day.standing}"


def _nice(units: int) -> int:
    """A round number at or above: the top of the axis."""
    for power in range(12):
        for step in (1, 2, 5):
            most = int(step * 10**power)
            if most >= units:
                return most
    return units


def _ticks(source: Source, end: date) -> list[Tick]:
    """Supplies on the day they can leave again, claims on theirs, before the end of the picture."""
    found = []
    for supply in source.stock.supplies:
        on = source.free_from(supply)
        if on is not None and on < end:
            found.append(Tick(on, supply.units, f"{supply.name or supply.kind} +{supply.units:,}"))
    taken: dict[date, int] = {}
    for claim in source.stock.counted(source.today):
        on = max(claim.on, source.today)
        taken[on] = taken.get(on, 0) + claim.units
    found += [Tick(on, units, f"claims −{-units:,}") for on, units in taken.items() if on < end]
    return sorted(found, key=lambda tick: (tick.on, -tick.units))


def _axis(top: int, right: int, y: Up) -> SafeString:
    return format_html_join(
        "",
        '<path class="l l-hair" d="M{} {}H{}"/><text class="x12 f-ink3 xe" x="{}" y="{}">{}</text>',
        [(LEFT, y(u), right, LEFT - 10, y(u) + 4, f"{u:,}") for u in (0, top // 2, top)],
    )


def _free_words(units: int) -> str:
    return f"{units:,} free"


def _safety_words(units: int) -> str:
    return f"safety {units:,}"


def _safety(units: int, right: int, y: Up) -> SafeString:
    if not units:
        return mark_safe("")
    high = y(units)
    return format_html(
        '<rect class="f-c4" opacity=".55" x="{}" y="{}" width="{}" height="{}"/>'
        '<text class="x12 f-ink2" x="{}" y="{}">{}</text>',
        LEFT, high, right - LEFT, BASE - high, right + 8, min(high + 12, BASE - 2), _safety_words(units),
    )  # fmt: skip


def _line(points: Sequence[tuple[int, int]], right: int, last: int) -> SafeString:
    path = f"M{points[0][0]} {points[0][1]}" + "".join(f"H{x}V{y}" for x, y in points[1:]) + f"H{right}"
    return format_html(
        '<path class="l l-ink" stroke-width="2" d="{}"/><text class="x12 xb f-ink" x="{}" y="{}">{}</text>',
        path, right + 8, points[-1][1] - 4, _free_words(last),
    )  # fmt: skip


def _tick_marks(ticks: Sequence[Tick], x: Across) -> SafeString:
    marks = []
    free_at = {0: 0, 1: 0}
    for tick in ticks:
        at = x(tick.on)
        row = 0 if at >= free_at[0] else 1
        width = len(tick.words) * 7 + 20
        words = tick.words if at >= free_at[row] else ""
        free_at[row] = max(free_at[row], at + width) if words else free_at[row]
        up = f"M{at - 4} 178L{at} 171L{at + 4} 178Z" if tick.units > 0 else f"M{at - 4} 180H{at + 4}L{at} 187Z"
        marks.append(("f-ink" if tick.units > 0 else "f-c2", up, tick.words, at + 8, 188 + row * 13, words))
    return format_html_join(
        "", '<path class="{}" d="{}"><title>{}</title></path><text class="x12 f-ink2" x="{}" y="{}">{}</text>', marks
    )


def _marker(found: Answer, today: date, end: date, x: Across) -> SafeString:
    one = found.options[0]
    marks = []
    wanted = found.ask.wanted_on
    if wanted is not None and today <= wanted < end:
        marks.append(("", x(wanted), TOP, 34, f"wanted {reasons.day(wanted)}"))
    if one.ships_on and one.ships_on < end:
        words = f"first whole day: leaves {reasons.day(one.ships_on)}"
        marks.append(("4 3", x(one.ships_on), TOP + 28, 62, words))
    return format_html_join(
        "",
        '<path class="l l-acc" stroke-width="2" stroke-dasharray="{}" d="M{} {}V170"/>'
        '<text x="{}" y="{}" class="{}">{}</text>',
        [
            (
                dash,
                at,
                top,
                at + 6 if at < 1100 else at - 6,
                line,
                "x12 xb f-acc" if at < 1100 else "x12 xb f-acc xe",
                w,
            )
            for dash, at, top, line, w in marks
        ],
    )


TONES = {"full": ("f-bads", "f-badt"), "nearly full": ("f-warns", "f-warnt"), "free": ("f-c4", "f-ink")}


def _heat(ahead: Sequence[DayAhead], today: date, x: Across, width: int) -> SafeString:
    cells = []
    for day in ahead:
        at = x(day.on)
        fill, ink = TONES.get(day.standing, ("f-none", "f-ink3"))
        words = f"{day.percent} %" if day.percent is not None and day.standing == "free" else day.standing
        if day.standing == "nearly full":
            words = f"{day.percent} %"
        short = words if width > 60 else words[:4]
        cells.append((fill, at + 1, width - 2, ink, at + width // 2, short if day.standing != "not known" else "–",
                      at + width // 2, f"{day.on:%a} {day.on.day}" if width > 50 else f"{day.on.day}"))  # fmt: skip
    return format_html(
        '<text class="x12 xb f-ink2" x="0" y="232">Pick load</text>{}',
        format_html_join(
            "",
            '<rect class="{}" x="{}" y="216" width="{}" height="22"/>'
            '<text class="x12 xb xm {}" x="{}" y="231">{}</text><text class="x12 f-ink2 xm" x="{}" y="256">{}</text>',
            cells,
        ),
    )
