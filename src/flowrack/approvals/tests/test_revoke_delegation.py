from datetime import timedelta

import pytest
from tests.cast import ED, LOU, NOW, OZ, Person, ctx
from tests.supply import house

from flowrack.approvals import commands
from flowrack.approvals.tests.papers import MANAGER, decide, paper, policy, submit
from flowrack.approvals.types import BadDelegation, Delegate, NotYourStep, RevokeDelegation
from flowrack.shared.errors import NotFound

pytestmark = pytest.mark.django_db
FAY = Person("fay", "Fay Inspector", ("qc_inspector",))


@pytest.fixture
def lent():
    return commands.delegate(ctx(ED), Delegate(LOU.id, NOW + timedelta(days=2))).delegation_id


@pytest.mark.parametrize("who", [ED, LOU, OZ], ids=["lender", "stand-in", "controller"])
def test_both_and_who_writes_policies_may_end_it_at_once(who, lent):
    policy("always", MANAGER)
    [asked] = submit(paper(1, site=house().site))
    assert commands.revoke_delegation(ctx(who), RevokeDelegation(lent)).delegation_id == lent
    with pytest.raises(NotYourStep):
        decide(LOU, asked)


def test_nobody_else_finds_it_and_what_is_over_is_over(lent):
    for who, which in ((FAY, lent), (ED, lent + 999)):
        with pytest.raises(NotFound):
            commands.revoke_delegation(ctx(who), RevokeDelegation(which))
    first = commands.revoke_delegation(ctx(ED, "k"), RevokeDelegation(lent))
    assert commands.revoke_delegation(ctx(ED, "k"), RevokeDelegation(lent)) == first
    with pytest.raises(BadDelegation):
        commands.revoke_delegation(ctx(ED), RevokeDelegation(lent))
