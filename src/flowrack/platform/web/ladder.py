"""The ladder: supply left, claims right in rank order, joined by ribbons whose width is quantity. Server-drawn SVG.

Ours is in accent, others grey, what is only expected palest; supply that was looked at and not used stands below with
the reason. The caller draws the same facts as tables: the picture is never their only home.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

WIDTH, LEFT, RIGHT, BAR = 920, 260, 640, 10
TOP, ROW, GAP, SCALE_TO = 34, 48, 14, 300
NAME_LENGTH = 24


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
    """So many units of a source for a claim; `is_expected` when nobody promised them."""

    source: object
    claim: object
    units: int
    is_expected: bool = False


@dataclass(frozen=True, slots=True)
class Unused:
    """Supply that was looked at and not used, with the reason."""

    name: str
    note: str
    why: str


def draw(
    sources: Sequence[Source],
    claims: Sequence[Claim],
    ribbons: Sequence[Ribbon],
    unused: Sequence[Unused],
    *,
    unit: str,
    sentence: str,
) -> SafeString:
    """The ladder as one SVG, 920 wide."""  # fmt: skip
    most = max(sum(s.units for s in sources), sum(c.units for c in claims), 1)
    scale = SCALE_TO / most
    lefts, low_left = _places([s.units for s in sources], scale)
    rights, low_right = _places([c.units for c in claims], scale)
    source_at = {s.key: y for s, y in zip(sources, lefts, strict=True)}
    claim_at = {c.key: y for c, y in zip(claims, rights, strict=True)}
    ours = {c.key for c in claims if c.is_ours}
    order = {c.key: n for n, c in enumerate(claims)}
    parts = [_heads(unit)]
    for ribbon in sorted(ribbons, key=lambda r: (lefts.index(source_at[r.source]), order[r.claim])):
        size = ribbon.units * scale
        tone = "acc" if ribbon.claim in ours else "c4" if ribbon.is_expected else "c3"
        parts.append(_ribbon(source_at[ribbon.source], claim_at[ribbon.claim], size, tone, is_pale=ribbon.is_expected))
        source_at[ribbon.source] += size
        claim_at[ribbon.claim] += size
    parts += [_source(s, y, scale) for s, y in zip(sources, lefts, strict=True)]
    parts += [_claim(c, y, scale) for c, y in zip(claims, rights, strict=True)]
    bottom = max(low_left, low_right)
    parts += _unused(unused, bottom)
    height = bottom + (len(unused) * 22 + 24 if unused else 0)
    return format_html(
        '<svg width="100%" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        WIDTH, _n(height), sentence, mark_safe("".join(parts)),  # noqa: S308
    )  # fmt: skip


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


def _ribbon(left: float, right: float, size: float, tone: str, *, is_pale: bool) -> SafeString:
    size, middle = max(size, 1.0), (LEFT + RIGHT) / 2
    strength = ".2" if is_pale and tone == "acc" else ".34" if tone == "acc" else ".75"
    return format_html(
        '<path class="f-{}" opacity="{}" d="M{} {}C{} {} {} {} {} {}V{}C{} {} {} {} {} {}Z"/>',
        tone, strength, LEFT, _n(left), _n(middle), _n(left), _n(middle), _n(right), RIGHT, _n(right),
        _n(right + size), _n(middle), _n(right + size), _n(middle), _n(left + size), LEFT, _n(left + size),
    )  # fmt: skip


def _source(source: Source, y: float, scale: float) -> SafeString:
    name = format_html('<text class="x13 xb f-ink" x="0" y="{}">{}</text>', _n(y + 13), source.name)
    if source.url:
        name = format_html('<a href="{}">{}</a>', source.url, name)
    return format_html(
        '<rect class="f-c1" x="{}" y="{}" width="{}" height="{}"/>{}<text class="x12 f-ink3" x="0" y="{}">{}</text>'
        '<text class="x13 xb f-ink xe" x="238" y="{}">{}</text>',
        LEFT - BAR, _n(y), BAR, _n(max(source.units * scale, 2)), name, _n(y + 29), source.note, _n(y + 13),
        f"{source.units:,}",
    )  # fmt: skip


def _claim(claim: Claim, y: float, scale: float) -> SafeString:
    tone = "acc" if claim.is_ours else "ink"
    name = format_html('<text class="x13 xb f-{}" x="664" y="{}">{}</text>', tone, _n(y + 13), claim.name)
    if claim.url:
        name = format_html('<a href="{}">{}</a>', claim.url, name)
    who = claim.who if len(claim.who) <= NAME_LENGTH else f"{claim.who[: NAME_LENGTH - 1]}…"
    said = "f-badt xb" if claim.is_ours and claim.lacks else "f-ink2"
    return format_html(
        '<rect class="f-{}" x="{}" y="{}" width="{}" height="{}"/>{}<text class="x13 f-ink" x="734" y="{}">{}</text>'
        '<text class="x13 xb f-ink xe" x="{}" y="{}">{}</text><text class="x12 f-ink3" x="664" y="{}">{}</text>'
        '<text class="x12 {}" x="664" y="{}">{}</text>',
        "acc" if claim.is_ours else "c1", RIGHT, _n(y), BAR, _n(max(claim.units * scale, 2)), name, _n(y + 13), who,
        WIDTH, _n(y + 13), f"{claim.units:,}", _n(y + 29), claim.note, said, _n(y + 45), claim.said,
    )  # fmt: skip


def _unused(unused: Sequence[Unused], bottom: float) -> list[SafeString]:
    if not unused:
        return []
    heading = format_html(
        '<text class="x12 xb f-ink2" x="0" y="{}">Looked at and not used</text><path class="l l-hair" d="M0 {}H{}"/>',
        _n(bottom), _n(bottom + 8), WIDTH,
    )  # fmt: skip
    rows = [
        format_html(
            '<text class="x13 xb f-ink3" x="0" y="{}">{}</text><text class="x12 f-ink3" x="110" y="{}">{}</text>'
            '<text class="x12 f-ink2" x="274" y="{}">{}</text>',
            _n(y), row.name, _n(y), row.note, _n(y), row.why,
        )
        for row, y in ((row, bottom + 26 + 22 * n) for n, row in enumerate(unused))
    ]  # fmt: skip
    return [heading, *rows]
