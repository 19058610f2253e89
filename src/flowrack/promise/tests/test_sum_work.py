from datetime import date

import pytest
from tests import outbound
from tests.cast import KIM, NOW, ctx

from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system
from flowrack.platform.periodic import all_periodic, run_round
from flowrack.promise import commands_setup as commands
from flowrack.promise import jobs, queries
from flowrack.promise.tests import given
from flowrack.promise.types import Learn
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def load(site: int) -> dict[date, int]:
    return {day: seconds for day, seconds in queries.sites([site], NOW)[site].house.load.items() if seconds}


def test_an_idle_round_leaves_no_trace():
    at = given.house(100)
    assert jobs, "importing them registers the rounds"
    rounds = {one.name: one for one in all_periodic()}
    before = given.rows()
    for name in ("promise.sum_work", "promise.learn_lateness", "promise.expire_quotes"):
        run_round(rounds[name], NOW)
    assert given.rows() == before
    outbound.order(at.site, "ACME", ("V-200", 50))
    given.drain()
    run_round(rounds["promise.sum_work"], NOW)
    assert sql.fetch_value("SELECT count(*) FROM promise_dayload") > 0


def test_the_sum_and_what_came_since_say_what_all_lines_say():
    at = given.house(100)
    outbound.order(at.site, "ACME", ("V-200", 50))
    given.drain()
    before = load(at.site)
    assert before == {date(2026, 3, 3): 120}  # 90 seconds a line, 60 for each hundred units
    commands.sum_work(context_for_system(NOW, "a"), Learn())
    # In a test everything is one transaction, so nothing is past yet: the mark is kept, all is added when read.
    assert sql.fetch_value("SELECT count(*) FROM promise_dayload WHERE seconds = 0") == 1
    assert load(at.site) == before
    with pytest.raises(NotPermitted):
        commands.sum_work(ctx(KIM), Learn())
