"""Cut-offs as glasses: how much of the hands up to each is filled by work. Whole pixels, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

HEIGHT, TOP, WIDTH, WALL = 150, 26, 132, 84


@dataclass(frozen=True, slots=True)
class Glass:
    """A cut-off: seconds of hands up to it, of what is on the floor, of what the plan adds, and of what waits."""

    cut_off: str
    until: str
    services: str
    hands: int
    floor: int
    planned: int
    waiting: int
    lines: int
    lines_waiting: int
    knows_hands: bool = True
    leaves: str = ""  # the cut-off by the site's clock, as a form takes it

    @property
    def filled(self) -> int:
        """Seconds of work up to the cut-off."""
        return self.floor + self.planned

    @property
    def percent(self) -> int:
        """How full it is, to the nearest whole; 0 where nobody said who works."""
        return (self.filled * 200 + self.hands) // (2 * self.hands) if self.hands else 0

    @property
    def sentence(self) -> str:
        """The glass in words."""
        work = f"{hours(self.filled)} of work"
        if not self.knows_hands:
            return f"{work}; nobody has said how many people work"
        left = self.hands - self.filled
        room = f"{hours(left // 60 * 60)} free" if left >= 0 else f"{hours(-left)} too much"
        waits = (
            f", {self.lines_waiting:,} {'line waits' if self.lines_waiting == 1 else 'lines wait'}"
            if self.lines_waiting
            else ""
        )
        return f"{work} against {hours(self.hands)} of hands, {room}{waits}"


def hours(seconds: int) -> str:
    """1 h 05 min, or 5 min; begun minutes count."""
    minutes = -(-seconds // 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"


def glass(one: Glass) -> SafeString:
    """One glass: the floor's work at the bottom, the plan's on it, what waits above the rim."""
    most = max(one.hands, one.filled + one.waiting, 1)
    body = HEIGHT - TOP - 4

    def tall(seconds: int) -> int:
        return seconds * body // most

    floor, planned, waiting = tall(one.floor), tall(one.planned), tall(one.waiting)
    bottom = HEIGHT - 2
    rim = bottom - tall(one.hands)
    parts = [
        ("f-c2", bottom - floor, floor),
        ("f-c1" if one.filled <= one.hands or not one.knows_hands else "f-bad", bottom - floor - planned, planned),
        ("f-warn", bottom - floor - planned - waiting, waiting),
    ]
    bars = format_html_join(
        "", '<rect class="{}" x="6" y="{}" width="{}" height="{}"/>', [(c, y, WALL - 12, h) for c, y, h in parts if h]
    )
    line = (
        format_html(
            '<path class="l l-ink" stroke-width="2" d="M0 {}H{}"/><text class="x12 f-ink" x="{}" y="{}">{} %</text>',
            rim, WALL, WALL + 4, max(rim + 4, 12), one.percent,
        )
        if one.knows_hands and one.hands
        else ""
    )  # fmt: skip
    return format_html(
        '<svg class="glass" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">'
        '<path class="l l-ink" stroke-width="2" d="M1 {}V{}H{}V{}"/>{}{}</svg>',
        WIDTH, HEIGHT, WIDTH, HEIGHT, one.sentence, TOP - 6, HEIGHT - 1, WALL - 1, TOP - 6, bars, line,
    )  # fmt: skip


def day_word(at: datetime, today: datetime) -> str:
    """15:00, or Tue 15:00 on another day."""
    return f"{at:%H:%M}" if at.date() == today.date() else f"{at:%a} {at:%H:%M}"


def legend() -> Sequence[tuple[str, str]]:
    """The colours in words."""
    return [("f-c2", "on the floor, and transfers to stage"), ("f-c1", "planned"), ("f-warn", "waits")]
