"""Which addresses an account may have, and which machines are ever called."""

from __future__ import annotations

import pytest

from flowrack.carriers.rules_accounts import host_of, may_connect, where
from flowrack.carriers.types_live import AllowedHost


def test_plain_http_is_for_hosts_of_the_house_alone():
    inside, outside = AllowedHost("erp.local", 80, is_inside=True), AllowedHost("rates.example.com", 443)
    assert host_of("http://ERP.local/v1", [inside, outside]) == inside
    assert host_of("https://rates.example.com/v1", [inside, outside]) == outside
    assert host_of("http://rates.example.com:443/v1", [inside, outside]) is None
    assert host_of("https://rates.example.com.evil.example/v1", [inside, outside]) is None


@pytest.mark.parametrize(
    "address",
    ["", "rates.example.com", "https://u:p@rates.example.com", "https://rates.example.com/?x=1", "https://[::1]/",
     "https://rates.example.com/#a", "https://rates.example.com:99999", "https://rates.example.com\r\nX: y"],
)  # fmt: skip
def test_what_is_no_plain_address_is_none(address):
    assert where(address) is None


@pytest.mark.parametrize(
    ("ip", "outside", "inside"),
    [
        ("93.184.216.34", True, True), ("10.0.0.7", False, True), ("127.0.0.1", False, True),
        ("169.254.169.254", False, False), ("::1", False, True), ("::ffff:169.254.169.254", False, False),
        ("fe80::1%eth0", False, False), ("0.0.0.0", False, False), ("224.0.0.1", False, False),
        ("64:ff9b::a9fe:a9fe", False, False), ("64:ff9b::7f00:1", False, False), ("64:ff9b:1::a00:7", False, False),
        ("2002:a9fe:a9fe::1", False, False), ("2001:0:1::1", False, False), ("2606:2800:220:1::1", True, True),
    ],
)  # fmt: skip
def test_inside_addresses_need_a_word_and_link_local_ones_are_never_called(ip, outside, inside):
    assert (may_connect(ip, is_inside=False), may_connect(ip, is_inside=True)) == (outside, inside)
