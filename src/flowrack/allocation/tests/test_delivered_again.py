"""An event that comes again after a killed worker finds others waiting than the first time, and is finished."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, MAY, ctx

from flowrack.ledger.verify import verify
from flowrack.platform import outbox, sql
from flowrack.sales import commands_holds
from flowrack.sales.types_holds import PlaceHolds, ReleaseHolds

pytestmark = pytest.mark.django_db(transaction=True)


def test_released_lines_are_promised_once_though_another_order_was_served_meanwhile():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 10, "1")
    mine = outbound.order(at.site, outbound.customer("MINE"), ("4711", 15))
    other = outbound.order(at.site, outbound.customer("OTHER"), ("4711", 10))
    outbox.drain()
    [hold_id] = commands_holds.place_holds(ctx(ADA), PlaceHolds("wait", [mine.order_id], [])).hold_ids
    commands_holds.release_holds(ctx(MAY), ReleaseHolds([hold_id], "confirmed"))
    outbox.drain()
    assert outbound.counts(mine.line_ids[0]) == {"units": 15, "waiting": 5, "allocated": 10}
    outbound.receive(at, item, 10, "1")
    outbound.allocate(at.site, other)
    assert outbox.drain() == 2, "the run was heard of, and the other line has its first promise"
    records = sql.fetch_value("SELECT count(*) FROM platform_commandrecord")
    sql.execute("UPDATE platform_outboxevent SET done_at = NULL WHERE kind = 'sales.holds_ended'")
    assert outbox.drain() == 1
    assert outbound.counts(mine.line_ids[0]) == {"units": 15, "waiting": 5, "allocated": 10}
    assert outbound.counts(other.line_ids[0]) == {"units": 10, "allocated": 10}
    assert sql.fetch_value("SELECT count(*) FROM platform_commandrecord") == records
    assert not verify()
