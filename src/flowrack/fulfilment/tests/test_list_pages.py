"""The desk's pages of pick lists: who has which, what is picked, how it is walked, and how a site is picked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests import outbound
from tests.cast import ADA, CY, EVE, ctx, signed_in

from flowrack.fulfilment import commands, queries_lists, steps_release
from flowrack.fulfilment.types import ConfirmPicks, Pick
from flowrack.fulfilment.types_lists import PickRule, TakeList, TakeNextList
from flowrack.platform import sql

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    for n, sku in enumerate(("4711", "6024"), 1):
        outbound.receive(at, outbound.item(sku), 100, "1", f"forward_pick{n}")
    outbound.customer()
    orders = [outbound.order(at.site, "ACME", ("4711", 3), ("6024", 2)) for _ in range(2)]
    outbound.allocate(at.site, *orders)
    return at, orders, outbound.release(at.site, *orders)


def text(path: str, who=ADA) -> str:
    answer = signed_in(who).get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_a_list_shows_its_picks_its_cart_and_its_walks(case):
    at, orders, wave = case
    [list_id] = wave.list_ids
    commands.take_list(ctx(CY, now=datetime.now(UTC)), TakeList(list_id))
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[0], 0, outbound.tote(at.site, "T-03"))]))
    shown = text(f"/pick-lists/{list_id}")
    for words in (
        "Cart of totes",
        "2 orders, 4 lines",
        "Together because",
        "at most 8 orders",
        "T-03",
        "not yet",
        "Ways to walk it",
        "Cy Picker",
    ):
        assert words in shown, words
    assert orders[1].number in shown
    assert len({line.location_id for line in queries_lists.lines(list_id)}) == 2
    assert shown.count('class="fl-stop"') == 1 and ">1+</text>" in shown, "both bins face each other in their aisle"
    assert f'href="/floors/{at.site}"' in shown
    rows = text("/pick-lists?state=taken")
    assert f'href="/pick-lists/{list_id}"' in rows
    assert queries_lists.head(list_id, frozenset({0})).number in text(f"/waves/{wave.wave_id}")
    assert signed_in(EVE).get(f"/pick-lists/{list_id}").status_code == 403
    assert signed_in(ADA).get("/pick-lists/999999").status_code == 404


def test_rules_and_carts_are_written_in_a_grid(case):
    at, _, _ = case
    names = ("zone", "method", "positions", "max_lines", "max_weight_g", "max_volume_ml", "scans", "aisle_limit",
             "lease_minutes", "place")  # fmt: skip
    rows = [("", "discrete", "", "", "", "", "", "", "", ""),
            ("reserve", "zone", "4", "1,000", "", "", "bin, item, tote", "2", "90", "staged-2")]  # fmt: skip
    body = {f"grid-{name}": [row[n] for row in rows] for n, name in enumerate(names)}
    browser = signed_in(ADA)
    assert browser.post("/pick-rules", {**body, "key": "one"}).status_code == 303
    zone = outbound.value("SELECT id FROM locations_zone WHERE code = 'reserve'")
    assert queries_lists.rules_of(at.site) == [
        PickRule(method="discrete"),
        PickRule(zone, "zone", 4, 1_000, scan_bin=True, aisle_limit=2, lease_minutes=90,
                 consolidation_id=at.places["staged2"]),
    ]  # fmt: skip
    assert "bin item tote" in text("/pick-rules")
    bad = browser.post("/pick-rules", {**body, "grid-scans": ["smell", ""], "key": "two"})
    assert bad.status_code == 422 and "smell" in bad.content.decode()
    answer = browser.post("/carts", {"grid-code": ["cart-1"], "grid-positions": ["6"], "key": "three"})
    assert answer.status_code == 303
    assert [(cart.code, cart.positions) for cart in queries_lists.carts(at.site)] == [("CART-1", 6)]
    assert "CART-1" in text("/carts")


def test_by_when_a_list_must_be_picked_is_shown_and_the_next_list_is_the_one_due_first(case):
    at, _, first = case
    later = outbound.order(at.site, "ACME", ("6024", 1))
    outbound.allocate(at.site, later)
    second = outbound.release(at.site, later)
    moment = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
    steps_release.due(ctx(ADA), second.wave_id, moment)
    assert "Pick by" not in text(f"/pick-lists/{first.list_ids[0]}")
    assert "Pick by" in text(f"/pick-lists/{second.list_ids[0]}")
    rows = text("/pick-lists?sort=due_at")
    assert rows.index(f'href="/pick-lists/{second.list_ids[0]}"') < rows.index(
        f'href="/pick-lists/{first.list_ids[0]}"'
    )
    sql.execute("UPDATE fulfilment_picklist SET due_on = '2026-03-02'")
    assert commands.take_next_list(ctx(CY), TakeNextList(at.site)).list_id == second.list_ids[0]
