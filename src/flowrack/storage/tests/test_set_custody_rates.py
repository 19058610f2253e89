"""What an owner is charged follows from the moves of his goods and the rates of each day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import BO, NED, OZ, bearer, ctx, signed_in

from flowrack.ledger import steps as ledger
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.storage import commands_custody as commands
from flowrack.storage import queries_custody, rules_custody
from flowrack.storage.rules_custody import Rates, Standing
from flowrack.storage.tests import zed
from flowrack.storage.types_custody import BadCustody, SetCustodyRates

pytestmark = pytest.mark.django_db


def day(n: int) -> date:
    return date(2026, 3, n)


def agree(n: int, *charges: str) -> int:
    return commands.set_custody_rates(ctx(OZ), SetCustodyRates("ZED", day(n), *map(Decimal, charges))).rates_id


@pytest.fixture
def at() -> outbound.House:
    house = outbound.house()
    item = outbound.item("V-200")
    sql.execute("INSERT INTO catalog_packlevel (item_id, level, factor) VALUES (%s, 'pallet', 40)", (item,))
    zed.owner()
    outbound.receive(house, item, 500, "1")
    return house


def test_pallets_are_counted_day_by_day_from_the_moves(at):
    zed.take(at, 40, day(2), pallet="P-1")
    zed.take(at, 90, day(2))
    zed.take(at, 40, day(4), pallet="P-2")
    zed.give(at, 20, day(5), pallet="P-1")
    zed.give(at, 20, day(6), pallet="P-1")
    owner = queries_custody.owners()[0].id
    assert queries_custody.days_of(owner, at.site, day(1), day(7)) == [
        Standing(day(1), 0, 0, 0, 0),
        Standing(day(2), 4, 130, 4, 0),  # one with a code, and three started ones of 40
        Standing(day(3), 4, 130, 0, 0),
        Standing(day(4), 5, 170, 1, 0),
        Standing(day(5), 5, 150, 0, 1),  # a part of a pallet left: it was handled, and still stands there
        Standing(day(6), 4, 130, 0, 1),
        Standing(day(7), 4, 130, 0, 0),
    ]


def test_what_was_reversed_neither_came_nor_left(at):
    wrong = zed.take(at, 40, day(2), pallet="P-1")
    ledger.reverse(ctx(BO, now=zed.on(day(3))), wrong.posting_id)
    zed.take(at, 80, day(3))
    back = zed.give(at, 40, day(4))
    ledger.reverse(ctx(BO, now=zed.on(day(4))), back.posting_id)
    owner = queries_custody.owners()[0].id
    assert queries_custody.days_of(owner, at.site, day(2), day(4)) == [
        Standing(day(2), 1, 40, 0, 0),  # it stood there until it was reversed
        Standing(day(3), 2, 80, 2, 0),
        Standing(day(4), 2, 80, 0, 0),
    ]


def test_each_day_is_charged_by_the_rates_that_count_on_it():
    days = [Standing(day(n), 4, 100, n == 2, n == 3) for n in (1, 2, 3)]
    rates = [
        Rates(day(3), Decimal("0.50"), Decimal(2), Decimal(3)),
        Rates(day(2), Decimal("0.333"), Decimal(1), Decimal(1)),
    ]
    charged = rules_custody.charge(days, rates)
    assert [(one.storage, one.handling) for one in charged] == [
        (None, None), (Decimal("1.33"), Decimal("1.00")), (Decimal("2.00"), Decimal("3.00")),
    ]  # fmt: skip
    assert rules_custody.total(charged) == (Decimal("3.33"), Decimal("4.00"))


def test_rates_of_a_day_are_replaced_and_bad_ones_refused(at):
    first = agree(1, "0.45", "2", "2")
    assert agree(1, "0.55", "2", "2") == first
    assert [rate.pallet_day for rate in queries_custody.rates_of(queries_custody.owners()[0].id)] == [Decimal("0.55")]
    with pytest.raises(BadCustody) as refused:
        commands.set_custody_rates(ctx(OZ), SetCustodyRates("ACME", day(1), Decimal(-1), Decimal(0), Decimal(0)))
    assert [line.field for line in refused.value.lines] == ["owner", "pallet_day"]
    with pytest.raises(NotPermitted):
        commands.set_custody_rates(ctx(BO), SetCustodyRates("ZED", day(1), Decimal(1), Decimal(0), Decimal(0)))


def test_the_statement_of_an_owner_is_a_page_and_an_answer(at, client):
    zed.take(at, 100, day(2))
    agree(1, "0.50", "2", "3")
    owner = queries_custody.owners()[0].id
    page = signed_in(NED).get(f"/stock-of-others/statements/{owner}?since=2026-03-01&until=2026-03-03").content.decode()
    for words in ("Statement of ZED Ltd", "Pallet-days", "To charge", "9.00"):
        assert words in page, words
    site = sql.fetch_value("SELECT code FROM locations_site WHERE id = %s", (at.site,))
    url = f"/api/v1/custody/statement?owner=ZED&site={site}&since=2026-03-01&until=2026-03-03"
    told = client.get(url, headers=bearer(NED)).json()
    assert (told["pallet_days"], told["storage"], told["handling"]) == (6, "3.00", "6.00")
    assert signed_in(NED).get(f"/stock-of-others/statements/{owner}?since=x").status_code == 422
    assert signed_in(NED).get("/stock-of-others/statements/999").status_code == 404
    form = {"owner": "ZED", "valid_from": "2026-04-01", "pallet_day": "0.6", "pallet_in": "2", "pallet_out": "2"}
    assert signed_in(OZ).post("/stock-of-others/rates", {**form, "idempotency_key": "a"}).status_code == 303
