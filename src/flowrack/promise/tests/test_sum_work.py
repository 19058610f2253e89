from datetime import date

import pytest
from tests import outbound
from tests.cast import KIM, NOW, ctx
from tests.plans import plan

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


def test_what_was_promised_since_the_last_sum_is_looked_up_line_by_line():
    """The number of lines since then is never known beforehand: a hash of them reads every order line that ever was."""
    asked, params = queries._houses_asked([1], NOW, [])
    sql.execute("SET LOCAL enable_nestloop = off")  # as where the planner thinks that there are many
    nodes = plan(asked, params, "promise_linepromise", "promise_dayload")
    looks = [node.get("Index Cond") for node in nodes if node.get("Relation Name") == "sales_orderline"]
    reads = [node.get("Index Name") for node in nodes if node.get("Relation Name") == "promise_linepromise"]
    assert (looks, reads) == (["(id = n.line_id)"], ["promise_line_changes"])
