"""Moves are never changed: the role has no right to, and a trigger refuses whoever has."""

import pytest
from django.db import DatabaseError, transaction
from tests.rights import APPEND_ONLY, all_rights

from flowrack.ledger import steps
from flowrack.ledger.tests import house as h
from flowrack.ledger.types import Move
from flowrack.platform import sql
from flowrack.platform.constraints import sqlstate_of

pytestmark = pytest.mark.django_db

NO_RIGHT, APPEND_ONLY_TRIGGER, RESTRICTED = "42501", "FR002", "23001"
UPDATES = {
    "ledger_move": "units = 2",
    "ledger_posting": "device = 'x'",
    "platform_seal": "rows = 0",
    "platform_decision": "sentence = ''",
    "platform_refusal": "code = ''",
    "platform_commandrecord": "request = '{}'",
    "platform_commandsubject": "subject = 'x'",
}


@pytest.fixture
def posted():
    w1 = h.house()
    tea = h.item("TEA")
    h.receive(w1, tea, 5, "1")
    return w1, tea


def refusal_of(statement):
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        sql.execute(statement)
    return sqlstate_of(caught.value)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_role_may_not_change_what_is_append_only(posted, table):
    assert refusal_of(f"UPDATE {table} SET {UPDATES[table]}") == NO_RIGHT
    assert refusal_of(f"DELETE FROM {table}") == NO_RIGHT
    assert refusal_of(f"TRUNCATE {table} CASCADE") == NO_RIGHT


@pytest.mark.parametrize("table", ["ledger_move", "ledger_posting"])
def test_a_trigger_refuses_whoever_has_the_right(posted, table):
    with all_rights():
        assert refusal_of(f"UPDATE {table} SET {UPDATES[table]}") == APPEND_ONLY_TRIGGER
        assert refusal_of(f"DELETE FROM {table}") == APPEND_ONLY_TRIGGER
    assert refusal_of(f"DELETE FROM {table}") == NO_RIGHT


def test_the_one_right_that_is_left_changes_nothing(posted):
    """On `id` of postings, which key checks need; and an answered command keeps its answer."""
    assert refusal_of("UPDATE ledger_posting SET id = id + 1000") == APPEND_ONLY_TRIGGER
    sql.execute(
        """
        INSERT INTO platform_commandrecord (actor_id, key, command, device, fingerprint, request, result, occurred_at,
                                            subject)
        SELECT min(id), 'k', 'x.y', '', '\\x00', '{}', 'null', now(), '' FROM platform_user
        """
    )
    assert refusal_of("UPDATE platform_commandrecord SET result = '1' WHERE key = 'k'") == RESTRICTED


def test_a_posting_is_still_reversed(posted):
    w1, tea = posted
    move = steps.post(h.context(), [Move(tea, 5, w1["reserve1"], w1["reserve2"], "move")])
    assert steps.reverse(h.context(), move.posting_id).posting_id > move.posting_id
    assert h.on_hand(w1, tea, "reserve1") == 5
