"""set_load_policy: how a site loads."""

from __future__ import annotations

import pytest
from tests.cast import ADA, GUS, ctx

from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shipping import commands, queries_loads
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import LoadPolicy, SetLoadPolicy

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_site_loads_as_it_was_last_said():
    yard = trucks.yard()
    assert queries_loads.policy(yard.site) == LoadPolicy("warn", "warn", True, False, 24, 7, "reason")
    yard.rule(stop_order="refuse")
    told = LoadPolicy(
        "reason",
        "refuse",
        needs_seal=False,
        needs_signature=True,
        answer_hours=4,
        proof_years=10,
        carrier_else="refuse",
    )
    commands.set_load_policy(ctx(ADA), SetLoadPolicy(yard.site, told))
    assert queries_loads.policy(yard.site) == told


def test_unknown_ways_and_people_without_the_right_are_refused():
    yard = trucks.yard()
    for policy in (
        LoadPolicy(stop_order="sideways"),
        LoadPolicy(answer_hours=0),
        LoadPolicy(proof_years=99),
        LoadPolicy(carrier_else="x"),
    ):
        with pytest.raises(Invalid):
            commands.set_load_policy(ctx(ADA), SetLoadPolicy(yard.site, policy))
    with pytest.raises(NotPermitted):
        commands.set_load_policy(ctx(GUS), SetLoadPolicy(yard.site, LoadPolicy()))
    assert sql.fetch_value("SELECT count(*) FROM shipping_loadrules") == 0
