"""The forms that hold stock or throw it away: shown first, then confirmed."""

from __future__ import annotations

from uuid import uuid4

import pytest
from tests import outbound
from tests.cast import BO, FAY, HAL, MAY, ctx, signed_in
from tests.supply import standing

from flowrack.platform import sql
from flowrack.storage import queries_transfer_plans
from flowrack.storage.commands_transfer_plans import plan_transfer
from flowrack.storage.types_transfer_plans import PlanLine, PlanTransfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """Fifty units: thirty for a good customer, fifteen for a small one, five free."""
    here, hose = outbound.house(), outbound.item("4711")
    outbound.receive(here, hose, 50, "4", "reserve1")
    outbound.customer("BIG", tier="A")
    outbound.customer("SMALL", tier="C")
    big = outbound.order(here.site, "BIG", ("4711", 30))
    small = outbound.order(here.site, "SMALL", ("4711", 15))
    outbound.allocate(here.site)
    return here, hose, big, small


def send(person, url, here, units, place="", **more):
    form = {"site": here.site, "quality": "hold", "cause": "quality", "reason": "torn"}
    form |= {"idempotency_key": uuid4().hex, **more}
    grid = {"grid-item": "4711", "grid-units": units, "grid-place": place, "grid-lot": ""}
    return signed_in(person).post(url, {**form, **grid})


def test_nothing_is_held_before_it_was_shown_who_loses_and_confirmed(scene):
    here, hose, _, small = scene
    shown = send(FAY, "/stock/hold", here, "12", "reserve-1")
    text = shown.content.decode()
    assert "<b>1 order loses 7 promised units</b>" in text and "Hold 12 units" in text
    agreed = f"{small.line_ids[0]}:7"
    assert f'name="agreed" value="{agreed}"' in text
    assert standing(hose) == {("reserve-1", "reserve"): 50}
    assert send(FAY, "/stock/hold", here, "12", "reserve-1", agreed=agreed).status_code == 303
    assert standing(hose) == {("reserve-1", "hold"): 12, ("reserve-1", "reserve"): 38}
    assert outbound.counts(small.line_ids[0]) == {"units": 15, "waiting": 7, "allocated": 8}


def test_who_agreed_to_other_losses_sees_the_new_ones_and_nothing_has_changed(scene):
    here, hose, _, small = scene
    again = send(FAY, "/stock/hold", here, "", agreed=f"{small.line_ids[0]}:7")
    text = again.content.decode()
    assert again.status_code == 409 and "Other orders would lose now than you were shown." in text
    assert "<b>2 orders lose 45 promised units</b>" in text
    assert standing(hose) == {("reserve-1", "reserve"): 50}
    assert outbound.counts(small.line_ids[0]) == {"units": 15, "allocated": 15}


def test_planned_transfers_that_give_way_first_are_shown(scene):
    here, hose, _, small = scene
    there = outbound.house("W2")
    made = plan_transfer(ctx(MAY), PlanTransfer(here.site, there.site, [PlanLine(hose, 4)]))
    link = f'<a href="/transfers/{made.transfer_id}">{made.number}</a>'
    assert link not in send(FAY, "/stock/hold", here, "1", "reserve-1").content.decode(), "one is free"
    text = send(FAY, "/stock/hold", here, "4", "reserve-1").content.decode()
    assert f"<b>{link} loses 3 units</b> that were kept for it" in text and "No order loses a promise" in text
    both = send(FAY, "/stock/hold", here, "12", "reserve-1").content.decode()
    assert f"<b>{link} loses 4 units</b>" in both and "<b>1 order loses 7 promised units</b>" in both
    of_orders, of_transfers = f"{small.line_ids[0]}:7", f"{made.transfer_id}:4"
    assert f'name="agreed_transfers" value="{of_transfers}"' in both
    other = send(
        FAY, "/stock/hold", here, "12", "reserve-1", agreed=of_orders, agreed_transfers=f"{made.transfer_id}:3"
    )
    assert "Other transfers would lose now than you were shown." in other.content.decode()
    send(FAY, "/stock/hold", here, "12", "reserve-1", agreed=of_orders, agreed_transfers=of_transfers)
    left = queries_transfer_plans.left_to_stage([made.transfer_id])
    assert left == {made.transfer_id: []} and standing(hose)["reserve-1", "hold"] == 12


def test_picks_that_would_be_called_back_are_shown(scene):
    here, hose, big, small = scene
    outbound.release(here.site, big, small)
    text = send(HAL, "/stock/scrap", here, "", reason="damaged").content.decode()
    agreed = " ".join(f"{order.line_ids[0]}:{units}" for order, units in ((big, 30), (small, 15)))
    assert f'value="{agreed}"' in text and "Scrap 50 units" in text
    assert send(HAL, "/stock/scrap", here, "", reason="damaged", agreed=agreed).status_code == 303
    assert standing(hose) == {}


def test_bad_lines_stand_beside_their_fields_and_others_may_not_see_the_form(scene):
    here, hose, *_ = scene
    for units, place, said in (
        ("51", "reserve-1", "50 lie in reserve-1, 51 were named."),
        ("1", "X-9", "The site has no place “X-9”."),
        ("1", "reserve-2", "None of it lies there."),
    ):
        assert said in send(FAY, "/stock/hold", here, units, place).content.decode()
    every = {"grid-item": ["4711", "NONE"], "grid-units": ["-1", "1.5"], "grid-place": ["X-9", "X-8"]}
    text = signed_in(FAY).post("/stock/hold", {"site": here.site, "quality": "hold", "reason": "", **every})
    for said in (
        "Why is missing: type it in.", "Units are more than 0.", "The site has no place “X-9”.",
        "No item has the code “NONE”.", "1.5 unit is not a whole number of base units.", "The site has no place “X-8”.",
    ):  # fmt: skip
        assert said in text.content.decode()
    assert signed_in(BO).get("/stock/hold").status_code == 403
    assert standing(hose) == {("reserve-1", "reserve"): 50}


def test_held_stock_is_released_by_its_place_after_it_was_shown_what_comes_free(scene):
    here, hose, *_ = scene
    send(HAL, "/stock/hold", here, "5", "reserve-1", agreed="")
    empty = send(FAY, "/stock/release", here, "", "reserve-2")
    assert "None of it lies there." in empty.content.decode()
    shown = send(FAY, "/stock/release", here, "", "reserve-1", reason="dry again")
    text = shown.content.decode()
    assert "Release 5 units" in text and "(torn; Hal Inventory decides)" in text and 'name="agreed" value="yes"' in text
    assert standing(hose) == {("reserve-1", "hold"): 5, ("reserve-1", "reserve"): 45}
    done = send(FAY, "/stock/release", here, "", "reserve-1", reason="dry again", agreed="yes")
    assert done.status_code == 303 and done.headers["Location"].startswith("/holds/releases/")
    assert standing(hose) == {("reserve-1", "reserve"): 50}
    assert signed_in(BO).get("/stock/release").status_code == 403


def test_what_a_policy_asks_about_waits_for_the_inbox(scene):
    here, hose, *_ = scene
    send(HAL, "/stock/hold", here, "5", "reserve-1", agreed="", quality="damaged")
    sent = send(FAY, "/stock/release", here, "", "reserve-1", agreed="yes")
    assert "AP-1" in signed_in(FAY).get(sent.headers["Location"]).content.decode()
    assert sql.fetch_all("SELECT kind, state FROM approvals_request") == [("inspection.release", "waiting")]
    assert standing(hose) == {("reserve-1", "damaged"): 5, ("reserve-1", "reserve"): 45}
