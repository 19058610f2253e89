"""The numbers of receiving on a day that is worked out by hand, and their pages, lists, files and API."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.cast import ADA, BO, EVE, FAY, HAL, NOW, bearer, ctx, signed_in
from tests.supply import approved, house, item, receive, supplier

from flowrack.analytics.queries.holds import HELD
from flowrack.analytics.queries.inbound import dock_to_stock, inbound_figures, productivity, punctuality, standing
from flowrack.analytics.rules_inbound import InboundAsked
from flowrack.dock import commands_appointments
from flowrack.dock.tests.yard import announced, booked, doors, line, sscc
from flowrack.dock.types_appointments import CheckIn, DockTruck, ReleaseNoShows
from flowrack.fulfilment.commands import hold_stock
from flowrack.fulfilment.types_stock import HoldStock
from flowrack.inbound.commands_packs import receive_blind
from flowrack.inbound.queries import waiting
from flowrack.inbound.tests.dockside import pallet
from flowrack.inbound.types import CountedLine
from flowrack.inbound.types_discrepancies import BlindLine, PackLine, ReceiveBlind
from flowrack.inspection import commands as inspection
from flowrack.inspection import commands_holds
from flowrack.inspection.tests.house import deliver, latest, plan
from flowrack.inspection.types import Decide, RecordResults, StartInspection, Verdict
from flowrack.inspection.types_holds import ReleaseHold
from flowrack.platform import outbox, sql
from flowrack.platform.outbox import context_for_system
from flowrack.shared.quantity import Units
from flowrack.storage import commands as storage
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import Carried, ConfirmPutaway, StockAt

pytestmark = pytest.mark.django_db

DAY = InboundAsked(date(2026, 3, 2), date(2026, 3, 2), NOW + timedelta(hours=8))
PERIOD = "on_from=2026-03-02&on_to=2026-03-02"


def at(hour, minute=0):
    return NOW.replace(hour=hour, minute=minute)


def open_putaway():
    """The newest putaway that is open."""
    return sql.fetch_value(
        "SELECT max(id) FROM storage_plannedmove WHERE state = 'open' AND kind = 'putaway' AND quality = 'available'"
    )


def put_away(hour, minute, *, move=0, to=0, reason=""):
    carried = Carried(move or open_putaway(), location_id=to, reason=reason)
    return storage.confirm_putaway(ctx(BO, now=at(hour, minute)), ConfirmPutaway([carried]))


@pytest.fixture
def day():
    """Three pallets of two trucks, one loose line, a truck that never came and one that nobody expected.

    | pallet | check-in | counted | put away | unload | putaway | dock to stock |
    | A      |     9:10 |    9:30 |    10:10 |     20 |      40 |            60 |
    | B      |     9:10 |    9:40 |    11:40 |     30 |     120 |           150 | to another bin
    | C      |    10:40 |   10:50 |    12:50 |     10 |     120 |           130 |
    | loose  |          |   10:00 |    10:30 |        |      30 |               |
    """
    here = doors()
    yard = here.at
    one = announced(yard, line(quantity="100", sscc=sscc(1)), line(quantity="100", sscc=sscc(2)))
    two = announced(yard, line(quantity="100", sscc=sscc(3)), reference="DN-2")
    first = booked(here, 9, 0, asn_ids=[one.asn_id])
    second = booked(here, 10, 0, asn_ids=[two.asn_id], door_id=here.d2)
    booked(here, 11, 0, reference="GHOST")
    commands_appointments.check_in(ctx(BO, now=at(9, 10)), CheckIn(first.appointment_id))
    pallet(yard, sscc(1), by=ctx(BO, now=at(9, 30)))
    outbox.drain()
    a = open_putaway()
    asn_line = sql.fetch_value("SELECT max(id) FROM dock_asnline WHERE asn_id = %s", (one.asn_id,))
    pallet(
        yard,
        sscc(2),
        PackLine(asn_line, Units(100), damaged_units=Units(5), reason="crushed"),
        by=ctx(BO, now=at(9, 40)),
    )
    outbox.drain()
    b = open_putaway()
    receive(yard.po, yard.house, CountedLine(Units(30), item_id=yard.hose), by=ctx(BO, now=at(10)))
    outbox.drain()
    loose = open_putaway()
    put_away(10, 10, move=a)
    put_away(10, 30, move=loose)
    commands_appointments.check_in(ctx(BO, now=at(10, 40)), CheckIn(second.appointment_id))
    pallet(yard, sscc(3), by=ctx(BO, now=at(10, 50)))
    outbox.drain()
    c = open_putaway()
    put_away(11, 40, move=b, to=yard.house.places["forward_pick1"], reason="aisle blocked")
    commands_appointments.release_no_shows(context_for_system(at(12, 30), "k"), ReleaseNoShows())
    put_away(12, 50, move=c)
    commands_appointments.check_in(ctx(BO, now=at(13)), CheckIn(site_id=yard.site, reference="T-9"))
    return yard


def times(step):
    return step.pallets, step.minutes, step.p50, step.p90


def test_dock_to_stock_runs_from_the_truck_to_the_bin_with_each_step_and_both_parts(day):
    whole, weeks, reasons = dock_to_stock(DAY)
    assert whole.pallets == 4
    assert times(whole.steps["dock_to_stock"]) == (3, 340, 130, 150), "60, 130 and 150 minutes by nearest rank"
    assert times(whole.steps["received_to_stock"]) == (4, 310, 40, 120), "30, 40, 120 and 120"
    assert times(whole.steps["unload"]) == (3, 60, 20, 30)
    assert times(whole.steps["putaway"]) == (4, 310, 40, 120)
    assert times(whole.steps["inspect"]) == times(whole.steps["hold"]) == (0, 0, None, None)
    assert times(whole.steps["without_qc"]) == (3, 340, 130, 150), "nothing was inspected"
    assert (whole.overridden, whole.suggested, whole.overrides.percent) == (1, 4, Decimal("25.0"))
    assert reasons == [("aisle blocked", 1)]
    assert [(week.week, week.pallets) for week in weeks] == [(date(2026, 3, 2), 4)]


def test_lines_per_hour_count_the_quarter_hours_in_which_somebody_worked(day):
    """Bo counted or carried in the quarters of 9:30, 10:00, 10:30, 10:45, 11:30 and 12:45: an hour and a half."""
    work, weeks = productivity(DAY)
    assert (work.lines, work.units, work.faulty_lines, work.quarters) == (5, 330, 1, 6)
    assert work.hours == Decimal("1.5")
    rate = work.lines_per_hour
    assert rate is not None and (rate.numerator, rate.denominator, round(rate.value, 2)) == (
        5,
        Decimal("1.5"),
        Decimal("3.33"),
    )
    assert work.discrepancies.percent == Decimal("20.0")
    assert [(week.week, week.lines, week.quarters) for week in weeks] == [(date(2026, 3, 2), 5, 6)]


def test_trucks_are_punctual_within_the_window_and_walk_ins_have_none(day):
    trucks = punctuality(DAY)
    assert (trucks.on_time, trucks.early, trucks.late, trucks.no_show, trucks.walk_in) == (1, 0, 1, 1, 1)
    assert trucks.share.percent == Decimal("33.3")
    strict = punctuality(InboundAsked(DAY.start, DAY.end, DAY.now, late_minutes=5))
    assert (strict.on_time, strict.late) == (0, 2)
    sql.execute("UPDATE dock_appointment SET checked_in_at = %s WHERE checked_in_at = %s", (at(7, 50), at(9, 10)))
    assert (punctuality(DAY).early, punctuality(DAY).on_time) == (1, 0), "70 minutes before its slot"


def test_a_late_truck_stays_late_when_it_gets_another_slot_at_its_door(day):
    ghost, second = (
        sql.fetch_value(
            "SELECT id FROM dock_appointment WHERE state = %s AND NOT is_walk_in ORDER BY id DESC", (state,)
        )
        for state in ("no_show", "checked_in")
    )
    commands_appointments.dock_truck(ctx(BO, now=at(12)), DockTruck(second))
    commands_appointments.check_in(ctx(BO, now=at(13, 10)), CheckIn(ghost))
    trucks = punctuality(DAY)
    assert (trucks.on_time, trucks.early, trucks.late, trucks.no_show) == (1, 0, 2, 0)


def test_figures_are_of_the_days_site_and_supplier_asked_for(day):
    before = InboundAsked(date(2026, 2, 1), date(2026, 3, 1), DAY.now)
    none = inbound_figures(before)
    assert (none.dock_to_stock.pallets, none.productivity.lines, none.kinds) == (0, 0, [])
    assert none.productivity.discrepancies.percent is None and none.punctuality.share.percent is None
    elsewhere = inbound_figures(InboundAsked(DAY.start, DAY.end, DAY.now, day.site + 1_000))
    assert (elsewhere.dock_to_stock.pallets, elsewhere.productivity.lines, elsewhere.productivity.quarters) == (0, 0, 0)
    mine = inbound_figures(InboundAsked(DAY.start, DAY.end, DAY.now, day.site, day.supplier))
    assert (mine.dock_to_stock.pallets, mine.productivity.lines, mine.punctuality.late) == (4, 5, 1)
    assert mine.productivity.lines_per_hour is None, "a person's hour is not split between suppliers"
    other = inbound_figures(InboundAsked(DAY.start, DAY.end, DAY.now, day.site, day.supplier + 1_000))
    assert (other.dock_to_stock.pallets, other.productivity.lines, other.punctuality.walk_in) == (0, 0, 0)


def test_a_count_that_was_taken_back_and_a_withdrawn_discrepancy_count_nowhere(day):
    sql.execute("UPDATE inbound_discrepancy SET state = 'withdrawn'")
    assert productivity(DAY)[0].faulty_lines == 0
    sql.execute("UPDATE inbound_receiptline SET taken_back_at = now() WHERE received_at = %s", (at(10),))
    assert (productivity(DAY)[0].lines, dock_to_stock(DAY)[0].pallets) == (4, 3)


@pytest.fixture
def inspected():
    """One lot counted at 9:00, passed at 10:00 and put away at 10:30; its truck had checked in at 8:30.

    Another counted at 9:00, held at 10:00, released at 12:00 and put away at 12:10.
    """
    here, hose = shelves(), item("V-200")
    plan(hose, tighten_after=1)
    done = deliver(here, hose, 50)
    judge(latest(), Verdict.RELEASE)
    outbox.drain()
    put_away(10, 30)
    deliver(here, hose, 50)
    judge(latest(), Verdict.HOLD)
    outbox.drain()
    hold = sql.fetch_value("SELECT max(id) FROM inspection_hold")
    commands_holds.release_hold(ctx(ADA, now=at(12)), ReleaseHold(hold, reason="looked again"))
    outbox.drain()
    put_away(12, 10)
    return here, done


def judge(inspection_id, verdict):
    by = {"now": at(10)}
    started = inspection.start_inspection(ctx(FAY, **by), StartInspection(inspection_id))
    inspection.record_results(ctx(FAY, **by), RecordResults(inspection_id, started.sample_units, []))
    inspection.decide(ctx(FAY, **by), Decide(inspection_id, verdict, reason="odd smell"))


def test_inspection_and_hold_are_steps_of_their_own_and_can_be_left_out(inspected):
    here, done = inspected
    steps = dock_to_stock(DAY)[0].steps
    assert times(steps["inspect"]) == (2, 120, 60, 60)
    assert times(steps["hold"]) == (1, 120, 120, 120)
    assert times(steps["putaway"]) == (2, 40, 10, 30)
    assert times(steps["received_to_stock"]) == (2, 280, 90, 190)
    assert steps["dock_to_stock"].pallets == 0, "no truck is known"
    truck = sql.fetch_value(
        """INSERT INTO dock_appointment (number, site_id, slot, state, created_by_id, checked_in_at, is_walk_in)
           VALUES ('AP-9', %s, tstzrange(%s, %s), 'checked_in', %s, %s, true) RETURNING id""",
        (here.site, at(8, 30), at(9), BO.id, at(8, 30)),
    )
    sql.execute(
        """WITH asn AS (INSERT INTO dock_asn (number, supplier_id, site_id, reference, state, created_by_id)
                        SELECT 'ASN-9', min(id), %s, 'N-9', 'arrived', %s FROM parties_party WHERE is_supplier
                        RETURNING id),
                line AS (INSERT INTO dock_asnline (asn_id, line_no, item_id, units)
                         SELECT asn.id, 1, i.id, 50 FROM asn, catalog_item i LIMIT 1 RETURNING id),
                load AS (INSERT INTO dock_appointmentasn (appointment_id, asn_id) SELECT %s, id FROM asn)
           INSERT INTO inbound_packcount (posting_id, asn_line_id, units) SELECT %s, id, 50 FROM line""",
        (here.site, BO.id, truck, done.posting_id),
    )
    steps = dock_to_stock(DAY)[0].steps
    assert times(steps["dock_to_stock"]) == (1, 120, 120, 120), "8:30 to 10:30"
    assert times(steps["without_qc"]) == (1, 60, 60, 60), "less the hour of the inspection"
    assert times(steps["unload"]) == (1, 30, 30, 30)


def test_stock_on_its_way_has_the_ledgers_units_and_the_age_of_what_is_open():
    here, hose = shelves(), item("V-200")
    deliver(here, hose, 40)
    sql.execute("UPDATE inbound_receiptline SET received_at = %s", (NOW - timedelta(hours=30),))
    plan(hose)
    deliver(here, hose, 60)
    found = {row.state: row for row in standing(DAY)}
    assert (found["receiving"].units, found["receiving"].by_age) == (40, (0, 0, 40, 0, 0))
    assert (found["inspection"].units, found["inspection"].by_age) == (60, (0, 60, 0, 0, 0)), "eight hours"
    assert (found["hold"].units, found["hold"].ageless) == (0, 0)
    sql.execute("UPDATE storage_plannedmove SET state = 'cancelled', ended_at = now(), ended_by_id = %s", (BO.id,))
    assert {row.state: row for row in standing(DAY)}["receiving"].ageless == 40


def test_damaged_goods_are_a_state_of_their_own_and_the_ages_of_each_add_up_to_its_units():
    here, hose, cup = house(), item("V-200"), item("CUP")
    po = approved(here.site, supplier(), (hose, 40, "4"), (cup, 10, "1"))
    receive(po, here, CountedLine(units=Units(29), item_id=hose, quality="damaged", reason="crushed"))
    receive(po, here, CountedLine(units=Units(10), item_id=cup))
    hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(here.places["receiving1"], cup, Units(6))], "smell", "hold"))
    hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(here.places["receiving1"], cup, Units(4))], "wet", "damaged"))
    rows = {row.state: row for row in standing(DAY)}
    assert (rows["hold"].units, sum(rows["hold"].by_age), rows["hold"].ageless) == (6, 6, 0)
    assert (rows["damaged"].units, sum(rows["damaged"].by_age), rows["damaged"].ageless) == (33, 33, 0)
    assert all(sum(row.by_age) + row.ageless == row.units for row in rows.values())
    page = text(signed_in(ADA).get(f"/measures/inbound?{PERIOD}"))
    held, damaged = re.findall(r'<svg width="48"[^>]*aria-label="(?:Hold|Damaged) by age.*?</svg>', page)
    widths = [sum(map(Decimal, re.findall(r'<rect[^>]* width="([0-9.]+)"', bar))) for bar in (held, damaged)]
    assert widths == [Decimal("8.7"), Decimal(48)], "6 and 33 units on one scale, in pictures of one width"


def text(response):
    assert response.status_code == 200, response.content[:2000]
    return response.getvalue().decode()


def test_the_page_draws_the_figures_and_leads_to_the_rows_behind_them(day):
    bo = signed_in(BO)
    page = text(bo.get(f"/measures/inbound?{PERIOD}"))
    for said in (
        "2 h 10",
        "90 % within 2 h 30",
        "3.3",
        "33.3 %",
        "1 of 3 due",
        "20.0 %",
        "aisle blocked",
        "1 pallet came",
    ):
        assert said in page, said
    pallets = text(bo.get(f"/measures/inbound/pallets?{PERIOD}&format=csv")).splitlines()
    assert len(pallets) == 5
    assert len(text(bo.get(f"/measures/inbound/pallets?{PERIOD}&step=dock_to_stock&format=csv")).splitlines()) == 4
    elsewhere = text(bo.get(f"/measures/inbound/pallets?{PERIOD}&overridden=yes&format=csv")).splitlines()
    assert len(elsewhere) == 2 and "aisle blocked" in elsewhere[1] and ",150.0,120.0," in elsewhere[1]
    assert len(text(bo.get(f"/measures/inbound/lines?{PERIOD}&wrong=yes&format=csv")).splitlines()) == 2
    assert len(text(bo.get(f"/measures/inbound/trucks?{PERIOD}&verdict=late,no_show&format=csv")).splitlines()) == 3
    assert "Nothing was put away" in text(bo.get("/measures/inbound?on_from=2020-01-01&on_to=2020-01-05"))
    for url in ("", "/pallets", "/lines", "/trucks", "/figures", "/strip"):
        assert signed_in(EVE).get(f"/measures/inbound{url}").status_code == 403


def test_every_figure_is_in_the_file_with_both_parts(day):
    lines = text(signed_in(BO).get(f"/measures/inbound/figures?{PERIOD}&scope=whole&format=csv")).splitlines()
    file = "\n".join(lines)
    assert '"Dock to stock, median",,130.0,min,340.0,3,' in file
    assert '"Dock to stock, 90th percentile",,150.0,min,340.0,3,' in file
    assert "Putaway overrides,,25.0,%,1,4," in file
    assert "Lines per labour hour,,3.3,lines,5,1.5," in file
    assert "Trucks punctual,,33.3,%,1,3," in file
    other = text(signed_in(BO).get(f"/measures/inbound/figures?{PERIOD}&supplier=nobody&scope=whole&format=csv"))
    assert "Lines with a discrepancy,,,%,0,0," in other


def test_the_board_shows_todays_numbers(day):
    assert "Today in numbers" in text(signed_in(BO).get(f"/measures/inbound/strip?site={day.site}"))
    assert "/measures/inbound/strip" in text(signed_in(BO).get("/receiving"))


def test_the_api_gives_each_figure_with_its_parts(day, client):
    url = "/api/v1/inbound-measures?start=2026-03-02&end=2026-03-02"
    found = client.get(url, headers=bearer(BO)).json()
    steps = {step["key"]: step for step in found["dock_to_stock"]["steps"]}
    assert steps["dock_to_stock"] == {
        "key": "dock_to_stock", "pallets": 3, "minutes": "340.0", "p50_minutes": "130.0", "p90_minutes": "150.0",
    }  # fmt: skip
    assert found["lines_per_hour"] == {"numerator": "5", "denominator": "1.5", "value": "3.33"}
    assert found["overrides"]["value"] == "25.0" and found["trucks"]["late"] == 1
    assert client.get(url, headers=bearer(EVE)).status_code == 403
    assert client.get(url.replace("start=2026-03-02", "start=2026-04-02"), headers=bearer(BO)).status_code == 422


def test_goods_without_an_order_have_one_age_everywhere_and_the_hold_board_says_why_and_whose_they_are():
    here, seller = house(), supplier()
    crayons, pens = item("A-1"), item("B-2")
    sql.execute("UPDATE catalog_item SET name = CASE WHEN id = %s THEN 'Zinc crayons' ELSE 'Ink pens' END "
                "WHERE id = ANY(%s)", (crayons, [crayons, pens]))  # fmt: skip
    receive(approved(here.site, seller, (crayons, 1, "4")), here, CountedLine(Units(1), crayons), place="receiving2")
    lines = [BlindLine(crayons, Units(192), lpn="LP-7"), BlindLine(pens, Units(48), lpn="LP-7")]
    made = receive_blind(ctx(BO, now=at(10)), ReceiveBlind(here.places["receiving1"], lines, seller, "no papers"))
    asked = replace(DAY, now=at(13, 30), site_id=here.site)
    [row] = [row for row in waiting(site_id=here.site, now=asked.now) if row.lpn]
    assert (row.sku, row.name, row.item_count, row.units) == ("A-1", "Zinc crayons", 2, 240)
    assert (row.minutes, row.discrepancy) == (210, made.numbers[0])
    assert {s.state: (s.units, s.by_age) for s in standing(asked)}["quarantine"] == (240, (240, 0, 0, 0, 0))
    held = sql.fetch_all(f"SELECT number, units, since, reason, owner FROM ({HELD}) x ORDER BY id", [NOW.date(), NOW])
    assert held == [
        (made.numbers[0], 192, at(10), "192 of A-1: no papers.", "Di Buyer"),
        (made.numbers[1], 48, at(10), "48 of B-2: no papers.", "Di Buyer"),
    ]
    page = signed_in(BO).get("/receiving").content.decode()
    assert made.numbers[0] in page and '<span class="code">A-1</span> Zinc crayons' in page


def test_damaged_stock_is_on_the_hold_board_with_the_discrepancy_or_hold_that_says_why():
    here, hose, cup = house(), item("V-200"), item("CUP")
    po = approved(here.site, supplier(), (hose, 20, "4"), (cup, 10, "1"))
    receive(po, here, CountedLine(units=Units(8), item_id=hose, quality="damaged", reason="crushed"))
    receive(po, here, CountedLine(units=Units(5), item_id=cup))
    number = sql.fetch_value("SELECT number FROM inbound_discrepancy WHERE kind = 'damaged'")
    wet = StockAt(here.places["receiving1"], cup, Units(5))
    hold_stock(ctx(HAL), HoldStock(here.site, [wet], "wet", "damaged"))
    rows = sql.fetch_all(
        f"SELECT kind, sku, quality, units, value, reason FROM ({HELD}) x ORDER BY sku", [NOW.date(), NOW]
    )
    assert rows == [
        ("hold", "CUP", "damaged", 5, 5, "wet"),
        ("discrepancy", "V-200", "damaged", 8, 32, "V-200: 8 damaged, crushed."),
    ]
    board = signed_in(ADA).get("/stock/holds")
    assert number in board.content.decode()
