"""Looking orders up by the beginning of their number: the newest come first."""

from __future__ import annotations

import pytest
from tests import outbound

from flowrack.platform.lookup import EVERYWHERE, FEW
from flowrack.sales import queries

pytestmark = pytest.mark.django_db


def test_the_newest_of_those_that_begin_so_come_first():
    at = outbound.house()
    outbound.item("4711")
    outbound.customer()
    numbers = [outbound.order(at.site, "ACME", ("4711", 1)).number for _ in range(FEW + 2)]
    assert [one.code for one in queries.look_up("so-", EVERYWHERE)] == numbers[::-1][:FEW]
    assert [one.code for one in queries.look_up(numbers[0], EVERYWHERE)] == [numbers[0]]
    assert queries.look_up("SO-", frozenset({at.site + 1})) == []
