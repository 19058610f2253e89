"""Which of the bins that fit is chosen, what the others cost, and how many each rule removed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrack.storage import rules
from flowrack.storage.rules import Load
from flowrack.storage.rules_house import House, choose_bins
from flowrack.storage.rules_policy import faults_of, without_bin
from flowrack.storage.rules_putaway import Around, Bin, removed_by
from flowrack.storage.rules_score import score, terms
from flowrack.storage.rules_shapes import Shape
from flowrack.storage.rules_why import putaway_sentence
from flowrack.storage.tests.test_rules_putaway import RULES, goods, hazmat, place
from flowrack.storage.types_putaway import ClassZone, KeptApart, PreferredZone

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
SHAPED_BY = (
    "role", "temperature", "hazard_classes", "storage_classes", "max_volume_ml", "max_weight_g", "max_lpns",
    "max_height_mm", "max_beam_weight_g", "is_blocked", "zone_id",
)  # fmt: skip


def house(*bins: Bin, around: Around | None = None) -> House:
    """A house of these bins, their shapes found and counted."""
    alike: dict[tuple[object, ...], list[Bin]] = {}
    for one in bins:
        alike.setdefault(tuple(getattr(one, name) for name in SHAPED_BY), []).append(one)
    shapes, homes = {}, []
    for shape_id, of in enumerate(alike.values(), start=1):
        first = min(of, key=lambda b: (b.pick_sequence, b.location_id))
        none = frozenset()
        bare = replace(first, load=Load(), under_way=Load(), item_ids=none, lot_ids=none, owner_ids=none, face_of=0)
        filled = [b for b in of if not b.is_empty and not b.face_of]
        faces = sum(1 for b in of if b.face_of)
        nearest = min(filled, key=lambda b: b.pick_sequence) if filled else None
        shapes[shape_id] = Shape(
            shape_id,
            bare,
            len(of) - len(filled) - faces,
            len(filled),
            faces,
            nearest.code if nearest else "",
            nearest.pick_sequence if nearest else 0,
        )
        homes += [(b, shape_id) for b in of]
    built = House(around or Around(RULES), shapes, has_all=True)
    built.add_all(homes)
    for one in bins:
        if one.max_beam_weight_g is not None and not one.is_empty:
            built.hang(one, one.load.weight_g + one.under_way.weight_g)
    return built


def pallet(**more):
    return goods(load=Load(lpns=1), height_mm=0, **more)


def test_a_bin_with_the_same_item_wins_over_a_nearer_empty_one():
    choice = house(place(1), place(5, item_ids=frozenset({7}))).choose(goods())
    assert [p.code for p, _ in choice.candidates] == ["R-05", "R-01"]
    assert putaway_sentence(choice) == "R-05, because it already holds this item."
    assert choice.candidates[0][1] == {"carry": 13_500, "expected_picks": 1_350, "consolidation": -1_000_000}


def test_of_empty_bins_the_nearest_reserve_bin_wins_and_forward_bins_come_last():
    choice = house(place(9), place(1, role="forward_pick"), place(3), place(2, item_ids=frozenset({8}))).choose(goods())
    assert [p.code for p, _ in choice.candidates] == ["R-03", "R-09", "R-01"]
    assert choice.candidates[2][1]["role"] == 5_000_000
    assert {rule: (gone.bins, gone.sentence) for rule, gone in choice.removed.items()} == {
        "other_items": (1, "R-02 holds other items.")
    }
    assert putaway_sentence(choice) == (
        "R-03, because it costs least: carry 8.1 m, expected picks 0.8 m."
        " 1 bin was passed over; R-02 holds other items."
    )


def test_near_its_pick_face_is_better_than_near_the_doors():
    around = Around(RULES, faces={7: [(20, "F-20", 20)]})
    choice = house(*(place(n) for n in range(1, 41)), around=around).choose(goods())
    assert choice.chosen.code == "R-01"  # each bay towards the face is one away from the doors
    around.rules = replace(RULES, face_percent=200)
    assert house(*(place(n) for n in range(1, 41)), around=around).choose(goods()).chosen.code == "R-20"


def test_a_busy_aisle_costs_and_a_liked_zone_saves():
    near, far = place(1, zone_id=5, aisle="01"), place(3, zone_id=5, aisle="02")
    assert house(near, far, around=Around(RULES, busy={(5, "01"): 1})).choose(goods()).chosen is near
    assert house(near, far, around=Around(RULES, busy={(5, "01"): 2})).choose(goods()).chosen is far
    zones = Around(RULES, ranks={("A", 6): 0, ("A", 5): 1})
    liked = place(2, zone_id=6)
    assert house(near, liked, around=zones).choose(goods(velocity="A")).chosen is liked
    assert terms(goods(velocity="A"), near, zones)["velocity_zone"] == 20_000
    assert terms(goods(velocity="B"), near, zones)["velocity_zone"] == 60_000


def test_expected_picks_count_where_the_item_has_no_face():
    assert terms(goods(velocity="A"), place(2), Around(RULES))["expected_picks"] == 2 * 2_700 * 40 // 10
    assert "expected_picks" not in terms(goods(velocity="A"), place(2), Around(RULES, faces={7: [(1, "F", 1)]}))


def test_two_pallets_never_get_the_same_last_place():
    first, second, third = choose_bins([pallet()] * 3, house(place(1, max_lpns=1), place(2, max_lpns=1)))
    assert (first.chosen.code, second.chosen.code, third.chosen) == ("R-01", "R-02", None)
    assert putaway_sentence(third) == (
        "No bin fits. For example: R-01 takes 1 LPNs: 0 lie there, 1 are on the way, 1 more are 1 too many."
    )
    assert third.removed["lpns"].bins == 2


def test_each_rule_counts_all_the_bins_it_removed():
    bins = [place(n, temperature="frozen") for n in range(1, 11)]
    bins += [place(n, item_ids=frozenset({8})) for n in range(11, 31)]
    bins += [place(n, max_weight_g=100) for n in range(31, 36)]
    bins += [place(40, face_of=8), place(41, face_of=7, face_max=5), place(50)]
    choice = house(*bins).choose(goods())
    assert choice.chosen.code == "R-50"
    assert {rule: gone.bins for rule, gone in choice.removed.items()} == {
        "temperature": 10, "other_items": 20, "weight": 5, "reserved_face": 1, "face_full": 1,
    }  # fmt: skip
    assert sum(gone.bins for gone in choice.removed.values()) + 1 == len(bins)


def test_a_130_kg_pallet_never_hangs_on_a_100_kg_beam_and_two_of_60_not_on_one():
    slots = [place(n, max_beam_weight_g=100_000, zone_id=5, aisle="01", bay="01", level="2") for n in (1, 2)]
    heavy = pallet()
    heavy = replace(heavy, load=Load(0, 130_000, 1))
    assert house(*slots).choose(heavy).chosen is None
    first, second = choose_bins([replace(heavy, load=Load(0, 60_000, 1))] * 2, house(*slots))
    assert (first.chosen.code, second.chosen) == ("R-01", None)


def test_hazards_chosen_one_after_the_other_keep_apart():
    bins = [place(n, zone_id=5, aisle="01", max_lpns=1, hazard_classes=frozenset("35")) for n in range(1, 6)]
    one, other = choose_bins([hazmat("3", item=7), hazmat("5.1", item=8)], house(*bins))
    assert (one.chosen.code, other.chosen.code) == ("R-01", "R-03")
    assert other.removed["segregation"].sentence.startswith("Hazard 5.1 must stay separated from 3")


def test_damaged_stock_goes_to_its_zone_whatever_lies_there_else_to_quarantine():
    roles = rules.ROLES_OF_QUALITY["damaged"]
    bins = [place(1), place(2, role="quarantine"), place(3, role="damaged", item_ids=frozenset({8}))]
    assert house(*bins).choose(goods(roles=roles)).chosen.code == "R-03"
    assert house(*bins[:2]).choose(goods(roles=roles)).chosen.code == "R-02"
    assert house(*bins[:1]).choose(goods(roles=roles)).chosen is None


def test_an_emptied_bin_is_found_again():
    built = house(place(1, max_lpns=1), place(2, max_lpns=1))
    first = built.choose(pallet())
    built.put(pallet(), first.chosen.location_id)
    built.empty(first.chosen.location_id)
    assert built.choose(pallet(item=9)).chosen.code == "R-01"


bins_drawn = st.lists(
    st.builds(
        place,
        st.integers(1, 40),
        role=st.sampled_from(["reserve", "forward_pick", "damaged"]),
        temperature=st.sampled_from(["ambient", "chilled"]),
        max_volume_ml=st.one_of(st.none(), st.integers(1, 3_000)),
        max_lpns=st.one_of(st.none(), st.integers(1, 3)),
        item_ids=st.sets(st.integers(1, 3), max_size=2).map(frozenset),
        load=st.builds(Load, st.integers(0, 2_000), st.just(0), st.integers(0, 2)),
        face_of=st.sampled_from([0, 0, 0, 1]),
    ).map(lambda b: replace(b, load=Load()) if b.is_empty else b),
    max_size=8,
    unique_by=lambda b: b.location_id,
)
goods_drawn = st.lists(
    st.builds(
        goods,
        item=st.integers(1, 3),
        load=st.builds(Load, st.integers(0, 1_500), st.just(0), st.integers(0, 1)),
        temperatures=st.sampled_from([frozenset({"ambient"}), frozenset({"chilled"})]),
    ),
    min_size=1,
    max_size=8,
)


@CALM
@given(goods_drawn, bins_drawn)
def test_the_best_of_all_bins_that_fit_is_chosen_and_every_other_is_counted(many, bins):
    built = house(*bins)
    for wanted in many:
        judged = {b.location_id: removed_by(wanted, b, built.around) for b in built.bins.values()}
        of_role = [b for b in built.bins.values() if b.role in wanted.roles]
        fits = [b for b in of_role if judged[b.location_id] is None]
        best = min(fits, key=lambda b: (score(wanted, b, built.around), b.pick_sequence, b.location_id), default=None)
        choice = built.choose(wanted)
        assert choice.chosen == best
        assert sum(gone.bins for gone in choice.removed.values()) == len(of_role) - len(fits)
        if best is not None:
            built.put(wanted, best.location_id)


def test_a_rule_set_names_every_fault():
    bad = replace(
        RULES,
        name=" ",
        bay_mm=0,
        volume_percent=101,
        never_within="bin",
        zones=[PreferredZone("D", 5, 0), PreferredZone("A", 5, 0), PreferredZone("A", 5, 1)],
        apart=[KeptApart("3", "77", "X"), KeptApart("3", "5.1", " ")],
        classes=[ClassZone("general", 9)],
    )
    faults = faults_of(bad, zone_ids={5}, hazards={"3", "5.1"}, storage_classes={"general"})
    assert [(f.line, f.field) for f in faults] == [
        (0, "name"), (0, "bay_mm"), (0, "volume_percent"), (0, "never_within"), (1, "zones"), (1, "apart"),
        (2, "apart"), (1, "classes"), (0, "zones"),
    ]  # fmt: skip
    assert faults_of(RULES, zone_ids=set(), hazards=set(), storage_classes=set()) == []


def test_items_without_any_bin_are_named_with_the_reason():
    shapes = list(house(place(1, max_volume_ml=1_000), place(2, temperature="frozen")).shapes.values())
    wanted = {1: goods(), 2: goods(temperatures=frozenset({"chilled"})), 3: goods(load=Load(2_000, 0, 1))}
    lost = without_bin(wanted, shapes, Around(RULES))
    assert sorted(lost) == [2, 3]
    assert sorted(without_bin(wanted, shapes, Around(replace(RULES, volume_percent=0)))) == [1, 2, 3]
    assert without_bin({1: goods()}, [], Around(RULES)) == {1: "The site has no bins for it."}


@pytest.mark.parametrize(("percent", "code"), [(100, "R-01"), (0, "R-01")])
def test_ties_go_to_the_nearer_bin(percent, code):
    around = Around(replace(RULES, carry_percent=percent, picks_percent=0))
    assert house(place(2), place(1), around=around).choose(goods()).chosen.code == code
