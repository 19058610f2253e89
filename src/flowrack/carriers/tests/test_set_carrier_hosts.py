"""set_carrier_hosts: only the administrator says which machines are ever called."""

from __future__ import annotations

import pytest
from tests.cast import PAM, QUIN, ctx, signed_in

from flowrack.carriers import commands_live, queries_live
from flowrack.carriers.tests import accounts
from flowrack.carriers.tests.house import carrier
from flowrack.carriers.types_live import AllowedHost, BadHost, SetHosts
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)
NORTH = AllowedHost("rates.north.example", 443)


def test_bad_hosts_are_named_by_line():
    with pytest.raises(BadHost) as refused:
        commands_live.set_carrier_hosts(
            ctx(QUIN), SetHosts([NORTH, AllowedHost("a b", 0), AllowedHost("Rates.North.example", 443)])
        )
    assert [(bad.line, bad.field) for bad in refused.value.lines] == [(2, "host"), (2, "port"), (3, "host")]
    with pytest.raises(NotPermitted):
        commands_live.set_carrier_hosts(ctx(PAM), SetHosts([NORTH]))
    assert queries_live.hosts() == []


def test_a_host_that_an_account_names_stays():
    carrier()
    accounts.account(is_on=False)
    with pytest.raises(BadHost, match=r"rates\.north\.example/v1, which would not be allowed"):
        accounts.allowed(AllowedHost("other.example", 443))
    assert queries_live.hosts() == [NORTH]


def test_the_page_keeps_the_list():
    page = signed_in(QUIN)
    rows = {
        "grid-host": ["rates.north.example", "10.0.0.7"], "grid-port": ["", "8080"], "grid-is_inside": ["", "yes"],
    }  # fmt: skip
    said = page.get("/carrier-systems/hosts").content.decode()
    assert "Only these are ever called" in said
    done = page.post("/carrier-systems/hosts", rows)
    assert done.status_code == 303
    assert queries_live.hosts() == [AllowedHost("10.0.0.7", 8080, is_inside=True), NORTH]
