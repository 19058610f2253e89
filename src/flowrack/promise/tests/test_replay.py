from datetime import date

import pytest
from tests import outbound

from flowrack.config.cli import main
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.promise import queries_replay
from flowrack.promise.tests import given

pytestmark = pytest.mark.django_db


def test_stored_promises_give_the_same_answer_from_their_inputs_alone(capsys):
    at = given.house(100)
    given.po(at, 60, date(2026, 3, 4))
    outbound.order(at.site, "ACME", ("V-200", 90), ("V-200", 50))
    given.drain()
    quote = given.quote(15, "split")
    sql.execute("UPDATE ledger_pool SET forward_pick = 0, reserve = committed")  # the world goes on
    found = queries_replay.replay(10)
    assert (found.cases, found.asks, found.differing) == (2, 3, [])
    detail = why(f"promise.quote:{quote.quote_id}")[0].detail
    detail["case"]["stocks"] = []
    assert queries_replay.said_again(detail) != detail["said"]
    assert main(["promise", "replay"]) == 0
    assert "2 cases with 3 promises worked out again: 0 differ." in capsys.readouterr().out
