"""What is sent instead has a promise as soon as it is reserved, and so has the line that it stands for."""

from __future__ import annotations

from datetime import date

import pytest
from tests.cast import KIM, ctx

from flowrack.allocation.tests.instead import accept, short
from flowrack.platform import sql
from flowrack.promise.tests import given
from flowrack.sales import commands_changes as sales
from flowrack.sales.types import ChangeLine

pytestmark = pytest.mark.django_db
MON, WED = date(2026, 3, 2), date(2026, 3, 4)


def test_a_line_of_which_nothing_waits_any_more_and_its_substitute_are_promised():
    here = short()
    sales.change_line(ctx(KIM), ChangeLine(here.line_id, 55))
    given.drain()
    assert given.promises() == [(None, None)], "20 wait, and nothing comes"
    accept(here, "A")
    assert here.lines() == [("P", 55, 35, 20, ""), ("S1", 20, 20, 0, "P")]
    given.drain()
    assert given.promises() == [(MON, MON), (MON, MON)]


@pytest.mark.parametrize(("policy", "line_on"), [("partial", WED), ("complete", MON)])
def test_what_was_told_of_the_line_stays_unless_the_order_leaves_as_one(policy, line_on):
    here = short()
    sales.change_line(ctx(KIM), ChangeLine(here.line_id, 35))
    given.drain()
    sales.change_line(ctx(KIM), ChangeLine(here.line_id, 55))
    given.drain()
    sql.execute("UPDATE sales_orderline SET promised_on = %s", (WED,))
    sql.execute("UPDATE promise_linepromise SET ships_on = %s, arrives_on = %s", (WED, WED))
    sql.execute("UPDATE sales_order SET policy = %s", (policy,))
    accept(here, "A")
    given.drain()
    assert [latest for _, latest in given.promises()] == [line_on, MON]
