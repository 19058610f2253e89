"""The floor's pages and its API: the plan, a walk tried on it, the grid of aisles."""

from __future__ import annotations

import pytest
from tests.cast import BO, DI, PAM, bearer, ctx, signed_in

from flowrack.walks import commands, queries
from flowrack.walks.tests.house import house, measured

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_plan_says_that_it_is_drawn_and_shows_a_walk_with_what_other_ways_cost():
    site = house()
    browser = signed_in(BO)
    assert "drawn from codes" in browser.get("/floors").content.decode()
    drawn = browser.get(f"/floors/{site}").content.decode()
    assert "a guess in its metres" in drawn
    assert drawn.count('class="fl-stop"') == 0
    commands.set_floor(ctx(PAM), measured(site))
    listed = browser.get("/floors?format=csv")
    rows = b"".join(listed.streaming_content if listed.streaming else [listed.content]).decode().splitlines()
    mine = next(row for row in rows if ",measured," in row).split(",")
    aisles = queries.layout_of(site).aisles
    assert mine[3:5] == ["2", str(sum(one.length_mm for one in aisles) // 1_000)]
    shown = browser.get(f"/floors/{site}?places=01-3+02-1,01-1").content.decode()
    assert shown.count('class="fl-stop"') == 3
    assert "<b>40.0 m</b> by exact" in shown
    assert ["40.0 m" in shown, "S-shape" in shown, "a guess" in shown] == [True, True, False]
    refused = browser.get(f"/floors/{site}?places=01-3+NOWHERE").content.decode()
    assert "no location “NOWHERE”" in refused
    assert signed_in(DI).get(f"/floors/{site}").status_code == 403


def test_the_grid_begins_with_what_is_drawn_and_saves_what_is_pasted():
    site = house()
    browser = signed_in(PAM)
    form = browser.get(f"/floors/{site}/change").content.decode()
    assert 'value="FRONT"' in form
    assert "OUT-1 5000 -6000" in form  # where it is drawn, so that saving the plan loses no door
    posted = {
        "version": 0, "start_x": 0, "start_y": 0, "end_x": 0, "end_y": 0, "places": "OUT-1 30000 0\n",
        "grid-zone": ["", "PICK"], "grid-code": ["F", "01"], "grid-is_cross": ["yes", "no"],
        "grid-x_mm": ["0", "5,000"], "grid-y_mm": ["0", "0"], "grid-heading": ["east", "North"],
        "grid-length_mm": ["30000", "20000"], "grid-first_bay_mm": ["", "3000"], "grid-bay_mm": ["", "2000"],
        "grid-width_mm": ["", ""], "grid-one_way": ["", ""], "grid-most_people": ["", "2"],
    }  # fmt: skip
    wrong = browser.post(f"/floors/{site}/change", {**posted, "grid-length_mm": ["30000", "long"], "places": "OUT-1 3"})
    assert wrong.status_code == 422
    bad_row = browser.post(f"/floors/{site}/change", {**posted, "grid-length_mm": ["30000", "long"]}).content.decode()
    assert "“long” is no whole number." in bad_row
    assert not queries.layout_of(site).is_measured
    assert browser.post(f"/floors/{site}/change", posted).status_code == 303
    found = queries.layout_of(site)
    assert [(aisle.code, aisle.x_mm, aisle.length_mm, aisle.most_people) for aisle in found.aisles] == [
        ("F", 0, 30_000, 0), ("01", 5_000, 20_000, 2),
    ]  # fmt: skip
    assert "Aisles not on the plan" in browser.get(f"/floors/{site}").content.decode()
    assert signed_in(BO).get(f"/floors/{site}/change").status_code == 403


def test_the_api_reads_changes_and_walks_the_floor():
    site = house()
    browser = signed_in(PAM)
    read = browser.get(f"/api/v1/sites/{site}/floor", **bearer(PAM))
    assert (read.headers["ETag"], read.json()["is_measured"], len(read.json()["aisles"])) == ('"0"', False, 4)
    body = {key: read.json()[key] for key in ("aisles", "places", "start", "end")}
    key = {"HTTP_IDEMPOTENCY_KEY": "floor-1", "content_type": "application/json"}
    done = browser.put(f"/api/v1/sites/{site}/floor", body, HTTP_IF_MATCH='"0"', **key, **bearer(PAM))
    assert (done.status_code, done.json()["version"], done.json()["aisles"]) == (200, 1, 4)
    assert queries.layout_of(site).is_measured
    walk = browser.get(f"/api/v1/sites/{site}/walk?places=02-3,01-1", **bearer(PAM)).json()
    assert (sorted(walk["locations"]), walk["method"]) == (["01-1", "02-3"], "exact")
    assert walk["mm"] == walk["alternatives"]["exact"] <= walk["alternatives"]["as given"]
    stale = browser.put(f"/api/v1/sites/{site}/floor", body, HTTP_IF_MATCH='"0"',
                        **{**key, "HTTP_IDEMPOTENCY_KEY": "floor-2"}, **bearer(PAM))  # fmt: skip
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    aisles = [*body["aisles"][:-1], {**body["aisles"][-1], "code": "AISLE-NINE-9"}]
    longer = browser.put(f"/api/v1/sites/{site}/floor", {**body, "aisles": aisles}, HTTP_IF_MATCH='"1"',
                         **{**key, "HTTP_IDEMPOTENCY_KEY": "floor-3"}, **bearer(PAM))  # fmt: skip
    assert (longer.status_code, longer.json()["code"]) == (422, "layout_refused")
    assert [(line["line"], line["field"]) for line in longer.json()["errors"]] == [(4, "code")]
    assert browser.get(f"/api/v1/sites/{site + 99}/floor", **bearer(PAM)).status_code == 404
