"""claim_missing: what of a transfer never arrived is the sender's loss, at the value with which it left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from tests.cast import BO, EVE, HAL, NOW, bearer, ctx, signed_in
from tests.supply import counts_of, item, standing

from flowrack.ledger.tests.house import house, receive
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotFound, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands_transfers as commands
from flowrack.storage import queries_transfers as queries
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfers import (
    ArrivedLine,
    ClaimMissing,
    NothingMissing,
    NotOnTheWay,
    ReceiveSent,
    SendStock,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """500 left W1 for W2 at 2.00 each."""
    here, there, hose = house("W1"), house("W2"), item("V-200")
    receive(here, hose, 500, "2", "reserve1")
    line = StockAt(here.places["reserve1"], hose, Units(500))
    sent = commands.send_stock(ctx(BO), SendStock(here.site, there.site, [line]))
    return here, there, hose, sent.transfer_id


def arrive(here, there, hose, units: int) -> None:
    lines = [ArrivedLine(hose, Units(units))]
    commands.receive_sent(ctx(BO), ReceiveSent(there.site, here.site, there.places["receiving1"], lines))


def test_twelve_of_500_do_not_come_and_are_lost_for_the_sender(scene):
    here, there, hose, transfer_id = scene
    arrive(here, there, hose, 488)
    req = ClaimMissing(transfer_id, "one case was not on the truck")
    done = commands.claim_missing(ctx(HAL, "k"), req)
    assert (done.units, done.value, done.number[:3]) == (12, Decimal(24), "TC-")
    assert commands.claim_missing(ctx(HAL, "k"), req) == done
    assert standing(hose) == {("receiving-1", "receiving"): 488}
    lost = "SELECT value FROM ledger_book WHERE item_id = %s AND site_id = %s AND account = 'adjustment'"
    assert sql.fetch_value(lost, (hose, here.site)) == Decimal(24)
    assert list(verify()) == []
    [row] = queries.transfers([transfer_id])
    assert (row.state, row.left, row.missing, row.claim) == ("short", 0, 12, f"{done.number}, open")
    with pytest.raises(NothingMissing, match="was claimed before"):
        commands.claim_missing(ctx(HAL), req)
    with pytest.raises(NotOnTheWay):
        arrive(here, there, hose, 1)


def test_what_is_refused_leaves_no_trace(scene):
    here, there, hose, transfer_id = scene
    req = ClaimMissing(transfer_id, "nobody knows")
    with pytest.raises(NothingMissing, match="not due yet"):
        commands.claim_missing(ctx(HAL), req)
    arrive(here, there, hose, 488)
    before = counts_of()
    for who, kind, bad in (
        (BO, NotPermitted, req),
        (EVE, (NotFound, NotPermitted), req),
        (HAL, NotFound, replace(req, transfer_id=10**9)),
        (HAL, Invalid, replace(req, note=" ")),
        (HAL, Invalid, replace(req, carrier="NOPE")),
    ):
        with pytest.raises(kind):
            commands.claim_missing(ctx(who), bad)
    assert counts_of() == before and standing(hose)["TRANSIT", "in_transit"] == 12
    assert queries.to_claim_count(here.site, NOW + timedelta(days=4)) == 0
    assert queries.to_claim_count(here.site, NOW + timedelta(days=6)) == 1


def test_nothing_came_and_five_days_are_over(scene):
    *_, transfer_id = scene
    done = commands.claim_missing(ctx(HAL, now=NOW + timedelta(days=6)), ClaimMissing(transfer_id, "the truck burned"))
    assert (done.units, done.value, done.state) == (500, Decimal(1_000), "asked")


def test_above_a_small_value_somebody_who_neither_asked_nor_sent_the_goods_agrees_that_they_are_lost():
    here, there, hose = house("W1"), house("W2"), item("V-200")
    receive(here, hose, 500, "2", "reserve1")
    line = StockAt(here.places["reserve1"], hose, Units(500))
    transfer_id = commands.send_stock(ctx(HAL), SendStock(here.site, there.site, [line])).transfer_id
    arrive(here, there, hose, 374)
    req = ClaimMissing(transfer_id, "the truck burned")
    asked = commands.claim_missing(ctx(HAL), req)  # 126 at 2.00
    assert (asked.state, asked.value, asked.posting_id) == ("asked", Decimal(252), 0)
    assert standing(hose)["TRANSIT", "in_transit"] == 126
    assert queries.to_claim_count(here.site, NOW + timedelta(days=6)) == 0
    arrive(here, there, hose, 1)
    done = commands.claim_missing(ctx(HAL), req)
    assert (done.state, done.value, done.request) == ("open", Decimal(250), "")
    assert sql.fetch_all("SELECT number, state FROM storage_transferclaim ORDER BY id") == [
        (asked.number, "refused"), (done.number, "open"),
    ]  # fmt: skip
    assert sql.fetch_value("SELECT state FROM approvals_request WHERE number = %s", (asked.request,)) == "voided"


def test_a_transfer_is_due_until_the_day_is_over_where_it_left(scene):
    here, *_, transfer_id = scene
    sql.execute("UPDATE storage_transfer SET due_on = %s WHERE id = %s", (NOW.date(), transfer_id))
    sql.execute("UPDATE locations_site SET timezone = 'America/Los_Angeles' WHERE id = %s", (here.site,))
    evening = NOW.replace(hour=2) + timedelta(days=1)  # the next day in UTC, the same evening there
    with pytest.raises(NothingMissing, match="not due yet"):
        commands.claim_missing(ctx(HAL, now=evening), ClaimMissing(transfer_id, "nothing came"))
    done = commands.claim_missing(ctx(HAL, now=evening + timedelta(hours=8)), ClaimMissing(transfer_id, "nothing came"))
    assert done.units == 500


def test_the_page_offers_no_claim_while_nothing_came_and_nothing_is_due(scene):
    here, there, hose, transfer_id = scene
    sql.execute("UPDATE storage_transfer SET due_on = '2099-01-02' WHERE id = %s", (transfer_id,))
    browser = signed_in(HAL)
    assert "Claim what is missing" not in browser.get(f"/transfers/{transfer_id}").content.decode()
    arrive(here, there, hose, 488)
    assert "Claim what is missing" in browser.get(f"/transfers/{transfer_id}").content.decode()


def test_page_and_api_claim_through_the_same_command(scene, client):
    here, there, hose, transfer_id = scene
    arrive(here, there, hose, 488)
    browser = signed_in(HAL)
    assert "Claim what is missing" in browser.get(f"/transfers/{transfer_id}").content.decode()
    assert queries.transfers([transfer_id])[0].number in browser.get("/transfers/short").content.decode()
    form = {"note": "one case short", "carrier": "", "idempotency_key": uuid4().hex}
    assert browser.post(f"/transfers/{transfer_id}/claim", form).status_code == 303
    found = client.get(f"/api/v1/transfers/{transfer_id}", headers=bearer(HAL)).json()
    assert [(one["state"], one["units"]) for one in found["claims"]] == [("open", 12)]
    again = client.post(
        f"/api/v1/transfers/{transfer_id}/claim", {"note": "again"}, "application/json", headers=bearer(HAL)
    )
    assert (again.status_code, again.json()["code"]) == (409, "nothing_missing")
