from datetime import timedelta

import pytest
from tests.cast import DI, NOW, OZ, ctx
from tests.supply import house

from flowrack.approvals import commands, queries
from flowrack.approvals.tests.papers import CONTROLLER, KIND, MANAGER, know_papers, paper, policy, rows, state, submit
from flowrack.approvals.types import BadPolicy, Condition, PolicyStep, WritePolicy
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
BIG = Condition("amount", ">", "1000")


def asked(**more):
    know_papers()
    base = {"kind": KIND.code, "code": "big", "name": "Big papers", "conditions": [BIG], "steps": [MANAGER]}
    return WritePolicy(**{**base, "reason": "the board wants it", **more})


def test_a_change_is_a_new_version_and_the_old_one_stays():
    first = commands.write_policy(ctx(OZ, "k"), asked())
    assert commands.write_policy(ctx(OZ, "k"), asked()) == first
    second = commands.write_policy(ctx(OZ), asked(steps=[MANAGER, CONTROLLER], conditions=[]))
    assert (first.version, second.version) == (1, 2)
    [found] = queries.policies_at([KIND.code], NOW)
    assert (found.version, found.conditions, found.steps) == (2, (), (MANAGER, CONTROLLER))
    kept = sql.fetch_all("SELECT field FROM approvals_policycondition WHERE policy_id = %s", (first.policy_id,))
    assert kept == [("amount",)]


def test_a_version_counts_from_its_day_and_one_that_ends_the_policy_asks_nobody():
    commands.write_policy(ctx(OZ), asked())
    commands.write_policy(ctx(OZ), asked(effective_from=NOW + timedelta(days=1), name="Tomorrow"))
    commands.write_policy(ctx(OZ), asked(effective_from=NOW + timedelta(days=2), is_active=False))
    names = [[p.name for p in queries.policies_at([KIND.code], NOW + timedelta(days=n))] for n in (-1, 0, 1, 2)]
    assert names == [[], ["Big papers"], ["Tomorrow"], []]


def test_what_waits_keeps_the_steps_it_was_asked_with():
    site = house().site
    policy("always", MANAGER)
    [waiting] = submit(paper(1, site=site))
    policy("always", CONTROLLER)
    assert submit(paper(1, site=site)) == [waiting]
    assert sql.fetch_all("SELECT roles FROM approvals_step") == [(["purchasing_manager"],)]
    assert state(waiting) == "waiting"


def test_what_cannot_work_is_refused_with_every_fault():
    before = (rows(), OZ.id)[0]
    with pytest.raises(BadPolicy) as refused:
        commands.write_policy(
            ctx(OZ),
            asked(code="Big One", name=" ", reason="", effective_from=NOW - timedelta(1),
                  conditions=[Condition("colour", "=", "red")], steps=[PolicyStep(1, ("picker",))]),
        )  # fmt: skip
    assert [b.field for b in refused.value.lines] == ["field", "roles", "name", "code", "reason", "effective_from"]
    with pytest.raises(BadPolicy):
        commands.write_policy(ctx(OZ), asked(kind="house.song"))
    with pytest.raises(NotPermitted):
        commands.write_policy(ctx(DI), asked())
    assert rows() == before
