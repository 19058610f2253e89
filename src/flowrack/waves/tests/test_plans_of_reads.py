"""How the database finds open picks and what was picked lately: through the lists, not among all picks ever made."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cast import NOW
from tests.plans import plan

from flowrack.waves import locks, queries_floor, queries_pool


@pytest.mark.parametrize(
    ("statement", "params"),
    [
        (queries_floor._OPEN_BY_ZONE, (1,)),
        (queries_floor._ANY_SLIPPING, (NOW,)),
        (locks._SLIPPING, (NOW,)),
        (queries_pool._FLOOR, {"now": NOW, "site": 1}),
    ],
    ids=["open by zone", "any slipping", "slipping", "work on the floor"],
)
def test_what_comes_round_each_minute_reads_no_picks_of_the_past(db: None, statement: str, params: Any) -> None:
    found = plan(statement, params, "fulfilment_picklist", "fulfilment_pickline")
    picks = [(x["Index Name"], x["Index Cond"]) for x in found if x.get("Relation Name") == "fulfilment_pickline"]
    assert picks == [("pick_of_list", "(pick_list_id = l.id)")]
    assert "pick_list_to_do" in {x.get("Index Name") for x in found}


def test_the_lines_of_a_pool_are_read_once_and_what_belongs_to_each_by_its_key(db: None) -> None:
    """Read again for each line, 1,400 lines of a morning took 18 s where a table had no statistics of them yet."""
    params = {"site": 1, "until": NOW.date(), "orders": None, "limit": 1}
    found = plan(queries_pool._POOL, params, "replenishment_wait")
    assert [x["CTE Name"] for x in found if x["Node Type"] == "CTE Scan"] == ["line"]
    keys = {x["Relation Name"]: x["Index Cond"] for x in found if x.get("Alias") in ("i", "e", "c")}
    assert {name: "l.item_id" in of for name, of in keys.items()} == {
        "catalog_item": True, "catalog_packlevel": True, "ledger_cell": True,
    }  # fmt: skip
