from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrack.storage import rules
from flowrack.storage.rules import Bin, Face, Goods, Load, Size, Source

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

PICKABLE = rules.ROLES_OF_QUALITY["available"]


def place(location_id, **more):
    facts = {"code": f"R-{location_id:02}", "role": "reserve", "pick_sequence": location_id, **more}
    return Bin(location_id=location_id, **facts)


def goods(item=7, load=Load(), roles=PICKABLE, **more):
    facts = {"temperatures": frozenset({"ambient"}), "hazard_classes": frozenset(), **more}
    return Goods(item_ids=frozenset({item}), roles=roles, load=load, **facts)


def test_size_rounds_up_and_packs_share_their_measure():
    case = Size(volume_mm3=12_000_001, volume_factor=12, weight_g=9_001, weight_factor=12)
    assert case.volume_ml(12) == 12_001 and case.volume_ml(1) == 1_001
    assert case.grams(12) == 9_001 and case.grams(1) == 751
    assert Size().volume_ml(99) == Size().grams(99) == 0


def test_a_bin_with_the_same_item_wins_over_a_nearer_empty_one():
    choice = rules.choose_bin(goods(), [place(1), place(5, item_ids=frozenset({7}))])
    assert choice.chosen.location_id == 5
    assert [c.location_id for c in choice.candidates] == [5, 1]
    assert rules.putaway_sentence(choice) == "R-05, because it already holds this item."


def test_of_empty_bins_the_nearest_reserve_bin_wins_and_forward_bins_come_last():
    bins = [place(9), place(1, role="forward_pick"), place(3), place(2, item_ids=frozenset({8}))]
    choice = rules.choose_bin(goods(), bins)
    assert [c.location_id for c in choice.candidates] == [3, 9, 1]
    assert rules.putaway_sentence(choice) == (
        "R-03, because it is the nearest empty bin that fits. 1 nearer bins were passed over; R-02 holds other items."
    )


def test_each_hard_rule_removes_a_bin_and_says_why():
    load = Load(volume_ml=500, weight_g=900, lpns=1)
    full = {"load": Load(600, 200, 1), "under_way": Load(100, 50, 1), "item_ids": frozenset({7})}
    bins = [
        place(1, is_blocked=True),
        place(2, temperature="frozen"),
        place(3, item_ids=frozenset({8})),
        place(4, face_of=8),
        place(5, max_lpns=2, **full),
        place(6, max_weight_g=1_000, **full),
        place(7, max_volume_ml=1_000, **full),
    ]
    choice = rules.choose_bin(goods(load=load, hazard_classes=frozenset()), bins)
    assert choice.chosen is None
    assert [(r.rule, r.sentence) for r in choice.removed] == [
        ("blocked", "R-01 is blocked or out of use."),
        ("temperature", "R-02 is frozen; this must stay ambient."),
        ("other_items", "R-03 holds other items."),
        ("reserved_face", "R-04 is the pick face of another item."),
        ("lpns", "R-05 takes 2 LPNs: 1 lie there, 1 are on the way, 1 more are 1 too many."),
        ("weight", "R-06 takes 1000 g: 200 lie there, 50 are on the way, 900 more are 150 too many."),
        ("volume", "R-07 takes 1000 ml: 600 lie there, 100 are on the way, 500 more are 200 too many."),
    ]
    assert rules.putaway_sentence(choice) == ("No bin fits. The nearest, for example: R-01 is blocked or out of use.")


def test_a_hazard_class_goes_only_where_it_is_allowed():
    bins = [place(1), place(2, hazard_classes=frozenset({"3", "8"}))]
    assert rules.choose_bin(goods(hazard_classes=frozenset({"3"})), bins).chosen.location_id == 2
    assert rules.choose_bin(goods(hazard_classes=frozenset({"5"})), bins).chosen is None


