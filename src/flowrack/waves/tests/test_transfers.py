"""Transfers to other sites are work of the people who pick: in the planner's capacity, and on the board."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from tests import outbound
from tests.cast import ADA, BO, MAY, NOW, ctx, signed_in

from flowrack.ledger.tests.house import house as other_house
from flowrack.platform import sql
from flowrack.promise.rules_house import CutOff, Hours, House
from flowrack.storage import commands_staging as staging
from flowrack.storage import commands_transfer_plans as transfers
from flowrack.storage.types_transfer_plans import PlanLine, PlanTransfer, ReleaseTransfers, TakeTransfer
from flowrack.waves import queries_board, queries_planner
from flowrack.waves.rules_transfers import TransferWork, beside, stage_until
from flowrack.waves.tests import cases

MONDAY = datetime(2026, 3, 2, 9)
HOUSE = House(
    hours=tuple(Hours(day, time(8), time(17)) for day in range(1, 6)),
    cut_offs=tuple(CutOff(0, "", "", day, time(10, 30), 1) for day in range(1, 6)),
)


def test_goods_are_staged_before_the_last_departure_that_brings_them_there_on_their_day():
    assert stage_until(HOUSE, date(2026, 3, 4), MONDAY) == datetime(2026, 3, 3, 9, 55)
    assert stage_until(HOUSE, date(2026, 3, 3), MONDAY) == datetime(2026, 3, 2, 9, 55)
    assert stage_until(HOUSE, date(2026, 3, 3), MONDAY.replace(hour=10)) is None, "its departure is too near"
    assert stage_until(HOUSE, date(2026, 3, 2), MONDAY) is None
    assert stage_until(HOUSE, None, MONDAY) is None


def test_work_that_is_late_or_has_no_day_is_to_be_done_at_once():
    later = datetime(2026, 3, 3, 9, 55)
    one = TransferWork(1, "TR-1", "planned", "W9", None, None, 5, 0, 1, ((7, 90),))
    two = TransferWork(2, "TR-2", "released", "W9", date(2026, 3, 4), later, 5, 0, 1, ((7, 60), (8, 30)))
    found = beside({(MONDAY, 7): 100}, [one, two], MONDAY)
    assert found == {(MONDAY, 7): 190, (later, 7): 60, (later, 8): 30}


@pytest.mark.django_db(transaction=True)
def test_a_planned_transfer_takes_hands_and_whoever_stages_it_stands_on_the_board(monkeypatch):
    for module in ("pages.planner", "pages.board"):
        monkeypatch.setattr(f"flowrack.waves.{module}.now", lambda: cases.NOW)
    case = cases.planned(orders=1)
    there = other_house("W9")
    item = sql.fetch_value("SELECT id FROM catalog_item WHERE sku = '4711'")
    asked = PlanTransfer(case.at.site, there.site, [PlanLine(item, 8)], date(2026, 3, 3), "SO-7 waits")
    made = transfers.plan_transfer(ctx(MAY), asked)
    run = queries_planner.dry_run(case.at.site, NOW)
    assert run is not None
    [one] = run.site.transfers
    assert (one.number, one.state, one.units, one.staged, one.minutes) == (made.number, "planned", 8, 0, 2)
    # 90 s of the order in the plan, 90 s of the transfer until 9:55 besides.
    assert [(w.floor, w.planned) for w in run.plan.windows] == [(90, 90)]
    page = signed_in(ADA).get("/waves/planner/glasses").content.decode()
    assert made.number in page and "1 line, 2 min, stage until 09:55" in page
    assert [x.person for x in queries_board.transfers(case.at.site, NOW)] == [""]
    transfers.release_transfers(ctx(MAY), ReleaseTransfers([made.transfer_id]))
    staging.take_transfer(ctx(BO), TakeTransfer(made.transfer_id))
    [one] = queries_board.transfers(case.at.site, NOW)
    assert (one.state, one.person) == ("released", "Bo Receiver")
    lane = (
        signed_in(ADA).get("/waves/board").content.decode().partition('id="lane-picking"')[2].partition("</section>")[0]
    )
    assert made.number in lane and "Bo Receiver" in lane and "0 of 8 units staged" in lane
    assert outbound.counts(case.orders[0].line_ids[0]) == {"units": 5, "allocated": 5}
