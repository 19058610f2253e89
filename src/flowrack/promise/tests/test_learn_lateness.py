from datetime import date, timedelta

import pytest
from tests import outbound, supply
from tests.cast import BO, KIM, NOW, ctx

from flowrack.inbound.types import CountedLine
from flowrack.platform import outbox, sql
from flowrack.platform.outbox import context_for_system
from flowrack.platform.periodic import all_periodic, run_round
from flowrack.promise import commands_setup as commands
from flowrack.promise import jobs
from flowrack.promise.tests import given
from flowrack.promise.types import Learn
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def learned() -> dict[tuple[bool, bool], tuple[list[int], list[int]]]:
    rows = sql.fetch_all("SELECT supplier_id > 0, item_id > 0, days, lines FROM promise_lateness")
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def test_each_complete_delivery_is_as_late_as_its_last_unit():
    at = given.house(0)
    item, vendor = given.item_id(), supply.supplier()
    for late in (0, 0, 3):
        po = supply.approved(at.site, vendor, (item, 10, "4"), due=date(2026, 3, 4))
        for day, units in ((date(2026, 3, 3), 4), (date(2026, 3, 4) + timedelta(days=late), 6)):
            when = NOW.replace(day=day.day)
            supply.receive(po, at, CountedLine(Units(units), item), by=ctx(BO, now=when))
    done = commands.learn_lateness(context_for_system(NOW + timedelta(days=9), "a"), Learn())
    assert done.suppliers == 1
    assert learned() == {key: ([0, 3], [2, 1]) for key in ((True, True), (True, False), (False, False))}


def test_what_is_owed_counts_as_late_as_it_is_by_now_and_is_read_anew():
    at = given.house(0)
    given.po(at, 10, date(2026, 3, 4))
    commands.learn_lateness(context_for_system(NOW + timedelta(days=7), "a"), Learn())
    assert learned()[True, False] == ([5], [1])
    commands.learn_lateness(context_for_system(NOW + timedelta(days=1_000), "b"), Learn())
    assert learned() == {}
    with pytest.raises(NotPermitted):
        commands.learn_lateness(ctx(KIM), Learn())


def test_a_promise_that_learned_lateness_breaks_is_at_risk():
    at = given.house(0)
    item, vendor = given.item_id(), supply.supplier()
    awaited = supply.approved(at.site, vendor, (item, 40, "4"), due=date(2026, 3, 20))
    order = outbound.order(at.site, "ACME", ("V-200", 30))
    outbox.drain(now=NOW)
    other = outbound.item("V-900")
    for _ in range(3):
        po = supply.approved(at.site, vendor, (other, 10, "4"), due=date(2026, 3, 2))
        supply.receive(po, at, CountedLine(Units(10), other), by=ctx(BO, now=NOW + timedelta(days=14)))
    [job] = [one for one in all_periodic() if one.name == "promise.learn_lateness"]
    assert jobs
    run_round(job, NOW + timedelta(days=14, hours=1))
    found = sql.fetch_all(
        "SELECT order_line_id, po.number, left(reason, 41) FROM allocation_promiseexception e "
        "JOIN purchasing_poline l ON l.id = e.po_line_id JOIN purchasing_po po ON po.id = l.po_id"
    )
    assert found == [(order.line_ids[0], awaited.number, "Suppliers' deliveries were compared anew:")]
