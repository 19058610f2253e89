"""The numbers of picking, packing and sending, counted by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from tests import outbound
from tests.cast import ADA, CY, EVE, GUS, KIM, NOW, bearer, ctx, signed_in
from tests.plans import plan

from flowrack.analytics.queries import floor, floor_rows, kpi, tower_waves
from flowrack.analytics.queries.floor import floor_figures
from flowrack.analytics.rules_floor import FloorAsked
from flowrack.analytics.tests import figures_by_hand
from flowrack.fulfilment import commands
from flowrack.fulfilment.types import ConfirmPicks, Pick, ShortPick
from flowrack.fulfilment.types_lists import TakeList
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery
from flowrack.shipping import commands as shipping
from flowrack.shipping import queries_board
from flowrack.shipping.commands import ship_confirm
from flowrack.shipping.tests import trucks
from flowrack.shipping.types import Departure, ShipConfirm
from flowrack.shipping.types_loads import CloseLoad, LoadPlate

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = NOW.date()
SUNDAY = TODAY + timedelta(days=6)
LISTS = ("fulfilment_picklist", "fulfilment_pickline")


@pytest.fixture
def site():
    """Two orders of 12 and 5 in one list: taken at nine, one picked after six minutes, of the other 3 found after ten.

    The first is packed into a carton of a known type and sent, days after the one by which it had to leave.
    """
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 17, "1", "forward_pick1")
    outbound.customer()
    first, second = (outbound.order(at.site, "ACME", ("4711", units)) for units in (12, 5))
    outbound.allocate(at.site, first, second)
    wave = outbound.release(at.site, first, second)
    [list_id] = wave.list_ids
    commands.take_list(ctx(CY), TakeList(list_id))
    by_units = dict(sql.fetch_all("SELECT units, id FROM fulfilment_pickline"))
    commands.confirm_picks(ctx(CY, now=NOW + timedelta(minutes=6)), ConfirmPicks([Pick(by_units[12])]))
    commands.short_pick(ctx(CY, now=NOW + timedelta(minutes=10)), ShortPick(by_units[5], 3, "none_there"))
    sql.execute("UPDATE fulfilment_picklist SET walk_mm = 90000 WHERE id = %s", (list_id,))
    sql.execute("DELETE FROM fulfilment_picklistwalk WHERE pick_list_id = %s", (list_id,))
    sql.execute("INSERT INTO fulfilment_picklistwalk (pick_list_id, method, mm) VALUES (%s, 'as given', 120000)",
                (list_id,))  # fmt: skip
    until = NOW + timedelta(minutes=9)
    sql.execute(
        """
        INSERT INTO waves_run (wave_id, template_id, template, method, service_id, service, label, cut_off_at,
                               pick_until, why)
        VALUES (%s, 0, '', '', 0, '', '', %s, %s, '')
        """,
        (wave.wave_id, until, until),
    )
    outbound.pack(first)
    late = ctx(GUS, now=NOW + timedelta(days=5))
    ship_confirm(late, ShipConfirm(at.site, [Departure(order_ids=(first.order_id,))]))
    return at.site


def figures(site: int, start: date = TODAY, end: date = SUNDAY):
    return floor_figures(FloorAsked(start, end, NOW + timedelta(days=7), site))


def parts(one) -> tuple[int, int]:
    return int(one.numerator), int(one.denominator)


def test_each_figure_is_counted_from_its_rows(site):
    found = figures(site)
    whole = found.whole
    assert found.filled_cartons == 0
    assert (whole.lists, whole.lines, whole.units, whole.seconds) == (1, 2, 15, 600)
    assert (whole.timed_lines, whole.lines_an_hour) == (2, Decimal("12.0"))
    assert (whole.walk_mm, whole.plain_mm, parts(whole.saved)) == (90_000, 120_000, (30_000, 120_000))
    assert [(m.method, m.unit_kind, m.lines) for m in found.methods] == [("cluster", "each", 2)]
    assert [(w.week, w.lines) for w in found.weeks] == [(TODAY - timedelta(days=TODAY.weekday()), 2)]
    assert parts(found.short) == (1, 2), "what is missing of a pick is no pick of its own"
    assert parts(found.right) == (2, 2), "of the same picks"
    assert parts(found.waves_on_time) == (0, 1)
    assert parts(found.waited) == (0, 2) and found.wait_p50 is None
    assert (found.cartons, parts(found.as_planned), parts(found.weight_right)) == (1, (0, 0), (0, 0))
    assert parts(found.punctual) == (0, 1)
    assert (found.sent_lines, found.priced_lines, found.boxed_lines) == (1, 0, 0)
    assert (found.freight, found.carton_cost, found.cost_a_line) == (0, 0, None)


def test_the_figures_agree_with_those_that_are_worked_out_by_hand_from_the_same_rows(site):
    sql.execute(
        """
        INSERT INTO replenishment_wait (site_id, location_id, item_id, order_line_id, units, since, ended_at, "end")
        SELECT w.site_id, p.location_id, p.item_id, p.order_line_id, 2, %s, %s, 'picked'
        FROM fulfilment_pickline p JOIN fulfilment_wave w ON w.id = p.wave_id
        """,
        (NOW, NOW + timedelta(minutes=7)),
    )
    asked = FloorAsked(TODAY, SUNDAY, NOW + timedelta(days=7), site)
    by_hand = figures_by_hand.figures(asked)
    assert (by_hand["lines"], by_hand["seconds"], by_hand["short"]) == (2, 600, (1, 2))
    assert (by_hand["waits"], by_hand["wait, median"], by_hand["waves in time"]) == (3, Decimal("7.0"), (0, 1))
    assert figures_by_hand.differences(asked) == []
    sql.execute("UPDATE fulfilment_picklist SET walk_mm = walk_mm + 1000")
    assert figures_by_hand.figures(asked)["walk"] == (91_000, 120_000)
    assert figures_by_hand.differences(asked) == []


def test_a_wave_that_was_picked_in_time_and_a_shipment_that_left_by_its_day_are_told(site):
    sql.execute("UPDATE waves_run SET pick_until = %s", (NOW + timedelta(minutes=10),))
    sql.execute("UPDATE shipping_shipment SET shipped_at = %s", (NOW,))
    found = figures(site)
    assert (parts(found.waves_on_time), parts(found.punctual)) == ((1, 1), (1, 1))


def rows_of(read, site: int, **filters):
    return read(ListQuery(filters=filters, site_id=site)).rows


def test_the_rows_behind_waves_waits_cartons_and_shipments_add_up_to_their_figures(site):
    sql.execute(
        """
        INSERT INTO replenishment_wait (site_id, location_id, item_id, order_line_id, units, since, "end")
        SELECT w.site_id, p.location_id, p.item_id, p.order_line_id, 2, %s, ''
        FROM fulfilment_pickline p JOIN fulfilment_wave w ON w.id = p.wave_id WHERE p.state = 'picked' AND p.units = 12
        """,
        (NOW,),
    )
    found, later = figures(site), NOW + timedelta(days=7)
    [wave] = rows_of(lambda query: floor_rows.wave_page(query, later), site)
    assert (wave.standing, wave.minutes_late, wave.picks, wave.open_picks) == ("late", 1, 3, 0)
    assert rows_of(lambda query: floor_rows.wave_page(query, later), site, standing=["in time"]) == []
    [wait] = rows_of(lambda query: floor_rows.wait_page(query, NOW + timedelta(minutes=7)), site)
    assert (wait.minutes, wait.is_over, parts(found.waited)[0]) == (7, False, 1)
    [carton] = rows_of(floor_rows.carton_page, site)
    assert (carton.is_planned, carton.first_weighing, found.cartons) == (None, "", 1)
    assert rows_of(floor_rows.carton_page, site, is_planned=True) == []
    assert parts(found.scanned)[0] == len(rows_of(floor_rows.carton_page, site, is_scanned=True))
    [sent] = rows_of(floor_rows.shipment_page, site, is_in_time=False)
    assert ((sent.left_on - sent.ship_by_on).days, sent.days_late, parts(found.punctual)) == (4, 4, (0, 1))
    page = signed_in(ADA).get("/measures/floor?weeks=4")
    names = ("waves?pick_until_from=", "waits?since_from=", "cartons?packed_at_from=", "shipments?shipped_at_from=")
    assert [name for name in names if f"/measures/floor/{name}" not in page.content.decode()] == []
    for name in ("waves", "waits", "cartons", "shipments"):
        assert signed_in(ADA).get(f"/measures/floor/{name}?format=csv").status_code == 200


def test_a_list_that_nobody_took_says_nothing_of_lines_an_hour(site):
    sql.execute("UPDATE fulfilment_picklist SET taken_at = NULL")
    whole = figures(site).whole
    assert (whole.lines, whole.timed_lines, whole.lines_an_hour) == (2, 0, None)


def test_lines_that_wait_for_a_refill_are_told_with_their_minutes(site):
    sql.execute(
        """
        INSERT INTO replenishment_wait (site_id, location_id, item_id, order_line_id, units, since, ended_at, "end")
        SELECT w.site_id, p.location_id, p.item_id, p.order_line_id, 2, %s, %s, 'picked'
        FROM fulfilment_pickline p JOIN fulfilment_wave w ON w.id = p.wave_id WHERE p.units = 12
        """,
        (NOW, NOW + timedelta(minutes=7)),
    )
    found = figures(site)
    assert (parts(found.waited), found.wait_p50, found.wait_p90) == ((1, 2), Decimal("7.0"), Decimal("7.0"))


def test_what_a_carton_and_its_freight_cost_is_shared_out_over_the_lines_that_left(site):
    sql.execute(
        """
        WITH t AS (
            INSERT INTO fulfilment_cartontype (code, length_mm, width_mm, height_mm, max_weight_g, tare_g, cost)
            VALUES ('M', 300, 200, 100, 9000, 100, 0.75) RETURNING id)
        UPDATE fulfilment_carton SET carton_type_id = t.id, planned_type_id = t.id, filled = 640 FROM t
        """
    )
    found = figures(site)
    assert (found.filled_permille, found.filled_cartons, parts(found.as_planned)) == (640, 1, (1, 1))
    assert (found.boxed_lines, found.priced_lines) == (1, 0), "what is not known is not counted as nothing"
    assert (found.carton_cost, found.cost_a_line) == (Decimal("0.75"), Decimal("0.75"))


def test_a_pick_of_which_nothing_was_found_counts_in_both_and_a_wrong_one_leads_to_its_return(site):
    sql.execute("UPDATE fulfilment_pickline SET state = 'short', short_units = units, short_reason = 'none_there'"
                " WHERE units = 12")  # fmt: skip
    line_id, order_id, customer_id, item_id = sql.fetch_one(
        "SELECT l.id, o.id, o.customer_id, l.item_id FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id"
        " WHERE l.units = 12"
    )
    for number, reason in (("RMA-1", "wrong_item"), ("RMA-2", "changed_mind")):
        sql.execute(
            """
            WITH r AS (
                INSERT INTO returns_rma (number, site_id, customer_id, order_id, reason, note, is_blind, state,
                                         created_by_id, created_at)
                SELECT %s, %s, %s, %s, %s, '', false, 'announced', id, %s FROM platform_user ORDER BY id LIMIT 1
                RETURNING id
            )
            INSERT INTO returns_rmaline (rma_id, line_no, item_id, order_line_id, units, received_units, disposed_units)
            SELECT id, 1, %s, %s, 4, 0, 0 FROM r
            """,
            (number, site, customer_id, order_id, reason, NOW, item_id, line_id),
        )
    found = figures(site)
    assert (parts(found.short), parts(found.right)) == ((2, 2), (1, 2))
    [wrong] = floor_rows.wrong_page(ListQuery()).rows
    assert (wrong.rma, wrong.order_id, wrong.sku, wrong.units, wrong.reason) == (
        "RMA-1", order_id, "4711", 4, "wrong_item",
    )  # fmt: skip
    page = signed_in(ADA).get(f"/measures/floor/wrong?created_at_from={TODAY}&created_at_to={SUNDAY}").content.decode()
    assert "RMA-1" in page and "We sent the wrong item" in page and "RMA-2" not in page
    assert "/measures/floor/wrong?created_at_from=" in signed_in(ADA).get("/measures/floor").content.decode()


def test_another_day_and_another_site_have_none_of_it(site):
    for found in (figures(site, TODAY - timedelta(days=9), TODAY - timedelta(days=1)), figures(site + 999)):
        assert (found.whole.lists, found.whole.lines_an_hour, found.cartons) == (0, None, 0)
        assert found.methods == [] and parts(found.punctual) == (0, 0)


def test_the_page_and_the_picks_behind_it_are_read_without_money_by_who_may_not_see_cost(site):
    page = signed_in(ADA).get("/measures/floor?weeks=13").content.decode()
    assert ("Picking and sending measures" in page and "Cart of totes" in page) or "No pick list was done" in page
    assert "Short picks" in page
    picks = signed_in(ADA).get("/measures/floor/picks?is_short=yes").content.decode()
    assert "4711" in picks and "No more there" in picks
    rows = floor.pick_page(ListQuery()).rows
    assert sorted((row.units, row.short_units) for row in rows) == [(3, 2), (12, 0)]
    assert signed_in(EVE).get("/measures/floor").status_code == 403


def test_the_api_tells_the_same_and_hides_money(site):
    url = f"/api/v1/floor-measures?start={TODAY}&end={SUNDAY}&site_id={site}"
    told = Client().get(url, headers=bearer(ADA)).json()
    assert (told["whole"]["lines"], told["whole"]["lines_an_hour"]) == (2, "12.0")
    assert told["punctual"] == {"numerator": "0", "denominator": "1", "percent": "0.0"}
    assert Client().get(url, headers=bearer(EVE)).status_code == 403
    turned = f"/api/v1/floor-measures?start={TODAY}&end={TODAY - timedelta(days=1)}"
    assert Client().get(turned, headers=bearer(ADA)).status_code == 422
    assert Client().get(url, headers=bearer(KIM)).json().get("freight") is None


@pytest.mark.parametrize("path", ["floor-measures", "kpis", "inbound-measures"])
def test_the_figures_of_all_sites_are_for_who_may_see_all_sites(site, path):
    period = f"start={TODAY}&end={SUNDAY}"
    one_site = bearer(ADA, site_ids=[site])
    assert Client().get(f"/api/v1/{path}?{period}&site_id={site}", headers=one_site).status_code == 200
    refused = Client().get(f"/api/v1/{path}?{period}", headers=one_site)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")


@pytest.mark.django_db
@pytest.mark.parametrize("statement", [floor._WAITS_AND_WAVES, kpi._RIGHT_PICKS], ids=["floor", "accuracy"])
def test_what_was_picked_lately_is_found_through_the_lists_that_were_done_lately(statement):
    asked = FloorAsked(TODAY, SUNDAY, NOW, 1).params
    conditions = {
        (node["Index Name"], node.get("Index Cond", "").partition(" ")[0])
        for node in plan(statement, asked, *LISTS)
        if node.get("Relation Name") in LISTS
    }
    assert ("pick_list_finished", "(finished_at") in conditions
    assert {index for index, _ in conditions} <= {
        "pick_list_finished",
        "pick_list_to_do",
        "pick_of_list",
        "pick_of_wave",
    }
    assert all(condition for index, condition in conditions if index.startswith("pick_of"))


def test_a_truck_past_its_cut_off_is_marked_first_in_the_list_and_on_the_control_tower_until_it_is_closed():
    yard = trucks.yard()
    yard.rule(needs_seal=False)
    order, later = yard.packed("NORTH"), yard.packed("SOUTH")
    plan = yard.started(order, cut_off_at=NOW + timedelta(minutes=30))
    yard.planned(later, door="D2", cut_off_at=NOW + timedelta(hours=5))
    at = NOW + timedelta(minutes=45)
    assert tower_waves.late_departures(yard.site, NOW + timedelta(minutes=30), 5) == []
    [late] = tower_waves.late_departures(yard.site, at, 5)
    assert (late.kind, late.name, late.url_name, late.url_id, late.cause) == (
        "load", plan.number, "shipping_load", plan.load_id, "Truck not closed",
    )  # fmt: skip
    assert late.text.startswith("Swift Freight was due to leave at ") and late.text.endswith(": 0 on it, 1 order")
    assert [row.is_overdue(at) for row in queries_board.live_loads(frozenset({yard.site}))] == [True, False]
    page = signed_in(ADA).get("/loads?state=open,loading,closed&sort=cut_off_at").content.decode()
    assert page.index(plan.number) < page.index("SOUTH Ltd") and "c-bad" in page
    shipping.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(order)))
    shipping.close_load(ctx(GUS, now=at), CloseLoad(plan.load_id))
    assert tower_waves.late_departures(yard.site, at, 5) == []


def test_orders_that_stay_when_their_truck_closes_are_counted_of_those_that_were_planned_on_it():
    yard = trucks.yard()
    ready, dock, gone = yard.packed("NORTH"), yard.packed("SOUTH"), yard.packed("NORTH")
    first = yard.started(ready, dock)
    shipping.load_plate(ctx(GUS), LoadPlate(first.load_id, yard.plate(ready)))
    shipping.close_load(ctx(GUS), CloseLoad(first.load_id, "S-1", "no_room"))
    second = yard.started(gone, door="D2")
    shipping.load_plate(ctx(GUS), LoadPlate(second.load_id, yard.plate(gone)))
    shipping.close_load(ctx(GUS), CloseLoad(second.load_id, "S-2"))
    assert parts(figures(yard.site).left_behind) == (1, 3)
    assert parts(figures(yard.site + 1).left_behind) == (0, 0)
