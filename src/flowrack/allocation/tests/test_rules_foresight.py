"""What is foreseen quickly is what pegs say slowly: who is served on which day, and which promises cannot be kept."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from flowrack.allocation.rules import Claim
from flowrack.allocation.rules_cover import STOCK, Cover, outlook, pegs_of
from flowrack.allocation.rules_foresight import Coming, Foresight, Harm, Want
from flowrack.allocation.rules_pegs import Demand, Pegs

TODAY = date(2026, 3, 9)


def on(day: int) -> date:
    return TODAY + timedelta(days=day)


def by_pegs(wants: list[Want], coming: list[Coming]) -> dict[int, Cover]:
    """The slow opinion: on each day pegs of what comes later, and lines one after the other."""
    arrivals = sorted((c for c in coming if c.units > 0), key=lambda c: (c.expected_on, c.po_line_id))
    left, late = {want.line_id: want.units for want in wants}, {want.line_id: 0 for want in wants}
    served: dict[int, Coming] = {}
    stock = 0
    for n, supply in enumerate(arrivals):
        stock += supply.units
        if n + 1 < len(arrivals) and arrivals[n + 1].expected_on == supply.expected_on:
            continue
        day = max(supply.expected_on, TODAY)
        pegs = Pegs(
            {STOCK: stock},
            [(later.expected_on, later.units) for later in arrivals[n + 1 :]],
            [
                Demand(
                    Claim(want.line_id, 0, "", 0, left[want.line_id], "", want.promised_on, "partial", 0),
                    left[want.line_id],
                    max(want.promised_on, day),
                    frozenset((STOCK,)),
                )
                for want in wants
                if want.is_promised and left[want.line_id]
            ],
        )
        for want in wants:
            units = min(left[want.line_id], stock, pegs.room(want.line_id, STOCK))
            if units:
                pegs.take(want.line_id, STOCK, units)
                stock -= units
                left[want.line_id] -= units
                served[want.line_id] = supply
                late[want.line_id] += units if day > max(want.promised_on, TODAY) else 0
    return {
        key: Cover(
            None if left[key] else served[key].expected_on,
            served[key].po_line_id if key in served else 0,
            late[key] + left[key],
        )
        for key in left
    }


waits = st.lists(
    st.tuples(st.integers(1, 30), st.integers(-3, 10), st.booleans()),
    min_size=1,
    max_size=8,
)
supplies = st.lists(st.tuples(st.integers(-4, 12), st.integers(-1, 60)), max_size=5)


@settings(max_examples=80, deadline=None)
@given(waits, supplies, st.integers(-2, 60))
def test_what_is_foreseen_is_what_pegs_say(waiting, comes, free):
    wants = [Want(n, units, on(day), promised) for n, (units, day, promised) in enumerate(waiting, start=1)]
    coming = [Coming(0, "", date.min, free), *(Coming(n, "PO", on(day), u) for n, (day, u) in enumerate(comes, 1))]
    assert outlook(wants, coming, TODAY) == by_pegs(wants, coming)
    pegs = pegs_of(wants, coming, TODAY)
    assert Foresight(wants, coming, TODAY).missed([want.units for want in wants]) == [
        want.units - pegs.accepted[want.line_id] if want.is_promised else 0 for want in wants
    ]


def test_who_waits_harms_nobody_while_his_own_day_holds_and_harms_whom_he_overtakes():
    wants = [Want(9, 20, on(0), is_promised=False), Want(1, 0, on(5)), Want(2, 10, on(5))]
    coming = [Coming(7, "PO", on(3), 30), Coming(8, "PO", on(9), 30)]
    harm = Harm(wants, coming, TODAY, 9, 20)
    assert not harm.harms({1: 20}), "who gives all to the urgent order waits with nobody new beside him"
    assert Harm(wants, coming[:1], TODAY, 9, 10).harms({1: 25}), "more waits than comes in time"
    late = [Want(9, 20, on(0), is_promised=False), Want(1, 0, on(2)), Want(2, 10, on(5))]
    assert Harm(late, coming, TODAY, 9, 20).harms({1: 1}), "one unit that comes after its day is harm"
