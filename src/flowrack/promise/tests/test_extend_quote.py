"""A quote is held longer, as often as the limits of the customer's tier allow."""

from datetime import timedelta

import pytest
from tests.cast import ADA, CY, KIM, NOW, bearer, ctx, signed_in

from flowrack.platform import sql
from flowrack.promise import commands, commands_setup
from flowrack.promise.tests import given
from flowrack.promise.types import EndQuote, ExtendQuote, QuoteLimit, QuoteNotFound, QuoteOver, SetQuoteLimits
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_quote_lasts_its_minutes_once_more_from_now_on():
    given.house(100)
    held = given.quote(40)
    later = ctx(KIM, "k", now=NOW + timedelta(minutes=20))
    done = commands.extend_quote(later, ExtendQuote(held.quote_id))
    assert commands.extend_quote(later, ExtendQuote(held.quote_id)) == done
    assert (done.expires_at - NOW, done.extensions_left) == (timedelta(minutes=50), 0)
    assert (given.state_of(held.quote_id), given.committed()) == ("open", 40)
    with pytest.raises(QuoteLimit) as refused:
        commands.extend_quote(ctx(KIM), ExtendQuote(held.quote_id))
    assert refused.value.message == "A quote of a customer of tier B may be extended once."


def test_the_policy_of_the_tier_says_how_often():
    given.house(100)
    held = given.quote(40)
    commands_setup.set_quote_limits(ctx(ADA), SetQuoteLimits("B", 7, 9, 900, 0))
    with pytest.raises(QuoteLimit) as refused:
        commands.extend_quote(ctx(KIM), ExtendQuote(held.quote_id))
    assert refused.value.message == "A quote of a customer of tier B may not be extended."
    commands_setup.set_quote_limits(ctx(ADA), SetQuoteLimits("B", 7, 9, 900, 3))
    left = [commands.extend_quote(ctx(KIM), ExtendQuote(held.quote_id)).extensions_left for _ in range(3)]
    assert left == [2, 1, 0]
    assert sql.fetch_value("SELECT expires_at FROM promise_quote") == held.expires_at, "never shorter than it was"


def test_what_is_over_or_not_ones_own_is_refused():
    given.house(100)
    held = given.quote(40)
    with pytest.raises(NotPermitted):
        commands.extend_quote(ctx(CY), ExtendQuote(held.quote_id))
    with pytest.raises(QuoteNotFound):
        commands.extend_quote(ctx(KIM), ExtendQuote(held.quote_id + 1))
    with pytest.raises(QuoteOver):
        commands.extend_quote(ctx(KIM, now=held.expires_at), ExtendQuote(held.quote_id))
    commands.release_quote(ctx(KIM), EndQuote(held.quote_id))
    with pytest.raises(QuoteOver):
        commands.extend_quote(ctx(KIM), ExtendQuote(held.quote_id))
    assert sql.fetch_value("SELECT extended FROM promise_quote") == 0


def test_page_and_api_extend(client):
    given.house(100)
    held = given.quote(40)
    sql.execute("UPDATE promise_quote SET placed_at = now(), expires_at = now() + interval '5 minutes'")
    kim = signed_in(KIM)
    url = f"/promise/quotes/{held.quote_id}"
    assert "Hold 30 minutes more" in kim.get(url).content.decode()
    assert kim.post(f"{url}/extend", {"idempotency_key": "a"}).status_code == 303
    assert "It cannot be held longer: quotes of tier B are extended once at most." in kim.get(url).content.decode()
    answer = client.post(f"/api/v1/promises/quotes/{held.quote_id}/extend", headers=bearer(KIM))
    assert (answer.status_code, answer.json()["code"]) == (409, "quote_limit")


def test_the_limits_have_a_page():
    given.house(100)
    ada = signed_in(ADA)
    page = ada.get("/promise/quote-limits").content.decode()
    assert "Limits of quotes" in page and 'value="5000"' in page
    grid = {"grid-tier": ["B"], "grid-minutes": ["7"], "grid-extensions": ["2"], "grid-most_quotes": ["3"],
            "grid-most_units": ["1,200"], "idempotency_key": "a"}  # fmt: skip
    assert ada.post("/promise/quote-limits", grid).status_code == 303
    assert sql.fetch_all("SELECT tier, minutes, most_quotes, most_units, extensions FROM promise_quotelimits") == [
        ("B", 7, 3, 1200, 2)
    ]
    bad = ada.post("/promise/quote-limits", {**grid, "grid-minutes": ["soon"], "idempotency_key": "b"})
    assert (bad.status_code, "“soon” is no count." in bad.content.decode()) == (422, True)
    assert signed_in(KIM).get("/promise/quote-limits").status_code == 403
