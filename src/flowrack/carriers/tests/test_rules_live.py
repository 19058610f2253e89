"""Breakers of carriers' own systems, and what an answer means for the choice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from flowrack.carriers.rules_choice import Why, choose
from flowrack.carriers.rules_live import Breaker, Live, Source, after, digest_of, live_of
from flowrack.carriers.rules_rates import Destination, Parcel
from flowrack.carriers.tests.test_rules_choice import CASE, CHEAP, DEAR

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
D = Decimal


def test_failures_in_a_row_open_the_breaker_and_an_answer_closes_it():
    said = {"most": 2, "seconds": 60}
    late = NOW + timedelta(seconds=60)
    assert after(Breaker(), ["timeout", "ok", "error"], NOW, **said) == Breaker(1, None)
    assert after(Breaker(1, None), ["garbage"], NOW, **said) == Breaker(2, late)
    assert after(Breaker(2, late), ["blocked", "skipped", "no_secret"], NOW, **said) == Breaker(2, late)
    assert after(Breaker(2, late), ["refused"], NOW, **said) == Breaker(0, None)
    assert (Breaker(2, late).is_open(NOW), Breaker(2, late).is_open(late)) == (True, False)


def test_the_price_of_the_carrier_turns_the_choice_and_so_do_his_days():
    chosen = choose(replace(CASE, live={1: Live(D("9.00"), 1), 2: Live(D("7.50"), 1)}), [CHEAP, DEAR]).chosen
    assert chosen is not None
    assert (chosen.service_id, chosen.freight, chosen.source) == (2, D("7.50"), Source.LIVE)
    slow = choose(replace(CASE, live={1: Live(D("4.00"), 3)}), [CHEAP, DEAR]).options
    late = next(one for one in slow if one.service_id == 1)
    assert (late.days_late, late.penalty, late.source) == (2, D("40"), Source.LIVE)
    assert next(one for one in slow if one.service_id == 2).source == Source.CARD


def test_his_no_is_a_reason_and_no_answer_leaves_the_card():
    said = {1: Live(refused="no pick-up"), 2: Live(missing="its system had an error")}
    first, second = choose(replace(CASE, live=said), [CHEAP, DEAR]).options
    assert (first.service_id, first.freight, first.source) == (2, D("8.00"), Source.FALLBACK)
    assert first.words.endswith("; by the rate card, for its system had an error")
    assert (second.why, second.words, second.price) == (Why.CARRIER, "the carrier says: no pick-up", None)


def test_an_answer_without_a_price_is_a_service_that_is_not_offered():
    assert live_of("ok", "1 of 2", D(5), 2) == Live(D(5), 2)
    assert live_of("ok", "1 of 2", None, None).refused == "does not offer this service for it"
    assert live_of("timeout", "too slow", None, None) == Live(missing="too slow")


def test_equal_goods_are_one_question_and_another_weight_place_or_day_another():
    goods, to, day = [Parcel(1_000), Parcel(2_000)], Destination("GB", "LS1"), date(2026, 3, 2)
    one = digest_of(1, "GB", to, goods, day)
    assert digest_of(1, "GB", to, goods[::-1], day) == one
    others = {
        digest_of(1, "GB", to, goods[:1], day), digest_of(1, "GB", Destination("GB", "LS2"), goods, day),
        digest_of(1, "GB", to, goods, day + timedelta(days=1)), digest_of(2, "GB", to, goods, day),
    }  # fmt: skip
    assert len(others | {one}) == 5
