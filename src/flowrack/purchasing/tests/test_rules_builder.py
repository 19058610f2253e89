from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrack.purchasing.rules import line_total
from flowrack.purchasing.rules_builder import build, cost_of
from flowrack.purchasing.types_agreements import Break, ItemTerms
from flowrack.purchasing.types_builder import Candidate, Minimum

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=150)


def sells(item_id, cost, *, position=0, sold=90, days=90, moq=1, multiple=1, breaks=(), **more):
    terms = ItemTerms(moq=moq, multiple=multiple, list_cost=Decimal(cost), breaks=breaks)
    return Candidate(item_id, f"I{item_id}", f"Item {item_id}", position, sold, days, terms, **more)


def built(order):
    return [(line.sku, line.needed, line.filled) for line in order.lines]


# The first pilot: 355 are needed, which is 360 in cases of 24 at 12.00; the supplier asks for 5,000.00. The item with
# the fewest days of cover sells 4 a day, in tens at 17.00; the next one has 60 days.
MAIN = sells(1, "12", position=480, sold=3_600, multiple=24)
LOWEST = sells(2, "17", position=48, sold=360, multiple=10)
NEXT = sells(3, "5", position=60, multiple=10)


def test_the_first_pilot_is_filled_by_680_with_the_line_of_fewest_days_of_cover():
    order = build([MAIN, LOWEST, NEXT], {1: 355}, Minimum(Decimal(5_000)), max_cover_days=180)
    assert built(order) == [("I1", 360, 0), ("I2", 0, 40)]
    assert (order.value, order.share_pct, order.is_reached) == (Decimal("5000.00"), 100, True)
    assert [line.sentence for line in order.lines] == [
        "360 units needed: 4,320.00; the order is at 86 % of the minimum.",
        "40 units: 10 more days of cover, 680.00 towards the minimum, now 100 %.",
    ]
    assert order.sentence == "4,320.00 needed, 680.00 added in 1 line to reach the minimum of 5,000.00: 100 %."
    assert [(line.value, line.cover_days) for line in order.lines] == [
        (Decimal("4320.00"), 21),
        (Decimal("680.00"), 22),
    ]


def test_what_is_filled_takes_turns_so_that_the_lowest_cover_is_always_next():
    a, b = sells(1, "1", position=10), sells(2, "1", position=13)
    order = build([a, b], {}, Minimum(Decimal(9)), max_cover_days=180)
    # One to three for I1 until both last 13 days, then in turns.
    assert built(order) == [("I1", 0, 6), ("I2", 0, 3)]
    assert order.lines[0].sentence == "6 units: 6 more days of cover, 6.00 towards the minimum, now 66 %."


def test_the_minimum_that_binds_is_reached_in_weight_and_volume_too():
    light = sells(1, "100", weight_g=1_000, weight_of=10)
    heavy = sells(2, "1", position=5, weight_g=2_000, volume_ml=500_000, volume_of=4)
    minimum = Minimum(Decimal(200), weight_g=10_000, volume_ml=500_000)
    order = build([light, heavy], {1: 2}, minimum, max_cover_days=180)
    # I1 catches up with the 5 days of I2, then they take turns: the volume is there with 4 of I2, the weight with 5.
    assert built(order) == [("I1", 2, 8), ("I2", 0, 5)]
    assert (order.weight_g, order.volume_ml, order.share_pct, order.is_reached) == (11_000, 625_000, 110, True)
    assert [line.sentence for line in order.lines] == [
        "2 units needed: 200.00; the order is at 0 % of the minimum. 8 units: 8 more days of cover, 0.8 kg towards the "
        "minimum, now 0 %.",
        "5 units: 5 more days of cover, 0.625 m³ towards the minimum, now 110 %.",
    ]


def test_nothing_is_added_that_does_not_sell_lasts_too_long_or_brings_nothing():
    dead, long, free = sells(1, "5", sold=0), sells(2, "5", position=300), sells(3, "0")
    fine = sells(4, "5", position=178)
    order = build([dead, long, free, fine], {}, Minimum(Decimal(100)), max_cover_days=180)
    assert built(order) == [("I4", 0, 2)]
    assert order.passed_over == (
        ("I1", "It has not sold for three months."),
        ("I2", "It would last more than 180 days."),
        ("I3", "It brings the order no nearer to the minimum."),
    )
    assert (order.is_reached, order.share_pct) == (False, 10)
    assert order.sentence == (
        "0.00 needed, 10.00 added in 1 line; still under the minimum of 100.00: 10 %. "
        "Nothing else that sells soon enough brings it nearer."
    )
    nothing = build([dead], {1: 3}, Minimum(), max_cover_days=180)
    assert (built(nothing), nothing.sentence) == ([("I1", 3, 0)], "15.00; the supplier asks no minimum.")


