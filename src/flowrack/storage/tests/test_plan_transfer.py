import json
from datetime import date

import pytest
from tests.cast import BO, EVE, MAY, ctx
from tests.supply import counts_of, item

from flowrack.ledger import queries as stock
from flowrack.ledger.tests.house import house, receive
from flowrack.ledger.types import NotFree
from flowrack.ledger.verify import verify
from flowrack.locations.types import UnknownSite
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.storage import commands_transfer_plans as plans
from flowrack.storage import queries_transfer_plans, queries_transfers
from flowrack.storage.types_transfer_plans import LeftToStage, PlanLine, PlanTransfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, there, hose = house("W1"), house("W2"), item("V-200")
    receive(here, hose, 10, "4", "reserve1")
    return here, there, hose


def free(item_id: int, site_id: int) -> int:
    return sum(row.free for row in stock.by_state([item_id]) if row.site_id == site_id)


def test_stock_is_kept_at_the_sender_and_comes_on_a_day_where_it_goes(scene):
    here, there, hose = scene
    req = PlanTransfer(here.site, there.site, [PlanLine(hose, 4)], date(2026, 3, 5), "SO-1 waits", "sales.line:7")
    done = plans.plan_transfer(ctx(MAY, "k"), req)
    assert (done.line_count, done.units, done.due_on) == (1, 4, date(2026, 3, 5))
    assert plans.plan_transfer(ctx(MAY, "k"), req) == done
    [row] = queries_transfers.transfers([done.transfer_id])
    assert (row.state, row.units, row.planned_by, row.reason, row.for_ref, row.sent_at) == (
        "planned", 4, "May Planner", "SO-1 waits", "sales.line:7", None,
    )  # fmt: skip
    assert free(hose, here.site) == 6
    assert queries_transfer_plans.left_to_stage([done.transfer_id])[done.transfer_id] == [LeftToStage(hose, 0, 4)]
    [cover] = queries_transfers.coming([(there.site, hose)])
    assert (cover.number, cover.units, cover.due_on, cover.party) == (
        done.number, 4, date(2026, 3, 5), "planned at W1",
    )  # fmt: skip
    assert [(one.number, units) for one, units in queries_transfer_plans.live_for("sales.line:7", hose)] == [
        (done.number, 4)
    ]
    told = json.loads(sql.fetch_value("SELECT body FROM platform_outboxevent WHERE kind = 'storage.transfer_changed'"))
    assert (told["site_id"], told["to_site_id"], told["item_ids"], told["freed"]) == (
        here.site, there.site, [hose], False,
    )  # fmt: skip
    assert list(verify()) == []


def test_without_a_day_the_calendar_of_the_sender_says_when_it_is_there(scene):
    here, there, hose = scene
    done = plans.plan_transfer(ctx(MAY), PlanTransfer(here.site, there.site, [PlanLine(hose, 4)]))
    assert done.due_on is not None
    assert done.due_on > date(2026, 3, 1)


def test_the_lot_that_expires_first_is_kept_unless_a_lot_is_named():
    here, there, milk = house("W1"), house("W2"), item("M-1", tracking="lot")
    lots = {}
    for code, expires in (("L1", "2026-09-01"), ("L2", "2026-06-01")):
        lots[code] = sql.fetch_value(
            "INSERT INTO catalog_lot (item_id, code, expires_on) VALUES (%s, %s, %s) RETURNING id",
            (milk, code, expires),
        )
        receive(here, milk, 10, "4", "reserve1", lot_id=lots[code])
    first = plans.plan_transfer(ctx(MAY), PlanTransfer(here.site, there.site, [PlanLine(milk, 12)]))
    kept = queries_transfer_plans.left_to_stage([first.transfer_id])[first.transfer_id]
    assert kept == [LeftToStage(milk, lots["L1"], 2), LeftToStage(milk, lots["L2"], 10)]
    named = PlanTransfer(here.site, there.site, [PlanLine(milk, 9, lots["L1"])])
    with pytest.raises(NotFree, match=r"9 of M-1 of this lot wanted, 8 free at the site\."):
        plans.plan_transfer(ctx(MAY), named)


def test_a_lot_that_has_expired_before_it_is_there_is_kept_only_by_name():
    here, there, milk = house("W1"), house("W2"), item("M-1", tracking="lot")
    lots = {}
    for code, expires in (("OLD", "2026-03-09"), ("NEW", "2026-03-10")):
        lots[code] = sql.fetch_value(
            "INSERT INTO catalog_lot (item_id, code, expires_on) VALUES (%s, %s, %s) RETURNING id",
            (milk, code, expires),
        )
        receive(here, milk, 10, "4", "reserve1", lot_id=lots[code])
    day = date(2026, 3, 10)
    said = r"11 of M-1 wanted, 10 free at the site, and 10 of lots that expire before 10 Mar 2026\."
    with pytest.raises(NotFree, match=said):
        plans.plan_transfer(ctx(MAY), PlanTransfer(here.site, there.site, [PlanLine(milk, 11)], day))
    lines = [PlanLine(milk, 10), PlanLine(milk, 2, lots["OLD"])]
    made = plans.plan_transfer(ctx(MAY), PlanTransfer(here.site, there.site, lines, day))
    kept = queries_transfer_plans.left_to_stage([made.transfer_id])[made.transfer_id]
    assert kept == [LeftToStage(milk, lots["OLD"], 2), LeftToStage(milk, lots["NEW"], 10)]


def test_whose_goods_stand_on_a_plate_is_found_by_key_and_not_by_reading_every_transfer():
    sql.execute("SET LOCAL enable_seqscan = off")
    plan = "\n".join(row[0] for row in sql.fetch_all("EXPLAIN " + queries_transfer_plans.KEPT_ON, ([1],)))
    assert "Seq Scan on storage_transfer" not in plan and "Index Cond: (id = CASE" in plan, plan


def test_what_cannot_be_planned_is_refused_and_leaves_no_trace(scene):
    here, there, hose = scene
    before = counts_of()
    for who, kind, req in (
        (MAY, NotFree, PlanTransfer(here.site, there.site, [PlanLine(hose, 11)])),
        (MAY, Invalid, PlanTransfer(here.site, here.site, [PlanLine(hose, 1)])),
        (MAY, Invalid, PlanTransfer(here.site, there.site, [])),
        (MAY, Invalid, PlanTransfer(here.site, there.site, [PlanLine(hose, 0)])),
        (MAY, Invalid, PlanTransfer(here.site, there.site, [PlanLine(hose, 1), PlanLine(hose, 2)])),
        (MAY, Invalid, PlanTransfer(here.site, there.site, [PlanLine(99_999, 1)])),
        (MAY, Invalid, PlanTransfer(here.site, there.site, [PlanLine(hose, 1)], date(2026, 3, 1))),
        (MAY, Invalid, PlanTransfer(here.site, there.site, [PlanLine(hose, 1)], for_ref="drop table")),
        (MAY, UnknownSite, PlanTransfer(here.site, 99_999, [PlanLine(hose, 1)])),
        (BO, NotPermitted, PlanTransfer(here.site, there.site, [PlanLine(hose, 1)])),
        (EVE, NotPermitted, PlanTransfer(here.site, there.site, [PlanLine(hose, 1)])),
    ):
        with pytest.raises(kind):
            plans.plan_transfer(ctx(who), req)
    assert counts_of() == before
