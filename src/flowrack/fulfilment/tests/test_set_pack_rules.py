"""set_pack_rules: how packing is proved, by site and customer."""

from __future__ import annotations

import pytest
from django.db import IntegrityError
from tests.cast import ADA, GUS, Person, bearer, ctx, signed_in, user_id

from flowrack.fulfilment import commands, queries_packing
from flowrack.fulfilment.tests import packing
from flowrack.fulfilment.types import Pack, PackOrders
from flowrack.fulfilment.types_packing import BadPackRule, NotChecked, PackRuleOf, SetPackRules
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_most_exact_rule_holds():
    at = packing.staged()
    rules = [
        PackRuleOf(0, "", 30),
        PackRuleOf(at.site, "", 40),
        PackRuleOf(0, "ACME", 50, must_weigh=True),
    ]
    order = at.order.order_id
    for n, (permille, must) in enumerate([(20, False), (30, False), (40, False), (50, True)]):
        commands.set_pack_rules(ctx(ADA), SetPackRules(rules[:n]))
        now = queries_packing.rules_of([order])[order]
        assert (now.tolerance_permille, now.must_weigh) == (permille, must)


def test_bad_rules_are_named_and_nothing_changes():
    packing.staged()
    packing.rule(tolerance_permille=5)
    bad = [PackRuleOf(0, "NOBODY"), PackRuleOf(99, ""), PackRuleOf(tolerance_permille=501, least_g=-1), PackRuleOf()]
    with pytest.raises(BadPackRule) as refused:
        commands.set_pack_rules(ctx(ADA), SetPackRules(bad))
    assert [(line.line, line.field) for line in refused.value.lines] == [
        (1, "customer"), (2, "site"), (3, "customer"), (3, "tolerance_permille"), (3, "least_g"), (4, "customer"),
    ]  # fmt: skip
    with pytest.raises(NotPermitted):
        commands.set_pack_rules(ctx(GUS), SetPackRules([]))
    assert [one.tolerance_permille for one in queries_packing.pack_rules()] == [5]


def test_content_is_checked_unless_a_rule_says_why_not():
    at = packing.staged()
    unsaid = PackRuleOf(must_check=False)
    twice = PackRuleOf(at.site, unchecked_reason="The line scans every piece")
    with pytest.raises(BadPackRule) as refused:
        commands.set_pack_rules(ctx(ADA), SetPackRules([unsaid, twice]))
    assert [(line.line, line.field, line.message) for line in refused.value.lines] == [
        (1, "unchecked_reason", "Nobody says why cartons are closed without a check of their content."),
        (2, "unchecked_reason", "The content is checked, and a reason says why not."),
    ]
    with pytest.raises(NotChecked):
        commands.pack_orders(ctx(GUS), PackOrders([Pack(at.order.order_id)]))
    why = PackRuleOf(at.site, must_check=False, unchecked_reason="The line scans every piece")
    commands.set_pack_rules(ctx(ADA), SetPackRules([why, PackRuleOf(0, "ACME")]))
    with pytest.raises(NotChecked):
        commands.pack_orders(ctx(GUS), PackOrders([Pack(at.order.order_id)]))
    commands.set_pack_rules(ctx(ADA), SetPackRules([why]))
    assert commands.pack_orders(ctx(GUS), PackOrders([Pack(at.order.order_id)])).cartons[0].units == 8
    assert sql.fetch_all("SELECT checked FROM fulfilment_carton") == [("",)]


@pytest.mark.parametrize(("must_check", "reason"), [(False, ""), (True, "The line scans every piece")])
def test_the_database_keeps_no_rule_without_a_check_and_without_a_reason(must_check, reason):
    with pytest.raises(IntegrityError):
        sql.execute(
            "INSERT INTO fulfilment_packrule (tolerance_permille, least_g, must_weigh, must_check, unchecked_reason) "
            "VALUES (20, 10, false, %s, %s)",
            (must_check, reason),
        )


def test_page_and_api_set_them(client):
    at = packing.staged()
    code = sql.fetch_value("SELECT code FROM locations_site WHERE id = %s", (at.site,))
    row = {"grid-site": [code], "grid-customer": ["ACME"], "grid-tolerance_permille": ["15"], "grid-least_g": [""]}
    row |= {"grid-must_weigh": ["yes"], "grid-unchecked_reason": ["Foam hides it"]}
    browser = signed_in(ADA)
    assert "is no whole number" in browser.post("/pack-rules", row | {"grid-least_g": ["x"]}).content.decode()
    assert browser.post("/pack-rules", row).status_code == 303
    shown = client.get("/api/v1/pack-rules", headers=bearer(ADA)).json()
    assert shown == [
        {"site_id": at.site, "customer": "ACME", "tolerance_permille": 15, "least_g": 10, "must_weigh": True,
         "must_check": False, "prints_slip": False, "unchecked_reason": "Foam hides it"}
    ]  # fmt: skip
    sent = client.put("/api/v1/pack-rules", {"rules": []}, "application/json", headers=bearer(ADA))
    assert sent.json() == {"in_use": 0} and queries_packing.pack_rules() == []


def test_who_sets_up_one_site_changes_the_rules_of_that_site_only():
    at = packing.staged()
    commands.set_pack_rules(ctx(ADA), SetPackRules([PackRuleOf(), PackRuleOf(0, "ACME", 50)]))
    lead = Person("lea", "Lea Lead", ("warehouse_manager",))
    user_id(lead, site_id=at.site)
    house, own = [PackRuleOf(), PackRuleOf(0, "ACME", 50)], PackRuleOf(at.site, "", 40)
    for refused in ([], house[:1], [PackRuleOf(must_weigh=True), house[1]], [*house, PackRuleOf(at.site + 99)]):
        with pytest.raises(NotPermitted):
            commands.set_pack_rules(ctx(lead), SetPackRules(refused))
    assert commands.set_pack_rules(ctx(lead), SetPackRules([*house, own])).in_use == 3
    assert [(one.site_id, one.customer, one.tolerance_permille) for one in queries_packing.pack_rules()] == [
        (0, "", 20), (at.site, "", 40), (0, "ACME", 50),
    ]  # fmt: skip
    row = {"grid-site": [""], "grid-customer": [""], "grid-tolerance_permille": ["500"], "grid-least_g": [""]}
    row |= {"grid-must_weigh": [""], "grid-unchecked_reason": [""]}
    assert "You may not do this at this site" in signed_in(lead).post("/pack-rules", row).content.decode()
    assert len(queries_packing.pack_rules()) == 3
