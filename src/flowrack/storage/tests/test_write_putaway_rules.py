import pytest
from tests.cast import ADA, CY, HAL, ctx
from tests.supply import counts_of

from flowrack.locations import queries as locations
from flowrack.shared.errors import NotFound, NotPermitted
from flowrack.storage import commands_rules, queries_rules
from flowrack.storage.tests.house import shelves
from flowrack.storage.tests.rule_sets import draft
from flowrack.storage.types_putaway import (
    BadRules,
    ClassZone,
    DiscardPutawayRules,
    KeptApart,
    PreferredZone,
    PutawayRules,
    RulesNotDraft,
    WritePutawayRules,
)

pytestmark = pytest.mark.django_db


def test_a_version_is_written_and_changed_until_it_is_activated():
    here = shelves()
    zone = next(z.zone_id for z in locations.zones(here.site) if z.role == "reserve")
    rules = {
        "bay_mm": 3_000,
        "mixes_lots": False,
        "zones": [PreferredZone("A", zone, 0)],
        "apart": [KeptApart("5.1", "3", "X")],
        "classes": [ClassZone("food", zone)],
    }
    first, second = draft(here, **rules), draft(here, name="Other")
    assert (first.version, second.version, first.state) == (1, 2, "draft")
    stored = queries_rules.rule_set(first.rule_set_id, [here.site])
    assert stored.rules == PutawayRules(name="Reserve first", **{**rules, "apart": [KeptApart("3", "5.1", "X")]})
    assert (stored.note, stored.written_by, stored.state) == ("spring", "Hal Inventory", "draft")
    assert queries_rules.in_use(here.site).version == 0

    changed = draft(here, rule_set_id=first.rule_set_id, bay_mm=2_500)
    assert (changed.rule_set_id, changed.version) == (first.rule_set_id, 1)
    stored = queries_rules.rule_set(first.rule_set_id, [0])
    assert (stored.rules.bay_mm, stored.rules.zones, stored.rules.classes) == (2_500, [], [])
    with pytest.raises(NotFound):
        queries_rules.rule_set(first.rule_set_id, [here.site + 1])


def test_a_retry_writes_once():
    here = shelves()
    req = WritePutawayRules(here.site, PutawayRules(name="Once"))
    assert commands_rules.write_putaway_rules(ctx(HAL, "k"), req) == commands_rules.write_putaway_rules(
        ctx(HAL, "k"), req
    )
    assert len(queries_rules.rule_sets([here.site])) == 1


def test_what_makes_no_sense_is_refused_field_by_field_and_leaves_no_trace():
    here = shelves()
    dropped = draft(here)
    commands_rules.discard_putaway_rules(ctx(HAL), DiscardPutawayRules(dropped.rule_set_id))
    by = ctx(HAL), ctx(HAL), ctx(HAL), ctx(CY)
    before = counts_of()
    with pytest.raises(BadRules) as refusal:
        commands_rules.write_putaway_rules(
            by[0], WritePutawayRules(here.site, PutawayRules(name="", bay_mm=0, zones=[PreferredZone("A", 9_999, 0)]))
        )
    assert [line.field for line in refusal.value.lines] == ["name", "bay_mm", "zones"]
    good = PutawayRules(name="Good")
    for ctx_of, req, error in (
        (by[1], WritePutawayRules(here.site, good, rule_set_id=dropped.rule_set_id), RulesNotDraft),
        (by[2], WritePutawayRules(here.site, good, rule_set_id=999_999), NotFound),
        (by[3], WritePutawayRules(here.site, good), NotPermitted),
    ):
        with pytest.raises(error):
            commands_rules.write_putaway_rules(ctx_of, req)
    assert counts_of() == before
    assert ADA.id
