"""A trailer from the side as it fills: the last stop deepest, the first at the doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT, MARGIN, CAB = 860, 120, 8, 70
GAP, LEAST = 3, 6
FILLS = 4


@dataclass(frozen=True, slots=True)
class Bay:
    """The part of the trailer that one stop takes: its number, who is there, plates on and plates still to come."""

    stop_no: int
    customer: str
    loaded: int
    total: int


def trailer(bays: Sequence[Bay]) -> SafeString:
    """An SVG of the trailer: one block a plate, filled when it is on, an outline while it is not."""
    room = WIDTH - CAB - 2 * MARGIN
    total = sum(bay.total for bay in bays) or 1
    deepest_first = sorted((bay for bay in bays if bay.total), key=lambda bay: -bay.stop_no)
    shapes: list[SafeString] = []
    at = MARGIN + CAB
    for bay in deepest_first:
        width = max(room * bay.total // total, LEAST)
        shapes.append(_bay(bay, at, width))
        at += width
    said = "; ".join(f"stop {bay.stop_no}, {bay.customer}: {bay.loaded} of {bay.total}" for bay in deepest_first)
    return format_html(
        '<svg class="trailer" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<path class="tr-cab" d="M{} {}h{}v-{}l-14 -22h-{}z"/>'
        '<rect class="tr-box" x="{}" y="{}" width="{}" height="{}" rx="2"/>{}'
        '<circle class="tr-wheel" cx="{}" cy="{}" r="9"/><circle class="tr-wheel" cx="{}" cy="{}" r="9"/></svg>',
        WIDTH, HEIGHT + 22, said,
        MARGIN, HEIGHT - 14, CAB - 10, 40, CAB - 24,
        MARGIN + CAB - 2, MARGIN, at - MARGIN - CAB + 4, HEIGHT - 22,
        format_html_join("", "{}", ((shape,) for shape in shapes)),
        MARGIN + 26, HEIGHT - 6, WIDTH - 60, HEIGHT - 6,
    )  # fmt: skip


def _bay(bay: Bay, x: int, width: int) -> SafeString:
    """The plates of one stop, in columns from the cab to the doors, two high."""
    columns = max((bay.total + 1) // 2, 1)
    step = max(width // columns, LEAST)
    high = (HEIGHT - 34) // 2
    blocks = []
    for n in range(bay.total):
        left = x + (n // 2) * step + GAP
        top = MARGIN + 3 + (1 - n % 2) * (high + 2)
        shade = f"tr-on tr-{(bay.stop_no - 1) % FILLS + 1}" if n < bay.loaded else "tr-off"
        blocks.append((shade, left, top, max(step - GAP, 3), high))
    return format_html(
        '<g><title>Stop {}, {}: {} of {}</title>{}<text class="xe tr-no" x="{}" y="{}">{}</text></g>',
        bay.stop_no, bay.customer, bay.loaded, bay.total,
        format_html_join("", '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="1.5"/>', blocks),
        x + GAP, HEIGHT + 16, f"Stop {bay.stop_no}",
    )  # fmt: skip
