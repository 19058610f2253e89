"""Carriers that are asked before the choice: their price counts, their no is a no; without an answer the card does."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from tests.cast import ADA, NOW, bearer, ctx

from flowrack.carriers import queries_choices, queries_live
from flowrack.carriers.tests import accounts, carrier
from flowrack.platform import sql
from flowrack.platform.outbox import drain
from flowrack.shipping import commands
from flowrack.shipping.tests.carriers import Case
from flowrack.shipping.types_carriers import ChooseCarriers

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


@pytest.fixture(scope="module")
def server() -> Iterator[carrier.System]:
    with carrier.running() as system:
        yield system


@pytest.fixture
def case(server: carrier.System, monkeypatch: pytest.MonkeyPatch) -> Case:
    """The house of carriers, with North's own system switched on."""
    monkeypatch.setenv(accounts.VARIABLE, carrier.SECRET)
    made = Case()
    server.seen = []
    accounts.account(server.port)
    return made


def options(order_id: int) -> list[tuple[str, str, Decimal | None, str]]:
    latest = queries_choices.latest_of([order_id])[order_id]
    assert queries_choices.differences(latest.choice_id) == []
    return [(o.service, o.source, o.price, o.why) for o in queries_choices.options_of(latest.choice_id)]


def test_after_a_release_the_carriers_own_prices_decide(case, server):
    server.prices(GROUND="5.10", AIR="8.80")
    order = case.released(("BOLT", 2))
    drain(now=NOW)
    assert options(order.order_id) == [
        ("Ground service", "live", D("5.10"), ""), ("Air service", "live", D("8.80"), ""),
    ]  # fmt: skip
    [call] = server.seen
    assert call.body["parcels"][0]["weight_g"] == 1_200
    latest = queries_choices.latest_of([order.order_id])[order.order_id]
    assert latest.words.endswith("at the price that the carrier gave")


def test_a_changed_price_decides_anew_once_the_old_answer_is_over(case, server, client):
    server.prices(GROUND="5.10", AIR="8.80")
    order = case.released(("BOLT", 2))
    drain(now=NOW)
    server.prices(GROUND="9.90", AIR="8.80")
    body = {"reason": "later", "order_ids": [order.order_id]}
    said = {"content_type": "application/json"}
    sql.execute("UPDATE carriers_liverate SET good_until = '2026-01-01T00:00:00Z'")
    changed = client.post("/api/v1/carrier-choices/again", body, headers=bearer(ADA), **said).json()["changed"]
    assert [(one["cost_before"], one["cost_after"]) for one in changed] == [("5.1000", "8.8000")]


def test_what_the_carrier_refuses_or_leaves_out_does_not_go(case, server):
    server.prices(AIR="8.80")
    order = case.released(("BOLT", 2))
    drain(now=NOW)
    assert options(order.order_id) == [
        ("Air service", "live", D("8.80"), ""), ("Ground service", "live", None, "carrier"),
    ]  # fmt: skip
    server.says({"message": "No pick-up this week"}, 422)
    other = case.released(("BOLT", 4))
    drain(now=NOW)
    assert [row[1:] for row in options(other.order_id)] == [("live", None, "carrier")] * 2
    found = queries_choices.options_of(queries_choices.latest_of([other.order_id])[other.order_id].choice_id)
    assert {one.words for one in found} == {"the carrier says: No pick-up this week"}


def test_without_an_answer_the_card_prices_and_says_so_and_after_two_failures_nobody_asks(case, server):
    server.says(b"oops", 500)
    orders = [case.released(("BOLT", n)) for n in (2, 4, 6)]
    drain(now=NOW)
    for order in orders:
        assert options(order.order_id)[0][:2] == ("Air service", "fallback")
    assert len(server.seen) == 2
    words = [queries_choices.latest_of([one.order_id])[one.order_id].words for one in orders]
    assert words[0].endswith("; by the rate card, for its system had an error (HTTP 500)")
    assert words[2].endswith("; by the rate card, for its system is left alone until 09:01 UTC")
    [account] = queries_live.accounts_on()
    assert (account.failures, account.breaker.is_open(NOW)) == (2, True)


def test_a_choice_that_nobody_asked_for_is_by_the_card_and_a_card_alone_asks_nobody(case, server):
    order = case.released(("BOLT", 2))
    commands.choose_carriers(ctx(ADA), ChooseCarriers([order.order_id]))
    assert [row[:2] for row in options(order.order_id)] == [("Air service", "fallback"), ("Ground service", "fallback")]
    assert queries_choices.latest_of([order.order_id])[order.order_id].words.endswith(
        "for nobody has asked the carrier"
    )
    assert server.seen == []
