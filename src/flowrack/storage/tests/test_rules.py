"""Sizes and refills, free of the database."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrack.storage import rules
from flowrack.storage.rules import Face, Size, Source

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_size_rounds_up_and_packs_share_their_measure():
    case = Size(volume_mm3=12_000_001, volume_factor=12, weight_g=9_001, weight_factor=12)
    assert case.volume_ml(12) == 12_001 and case.volume_ml(1) == 1_001
    assert case.grams(12) == 9_001 and case.grams(1) == 751
    assert Size().volume_ml(99) == Size().grams(99) == 0


def test_height_is_that_of_layers_on_a_pallet_else_the_measured_pallet_else_one_pack():
    cases = Size(pack_height_mm=90, case_height_mm=300, case_factor=12, cases_in_layer=8, pallet_height_mm=1_700)
    assert cases.height_mm(96, on_lpn=True) == 300 + 150
    assert cases.height_mm(97, on_lpn=True) == 600 + 150
    assert cases.height_mm(97, on_lpn=False) == 90
    assert Size(pack_height_mm=90, pallet_height_mm=1_700).height_mm(5, on_lpn=True) == 1_700
    assert Size().height_mm(5, on_lpn=True) == 0


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
