from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.cast import ADA, BO, CY, ROB, ctx
from tests.supply import approved, counts_of, item, receive, supplier

from flowrack.dock.commands import create_asns
from flowrack.dock.tests.yard import sscc
from flowrack.dock.types import CreateAsns, NewAsn, NewAsnLine
from flowrack.inbound import commands as inbound
from flowrack.inbound.commands_packs import receive_asn, receive_pack
from flowrack.inbound.types import CountedLine, Receive, TakeBack
from flowrack.inbound.types_deliveries import ReceiveAsn
from flowrack.inbound.types_discrepancies import ReceivePack
from flowrack.platform import outbox, sql
from flowrack.platform.decisions import why
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import commands
from flowrack.storage.tests.house import at_dock, measured, plans, shelves
from flowrack.storage.types import PlanPutaways, PutawayNeed

pytestmark = pytest.mark.django_db


def need(here, item_id, units, **more):
    return PutawayNeed("test:1", here.places["receiving1"], item_id, Units(units), **more)


def test_a_receipt_gets_a_bin_a_task_and_a_reason():
    here, hose = shelves(max_lpns=1), item("V-200")
    po = approved(here.site, supplier(), (hose, 100, "4"))
    done = receive(po, here, CountedLine(units=Units(60), item_id=hose, lpn="LP-1"))
    outbox.drain()
    outbox.drain()

    assert plans() == [("open", 60, 0, "R-01", "")]
    task = sql.fetch_one("SELECT kind, origin, units, lpn_id, to_location_id, state FROM tasks_task")
    line = done.lines[0]
    assert task == ("putaway", ref("inbound.line", line.receipt_line_id), 60, line.lpn_id, here.places["R-01"], "open")
    move_id = sql.fetch_value("SELECT id FROM storage_plannedmove")
    [decision] = why(ref("storage.planned_move", move_id))
    assert decision.sentence == (
        "R-01, because it is the nearest empty bin that fits."
        " 2 bins were passed over; reserve-1 is blocked or out of use."
    )
    assert decision.rule == "putaway.directed v0"
    assert [c["bin"] for c in decision.detail["candidates"]] == ["R-01", "R-02", "R-03"]


def test_a_receipt_that_asks_for_the_bin_is_told_it_and_the_worker_plans_no_second_putaway():
    here, hose = shelves(max_lpns=1), item("V-200")
    po = approved(here.site, supplier(), (hose, 100, "4"))
    counts = [CountedLine(units=Units(n), item_id=hose, lpn=f"LP-{n}") for n in (60, 40)]
    asked = Receive(po.po_id, here.places["receiving1"], counts, is_bin_asked=True)
    done = inbound.receive(ctx(BO, "k"), asked)

    assert [(s.location, s.location_id) for s in done.putaways] == [
        ("R-01", here.places["R-01"]),
        ("R-02", here.places["R-02"]),
    ]
    assert [x.planned_move_id for x in done.lines] == [s.planned_move_id for s in done.putaways]
    assert [s.receipt_line_id for s in done.putaways] == [x.receipt_line_id for x in done.lines]
    assert inbound.receive(ctx(BO, "k"), asked) == done
    outbox.drain()
    outbox.drain()
    assert plans() == [("open", 60, 0, "R-01", ""), ("open", 40, 0, "R-02", "")]
    tasks = sql.fetch_all("SELECT origin, to_location_id FROM tasks_task ORDER BY id")
    assert tasks == [(ref("inbound.line", s.receipt_line_id), s.location_id) for s in done.putaways]
    [decision] = why(ref("storage.planned_move", done.putaways[0].planned_move_id))
    assert decision.sentence.startswith("R-01, because it is the nearest empty bin that fits.")

    inbound.take_back(ctx(BO), TakeBack(done.posting_id))
    outbox.drain()
    assert [p[0] for p in plans()] == ["cancelled", "cancelled"]


def test_a_pallet_with_several_orders_is_told_its_one_bin_and_so_is_each_pallet_of_an_asn():
    here = shelves(max_lpns=1)
    ostler, hose, tap = supplier(), item("V-200"), item("TAP")
    first = approved(here.site, ostler, (hose, 600, "4"))
    second = approved(here.site, ostler, (tap, 40, "1"), (hose, 100, "4"))
    lines = [
        NewAsnLine("V-200", Decimal(600), sscc=sscc(1), po_number=first.number),
        NewAsnLine("TAP", Decimal(30), sscc=sscc(1), po_number=second.number),
        NewAsnLine("TAP", Decimal(10), sscc=sscc(2), po_number=second.number),
        NewAsnLine("V-200", Decimal(100), sscc=sscc(3), po_number=second.number),
    ]
    [asn] = create_asns(ctx(ROB), CreateAsns([NewAsn(ostler, here.site, "DN-1", lines)])).asns
    dock = here.places["receiving1"]

    done = receive_pack(ctx(BO, "a"), ReceivePack(sscc(1), dock, is_bin_asked=True))
    assert [[(s.location, s.receipt_line_id) for s in r.putaways] for r in done.receipts] == [
        [("R-01", r.lines[0].receipt_line_id)] for r in done.receipts
    ]
    rest = receive_asn(ctx(BO, "b"), ReceiveAsn(asn.asn_id, dock, is_bin_asked=True))
    assert [s.location for r in rest.receipts for s in r.putaways] == ["R-02", "R-03"]
    before = plans()
    outbox.drain()
    outbox.drain()
    assert plans() == before and len(before) == 4, "the worker plans nothing twice"
    assert sql.fetch_value("SELECT count(*) FROM tasks_task") == 3


