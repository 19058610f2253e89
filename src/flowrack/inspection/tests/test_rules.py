"""How many units are looked at, when a lot passes, and how the severity follows the lots."""

from __future__ import annotations

from decimal import Decimal

import pytest

from flowrack.inspection import rules
from flowrack.inspection.rules import Defects, History, Outcome, PlanRow
from flowrack.inspection.types import CheckKind, DefectClass, NewCheck, SetPlan, Severity

PLAN = PlanRow(plan_id=1, version=1)
GOOD, BAD = Outcome(True, passes_stricter=True), Outcome(False)


def sample(lot=1000, plan=PLAN, history=None, draw="1:1:0"):
    return rules.sample_of(lot=lot, plan=plan, history=history or History(), draw=draw)


def run(outcomes, history=None, *, accept=2, tighten_after=2):
    history, whys = history or History(), []
    for one in outcomes:
        history, why = rules.after_lot(history, one, accept=accept, tighten_after=tighten_after)
        whys += [why] if why else []
    return history, whys


def test_a_lot_of_a_thousand_at_level_two_and_aql_one():
    found = sample()
    assert (found.mode, found.letter, found.units, found.accept, found.reject) == ("sample", "J", 80, 2, 3)
    assert found.sentence == (
        "Lot of 1000, level II, AQL 1, normal: letter J, look at 80; up to 2 defective pass, 3 reject."
    )


def test_letter_h_at_0_65_follows_the_arrow():
    found = sample(lot=300, plan=PlanRow(1, 1, aql=Decimal("0.65")))
    assert (found.letter, found.units, found.accept, found.reject) == ("H", 80, 1, 2)


def test_a_sample_is_never_larger_than_the_lot_and_the_reason_says_so():
    found = sample(lot=15, plan=PlanRow(1, 1, aql=Decimal("0.65")))
    assert (found.mode, found.letter, found.units) == ("all", "B", 15)
    assert "the lot is no larger than the sample, so all 15" in found.sentence


def test_without_a_plan_and_after_a_discontinued_sampling_every_unit_is_inspected():
    assert (sample(plan=PlanRow()).mode, sample(plan=PlanRow()).units) == ("all", 1000)
    found = sample(history=History(severity=Severity.DISCONTINUED))
    assert (found.mode, found.units, found.accept, found.reject) == ("all", 1000, 0, 1)


def test_a_lot_passes_fails_or_is_open():
    one = sample(lot=398)
    assert (one.units, one.accept, one.reject) == (50, 1, 2)
    judged = [rules.outlook(sample=one, tested=t, found=f) for t, f in (
        (10, Defects()), (50, Defects(major=1)), (50, Defects(major=2)), (10, Defects(major=2)),
        (1, Defects(critical=1)), (50, Defects(minor=9)),
    )]  # fmt: skip
    assert judged == ["open", "passes", "fails", "fails", "fails", "passes"]
    strict = sample(lot=398, plan=PlanRow(1, 1, aql_minor=Decimal("4.0")))
    assert (strict.accept_minor, strict.reject_minor) == (5, 6)
    assert rules.outlook(sample=strict, tested=50, found=Defects(minor=6)) == "fails"


def test_a_unit_with_two_defects_of_a_class_counts_once():
    major, minor = DefectClass.MAJOR, DefectClass.MINOR
    found = rules.defects([(major, 7, 1), (major, 7, 1), (major, 8, 1), (major, 0, 2), (minor, 7, 1), (major, 9, 0)])
    assert found == Defects(critical=0, major=4, minor=1)


def test_two_of_five_rejected_lots_tighten_and_five_accepted_return_to_normal():
    assert run([BAD])[0].severity == "normal"
    assert run([BAD, GOOD, GOOD, GOOD, GOOD, BAD])[0].severity == "normal"
    tightened, whys = run([BAD, GOOD, GOOD, GOOD, BAD])
    assert (tightened.severity, whys) == ("tightened", ["2 of the last 5 lots were rejected"])
    assert run([GOOD] * 4, tightened)[0].severity == "tightened"
    assert run([GOOD] * 4 + [BAD] + [GOOD] * 4, tightened)[0].severity == "tightened"
    assert run([GOOD] * 5, tightened) == (
        History(Severity.NORMAL, "", 0, accepted_run=5), ["5 lots in a row were accepted"],
    )  # fmt: skip
    assert run([BAD], tighten_after=1)[0].severity == "tightened"


