"""The flow map: nodes on a bed line, ribbons between them whose width is what moved. Server-drawn SVG.

An outlined channel is what passed through a node in the window, its fill is what stands there now, both on one scale.
What runs backwards or aside has its own band below, drawn larger and saying so. The caller draws the table twin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

WIDTH, BAR, TALLEST = 1392, 12, 150
HEAD, TITLE, BAND_ROW = 34, 64, 24
PAD_LEFT, PAD_RIGHT = 40, 130
THICKEST_ASIDE, MOST_ASIDE = 14, 6
NOTE_WIDTH, MARK = 190, 8


@dataclass(frozen=True, slots=True)
class Node:
    """A state in the order of the flow; `now` is None where nothing can stand (suppliers, customers)."""

    key: str
    label: str
    now: int | None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """So much moved from one state to another; `words` is it in short."""

    source: str
    target: str
    size: int
    words: str
    label: str = ""


@dataclass(slots=True)
class Panel:
    """One site: its nodes in order and its flows, those aside included."""

    title: str
    sub: str
    nodes: list[Node]
    flows: list[Flow]
    aside_at: dict[str, str] = field(default_factory=dict)  # where a state outside the row is drawn: under that node

    @property
    def onward(self) -> list[Flow]:
        """Flows from a node to a later one."""
        place = {n.key: at for at, n in enumerate(self.nodes)}
        return [f for f in self.flows if f.source in place and f.target in place and place[f.source] < place[f.target]]

    @property
    def aside(self) -> list[Flow]:
        """All others, the largest first."""
        onward = {(f.source, f.target) for f in self.onward}
        others = [f for f in self.flows if (f.source, f.target) not in onward]
        return sorted(others, key=lambda f: (-f.size, f.source, f.target))

    def passed(self, key: str) -> int:
        """What went through a node: the larger of what came and what left."""
        came = sum(f.size for f in self.onward if f.target == key)
        left = sum(f.size for f in self.onward if f.source == key)
        return max(came, left)


def draw(panels: Sequence[Panel], sentence: str) -> SafeString:
    """All panels below one another on one scale, 1392 wide."""
    largest = max((max(p.passed(n.key), n.now or 0) for p in panels for n in p.nodes), default=0)
    scale = TALLEST / largest if largest else 0.0
    aside = max((p.aside[0].size for p in panels if p.aside), default=0)
    times = next((t for t in (100, 10) if aside * scale * t <= THICKEST_ASIDE), 1)
    parts, top = [_column_heads(panels)], float(HEAD)
    for panel in panels:
        drawn, height = _panel(panel, top, scale, times)
        parts += drawn
        top += height
    return format_html(
        '<svg width="100%" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        WIDTH, _n(top), sentence, mark_safe("".join(parts)),  # noqa: S308
    )  # fmt: skip


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _column(at: int, count: int) -> float:
    return PAD_LEFT + at * (WIDTH - PAD_LEFT - PAD_RIGHT) / max(count - 1, 1)


def _column_heads(panels: Sequence[Panel]) -> SafeString:
    if not panels:
        return mark_safe("")
    nodes = panels[0].nodes
    heads = [
        format_html('<text class="x12 xb f-ink2" x="{}" y="14">{}</text>', _n(_column(at, len(nodes)) - 4), n.label)
        for at, n in enumerate(nodes)
    ]
    return mark_safe("".join([*heads, format_html('<path class="l l-rule" d="M0 22.5H{}"/>', WIDTH)]))  # noqa: S308


def _panel(panel: Panel, top: float, scale: float, times: int) -> tuple[list[SafeString], float]:
    tallest = max(max(panel.passed(n.key), n.now or 0) for n in panel.nodes) * scale
    bed = top + TITLE + tallest
    xs = {n.key: _column(at, len(panel.nodes)) for at, n in enumerate(panel.nodes)}
    parts = [
        format_html(
            '<text class="x16 xb f-ink" x="0" y="{}">{}</text><text class="x13 f-ink2" x="{}" y="{}">{}</text>',
            _n(top + 14), panel.title, 16 + 9 * len(panel.title), _n(top + 14), panel.sub,
        )
    ]  # fmt: skip
    parts += _ribbons(panel, xs, bed, scale)
    for node in panel.nodes:
        parts.append(_node(node, xs[node.key], bed, panel.passed(node.key) * scale, scale))
    parts.append(format_html('<path class="l l-ink" d="M0 {}H{}" stroke-width="1"/>', _n(bed + 0.5), WIDTH))
    aside, height = _aside(panel, xs, bed + 14, scale, times)
    return [*parts, *aside], TITLE + tallest + 14 + height + 24


def _ribbons(panel: Panel, xs: dict[str, float], bed: float, scale: float) -> list[SafeString]:
    """Near flows lie lowest at both ends, so that ribbons do not cross more than they must."""
    place = {n.key: at for at, n in enumerate(panel.nodes)}
    left = dict.fromkeys(xs, bed)
    right = dict.fromkeys(xs, bed)
    parts: list[SafeString] = []
    words: list[SafeString] = []
    for flow in sorted(panel.onward, key=lambda f: (place[f.target] - place[f.source], place[f.source])):
        size = max(flow.size * scale, 1.0)
        a, b = xs[flow.source] + BAR, xs[flow.target]
        low, low_to = left[flow.source], right[flow.target]
        left[flow.source] -= size
        right[flow.target] -= size
        parts.append(_ribbon(a, b, low, low_to, size, f"{flow.label}: {flow.words}"))
        is_near = place[flow.target] - place[flow.source] == 1
        if size >= 13 or is_near:
            x, y = _on_curve(a, b, low, low_to, 0.5 if is_near else 0.3)
            y += 4 - size / 2 if size >= 13 else -size - 4
            words.append(format_html('<text class="x12 f-ink2 xm" x="{}" y="{}">{}</text>', _n(x), _n(y), flow.words))
    return [*parts, *words]


def _ribbon(a: float, b: float, low: float, low_to: float, size: float, words: str) -> SafeString:
    middle = (a + b) / 2
    return format_html(
        '<path class="f-c4 rib" d="M{} {}C{} {} {} {} {} {}V{}C{} {} {} {} {} {}Z"><title>{}</title></path>',
        _n(a), _n(low - size), _n(middle), _n(low - size), _n(middle), _n(low_to - size), _n(b), _n(low_to - size),
        _n(low_to), _n(middle), _n(low_to), _n(middle), _n(low), _n(a), _n(low), words,
    )  # fmt: skip


def _on_curve(a: float, b: float, low: float, low_to: float, at: float) -> tuple[float, float]:
    """A point of a ribbon's lower edge; the edge is a Bezier curve that leaves and arrives level."""
    middle, left = (a + b) / 2, 1 - at
    x = a * left**3 + 3 * middle * left**2 * at + 3 * middle * left * at**2 + b * at**3
    share = 3 * left * at**2 + at**3
    return x, low + (low_to - low) * share


