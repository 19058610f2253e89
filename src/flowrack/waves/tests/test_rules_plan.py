"""The plan of a site from plain values: which goods leave together, and why lines go or wait."""

from __future__ import annotations

from datetime import date, datetime, time

from flowrack.promise.rules_house import CutOff, House
from flowrack.waves.rules_flow import candidates, next_orders
from flowrack.waves.rules_grouping import told_apart
from flowrack.waves.rules_hands import Crew, Shift
from flowrack.waves.rules_overdue import overdue
from flowrack.waves.rules_penalty import Policy
from flowrack.waves.rules_plan import Plan, Site, make_plan
from flowrack.waves.rules_pool import PoolLine, PoolOrder
from flowrack.waves.rules_templates import Template

NOW = datetime(2026, 3, 2, 9)
TODAY, TOMORROW = date(2026, 3, 2), date(2026, 3, 3)


def line(line_id: int, **more: object) -> PoolLine:
    plain: dict[str, object] = {
        "line_no": 1, "item_id": line_id, "sku": "4711", "units": 2, "seconds": 90, "zone_id": 1, "zone": "A",
        "temperature": "ambient", "hazard": "", "volume_ml": 1000, "weight_g": 500, "value_cents": 0, "due_on": TODAY,
    }  # fmt: skip
    return PoolLine(line_id=line_id, **{**plain, **more})  # type: ignore[arg-type]


def order(order_id: int, *lines: PoolLine, **more: object) -> PoolOrder:
    plain: dict[str, object] = {
        "number": f"SO-{order_id}", "customer": "Acme", "tier": "B", "goes_whole": False, "channel": "",
        "order_type": "", "region": "", "label_needs": frozenset(), "age_days": 0, "wanted_on": TOMORROW,
    }  # fmt: skip
    return PoolOrder(order_id=order_id, lines=lines, **{**plain, **more})  # type: ignore[arg-type]


def site(*templates: Template, cut_offs: tuple[CutOff, ...] = (), people: int = 9, **more: object) -> Site:
    crew = Crew((Shift(0, 1, time(8), time(17), people),)) if people else Crew()
    rows = cut_offs or (CutOff(0, "", "", 1, time(10), 1), CutOff(0, "", "", 2, time(10), 1))
    return Site(NOW, House(cut_offs=rows), crew, Policy(), templates, **more)  # type: ignore[arg-type]


def waves(plan: Plan) -> list[tuple[str, list[int]]]:
    """The label and the orders of each wave."""
    return [(wave.label, sorted(wave.order_ids)) for wave in plan.waves]


FREE = {"staging_minutes": 0, "loading_minutes": 0}


def test_the_truck_of_an_order_says_by_when_it_is_picked_as_long_as_that_can_be_met():
    leaves = datetime(NOW.year, NOW.month, NOW.day, 9, 30)
    orders = [order(1, line(1)), order(2, line(2), truck="LD-1", leaves_at=leaves)]
    plan = make_plan(site(Template(1, "All", **FREE)), orders)
    assert [(wave.cut_off_at, sorted(wave.order_ids)) for wave in plan.waves] == [
        (leaves, [2]), (leaves.replace(hour=10, minute=0), [1])
    ]  # fmt: skip
    assert [one.why.endswith("; its truck is LD-1") for one in plan.lines] == [False, True]
    late = [order(2, line(2), truck="LD-1", leaves_at=NOW)]
    plan = make_plan(site(Template(1, "All", **FREE)), late)
    assert [wave.cut_off_at.hour for wave in plan.waves] == [10]
    assert plan.lines[0].why.endswith("; LD-1 at 09:00 can not be met any more")


def test_a_departure_that_can_not_be_met_any_more_stays_with_the_orders_that_hang_on_it():
    early, late = CutOff(1, "Early", "", 1, time(9), 1), CutOff(2, "Late", "", 1, time(12), 1)
    here = site(Template(1, "T", **FREE), cut_offs=(early, late))
    orders = [
        order(1, line(1), service_id=1),
        order(2, line(2), line(3), truck="LD-1", leaves_at=NOW.replace(hour=8)),
        order(3, line(4), service_id=2),
        order(4, line(5)),
        order(5, line(6, due_on=TOMORROW), service_id=1),
    ]
    found = overdue(make_plan(here, orders).lines)
    assert [(one.missed.name, [x.number for x in one.orders], one.lines, one.is_gone(NOW)) for one in found] == [
        ("LD-1", ["SO-2"], 2, True), ("Early", ["SO-1"], 1, True),
    ]  # fmt: skip
    assert [one.next.service for one in found if one.next] == ["Late", "Late"]


