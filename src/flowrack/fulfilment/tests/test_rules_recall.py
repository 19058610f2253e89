"""Which picks are called back when fewer are wanted: as few units as will do, from the end of the walk."""

from __future__ import annotations

from flowrack.fulfilment.rules_recall import GoesBack, LooseUnits, MadePick, OpenPick, to_call_back, to_send_back


def picks(*units: int, pallets: tuple[int, ...] = ()) -> list[OpenPick]:
    """Picks 1, 2, ... of one list in walking order."""
    return [OpenPick(n, 1, n, many, n in pallets) for n, many in enumerate(units, 1)]


def test_only_what_is_wanted_no_more_is_called_back_from_the_end_of_the_walk():
    assert to_call_back(picks(10, 20, 30), 4) == [(3, 4)]
    assert to_call_back(picks(10, 20, 30), 30) == [(3, 30)]
    assert to_call_back(picks(10, 20, 30), 35) == [(2, 5), (3, 30)]
    assert to_call_back(picks(10, 20, 30), 60) == [(1, 10), (2, 20), (3, 30)]
    assert to_call_back(picks(10), 11) == [(1, 10)]
    assert to_call_back(picks(10), 0) == to_call_back(picks(10), -3) == to_call_back([], 5) == []


def test_a_pallet_goes_whole_and_only_where_nothing_smaller_will_do():
    assert to_call_back(picks(10, 100, pallets=(2,)), 4) == [(1, 4)]
    assert to_call_back(picks(10, 100, pallets=(2,)), 100) == [(2, 100)]
    assert to_call_back(picks(10, 100, pallets=(2,)), 14) == [(1, 10), (2, 100)]
    assert to_call_back(picks(200, 100, pallets=(1, 2)), 14) == [(2, 100)]


def test_what_was_picked_last_goes_back_first_out_of_the_tote_it_was_picked_into():
    picks_made = [MadePick(1, 7, 90, 31, 5), MadePick(2, 7, 90, 32, 4)]
    stands = [LooseUnits(11, 7, 90, 31, 5), LooseUnits(12, 7, 90, 32, 4)]
    assert to_send_back(picks_made, stands, 3) == [GoesBack(2, 12, 32, 3)]
    assert to_send_back(picks_made, stands, 6) == [GoesBack(2, 12, 32, 4), GoesBack(1, 11, 31, 2)]
    assert to_send_back(picks_made, stands, 9) == [GoesBack(2, 12, 32, 4), GoesBack(1, 11, 31, 5)]


def test_of_what_is_packed_the_rest_goes_back_and_no_more():
    picks_made = [MadePick(1, 7, 90, 31, 5), MadePick(2, 7, 90, 32, 4)]
    assert to_send_back(picks_made, [LooseUnits(11, 7, 90, 31, 2)], 6) == [GoesBack(2, 11, 31, 2)]
    assert to_send_back(picks_made, [LooseUnits(11, 8, 90, 31, 2)], 1) == [], "another lot"
    assert to_send_back(picks_made, [LooseUnits(11, 7, 91, 31, 2)], 1) == [], "it was carried elsewhere"
