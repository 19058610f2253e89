"""How the database finds open picks and what was picked lately: through the lists, not among all picks ever made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.cast import NOW

from flowrack.platform import sql
from flowrack.waves import locks, queries_floor, queries_pool


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


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
    sql.execute("SET LOCAL enable_seqscan = off")  # which is right for the few rows of a test
    rows = sql.fetch_all("EXPLAIN (FORMAT JSON) " + statement, params)
    told = rows[0][0] if isinstance(rows[0][0], list) else json.loads(rows[0][0])
    found = list(nodes(told[0]["Plan"]))
    picks = [(x["Index Name"], x["Index Cond"]) for x in found if x.get("Relation Name") == "fulfilment_pickline"]
    assert picks == [("pick_of_list", "(pick_list_id = l.id)")]
    assert "pick_list_to_do" in {x.get("Index Name") for x in found}