def test_damaged_stock_goes_to_its_zone_whatever_lies_there_else_to_quarantine():
    roles = rules.ROLES_OF_QUALITY["damaged"]
    bins = [place(1), place(2, role="quarantine"), place(3, role="damaged", item_ids=frozenset({8}))]
    assert rules.choose_bin(goods(roles=roles), bins).chosen.location_id == 3
    assert rules.choose_bin(goods(roles=roles), bins[:2]).chosen.location_id == 2
    assert rules.choose_bin(goods(roles=roles), bins[:1]).chosen is None


def test_two_pallets_never_get_the_same_last_place():
    pallet = goods(load=Load(lpns=1))
    first, second, third = rules.choose_bins([pallet] * 3, [place(1, max_lpns=1), place(2, max_lpns=1)])
    assert (first.chosen.location_id, second.chosen.location_id, third.chosen) == (1, 2, None)


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
    ),
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
def test_no_bin_is_overfilled_mixed_or_of_the_wrong_climate_and_none_is_missed(many, bins):
    state = {b.location_id: b for b in bins}
    for wanted, choice in zip(many, rules.choose_bins(many, bins), strict=True):
        fits = [
            b
            for b in state.values()
            if b.role in PICKABLE
            and wanted.temperatures == {b.temperature}
            and b.item_ids <= wanted.item_ids
            and (
                b.max_volume_ml is None
                or wanted.load.volume_ml == 0
                or b.load.volume_ml + b.under_way.volume_ml + wanted.load.volume_ml <= b.max_volume_ml
            )
            and (
                b.max_lpns is None
                or wanted.load.lpns == 0
                or b.load.lpns + b.under_way.lpns + wanted.load.lpns <= b.max_lpns
            )
        ]
        assert (choice.chosen is None) == (not fits)
        if choice.chosen is not None:
            assert choice.chosen in fits
            state[choice.chosen.location_id] = replace(
                choice.chosen,
                under_way=choice.chosen.under_way.plus(wanted.load),
                item_ids=choice.chosen.item_ids | wanted.item_ids,
            )


@CALM
@given(goods_drawn, bins_drawn)
def test_the_same_bins_in_any_order_give_the_same_answer(many, bins):
    names = [c.chosen and c.chosen.location_id for c in rules.choose_bins(many, bins)]
    assert names == [c.chosen and c.chosen.location_id for c in rules.choose_bins(many, bins[::-1])]


def face(face_id, there, under_way=0, item=7, low=10, high=40):
    return Face(face_id, 100 + face_id, item, low, high, there, under_way)


def source(cell_id, free, item=7):
    return Source(cell_id, 200 + cell_id, item, 0, 0, 1, free)


def test_a_low_face_is_filled_to_its_maximum_from_the_sources_in_order():
    found, none = rules.refills([face(1, 4, under_way=3)], [source(1, 20), source(2, 50)])
    assert [(r.source.cell_id, r.units) for r in found] == [(1, 20), (2, 13)] and none == []


def test_a_face_at_its_minimum_or_waiting_for_a_refill_gets_nothing():
    assert rules.refills([face(1, 10), face(2, 0, under_way=10)], [source(1, 99)]) == ([], [])


def test_the_emptier_face_is_served_first_and_the_other_is_named():
    found, none = rules.refills([face(1, 9), face(2, 0)], [source(1, 40)])
    assert [(r.face.face_id, r.units) for r in found] == [(2, 40)]
    assert [f.face_id for f in none] == [1]


@CALM
@given(
    st.lists(st.builds(face, st.integers(1, 9), st.integers(0, 30), st.integers(0, 9), st.integers(1, 2)), max_size=6),
    st.lists(
        st.builds(source, st.integers(1, 9), st.integers(1, 60), st.integers(1, 2)),
        max_size=6,
        unique_by=lambda s: s.cell_id,
    ),
)
def test_no_source_gives_more_than_it_has_and_no_face_gets_more_than_it_holds(faces, sources):
    found, _ = rules.refills(faces, sources)
    for one in sources:
        assert sum(r.units for r in found if r.source == one) <= one.free
    assert all(r.units > 0 and r.source.item_id == r.face.item_id for r in found)
