"""The ladder: supply left, claims right in rank order, joined by ribbons whose width is quantity. Server-drawn SVG.

Ours is in accent, others grey, what is only expected palest; supply that was looked at and not used stands below with
the reason, and so do claims on hold, which get nothing. One huge quantity does not flatten the others: its bar is cut,
and its number tells. `stack` says the same in rows for a narrow screen. The caller draws the same facts as tables: the
picture is never their only home.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

WIDTH, LEFT, RIGHT, BAR = 920, 260, 640, 10
TOP, ROW, GAP, SCALE_TO = 34, 48, 14, 300
NAME_LENGTH = 20
LEGIBLE, TIMES = 5.0, 12  # a usual quantity is so many pixels wide, else what is so many times as large is cut


@dataclass(frozen=True, slots=True)
class Source:
    """Supply: a lot, picked goods or a delivery that is due."""

    key: object
    name: str
    note: str
    units: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A demand, in rank order; `said` is how it stands, in red for ours when it lacks some."""

    key: object
    name: str
    who: str
    note: str
    units: int
    said: str = ""
    is_ours: bool = False
    lacks: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Ribbon:
    """So many units of a source for a claim; `is_expected` when nobody promised them, `is_proposed` when another claim
    holds them still and somebody must consent first."""

    source: object
    claim: object
    units: int
    is_expected: bool = False
    is_proposed: bool = False


@dataclass(frozen=True, slots=True)
class Unused:
    """Supply that was looked at and not used, or a claim that gets nothing, with the reason."""

    name: str
    note: str
    why: str


