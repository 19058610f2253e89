from datetime import date

import pytest
from tests.cast import CY, HAL, ctx
from tests.supply import item

from flowrack.platform import jobs, sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.storage import commands_rules, queries_rules
from flowrack.storage.tests.house import shelves
from flowrack.storage.tests.rule_sets import ON, draft
from flowrack.storage.tests.test_simulate_putaways import put_away
from flowrack.storage.types_putaway import SimulatePutaways

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_simulation_runs_in_the_background_and_ends_at_its_version():
    here, hose = shelves(max_lpns=1), item("V-200")
    put_away(here, hose, 60)
    saved = draft(here)
    req = SimulatePutaways(saved.rule_set_id, ON, ON)
    started = commands_rules.start_putaway_simulation(ctx(HAL, "k"), req)
    assert commands_rules.start_putaway_simulation(ctx(HAL, "k"), req) == started
    queued = sql.fetch_one("SELECT state, total_count FROM platform_job WHERE id = %s", (started.job_id,))
    assert queued == ("queued", 1)
    assert jobs.run_next() == started.job_id
    state, done, result = sql.fetch_one(
        "SELECT state, done_count, result::json FROM platform_job WHERE id = %s", (started.job_id,)
    )
    assert (state, done) == ("done", 1)
    assert (result["receipts"], result["placed"], result["page"]) == (1, 1, f"/putaway-rules/{saved.rule_set_id}")
    [found] = queries_rules.simulations(saved.rule_set_id)
    assert (found.from_on, found.to_on, found.placed, found.ran_by) == (ON, ON, 1, "Hal Inventory")


def test_days_in_the_wrong_order_and_strangers_start_nothing():
    saved = draft(shelves())
    with pytest.raises(Invalid):
        commands_rules.start_putaway_simulation(ctx(HAL), SimulatePutaways(saved.rule_set_id, ON, date(2026, 3, 1)))
    with pytest.raises(NotPermitted):
        commands_rules.start_putaway_simulation(ctx(CY), SimulatePutaways(saved.rule_set_id, ON, ON))
    assert sql.fetch_value("SELECT count(*) FROM platform_job") == 0
