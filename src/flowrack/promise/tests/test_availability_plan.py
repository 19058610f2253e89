"""How the database finds what bears on a promise, before it knows how large its tables are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flowrack.platform import sql
from flowrack.promise import queries


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from _nodes(child)


def test_the_document_of_a_line_is_found_by_its_id_and_not_among_all_open_ones_of_the_site(db: None) -> None:
    sql.execute("SET LOCAL enable_seqscan = off")  # which is right for the few rows of a test
    rows = sql.fetch_all(
        "EXPLAIN (FORMAT JSON) " + queries._AVAILABILITY, {"items": [1], "sites": [1], "without": [], "before": 9}
    )
    told = rows[0][0] if isinstance(rows[0][0], list) else json.loads(rows[0][0])
    by = {
        (node["Relation Name"], node.get("Index Cond", ""))
        for node in _nodes(told[0]["Plan"])
        if node.get("Relation Name") in ("sales_order", "purchasing_po", "locations_location")
    }
    assert by == {
        ("sales_order", "(id = w.order_id)"),
        ("sales_order", "(id = l_1.order_id)"),  # of the lines for which transfers come
        ("purchasing_po", "(id = purchasing_poline.po_id)"),
        ("locations_location", "(id = storage_pickface.location_id)"),
    }
