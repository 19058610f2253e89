"""The ladder draws supply and claims on one scale."""

from __future__ import annotations

import re

from flowrack.platform.web.ladder import Claim, Ribbon, Source, Unused, draw, stack


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
    assert "&lt;b&gt;" in svg and "<b>" not in svg and long not in svg and "A very long name of…" in svg
    assert "9 days left" in svg and 'href="/orders/1"' in svg


def test_a_huge_quantity_is_cut_so_that_the_others_can_be_seen_and_its_number_tells():
    sources = [Source("lot", "L1", "", 60)]
    claims = [
        Claim("a", "SO-1", "Acme", "", 40),
        Claim("b", "SO-2", "Bolt", "", 20),
        Claim("c", "SO-3", "Cut", "", 50_000),
    ]
    ribbons = [Ribbon("lot", "a", 40), Ribbon("lot", "b", 20)]
    svg = str(draw(sources, claims, ribbons, [], unit="each", sentence="said"))
    assert heights(svg) == [33.3, 22.2, 11.1, 266.7]  # 50,000 is drawn as 12 times the usual 40
    assert svg.count('class="cut"') == 1 and "50,000" in svg
    assert ribbons_of(svg) == 2


def ribbons_of(svg: str) -> int:
    return len(ribbons(svg))


def test_a_claim_on_hold_stands_apart_and_takes_no_room_in_the_picture():
    held = [Unused("SO-9", "50,000 each", "Acme: over the credit limit")]
    one = [Claim("a", "SO-1", "Acme", "", 10)]
    svg = str(
        draw([Source("lot", "L1", "", 10)], one, [Ribbon("lot", "a", 10)], [], unit="each", sentence="", on_hold=held)
    )
    assert heights(svg) == [300, 300] and "On hold: nothing is reserved for these" in svg and "over the credit" in svg


def test_the_stack_says_for_each_claim_what_it_gets_from_where():
    html = str(
        stack(
            [Source("lot", "L1", "in the bins", 60), Source("po", "PO-1", "due 3 Mar", 40)],
            [Claim("a", "SO-1", "Acme", "tier A", 70, "60 reserved, 10 wait", is_ours=True, lacks=True)],
            [Ribbon("lot", "a", 60), Ribbon("po", "a", 10, True)], [Unused("L9", "24", "9 days left")], unit="each",
        )
    )  # fmt: skip
    assert "60 from L1, 10 expected from PO-1" in html and 'class="ours"' in html and 'class="lacks"' in html
    assert "9 days left" in html and "On hold" not in html and "style=" not in html
