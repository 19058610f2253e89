"""Sizes, free of the database."""

from __future__ import annotations

from flowrack.storage.rules import Size


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
