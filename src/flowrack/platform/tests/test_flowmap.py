"""The flow map draws stock and movement on one scale."""

from __future__ import annotations

import re

from flowrack.platform.web.flowmap import Flow, Node, Panel, draw


def panel(**more: object) -> Panel:
    nodes = [Node("in", "In", 50), Node("mid", "Middle", 0), Node("out", "Out", None)]
    flows = [
        Flow("in", "out", 60, "60", "In to out"), Flow("in", "mid", 40, "40", "In to middle"),
        Flow("mid", "out", 40, "40", "Middle to out"), Flow("out", "in", 5, "5", "Out to in"),
        Flow("mid", "gone", 1, "1", "Middle to gone"),
    ]  # fmt: skip
    return Panel("Site", "said", nodes, flows, {"gone": "in"})


def test_what_passed_is_the_larger_of_what_came_and_left():
    assert [panel().passed(key) for key in ("in", "mid", "out")] == [100, 40, 100]
    assert [f.label for f in panel().onward] == ["In to out", "In to middle", "Middle to out"]
    assert [f.label for f in panel().aside] == ["Out to in", "Middle to gone"]


def test_heights_share_one_scale_and_what_runs_aside_says_how_it_is_drawn():
    svg = str(draw([panel(), panel()], "said"))
    channels = re.findall(r'<rect class="f-bg"[^>]* height="([0-9.]+)"', svg)
    assert channels == ["150", "60", "150"] * 2
    assert re.findall(r'<rect class="f-c1"[^>]* height="([0-9.]+)"', svg) == ["75", "75"]
    assert svg.count("Backwards and aside") == 2 and "drawn ×" not in svg and "style=" not in svg
    small = panel()
    small.flows[3] = Flow("out", "in", 1, "0.5", "Out to in")
    assert "drawn ×" not in str(draw([panel(), small], "said")), "one panel's large flow decides for all"
    small.flows[3] = small.flows[4] = Flow("out", "in", 0, "0", "Out to in")
    assert "drawn ×100" in str(draw([small], "said"))


def test_an_empty_house_is_drawn_without_movement():
    svg = str(draw([Panel("Site", "nothing", [Node("in", "In", 0), Node("out", "Out", None)], [])], "said"))
    assert "rib" not in svg and "Backwards" not in svg
