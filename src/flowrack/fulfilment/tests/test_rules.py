"""Properties of the choice of cells; no database."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowrack.fulfilment import rules
from flowrack.fulfilment.rules import Demand, PickCell


def cell(cell_id, free, *, on_hand=None, state="reserve", lpn=0, walk=0, doubtful=False):
    return PickCell(cell_id, 1, 0, cell_id, lpn, state, walk, on_hand or free, free, doubtful)


some_cells = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.integers(0, 5),
        st.sampled_from(["reserve", "forward_pick"]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=8,
).map(
    lambda rows: [
        cell(n + 1, free, on_hand=free + more, state=state, lpn=n + 1 if lpn else 0, doubtful=doubt)
        for n, (free, more, state, lpn, doubt) in enumerate(rows)
    ]
)


@given(wanted=st.lists(st.integers(1, 40), max_size=5), cells=some_cells)
def test_takes_no_more_than_is_free_and_all_that_is_wanted_if_there(wanted, cells):
    demands = [Demand(n, n, 1, 0, units) for n, units in enumerate(wanted)]
    plans = rules.plan_picks(demands, cells)
    taken: dict[int, int] = {}
    for plan in plans:
        assert plan.units > 0
        taken[plan.cell.cell_id] = taken.get(plan.cell.cell_id, 0) + plan.units
    assert all(units <= next(c.free for c in cells if c.cell_id == key) for key, units in taken.items())
    assert sum(taken.values()) == min(sum(wanted), sum(c.free for c in cells))


def chosen(units, *cells):
    return [(p.cell.cell_id, p.units) for p in rules.plan_picks([Demand(1, 1, 1, 0, units)], cells)]


def test_the_forward_pick_comes_before_the_reserve_then_the_walk():
    cells = (cell(1, 10, walk=1), cell(2, 10, walk=9, state="forward_pick"), cell(3, 10, walk=0))
    assert chosen(25, *cells) == [(2, 10), (3, 10), (1, 5)]


def test_a_whole_pallet_that_fits_is_taken_first():
    assert chosen(50, cell(1, 10, state="forward_pick"), cell(2, 48, lpn=7)) == [(2, 48), (1, 2)]


def test_a_pallet_is_not_broken_while_the_forward_pick_has_it():
    assert chosen(8, cell(1, 10, state="forward_pick"), cell(2, 48, lpn=7)) == [(1, 8)]


def test_a_bin_in_doubt_comes_last():
    assert chosen(5, cell(1, 10, state="forward_pick", doubtful=True), cell(2, 10)) == [(2, 5)]
