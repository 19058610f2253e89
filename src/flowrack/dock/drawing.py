"""The door calendar as a picture: doors as rows, hours as columns, trucks as bars. Sizes are whole pixels.

Each bar is a link to its appointment. A bar that may be moved says so in `data-move`; static/js/dock.js drags it and
listens to its keys, and the server decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from flowrack.dock.queries_calendar import AppointmentRow, DoorRow
from flowrack.dock.rules_slots import MINUTE
from flowrack.dock.states import LIVE, AppointmentState

WIDTH, LEFT, TOP, ROW, BAR = 1392, 150, 26, 56, 48
LETTER = 6  # pixels of a letter, about
DRAWN = (*LIVE, AppointmentState.DONE)
HERE = (AppointmentState.CHECKED_IN, AppointmentState.AT_DOOR)
MOVABLE = (AppointmentState.SCHEDULED, AppointmentState.CHECKED_IN)


@dataclass(frozen=True, slots=True)
class Axis:
    """The hours that are shown."""

    start: datetime
    end: datetime
    timezone: str

    @property
    def minutes(self) -> int:
        return (self.end - self.start) // MINUTE

    def x(self, at: datetime) -> int:
        """Where an instant lies, within the picture."""
        within = min(max((at - self.start) // MINUTE, 0), self.minutes)
        return LEFT + within * (WIDTH - LEFT) // self.minutes


@dataclass(frozen=True, slots=True)
class Look:
    """How a bar looks and what it says below its name."""

    fill: str
    edge: str
    words: str
    tone: str = ""  # warn or bad


def axis_of(rows: Sequence[AppointmentRow], day_start: datetime, timezone: str, now: datetime) -> Axis:
    """From seven to seventeen by the site's clock, longer for trucks outside of that.

    On the day of now it covers now, and the trucks that are here since the day before from midnight on.
    """
    zone = ZoneInfo(timezone)
    day_end = day_start + timedelta(days=1)
    is_today = day_start <= now < day_end
    drawn = [
        row
        for row in rows
        if row.state in DRAWN
        and row.starts_at < day_end
        and (row.ends_at > day_start or (is_today and row.state in HERE))
    ]
    starts = [max(row.starts_at, day_start).astimezone(zone).hour for row in drawn]
    until = [_until(row, now) for row in drawn]
    ends = [24 if end >= day_end else end.astimezone(zone).hour + 1 for end in until]
    current = [now.astimezone(zone).hour] if is_today else []
    first, last = min([7, *starts, *current]), max([17, *ends, *(hour + 1 for hour in current)])
    opens, closes = (day_start + timedelta(hours=hour) for hour in (first, min(last, 24)))
    return Axis(opens.astimezone(UTC), closes.astimezone(UTC), timezone)


def minutes_words(minutes: int) -> str:
    """75 -> 1 h 15."""
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02}"


def look_of(row: AppointmentRow, now: datetime) -> Look:
    """What a truck looks like now."""
    load = ", ".join(
        part for part in (", ".join(row.asns[:2]), f"{row.pallets} pallets" if row.pallets else "") if part
    )
    if row.state == AppointmentState.DONE:
        return Look("f-c4", "f-c2", load or "done")
    if row.state == AppointmentState.AT_DOOR:
        over = now > row.ends_at
        done = f"{row.received_units:,} of {row.units:,} units" if row.received_units else f"unloading {load}".strip()
        return Look("f-accs", "f-acc", f"{done}{', over time' if over else ''}", "warn" if over else "")
    if row.state == AppointmentState.CHECKED_IN:
        assert row.checked_in_at is not None, "it was checked in"
        return Look("f-warns", "f-warn", f"waits {minutes_words((now - row.checked_in_at) // MINUTE)}", "warn")
    late = (now - row.starts_at) // MINUTE
    if late > 0:
        return Look("f-bg", "f-bad", f"{minutes_words(late)} late", "bad")
    return Look("f-sunk", "f-c3", load or row.reference or "booked")


def _fit(text: str, width: int) -> str:
    most = max((width - 12) // LETTER, 0)
    return text if len(text) <= most else text[: max(most - 1, 0)].rstrip() + "…" if most > 3 else ""


def _until(row: AppointmentRow, now: datetime) -> datetime:
    """Until when a truck takes its place: one that is here stays until it is gone."""
    is_here = row.state == AppointmentState.AT_DOOR or (row.state == AppointmentState.CHECKED_IN and not row.door_id)
    return max(row.ends_at, now) if is_here else row.ends_at


def _room(row: AppointmentRow, rows: Sequence[AppointmentRow], axis: Axis) -> int:
    """How wide the words of a truck may be: up to the next one at its door, or to the end of the day."""
    after = [r.starts_at for r in rows if r.door_id == row.door_id and r.starts_at > row.starts_at and r.state in DRAWN]
    return (axis.x(min(after)) if after and row.door_id else WIDTH) - axis.x(row.starts_at) - 4


def _bar(
    row: AppointmentRow, axis: Axis, y: int, now: datetime, *, room: int, may_move: bool, grid: int, line: int
) -> SafeString:
    x, end = axis.x(row.starts_at), axis.x(_until(row, now))
    width = max(end - x, 4)
    look = look_of(row, now)
    local = row.starts_at.astimezone(ZoneInfo(axis.timezone))
    sentence = f"{row.name}, {local:%H:%M}, {row.door or 'in the yard'}, {look.words}"
    moves = (
        format_html(
            ' data-move="{}" data-version="{}" data-minute="{}" data-line="{}"',
            reverse("dock_move", args=[row.id]),
            row.version,
            (row.starts_at - axis.start) // MINUTE // grid * grid,
            line,
        )
        if may_move and row.state in MOVABLE
        else ""
    )
    dashed = mark_safe(' stroke="var(--bad)" stroke-dasharray="3 2"') if look.tone == "bad" else ""
    progress = width * row.received_units // row.units if row.units and row.state == AppointmentState.AT_DOOR else 0
    return format_html(
        '<a class="bar" id="bar-{}" href="{}" aria-label="{}"{}><title>{}</title>'
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"{}/>'
        '<rect class="f-acc" opacity=".22" x="{}" y="{}" width="{}" height="{}"/>'
        '<rect class="{}" x="{}" y="{}" width="3" height="{}"/><text class="x12 xb f-ink" x="{}" y="{}">{}</text>'
        '<text class="x12 {}" x="{}" y="{}">{}</text></a>',
        row.id, reverse("dock_appointment", args=[row.id]), sentence, moves, sentence, look.fill, x, y, width, BAR,
        dashed, x, y, min(progress, width), BAR, look.edge, x, y, BAR, x + 9, y + 19, _fit(row.name, room),
        f"f-{look.tone}t xb" if look.tone else "f-ink2", x + 9, y + 36, _fit(look.words, room),
    )  # fmt: skip


def _hours(axis: Axis, height: int, now: datetime) -> SafeString:
    zone = ZoneInfo(axis.timezone)
    marks = []
    at = axis.start
    while at < axis.end:
        x = axis.x(at)
        is_covered = axis.start <= now <= axis.end and 0 <= axis.x(now) - x < 80  # by the time of now
        marks.append((x, height, x + 4, "" if is_covered else f"{at.astimezone(zone):%H:%M}"))
        at += timedelta(hours=1)
    return format_html_join(
        "", '<path class="l l-hair" d="M{} 22V{}"/><text class="x12 f-ink3" x="{}" y="14">{}</text>', marks
    )


def _lines(names: Sequence[tuple[str, str]]) -> SafeString:
    return format_html_join(
        "",
        '<path class="l l-hair" d="M0 {}H1392"/><text class="x14 xb f-ink" x="0" y="{}">{}</text>'
        '<text class="x12 f-ink3" x="0" y="{}">{}</text>',
        [(TOP + ROW * n, TOP + ROW * n + 24, name, TOP + ROW * n + 41, under) for n, (name, under) in enumerate(names)],
    )


def _now_line(axis: Axis, now: datetime, height: int) -> SafeString:
    if not axis.start <= now <= axis.end:
        return mark_safe("")
    x = axis.x(now)
    return format_html(
        '<g aria-hidden="true"><path class="l l-acc" stroke-width="2" d="M{} 4V{}"/><rect class="f-acc" x="{}" y="2" '
        'width="40" height="16" rx="2"/><text class="x11 xb" fill="var(--on-accent)" x="{}" y="14">{}</text></g>',
        x, height, x - 40, x - 35, f"{now.astimezone(ZoneInfo(axis.timezone)):%H:%M}",
    )  # fmt: skip


def yard_lines(rows: Sequence[AppointmentRow]) -> dict[int, int]:
    """In which line of the yard each truck without a door stands: one below the other."""
    return {row.id: n for n, row in enumerate(row for row in rows if not row.door_id and row.state in DRAWN)}


def calendar(
    doors: Sequence[DoorRow],
    rows: Sequence[AppointmentRow],
    axis: Axis,
    *,
    now: datetime,
    grid: int,
    may_move: bool,
    site: str,
) -> SafeString:
    """The picture; every truck is also a row of the list below it."""
    line_of = {door.location_id: n for n, door in enumerate(doors)}
    yard = yard_lines(rows)
    names = [
        (door.code, ", ".join(c for c in door.capabilities if c not in ("live", "drop")) or "dry") for door in doors
    ]
    names += [("Yard", "waiting")] + [("", "")] * (max(len(yard), 1) - 1)
    height = TOP + ROW * len(names)
    bars = [
        _bar(
            row,
            axis,
            TOP + ROW * (line_of[row.door_id] if row.door_id in line_of else len(doors) + yard[row.id]) + 4,
            now,
            room=_room(row, rows, axis),
            may_move=may_move,
            grid=grid,
            line=line_of.get(row.door_id, len(doors) + yard.get(row.id, 0)),
        )
        for row in rows
        if row.state in DRAWN
        and (row.door_id in line_of or row.id in yard)
        and row.starts_at < axis.end
        and (_until(row, now) > axis.start or row.state in HERE)
    ]
    return format_html(
        '<svg class="doors" width="100%" viewBox="0 0 1392 {}" role="group" aria-label="Doors by hour at {}; '
        'every truck is also a row of the list" data-calendar data-start="{}" data-minutes="{}" data-grid="{}" '
        'data-left="{}" data-top="{}" data-row="{}" data-doors="{}" data-names="{}" data-zone="{}">{}{}'
        '<path class="l l-rule" d="M0 {}H1392"/>{}{}</svg>',
        height, site, axis.start.astimezone(UTC).isoformat(), axis.minutes, grid, LEFT, TOP, ROW,
        " ".join(str(door.location_id) for door in doors), "|".join(door.code for door in doors), axis.timezone,
        _hours(axis, height, now), _lines(names), TOP, mark_safe("".join(bars)),  # noqa: S308 - parts are escaped
        _now_line(axis, now, height),
    )  # fmt: skip