def most_drawn(sources: Sequence[Source], claims: Sequence[Claim], ribbons: Sequence[Ribbon]) -> int:
    """The largest quantity that is drawn in full; more is cut, so that usual quantities can be seen. 0 = all are."""
    taken: dict[tuple[str, object], int] = {}
    for ribbon in ribbons:
        for key in (("source", ribbon.source), ("claim", ribbon.claim)):
            taken[key] = taken.get(key, 0) + ribbon.units
    rests = [s.units - taken.get(("source", s.key), 0) for s in sources]
    rests += [c.units - taken.get(("claim", c.key), 0) for c in claims]
    parts = sorted(units for units in (*(r.units for r in ribbons), *rests) if units > 0)
    if not parts:
        return 0
    usual = parts[(len(parts) - 1) // 2]
    total = max(sum(s.units for s in sources), sum(c.units for c in claims), 1)
    return usual * TIMES if usual * SCALE_TO < LEGIBLE * total and parts[-1] > usual * TIMES else 0


class _Sizes:
    """How many units of each bar and ribbon are drawn."""

    def __init__(self, sources: Sequence[Source], claims: Sequence[Claim], ribbons: Sequence[Ribbon]) -> None:
        self.most = most_drawn(sources, claims, ribbons)
        at_source: dict[object, list[int]] = {}
        at_claim: dict[object, list[int]] = {}
        for ribbon in ribbons:
            at_source.setdefault(ribbon.source, []).append(ribbon.units)
            at_claim.setdefault(ribbon.claim, []).append(ribbon.units)
        self.sources = [self._bar(s.units, at_source.get(s.key, [])) for s in sources]
        self.claims = [self._bar(c.units, at_claim.get(c.key, [])) for c in claims]
        self.scale = SCALE_TO / max(sum(self.sources), sum(self.claims), 1)

    def of(self, units: int) -> int:
        """So many of a quantity are drawn."""
        return min(units, self.most) if self.most else units

    def _bar(self, units: int, parts: Sequence[int]) -> int:
        """A bar is as long as its ribbons and the rest of it."""
        return sum(self.of(part) for part in parts) + self.of(max(units - sum(parts), 0))


def draw(
    sources: Sequence[Source],
    claims: Sequence[Claim],
    ribbons: Sequence[Ribbon],
    unused: Sequence[Unused],
    *,
    unit: str,
    sentence: str,
    on_hold: Sequence[Unused] = (),
) -> SafeString:
    """The ladder as one SVG, 920 wide."""  # fmt: skip
    sizes = _Sizes(sources, claims, ribbons)
    scale = sizes.scale
    lefts, low_left = _places(sizes.sources, scale)
    rights, low_right = _places(sizes.claims, scale)
    source_at = {s.key: y for s, y in zip(sources, lefts, strict=True)}
    claim_at = {c.key: y for c, y in zip(claims, rights, strict=True)}
    ours = {c.key for c in claims if c.is_ours}
    order = {c.key: n for n, c in enumerate(claims)}
    parts = [HATCH, _heads(unit)] if any(ribbon.is_proposed for ribbon in ribbons) else [_heads(unit)]
    for ribbon in sorted(ribbons, key=lambda r: (lefts.index(source_at[r.source]), order[r.claim])):
        size = sizes.of(ribbon.units) * scale
        tone = "acc" if ribbon.claim in ours else "c4" if ribbon.is_expected else "c3"
        left, right = source_at[ribbon.source], claim_at[ribbon.claim]
        if ribbon.is_proposed:
            parts.append(_proposed(left, right, size, ribbon.units))
        else:
            parts.append(_ribbon(left, right, size, tone, is_pale=ribbon.is_expected))
        source_at[ribbon.source] += size
        claim_at[ribbon.claim] += size
    for s, y, drawn in zip(sources, lefts, sizes.sources, strict=True):
        parts.append(_source(s, y, drawn * scale, is_cut=drawn < s.units))
    for c, y, drawn in zip(claims, rights, sizes.claims, strict=True):
        parts.append(_claim(c, y, drawn * scale, is_cut=drawn < c.units))
    height = max(low_left, low_right)
    for heading, rows in (("On hold: nothing is reserved for these", on_hold), ("Looked at and not used", unused)):
        parts += _below(heading, rows, height)
        height += len(rows) * 22 + 24 if rows else 0
    return format_html(
        '<svg width="100%" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        WIDTH, _n(height), sentence, mark_safe("".join(parts)),  # noqa: S308
    )  # fmt: skip


def stack(
    sources: Sequence[Source],
    claims: Sequence[Claim],
    ribbons: Sequence[Ribbon],
    unused: Sequence[Unused],
    *,
    unit: str,
    on_hold: Sequence[Unused] = (),
) -> SafeString:
    """The same in rows, claims in rank order with what they get from where: for screens too narrow for the picture."""
    names = {s.key: s for s in sources}
    rows = []
    for claim in claims:
        mine = [ribbon for ribbon in ribbons if ribbon.claim == claim.key]
        got = format_html_join(
            ", ", "{} {} {}",
            ((f"{r.units:,}", _by(r), names[r.source].name) for r in mine),
        )  # fmt: skip
        name = format_html('<a class="b" href="{}">{}</a>', claim.url, claim.name) if claim.url else claim.name
        rows.append(
            format_html(
                '<li{}><div><b>{}</b> {}<p class="q2 s">{}</p><p{}>{}</p>{}</div><b class="end n">{}</b></li>',
                mark_safe(' class="ours"') if claim.is_ours else "", name, claim.who, claim.note,
                mark_safe(' class="lacks"') if claim.is_ours and claim.lacks else "", claim.said,
                format_html('<p class="q2 s">{}</p>', got) if got else "", f"{claim.units:,}",
            )
        )  # fmt: skip
    supply = format_html_join("", _ROW, ((s.name, s.note, f"{s.units:,}") for s in sources))
    lists = [(f"Claims in rank order, {unit}", mark_safe("".join(rows))), (f"Supply, {unit}", supply)]  # noqa: S308
    lists += [
        (heading, format_html_join("", _ROW, ((one.name, one.why, one.note) for one in found)))
        for heading, found in (("On hold", on_hold), ("Looked at and not used", unused))
    ]
    shown = format_html_join("", '<h3>{}</h3><ol class="rows">{}</ol>', (pair for pair in lists if pair[1]))
    return format_html('<div class="stacked">{}</div>', shown)


_ROW = '<li><div><b>{}</b><p class="q2 s">{}</p></div><span class="end n">{}</span></li>'


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _places(sizes: Sequence[int], scale: float) -> tuple[list[float], float]:
    """Where each bar begins, far enough apart for its words; and the bottom."""
    tops, at = [], float(TOP)
    for size in sizes:
        tops.append(at)
        at += max(size * scale, ROW) + GAP
    return tops, at


def _heads(unit: str) -> SafeString:
    return format_html(
        '<text class="x12 xb f-ink2" x="0" y="14">Supply, {}</text>'
        '<text class="x12 xb f-ink2" x="{}" y="14">Claims in rank order, {}</text>'
        '<path class="l l-rule" d="M0 22.5H{}M{} 22.5H{}"/>',
        unit, RIGHT, unit, LEFT, RIGHT, WIDTH,
    )  # fmt: skip


def _by(ribbon: Ribbon) -> str:
    if ribbon.is_proposed:
        return "proposed, needs consent, from"
    return "expected from" if ribbon.is_expected else "from"


HATCH = mark_safe(
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path class="l l-acc" stroke-width="2.5" d="M0 0V6"/></pattern></defs>'
)


def _proposed(left: float, right: float, size: float, units: int) -> SafeString:
    """Hatched, and named in the middle: it is nobody's answer yet."""
    size, middle = max(size, 1.0), (LEFT + RIGHT) / 2
    return format_html(
        '<path fill="url(#hatch)" d="M{} {}C{} {} {} {} {} {}V{}C{} {} {} {} {} {}Z"/>'
        '<text class="x12 xb f-ink" x="{}" y="{}">{} proposed, needs consent</text>',
        LEFT, _n(left), _n(middle), _n(left), _n(middle), _n(right), RIGHT, _n(right),
        _n(right + size), _n(middle), _n(right + size), _n(middle), _n(left + size), LEFT, _n(left + size),
        _n(middle - 70), _n((left + right + size) / 2 + 4), f"{units:,}",
    )  # fmt: skip


def _ribbon(left: float, right: float, size: float, tone: str, *, is_pale: bool) -> SafeString:
    size, middle = max(size, 1.0), (LEFT + RIGHT) / 2
    strength = ".2" if is_pale and tone == "acc" else ".34" if tone == "acc" else ".75"
    return format_html(
        '<path class="f-{}" opacity="{}" d="M{} {}C{} {} {} {} {} {}V{}C{} {} {} {} {} {}Z"/>',
        tone, strength, LEFT, _n(left), _n(middle), _n(left), _n(middle), _n(right), RIGHT, _n(right),
        _n(right + size), _n(middle), _n(right + size), _n(middle), _n(left + size), LEFT, _n(left + size),
    )  # fmt: skip


def _cut(x: int, y: float, height: float) -> SafeString:
    """Two strokes across a bar: there is more of it than is drawn."""
    at = y + max(height, 12) * 0.7
    return format_html('<path class="cut" d="M{} {}l16 -5M{} {}l16 -5"/>', x - 3, _n(at), x - 3, _n(at + 5))


def _source(source: Source, y: float, height: float, *, is_cut: bool) -> SafeString:
    name = format_html('<text class="x13 xb f-ink" x="0" y="{}">{}</text>', _n(y + 13), source.name)
    if source.url:
        name = format_html('<a href="{}">{}</a>', source.url, name)
    return format_html(
        '<rect class="f-c1" x="{}" y="{}" width="{}" height="{}"/>{}<text class="x12 f-ink3" x="0" y="{}">{}</text>'
        '<text class="x13 xb f-ink xe" x="238" y="{}">{}</text>{}',
        LEFT - BAR, _n(y), BAR, _n(max(height, 2)), name, _n(y + 29), source.note, _n(y + 13),
        f"{source.units:,}", _cut(LEFT - BAR, y, height) if is_cut else "",
    )  # fmt: skip


def _claim(claim: Claim, y: float, height: float, *, is_cut: bool) -> SafeString:
    tone = "acc" if claim.is_ours else "ink"
    name = format_html('<text class="x13 xb f-{}" x="664" y="{}">{}</text>', tone, _n(y + 13), claim.name)
    if claim.url:
        name = format_html('<a href="{}">{}</a>', claim.url, name)
    who = claim.who if len(claim.who) <= NAME_LENGTH else f"{claim.who[: NAME_LENGTH - 1]}…"
    said = "f-badt xb" if claim.is_ours and claim.lacks else "f-ink2"
    return format_html(
        '<rect class="f-{}" x="{}" y="{}" width="{}" height="{}"/>{}<text class="x13 f-ink" x="734" y="{}">{}</text>'
        '<text class="x13 xb f-ink xe" x="{}" y="{}">{}</text><text class="x12 f-ink3" x="664" y="{}">{}</text>'
        '<text class="x12 {}" x="664" y="{}">{}</text>{}',
        "acc" if claim.is_ours else "c1", RIGHT, _n(y), BAR, _n(max(height, 2)), name, _n(y + 13), who,
        WIDTH, _n(y + 13), f"{claim.units:,}", _n(y + 29), claim.note, said, _n(y + 45), claim.said,
        _cut(RIGHT, y, height) if is_cut else "",
    )  # fmt: skip


def _below(heading: str, rows: Sequence[Unused], bottom: float) -> list[SafeString]:
    if not rows:
        return []
    head = format_html(
        '<text class="x12 xb f-ink2" x="0" y="{}">{}</text><path class="l l-hair" d="M0 {}H{}"/>',
        _n(bottom), heading, _n(bottom + 8), WIDTH,
    )  # fmt: skip
    drawn = [
        format_html(
            '<text class="x13 xb f-ink3" x="0" y="{}">{}</text><text class="x12 f-ink3" x="110" y="{}">{}</text>'
            '<text class="x12 f-ink2" x="274" y="{}">{}</text>',
            _n(y), row.name, _n(y), row.note, _n(y), row.why,
        )
        for row, y in ((row, bottom + 26 + 22 * n) for n, row in enumerate(rows))
    ]  # fmt: skip
    return [head, *drawn]
