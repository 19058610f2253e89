from hypothesis import given
from hypothesis import strategies as st

from flowrack.compliance.rules import DOORS, mass_balance


def test_the_recall_of_lot_l9_accounts_for_every_unit():
    balance = mass_balance(
        [("grni", True, 480), ("cogs", False, 300), ("scrap", False, 10)], on_hand=110, in_transit=60
    )
    assert (balance.entered, balance.accounted, balance.unexplained) == (480, 480, 0)


def test_a_lost_unit_without_a_move_shows_as_unexplained():
    assert mass_balance([("grni", True, 10)], on_hand=9, in_transit=0).unexplained == 1


@given(st.lists(st.tuples(st.sampled_from(sorted(DOORS)), st.integers(0, 1000)), max_size=40))
def test_what_came_in_less_what_went_out_is_on_hand(crossings):
    moves = [(account, came_in, units) for (account, came_in), units in crossings]
    on_hand = sum(units if came_in else -units for _, came_in, units in moves)
    assert mass_balance(moves, on_hand=on_hand, in_transit=0).unexplained == 0
