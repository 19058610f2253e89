"""Decisions are stored in bulk and answered newest first."""

from __future__ import annotations

import time

import pytest
from tests.cast import ADA, NOW, ctx

from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow

pytestmark = pytest.mark.django_db


def test_why_gives_back_what_was_recorded_newest_first():
    asked = ctx(ADA)
    decisions.record(asked, [DecisionRow("allocation", "sales.line:1", "Took lot A.", "fefo/1", {"lot": "A", "n": 2})])
    decisions.record(asked, [DecisionRow("allocation", "sales.line:1", "Took lot\tB \\ “x”.", "fefo/1", {})])
    rows = decisions.why("sales.line:1")
    assert [(r.sentence, r.detail) for r in rows] == [
        ("Took lot\tB \\ “x”.", {}),
        ("Took lot A.", {"lot": "A", "n": 2}),
    ]
    assert rows[0].decided_at == NOW
    assert decisions.why("sales.line:2") == []


def test_why_all_answers_many_subjects_in_one_query(django_assert_num_queries):
    asked = ctx(ADA)
    decisions.record(asked, [DecisionRow("putaway", f"storage.task:{i}", f"Bin {i}.", "nearest/1") for i in range(20)])
    with django_assert_num_queries(1):
        found = decisions.why_all([f"storage.task:{i}" for i in range(25)])
    assert [len(found[f"storage.task:{i}"]) for i in range(25)] == [1] * 20 + [0] * 5


def test_a_hundred_thousand_decisions_take_seconds_not_minutes():
    rows = [
        DecisionRow(
            "allocation", f"sales.line:{i}", "Took 12 of lot L-77, first expired.", "fefo/3", {"lot": 77, "u": i}
        )
        for i in range(100_000)
    ]
    asked = ctx(ADA)
    started = time.process_time()
    decisions.record(asked, rows)
    assert time.process_time() - started < 3
    assert decisions.why("sales.line:99999")[0].detail == {"lot": 77, "u": 99999}
