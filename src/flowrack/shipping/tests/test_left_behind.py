"""What stays when its truck closes: kept by order, its promise looked at anew, and offered another truck."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from tests import outbound
from tests.cast import ADA, GUS, KIM, NOW, bearer, ctx, signed_in
from tests.plans import plan as plan_of
from tests.scanner import Device

from flowrack.fulfilment import commands as bench
from flowrack.fulfilment.types_packing import AcceptWeight, WeighCarton
from flowrack.platform import sql
from flowrack.promise.rules_house import Trip
from flowrack.shipping import commands, queries_behind, rules_behind
from flowrack.shipping.queries_timeline import moments
from flowrack.shipping.tests import trucks
from flowrack.shipping.tests.carriers import promised
from flowrack.shipping.types_loads import CancelLoad, ChangeLoad, CloseLoad, LeftPlate, LoadPlate, StartLoad, Truck

TODAY, TOMORROW = date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


def left_at_closing(yard: trucks.Yard, note: str = "picker came too late"):
    """A truck that closes with one order on it, one on the dock and one of which nothing is picked."""
    ready, dock = yard.packed("NORTH"), yard.packed("SOUTH")
    floor = outbound.order(yard.site, "NORTH", ("4711", 5))
    outbound.allocate(yard.site, floor)
    for order in (ready, dock, floor):
        promised(order, TODAY, TOMORROW)
    insert = """INSERT INTO promise_closedday (site_id, "on", reason) VALUES (%s, %s, 'Stocktaking')"""
    sql.execute(insert, (yard.site, TODAY))  # nothing else leaves today
    plan = yard.started(ready, dock, floor)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(ready)))
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1", "not_ready", note))
    return plan, dock, floor


@pytest.mark.django_db(transaction=True)
def test_every_order_that_stays_has_its_row_with_cause_and_new_day_and_is_at_risk(yard):
    plan, dock, floor = left_at_closing(yard)
    rows = {row.order: row for row in queries_behind.left_behind(frozenset({0}), NOW, limit=9)}
    assert {
        number: (row.staged, row.not_staged, row.reason, row.promised_on, row.next_on, row.standing)
        for number, row in rows.items()
    } == {
        dock.number: (10, 0, "not_ready", TODAY, TOMORROW, "tell the customer"),
        floor.number: (0, 5, "not_ready", TODAY, TOMORROW, "tell the customer"),
    }
    [said] = [row[0] for row in sql.fetch_all(
        "SELECT sentence FROM platform_decision WHERE kind = 'left_behind' AND subject = %s",
        (f"sales.order:{floor.order_id}",),
    )]  # fmt: skip
    assert said == (
        f"{plan.number} left without 5 units that were not staged: not ready. It stays promised. The promise of Mon 2"
        " Mar does not hold: it can leave on Tue 3 Mar and arrives on Wed 4 Mar."
    )
    risks = sql.fetch_all(
        "SELECT order_line_id, promised_on, covered_on, arrives_on, days_late, units, reason"
        " FROM allocation_promiseexception ORDER BY order_line_id"
    )
    why = f"{plan.number} left without it (not ready): it can leave on Tue 3 Mar and arrives on Wed 4 Mar"
    assert risks == [
        (dock.line_ids[0], TODAY, TOMORROW, date(2026, 3, 4), 1, 10, why),
        (floor.line_ids[0], TODAY, TOMORROW, date(2026, 3, 4), 1, 5, why),
    ]
    told = [one.note for one in moments(floor.order_id) if one.what == "Left behind"]
    assert told == [f"{plan.number}, 5 units not staged, leaves on 3 Mar: picker came too late"]


@pytest.mark.django_db(transaction=True)
def test_a_promise_that_still_holds_is_not_at_risk_and_the_next_truck_is_offered(yard, client):
    ready, dock = yard.packed("NORTH"), yard.packed("SOUTH")
    promised(dock, TOMORROW, date(2026, 3, 4))
    plan = yard.started(ready, dock)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(ready)))
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1", "no_room"))
    assert sql.fetch_value("SELECT count(*) FROM allocation_promiseexception") == 0
    other = yard.planned(yard.packed("NORTH"), door="D2")
    [row] = queries_behind.left_behind(frozenset({yard.site}), NOW, limit=9)
    assert (row.standing, row.is_open, row.offer, row.truck) == ("needs a truck", True, other.number, "")
    page = signed_in(ADA).get("/left-behind?is_open=yes").content.decode()
    assert f"/loads/{other.load_id}/change?add={dock.number}" in page and "needs a truck" in page
    form = signed_in(ADA).get(f"/loads/{other.load_id}/change?add={dock.number}").content.decode()
    assert dock.number in form
    again = yard.started(dock)
    commands.load_plate(ctx(GUS), LoadPlate(again.load_id, yard.plate(dock)))
    [row] = queries_behind.left_behind(frozenset({0}), NOW, limit=9)
    assert (row.standing, row.truck, row.offer) == ("on a truck", again.number, "")
    commands.close_load(ctx(GUS), CloseLoad(again.load_id, "S-2"))
    sql.execute("UPDATE shipping_loadbehind SET stayed_at = now()")  # what is over leaves the list one day
    seen = client.get("/api/v1/left-behind", headers=bearer(KIM)).json()["items"]
    assert [(one["order"], one["standing"], one["is_open"]) for one in seen] == [(dock.number, "gone", False)]
    assert queries_behind.left_behind(frozenset({yard.site + 1}), NOW, limit=9) == []


@pytest.mark.django_db(transaction=True)
def test_the_page_of_the_load_shows_what_was_not_staged(yard, client):
    plan, dock, floor = left_at_closing(yard)
    seen = client.get(f"/api/v1/loads/{plan.load_id}", headers=bearer(ADA)).json()
    assert [(one["order"], one["units"], one["is_staged"]) for one in seen["stayed"]] == [
        (dock.number, 10, True), (floor.number, 5, False),
    ]  # fmt: skip
    page = signed_in(ADA).get(f"/loads/{plan.load_id}").content.decode()
    assert floor.number in page and "not staged" in page and "picker came too late" in page
    shown = signed_in(KIM).get("/left-behind?is_open=yes").content.decode()
    assert "Tell the customer another day, Tue 3 Mar" in shown
    assert f"/promise/move?ids={dock.line_ids[0]}" in shown and f"/promise/move?ids={floor.line_ids[0]}" in shown
    assert "<span>Plan another truck (the planner or the packers can)</span>" in shown, "Kim may not"
    assert f'href="/loads/new?orders={dock.number}"' in signed_in(ADA).get("/left-behind?is_open=yes").content.decode()


def test_the_words_name_plates_and_units_apart():
    plate, late = LeftPlate(1, "SO-1", "0034", 10), LeftPlate(1, "SO-1", "", 1, is_staged=False)
    trip = Trip(TOMORROW, NOW.time(), 1, "Air", date(2026, 3, 4), NOW, ())
    assert rules_behind.sentence("LD-1", [plate, late], "no_room", TOMORROW, trip) == (
        "LD-1 left without 0034 and 1 unit that was not staged: no room. It stays promised."
    )
    assert rules_behind.sentence("LD-1", [plate], "no_room", TODAY, trip) == (
        "LD-1 left without 0034: no room. It stands staged and stays promised. The promise of Mon 2 Mar does not hold: "
        "it can leave on Tue 3 Mar with Air and arrives on Wed 4 Mar."
    )
    assert rules_behind.leaves(None) == "nobody can say when it leaves"


@pytest.mark.django_db(transaction=True)
def test_a_truck_that_is_called_off_after_its_cut_off_has_left_its_goods_behind(yard):
    early, late = yard.packed("NORTH"), yard.packed("SOUTH")
    promised(late, TODAY, TOMORROW)
    sql.execute(
        """INSERT INTO promise_closedday (site_id, "on", reason) VALUES (%s, %s, 'Stocktaking')""", (yard.site, TODAY)
    )
    first = yard.started(early, cut_off_at=NOW + timedelta(hours=1))
    commands.cancel_load(ctx(ADA), CancelLoad(first.load_id, "planned anew"))
    assert queries_behind.left_behind(frozenset({0}), NOW, limit=9) == [], "it only waits for another truck"
    second = yard.started(late, cut_off_at=NOW - timedelta(minutes=5))
    commands.cancel_load(ctx(ADA), CancelLoad(second.load_id, "he broke down"))
    [row] = queries_behind.left_behind(frozenset({0}), NOW, limit=9)
    assert (row.order, row.load, row.staged, row.reason, row.note, row.left_at, row.closed_by, row.standing) == (
        late.number, second.number, 10, "called_off", "he broke down", NOW, "Ada Manager", "tell the customer",
    )  # fmt: skip
    why = f"{second.number} was called off after its cut-off"
    assert sql.fetch_value("SELECT sentence FROM platform_decision WHERE kind = 'left_behind'") == (
        f"{why}, and should have taken {yard.plate(late)}. It stands staged and stays promised. The promise of Mon 2"
        " Mar does not hold: it can leave on Tue 3 Mar and arrives on Wed 4 Mar."
    )
    assert sql.fetch_value("SELECT reason FROM allocation_promiseexception") == (
        f"{why}: it can leave on Tue 3 Mar and arrives on Wed 4 Mar"
    )
    assert "he broke down" in signed_in(ADA).get(f"/loads/{second.load_id}").content.decode()


@pytest.mark.django_db(transaction=True)
def test_who_stays_behind_twice_is_open_by_what_closed_last_whichever_was_planned_first(yard):
    first, second, both = yard.packed("NORTH"), yard.packed("NORTH"), yard.packed("SOUTH")
    early = yard.planned(first, door="D2")
    late = yard.started(second, both, door="D1")
    commands.load_plate(ctx(GUS), LoadPlate(late.load_id, yard.plate(second)))
    commands.close_load(ctx(GUS), CloseLoad(late.load_id, "S-1", "no_room", "first time"))
    known = Truck(yard.doors["D2"], yard.carrier)
    commands.change_load(ctx(ADA), ChangeLoad(early.load_id, [first.order_id, both.order_id], known))
    commands.start_load(ctx(GUS), StartLoad(early.load_id))
    hour_later = NOW + timedelta(hours=1)
    commands.load_plate(ctx(GUS, now=hour_later), LoadPlate(early.load_id, yard.plate(first)))
    commands.close_load(ctx(GUS, now=hour_later), CloseLoad(early.load_id, "S-2", "damaged", "second time"))
    rows = queries_behind.left_behind(frozenset({0}), NOW, limit=9)
    assert {row.note: (row.standing, row.is_open) for row in rows} == {
        "first time": ("behind again", False),
        "second time": ("needs a truck", True),
    }


@pytest.mark.django_db(transaction=True)
def test_what_nobody_had_staged_is_not_ready_beside_what_stayed_for_another_reason(yard):
    ready, dock = yard.packed("NORTH"), yard.packed("SOUTH")
    floor = outbound.order(yard.site, "NORTH", ("4711", 5))
    outbound.allocate(yard.site, floor)
    plan = yard.started(ready, dock, floor)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(ready)))
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1", "damaged", "a fork went through it"))
    assert {(one.order, one.is_staged, one.reason, one.note) for one in queries_behind.behind(plan.load_id)} == {
        (dock.number, True, "damaged", "a fork went through it"), (floor.number, False, "not_ready", ""),
    }  # fmt: skip
    said = "SELECT sentence FROM platform_decision WHERE kind = 'left_behind' AND subject = %s"
    assert sql.fetch_value(said, (f"sales.order:{floor.order_id}",)) == (
        f"{plan.number} left without 5 units that were not staged: not ready. It stays promised."
    )


@pytest.mark.django_db(transaction=True)
def test_a_carton_that_no_truck_takes_is_named_with_what_stayed_and_on_its_order(yard, client):
    ready, dock = yard.packed("NORTH"), yard.packed("SOUTH")
    plan = yard.started(ready, dock)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(ready)))
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1", "damaged"))
    [row] = queries_behind.left_behind(frozenset({0}), NOW, limit=9)
    assert (row.kept_back, row.carton_id) == ("", 0)
    sscc = yard.plate(dock)
    carton_id = sql.fetch_value("SELECT id FROM fulfilment_carton WHERE sscc = %s", (sscc,))
    sql.execute(
        """INSERT INTO catalog_packlevel (item_id, level, factor, weight_g)
           SELECT id, 'case', 10, 5000 FROM catalog_item WHERE sku = '4711'"""
    )
    assert bench.weigh_carton(ctx(GUS), WeighCarton(carton_id, 99_000)).state == "off"
    lacks = f"no truck takes carton {sscc}: its weight is off"
    [seen] = client.get("/api/v1/left-behind", headers=bearer(KIM)).json()["items"]
    assert (seen["kept_back"], seen["carton_id"]) == (lacks, carton_id)
    page = signed_in(ADA).get("/left-behind?is_open=yes").content.decode()
    assert f"Bring it to the bench first: {lacks}" in page and f'href="/cartons/{carton_id}"' in page
    [wait] = client.get(f"/api/v1/orders/{dock.order_id}/waits", headers=bearer(KIM)).json()["waits"]
    assert wait == {"kind": "carrier", "words": f"carrier: 10 packed, but {lacks}", "at": "carton", "id": carton_id}
    order = signed_in(ADA).get(f"/orders/{dock.order_id}").content.decode()
    assert lacks in order and f'href="/cartons/{carton_id}"' in order
    bench.accept_weight(ctx(ADA), AcceptWeight(carton_id, "wet straw"))
    [row] = queries_behind.left_behind(frozenset({0}), NOW, limit=9)
    assert row.kept_back == ""


@pytest.mark.django_db(transaction=True)
def test_where_only_what_nobody_staged_is_missing_no_other_reason_is_asked(yard):
    ready, unstaged = yard.packed("NORTH"), outbound.order(yard.site, "NORTH", ("4711", 5))
    outbound.allocate(yard.site, unstaged)
    plan = yard.started(ready, unstaged)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(ready)))
    form = signed_in(ADA).get(f"/loads/{plan.load_id}/close").content.decode()
    assert "Not ready: it is not staged" in form and "Damaged" not in form
    device = Device(GUS, f"/scan/load?load={plan.number}", yard.site)
    assert device.tap("close") == "more" and "Not all is staged" in device.page and "Damaged" not in device.page
    assert device.tap("behind:not_ready") == "ok" and device.scan("SEAL-1") == "more"
    assert device.tap("sealed") == "done"
    assert f"{plan.number} closed" in device.page and "10 units left, 5 stay here" in device.page
    assert sql.fetch_all("SELECT units, reason FROM shipping_loadbehind") == [(5, "not_ready")]


def stayed(at: datetime) -> list[tuple[str, bool]]:
    rows = queries_behind.left_behind(frozenset({0}), at, limit=9)
    return [(row.order, row.is_open) for row in rows]


@pytest.mark.django_db(transaction=True)
def test_what_is_over_leaves_the_list_after_92_days_and_what_is_still_here_never(yard):
    ready, gone, here = yard.packed("NORTH"), yard.packed("SOUTH"), yard.packed("SOUTH")
    plan = yard.started(ready, gone, here)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(ready)))
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1", "no_room"))
    again = yard.started(gone)
    commands.load_plate(ctx(GUS), LoadPlate(again.load_id, yard.plate(gone)))
    commands.close_load(ctx(GUS), CloseLoad(again.load_id, "S-2"))
    at_last = NOW + timedelta(days=92)
    assert stayed(at_last) == [(gone.number, False), (here.number, True)]
    assert stayed(at_last + timedelta(seconds=1)) == [(here.number, True)]
    ada = signed_in(ADA)
    sql.execute("UPDATE shipping_loadbehind SET stayed_at = now() - interval '93 days'")
    assert gone.number not in ada.get("/left-behind?view=all").content.decode()
    assert here.number in ada.get("/left-behind?view=all").content.decode()
    day, day_after = sql.fetch_one(
        "SELECT (now() - '94 days'::interval)::date::text, (now() - '9 days'::interval)::date"
    )
    assert gone.number in ada.get(f"/left-behind?left_at_from={day}").content.decode()
    assert gone.number in ada.get(f"/left-behind?left_at_to={day_after}").content.decode()


@pytest.mark.django_db
def test_the_list_reads_nothing_of_what_stayed_long_ago():
    """By their time and by their orders, not all rows that there ever were."""
    given = {"since": NOW, "now": NOW}
    nodes = plan_of(queries_behind._LEFT, given, "shipping_loadbehind")
    reads = {(one["Node Type"], one.get("Index Name", "")) for one in nodes if one.get("Alias", "").startswith("b")}
    assert ("Index Scan", "load_behind_lately") in reads
    assert not any(kind == "Seq Scan" for kind, _ in reads)
