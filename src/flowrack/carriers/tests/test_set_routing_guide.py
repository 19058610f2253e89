"""set_routing_guide: which services a customer takes."""

from __future__ import annotations

import pytest
from tests.cast import LOU, NED, PAM, bearer, ctx, signed_in

from flowrack.carriers import commands, queries
from flowrack.carriers.rules_choice import Guide, GuideRule
from flowrack.carriers.tests.house import carrier
from flowrack.carriers.types import BadGuide, GuideLineOf, SetRoutingGuide
from flowrack.parties import commands as parties
from flowrack.parties.types import CreateParty, CustomerFields, PartyFields
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def customer() -> int:
    fields = PartyFields("Acme", customer=CustomerFields())
    return parties.create_party(ctx(PAM), CreateParty("ACME", fields)).party_id


def test_a_guide_takes_the_place_of_the_one_before():
    services = queries.services_of(carrier())
    acme = customer()
    lines = [GuideLineOf("NORTH", "GROUND", "required", "A-77"), GuideLineOf("NORTH", "AIR", "barred")]
    assert commands.set_routing_guide(ctx(LOU), SetRoutingGuide("ACME", lines)).lines == 2
    assert queries.guides([acme]) == {
        acme: (Guide(services["GROUND"], GuideRule.REQUIRED, "A-77"), Guide(services["AIR"], GuideRule.BARRED))
    }
    commands.set_routing_guide(ctx(LOU), SetRoutingGuide("ACME"))
    assert queries.guides([acme]) == {}


def test_every_bad_line_is_named_and_nothing_changes():
    carrier()
    acme = customer()
    bad = [
        GuideLineOf("NORTH", "SEA", "allowed"),
        GuideLineOf("NORTH", "AIR", "perhaps"),
        GuideLineOf("NORTH", "AIR", "barred", "A-1"),
    ]
    with pytest.raises(BadGuide) as refused:
        commands.set_routing_guide(ctx(LOU), SetRoutingGuide("ACME", bad))
    assert [(line.line, line.field) for line in refused.value.lines] == [
        (1, "service"), (2, "rule"), (3, "account"), (3, "service"),
    ]  # fmt: skip
    with pytest.raises(NotPermitted):
        commands.set_routing_guide(ctx(NED), SetRoutingGuide("ACME"))
    assert queries.guide_of(acme) == []


def test_the_customers_page_leads_to_it_and_the_api_does_the_same(client):
    carrier()
    acme = customer()
    lou = signed_in(LOU)
    assert f"/parties/{acme}/routing-guide" in lou.get(f"/parties/{acme}").content.decode()
    rows = {"grid-carrier": ["NORTH"], "grid-service": ["AIR"], "grid-rule": ["Barred"], "grid-account": [""]}
    assert lou.post(f"/parties/{acme}/routing-guide", rows).status_code == 303
    [line] = client.get(f"/api/v1/customers/{acme}/routing-guide", headers=bearer(NED)).json()
    assert (line["service"], line["rule"]) == ("AIR", "barred")
    body = {"lines": [{"carrier": "NORTH", "service": "GROUND", "rule": "allowed"}]}
    put = client.put(
        f"/api/v1/customers/{acme}/routing-guide", body, content_type="application/json", headers=bearer(LOU)
    )
    assert put.json() == {"customer_id": acme, "lines": 1}
