"""Who may end a task."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from flowrack.tasks.rules import problems_with
from flowrack.tasks.types import Finish, TaskRow

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOKEN, OTHER = UUID(int=1), UUID(int=2)
ME, COLLEAGUE = 7, 8


def task(**values: object) -> TaskRow:
    row = {
        "id": 1, "kind": "pick", "origin": "x.y:1", "site_id": 1, "zone_id": None, "from_location_id": None,
        "to_location_id": None, "lpn_id": 0, "item_id": None, "units": 1, "priority": 5, "due_at": None,
        "standard_seconds": 30, "sequence": 0, "state": "leased", "lease_token": TOKEN, "leased_by": COLLEAGUE,
        "lease_until": NOW + timedelta(minutes=1),
    }  # fmt: skip
    return TaskRow(**{**row, **values})


@pytest.mark.parametrize(
    ("values", "token", "sentence"),
    [
        ({}, TOKEN, ""),
        ({}, OTHER, "Somebody else works on task 1."),
        ({}, None, "Somebody else works on task 1."),
        ({"leased_by": ME}, None, ""),
        ({"leased_by": ME}, OTHER, "Somebody else works on task 1."),
        ({"lease_until": NOW - timedelta(seconds=1)}, None, ""),
        ({"state": "open", "lease_token": None, "leased_by": None, "lease_until": None}, None, ""),
        (
            {"state": "open", "lease_token": None, "leased_by": None, "lease_until": None},
            TOKEN,
            "Somebody else works on task 1.",
        ),
        ({"state": "done"}, TOKEN, "Task 1 is done."),
        ({"state": "cancelled"}, None, "Task 1 is cancelled."),
    ],
)
def test_the_current_token_or_a_free_task_may_be_finished(values, token, sentence):
    lines = problems_with([Finish(1, token)], {1: task(**values)}, states=["open", "leased"], actor_id=ME, now=NOW)
    assert [line.message for line in lines] == ([sentence] if sentence else [])


def test_every_bad_line_is_named():
    asked = [Finish(1, TOKEN), Finish(9), Finish(1, OTHER)]
    lines = problems_with(asked, {1: task()}, states=["open", "leased"], actor_id=ME, now=NOW)
    assert [(line.line, line.message) for line in lines] == [
        (2, "There is no task 9."),
        (3, "Somebody else works on task 1."),
    ]
