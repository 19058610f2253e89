"""move_planned: a planned wave leaves at another time, and what that does is told before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import ADA, EVE, MAY, NOW, bearer, ctx, signed_in

from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shipping import commands as shipping
from flowrack.shipping.types_loads import CancelLoad, PlanLoad, Truck
from flowrack.waves import commands, queries_board, queries_moves, queries_pool, queries_windows
from flowrack.waves.commands_moves import move_planned
from flowrack.waves.rules_moves import not_aboard
from flowrack.waves.tests import cases
from flowrack.waves.types import MoveLines, PlanNotFound, PlanOver, ReleaseWaves
from flowrack.waves.types_moves import AHEAD, MovePlanned

pytestmark = pytest.mark.django_db(transaction=True)
LATER, SOONER = cases.CUT_OFF + timedelta(minutes=40), cases.CUT_OFF - timedelta(minutes=30)
WHY = "the truck comes later"


@pytest.fixture
def case():
    """One picker, three orders of 90 seconds in one wave that leaves at 10:30; it is 9:00."""
    found = cases.planned()
    found.wave = cases.waves_of(found.plan.plan_id)[0]
    return found


def times(wave: int):
    return sql.fetch_one(
        "SELECT cut_off_at, pick_until, moved_from, moved_because FROM waves_planwave WHERE id = %s", (wave,)
    )


def test_the_wave_its_lines_and_the_cut_offs_of_the_plan_follow(case):
    req = MovePlanned(case.wave, LATER, WHY)
    done = move_planned(ctx(MAY, "k"), req)
    assert move_planned(ctx(MAY, "k"), req) == done
    assert (done.cut_off_at, done.pick_until, done.was_at) == (LATER, LATER, cases.CUT_OFF)
    assert times(case.wave) == (LATER, LATER, cases.CUT_OFF, WHY)
    why = "the planner moved it: the truck comes later; cut-off 11:10 instead of 10:30"
    assert sql.fetch_all("SELECT DISTINCT pick_until, why FROM waves_planline") == [(LATER, why)]
    windows = queries_windows.windows_of(case.plan.plan_id)
    assert [(w.pick_until, w.hands, w.floor, w.planned, w.lines) for w in windows] == [
        (LATER, 7800, 0, 270, 3),
    ]


def test_back_where_it_was_nothing_is_left_of_it(case):
    before = sql.fetch_all("SELECT line_id, pick_until FROM waves_planline ORDER BY 1")
    windows = queries_windows.windows_of(case.plan.plan_id)
    move_planned(ctx(MAY), MovePlanned(case.wave, LATER, WHY))
    move_planned(ctx(MAY), MovePlanned(case.wave, cases.CUT_OFF, "as before"))
    assert times(case.wave) == (cases.CUT_OFF, cases.CUT_OFF, None, "")
    assert sql.fetch_value("SELECT why FROM waves_planwave WHERE id = %s", (case.wave,)) == ""
    assert sql.fetch_all("SELECT line_id, pick_until FROM waves_planline ORDER BY 1") == before
    assert [(w.pick_until, w.hands, w.planned) for w in queries_windows.windows_of(case.plan.plan_id)] == [
        (w.pick_until, w.hands, w.planned) for w in windows
    ]


def test_what_the_planner_moved_stays_moved_when_the_draft_is_made_anew(case):
    move_planned(ctx(MAY), MovePlanned(case.wave, LATER, WHY))
    line = case.orders[0].line_ids[0]
    commands.move_lines(ctx(MAY), MoveLines(case.plan.plan_id, [line], False, "it can wait"))
    [wave] = cases.waves_of(case.plan.plan_id)
    assert times(wave) == (LATER, LATER, cases.CUT_OFF, WHY)
    assert sql.fetch_all("SELECT DISTINCT fate, pick_until FROM waves_planline ORDER BY 1") == [
        ("goes", LATER), ("waits", cases.CUT_OFF),
    ]  # fmt: skip


def test_on_the_floor_it_keeps_its_time_and_the_reason(case):
    move_planned(ctx(MAY), MovePlanned(case.wave, LATER, WHY))
    commands.release_wave(ctx(MAY), ReleaseWaves(case.wave))
    assert sql.fetch_one("SELECT cut_off_at, pick_until, why FROM waves_run") == (
        LATER, LATER, f"the planner moved it: {WHY}; cut-off 11:10 instead of 10:30",
    )  # fmt: skip
    with pytest.raises(PlanOver, match="is on the floor already"):
        move_planned(ctx(MAY), MovePlanned(case.wave, LATER, WHY))


def test_refused_without_a_trace(case):
    before = (cases.books(), times(case.wave))
    with pytest.raises(Invalid) as refused:
        move_planned(ctx(MAY), MovePlanned(case.wave, NOW, " "))
    assert [bad.message for bad in refused.value.lines] == [
        "Say why, in up to 160 letters.", "It had to be picked until Mon 09:00: that is over.",
    ]  # fmt: skip
    with pytest.raises(NotPermitted):
        move_planned(ctx(EVE), MovePlanned(case.wave, LATER, WHY))
    with pytest.raises(PlanNotFound):
        move_planned(ctx(MAY), MovePlanned(case.wave + 99, LATER, WHY))
    assert (cases.books(), times(case.wave)) == before


def test_hands_and_work_of_every_cut_off_are_told_before(case):
    here = queries_pool.here(case.at.site, NOW)
    wave = queries_moves.planned_wave(case.wave)
    seen = queries_moves.foreseen(here, wave, LATER)
    assert [(r.hands, r.floor, r.before, r.after) for r in seen.rooms] == [(5400, 0, 270, 0), (7800, 0, 270, 270)]
    assert seen.said == [
        "The departure leaves at 10:30: what is ready later misses it, unless it waits.",
        "It must be picked until 11:10 instead of 10:30: 40 min later.",
        "The people reach for all that is planned.",
    ]
    soon = queries_moves.foreseen(here, wave, NOW + timedelta(minutes=3))
    assert [(r.hands, r.after, r.free) for r in soon.rooms] == [(180, 270, -90), (5400, 270, 5130)]
    assert soon.said == [
        "Until 09:03 the people are short of 2 min of work: something is late.",
        "It must be picked until 09:03 instead of 10:30: 1 h 27 min earlier.",
    ]
    assert times(case.wave)[0] == cases.CUT_OFF


def test_a_truck_that_leaves_before_is_named(case):
    truck = Truck(cut_off_at=cases.CUT_OFF + timedelta(minutes=20))
    load = shipping.plan_load(ctx(ADA), PlanLoad(case.at.site, [case.orders[0].order_id], truck))
    here = queries_pool.here(case.at.site, NOW)
    seen = queries_moves.foreseen(here, queries_moves.planned_wave(case.wave), LATER)
    assert f"{load.number} leaves at 10:50, before this; 1 of its orders is on it." in seen.said
    wave = queries_moves.planned_wave(case.wave)
    seen = queries_moves.foreseen(here, wave, cases.CUT_OFF + timedelta(minutes=20), truck=load.number)
    assert seen.said[0] == f"{load.number} has 1 of its 3 orders: plan the others on that truck, too."
    assert [room.minutes for room in seen.rooms] == [(90, 0, 5, 0, 90), (110, 0, 5, 5, 105)]


@pytest.mark.parametrize(
    ("aboard", "orders", "words"),
    [
        (1, 3, "LD-1 has 1 of its 3 orders: plan the others on that truck, too."),
        (2, 3, "LD-1 has 2 of its 3 orders: plan the other one on that truck, too."),
        (0, 2, "LD-1 has none of its 2 orders: plan them on that truck, too."),
        (0, 1, "LD-1 does not have its order: plan it on that truck, too."),
    ],
)
def test_the_orders_that_its_truck_does_not_have_are_told(aboard, orders, words):
    assert not_aboard("LD-1", aboard, orders) == words


def marks(case) -> list[tuple[str, str]]:
    """What holds up the planned waves of the board, and how bad it is."""
    return [(card.stuck, card.tone) for card in queries_board.board(case.at.site, NOW) if card.plan_wave_id]


def test_a_wave_whose_truck_was_called_off_is_marked_until_it_leaves_otherwise(case):
    truck = Truck(cut_off_at=LATER + timedelta(seconds=39))
    other = cases.reserved(case.at, ("4711", 5))
    load = shipping.plan_load(ctx(ADA), PlanLoad(case.at.site, [other.order_id], truck))
    move_planned(ctx(MAY), MovePlanned(case.wave, LATER, WHY))
    assert marks(case) == [("", "")]
    shipping.cancel_load(ctx(ADA), CancelLoad(load.load_id, "broke down"))
    assert marks(case) == [(f"{load.number}, with which it was to leave at 11:10, was called off: move it", "bad")]
    second = shipping.plan_load(ctx(ADA), PlanLoad(case.at.site, [other.order_id], truck))
    assert marks(case) == [("", "")], "another truck leaves then"
    shipping.cancel_load(ctx(ADA), CancelLoad(second.load_id, "broke down, too"))
    assert [tone for _, tone in marks(case)] == ["bad"]
    move_planned(ctx(MAY), MovePlanned(case.wave, cases.CUT_OFF, "as before"))
    assert marks(case) == [("", "")]


def test_the_form_knows_no_seconds_and_changes_none(case, monkeypatch):
    for module in ("pages.moves", "pages.plans", "pages.board"):
        monkeypatch.setattr(f"flowrack.waves.{module}.now", lambda: NOW, raising=False)
    monkeypatch.setattr("flowrack.platform.http.now", lambda: NOW)
    may, url, at = signed_in(MAY), f"/waves/board/planned/{case.wave}/move", cases.CUT_OFF + timedelta(seconds=39)
    sql.execute("UPDATE waves_planwave SET cut_off_at = %s, pick_until = %s WHERE id = %s", (at, at, case.wave))
    page = may.get(url).content.decode()
    assert "0 min later" not in page and "Choose with what the wave leaves" in page
    asked = {"target": "", "at": "2026-03-02T11:10", "reason": WHY, "idempotency_key": "a"}
    assert may.post(url, asked).status_code == 303 and times(case.wave) == (LATER, LATER, at, WHY)
    back = asked | {"at": "2026-03-02T10:30", "reason": "as before", "idempotency_key": "b"}
    assert may.post(url, back).status_code == 303
    assert times(case.wave) == (at, at, None, "")


def test_the_page_shows_what_follows_before_and_offers_the_way_back(case, monkeypatch, client):
    for module in ("pages.moves", "pages.plans", "pages.board"):
        monkeypatch.setattr(f"flowrack.waves.{module}.now", lambda: NOW, raising=False)
    monkeypatch.setattr("flowrack.platform.http.now", lambda: NOW)
    may, url = signed_in(MAY), f"/waves/board/planned/{case.wave}/move"
    assert f'data-asks="{url}"' in may.get(f"/waves/plans/{case.plan.plan_id}").content.decode()
    assert f'data-asks="{url}?from=board"' in may.get("/waves/board").content.decode()
    for query, back in (("", f"/waves/plans/{case.plan.plan_id}"), ("?from=board", "/waves/board")):
        page = may.get(f"{url}{query}").content.decode()
        assert f'<p class="crumb"><a href="{back}">' in page and f'href="{back}">Leave it' in page
        assert '<a href="/waves/board" aria-current="page"' in page
    page = may.get(f"{url}?at=2026-03-02T11:10").content.decode()
    assert "40 min later." in page and "<td>11:10</td>" in page and 'value="2026-03-02T11:10"' in page
    asked = {"target": "", "at": "2026-03-02T11:10", "reason": "", "preview": "1"}
    part = may.post(url, asked, HTTP_HX_REQUEST="true").content.decode()
    assert "40 min later." in part and "<form" not in part
    assert "40 min later." in may.post(url, asked).content.decode()
    del asked["preview"]
    refused = may.post(url, asked | {"idempotency_key": "a"})
    assert refused.status_code == 422 and "Say why it leaves at another time." in refused.content.decode()
    assert times(case.wave)[0] == cases.CUT_OFF
    done = may.post(url, asked | {"reason": WHY, "idempotency_key": "b"})
    assert (done.status_code, times(case.wave)[0]) == (303, LATER)
    plan = may.get(done["Location"]).content.decode()
    assert f"{url}?at=2026-03-02T10%3A30&amp;reason=as+before" in plan and f"the planner moved it: {WHY}" in plan
    back = may.get(f"{url}?at=2026-03-02T10:30&reason=as+before").content.decode()
    assert '<option value="2026-03-02T10:30" selected>the cut-off at 10:30</option>' in back
    assert signed_in(EVE).get(url).status_code in (403, 404)
    answer = client.post(
        f"/api/v1/planned-waves/{case.wave}/move", {"cut_off_at": SOONER.isoformat(), "reason": "sooner"},
        "application/json", headers=bearer(MAY),
    )  # fmt: skip
    assert (answer.status_code, answer.json()["plan"], times(case.wave)[0]) == (200, case.plan.number, SOONER)


def test_of_two_waves_with_the_same_words_the_moved_one_stays_moved(case):
    plan, columns = case.plan.plan_id, "column_name NOT IN ('id', 'place')"
    [[names]] = sql.fetch_all(
        "SELECT string_agg(column_name, ', ') FROM information_schema.columns"
        f" WHERE table_name = 'waves_planwave' AND {columns}"
    )
    sql.execute(
        f"INSERT INTO waves_planwave (place, {names}) SELECT place + 1, {names} FROM waves_planwave WHERE id = %s",
        (case.wave,),
    )
    first, second = cases.waves_of(plan)
    move_planned(ctx(MAY), MovePlanned(second, LATER, WHY))
    moved = queries_moves.moved(plan)
    assert [wave for wave, _ in queries_moves.named(plan, moved)] == []  # it left the time for which it was planned
    anew = "UPDATE waves_planwave SET cut_off_at = %s, moved_from = NULL WHERE plan_id = %s"
    sql.execute(anew, (cases.CUT_OFF, plan))
    assert [(one.nth, wave) for wave, one in queries_moves.named(plan, moved)] == [(2, second)]
    assert first != second


@pytest.mark.parametrize("year", [1, 2026, 9999])
def test_a_time_no_plan_reaches_is_refused_at_once(case, client, year):
    at = NOW + AHEAD + timedelta(minutes=1) if year == NOW.year else NOW.replace(year=year, month=12, day=31)
    with pytest.raises(Invalid) as refused:
        move_planned(ctx(MAY), MovePlanned(case.wave, at, WHY))
    assert [bad.message for bad in refused.value.lines] == ["A planned wave leaves within 14 days."]
    sent = {"cut_off_at": f"{year:04}-12-31T23:59:59-05:00", "reason": WHY}
    answer = client.post(f"/api/v1/planned-waves/{case.wave}/move", sent, "application/json", headers=bearer(MAY))
    assert (answer.status_code, "within 14 days" in answer.content.decode()) == (422, True)
    form = {"at": f"{year:04}-12-31T23:59", "reason": WHY}
    page = signed_in(MAY).post(f"/waves/board/planned/{case.wave}/move", form)
    assert (page.status_code, "A planned wave leaves within 14 days." in page.content.decode()) == (422, True)
    assert "min later" not in signed_in(MAY).get(f"/waves/board/planned/{case.wave}/move").content.decode()
    assert times(case.wave) == (cases.CUT_OFF, cases.CUT_OFF, None, "")
