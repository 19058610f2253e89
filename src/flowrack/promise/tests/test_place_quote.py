from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests import outbound, supply
from tests.cast import CY, KIM, LOU, NOW, ctx

from flowrack.allocation.queries_overrides import overrides_after
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.promise import commands, queries_replay
from flowrack.promise.tests import given
from flowrack.promise.types import AskRefused, NoSuchOption, PlaceQuote, QuoteLimit
from flowrack.shared.errors import Invalid, KeyReused, NotPermitted

pytestmark = pytest.mark.django_db


def test_a_quote_commits_what_it_holds_and_stores_why():
    given.house(100)
    req = PlaceQuote(given.question(40), "one_day")
    done = commands.place_quote(ctx(KIM, "k"), req)
    assert commands.place_quote(ctx(KIM, "k"), req) == done
    assert (done.units, done.on_hand_units, done.ships_on, done.arrives_on) == (40, 40, given.TODAY, date(2026, 3, 3))
    assert (done.expires_at - NOW, given.committed()) == (timedelta(minutes=30), 40)
    held = sql.fetch_all("SELECT ref, units FROM ledger_commitment")
    assert held == [(f"promise.quote:{done.quote_id}", 40)]
    [stored] = why(f"promise.quote:{done.quote_id}")
    assert (stored.kind, stored.rule) == ("promise", "promise/3")
    assert "40 V-200 from" in stored.sentence and "Cut-off 17:00" in stored.sentence
    with pytest.raises(KeyReused):
        commands.place_quote(ctx(KIM, "k"), PlaceQuote(given.question(41), "one_day"))


def test_what_is_held_is_not_free_for_the_next():
    given.house(100)
    given.quote(70)
    with pytest.raises(NoSuchOption, match="10 units have no supply"):
        given.quote(40)
    assert given.quote(30).on_hand_units == 30


def test_goods_that_are_to_come_are_held_once():
    at = given.house(10)
    given.po(at, 50, date(2026, 3, 5))
    done = given.quote(40)
    assert (done.on_hand_units, given.committed()) == (10, 10)
    assert sql.fetch_all("SELECT units, is_committed FROM promise_quotepart ORDER BY id") == [(10, True), (30, False)]
    with pytest.raises(NoSuchOption, match="10 units have no supply"):
        given.quote(30)
    assert given.quote(20).on_hand_units == 0


def test_what_is_too_old_for_the_customer_does_not_keep_him_from_goods_to_come():
    """Units enough are free, so the pair is shared at first; only the rules see that the lot is too old."""
    at = given.house(0)
    sql.execute("UPDATE parties_customerterms SET min_remaining_life_days = 30")
    sql.execute("UPDATE catalog_item SET tracking = 'lot'")
    old = outbound.lot(given.item_id(), "OLD")
    sql.execute("UPDATE catalog_lot SET expires_on = %s WHERE id = %s", (given.TODAY + timedelta(days=6), old))
    outbound.receive(at, given.item_id(), 100, "1", "reserve1", lot_id=old)
    given.po(at, 100, date(2026, 3, 5))
    assert given.quote(40).on_hand_units == 0
    assert sql.fetch_all("SELECT units, is_committed FROM promise_quotepart") == [(40, False)]


def test_open_orders_come_before_a_quote():
    at = given.house(100)
    outbound.order(at.site, "ACME", ("V-200", 90))
    with pytest.raises(NoSuchOption):
        given.quote(20)
    assert given.quote(10).on_hand_units == 10


def test_open_orders_come_before_a_quote_also_where_several_lots_are_there():
    at = given.house(0)
    sql.execute("UPDATE catalog_item SET tracking = 'lot'")
    for code in ("FIRST", "SECOND"):
        outbound.receive(at, given.item_id(), 50, "1", "reserve1", lot_id=outbound.lot(given.item_id(), code))
    outbound.order(at.site, "ACME", ("V-200", 90))
    with pytest.raises(NoSuchOption):
        given.quote(20)
    assert (given.quote(10).on_hand_units, given.committed()) == (10, 10)
    with pytest.raises(NoSuchOption):
        given.quote(1)


def test_safety_stock_stays_when_quotes_take_the_rest():
    at = given.house(100)
    sql.execute(
        "INSERT INTO promise_safetystock (site_id, item_id, units) VALUES (%s, %s, 30)", (at.site, given.item_id())
    )
    assert given.quote(70).on_hand_units == 70
    with pytest.raises(NoSuchOption):
        given.quote(1)


