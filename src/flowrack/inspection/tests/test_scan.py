"""Inspecting by scan: two scans or fewer, then taps; a measured value is typed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.cast import FAY
from tests.scanner import Device
from tests.supply import item, standing

from flowrack.inspection import queries
from flowrack.inspection.tests.house import deliver, latest, plan, shelves
from flowrack.inspection.types import CheckKind, DefectClass, NewCheck

pytestmark = pytest.mark.django_db


def test_a_lot_is_inspected_and_released_with_one_scan():
    here, hose = shelves(), item("V-200")
    plan(hose)
    deliver(here, hose, 398)
    number = queries.inspection_row(latest()).number
    device = Device(FAY, "/scan/inspect", here.site)
    assert "Scan pallet or item" in device.page
    assert device.scan("nonsense") == "wrong"
    assert device.scan(number) == "ok" and "Any defect: how many fail?" in device.page
    assert device.type("1") == "more" and "How many tested?" in device.page
    assert device.type("50") == "ok" and "The lot passes" in device.page
    assert device.tap("release") == "done"
    assert {s for _, s in standing(hose)} == {"receiving"} and device.scans == 2


def test_a_lot_does_not_pass_before_each_unit_of_the_sample_is_measured():
    here, hose = shelves(), item("V-200")
    bore = NewCheck("Bore", CheckKind.MEASURE, DefectClass.MAJOR, "mm", Decimal("9.8"), Decimal("10.2"))
    plan(hose, checks=[bore])
    deliver(here, hose, 5)
    device = Device(FAY, "/scan/inspect", here.site)
    device.scan(queries.inspection_row(latest()).number)
    assert device.scan("9.9") == "more" and "unit 2 of 5" in device.page
    assert device.tap("next") == "ok" and device.type("5") == "ok"
    assert "Measure all units first" in device.page and "Bore: 1 of 5 measured" in device.page
    assert device.tap("release") == "wrong"
    assert "Bore: 1 of 5 measured. Measure 4 more, or hold the lot." in device.page
    assert {s for _, s in standing(hose)} == {"inspection"}
    assert device.tap("rest") == "ok" and "unit 2 of 5" in device.page
    assert [device.scan(v) for v in ("9.8", "10", "10.1", "10.2")] == ["more"] * 4
    assert device.type("5") == "ok" and "The lot passes" in device.page
    assert device.tap("release") == "done"


def test_measured_values_fail_a_lot_and_it_is_held_for_a_reason():
    here, hose = shelves(), item("V-200")
    bore = NewCheck("Bore", CheckKind.MEASURE, DefectClass.MAJOR, "mm", Decimal("9.8"), Decimal("10.2"))
    plan(hose, checks=[NewCheck("Seal intact"), bore])
    deliver(here, hose, 20)
    device = Device(FAY, "/scan/inspect", here.site)
    device.scan(queries.inspection_row(latest()).number)
    assert device.type("0") == "more" and "9.8 to 10.2 mm, unit 1 of 13" in device.page
    assert device.scan("wide") == "wrong"
    assert [device.scan(v) for v in ("9.9", "10.5", "10.1")] == ["more"] * 3
    device.tap("next")
    assert device.type("13") == "ok" and "The lot fails" in device.page and "1 defective in 13" in device.page
    assert device.tap("release") == "wrong"
    device.tap("hold")
    assert device.tap("because:out of limits") == "done"
    assert {s for _, s in standing(hose)} == {"hold"}
    assert queries.open_holds_of_site([here.site])[0].reason == "out of limits"
