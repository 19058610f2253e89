"""A request falls away with the last unit that it was for; a part of it does not."""

import pytest
from tests.cast import KIM, NOW, ctx

from flowrack.allocation import commands_displacement as commands
from flowrack.allocation.tests.urgent import ask, pilot
from flowrack.allocation.types_displacement import FollowUrgent
from flowrack.platform import outbox, sql
from flowrack.platform.outbox import context_for_system
from flowrack.sales import commands_changes as sales
from flowrack.sales.types import CancelLine, CancelLines, ChangeLine

pytestmark = pytest.mark.django_db


def state() -> str:
    return str(sql.fetch_value("SELECT state FROM allocation_priorityrequest"))


def test_fewer_units_leave_the_question_open_and_none_voids_it():
    at = pilot()
    done = ask(at.urgent)
    [line_id] = at.urgent.line_ids
    sales.change_line(ctx(KIM), ChangeLine(line_id, 55))
    outbox.drain(now=NOW)
    assert state() == "waiting"
    sales.cancel_lines(ctx(KIM), CancelLines([CancelLine(line_id, 5)], "enough"))
    outbox.drain(now=NOW)
    assert state() == "voided"
    again = commands.follow_urgent(context_for_system(NOW, "again"), FollowUrgent([at.urgent.order_id]))
    assert again.request_ids == []
    assert sql.fetch_value("SELECT state FROM approvals_request WHERE number = %s", (done.approval,)) == "voided"
