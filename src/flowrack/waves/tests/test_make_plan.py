"""make_plan: what goes, what waits and at which penalty, on the real books."""

from __future__ import annotations

from datetime import date, time

import pytest
from tests import outbound
from tests.cast import EVE, MAY, NOW, ctx

from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.shared.errors import NotPermitted
from flowrack.waves import commands, queries_board
from flowrack.waves.tests import cases
from flowrack.waves.types import MakePlan, NothingToPlan, PlanOver, ReleaseWaves

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_fits_before_the_cut_off_goes_and_the_cheapest_waits():
    at = cases.house(cut_off=time(9, 3))  # three minutes are two lines of one picker
    cases.stocked(at, "4711")
    outbound.customer("GOLD", tier="A")
    outbound.customer("SILVER", tier="B")
    outbound.customer("TIN", tier="C")
    cases.template(at)
    tin, gold, silver = (cases.reserved(at, ("4711", 5), who=who) for who in ("TIN", "GOLD", "SILVER"))
    done = cases.plan(at)
    assert (done.waves, done.lines, done.waiting, done.gap) == (1, 2, 1, 0)
    assert cases.fates(done.plan_id) == {tin.line_ids[0]: "waits", gold.line_ids[0]: "goes", silver.line_ids[0]: "goes"}
    waits = sql.fetch_one("SELECT points, why FROM waves_planline WHERE line_id = %s", (tin.line_ids[0],))
    assert waits == (
        150,
        "the hands do not reach until 09:03 for the cut-off at 09:03; it leaves on Tue 3 Mar at the least penalty: 150 "
        "(100 for tier C + 50 for 1 day late)",
    )
    assert why(f"sales.line:{tin.line_ids[0]}")[0].sentence == waits[1]
    assert sql.fetch_one("SELECT hands, floor FROM waves_planwindow") == (180, 0)


def test_a_plan_reserves_nothing_and_a_replay_makes_no_second():
    case = cases.planned()
    assert outbound.counts(case.orders[0].line_ids[0]) == {"units": 5, "allocated": 5}
    first = commands.make_plan(ctx(MAY, "k"), MakePlan(case.at.site))
    before = cases.books()
    assert commands.make_plan(ctx(MAY, "k"), MakePlan(case.at.site)) == first
    assert cases.books() == before
    assert sql.fetch_all("SELECT state FROM waves_plan ORDER BY id") == [("dropped",), ("draft",)]


def test_a_plan_of_which_waves_are_left_is_dropped_for_the_new_one_and_its_lines_are_counted_once():
    case = cases.planned()
    cases.template(case.at, name="Small", max_units=4, position=1)
    cases.reserved(case.at, ("4711", 3))
    older = cases.plan(case.at)
    first, second = cases.waves_of(older.plan_id)
    assert older.instead_of == [case.plan.number]
    commands.release_wave(ctx(MAY), ReleaseWaves(first))
    newer = cases.plan(case.at)
    went = sql.fetch_value("SELECT count(*) FROM fulfilment_pickline")
    assert newer.instead_of == [older.number] and (older.lines, newer.lines) == (4, 4 - went)
    planned = [card for card in queries_board.board(case.at.site, NOW) if card.standing == "planned"]
    assert [(card.number, card.lines) for card in planned] == [(newer.number, newer.lines)]
    assert sql.fetch_value("SELECT state FROM waves_planwave WHERE id = %s", (second,)) == "dropped"
    with pytest.raises(PlanOver, match="is dropped"):
        commands.release_wave(ctx(MAY), ReleaseWaves(second))


def test_what_went_with_another_wave_is_no_work_of_the_plan_on_the_board():
    case = cases.planned()
    wave = outbound.release(case.at.site, case.orders[0])
    cards = queries_board.board(case.at.site, NOW)
    assert [(card.number, card.lines, card.orders, card.units) for card in cards] == [
        (case.plan.number, 2, 2, 10),
        (wave.number, 1, 1, 5),
    ]
    outbound.release(case.at.site, *case.orders[1:])
    assert case.plan.number not in {card.number for card in queries_board.board(case.at.site, NOW)}


