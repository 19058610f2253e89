"""set_pick_rules: how a site and its zones are picked, as data."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, CY, bearer, ctx, signed_in

from flowrack.fulfilment import commands, queries_lists
from flowrack.fulfilment.types_lists import BadPickRule, PickRule, SetPickRules
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def zone(role: str) -> int:
    return outbound.value("SELECT id FROM locations_zone WHERE role = %s ORDER BY id LIMIT 1", role)


def test_a_zone_with_a_rule_of_its_own_is_picked_apart_and_brought_together():
    at = outbound.house()
    rules = [
        PickRule(method="discrete"),
        PickRule(zone("reserve"), "zone", positions=4, consolidation_id=at.places["staged2"], scan_bin=True),
    ]
    commands.set_pick_rules(ctx(ADA), SetPickRules(at.site, rules))
    assert queries_lists.rules_of(at.site) == rules
    outbound.receive(at, outbound.item("4711"), 5, "1", "forward_pick1")
    outbound.receive(at, outbound.item("6024"), 5, "1", "reserve1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 1), ("6024", 1))
    outbound.allocate(at.site, order)
    wave = outbound.release(at.site, order)
    rows = sql.fetch_all(
        "SELECT l.method, b.code, l.why FROM fulfilment_picklist l JOIN locations_location b ON b.id = l.place_id "
        "ORDER BY l.method"
    )
    assert rows == [
        ("discrete", "staged-1", "one order; the rule of the site is discrete"),
        ("zone", "staged-2", "one order; the rule of its zone is zone"),
    ]
    outbound.pick_all(wave)
    assert outbound.where(outbound.value("SELECT id FROM catalog_item WHERE sku = '6024'")) == {
        "reserve-1": 4, "staged-2": 1
    }  # fmt: skip


def test_a_batch_holds_goods_of_all_its_orders_in_one_tote():
    at = outbound.house()
    body = {"rules": [{"method": "batch"}]}
    path = f"/api/v1/sites/{at.site}/pick-rules"
    answer = signed_in(ADA).put(path, body, content_type="application/json", headers=bearer(ADA))
    assert answer.json() == {"site_id": at.site, "rules": 1}
    outbound.receive(at, outbound.item("4711"), 50, "1", "forward_pick1")
    outbound.customer()
    orders = [outbound.order(at.site, "ACME", ("4711", units)) for units in (2, 3)]
    outbound.allocate(at.site, *orders)
    outbound.pick_all(outbound.release(at.site, *orders), tote_id=outbound.tote(at.site))
    assert [outbound.counts(order.line_ids[0])["picked"] for order in orders] == [2, 3]


def test_bad_rules_are_named_line_by_line_and_change_nothing():
    at = outbound.house()
    commands.set_pick_rules(ctx(ADA), SetPickRules(at.site, [PickRule()]))
    asked = [
        PickRule(method="by feel"),
        PickRule(positions=27, lease_minutes=0),
        PickRule(zone_id=999_999, max_lines=0),
        PickRule(zone("reserve"), consolidation_id=at.places["reserve1"]),
        PickRule(zone("forward_pick"), scan_item=False),
    ]
    with pytest.raises(BadPickRule) as refused:
        commands.set_pick_rules(ctx(ADA), SetPickRules(at.site, asked))
    assert [(bad.line, bad.field) for bad in refused.value.lines] == [
        (1, "method"), (2, "positions"), (2, "lease_minutes"), (2, "zone_id"), (3, "zone_id"), (3, "max_lines"),
        (4, "consolidation_id"), (5, "scan_item"),
    ]  # fmt: skip
    with pytest.raises(NotPermitted):
        commands.set_pick_rules(ctx(CY), SetPickRules(at.site, []))
    assert queries_lists.rules_of(at.site) == [PickRule()]
