"""A label as people see it: an SVG for the page and a PDF for an office printer, both of the printer's own dots."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import typst
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from flowrack.labels import rules_code128 as code128
from flowrack.labels.rules import Medium
from flowrack.labels.rules_layout import Bars, Drawn, Ink, Matrix, Words, dots


def inks(drawn: Sequence[Drawn]) -> Iterator[tuple[int, int, int, int]]:
    """Every black rectangle of the label, bars and modules among them."""
    for one in drawn:
        if isinstance(one, Ink):
            yield one.x, one.y, one.width, one.height
        elif isinstance(one, Matrix):
            yield from _modules(one)
        elif isinstance(one, Bars):
            yield from _bars(one)


def _modules(one: Matrix) -> Iterator[tuple[int, int, int, int]]:
    for y, row in enumerate(one.rows):
        x = 0
        while x < len(row):
            run = 0
            while x + run < len(row) and row[x + run]:
                run += 1
            if run:
                yield one.x + x * one.module, one.y + y * one.module, run * one.module, one.module
            x += run + 1


def _bars(one: Bars) -> Iterator[tuple[int, int, int, int]]:
    long = one.width if one.rotation in (0, 180) else one.height
    for first, many in code128.bars(one.symbols):
        start, wide = first * one.module, many * one.module
        if one.rotation in (180, 270):
            start = long - start - wide
        if one.rotation in (0, 180):
            yield one.x + start, one.y, wide, one.height
        else:
            yield one.x, one.y + start, one.width, wide


def svg(drawn: Sequence[Drawn], medium: Medium, *, said: str, mark: str = "") -> SafeString:
    """The label as an SVG that scales to its place on the page."""
    wide, high = dots(10 * medium.width_mm, medium.dpi), dots(10 * medium.height_mm, medium.dpi)
    ink = "".join(f"M{x} {y}h{width}v{height}h-{width}z" for x, y, width, height in inks(drawn))
    words = format_html_join(
        "",
        '<text x="{}" y="{}" font-size="{}" font-weight="{}" transform="rotate({} {} {})">{}</text>',
        (_text(one) for one in drawn if isinstance(one, Words)),
    )
    water = (
        format_html(
            '<text class="label-mark" x="{}" y="{}" font-size="{}" text-anchor="middle" '
            'transform="rotate(-35 {} {})">{}</text>',
            wide // 2, high // 2, wide // 5, wide // 2, high // 2, mark,
        )
        if mark
        else ""
    )  # fmt: skip
    return format_html(
        '<svg class="label-pic" viewBox="0 0 {} {}" role="img" aria-label="{}" font-family="Liberation Sans, Arial, '
        'Helvetica, sans-serif"><rect width="{}" height="{}" fill="#fff"/><path d="{}" fill="#000"/>'
        '<g fill="#000">{}</g>{}</svg>',
        wide, high, said, wide, high, ink, words, water,
    )  # fmt: skip


def _text(one: Words) -> tuple[object, ...]:
    """Where a line of text begins, and about which point it is turned."""
    x, y = {
        0: (one.x, one.y),
        90: (one.x + one.width, one.y),
        180: (one.x + one.width, one.y + one.height),
        270: (one.x, one.y + one.height),
    }[one.rotation]
    size = one.size * 92 // 100
    return x, y + size * 9 // 10, size, 700 if one.is_bold else 400, one.rotation, x, y, one.text


@lru_cache(maxsize=1)
def _template() -> bytes:
    return files("flowrack.labels").joinpath("typst", "label.typ").read_bytes()


def pages(
    labels: Sequence[Sequence[Drawn]],
    medium: Medium,
    *,
    title: str,
    mark: str = "",
    output: Literal["pdf", "png"] = "pdf",
    ppi: int = 0,
) -> bytes:
    """The labels as a PDF, one on a page; or the first one as PNG. The same bytes each time."""
    data = {
        "dpi": medium.dpi,
        "width": medium.width_mm,
        "height": medium.height_mm,
        "title": title,
        "labels": [
            {
                "ink": [list(box) for box in inks(drawn)],
                "words": [
                    [w.x, w.y, w.width, w.height, w.rotation, w.size, w.is_bold, w.text]
                    for w in drawn
                    if isinstance(w, Words)
                ],
                "mark": mark,
                "last": n == len(labels),
            }
            for n, drawn in enumerate(labels, 1)
        ],
    }
    made = typst.compile(_template(), format=output, ppi=ppi or medium.dpi, sys_inputs={"data": json.dumps(data)})
    page = made[0] if isinstance(made, list) else made
    assert page is not None
    return bytes(page)
