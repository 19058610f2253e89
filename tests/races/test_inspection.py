"""Two inspectors decide one inspection at the same moment: one verdict counts, once."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from flowrack.inspection import commands
from flowrack.inspection.tests.house import deliver, latest, plan, shelves
from flowrack.inspection.types import Decide, RecordResults, StartInspection, Verdict
from flowrack.platform import sql
from flowrack.shared.errors import FlowrackError
from tests.cast import ADA, FAY, Person, ctx
from tests.supply import item, standing

pytestmark = pytest.mark.django_db(transaction=True)
VERDICTS = {FAY: (Verdict.RELEASE, "available"), ADA: (Verdict.HOLD, "hold")}


@pytest.mark.parametrize(("way", "told_yes"), [("naive", 2), ("guarded", 1)])
def test_two_inspectors_decide_one_inspection(way, told_yes):
    """The naive row reads the state before it writes, and both hear yes; the other locks the inspection first."""
    here, hose = shelves(), item("V-200")
    plan(hose)
    deliver(here, hose, 398)
    it = latest()
    commands.start_inspection(ctx(FAY), StartInspection(it))
    commands.record_results(ctx(FAY), RecordResults(it, 50))
    contexts = {person: ctx(person) for person in VERDICTS}
    start, answers = threading.Barrier(2, timeout=10), []

    def naive(person: Person) -> None:
        state = sql.fetch_value("SELECT state FROM inspection_inspection WHERE id = %s", (it,))
        start.wait()
        if state != "started":
            raise FlowrackError("decided already")
        sql.execute("UPDATE inspection_inspection SET verdict = %s WHERE id = %s", (VERDICTS[person][0], it))

    def guarded(person: Person) -> None:
        start.wait()
        commands.decide(contexts[person], Decide(it, VERDICTS[person][0], reason="looked at"))

    def run(person: Person) -> None:
        try:
            {"naive": naive, "guarded": guarded}[way](person)
            answers.append(person)
        except FlowrackError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(person,)) for person in VERDICTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(answers) == told_yes
    if way == "guarded":
        [winner] = answers
        row = sql.fetch_one("SELECT state, verdict, released_units, held_units FROM inspection_inspection")
        released = 398 if winner is FAY else 0
        assert row == ("decided", VERDICTS[winner][0], released, 398 - released)
        assert sum(standing(hose).values()) == 398
        assert sql.fetch_value("SELECT count(*) FROM inspection_hold") == (0 if winner is FAY else 1)
        lots = sql.fetch_value("SELECT accepted_run FROM inspection_supplierseverity")
        assert lots == 1
