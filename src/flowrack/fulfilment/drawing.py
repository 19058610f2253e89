"""A carton as the packer sees it: what lies where, drawn from the front right corner above."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from flowrack.fulfilment.rules_loading import Block, Sides

COS, SIN, FULL = 866, 500, 1000  # of 30 degrees, in thousandths
WIDTH, MARGIN = 320, 6
FILLS = 8
MOST_LINES = 12  # unit borders on one side of a block; more would be grey
Point = tuple[int, int]
At = Callable[[int, int, int], Point]


def carton(inside: Sides, blocks: Sequence[Block], names: Mapping[int, str]) -> SafeString:
    """An SVG of the carton with its blocks; `names` are the items' SKUs. Farther blocks come first."""
    length, width, height = inside
    across = (length + width) * COS // FULL
    down = (length + width) * SIN // FULL + height

    def at(x: int, y: int, z: int) -> Point:
        flat = (x - y + width) * COS // FULL, (x + y) * SIN // FULL - z + height
        return MARGIN + flat[0] * WIDTH // across, MARGIN + flat[1] * WIDTH // across

    fills = {key: f"cb-{n % FILLS + 1}" for n, key in enumerate(dict.fromkeys(block.key for block in blocks))}
    said = ", ".join(f"{units} × {names.get(key, key)}" for key, units in _units(blocks).items())
    shapes = format_html_join(
        "", '<g class="{}">{}</g>', ((fills[block.key], _faces(block, at)) for block in far_to_near(blocks))
    )
    corners = [(0, 0, 0), (length, 0, 0), (length, width, 0), (0, width, 0)]
    back = _path([at(*c) for c in corners])
    walls = _path([at(0, 0, 0), at(0, 0, height), at(length, 0, height), at(length, 0, 0)])
    left = _path([at(0, 0, 0), at(0, 0, height), at(0, width, height), at(0, width, 0)])
    return format_html(
        '<svg class="carton-pic" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<path class="cb-box" d="{}"/><path class="cb-box" d="{}"/><path class="cb-box" d="{}"/>{}</svg>',
        WIDTH + 2 * MARGIN, down * WIDTH // across + 2 * MARGIN, said or "Empty", back, walls, left, shapes,
    )  # fmt: skip


def legend(blocks: Sequence[Block], names: Mapping[int, str]) -> SafeString:
    """Which shade is which item, in the order of packing."""
    rows = (
        (f"cb-{n % FILLS + 1}", f"{units} × {names.get(key, key)}")
        for n, (key, units) in enumerate(_units(blocks).items())
    )
    return format_html(
        '<ul class="carton-key">{}</ul>',
        format_html_join(
            "",
            '<li><svg class="cb-dot" viewBox="0 0 10 10" aria-hidden="true"><g class="{}">'
            '<path class="cb-top" d="M0 0H10V10H0Z"/></g></svg>{}</li>',
            rows,
        ),
    )


def far_to_near(blocks: Sequence[Block]) -> list[Block]:
    """An order of drawing in which no block hides what stands before it; ties by their corner."""
    left = sorted(blocks, key=lambda block: (sum(block.corner), block.corner))
    drawn = []
    while left:
        first = next(
            (one for one in left if not any(_hides(one, other) for other in left if other is not one)), left[0]
        )
        left.remove(first)
        drawn.append(first)
    return drawn


def _hides(near: Block, far: Block) -> bool:
    """Whether `near` must come after `far`: it lies wholly beyond one of the sides that face the eye."""
    beyond = any(near.corner[k] >= far.far[k] for k in range(3))
    before = any(far.corner[k] >= near.far[k] for k in range(3))
    return beyond and not before


def _units(blocks: Sequence[Block]) -> dict[int, int]:
    found: dict[int, int] = {}
    for block in blocks:
        found[block.key] = found.get(block.key, 0) + block.units
    return found


def _faces(block: Block, at: At) -> SafeString:
    """The three sides that face the eye, with the borders of the units."""
    (x0, y0, z0), (x1, y1, z1) = block.corner, block.far
    top = [(x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)]
    front = [(x0, y1, z0), (x1, y1, z0), (x1, y1, z1), (x0, y1, z1)]
    right = [(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)]
    lines = []
    for axis in range(3):
        count, side = block.many[axis], block.sides[axis]
        if count - 1 > MOST_LINES:
            continue
        for n in range(1, count):
            v = block.corner[axis] + n * side
            if axis == 0:
                lines += [((v, y0, z1), (v, y1, z1)), ((v, y1, z0), (v, y1, z1))]
            elif axis == 1:
                lines += [((x0, v, z1), (x1, v, z1)), ((x1, v, z0), (x1, v, z1))]
            else:
                lines += [((x0, y1, v), (x1, y1, v)), ((x1, y0, v), (x1, y1, v))]
    drawn = " ".join(f"M{a[0]} {a[1]}L{b[0]} {b[1]}" for a, b in ((at(*p), at(*q)) for p, q in lines))
    return format_html(
        '<path class="cb-top" d="{}"/><path class="cb-front" d="{}"/><path class="cb-right" d="{}"/>{}',
        *(_path([at(*corner) for corner in face]) for face in (top, front, right)),
        format_html('<path class="cb-line" d="{}"/>', drawn) if drawn else "",
    )


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points) + "Z"
