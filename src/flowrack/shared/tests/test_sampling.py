"""The sampling tables: complete, those of the standard row by row, and never a sample larger than the lot."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrack.shared import sampling
from flowrack.shared.sampling import LEVELS, SEVERITIES, SamplingPlan

REFERENCE = Path(__file__).resolve().parents[5] / "shared" / "data" / "compliance"
beside = pytest.mark.skipif(not REFERENCE.exists(), reason="the reference transcription is not beside this clone")


def test_the_tables_are_complete():
    assert len(sampling.letters()) == 15
    assert len(sampling.plans()) == 3 * 16 * 26 == 1248
    assert len(sampling.aqls()) == 26 and (sampling.aqls()[0], sampling.aqls()[-1]) == (Decimal("0.010"), 1000)


@beside
def test_every_plan_is_that_of_the_reference():
    with (REFERENCE / sampling.PLANS_TABLE).open() as file:
        rows = list(csv.reader(file))[1:]
    found = [(kind, letter, aql, *(int(n) for n in numbers)) for kind, letter, aql, *numbers in rows]
    assert len(found) == 1248
    assert {(k, c, Decimal(a)): SamplingPlan(n, ac, re) for k, c, a, n, ac, re in found} == sampling.plans()


@beside
def test_every_code_letter_is_that_of_the_reference():
    with (REFERENCE / sampling.LETTERS_TABLE).open() as file:
        for row in csv.DictReader(file):
            for lot in {int(row["lot_from"]), int(row["lot_to"] or 10**9)}:
                assert {level: sampling.code_letter(lot, level) for level in LEVELS} == {x: row[x] for x in LEVELS}


@pytest.mark.parametrize(
    ("lot", "aql", "severity", "letter", "plan"),
    [
        (1000, "1.0", "normal", "J", SamplingPlan(80, 2, 3)),
        (400, "0.65", "normal", "H", SamplingPlan(80, 1, 2)),
        (398, "1.0", "normal", "H", SamplingPlan(50, 1, 2)),
        (398, "1.0", "tightened", "H", SamplingPlan(80, 1, 2)),
        (1000, "1.0", "reduced", "J", SamplingPlan(32, 1, 3)),
        (500_001, "0.65", "tightened", "Q", SamplingPlan(1250, 12, 13)),
    ],
)
def test_lots_that_people_know(lot, aql, severity, letter, plan):
    """The second follows the arrow: letter H has no plan of its own at 0.65 and takes that of J."""
    found = sampling.sampling(lot=lot, level="II", aql=Decimal(aql), severity=severity)
    assert (found.letter, found.plan, found.is_all) == (letter, plan, False)


def test_a_sample_as_large_as_the_lot_is_the_whole_lot():
    found = sampling.sampling(lot=60, level="II", aql=Decimal("0.65"), severity="normal")
    assert (found.letter, found.plan, found.is_all) == ("E", SamplingPlan(20, 0, 1), False)
    found = sampling.sampling(lot=15, level="II", aql=Decimal("0.65"), severity="normal")
    assert (found.letter, found.plan, found.is_all) == ("B", SamplingPlan(15, 0, 1), True)
    assert sampling.sampling(lot=1, level="II", aql=Decimal("4.0"), severity="normal").plan.sample == 1


@given(
    lot=st.integers(1, 2_000_000),
    level=st.sampled_from(LEVELS),
    aql=st.sampled_from(sampling.aqls()),
    severity=st.sampled_from(SEVERITIES),
)
def test_no_sample_is_larger_than_its_lot_and_every_lot_has_an_answer(lot, level, aql, severity):
    found = sampling.sampling(lot=lot, level=level, aql=aql, severity=severity)
    assert 1 <= found.plan.sample <= lot and 0 <= found.plan.accept < found.plan.reject
    assert found.is_all == (found.plan.sample == lot)


def test_the_next_stricter_aql():
    assert sampling.stricter_aql(Decimal("1.0")) == Decimal("0.65")
    assert sampling.stricter_aql(Decimal("0.010")) is None
