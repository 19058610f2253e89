"""set_late_costs: what a day of lateness counts."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, ctx, signed_in

from flowrack.carriers import commands, queries
from flowrack.carriers.tests.house import d
from flowrack.carriers.types import BadLateCosts, SetLateCosts
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_costs_are_kept_by_tier_and_bad_ones_are_not():
    commands.set_late_costs(ctx(ADA), SetLateCosts(d("25"), d("10"), d("2.50")))
    assert queries.late_costs() == {"A": 25, "B": 10, "C": d("2.5")}
    with pytest.raises(BadLateCosts) as refused:
        commands.set_late_costs(ctx(ADA), SetLateCosts(d("-1"), d("1"), d("100001")))
    assert [line.field for line in refused.value.lines] == ["a", "c"]
    with pytest.raises(NotPermitted):
        commands.set_late_costs(ctx(CY), SetLateCosts(d("1"), d("1"), d("1")))
    assert queries.late_costs()["A"] == 25
    assert signed_in(ADA).post("/carrier-services/late-costs", {"a": "30", "b": "10", "c": "0"}).status_code == 303
    assert queries.late_costs() == {"A": 30, "B": 10, "C": 0}
