"""No unit is told to two: what the ladder says who gets and what a new promise may take fit into what comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from hypothesis import given as given_
from hypothesis import settings
from hypothesis import strategies as st

from flowrack.allocation.rules_arrivals import Coming, after
from flowrack.allocation.rules_decide import Inputs, decide
from flowrack.allocation.rules_free import Change, claimed_on, free_on
from flowrack.allocation.rules_pegs import Beside
from flowrack.allocation.rules_pegs import Supply as Pegged
from flowrack.allocation.rules_tried import Outlook, outlook
from flowrack.allocation.tests.test_rules_decide import TODAY, claim, pool
from flowrack.allocation.types_rules import RuleSet
from flowrack.promise.rules_case import Ask, Case, LotStock, Own, Site, Source, Stock, Supply, SupplyKind
from flowrack.promise.rules_house import House, Policy

POLICY = Policy(shelf_days=0)


def day(n: int) -> date:
    return TODAY + timedelta(days=n)


@dataclass(frozen=True)
class Small:
    """A small house: free units, deliveries as (day, units), lines as (units, day or None, tier) and perhaps the day on
    which it was wanted, quotes as (units, day, tier)."""

    stock: int
    deliveries: Sequence[tuple[int, int]]
    lines: Sequence[tuple[int, int | None, str] | tuple[int, int | None, str, int]]
    quotes: Sequence[tuple[int, int, str]] = ()
    pegs: Sequence[tuple[int, int, int]] = ()  # delivery, line, units that it brings for this line alone

    def after_a_run(self) -> Small:
        """The same when what is free was shared out: who has his units claims no more."""
        inputs, _ = self._inputs()
        left = after(inputs, decide(RuleSet(), inputs))
        lines, pegs = [], []
        for n, (one, (_, on, tier, *wanted)) in enumerate(zip(left.claims, self.lines, strict=True), 1):
            if one.units:
                lines.append((one.units, on, tier, *wanted))
                pegs += [(d, len(lines), min(units, one.units)) for d, line, units in self.pegs if line == n]
        return replace(self, stock=sum(one.free for one in left.pools), lines=lines, pegs=pegs)

    def ladder(self, line: int = 1) -> Outlook:
        """What the ladder of a line tells."""
        inputs, comes = self._inputs()
        return outlook(RuleSet(), inputs, line, comes)

    def _inputs(self) -> tuple[Inputs, list[Coming]]:
        claims = [
            claim(n, units, tier=tier, days=[on or 0, *wanted][-1])._replace(
                promised_on=None if on is None else day(on)
            )
            for n, (units, on, tier, *wanted) in enumerate(self.lines, 1)
        ]
        beside = [
            Beside(claim(-n, units, tier=tier, days=on)._replace(order_id=0, number=f"QT-{n}", promised_on=day(on)))
            for n, (units, on, tier) in enumerate(self.quotes, 1)
        ]
        pegs = {delivery: (line, units) for delivery, line, units in self.pegs}
        comes = [
            Coming("po", n, f"PO-{n}", "Bolt", 1, day(on), units, None, n, *pegs.get(n, (0, 0)))
            for n, (on, units) in enumerate(self.deliveries, 1)
        ]
        known = [Pegged(1, one.on, one.units, one.po_line_id, one.number) for one in comes]
        pools = [pool(1, self.stock)] if self.stock else []
        return Inputs(TODAY, claims, pools, coming=known, beside=beside), comes

    def told(self, on: int, line: int = 1) -> int:
        """Units of the deliveries of a day that the ladder says somebody gets."""
        found = self.ladder(line)
        rows = [*found.expected_by, *found.quoted]
        return sum(units for one, _, units in rows if one.on == day(on))

    def promised(self) -> Source:
        """What the promise stage counts with."""

        def pegged(of: int, at: int) -> int:
            return sum(peg[2] for peg in self.pegs if peg[at] == of)

        stock = Stock(
            1, 1,
            lots=(LotStock(0, "", self.stock, 0, None),) if self.stock else (),
            supplies=tuple(
                Supply(SupplyKind.TRANSFER, n, f"PO-{n}", units - pegged(n, 0), day(on))
                for n, (on, units) in enumerate(self.deliveries, 1)
            ),
            claims=tuple(
                Change(claimed_on(day(on), day([on, *wanted][-1]), "partial"), pegged(n, 1) - units)
                for n, (units, on, _, *wanted) in enumerate([*self.lines, *self.quotes], 1)
                if on is not None
            ),
            waiting=tuple(
                Change(TODAY, pegged(n, 1) - units) for n, (units, on, *_) in enumerate(self.lines, 1) if on is None
            ),
        )  # fmt: skip
        site = Site(1, "W1", "W1", datetime.combine(TODAY, time(9)), House(POLICY))
        ask = Ask(1, "V", 1, (1,))
        return Source(Case((ask,), (site,), (stock,)), site, stock, ask)

    def free(self, on: int) -> int:
        """Units that somebody new may be promised for a day."""
        return free_on(self.promised().steps(TODAY), day(on))


def test_what_a_promise_does_not_need_yet_is_free_on_the_ladder_as_on_the_promise_page():
    """113 come on the 1st day and 120 on the 3rd; who waits for 111 was promised the 8th day."""
    house = Small(0, [(1, 113), (3, 120)], [(111, 8, "C")])
    assert [(one.name, one.units) for one in house.ladder().arrivals] == [("PO-2", 111)]
    assert [(one.name, one.why) for one in house.ladder().in_vain] == [("PO-1", "later")]
    assert (house.told(1), house.free(1)) == (0, 113)
    assert (house.told(3), house.free(3) - house.free(1)) == (111, 9)


def test_who_was_told_no_day_has_what_comes_first_and_nobody_else_is_promised_it():
    house = Small(0, [(1, 113), (3, 120)], [(111, None, "C")])
    assert [(one.name, one.units) for one in house.ladder().arrivals] == [("PO-1", 111)]
    assert (house.told(1), house.free(1)) == (111, 2)
    assert (house.told(3), house.free(3) - house.free(1)) == (0, 120)


def test_promises_come_first_then_quotes_then_lines_by_rank():
    """50 come: 20 are promised, a quote holds 15, and two lines without a day share the other 15 by their tier."""
    house = Small(0, [(2, 50)], [(20, 5, "C"), (10, None, "B"), (10, None, "A")], [(15, 4, "C")])
    found = house.ladder(2)
    assert [(line, units) for _, line, units in found.expected_by] == [(3, 10), (2, 5), (1, 20)]
    assert [(quote.number, units) for _, quote, units in found.quoted] == [("QT-1", 15)]
    assert (house.told(2, 2), house.free(2)) == (50, 0)


def test_a_line_that_is_late_has_the_sooner_delivery_and_a_newcomer_only_the_rest():
    """48 were promised the 15th day though they should have left yesterday; by then 200 come, and 162 on the 1st."""
    house = Small(0, [(1, 162), (12, 200)], [(48, 15, "A", -1), (33, 15, "C", -1)])
    assert [(one.name, one.units) for one in house.ladder().arrivals] == [("PO-1", 48)]
    assert (house.told(1), house.free(1)) == (81, 81)
    assert (house.told(12), house.free(12) - house.free(1)) == (0, 200)


def test_who_was_promised_the_day_that_he_wanted_leaves_the_sooner_delivery_to_others():
    house = Small(0, [(1, 162), (12, 200)], [(48, 15, "A", 15), (33, 15, "C", -1)])
    assert [(one.name, one.units) for one in house.ladder().arrivals] == [("PO-2", 48)]
    assert (house.told(1), house.free(1)) == (33, 129)


def test_of_two_that_are_late_the_better_rank_has_the_sooner_delivery():
    house = Small(0, [(1, 50), (12, 40)], [(33, 15, "C", -1), (48, 15, "A", -1)])
    assert [(one.name, one.units) for one in house.ladder(1).arrivals] == [("PO-1", 2), ("PO-2", 31)]
    assert [(one.name, one.units) for one in house.ladder(2).arrivals] == [("PO-1", 48)]
    assert (house.free(1), house.free(12)) == (0, 9)


def test_a_line_claims_from_the_day_on_which_it_was_wanted_and_not_before():
    """Wanted on the 5th day, promised the 15th: what comes on the 1st is for others, what comes on the 4th its own."""
    house = Small(0, [(1, 48), (4, 48), (12, 48)], [(48, 15, "A", 5)])
    assert [(one.name, one.units) for one in house.ladder().arrivals] == [("PO-2", 48)]
    assert (house.free(1), house.free(4), house.free(12)) == (48, 48, 96)


def test_a_transfer_that_was_planned_for_a_line_serves_it_first_and_only_its_rest_is_free():
    """54 come on the 2nd day for the line of tier C, which wants 41; the line of tier A has what comes on the 3rd."""
    house = Small(0, [(2, 54), (3, 60)], [(41, 15, "C", -1), (48, 15, "A", -1)], pegs=[(1, 1, 41)])
    assert [(one.name, one.units) for one in house.ladder(1).arrivals] == [("PO-1", 41)]
    assert [(one.name, one.units) for one in house.ladder(2).arrivals] == [("PO-1", 13), ("PO-2", 35)]
    assert (house.told(2), house.free(2), house.free(3)) == (54, 0, 25)
    assert [(one.kind, one.name) for one in house.ladder(1).ways] == []


def test_it_is_the_lines_own_also_before_its_promised_day_needs_it():
    house = Small(0, [(2, 54), (3, 60)], [(41, 15, "C", 15)], pegs=[(1, 1, 41)])
    assert [(one.name, one.units) for one in house.ladder(1).arrivals] == [("PO-1", 41)]
    assert (house.told(2), house.free(2), house.free(3)) == (41, 13, 73)


def test_a_line_that_asks_itself_has_what_comes_for_it_whoever_else_waits():
    house = Small(0, [(2, 54), (12, 60)], [(41, 15, "C", -1), (60, 15, "A", -1)], pegs=[(1, 1, 41)])
    own = Supply(SupplyKind.TRANSFER, 1, "PO-1", 41, day(2))
    source = house.promised()
    mine = replace(source, ask=replace(source.ask, line_id=1, units=41))
    stock = replace(source.stock, claims=(Change(day(-1), -60),), own=(Own(1, own),))
    asked = replace(mine, stock=stock)
    assert [(step.on, step.free) for step in asked.steps(TODAY)] == [(TODAY, 0), (day(2), 41), (day(12), 54)]
    assert (asked.mine_by(day(1)), asked.mine_by(day(2))) == (0, 41)
    assert [supply.units for supply in asked.supplies] == [13, 60, 41]


units = st.integers(1, 30)
tiers = st.sampled_from("ABC")
lines = st.one_of(
    st.tuples(units, st.one_of(st.none(), st.integers(0, 9)), tiers),
    st.tuples(units, st.integers(0, 12), tiers, st.integers(-3, 12)),
)
plain = st.builds(
    Small,
    st.integers(0, 40),
    st.lists(st.tuples(st.integers(1, 8), units), max_size=4),
    st.lists(lines, min_size=1, max_size=5),
    st.lists(st.tuples(units, st.integers(1, 9), tiers), max_size=3),
)


@st.composite
def houses(draw) -> Small:
    """A house of which one delivery may come for one line."""
    house = draw(plain)
    if not house.deliveries or draw(st.booleans()):
        return house
    delivery, line = draw(st.integers(1, len(house.deliveries))), draw(st.integers(1, len(house.lines)))
    most = min(house.deliveries[delivery - 1][1], house.lines[line - 1][0])
    return replace(house, pegs=[(delivery, line, draw(st.integers(1, most)))])


@settings(deadline=None, max_examples=200)
@given_(houses())
def test_the_ladder_and_a_new_promise_never_tell_more_than_comes_until_a_day(drawn):
    house, told, comes = drawn.after_a_run(), 0, 0
    if not house.lines:
        return
    for on in sorted({on for on, _ in house.deliveries}):
        comes += sum(units for day_, units in house.deliveries if day_ == on)
        told += house.told(on)
        assert told + house.free(on) - house.free(0) <= comes


@settings(deadline=None, max_examples=200)
@given_(houses())
def test_nobody_new_is_promised_what_a_late_line_could_use(drawn):
    """As soon as some is free for a newcomer, whoever should have left already has all that he wants, as the ladder
    tells it; but for whom a transfer comes, which is his."""
    house = drawn.after_a_run()
    due = {n for n, (_, on, _, *wanted) in enumerate(house.lines, 1) if on is not None and [on, *wanted][-1] <= 0}
    due -= {line for _, line, _ in house.pegs}
    got = dict.fromkeys(due, 0)
    for on in sorted({on for on, _ in house.deliveries}) if due else ():
        if house.free(on) <= house.free(0):
            continue
        for line in due:
            arrived = [one.units for one in house.ladder(line).arrivals if one.on <= day(on)]
            got[line] = sum(arrived)
        assert got == {line: house.lines[line - 1][0] for line in due}
