"""Goods of another owner leave with him, and never more than he has."""

from __future__ import annotations

from datetime import date

import pytest
from tests import outbound
from tests.cast import BO, EVE, bearer, ctx

from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import FlowrackError, NotPermitted
from flowrack.storage import commands_custody as commands
from flowrack.storage.tests import zed
from flowrack.storage.types_custody import CustodyLine, GiveBack

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


@pytest.fixture
def at() -> outbound.House:
    house = outbound.house()
    item = outbound.item("V-200")
    zed.owner()
    outbound.receive(house, item, 500, "1")
    zed.take(house, 100, DAY, pallet="P-1")
    return house


def his() -> int:
    return int(
        sql.fetch_value("SELECT coalesce(sum(on_hand), 0)::int FROM ledger_cell WHERE owner_id <> 1 AND NOT is_virtual")
    )


def test_what_he_takes_is_gone(at):
    assert zed.give(at, 60, DAY, pallet="P-1").units == 60
    assert his() == 40
    assert verify() == []


def test_he_takes_nothing_that_is_not_his(at):
    for units, pallet in ((101, "P-1"), (1, "")):
        with pytest.raises(FlowrackError):
            zed.give(at, units, DAY, pallet=pallet)
    with pytest.raises(NotPermitted):
        commands.give_back(ctx(EVE), GiveBack(at.site, "ZED", [CustodyLine("V-200", 1, zed.place(at), "P-1")]))
    assert his() == 100


def test_the_api_gives_back(at, client):
    site = sql.fetch_value("SELECT code FROM locations_site WHERE id = %s", (at.site,))
    line = {"item": "V-200", "units": 30, "place": zed.place(at), "pallet": "P-1"}
    body = {"site": site, "owner": "ZED", "lines": [line]}
    assert client.post("/api/v1/custody/give-back", body, "application/json", headers=bearer(BO)).json()["units"] == 30
