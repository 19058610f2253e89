"""keep_carrier_answers: calls, prices and breakers; and a call that a person makes to try a system."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.cast import EVE, GUS, NOW, PAM, bearer, ctx, signed_in

from flowrack.carriers import commands_live, queries_live
from flowrack.carriers.tests import accounts, carrier
from flowrack.carriers.tests import house as tariffs
from flowrack.carriers.types_live import AccountNotFound, KeepAnswers, LiveAnswer, ServiceRate
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)
DIGEST = "d" * 64


@pytest.fixture(scope="module")
def server() -> Iterator[carrier.System]:
    with carrier.running() as system:
        yield system


def answer(account_id: int, outcome: str = "ok", total: str | None = "7.04") -> LiveAnswer:
    service_id = sql.fetch_value("SELECT id FROM parties_carrierservice WHERE code = 'GROUND'")
    rate = ServiceRate(service_id, Decimal(total) if total else None, 1 if total else None)
    return LiveAnswer(account_id, "rates", DIGEST, outcome, outcome, 200, 12, [rate])


def books() -> tuple[int, ...]:
    row = sql.fetch_one(
        "SELECT (SELECT count(*) FROM carriers_livecall), (SELECT count(*) FROM carriers_liverate),"
        " (SELECT sum(failures) FROM carriers_carrieraccount)"
    )
    return tuple(row or ())


def test_the_last_answer_counts_and_a_price_for_so_long_as_the_account_says():
    tariffs.carrier()
    tariffs.in_force()
    made = accounts.account()
    asked = [answer(made.account_id), answer(made.account_id, total="8.10")]
    commands_live.keep_carrier_answers(ctx(PAM, "k"), KeepAnswers(asked))
    commands_live.keep_carrier_answers(ctx(PAM, "k"), KeepAnswers(asked))
    [rate] = queries_live.rates_of(made.account_id, limit=5)
    assert (rate.service, rate.total, rate.good_until) == (
        "Ground service",
        Decimal("8.10"),
        NOW + timedelta(minutes=60),
    )
    assert books() == (2, 1, 0)
    assert queries_live.fresh([DIGEST], NOW) == {(made.account_id, DIGEST)}
    assert queries_live.fresh([DIGEST], NOW + timedelta(minutes=61)) == set()
    with pytest.raises(NotPermitted):
        commands_live.keep_carrier_answers(ctx(EVE), KeepAnswers(asked))
    with pytest.raises(AccountNotFound):
        commands_live.keep_carrier_answers(ctx(PAM), KeepAnswers([answer(10**9)]))
    assert books() == (2, 1, 0)


def test_a_person_tries_a_system_and_sees_what_it_said(server, client, monkeypatch):
    monkeypatch.setenv(accounts.VARIABLE, carrier.SECRET)
    tariffs.carrier()
    tariffs.in_force()
    sql.execute("UPDATE locations_site SET country = 'GB'")
    sql.execute(
        "INSERT INTO locations_site (code, name, country, timezone, is_active) SELECT 'MAIN', 'Main', 'GB', 'UTC', true"
        " WHERE NOT EXISTS (SELECT FROM locations_site)"
    )
    made = accounts.account(server.port, is_on=False)
    server.prices(GROUND="7.04")
    pam, url = signed_in(PAM), f"/carrier-systems/{made.account_id}"
    page = pam.post(f"{url}/test", follow=True).content.decode()
    assert "It answered: 7.04" in page
    assert "1 of 2 services priced" in page
    server.says(b"oops", 500)
    tried = client.post(f"/api/v1/carrier-accounts/{made.account_id}/tests", headers=bearer(PAM)).json()
    assert (tried["outcome"], tried["words"]) == ("error", "its system had an error (HTTP 500)")
    assert [(row.purpose, row.outcome) for row in queries_live.calls_of(made.account_id, limit=5)] == [
        ("test", "error"), ("test", "ok"),
    ]  # fmt: skip
    assert signed_in(GUS).post(f"{url}/test").status_code == 403
    assert books() == (2, 0, 1)
