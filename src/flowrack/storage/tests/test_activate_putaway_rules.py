import pytest
from django.db import IntegrityError, transaction
from tests.cast import ADA, CY, HAL, ctx, signed_in
from tests.supply import counts_of, item

from flowrack.ledger.tests.house import today
from flowrack.locations import queries as locations
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.shared.errors import DutiesConflict, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import commands, commands_rules, queries_rules
from flowrack.storage.tests.house import at_dock, measured, plans, shelves
from flowrack.storage.tests.rule_sets import draft, simulated
from flowrack.storage.tests.test_simulate_putaways import put_away
from flowrack.storage.types import PlanPutaways, PutawayNeed
from flowrack.storage.types_putaway import (
    ActivatePutawayRules,
    ClassZone,
    NothingPlaceable,
    NotSimulated,
    PutawayRules,
    RulesNotDraft,
    WritePutawayRules,
)

pytestmark = pytest.mark.django_db


def test_another_person_activates_and_bins_are_chosen_by_the_new_version():
    here, hose = shelves(max_lpns=1), item("V-200")
    first = draft(here)
    simulated(first)
    req = ActivatePutawayRules(first.rule_set_id)
    done = commands_rules.activate_putaway_rules(ctx(ADA, "k"), req)
    assert (done.state, done.version) == ("active", 1)
    assert commands_rules.activate_putaway_rules(ctx(ADA, "k"), req) == done

    forward = next(z.zone_id for z in locations.zones(here.site) if z.role == "forward_pick")
    second = draft(here, name="General goods forward", classes=[ClassZone("general", forward)])
    simulated(second)
    commands_rules.activate_putaway_rules(ctx(ADA), ActivatePutawayRules(second.rule_set_id))
    states = [(r.version, r.state) for r in queries_rules.rule_sets([here.site])]
    assert states == [(1, "retired"), (2, "active")]

    at_dock(here, hose, 10)
    need = PutawayNeed("test:1", here.places["receiving1"], hose, Units(10))
    [planned] = commands.plan_putaways(ctx(ADA), PlanPutaways(here.site, [need])).moves
    assert plans() == [("open", 10, 0, "forward_pick-1", "")]
    [decision] = why(ref("storage.planned_move", planned.planned_move_id))
    assert decision.rule == "putaway.directed v2"
    assert decision.detail["removed"]["class_zone"] == {
        "bins": 3,
        "nearest": "The rules keep general goods in other zones than that of R-01.",
    }


def test_it_must_be_tried_as_it_is_and_by_another_person_than_its_writer():
    here = shelves()
    saved = draft(here)
    own = commands_rules.write_putaway_rules(ctx(ADA), WritePutawayRules(here.site, PutawayRules(name="Ada's")))
    simulated(own)
    by = ctx(ADA), ctx(ADA), ctx(HAL), ctx(CY)
    before = counts_of()
    for ctx_of, rule_set_id, error in (
        (by[0], saved.rule_set_id, NotSimulated),
        (by[1], own.rule_set_id, DutiesConflict),
        (by[2], own.rule_set_id, NotPermitted),
        (by[3], own.rule_set_id, NotPermitted),
    ):
        with pytest.raises(error):
            commands_rules.activate_putaway_rules(ctx_of, ActivatePutawayRules(rule_set_id))
    assert counts_of() == before
    simulated(saved)
    sql.execute("UPDATE storage_putawayruleset SET written_at = written_at + interval '1 minute'")
    with pytest.raises(NotSimulated):
        commands_rules.activate_putaway_rules(ctx(ADA), ActivatePutawayRules(saved.rule_set_id))


def test_a_version_that_leaves_items_without_any_bin_is_refused_and_names_them():
    here, hose, tap, ice = shelves(max_volume_ml=100_000), item("V-200"), item("TAP"), item("ICE")
    sql.execute("UPDATE locations_location SET max_volume_ml = 100000 WHERE role = 'forward_pick'")
    sql.execute("UPDATE catalog_item SET temperature = 'frozen' WHERE sku = 'ICE'")
    for one in (hose, tap, ice):
        measured(one)
    nothing = draft(here, volume_percent=0)
    simulated(nothing)
    with pytest.raises(NothingPlaceable) as refusal:
        commands_rules.activate_putaway_rules(ctx(ADA), ActivatePutawayRules(nothing.rule_set_id))
    assert refusal.value.message == "2 items that have bins today would have none under version 1."
    assert [line.message.split(" would")[0] for line in refusal.value.lines] == ["V-200", "TAP"]
    assert "takes 0 ml" in refusal.value.lines[0].message
    assert queries_rules.rule_set(nothing.rule_set_id, [0]).state == "draft"

    half = draft(here, volume_percent=50)
    simulated(half)
    commands_rules.activate_putaway_rules(ctx(ADA), ActivatePutawayRules(half.rule_set_id))
    with pytest.raises(RulesNotDraft):
        commands_rules.activate_putaway_rules(ctx(ADA), ActivatePutawayRules(half.rule_set_id))


def test_what_is_in_stock_must_fit_as_it_comes_not_only_one_by_one():
    here, hose, tap = shelves(max_volume_ml=100_000), item("V-200"), item("TAP")
    sql.execute("UPDATE locations_location SET is_active = false WHERE role = 'forward_pick'")
    for one in (hose, tap):
        measured(one)
    put_away(here, hose, 60)
    put_away(here, hose, 70)
    put_away(here, tap, 40)
    half = draft(here, volume_percent=50)
    assert simulated(half).refused == 2
    with pytest.raises(NothingPlaceable) as refusal:
        commands_rules.activate_putaway_rules(ctx(ADA), ActivatePutawayRules(half.rule_set_id))
    assert refusal.value.message == "1 item that has a bin today would have none under version 1."
    [line] = refusal.value.lines
    assert line.message.startswith("60 of V-200, the fewest that came, would have no bin: "), line.message
    assert queries_rules.rule_set(half.rule_set_id, [0]).state == "draft"
    page = signed_in(ADA).get(f"/putaway-rules/{half.rule_set_id}").content.decode()
    assert "1 of 3 receipts would have found a bin; 2 none: V-200. From now on" in page
    assert f"/putaway-rules/{half.rule_set_id}/activate" in page
    own = commands_rules.write_putaway_rules(ctx(ADA), WritePutawayRules(here.site, PutawayRules(name="Ada's")))
    page = signed_in(ADA).get(f"/putaway-rules/{own.rule_set_id}").content.decode()
    assert f"/putaway-rules/{own.rule_set_id}/activate" not in page and "somebody else than its writer" in page
    form = signed_in(HAL).get(f"/putaway-rules/{half.rule_set_id}/simulate").content.decode()
    assert f'value="{today().isoformat()}"' in form, "the days are filled in as the browser reads them"
    wider = draft(here, volume_percent=60)
    page = signed_in(ADA).get(f"/putaway-rules/{wider.rule_set_id}").content.decode()
    assert "Not simulated since it was last changed: simulate first." in page
    simulated(wider)
    commands_rules.activate_putaway_rules(ctx(ADA), ActivatePutawayRules(wider.rule_set_id))


@pytest.mark.parametrize(
    "change",
    [
        "state = 'active'",
        "state = 'active', activated_by_id = written_by_id, activated_at = now()",
        "bay_mm = 0",
        "volume_percent = 101",
        "never_within = 'bin'",
    ],
)
def test_the_database_refuses_what_no_version_may_say(change):
    draft(shelves())
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.execute(f"UPDATE storage_putawayruleset SET {change}")
