"""The inspectors and buyers of a furnished house: lots judged by sample, a spell of defects, money asked back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from flowrack.approvals import types as approvals
from flowrack.approvals.commands import decide as approve
from flowrack.inbound.commands import return_to_supplier
from flowrack.inbound.commands_discrepancies import decide_discrepancies
from flowrack.inbound.types import BackLine, ReturnToSupplier
from flowrack.inbound.types_discrepancies import DecideDiscrepancies
from flowrack.inbound.types_discrepancies import Verdict as Answer
from flowrack.inspection.commands import decide, record_results, set_plan, start_inspection
from flowrack.inspection.commands_holds import ask_release
from flowrack.inspection.types import (
    CheckResult,
    Decide,
    DefectClass,
    NewCheck,
    RecordResults,
    SetPlan,
    Started,
    StartInspection,
    Verdict,
)
from flowrack.inspection.types_holds import Cause, ReleaseHold
from flowrack.integrations.replay import reads_inward, rules
from flowrack.integrations.replay.house import House, Site, moment
from flowrack.integrations.replay.reads_inward import WaitingLot
from flowrack.integrations.replay.types import SimItem

INSPECTED = {"S02": 4, "S12": 3, "S13": 2}  # supplier: how many of its items are inspected at the first site
SPELL = "S02"  # the first lots of its items fail: sampling is tightened, and normal again after five good ones
HELD = 1_200  # of 10,000 good lots are held until their paper has come
CHECKS = [
    NewCheck("Free of cracks and sharp edges", defect_class=DefectClass.CRITICAL),
    NewCheck("Print sharp, colours as the sample"),
    NewCheck("Barcode can be read", defect_class=DefectClass.MINOR),
]
FLAWS = ("Edges sharp, not deburred", "Print smudged", "Colour is not that of the sample")
PAPER = "Test report of this batch is missing"
MONDAY, THURSDAY = 0, 3


def set_plans(house: House) -> None:
    """The items of some suppliers whose sales grow most are inspected by sample before they may be sold."""
    site, at = house.sites[0], moment(house.world.first_on - timedelta(days=3), 10)
    for supplier in INSPECTED:
        for item in _inspected(house, supplier):
            plan = SetPlan(
                item_id=house.item_ids[item.sku],
                site_id=site.site_id,
                aql=Decimal("2.5"),
                aql_minor=Decimal("4.0"),
                tighten_after=1 if supplier == SPELL else 2,
                checks=CHECKS,
            )
            house.do(set_plan, "qc_inspector", plan, key=f"plan:{item.sku}", at=at)


def _inspected(house: House, supplier: str) -> list[SimItem]:
    own = [item for item in house.world.items.values() if item.supplier == supplier]
    return sorted(own, key=lambda i: (i.units_first_month - i.units_in_all, i.sku))[: INSPECTED[supplier]]


def bought_weekly(house: House) -> frozenset[str]:
    """Items of which there is little at first, so that the spell of their supplier and its end are in the history."""
    return frozenset(item.sku for item in _inspected(house, SPELL))


def inspect(house: House, on: date) -> None:
    """The inspector takes one lot after the other; what fails is sorted unit by unit."""
    for site in house.sites:
        _release(house, site, on)
        for place, lot in enumerate(reads_inward.waiting_lots(site.site_id)):
            _inspect(house, on, min(place, 9), lot)
    house.tell()


def _inspect(house: House, on: date, place: int, lot: WaitingLot) -> None:
    key, began = f"{on}:inspect:{lot.inspection_id}", moment(on, 9, 2 + 2 * place)
    asked = StartInspection(lot.inspection_id)
    started: Started = house.do(start_inspection, "qc_inspector", asked, key=f"{key}:start", at=began)
    is_bad = lot.supplier == SPELL and not lot.earlier
    flaw = FLAWS[rules.between(house.settings.seed, 0, len(FLAWS) - 1, lot.sku, "flaw")]
    found = []
    if is_bad:
        found = [CheckResult(defective_units=started.reject, defect_class=DefectClass.MAJOR, note=flaw)]
    elif started.accept and rules.throw(house.settings.seed, str(on), lot.sku, "flawed") < 2_500:
        found = [CheckResult(defective_units=1, defect_class=DefectClass.MAJOR, note=flaw)]
    sample = RecordResults(lot.inspection_id, started.sample_units, found)
    seen = began + timedelta(minutes=2)
    house.do(record_results, "qc_inspector", sample, key=f"{key}:sample", at=seen)
    if not is_bad:
        fit = Decide(lot.inspection_id, Verdict.RELEASE)
        if rules.throw(house.settings.seed, str(on), lot.sku, "paper") < HELD:
            due_at = seen + timedelta(days=2)
            fit = Decide(lot.inspection_id, Verdict.HOLD, reason=PAPER, due_at=due_at, cause=Cause.PAPER)
        house.do(decide, "qc_inspector", fit, key=f"{key}:verdict", at=seen)
        return
    failed = f"{flaw}: {started.reject} of {started.sample_units}"
    to_sort = Decide(lot.inspection_id, Verdict.SORT, reason=failed)
    house.do(decide, "qc_inspector", to_sort, key=f"{key}:sort", at=seen)
    bad = min(lot.units, max(started.reject, lot.units * 12 // 100))
    every = RecordResults(
        lot.inspection_id, lot.units, [CheckResult(defective_units=bad, defect_class=DefectClass.MAJOR, note=flaw)]
    )
    house.do(record_results, "qc_inspector", every, key=f"{key}:all", at=seen + timedelta(minutes=4))
    split = Decide(
        lot.inspection_id, Verdict.SPLIT, released_units=lot.units - bad, damaged_units=bad, reason=f"Sorted. {failed}"
    )
    house.do(decide, "qc_inspector", split, key=f"{key}:split", at=seen + timedelta(minutes=5))


def _release(house: House, site: Site, on: date) -> None:
    """The papers of lots that were held have come: their release is asked for, and the purchasing manager agrees."""
    for hold_id in reads_inward.open_inspection_holds(site.site_id, moment(on, 0)):
        key = f"{on}:release:{hold_id}"
        asked = ReleaseHold(hold_id, "The test report has come, all values within limits")
        wanted = house.do(ask_release, "qc_inspector", asked, key=f"{key}:ask", at=moment(on, 8, 5))
        yes = approvals.Decide([approvals.Seen(*reads_inward.asked_approval(wanted.approval))], "approve")
        house.do(approve, "purchasing_manager", yes, key=f"{key}:yes", at=moment(on, 8, 40))
    house.tell()


def settle(house: House, on: date) -> None:
    """On Mondays the buyers' manager asks for the money of what was missing or broken last week; on Thursdays what
    failed its inspection goes back."""
    for site in house.sites:
        if on.weekday() == MONDAY:
            _ask_money(house, site, on)
        elif on.weekday() == THURSDAY:
            _send_back(house, site, on)
    house.tell()


def _ask_money(house: House, site: Site, on: date) -> None:
    by_verdict: dict[Answer, list[int]] = {}
    for discrepancy_id, kind, responsible in reads_inward.open_discrepancies(site.site_id, on - timedelta(days=3)):
        answer = Answer.CLAIM if responsible == "carrier" else Answer.DEBIT if kind == "damaged" else Answer.ACCEPT
        by_verdict.setdefault(answer, []).append(discrepancy_id)
    for answer, ids in sorted(by_verdict.items()):
        note = "As agreed by telephone" if answer == Answer.ACCEPT else ""
        asked = DecideDiscrepancies(ids, answer, note)
        key = f"{on}:money:{site.code}:{answer}"
        house.do(decide_discrepancies, "purchasing_manager", asked, key=key, at=moment(on, 17, 10))


def _send_back(house: House, site: Site, on: date) -> None:
    lots = reads_inward.damaged_lots(site.site_id, moment(on - timedelta(days=7), 18), moment(on, 17))
    for supplier_id, of in groupby(lots, key=lambda lot: lot.supplier_id):
        lines = [
            BackLine(x.item_id, x.units, x.location_id, x.lot_id, x.lpn_id, "damaged", x.receipt_move_id) for x in of
        ]
        asked = ReturnToSupplier(site.site_id, supplier_id, lines, "Failed incoming inspection")
        house.do(
            return_to_supplier, "returns_clerk", asked, key=f"{on}:back:{site.code}:{supplier_id}", at=moment(on, 17)
        )
