"""check_addresses: orders wait while their address is in doubt, and go on when somebody mended it."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import PAM, ctx

from flowrack.parties import commands as parties
from flowrack.parties.types import SaveAddress
from flowrack.platform import sql
from flowrack.sales.tests import desk

pytestmark = pytest.mark.django_db(transaction=True)


def save(*, to_check: bool) -> None:
    customer = sql.fetch_value("SELECT id FROM parties_party WHERE code = 'ACME'")
    address = SaveAddress(customer, "DOOR", "Acme, back door", is_default=True, is_to_check=to_check)
    parties.save_address(ctx(PAM), address)
    desk.tell()


def test_orders_take_the_default_address_and_wait_while_it_is_to_be_checked():
    at = desk.house()
    save(to_check=True)
    order = outbound.order(at.site, "ACME", (desk.ITEM, 5))
    assert desk.standing() == [("address", 0, "Address DOOR is marked to be checked.")]
    assert outbound.allocate(at.site, order).units == 0
    save(to_check=False)
    assert desk.standing() == []
    assert outbound.counts(order.line_ids[0]) == {"units": 5, "allocated": 5}


def test_an_address_that_is_marked_later_holds_the_orders_that_go_there():
    at = desk.house()
    save(to_check=False)
    outbound.order(at.site, "ACME", (desk.ITEM, 5))
    outbound.order(at.site, "BETA", (desk.ITEM, 5))
    assert desk.standing() == []
    save(to_check=True)
    assert len(desk.standing()) == 1