def _node(node: Node, x: float, bed: float, channel: float, scale: float) -> SafeString:
    stands = (node.now or 0) * scale
    top = bed - max(channel, stands, 2)
    fill: SafeString = mark_safe("")
    if stands:
        height = max(stands, 2)
        shape = '<rect class="f-c1" x="{}" y="{}" width="{}" height="{}"/>'
        fill = format_html(shape, _n(x), _n(bed - height), BAR, _n(height))
    text: SafeString = mark_safe("")
    if node.now:
        text = format_html(
            '<text class="x14 xb f-ink" x="{}" y="{}">{}</text>', _n(x - 4), _n(top - 8), f"{node.now:,}"
        )
        if node.url:
            text = format_html('<a href="{}">{}</a>', node.url, text)
    return format_html(
        '<rect class="f-bg" stroke="currentColor" stroke-opacity=".35" x="{}" y="{}" width="{}" height="{}"/>{}{}',
        _n(x), _n(bed - max(channel, 2)), BAR, _n(max(channel, 2)), fill, text,
    )  # fmt: skip


def _aside(panel: Panel, xs: dict[str, float], top: float, scale: float, times: int) -> tuple[list[SafeString], float]:
    flows = panel.aside[:MOST_ASIDE]
    if not flows:
        return [], 0
    ends = [(_aside_x(panel, xs, f.source), _aside_x(panel, xs, f.target)) for f in flows]
    first = 52 if min(min(pair) for pair in ends[:2]) < NOTE_WIDTH else 20  # below the words on the left
    height = first - 4 + BAND_ROW * len(flows)
    larger = f"drawn ×{times}" if times > 1 else ""
    more = len(panel.aside) - len(flows)
    note = ", ".join(part for part in (larger, f"{more} smaller in the table" if more else "") if part)
    parts = [
        format_html(
            '<rect class="f-sunk" x="0" y="{}" width="{}" height="{}"/><text class="x12 xb f-ink2" x="8" y="{}">'
            'Backwards and aside</text><text class="x11 f-ink3" x="8" y="{}">{}</text>',
            _n(top), WIDTH, _n(height), _n(top + 17), _n(top + 33), note,
        )
    ]  # fmt: skip
    for row, (flow, (a, b)) in enumerate(zip(flows, ends, strict=True)):
        y = top + first + row * BAND_ROW
        size = min(max(flow.size * scale * times, 2.0), float(THICKEST_ASIDE))
        tail, head = a + BAR / 2, (b if abs(a - b) >= 40 else a - 90) + BAR / 2
        parts += [_end(x, y, top, is_node=key in xs) for x, key in ((tail, flow.source), (head, flow.target))]
        way = MARK if head > tail else -MARK  # an arrow keeps clear of the marks at its ends
        start, end = tail + way * (flow.source not in xs), head - way * (flow.target not in xs)
        parts.append(_arrow(start, end, y, size, f"{flow.label} {flow.words}"))
    return parts, height


def _end(x: float, y: float, top: float, *, is_node: bool) -> SafeString:
    """Where an arrow begins or ends: a line up to its node on the bed, or a mark for what has no place on it."""
    if is_node:
        return format_html('<path class="l l-rule" stroke-dasharray="2 3" d="M{} {}V{}"/>', _n(x), _n(y), _n(top - 13))
    return format_html(
        '<rect class="f-ink2" x="{}" y="{}" width="{}" height="{}"/>', _n(x - 4), _n(y - 5), MARK, MARK + 2
    )


def _aside_x(panel: Panel, xs: dict[str, float], key: str) -> float:
    return xs.get(key) or xs.get(panel.aside_at.get(key, ""), WIDTH / 2)


def _arrow(a: float, b: float, y: float, size: float, words: str) -> SafeString:
    """An arrow from a to b with its words behind its tail or head, whichever leaves room."""
    way = 1 if b > a else -1
    neck, half = b - way * 8, size / 2
    right = max(a, b) + 16
    anchor, at = ("", right) if right < WIDTH - 280 else (" xe", min(a, b) - 16)
    return format_html(
        '<path class="f-c3" d="M{} {}H{}V{}L{} {} {} {}V{}H{}Z"/><text class="x12 f-ink2{}" x="{}" y="{}">{}</text>',
        _n(a), _n(y - half), _n(neck), _n(y - half - 3), _n(b), _n(y), _n(neck), _n(y + half + 3), _n(y + half), _n(a),
        anchor, _n(at), _n(y + 4), words,
    )  # fmt: skip