def test_a_receipt_for_which_no_bin_fits_says_so_and_leaves_the_putaway_open():
    here, hose = shelves(bins=0), item("V-200")
    sql.execute("UPDATE locations_location SET is_active = false WHERE role = 'forward_pick'")
    po = approved(here.site, supplier(), (hose, 100, "4"))
    count = CountedLine(units=Units(60), item_id=hose)
    done = inbound.receive(ctx(BO), Receive(po.po_id, here.places["receiving1"], [count], is_bin_asked=True))
    assert [(s.location, s.location_id) for s in done.putaways] == [("", 0)]
    assert plans() == [("open", 60, 0, "", "")]


def test_putaways_under_way_fill_a_bin():
    here, hose = shelves(max_volume_ml=100_000), item("V-200")
    measured(hose)
    sql.execute("UPDATE locations_location SET is_active = false WHERE role = 'forward_pick'")
    at_dock(here, hose, 400)
    for _ in range(2):
        commands.plan_putaways(ctx(ADA), PlanPutaways(here.site, [need(here, hose, 60), need(here, hose, 60)]))
    assert plans() == [
        ("open", 60, 0, "R-01", ""),
        ("open", 60, 0, "R-02", ""),
        ("open", 60, 0, "R-03", ""),
        ("open", 60, 0, "", ""),
    ]
    last = sql.fetch_value("SELECT max(id) FROM storage_plannedmove")
    [decision] = why(ref("storage.planned_move", last))
    assert decision.detail["removed"]["volume"] == {
        "bins": 3,
        "nearest": "R-01 takes 100000 ml: 0 lie there, 60000 are on the way, 60000 more are 20000 too many.",
    }


def test_everything_on_one_pallet_goes_to_one_bin():
    here, hose, tap = shelves(max_lpns=1), item("V-200"), item("TAP")
    po = approved(here.site, supplier(), (hose, 10, "4"), (tap, 10, "1"))
    receive(
        po,
        here,
        CountedLine(units=Units(10), item_id=hose, lpn="LP-1"),
        CountedLine(units=Units(10), item_id=tap, lpn="LP-1"),
    )
    outbox.drain()
    assert plans() == [("open", 10, 0, "R-01", ""), ("open", 10, 0, "R-01", "")]
    assert sql.fetch_value("SELECT count(*) FROM tasks_task") == 1


def test_a_retry_plans_once_and_a_stranger_or_an_empty_list_leave_no_trace():
    here, hose = shelves(), item("V-200")
    at_dock(here, hose, 10)
    req = PlanPutaways(here.site, [need(here, hose, 10)])
    first = commands.plan_putaways(ctx(ADA, "k"), req)
    assert commands.plan_putaways(ctx(ADA, "k"), req) == first
    assert len(plans()) == 1
    by = ctx(CY), ctx(ADA)
    before = counts_of()
    with pytest.raises(NotPermitted):
        commands.plan_putaways(by[0], req)
    with pytest.raises(Invalid):
        commands.plan_putaways(by[1], PlanPutaways(here.site, []))
    assert counts_of() == before


def test_the_number_of_queries_does_not_grow_with_the_lines():
    here = shelves(bins=70)
    items = [item(f"I{n}") for n in range(50)]
    for one in items:
        at_dock(here, one, 5)

    def queries(count):
        req = PlanPutaways(here.site, [need(here, i, 5) for i in items[:count]])
        by = ctx(ADA)
        with CaptureQueriesContext(connection) as seen:
            planned = commands.plan_putaways(by, req)
        assert len({m.location_id for m in planned.moves}) == count and all(m.location_id for m in planned.moves)
        sql.execute("DELETE FROM storage_plannedmove")
        return len(seen)

    queries(2)  # the first time, the bins are counted
    assert queries(2) == queries(50)


@pytest.mark.parametrize(
    "change",
    [
        "done_units = units + 1",
        "done_units = -1",
        "state = 'done', ended_at = now(), ended_by_id = (SELECT min(id) FROM platform_user)",
        "state = 'cancelled'",
        "ended_at = now()",
        "to_location_id = from_location_id",
    ],
)
def test_the_database_refuses_a_plan_that_contradicts_itself(change):
    here, hose = shelves(), item("V-200")
    at_dock(here, hose, 10)
    commands.plan_putaways(ctx(ADA), PlanPutaways(here.site, [need(here, hose, 10)]))
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.execute(f"UPDATE storage_plannedmove SET {change}")
