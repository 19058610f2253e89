"""A decision in people's words: no codes of rules, no keys of rows, nothing that only replays it."""

from __future__ import annotations

import pytest

from flowrack.platform.web.details import rule_in_words, told


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("allocation/1", "allocation rules as shipped"),
        ("allocation v7", "allocation rules, version 7"),
        ("sites/1 by allocation v1", "choice of a site by allocation rules, version 1"),
        ("order-holds/4 rules v0", "hold rules as shipped"),
        ("order-holds/4 rules v3", "hold rules, version 3"),
        ("carrier.landed_cost/1", "least of freight and lateness"),
        ("dock.match.1", "match of a notice with its order"),
        ("sampling.iso2859 v1", "sampling by ISO 2859, version 1"),
        ("waves.plan WP-1001, template Parcels", "wave plan WP-1001, template Parcels"),
        ("another-person:1 price-rise:2", "another person, version 1; price rise, version 2"),
        ("person", "person"),
    ],
)
def test_a_rule_is_named_in_words(rule, said):
    assert rule_in_words(rule) == said


def test_what_was_looked_at_is_told_in_words():
    detail = {
        "choice": 160, "content_hash": "4e75", "policy_id": 9, "case": {"asks": []}, "agreement_price": None,
        "flags": [],
        "options": [{"why": "arrives Fri 20 Nov", "cost": "5.4200", "service": "Northline Parcels"}],
        "available": "after_inspection", "units": 12_000, "new_supplier": True, "until": "2020-12-29",
        "covers": [["purchasing.po", "PO-1215", 240]], "elsewhere": [[209, 1]], "task": "counting.task:10",
    }  # fmt: skip
    assert told(detail) == [
        ("Options", ["why arrives Fri 20 Nov, cost 5.42, service Northline Parcels"]),
        ("Available", ["after inspection"]),
        ("Units", ["12,000"]),
        ("New supplier", ["yes"]),
        ("Until", ["29 Dec 2020"]),
        ("Covers", ["PO-1215 240"]),
    ]
    assert told({"rejected": {"scrap": "it still has a value"}}) == [("Rejected", ["Scrap: it still has a value"])]
    rows = {
        "bought": {"purchasing.po_line:12": 40, "PO-1215": 7},
        "for": "PO-7, purchasing.po_line:12",
        "of": "returns.lot:1",
    }
    assert told(rows) == [("Bought", ["PO-1215: 7"]), ("For", ["PO-7"])]
    assert told([]) == told(None) == told({}) == []
