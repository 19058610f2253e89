"""undo_short: on the real ledger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import outbound
from tests.cast import ADA, CY, EVE, GUS, IDA, NOW, PAM, bearer, ctx, signed_in, user_id
from tests.scanner import Device

from flowrack.allocation import queries_cover
from flowrack.catalog.commands import set_substitute
from flowrack.catalog.types import SetSubstitute
from flowrack.counting import commands as counting
from flowrack.counting.types import OpenCount
from flowrack.fulfilment import commands, queries_lists, queries_short
from flowrack.fulfilment.types import ConfirmPicks, Pick, PickNotFound, RecallOrders, ShortPick
from flowrack.fulfilment.types_lists import PickRule, SetPickRules
from flowrack.fulfilment.types_short import ShortSettled, ShortUndone, UndoShort
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, outbox, sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    """A list of two picks: 12 of 4711 of which 9 were found, and 5 of 4713 that are open."""
    at = outbound.house()
    item, second = outbound.item("4711"), outbound.item("4713")
    outbound.receive(at, item, 12, "1", "forward_pick1")
    outbound.receive(at, second, 5, "1", "forward_pick2")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 12), ("4713", 5))
    outbound.allocate(at.site, order)
    wave = outbound.release(at.site, order)
    commands.set_pick_rules(ctx(ADA), SetPickRules(at.site, [PickRule(at_short="substitutes")]))
    return at, item, order, wave


def short(wave, found: int = 9):
    return commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], found, "none_there"))


def undo(wave, *, by=CY, key: str | None = None) -> ShortUndone:
    return commands.undo_short(ctx(by, key), UndoShort(wave.pick_ids[0]))


def counts_due() -> list[tuple[str, str]]:
    return sql.fetch_all("SELECT cause, state FROM counting_counttask ORDER BY id")


def test_what_is_found_after_all_is_picked_from_its_bin(case):
    at, item, order, wave = case
    outbox.drain(now=NOW)
    short(wave)
    outbox.drain(now=NOW)
    assert counts_due() == [("short_pick", "due")]
    assert [x.units for x in queries_cover.exceptions([at.site])] == [3]
    done = undo(wave, key="k")
    assert undo(wave, key="k") == done
    assert (done.units, done.called_back_ids) == (3, [])
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "allocated": 3, "released": 3, "picked": 9}
    why = decisions.why(f"sales.line:{order.line_ids[0]}")[0].sentence
    assert why == "3 that were not found are there after all: 3 are picked from their bin."
    assert not verify()
    outbox.drain(now=NOW)
    assert counts_due() == [("short_pick", "cancelled")]
    assert queries_cover.exceptions([at.site]) == []
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(done.pick_id)]))
    assert outbound.where(item) == {"staged-1": 12}
    assert not verify()


def test_what_came_instead_is_called_back(case):
    at, item, order, wave = case
    outbound.receive(at, item, 1, "1")
    other = outbound.item("4712")
    outbound.receive(at, other, 20, "1")
    set_substitute(ctx(PAM), SetSubstitute("4711", "4712", needs_consent=False))
    sql.execute("UPDATE sales_order SET substitutes = 'yes'")
    given = short(wave)
    assert (given.elsewhere_units, given.replaced_units) == (1, 2)
    done = undo(wave)
    assert queries_lists.called_back(wave.list_ids[0], since=NOW - timedelta(days=1)) == [], (
        "goods that are asked again"
    )
    assert (done.units, done.called_back_ids) == (3, given.elsewhere_ids)
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "allocated": 3, "released": 3, "picked": 9}
    instead = sql.fetch_value("SELECT line_id FROM sales_substitution WHERE undone_at IS NOT NULL")
    assert outbound.counts(instead) == {"units": 2, "cancelled": 2}
    assert sql.fetch_value("SELECT count(*) FROM ledger_reservation WHERE ref LIKE 'fulfilment%%'") == 0
    assert not verify()


def test_who_found_it_after_all_and_picked_it_is_not_told_that_the_order_was_called_back(case):
    at, item, order, wave = case
    outbound.receive(at, item, 1, "1")
    long_ago = NOW - timedelta(days=1)
    short(wave)
    done = undo(wave)
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(done.pick_id)]))
    states = sql.fetch_all("SELECT state, units FROM fulfilment_pickline WHERE item_id = %s ORDER BY id", (item,))
    assert sorted(states) == [("cancelled", 1), ("picked", 3), ("picked", 9)]
    assert queries_lists.called_back(wave.list_ids[0], since=long_ago) == []
    commands.recall_orders(ctx(ADA, now=NOW + timedelta(minutes=1)), RecallOrders([order.order_id], "cancelled"))
    told = queries_lists.called_back(wave.list_ids[0], since=long_ago)
    assert [(one.order, one.words) for one in told] == [(order.number, "5 × 4713")]


def test_what_was_picked_elsewhere_meanwhile_stays(case):
    at, item, order, wave = case
    outbound.receive(at, item, 2, "1")
    given = short(wave, 4)
    assert given.elsewhere_units == 2
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(n) for n in given.elsewhere_ids]))
    assert undo(wave).units == 6
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "allocated": 6, "released": 6, "picked": 6}
    assert not verify()


def test_the_last_pick_of_a_list_can_be_found_on_the_screen_that_says_it_is_done(case):
    _, _, order, wave = case
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[1])]))
    short(wave, 0)
    assert sql.fetch_all("SELECT state FROM fulfilment_picklist") == [("done",)]
    with pytest.raises(ShortSettled, match="is over"):
        commands.undo_short(ctx(CY, now=NOW + timedelta(days=1)), UndoShort(wave.pick_ids[0]))
    assert undo(wave).units == 12
    assert sql.fetch_all("SELECT state FROM fulfilment_picklist") == [("open",)]
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "allocated": 12, "released": 12}


def test_who_left_the_list_finds_his_short_picks_on_the_first_screen_until_the_bin_is_counted(case):
    at, _, _, wave = case
    device = Device(CY, "/scan/pick", at.site)
    device.tap("next")
    device.tap("short")
    assert device.type("9", "none_there") in ("ok", "more", "done")
    assert device.tap("return") == "ok"
    other = Device(GUS, "/scan/pack", at.site)
    assert "Found after all" not in other.page
    again = Device(CY, "/scan/pick", at.site)
    assert "Found after all 3 × 4711, forward_pick-1" in again.page
    [told] = queries_short.own_shorts(user_id(CY), at.site, NOW)
    assert again.tap(f"found:{told.pick_id}") == "ok"
    assert "1 of 3" in again.page and "Go to forward_pick- 1 3 each" in again.page
    assert sql.fetch_value("SELECT state FROM fulfilment_pickline WHERE id = %s", (wave.pick_ids[0],)) == "picked"
    assert queries_short.own_shorts(user_id(CY), at.site, NOW) == []
    assert again.tap(f"found:{told.pick_id}") == "wrong" and "That short pick is settled." in again.page


def test_it_is_refused_when_it_is_too_late(case):
    _, _, order, wave = case
    short(wave)
    for nobody_of_the_list in (EVE, GUS):
        with pytest.raises(NotPermitted):
            undo(wave, by=nobody_of_the_list)
    with pytest.raises(PickNotFound):
        commands.undo_short(ctx(CY), UndoShort(wave.pick_ids[1]))
    before = outbound.books()
    commands.confirm_picks(ctx(CY, now=NOW + timedelta(minutes=5)), ConfirmPicks([Pick(wave.pick_ids[1])]))
    with pytest.raises(ShortSettled, match="is over"):
        undo(wave)
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "waiting": 3, "picked": 9}
    assert before != outbound.books()


def test_units_that_the_order_does_not_want_any_more_stay_in_doubt(case):
    _, _, order, wave = case
    short(wave)
    sql.execute("UPDATE sales_orderline SET cancelled_units = 3 WHERE id = %s", (order.line_ids[0],))
    before = outbound.books()
    with pytest.raises(ShortSettled, match="does not want them"):
        undo(wave)
    assert outbound.books() == before
    assert sql.fetch_value("SELECT sum(units)::bigint FROM ledger_reservation WHERE ref LIKE 'fulfilment%%'") == 3


def test_the_list_of_short_picks_says_what_became_of_each(case):
    _, _, order, wave = case
    short(wave)
    page = signed_in(CY).get("/short-picks?view=all").content.decode()
    assert order.number in page and "Waits" in page
    sql.execute("UPDATE sales_orderline SET cancelled_units = 3 WHERE id = %s", (order.line_ids[0],))
    assert "Settled since" in signed_in(CY).get("/short-picks?view=all").content.decode()


def test_a_count_that_somebody_has_begun_goes_on(case):
    _, _, _, wave = case
    short(wave)
    outbox.drain(now=NOW)
    counting.open_count(ctx(IDA), OpenCount(sql.fetch_value("SELECT id FROM counting_counttask")))
    undo(wave)
    outbox.drain(now=NOW)
    assert counts_due() == [("short_pick", "counting")]


def test_the_api_does_it(client, case):
    _, _, _, wave = case
    short(wave)
    answer = client.post(f"/api/v1/picks/{wave.pick_ids[0]}/found", headers={**bearer(CY), "Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["units"]) == (200, 3)
