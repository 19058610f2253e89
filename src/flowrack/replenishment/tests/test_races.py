"""A driver who lifts a refill while a plan decides."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection
from tests.cast import ADA, CY, ctx
from tests.races.together import waiting

from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.replenishment import commands, steps_plan
from flowrack.replenishment.tests.faces import EXPECTED, clock, expects, ids, pilot, refills
from flowrack.replenishment.types import CancelDraws, LiftRefill, NoSuchRefill

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_refill_is_not_lifted_while_a_plan_drops_it(monkeypatch):
    here, hose = pilot()
    expects(here, hose)
    [_, second] = ids()
    decide, ends = steps_plan.decide, []

    def lift() -> None:
        try:
            ends.append(commands.lift_refill(ctx(CY, now=clock("13:05")), LiftRefill(second)).state)
        except NoSuchRefill as refusal:
            ends.append(refusal.message)
        finally:
            connection.close()

    driver = threading.Thread(target=lift)

    def decide_beside_a_driver(*args):
        plans = decide(*args)
        driver.start()
        while driver.is_alive() and not waiting():
            time.sleep(0.01)
        return plans

    monkeypatch.setattr(steps_plan, "decide", decide_beside_a_driver)
    commands.cancel_draws(ctx(ADA, now=clock("13:10")), CancelDraws(here.site, EXPECTED))
    driver.join()

    assert ends == ["This refill is cancelled."]
    assert [row[0] for row in refills()] == ["cancelled", "cancelled"]
    assert sql.fetch_value("SELECT count(*) FROM ledger_reservation") == 0
    assert verify() == []
