from datetime import timedelta

import pytest
from tests.cast import ADA, ED, NOW, OZ, ctx, signed_in
from tests.supply import house

from flowrack.approvals import commands, jobs, queries
from flowrack.approvals.tests.papers import decide, paper, policy, submit
from flowrack.approvals.types import Escalate, NotYourStep, PolicyStep
from flowrack.platform import decisions, periodic, sql
from flowrack.platform.outbox import context_for_system
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
IN_TIME = PolicyStep(1, ("purchasing_manager",), deadline_hours=4, escalation_role="warehouse_manager")
LATE = NOW + timedelta(hours=4)


@pytest.fixture
def waiting():
    policy("always", IN_TIME)
    return submit(paper(1, site=house().site))[0]


def test_the_worker_opens_an_overdue_step_to_the_next_role(waiting):
    [look] = [one for one in periodic.all_periodic() if one.name == "approvals.escalate"]
    periodic.run_round(look, LATE - timedelta(seconds=1))
    with pytest.raises(NotYourStep):
        decide(ADA, waiting)
    periodic.run_round(look, LATE)
    assert sql.fetch_value("SELECT escalated_at FROM approvals_step") == LATE
    [why, _] = decisions.why("house.paper:1")
    assert why.sentence == (
        f"{waiting.number} was not decided by Purchasing manager in time, so Warehouse manager may approve it as well."
    )
    shown = signed_in(ADA).get(f"/approvals?request={waiting.request_id}").content.decode()
    assert "“Policy always” version 1: It always asks." in shown, "what asks is said after an escalation, too"
    assert decide(ADA, waiting)[0].state == "approved"


def test_it_is_done_once_however_many_workers_look(waiting):
    jobs.escalate_overdue(context_for_system(LATE, "round:1"))
    jobs.escalate_overdue(context_for_system(LATE, "round:1"))
    jobs.escalate_overdue(context_for_system(LATE + timedelta(hours=1), "round:2"))
    records = sql.fetch_value("SELECT count(*) FROM platform_commandrecord WHERE command = 'approvals.escalate'")
    assert (records, queries.overdue_steps(LATE)) == (1, [])


def test_what_was_decided_meanwhile_is_left_alone(waiting):
    [step] = queries.overdue_steps(LATE)
    decide(ED, waiting)
    assert commands.escalate(context_for_system(LATE, "k"), Escalate([step])).step_ids == []
    with pytest.raises(NotPermitted):
        commands.escalate(ctx(OZ), Escalate([step]))
