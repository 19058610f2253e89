"""follow_free: what becomes free is promised by itself, suggested, or left, as the mode of the item says."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import KIM, MAY, ctx

from flowrack.allocation import commands_modes
from flowrack.allocation.tests import modebook
from flowrack.allocation.types_modes import FollowFree
from flowrack.ledger.verify import verify
from flowrack.platform import outbox, sql
from flowrack.sales import commands_changes
from flowrack.sales.types import ChangeLine
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_happens_where_the_mode_is_off():
    scene = modebook.Scene()
    scene.cancel()
    assert scene.promised() == [0, 0]
    assert not sql.fetch_value("SELECT count(*) FROM platform_commandrecord WHERE command = 'allocation.follow_free'")


def test_a_cancellation_serves_the_next_in_rank_by_itself():
    scene = modebook.Scene()
    modebook.force(scene.site, "automatic")
    scene.cancel()
    assert scene.promised() == [10, 0]
    assert not verify()


def test_fewer_units_of_a_line_serve_the_next_in_rank_by_themselves():
    at = outbound.house()
    outbound.item("V-200")
    outbound.receive(at, sql.fetch_value("SELECT id FROM catalog_item WHERE sku = 'V-200'"), 100, "1", "reserve1")
    outbound.customer("ACME")
    first = outbound.order(at.site, "ACME", ("V-200", 100))
    outbound.allocate(at.site)
    second = outbound.order(at.site, "ACME", ("V-200", 60))
    modebook.force(at.site, "automatic")
    outbox.drain()
    assert outbound.counts(second.line_ids[0]) == {"units": 60, "waiting": 60}
    commands_changes.change_line(ctx(KIM), ChangeLine(first.line_ids[0], 40))
    outbox.drain()
    assert outbound.counts(second.line_ids[0]) == {"units": 60, "allocated": 60}


def test_a_new_order_is_served_by_itself_where_stock_is_free():
    scene = modebook.Scene()
    modebook.force(scene.site, "automatic")
    scene.cancel()
    outbound.receive(scene.at, scene.item, 50, "1")
    late = outbound.order(scene.site, "BIG", ("4711", 5))
    outbox.drain()
    assert outbound.counts(late.line_ids[0]) == {"units": 5, "allocated": 5}


def test_where_it_suggests_nothing_is_promised_and_a_newer_suggestion_takes_its_place():
    scene = modebook.Scene()
    modebook.force(scene.site, "suggest")
    scene.cancel()
    assert scene.promised() == [0, 0]
    assert modebook.open_units() == [(10, [(scene.big, 10)])]
    outbound.receive(scene.at, scene.item, 7, "1")
    modebook.follow(scene.site, scene.item)
    assert [units for units, _ in modebook.open_units()] == [17]
    assert sql.fetch_all("SELECT state FROM allocation_suggestion ORDER BY id") == [("replaced",), ("open",)]


def test_a_class_of_items_has_a_mode_of_its_own():
    scene = modebook.Scene()
    modebook.force(scene.site, "automatic")
    modebook.force(scene.site, "off", velocity="C")  # items are of class C unless somebody says otherwise
    scene.cancel()
    assert scene.promised() == [0, 0]


def test_only_flowrack_itself_follows():
    scene = modebook.Scene()
    with pytest.raises(NotPermitted):
        commands_modes.follow_free(ctx(MAY), FollowFree(scene.site, [scene.item], "x"))
