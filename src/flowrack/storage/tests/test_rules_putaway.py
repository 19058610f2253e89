"""Each hard rule of putaway removes the bins it should and no others, and says why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowrack.storage import rules
from flowrack.storage.rules import Load
from flowrack.storage.rules_putaway import FILTERS, Around, Bin, Goods, removed_by
from flowrack.storage.types_putaway import KeptApart, PutawayRules

RULES = PutawayRules(name="test")


def place(location_id=1, **more):
    facts = {
        "code": f"R-{location_id:02}",
        "role": "reserve",
        "pick_sequence": location_id,
        "stop": location_id,
        **more,
    }
    return Bin(location_id=location_id, **facts)


def goods(item=7, **more):
    facts = {
        "roles": rules.ROLES_OF_QUALITY["available"],
        "temperatures": frozenset({"ambient"}),
        "hazards": frozenset(),
        "load": Load(500, 900, 1),
        "storage_classes": frozenset({"general"}),
        "lot_ids": frozenset({1}),
        "owner_ids": frozenset({1}),
        "units": 10,
        "height_mm": 1_200,
        **more,
    }
    return Goods(item_ids=frozenset({item}), **facts)


FULL = {"load": Load(600, 200, 1), "under_way": Load(100, 50, 1), "item_ids": frozenset({7})}
TWO_LPNS = "R-01 takes 2 LPNs: 1 lie there, 1 are on the way, 1 more are 1 too many."


@pytest.mark.parametrize(
    ("rule", "bin_facts", "sentence"),
    [
        ("blocked", {"is_blocked": True}, "R-01 is blocked or out of use."),
        (
            "storage_class",
            {"storage_classes": frozenset({"bulky", "long"})},
            "R-01 takes bulky, long; this is general.",
        ),
        ("temperature", {"temperature": "frozen"}, "R-01 is frozen; this must stay ambient."),
        ("reserved_face", {"face_of": 8}, "R-01 is the pick face of another item."),
        (
            "face_full",
            {"face_of": 7, "face_max": 40, "units": 35},
            "R-01 is a pick face for 40: 35 lie there or are on the way, 10 more are 5 too many.",
        ),
        ("other_items", {"item_ids": frozenset({8})}, "R-01 holds other items."),
        ("owners", {"owner_ids": frozenset({2})}, "R-01 holds another owner's goods."),
        ("lpns", {"max_lpns": 2, **FULL}, TWO_LPNS),
        ("height", {"max_height_mm": 1_199}, "R-01 is 1199 mm high; this is 1200 mm."),
        (
            "weight",
            {"max_weight_g": 1_000, **FULL},
            "R-01 takes 1000 g: 200 lie there, 50 are on the way, 900 more are 150 too many.",
        ),
        (
            "beam",
            {"max_beam_weight_g": 1_000, **FULL},
            "The beam of R-01 carries 1000 g: 250 hang on it or are on the way, 900 more are 150 too many.",
        ),
        (
            "volume",
            {"max_volume_ml": 1_000, **FULL},
            "R-01 takes 1000 ml: 600 lie there, 100 are on the way, 500 more are 200 too many.",
        ),
    ],
)
def test_a_rule_removes_a_bin_and_says_why(rule, bin_facts, sentence):
    assert removed_by(goods(), place(**bin_facts), Around(RULES)) == (rule, sentence)


def test_every_limit_lets_in_what_just_fits():
    exact = place(
        max_lpns=3, max_height_mm=1_200, max_weight_g=1_150, max_beam_weight_g=1_150, max_volume_ml=1_200, **FULL
    )
    assert removed_by(goods(), exact, Around(RULES)) is None


def test_the_rules_have_names_of_their_own():
    assert len({name for name, _ in FILTERS}) == len(FILTERS) == 16


def test_a_beam_carries_its_neighbours_too():
    left = place(1, max_beam_weight_g=100_000, zone_id=5, aisle="01", bay="02", level="3", load=Load(0, 20_000, 1))
    pallet = goods(load=Load(0, 130_000, 1))
    assert removed_by(pallet, left, Around(RULES))[0] == "beam"
    light = goods(load=Load(0, 50_000, 1))
    assert removed_by(light, replace(left, item_ids=frozenset({7})), Around(RULES)) is None
    around = Around(RULES, beams={left.beam: 60_000})
    assert removed_by(light, left, around) == (
        "beam",
        "The beam of R-01 carries 100000 g: 60000 hang on it or are on the way, 50000 more are 10000 too many.",
    )


def test_lots_and_owners_are_kept_apart_as_the_rules_say():
    other = place(item_ids=frozenset({7}), lot_ids=frozenset({2}), owner_ids=frozenset({1}))
    assert removed_by(goods(), other, Around(RULES)) is None
    strict = replace(RULES, mixes_lots=False)
    assert removed_by(goods(), other, Around(strict)) == ("lots", "R-01 holds another lot.")
    theirs = replace(other, owner_ids=frozenset({2}))
    assert removed_by(goods(), theirs, Around(replace(RULES, mixes_owners=True))) is None


def test_a_share_of_the_limits_may_be_used():
    tight = Around(replace(RULES, volume_percent=80, weight_percent=80))
    assert removed_by(goods(), place(max_volume_ml=625), tight) is None
    assert removed_by(goods(), place(max_volume_ml=620), tight)[0] == "volume"
    assert removed_by(goods(), place(max_weight_g=1_100), tight)[0] == "weight"


def test_a_storage_class_may_be_sent_to_zones():
    around = Around(RULES, classes={"general": frozenset({4})})
    assert removed_by(goods(), place(zone_id=4), around) is None
    assert removed_by(goods(), place(zone_id=5), around) == (
        "class_zone",
        "The rules keep general goods in other zones than that of R-01.",
    )


def hazmat(hazard, item=7):
    return goods(item=item, hazards=frozenset({hazard}))


def risky(location_id=1, **more):
    return place(location_id, hazard_classes=frozenset("123456789"), zone_id=5, **more)


def test_a_hazard_class_goes_only_where_it_is_allowed():
    assert removed_by(hazmat("5.1"), place(hazard_classes=frozenset("38")), Around(RULES)) == (
        "hazard",
        "Hazard class 5 is not allowed in R-01.",
    )
    assert removed_by(hazmat("3"), place(hazard_classes=frozenset("38")), Around(RULES)) is None


def test_an_oxidizer_never_lies_beside_a_flammable():
    around = Around(RULES)
    around.add_hazards(risky(10, aisle="01"), 8, ["3"])
    gone = [stop for stop in range(7, 14) if removed_by(hazmat("5.1"), risky(stop, aisle="01"), around) is not None]
    assert gone == [9, 10, 11]  # O: separated by a bay; the next but one is far enough
    assert removed_by(hazmat("5.1"), risky(10, aisle="01"), around) == (
        "segregation",
        "Hazard 5.1 must stay separated from 3, which lies in R-10; R-10 is too near.",
    )
    assert removed_by(hazmat("5.1"), risky(10, aisle="02"), around) is None
    assert removed_by(hazmat("3"), risky(10, aisle="01"), around) is None


def test_what_may_never_be_together_stays_out_of_the_aisle_or_the_zone():
    around = Around(RULES)
    around.add_hazards(risky(10, aisle="01"), 8, ["4.2"])
    assert removed_by(hazmat("8"), risky(90, aisle="01"), around) == (
        "segregation",
        "Hazard 8 must stay away from 4.2, which lies in R-10; R-90 is too near.",
    )
    assert removed_by(hazmat("8"), risky(90, aisle="02"), around) is None
    assert removed_by(hazmat("8"), risky(90), around)[0] == "segregation"  # whose aisle nobody knows
    around.rules = replace(RULES, never_within="zone")
    assert removed_by(hazmat("8"), risky(90, aisle="02"), around)[0] == "segregation"
    assert removed_by(hazmat("8"), replace(risky(90, aisle="02"), zone_id=6), around) is None


def test_the_storage_matrix_of_the_site_adds_to_the_regulation_and_never_loosens_it():
    around = Around(replace(RULES, apart=[KeptApart("9", "3", "X"), KeptApart("4.2", "8", "O")]))
    assert (around.cell("3", "9"), around.cell("9", "3"), around.cell("8", "4.2"), around.cell("9", "9")) == (
        "X", "X", "X", "",
    )  # fmt: skip


def test_one_pallet_may_not_carry_hazards_that_must_be_apart():
    mixed = goods(hazards=frozenset({"3", "5.1"}))
    assert removed_by(mixed, risky(), Around(RULES)) == (
        "segregation",
        "Hazards 3 and 5.1 may not stand on one pallet.",
    )


def test_the_same_item_may_lie_beside_itself():
    around = Around(RULES)
    around.add_hazards(risky(10), 7, ["1.1"])
    assert removed_by(hazmat("1.1"), risky(10), around) is None
    assert removed_by(hazmat("1.3", item=9), risky(11), around)[0] == "segregation"


def test_stock_that_nobody_picks_from_may_mix():
    damaged = goods(roles=rules.ROLES_OF_QUALITY["damaged"])
    there = place(role="damaged", item_ids=frozenset({8}), lot_ids=frozenset({2}), owner_ids=frozenset({1}))
    assert removed_by(damaged, there, Around(replace(RULES, mixes_lots=False))) is None