def test_when_nothing_leaves_today_any_more_what_is_due_is_overdue_for_the_last_cut_off():
    rows = (CutOff(1, "Van", "", 1, time(9, 10), 1), CutOff(1, "Van", "", 2, time(12), 1))
    here = site(Template(1, "T", staging_minutes=15, loading_minutes=0), cut_offs=rows)
    plan = make_plan(here, [order(1, line(1)), order(2, line(2, due_on=TOMORROW))])
    [one] = overdue(plan.lines)
    assert (one.missed.name, one.missed.cut_off_at, one.is_gone(NOW)) == ("Van", NOW.replace(minute=10), False)
    assert ([x.number for x in one.orders], one.next.cut_off_at) == (["SO-1"], datetime(2026, 3, 3, 12))


def test_goods_that_must_not_travel_together_go_on_two_trailers():
    orders = [
        order(1, line(1, hazard="8")),
        order(2, line(2, hazard="4.2")),
        order(3, line(3)),
        order(4, line(4, hazard="8")),
    ]
    apart = make_plan(site(Template(1, "T", split_hazard="apart", **FREE)), orders)
    assert waves(apart) == [
        ("", [3]),
        ("dangerous goods", [1, 4]),
        ("dangerous goods, trailer 2", [2]),
    ]
    only_pairs = make_plan(site(Template(1, "T", **FREE)), orders)
    assert waves(only_pairs) == [("", [1, 3, 4]), ("dangerous goods, trailer 2", [2])]
    assert waves(make_plan(site(Template(1, "T", split_hazard="no", **FREE)), orders)) == [("", [1, 2, 3, 4])]


def test_temperatures_are_kept_apart_by_line_and_an_order_that_goes_whole_goes_with_its_coldest():
    cold = Template(1, "T", split_temperature=True, **FREE)
    mixed = (line(1), line(2, temperature="frozen"))
    assert waves(make_plan(site(cold), [order(1, *mixed)])) == [("", [1]), ("frozen", [1])]
    assert waves(make_plan(site(cold), [order(1, *mixed, goes_whole=True)])) == [("frozen", [1])]


def test_a_limit_begins_the_next_wave():
    orders = [order(n, line(n)) for n in range(1, 6)]
    few = make_plan(site(Template(1, "T", limit_orders=2, **FREE)), orders)
    assert waves(few) == [("", [1, 2]), ("", [3, 4]), ("", [5])]
    light = make_plan(site(Template(1, "T", limit_weight_g=1500, **FREE)), orders)
    assert [len(ids) for _, ids in waves(light)] == [3, 2]


def test_the_latest_cut_off_that_brings_an_order_in_time_is_its_own():
    slow, fast, late = (
        CutOff(n, name, "", 1, time(hour), days)
        for n, name, hour, days in ((1, "Slow", 16, 3), (2, "Fast", 11, 1), (3, "Late", 12, 1))
    )
    here = site(Template(1, "T", **FREE), cut_offs=(slow, fast, late))
    plan = make_plan(here, [order(1, line(1)), order(2, line(2), wanted_on=date(2026, 3, 9))])
    assert [(x.order.order_id, x.slot.service if x.slot else "") for x in plan.lines] == [(1, "Late"), (2, "Slow")]


def test_work_on_the_floor_comes_off_the_hands():
    here = site(Template(1, "T", **FREE), people=1, floor={(NOW, 0): 3600 - 90})
    plan = make_plan(here, [order(n, line(n)) for n in (1, 2)])
    assert [x.fate for x in plan.lines] == ["goes", "waits"]
    assert (plan.windows[0].hands, plan.windows[0].floor, plan.windows[0].planned) == (3600, 3510, 90)


def test_whole_orders_wait_unless_the_site_lets_lines_wait():
    orders = [order(1, *(line(n) for n in range(1, 31))), order(2, *(line(n) for n in range(31, 61)))]
    whole = make_plan(site(Template(1, "T", **FREE), people=1), orders)
    assert (len(whole.of("goes")), len(whole.of("waits"))) == (30, 30)
    by_line = Site(NOW, site(people=1).house, site(people=1).crew, Policy(waits_by="line"), (Template(1, "T", **FREE),))
    assert len(make_plan(by_line, orders).of("goes")) == 40


def test_where_nobody_says_who_works_nothing_waits_for_hands():
    plan = make_plan(site(Template(1, "T", **FREE), people=0), [order(n, line(n)) for n in range(1, 99)])
    assert (len(plan.of("goes")), plan.knows_hands) == (98, False)
    assert plan.lines[0].why.startswith("nobody has said how many people work until 10:00")


def test_the_next_order_of_another_zone_goes_while_one_is_full():
    flow = Template(1, "T", mode="continuous", wip_lines=2, **FREE)
    orders = [order(1, line(1)), order(2, line(2)), order(3, line(3, zone_id=2, zone="B"))]
    chosen = next_orders(candidates(site(flow), orders, 1), {1: 1}, 2)
    assert [one.order.order_id for one in chosen.orders] == [1, 3]
    assert chosen.why == "zone A is at its limit of 2 open lines"


def test_waves_of_the_same_words_are_counted():
    assert told_apart(["16:30 Parcels", "17:00 Parcels", "16:30 Parcels"]) == ["1 of 2", "", "2 of 2"]
