"""Goods of another owner come in as his: nothing of them is promised, allocated, sent or valued for anybody else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import ADA, BO, EVE, KIM, NOW, bearer, ctx, signed_in

from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.promise import commands as promise
from flowrack.promise import queries_ask
from flowrack.promise.types import NoSuchOption, PlaceQuote, Question
from flowrack.shared.errors import FlowrackError, NotPermitted
from flowrack.shipping.commands.direct import ship_from_stock
from flowrack.shipping.types import ShipFromStock
from flowrack.storage import commands_custody as commands
from flowrack.storage.tests import zed
from flowrack.storage.types_custody import BadCustody, CustodyLine, TakeIn

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


@pytest.fixture
def at() -> outbound.House:
    house = outbound.house()
    outbound.item("V-200")
    outbound.customer()
    zed.owner()
    return house


def test_what_comes_in_is_his_and_has_no_value(at):
    value = sql.fetch_value("SELECT coalesce(sum(value), 0) FROM ledger_book WHERE account = 'inventory'")
    done = zed.take(at, 100, DAY, pallet="P-1")
    assert done.units == 100
    found = sql.fetch_all(
        "SELECT p.code, c.on_hand, n.code FROM ledger_cell c JOIN parties_party p ON p.id = c.owner_id "
        "JOIN locations_lpn n ON n.id = c.lpn_id WHERE NOT c.is_virtual AND c.on_hand > 0"
    )
    assert found == [("ZED", 100, "P-1")]
    after = sql.fetch_value("SELECT coalesce(sum(value), 0) FROM ledger_book WHERE account = 'inventory'")
    assert (after, sql.fetch_value("SELECT sum(value) FROM ledger_move")) == (value, Decimal(0))
    assert verify() == []


def test_it_is_promised_to_nobody_else(at):
    zed.take(at, 100, DAY)
    question = Question("ACME", "V-200", Decimal(40))
    found = queries_ask.answered(queries_ask.understand(question, NOW), NOW)
    assert [option.parts for option in found.answer.options] == [(), (), ()]
    with pytest.raises(NoSuchOption):
        promise.place_quote(ctx(KIM), PlaceQuote(question, "one_day"))


def test_it_is_allocated_and_sent_to_nobody_else(at):
    zed.take(at, 100, DAY)
    order = outbound.order(at.site, "ACME", ("V-200", 40))
    outbound.allocate(at.site, order)
    assert outbound.counts(order.line_ids[0]) == {"units": 40, "waiting": 40}
    with pytest.raises(FlowrackError):
        ship_from_stock(ctx(ADA), ShipFromStock(at.site, [order.order_id]))
    outbound.receive(at, sql.fetch_value("SELECT id FROM catalog_item WHERE sku = 'V-200'"), 30, "1")
    outbound.allocate(at.site, order)
    assert outbound.counts(order.line_ids[0]) == {"units": 40, "waiting": 10, "allocated": 30}
    outbound.pick_all(outbound.release(at.site, order))
    mine, his = sql.fetch_all(
        "SELECT owner_id = 1, sum(on_hand)::int FROM ledger_cell WHERE NOT is_virtual GROUP BY 1 ORDER BY 1 DESC"
    )
    assert (mine, his) == ((True, 30), (False, 100)), "the picker took ours"
    assert verify() == []


def test_every_bad_line_is_named_and_nothing_is_posted(at):
    outbound.item("LOT", tracking="lot")
    lines = [
        CustodyLine("NO", 5, "NOWHERE"),
        CustodyLine("V-200", 0, zed.place(at)),
        CustodyLine("LOT", 1, zed.place(at)),
    ]
    with pytest.raises(BadCustody) as refused:
        commands.take_in(ctx(BO), TakeIn(at.site, "ACME", lines))
    assert [(line.line, line.field) for line in refused.value.lines] == [
        (0, "owner"), (1, "item"), (1, "place"), (2, "units"), (3, "lot"),
    ]  # fmt: skip
    with pytest.raises(BadCustody):
        commands.take_in(ctx(BO), TakeIn(at.site, "OWN", []))
    with pytest.raises(NotPermitted):
        commands.take_in(ctx(EVE), TakeIn(at.site, "ZED", [CustodyLine("V-200", 1, zed.place(at))]))
    assert sql.fetch_value("SELECT count(*) FROM ledger_move") == 0


def test_page_and_api_take_in(at, client):
    bo = signed_in(BO)
    grid = {f"grid-{name}": [""] for name in ("pallet", "lot", "expires_on")}
    form = {"owner": "ZED", "site": at.site, "grid-item": ["V-200"], "grid-units": ["12"], **grid,
            "grid-place": [zed.place(at)], "idempotency_key": "a"}  # fmt: skip
    assert bo.post("/stock-of-others/take-in", form).status_code == 303
    page = bo.get("/stock-of-others").content.decode()
    assert "ZED Ltd" in page and "V-200" in page
    bad = bo.post("/stock-of-others/take-in", {**form, "grid-units": ["1.000"], "idempotency_key": "b"})
    assert (bad.status_code, "“1.000” may be 1,000 or 1." in bad.content.decode()) == (422, True)
    site = sql.fetch_value("SELECT code FROM locations_site WHERE id = %s", (at.site,))
    body = {"site": site, "owner": "ZED", "lines": [{"item": "V-200", "units": 3, "place": zed.place(at)}]}
    answer = client.post("/api/v1/custody/take-in", body, "application/json", headers=bearer(BO))
    assert (answer.status_code, answer.json()["units"]) == (200, 3)