def test_everything_that_is_wrong_is_named_at_once_and_nothing_changes():
    given.house(10)
    before = given.rows()
    bad = given.question(0, customer="NOBODY", item="NOTHING", pack="crate", wanted_on=date(2026, 3, 1))
    with pytest.raises(AskRefused) as refused:
        commands.place_quote(ctx(KIM), PlaceQuote(bad, "one_day"))
    assert sorted(line.field for line in refused.value.lines) == ["customer", "item", "quantity", "wanted_on"]
    with pytest.raises(AskRefused) as refused:
        commands.place_quote(ctx(KIM), PlaceQuote(given.question(-5, pack="crate"), "one_day"))
    assert sorted(line.field for line in refused.value.lines) == ["pack", "quantity"]
    for wrong in (given.question("1.5"), given.question(wanted_on=date(2027, 3, 1)), given.question(customer="")):
        with pytest.raises(AskRefused):
            commands.place_quote(ctx(KIM), PlaceQuote(wrong, "one_day"))
    with pytest.raises(Invalid):
        given.quote(1, "someday")
    with pytest.raises(NotPermitted):
        commands.place_quote(ctx(CY), PlaceQuote(given.question(1), "one_day"))
    assert given.rows() == before


def test_a_pack_of_the_items_tree_counts_in_base_units():
    given.house(100)
    supply.case(given.item_id(), 20)
    assert given.quote(2, pack="case").units == 40


def test_a_customer_holds_no_more_than_his_tier_may():
    given.house(100)
    sql.execute("INSERT INTO promise_quotelimits (tier, minutes, most_quotes, most_units) VALUES ('B', 5, 2, 50)")
    given.quote(30)
    with pytest.raises(QuoteLimit, match="holds 30 units in 1 quotes"):
        given.quote(21)
    given.quote(20)
    with pytest.raises(QuoteLimit):
        given.quote(1)


def test_a_substitute_needs_the_customers_consent():
    at = given.house(10)
    other = outbound.item("V-201")
    outbound.receive(at, other, 50, "1")
    sql.execute(
        "INSERT INTO catalog_substitute (item_id, replaces_with_id, ratio_num, ratio_den, needs_consent) "
        "VALUES (%s, %s, 1, 1, true)",
        (given.item_id(), other),
    )
    with pytest.raises(NoSuchOption, match="not agreed"):
        given.quote(40, "substitute")
    sql.execute("UPDATE parties_customerterms SET substitutes = 'yes'")
    done = given.quote(40, "substitute")
    assert (done.units, done.on_hand_units) == (40, 40)
    assert sql.fetch_all("SELECT item_id = %s, units FROM promise_quotepart ORDER BY id", (other,)) == [
        (False, 10), (True, 30),
    ]  # fmt: skip


def test_a_day_that_is_full_is_promised_only_by_those_who_may_with_a_reason():
    at = given.house(100)
    _one_picker(at.site, load=9 * 3600)
    assert given.quote(10).ships_on == date(2026, 3, 3)
    rush = PlaceQuote(given.question(10), "one_day", override="The hospital waits")
    with pytest.raises(NotPermitted):
        commands.place_quote(ctx(KIM), rush)
    done = commands.place_quote(ctx(LOU), rush)
    assert done.ships_on == given.TODAY
    assert why(f"promise.quote:{done.quote_id}")[0].detail["override"] == "The hospital waits"
    [one] = overrides_after([0], now=NOW)
    assert (one.kind, one.made_by, one.reason, one.outcome) == (
        "capacity",
        "Lou Sales",
        "The hospital waits",
        "no line",
    )
    assert one.broken.startswith(f"By promise/3 {done.number} leaves another day: Mon 2 Mar is full")
    assert queries_replay.replay(10).differing == []


def _one_picker(site: int, *, load: int) -> None:
    sql.execute(
        "INSERT INTO tasks_capacity (site_id, kind, weekday, shift, people, hours) "
        "SELECT %s, 'pick', d, 'day', 1, %s FROM generate_series(0, 4) AS d",
        (site, Decimal(9)),
    )
    sql.execute(
        "INSERT INTO tasks_task (kind, origin, site_id, lpn_id, units, priority, standard_seconds, sequence, "
        "end_sequence) VALUES ('pick', 'x', %s, 0, 0, 5, %s, 0, 0)",
        (site, load),
    )
