"""The ladder draws supply and claims on one scale."""

from __future__ import annotations

import re

from flowrack.platform.web.ladder import Claim, Ribbon, Source, Unused, draw


def heights(svg: str) -> list[float]:
    return [float(found) for found in re.findall(r'<rect [^>]*height="([0-9.]+)"', svg)]


def ribbons(svg: str) -> list[tuple[str, float, float]]:
    """Tone, width at the source and width at the claim of each ribbon."""
    shape = r'<path class="f-(\w+)" opacity="[0-9.]+" d="M260 ([0-9.]+)C\S+ \S+ \S+ \S+ \S+ ([0-9.]+)V([0-9.]+)C'
    ends = r'\S+ \S+ \S+ \S+ \S+ ([0-9.]+)Z"/>'
    found = re.findall(shape + ends, svg)
    return [(tone, float(low) - float(top), float(under) - float(over)) for tone, top, over, under, low in found]


def test_widths_are_quantities_and_ours_is_in_accent():
    svg = str(
        draw(
            [Source("lot", "L1", "in the bins", 60), Source("po", "PO-1", "due", 40)],
            [Claim("a", "SO-1", "Acme", "tier A", 70, "60 reserved, 10 wait", is_ours=True, lacks=True),
             Claim("b", "SO-2", "Bolt", "tier B", 30, "30 wait")],
            [Ribbon("lot", "a", 60), Ribbon("po", "a", 10, True), Ribbon("po", "b", 30, True)],
            [], unit="each", sentence="said",
        )
    )  # fmt: skip
    assert heights(svg) == [180, 120, 210, 90]
    assert ribbons(svg) == [("acc", 180, 180), ("acc", 30, 30), ("c4", 90, 90)]
    assert 'role="img" aria-label="said"' in svg and "style=" not in svg
    assert "60 reserved, 10 wait" in svg and "Looked at and not used" not in svg


def test_names_are_escaped_long_ones_cut_and_unused_supply_has_its_reason():
    long = "A very long name of a customer indeed"
    svg = str(
        draw(
            [], [Claim("a", "<b>", long, "", 1, url="/orders/1")], [], [Unused("L9", "24 each", "9 days left")],
            unit="each", sentence="said",
        )
    )  # fmt: skip
    assert "&lt;b&gt;" in svg and "<b>" not in svg and long not in svg and "A very long name of a c…" in svg
    assert "9 days left" in svg and 'href="/orders/1"' in svg
