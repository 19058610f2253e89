"""What a record of a command tells on the timeline of its order, whatever shape it has. No database."""

from __future__ import annotations

import pytest
from tests.cast import NOW

from flowrack.shipping.queries_changes import change_of

LINES = {7: 1, 8: 2}


def told(command, request, result):
    found = change_of(NOW, 3, command, request, result, lines=LINES)
    return (found.what, found.note, found.added)


@pytest.mark.parametrize(
    ("command", "request_", "result", "expected"),
    [
        ("sales.change_line", {"line_id": 7, "units": 70, "unit_price": None},
         {"line_id": 7, "units": 70, "unpromised_units": 0, "before_units": 80},
         ("Changed", "line 1 80 → 70 units", 0)),
        ("sales.change_order", {"order_id": 5, "reason": "fewer beds", "lines": [{"line_id": 7, "units": 70}]},
         {"order_id": 5, "changed": [{"field": "line 1", "before": "80", "after": "70 units"}], "unpromised_units": 0},
         ("Changed", "line 1 80 → 70 units; fewer beds", 0)),
        ("sales.set_order_terms", {"order_id": 5, "reason": ""},
         {"order_id": 5, "changed": [{"field": "max_shipments", "before": "", "after": "2"}], "unpromised_units": 0},
         ("Terms changed", "max shipments → 2", 0)),
        ("sales.cancel_lines", {"lines": [], "reason": "not wanted"},
         {"line_ids": [7, 9, 8], "units": [3, 4, 5], "unpromised_units": 0},
         ("Rest cancelled", "line 1: 3 units, line 2: 5 units; not wanted", 0)),
        ("sales.cancel_overdue", {"site_id": 1, "most": 500}, {"order_ids": [5], "units": 12},
         ("Cancelled, too late", "", 0)),
        ("sales.add_lines", {"order_id": 5, "reason": "forgotten"},
         {"order_id": 5, "lines": [{"line_id": 8, "line_no": 2, "sku": "4712", "units": 1200, "unit_price": "3.00"}]},
         ("Lines added", "line 2: 1,200 × 4712; forgotten", 1)),
    ],
)  # fmt: skip
def test_each_command_tells_what_it_changed(command, request_, result, expected):
    assert told(command, request_, result) == expected


@pytest.mark.parametrize("result", [{"changed": 3, "lines": 7}, {"units": 12}, [1], 12, None, {}])
def test_a_record_of_another_shape_still_tells_what_was_done_and_why(result):
    assert told("sales.change_order", {"reason": "fewer beds"}, result) == ("Changed", "fewer beds", 0)
    assert told("sales.add_lines", [1], result) == ("Lines added", "", 0)