def test_staging_and_loading_come_off_the_time_to_pick():
    at = cases.house()
    cases.stocked(at, "4711")
    outbound.customer()
    cases.template(at, staging_minutes=60, loading_minutes=27)
    for _ in range(3):
        cases.reserved(at, ("4711", 1))
    done = cases.plan(at)
    assert (done.lines, done.waiting) == (2, 1)


def test_an_order_past_todays_cut_off_goes_tomorrow():
    at = cases.house(cut_off=time(8, 30))
    cases.stocked(at, "4711")
    outbound.customer()
    cases.reserved(at, ("4711", 1))
    done = cases.plan(at)
    assert sql.fetch_value("SELECT cut_off_at::text FROM waves_planwave WHERE plan_id = %s", (done.plan_id,)) == (
        "2026-03-03 08:30:00+00"
    )


def test_dangerous_goods_have_a_trailer_of_their_own():
    at = cases.house(people=5)
    items = cases.stocked(at, "SOAP", "ACID", "FUEL")
    sql.execute("UPDATE catalog_item SET hazard_class = '8' WHERE id = %s", (items["ACID"],))
    sql.execute("UPDATE catalog_item SET hazard_class = '3' WHERE id = %s", (items["FUEL"],))
    outbound.customer()
    cases.template(at, split_hazard="apart")
    for sku in ("SOAP", "ACID", "FUEL", "SOAP"):
        cases.reserved(at, (sku, 1))
    done = cases.plan(at)
    assert sql.fetch_all(
        """
        SELECT w.label, count(*) FROM waves_planwave w JOIN waves_planline x ON x.plan_id = w.plan_id
        AND x.wave_place = w.place WHERE w.plan_id = %s GROUP BY w.place, w.label ORDER BY w.place
        """,
        (done.plan_id,),
    ) == [("", 2), ("dangerous goods", 2)]


def test_an_order_without_stock_is_told_as_out():
    at = cases.house()
    cases.stocked(at, "4711", units=5)
    outbound.customer()
    cases.reserved(at, ("4711", 5))
    late = outbound.order(at.site, "ACME", ("4711", 3), ships=cases.DUE)
    done = cases.plan(at)
    assert cases.fates(done.plan_id)[late.line_ids[0]] == "out"
    assert sql.fetch_value("SELECT why FROM waves_planline WHERE line_id = %s", (late.line_ids[0],)) == (
        "it waits for stock: 3 units of 4711 not reserved"
    )
    told = "UPDATE sales_orderline SET first_promised_on = %s, promised_on = %s WHERE id = %s"
    sql.execute(told, (cases.DUE, cases.DUE, late.line_ids[0]))
    assert sql.fetch_value(
        "SELECT why FROM waves_planline WHERE plan_id = %s AND fate = 'out'", (cases.plan(at).plan_id,)
    ) == ("it waits for stock: 3 units of 4711 not reserved, promised for Mon 2 Mar")


def test_an_order_is_due_by_what_is_left_of_it():
    at = cases.house()
    cases.stocked(at, "4711")
    outbound.customer()
    cases.reserved(at, ("4711", 1))
    parts = cases.reserved(at, ("4711", 1), ("4711", 2))
    outbound.release(at.site, parts)
    later = "UPDATE sales_orderline SET first_promised_on = %s, promised_on = %s, allocated_units = 0 WHERE id = %s"
    sql.execute("UPDATE sales_orderline SET released_units = 0 WHERE id = %s", (parts.line_ids[1],))
    sql.execute(later, (date(2026, 3, 9), date(2026, 3, 9), parts.line_ids[1]))
    assert set(cases.fates(cases.plan(at).plan_id).values()) == {"goes"}


def test_without_anything_reserved_there_is_nothing_to_plan():
    at = cases.house()
    before = cases.books()
    with pytest.raises(NothingToPlan):
        commands.make_plan(ctx(MAY), MakePlan(at.site))
    assert cases.books() == before


def test_an_outsider_plans_nothing():
    case = cases.planned()
    before = cases.books()
    with pytest.raises(NotPermitted):
        commands.make_plan(ctx(EVE), MakePlan(case.at.site))
    assert cases.books() == before
