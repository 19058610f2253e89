"""Every pair of state and action is allowed or refused as the stage's page says."""

from __future__ import annotations

from flowrack.tasks.states import TRANSITIONS, TaskState, sources

ENDED = {TaskState.DONE, TaskState.EXCEPTED, TaskState.CANCELLED}


def test_ended_tasks_have_no_way_out():
    assert not [pair for pair in TRANSITIONS if pair[0] in ENDED]


def test_work_may_end_with_or_without_a_lease():
    for action in ("finish", "except", "cancel"):
        assert sources(action) == ["leased", "open"]


def test_only_a_leased_task_can_be_renewed_or_given_back():
    assert [sources(action) for action in ("renew", "release", "expire")] == [["leased"]] * 3