def test_the_switching_score_leads_to_reduced_inspection_and_one_bad_lot_back():
    assert run([GOOD] * 9)[0] == History(Severity.NORMAL, "AAAAA", 27, 9)
    reduced, whys = run([GOOD] * 10)
    assert (reduced.severity, whys) == ("reduced", ["the switching score reached 30"])
    assert run([GOOD] * 14, accept=0)[0].score == 28
    assert run([GOOD] * 15, accept=1)[0].severity == "reduced"
    assert run([GOOD] * 9 + [Outcome(True)])[0].score == 0
    assert run([GOOD] * 9 + [BAD])[0].score == 0
    assert run([GOOD], reduced)[0].severity == "reduced"
    assert run([BAD], reduced)[0].severity == "normal"
    between, whys = run([Outcome(True, is_between=True)], reduced)
    assert (between.severity, whys) == ("normal", ["a lot fell between the numbers under reduced inspection"])


def test_five_rejected_lots_under_tightened_inspection_end_sampling():
    tightened = History(severity=Severity.TIGHTENED)
    assert run([BAD] * 4, tightened)[0].severity == "tightened"
    assert run([BAD, GOOD, BAD, GOOD, BAD, GOOD, BAD, BAD], tightened)[0].severity == "discontinued"


def test_a_reduced_lot_between_the_numbers_is_accepted():
    plan = PlanRow(1, 1)
    one = sample(history=History(severity=Severity.REDUCED))
    assert (one.units, one.accept, one.reject) == (32, 1, 3)
    found = rules.outcome(sample=one, found=Defects(major=2), lot=1000, plan=plan, severity=Severity.REDUCED)
    assert found == Outcome(True, is_between=True)


def test_a_lot_passes_the_next_stricter_aql_or_not():
    one = sample()
    at = {n: rules.outcome(sample=one, found=Defects(major=n), lot=1000, plan=PLAN, severity=Severity.NORMAL)
          for n in (1, 2, 3)}  # fmt: skip
    assert [at[1].passes_stricter, at[2].passes_stricter, at[3].is_accepted] == [True, False, False]


def test_skip_lot_needs_a_run_of_accepted_lots_and_draws_one_in_so_many():
    plan = PlanRow(1, 1, skip_after=10, skip_one_in=4)
    assert sample(plan=plan, history=History(accepted_run=9)).mode == "sample"
    ready = History(accepted_run=10)
    drawn = [sample(plan=plan, history=ready, draw=f"{n}:7:0").mode for n in range(400)]
    assert set(drawn) == {"skip", "sample"} and 70 <= drawn.count("sample") <= 130
    assert [sample(plan=plan, history=ready, draw=f"{n}:7:0").mode for n in range(400)] == drawn
    assert sample(plan=plan, history=History(severity=Severity.TIGHTENED, accepted_run=10), draw="1").mode == "sample"
    assert run([BAD], ready)[0].accepted_run == 0


def test_a_measured_value_on_a_limit_is_good():
    low, high = Decimal("9.8"), Decimal("10.2")
    outside = [rules.is_outside(Decimal(v), low=low, high=high) for v in ("9.79", "9.8", "10.2", "10.21")]
    assert outside == [True, False, False, True]
    assert not rules.is_outside(Decimal(99), low=low, high=None)


def test_every_fault_of_a_plan_is_named():
    req = SetPlan(
        level="IV", aql=Decimal("1.1"), tighten_after=6, skip_one_in=1,
        checks=[NewCheck("", CheckKind.MEASURE), NewCheck("Bore", CheckKind.MEASURE, low=Decimal(2), high=Decimal(1))],
    )  # fmt: skip
    assert [(b.line, b.field) for b in rules.plan_faults(req)] == [
        (0, "level"), (0, "aql"), (0, "tighten_after"), (0, "skip_one_in"), (1, "name"), (1, "low"), (2, "low"),
    ]  # fmt: skip
    assert rules.plan_faults(req)[1].fix == "The nearest is 1.0."


def test_the_most_specific_plan_counts():
    assert rules.most_specific({1: (0, 0, 0, 0), 2: (0, 0, 5, 9), 3: (0, 4, 0, 0), 4: (7, 0, 0, 0)}) == 4
    assert rules.most_specific({2: (0, 0, 5, 9), 3: (0, 4, 0, 0)}) == 3
    assert rules.most_specific({2: (0, 0, 5, 0), 3: (0, 0, 5, 0)}) == 3
    assert rules.most_specific({}) == 0


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ((389, 0, 9), ""),
        ((389, 0, 8), "389 released, 0 held and 8 damaged are 397, not 398."),
        ((399, 0, -1), "No part can be less than nothing."),
    ],
)
def test_the_parts_of_a_split_add_up(parts, fault):
    assert rules.split_faults(lot=398, released=parts[0], held=parts[1], damaged=parts[2]) == fault
