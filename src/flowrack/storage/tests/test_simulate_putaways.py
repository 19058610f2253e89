import time
from datetime import date

import pytest
from tests.cast import ADA, CY, HAL, NOW, ctx
from tests.supply import item

from flowrack.ledger.tests.house import ship
from flowrack.platform import sql
from flowrack.platform.importing.stage import tell
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands, commands_rules, queries_rules
from flowrack.storage.tests.house import at_dock, measured, shelves
from flowrack.storage.tests.rule_sets import ON, draft, simulated
from flowrack.storage.types import Carried, ConfirmPutaway, PlanPutaways, PutawayNeed
from flowrack.storage.types_putaway import RulesNotDraft, SimulatePutaways

pytestmark = pytest.mark.django_db


def put_away(here, item_id, units, *, to=0):
    """Goods come in, get a bin and are put there (or into another)."""
    at_dock(here, item_id, units)
    need = PutawayNeed("test:1", here.places["receiving1"], item_id, Units(units))
    [planned] = commands.plan_putaways(ctx(ADA), PlanPutaways(here.site, [need])).moves
    if planned.location_id:
        line = Carried(planned.planned_move_id, to, reason="nearer" if to else "")
        commands.confirm_putaway(ctx(CY), ConfirmPutaway([line]))
    return planned


@pytest.fixture
def past():
    """Three putaways of one day: the second was taken farther than suggested, the third found no bin."""
    here, hose, tap = shelves(max_volume_ml=100_000), item("V-200"), item("TAP")
    sql.execute("UPDATE locations_location SET is_active = false WHERE role = 'forward_pick'")
    for one in (hose, tap):
        measured(one)
    put_away(here, hose, 60)
    put_away(here, tap, 60, to=here.places["R-03"])
    put_away(here, hose, 90)
    return here, hose, tap


def test_the_past_is_replayed_under_the_new_rules(past):
    here, _, _ = past
    done = simulated(draft(here))
    assert (done.receipts, done.placed, done.refused) == (3, 3, 0)
    assert (done.metres, done.metres_then) == (2 + 5 + 8, 2 + 8 + 5)
    lines = [(x.sku, x.units, x.went_to, x.would_go_to) for x in queries_rules.simulated(done.simulation_id)]
    assert lines == [("V-200", 60, "R-01", "R-01"), ("TAP", 60, "R-03", "R-02"), ("V-200", 90, "R-02", "R-03")]
    assert queries_rules.simulated_by_zone(done.simulation_id) == [("reserve", 3, 3, 15, 15)]


def test_what_the_rules_refuse_is_named_with_the_rule(past):
    here, _, _ = past
    done = simulated(draft(here, volume_percent=60))
    assert (done.receipts, done.placed, done.refused) == (3, 2, 1)
    [(sku, rule, count, sentence)] = queries_rules.simulated_refusals(done.simulation_id)
    assert (sku, rule, count) == ("V-200", "volume", 1)
    assert sentence.startswith("No bin fits. For example: R-01 takes 60000 ml")
    [refused] = queries_rules.simulated(done.simulation_id, refused=True)
    assert (refused.units, refused.went_to, refused.would_go_to, refused.metres) == (90, "R-02", "", 0)


def test_the_house_begins_as_it_was_and_what_left_makes_room(past):
    here, hose, tap = past
    sql.execute("UPDATE storage_plannedmove SET planned_at = planned_at + interval '1 day'")
    day_after = date(2026, 3, 3)
    full = simulated(draft(here), day_after, day_after)  # what was put away the day before lies there already
    assert (full.placed, full.refused) == (0, 3)
    ship(here, hose, 60, "R-01")  # on 14 May
    sql.execute("UPDATE storage_plannedmove SET planned_at = '2026-05-15 09:00Z' WHERE item_id = %s", (tap,))
    later = simulated(draft(here), day_after, date(2026, 5, 15))
    assert [(x.sku, x.would_go_to) for x in queries_rules.simulated(later.simulation_id)] == [
        ("V-200", ""), ("V-200", ""), ("TAP", "R-01"),
    ]  # fmt: skip


def test_a_new_simulation_replaces_the_lines_of_the_old(past):
    here, _, _ = past
    saved = draft(here)
    first = simulated(saved)
    again = simulated(saved)
    assert again.simulation_id > first.simulation_id
    assert sql.fetch_value("SELECT count(*) FROM storage_simulatedputaway") == 3
    assert len(queries_rules.simulations(saved.rule_set_id)) == 2


def test_only_drafts_are_tried_on_days_that_make_sense_by_whoever_may(past):
    here, _, _ = past
    saved = draft(here)
    req = SimulatePutaways(saved.rule_set_id, ON, ON)
    for person, wanted, error in (
        (CY, req, NotPermitted),
        (HAL, SimulatePutaways(saved.rule_set_id, ON, date(2026, 3, 1)), Invalid),
        (HAL, SimulatePutaways(saved.rule_set_id, date(2020, 1, 1), ON), Invalid),
    ):
        with pytest.raises(error):
            commands_rules.simulate_putaways(ctx(person), wanted)
    sql.execute("UPDATE storage_putawayruleset SET state = 'dropped'")
    with pytest.raises(RulesNotDraft):
        commands_rules.simulate_putaways(ctx(HAL), req)
    assert NOW.date() == ON


def test_long_work_that_tells_how_far_it_is_keeps_its_transaction():
    sql.execute("SET LOCAL idle_in_transaction_session_timeout = '1500ms'")
    for done in range(3):
        time.sleep(0.6)
        tell(done, "Putting away")
    assert sql.fetch_value("SELECT 1") == 1
