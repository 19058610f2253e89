"""Answers: measured values are judged by their limits, tallies by how many were tested; the last word counts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.cast import BO, FAY, ctx
from tests.supply import item

from flowrack.inspection import commands, queries
from flowrack.inspection.tests.house import deliver, latest, plan, shelves
from flowrack.inspection.types import (
    BadResult,
    CheckKind,
    CheckResult,
    DefectClass,
    NewCheck,
    RecordResults,
    SampleTooLarge,
    StartInspection,
)
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted, WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def started():
    here, hose = shelves(), item("V-200")
    bore = NewCheck("Bore", CheckKind.MEASURE, DefectClass.MAJOR, "mm", Decimal("9.8"), Decimal("10.2"))
    plan(hose, checks=[NewCheck("Seal", CheckKind.YES_NO, DefectClass.CRITICAL), bore])
    deliver(here, hose, 398)
    commands.start_inspection(ctx(FAY), StartInspection(latest()))
    seal, bore = queries.checks_of(latest())
    return latest(), seal.id, bore.id


def test_measured_values_outside_their_limits_are_defects(started):
    it, seal, bore = started
    values = [CheckResult(bore, n, Decimal(v)) for n, v in enumerate(("9.79", "9.8", "10.2", "10.25"), 1)]
    done = commands.record_results(ctx(FAY), RecordResults(it, 4, values))
    assert (done.tested_units, done.critical, done.major, done.outlook) == (4, 0, 2, "fails")
    again = commands.record_results(ctx(FAY), RecordResults(it, 50, [CheckResult(bore, 4, Decimal("10.15"))]))
    assert (again.major, again.outlook) == (1, "open")  # 46 units of the sample are not measured yet
    rest = [CheckResult(bore, n, Decimal("10.0")) for n in range(5, 51)]
    assert commands.record_results(ctx(FAY), RecordResults(it, 50, rest)).outlook == "passes"
    found = commands.record_results(ctx(FAY), RecordResults(it, 50, [CheckResult(seal, 0, None, 1)]))
    assert (found.critical, found.outlook) == (1, "fails")
    assert sql.fetch_value("SELECT count(*) FROM inspection_result") == 51


@pytest.mark.parametrize(
    ("tested", "result", "field"),
    [
        (50, CheckResult(999_999), "check"),
        (50, CheckResult(0, 51, None, 1), "unit"),
        (50, CheckResult(0, 0, None, 51), "defective_units"),
        (50, CheckResult(0, 3, None, 2), "defective_units"),
        (50, CheckResult(-1, 1), "measured"),
        (50, CheckResult(-1, 1, Decimal("NaN")), "measured"),
        (-1, CheckResult(), "tested_units"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(started, tested, result, field):
    it, _, bore = started
    if result.check_id == -1:
        result = CheckResult(bore, 1, result.measured)
    with pytest.raises(BadResult) as refused:
        commands.record_results(ctx(FAY), RecordResults(it, tested, [result]))
    assert refused.value.lines[0].field == field
    assert sql.fetch_value("SELECT count(*) FROM inspection_result") == 0


def test_no_more_units_are_tested_than_the_lot_has(started):
    with pytest.raises(SampleTooLarge) as refused:
        commands.record_results(ctx(FAY), RecordResults(started[0], 399))
    assert refused.value.message == "399 units tested, but the lot has 398."
    with pytest.raises(BadResult):
        commands.record_results(ctx(FAY), RecordResults(started[0], 0, [CheckResult(0, 0, None, 0), CheckResult(0, 1)]))


def test_only_a_started_inspection_takes_results_and_only_from_inspectors(started):
    with pytest.raises(NotPermitted):
        commands.record_results(ctx(BO), RecordResults(started[0], 1))
    sql.execute("UPDATE inspection_inspection SET state = 'open'")
    with pytest.raises(WrongState):
        commands.record_results(ctx(FAY), RecordResults(started[0], 1))
