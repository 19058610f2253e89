from datetime import date

import pytest
from tests.cast import ADA, KIM, ctx

from flowrack.platform import sql
from flowrack.promise import commands_setup as commands
from flowrack.promise.tests import given
from flowrack.promise.types import SetClosed
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


def test_a_closed_day_moves_the_promise_and_can_be_opened_again():
    at = given.house(10)
    commands.set_closed(ctx(ADA), SetClosed(at.site, DAY, "Stocktaking"))
    assert given.quote(1).ships_on == date(2026, 3, 3)
    commands.set_closed(ctx(ADA), SetClosed(at.site, DAY, "Inventory"))
    assert sql.fetch_all("SELECT reason FROM promise_closedday") == [("Inventory",)]
    assert commands.set_closed(ctx(ADA), SetClosed(at.site, DAY, "")).count == 1
    assert given.quote(1).ships_on == DAY
    with pytest.raises(NotPermitted):
        commands.set_closed(ctx(KIM), SetClosed(at.site, DAY, "no"))
