"""The pages of waves: planner, plan, board, templates, and the API beside them."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from tests import outbound
from tests.cast import ADA, CY, EVE, MAY, NOW, RAY, bearer, ctx, signed_in

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ConfirmPicks, Pick
from flowrack.platform import sql
from flowrack.shipping import commands as shipping
from flowrack.shipping.types_loads import PlanLoad, Truck
from flowrack.waves import commands, queries_board, queries_planner
from flowrack.waves.pages import plans
from flowrack.waves.tests import cases
from flowrack.waves.types import ReleaseWaves

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"


@pytest.fixture
def clock(monkeypatch):
    """Pages and the API look at the clock of the tests."""
    for module in ("pages.planner", "pages.board", "pages.setup", "api"):
        monkeypatch.setattr(f"flowrack.waves.{module}.now", lambda: cases.NOW)
    monkeypatch.setattr("flowrack.platform.http.now", lambda: cases.NOW)


def text(response) -> str:
    return b"".join(response.streaming_content).decode()


def test_the_planner_shows_the_pool_and_glasses(clock):
    case = cases.planned()
    browser = signed_in(MAY)
    page = browser.get("/waves/planner").content.decode()
    assert case.orders[0].number in page and "Plan waves" in page
    glasses = browser.get("/waves/planner/glasses").content.decode()
    assert "3 lines go in 1 wave." in glasses and "1 person should pick now, by the shifts." in glasses
    assert "5 min of work against 1 h 30 min of hands, 1 h 25 min free" in glasses
    csv = text(browser.get("/waves/planner?format=csv"))
    assert len(csv.splitlines()) == 4


def test_a_truck_that_can_not_be_met_any_more_stays_in_the_planner_with_its_orders_and_the_way_out(clock, client):
    case = cases.planned()
    order = case.orders[0]
    truck = Truck(cut_off_at=cases.NOW - timedelta(minutes=10))
    load = shipping.plan_load(ctx(ADA, now=cases.NOW), PlanLoad(case.at.site, [order.order_id], truck))
    page = signed_in(MAY).get("/waves/planner/glasses").content.decode()
    assert f"Truck {load.number}, " in page and "has left, or should have; 1 line of" in page
    assert f'href="/loads/{load.load_id}/change"' in page and f"q={order.number}" in page
    rows = client.get(f"/api/v1/wave-plans/dry-run?site_id={case.at.site}", headers=bearer(MAY)).json()
    assert {row["number"]: row["missed"] for row in rows if row["missed"]} == {order.number: load.number}


def test_the_board_names_a_planned_wave_whose_truck_should_have_left(clock):
    case = cases.planned()
    truck = Truck(cut_off_at=cases.NOW - timedelta(minutes=10))
    load = shipping.plan_load(ctx(ADA, now=cases.NOW), PlanLoad(case.at.site, [case.orders[0].order_id], truck))
    page = signed_in(MAY).get("/waves/board").content.decode()
    assert "1 wave held up. 1 truck should have left." in page and "Every wave is on its way" not in page
    assert f"{load.number} was to leave at 08:50; 1 order on it not picked" in page


def test_a_closed_truck_stands_at_the_door_until_it_has_left(clock):
    case = cases.planned()
    load = shipping.plan_load(ctx(ADA), PlanLoad(case.at.site, [case.orders[0].order_id], Truck()))
    sql.execute(
        "UPDATE shipping_load SET state = 'closed', closed_at = %s, closed_by_id = %s", (cases.NOW, int(ADA.id))
    )
    lane = signed_in(MAY).get("/waves/board").content.decode().partition('id="lane-door"')[2]
    assert load.number in lane.partition("</section>")[0] and "has not left its door" in lane


def test_the_penalty_of_an_order_is_the_one_that_its_why_names(clock):
    at = cases.house(people=1)
    cases.stocked(at, "4711", "4712")
    outbound.customer()
    cases.template(at)
    cases.reserved(at, ("4711", 5), ("4712", 5))
    run = queries_planner.dry_run(at.site, cases.NOW)
    assert run is not None
    [row] = queries_planner.pool_rows(run)
    each = [line.penalty.points for line in run.plan.lines]
    assert (row.lines, row.points) == (2, sum(each))
    assert f"to wait would cost {sum(each)} (2 lines: {each[0]}, {each[1]})" in row.why


def test_how_good_a_plan_is_is_said_in_points_or_not_at_all():
    head = SimpleNamespace(knows_hands=True, points=120, bound=120)
    assert plans.found_by(head) == "no plan costs fewer points"
    assert plans.found_by(SimpleNamespace(knows_hands=True, points=120, bound=90)) == (
        "another plan could save 30 points at most"
    )
    assert plans.found_by(SimpleNamespace(knows_hands=True, points=120, bound=0)) == ""
    assert plans.found_by(SimpleNamespace(knows_hands=False, points=0, bound=0)) == "no limit of hands"


def test_a_plan_is_made_changed_and_released_with_the_keyboard_alone(clock):
    cases.planned()
    browser = signed_in(MAY)
    made = browser.post("/waves/plans/make", {"idempotency_key": "a"})
    plan_id = int(made.headers["Location"].rsplit("/", 1)[1])
    page = browser.get(f"/waves/plans/{plan_id}").content.decode()
    line = re.search(r'name="lines" value="(\d+)"', page)
    assert line and "Let them wait" in page
    browser.post(
        f"/waves/plans/{plan_id}/move", {"lines": line[1], "to": "waits", "reason": "asked for", "idempotency_key": "b"}
    )
    assert sorted(cases.fates(plan_id).values()) == ["goes", "goes", "waits"]
    released = browser.post(f"/waves/plans/{plan_id}/release", {"idempotency_key": "c"})
    assert released.status_code == 303
    assert sql.fetch_value("SELECT count(*) FROM fulfilment_pickline WHERE state = 'open'") == 2
    assert "Plan again" in browser.get(f"/waves/plans/{plan_id}").content.decode()


def test_the_board_shows_each_wave_where_it_is_and_its_twin_is_a_table(clock):
    case = cases.planned()
    (wave,) = cases.waves_of(case.plan.plan_id)
    browser = signed_in(MAY)
    assert "3 lines, 3 orders" in browser.get("/waves/board").content.decode()
    commands.release_wave(ctx(MAY), ReleaseWaves(wave))
    pick = sql.fetch_value("SELECT min(id) FROM fulfilment_pickline")
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(pick)]))
    lanes = browser.get("/waves/board/lanes").content.decode()
    assert "1 of 3 lines, 3 orders, 90 min left" in lanes and "Cy Picker" in lanes
    assert f'data-leaves="{cases.CUT_OFF:%Y-%m-%dT%H:%M}"' in lanes and 'draggable="true"' in lanes
    table = text(browser.get("/waves/board/table?format=csv"))
    assert "Parcels" in table and len(table.splitlines()) == 2


def test_the_table_says_how_long_is_left_before_the_release_and_nothing_without_a_cut_off(clock):
    case = cases.planned(orders=2)
    by_hand = outbound.release(case.at.site, case.orders[0])
    found = {card.number: (card.standing, card.minutes_left) for card in queries_board.board(case.at.site, NOW)}
    assert found == {case.plan.number: ("planned", 90), by_hand.number: ("released", None)}
    browser = signed_in(MAY)
    for page in ("/waves", "/waves/board", "/waves/board/table", f"/waves/{by_hand.wave_id}"):
        shown = browser.get(page).content.decode()
        assert "eleased" in shown and "Waits for pickers" not in shown, page
    plan = browser.get(f"/waves/plans/{case.plan.plan_id}").content.decode()
    assert f"it went with {by_hand.number}." in plan
    pool = text(browser.get("/waves/planner?format=csv")).splitlines()[0]
    assert pool.partition("Order,Would,")[2].partition(",Tier")[0].endswith('Penalty,"Work, min"')


def test_what_is_refused_leads_back_to_the_plan_and_to_the_board(clock):
    case = cases.planned()
    (wave,) = cases.waves_of(case.plan.plan_id)
    outbound.release(case.at.site, *case.orders)
    browser, plan = signed_in(MAY), f"/waves/plans/{case.plan.plan_id}"
    for url, form in (
        (f"{plan}/waves/{wave}/release", {"without": "1"}),
        (f"{plan}/release", {}),
        (f"{plan}/move", {"to": "waits"}),
    ):
        refused = browser.post(url, {**form, "idempotency_key": url})
        page = refused.content.decode()
        assert refused.status_code in (409, 422) and "Nothing was changed." in page, url
        assert f">{case.plan.number}</span>" in page and "Plan again" in page and "Back to Home" not in page, url
    flow = cases.template(case.at, name="Counter", mode="continuous", wip_lines=5)
    refused = browser.post(f"/waves/templates/{flow}/next", {"idempotency_key": "n"})
    page = refused.content.decode()
    assert refused.status_code == 409 and "Nothing of Counter can go: no order of it is due and reserved." in page
    assert "<h1>Wave board</h1>" in page and "Back to Home" not in page


def test_the_page_of_a_wave_counts_what_was_called_back_apart(clock):
    case = cases.planned()
    wave = outbound.release(case.at.site, *case.orders)
    pick = sql.fetch_value("SELECT min(id) FROM fulfilment_pickline")
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(pick)]))
    browser = signed_in(MAY)
    browser.post(f"/waves/{wave.wave_id}/recall", {"reason": "no truck", "idempotency_key": "a"})
    page = browser.get(f"/waves/{wave.wave_id}").content.decode()
    assert "1 of 1 done" in page and "2 called back" in page and "5 of 5 picked" in page
    assert text(browser.get("/waves?view=all&format=csv")).splitlines()[1].partition(",")[2].startswith("picked,")


def test_a_wave_is_recalled_split_and_joined_from_its_page(clock):
    case = cases.planned()
    wave = outbound.release(case.at.site, *case.orders)
    browser = signed_in(MAY)
    record = browser.get(f"/waves/{wave.wave_id}").content.decode()
    assert all(f"/waves/{wave.wave_id}/{verb}" in record for verb in ("recall", "split", "add"))
    missing = browser.post(f"/waves/{wave.wave_id}/add", {"order": "SO-0", "reason": "now", "idempotency_key": "a"})
    assert "There is no order SO-0." in missing.content.decode()
    away = str(case.orders[0].order_id)
    browser.post(f"/waves/{wave.wave_id}/split", {"orders": [away], "reason": "no room", "idempotency_key": "b"})
    browser.post(f"/waves/{wave.wave_id}/recall", {"reason": "no truck", "idempotency_key": "c"})
    rows = sql.fetch_all("SELECT wave_id, state FROM fulfilment_pickline WHERE state = 'open'")
    assert len(rows) == 1 and rows[0][0] != wave.wave_id


def test_which_template_takes_an_order_and_why_not_the_others(clock):
    case = cases.planned(orders=1)
    sql.execute("UPDATE waves_template SET tiers = '{A}'")
    page = signed_in(MAY).get(f"/waves/templates/which?order={case.orders[0].number}").content.decode()
    assert "All other orders takes" in page and "does not take it: not for tier B" in page
    api = signed_in(MAY).get(f"/api/v1/orders/by-number/{case.orders[0].number}/wave-template", headers=bearer(MAY))
    assert api.json()["looked"] == [
        {"template": "Parcels", "why_not": "not for tier B"},
        {"template": "All other orders", "why_not": ""},
    ]


def test_the_api_does_what_the_pages_do(clock, client):
    case = cases.planned()
    made = client.post("/api/v1/wave-plans", {"site_id": case.at.site}, content_type=JSON, headers=bearer(MAY))
    assert (made.status_code, made.json()["lines"], made.json()["waiting"]) == (201, 3, 0)
    plan = client.get(f"/api/v1/wave-plans/{made.json()['plan_id']}", headers=bearer(MAY)).json()
    assert [line["fate"] for line in plan["planned_lines"]] == ["goes"] * 3
    wave = plan["planned_waves"][0]["id"]
    done = client.post(f"/api/v1/planned-waves/{wave}/release", {}, content_type=JSON, headers=bearer(MAY))
    assert done.json()["units"] == 15
    assert client.get("/api/v1/wave-templates", headers=bearer(RAY)).json()["items"][0]["name"] == "Parcels"
    denied = client.post("/api/v1/wave-plans", {"site_id": case.at.site}, content_type=JSON, headers=bearer(EVE))
    assert denied.status_code == 403