def test_a_fill_begins_with_the_least_quantity_and_reaches_the_break_that_it_buys():
    item = sells(1, "9", moq=50, multiple=25, breaks=(Break(1, 1, Decimal(4)), Break(2, 100, Decimal(3))))
    order = build([item], {}, Minimum(Decimal(250)), max_cover_days=180)
    # 50 and 75 come to 200 and 300 at 4.00 each.
    assert (built(order), order.value) == ([("I1", 0, 75)], Decimal("300.00"))
    more = build([item], {}, Minimum(Decimal(301)), max_cover_days=180)
    assert (built(more), more.value) == ([("I1", 0, 125)], Decimal("375.00"))


items = st.builds(
    sells,
    st.integers(1, 6),
    st.decimals("0", "50", places=2),
    position=st.integers(-50, 400),
    sold=st.integers(0, 900),
    moq=st.integers(1, 60),
    multiple=st.integers(1, 24),
    weight_g=st.integers(0, 900),
    weight_of=st.integers(1, 12),
)


@CALM
@given(
    candidates=st.lists(items, max_size=6, unique_by=lambda c: c.item_id),
    wanted=st.lists(st.integers(0, 80), min_size=6, max_size=6),
    least=st.integers(0, 3_000),
    weight=st.sampled_from([0, 5_000]),
)
def test_every_order_is_whole_multiples_of_what_runs_out_first_and_no_more_than_asked(
    candidates, wanted, least, weight
):
    needs = {c.item_id: wanted[c.item_id - 1] for c in candidates}
    minimum = Minimum(Decimal(least), weight_g=weight)
    order = build(candidates, needs, minimum, max_cover_days=90)
    assert order == build(list(reversed(candidates)), needs, minimum, max_cover_days=90)
    of = {c.item_id: c for c in candidates}
    assert order.value == sum((line_total(units=x.units, unit_cost=x.unit_cost) for x in order.lines), Decimal(0))
    for x in order.lines:
        one = of[x.item_id]
        assert x.units == x.needed + x.filled and x.units % one.terms.multiple == 0 and x.units >= one.terms.moq
        assert x.unit_cost == cost_of(one, x.units)
        assert (x.needed > 0) == (needs[x.item_id] > 0) and x.needed >= needs[x.item_id]
        if x.filled:
            assert Fraction(one.position + x.units) <= 90 * one.daily
    if order.is_reached:
        assert order.value >= least and order.weight_g >= weight
    # What is left out although it sells would either last too long, bring nothing, or was not needed any more.
    told = {sku for sku, _ in order.passed_over}
    left = [c for c in candidates if c.item_id not in {x.item_id for x in order.lines} and c.sku not in told]
    assert order.is_reached or not left


@CALM
@given(candidates=st.lists(items, min_size=1, max_size=5, unique_by=lambda c: c.item_id), least=st.integers(1, 900))
def test_filling_at_once_is_the_same_as_one_multiple_after_the_other(candidates, least):
    plain = [replace(c, weight_g=0) for c in candidates]
    order = build(plain, {}, Minimum(Decimal(least)), max_cover_days=90)
    units = {c.item_id: 0 for c in plain}
    out = set()

    def value(of):
        return sum(
            (line_total(units=n, unit_cost=c.terms.list_cost) for c in plain if (n := of[c.item_id])), Decimal(0)
        )

    while value(units) < least:
        free = [c for c in plain if c.sold_units and c.item_id not in out]
        if not free:
            break
        one = min(free, key=lambda c: ((c.position + units[c.item_id]) / c.daily, c.sku))
        n = units[one.item_id] + one.terms.multiple if units[one.item_id] else one.terms.moq
        n = -(-n // one.terms.multiple) * one.terms.multiple
        if Fraction(one.position + n) > 90 * one.daily or one.terms.list_cost == 0:
            out.add(one.item_id)
        else:
            units[one.item_id] = n
    assert {x.item_id: x.units for x in order.lines} == {k: n for k, n in units.items() if n}
