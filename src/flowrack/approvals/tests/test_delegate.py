"""One person stands in for another, for a while, and both names are kept."""

from datetime import timedelta

import pytest
from tests.cast import ADA, BO, DI, ED, LOU, NOW, OZ, Person, ctx
from tests.supply import house

from flowrack.approvals import commands
from flowrack.approvals.tests.papers import KIND, MANAGER, decide, know_papers, paper, policy, rows, submit
from flowrack.approvals.types import BadDelegation, Delegate, NotYourStep, PolicyStep
from flowrack.platform import sql
from flowrack.shared.errors import DutiesConflict, NotPermitted

pytestmark = pytest.mark.django_db
ELI = Person("eli", "Eli Second", ("purchasing_manager",))
UNTIL = NOW + timedelta(days=2)


@pytest.fixture
def site():
    know_papers()
    return house().site


def lend(who: Person, to: Person, **more):
    return commands.delegate(ctx(who), Delegate(to.id, more.pop("until", UNTIL), **more)).delegation_id


def test_a_stand_in_acts_for_the_other_and_both_names_are_kept(site):
    policy("always", MANAGER)
    [asked] = submit(paper(1, site=site))
    with pytest.raises(NotYourStep):
        decide(LOU, asked)
    lent = lend(ED, LOU)
    assert decide(LOU, asked)[0].state == "approved"
    assert sql.fetch_one("SELECT given_by_id, given_for_id, delegation_id FROM approvals_verdict") == (
        LOU.id, ED.id, lent,
    )  # fmt: skip


def test_it_counts_from_its_beginning_to_its_end_and_for_its_kinds_alone(site):
    policy("always", MANAGER)
    lend(ED, LOU, begins_at=NOW + timedelta(hours=1))
    lend(ED, ADA, kinds=["purchasing.po"])
    [asked] = submit(paper(1, site=site))
    for who, at in ((LOU, NOW), (LOU, UNTIL), (ADA, NOW)):
        with pytest.raises(NotYourStep):
            decide(who, asked, now=at)
    assert decide(LOU, asked, now=NOW + timedelta(hours=1))[0].state == "approved"


def test_nobody_approves_twice_through_a_delegation_nor_the_requester_through_another(site):
    policy("two", PolicyStep(1, ("purchasing_manager",), needed=2))
    lend(ED, ELI)
    lend(ED, LOU)
    [asked, own] = submit(paper(1, site=site), paper(2, site=site, by=ED))
    decide(ED, asked)
    with pytest.raises(NotYourStep):
        decide(LOU, asked)
    with pytest.raises(NotYourStep):
        decide(LOU, own)
    assert decide(ELI, asked)[0].state == "approved"
    with pytest.raises(DutiesConflict):
        decide(ED, own)


def test_what_was_lent_is_not_lent_on(site):
    policy("always", MANAGER)
    lend(ED, LOU)
    lend(LOU, ADA)
    [asked] = submit(paper(1, site=site))
    with pytest.raises(NotYourStep):
        decide(ADA, asked)


def test_who_writes_policies_may_lend_for_somebody_who_is_away_but_never_to_himself(site):
    lent = lend(OZ, ELI, from_id=ED.id)
    assert sql.fetch_one("SELECT from_person_id, to_person_id, written_by_id FROM approvals_delegation") == (
        ED.id, ELI.id, OZ.id,
    )  # fmt: skip
    assert lent
    with pytest.raises(DutiesConflict):
        lend(OZ, OZ, from_id=ED.id)
    fay = Person("fay", "Fay Inspector", ("qc_inspector",))
    with pytest.raises(NotPermitted):
        lend(fay, ELI, from_id=ED.id)


def test_every_fault_is_named_and_nothing_is_written(site):
    people = (ED.id, BO.id)
    before = rows()
    with pytest.raises(BadDelegation) as refused:
        lend(ED, BO, until=NOW + timedelta(days=15), kinds=["house.song"])
    assert [b.field for b in refused.value.lines] == ["until", "to_id", "kinds"] and people
    with pytest.raises(BadDelegation):
        lend(ED, ED)
    with pytest.raises(NotPermitted):
        lend(DI, ED)
    assert rows() == before
    assert KIND.code == "house.paper"
