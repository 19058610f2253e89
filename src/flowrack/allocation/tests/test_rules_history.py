"""A rule set tried on history: what would have left on which day, and the figures of it, by hand."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from flowrack.allocation import rules_history
from flowrack.allocation.rules import Claim, Pool
from flowrack.allocation.rules_figures import measure
from flowrack.allocation.rules_history import History, PastLine, simulate
from flowrack.allocation.types_rules import ClassRule, Quota, RuleSet, Weights

MON = date(2026, 3, 2)
PRICE, COST = Decimal("5"), Decimal("3")


def _line(number: int, units: int, tier: str = "B", *, came: int = 0, wanted: int = 1, **more: object) -> PastLine:
    """Line `number` of an order of its own, that came and is wanted so many days after Monday."""
    day = MON + timedelta(days=came)
    claim = Claim(number, number * 10, f"SO-{number}", 7, units, tier, MON + timedelta(days=wanted), "partial", 0)
    claim = claim._replace(ordered_at=number, age=day.toordinal(), customer=number, **more)
    return PastLine(claim, day.toordinal(), PRICE, COST)


def _history(lines: list[PastLine], *, stock: int = 0, moved: dict[int, int] | None = None) -> History:
    by_day = {(MON + timedelta(days=day)).toordinal(): [(1, units)] for day, units in (moved or {}).items()}
    pools = [Pool(1, 7, 0, "", None, 0, stock, stock)]
    return History(MON, MON + timedelta(days=6), lines, pools, by_day)


def _days(shipped: dict[int, list[tuple[int, int]]]) -> dict[int, list[tuple[int, int]]]:
    """The same with days counted from Monday."""
    return {line: [(day - MON.toordinal(), units) for day, units in of] for line, of in shipped.items() if of}


def test_what_is_there_leaves_on_the_wanted_day_and_what_comes_later_on_its_day():
    history = _history([_line(1, 10, wanted=1), _line(2, 10, wanted=3)], stock=12, moved={5: 20})
    assert _days(simulate(RuleSet(), history)) == {1: [(1, 10)], 2: [(3, 2), (5, 8)]}


def test_a_line_leaves_on_the_day_that_was_first_told_if_it_is_there_by_then():
    early, late = ((MON + timedelta(days=day)).toordinal() for day in (1, 2))
    told = [_line(1, 5, wanted=4)._replace(promised_on=early), _line(2, 10, wanted=4)._replace(promised_on=late)]
    history = _history(told, stock=5, moved={3: 10})
    shipped = simulate(RuleSet(), history)
    assert _days(shipped) == {1: [(1, 5)], 2: [(3, 10)]}
    assert measure(history, shipped)["", None].broken == 1


def test_two_rule_sets_give_the_same_goods_to_different_orders():
    history = _history([_line(1, 10, "C"), _line(2, 10, "A")], stock=10)
    assert _days(simulate(RuleSet(), history)) == {2: [(1, 10)]}
    first_c = RuleSet(classes=(ClassRule("Small shops", tiers=("C",)), ClassRule("Rest")))
    assert _days(simulate(first_c, history)) == {1: [(1, 10)]}


def test_goods_lost_after_they_had_left_in_the_simulation_are_owed_by_the_next_receipt():
    history = _history([_line(1, 10), _line(2, 10, came=3, wanted=3)], stock=10, moved={2: -4, 4: 10})
    assert _days(simulate(RuleSet(), history)) == {1: [(1, 10)], 2: [(4, 6)]}


def test_an_order_that_ships_complete_waits_for_its_last_item():
    one = _line(1, 5, policy="complete")
    other = replace_claim(_line(2, 5, policy="complete"), order_id=10, item_id=8)
    history = _history([one, other], stock=5)
    history.pools.append(Pool(2, 8, 0, "", None, 0, 0, 0))
    history.moved = {(MON + timedelta(days=4)).toordinal(): [(2, 5)]}
    assert _days(simulate(RuleSet(), history)) == {1: [(4, 5)], 2: [(4, 5)]}


def replace_claim(line: PastLine, **values: object) -> PastLine:
    """The same line with another claim."""
    return line._replace(claim=line.claim._replace(**values))


def test_a_class_that_shares_gives_back_what_has_not_left_to_a_better_tier_that_came_later():
    lines = [_line(1, 10, "C", wanted=5), _line(2, 10, "A", came=2, wanted=3)]
    history = _history(lines, stock=10)
    assert _days(simulate(RuleSet(), history)) == {1: [(5, 10)]}
    share = RuleSet(classes=(ClassRule("All", "share"),))
    assert _days(simulate(share, history)) == {2: [(3, 10)]}


def test_a_guarantee_takes_from_a_class_on_hold():
    lines = [_line(1, 10, "C", wanted=5), _line(2, 6, "A", came=2, wanted=3)]
    hold = RuleSet(
        classes=(
            ClassRule("Hospitals", "guarantee", tiers=("A",)),
            ClassRule("New", wanted_from=5),
            ClassRule("Rest", "hold"),
        )
    )
    # On Monday the C order counts as new and gets all; from Tuesday on it is on hold, and gives way to the guarantee.
    assert _days(simulate(hold, _history(lines, stock=10))) == {1: [(5, 4)], 2: [(3, 6)]}


def test_a_quota_counts_what_is_promised_and_has_not_left():
    lines = [_line(1, 8, "C", wanted=5), _line(2, 8, "A", came=1, wanted=2)]
    limit = RuleSet(quotas=(Quota("Shops", "limit", 30, tiers=("C",)),))
    assert _days(simulate(limit, _history(lines, stock=10))) == {1: [(5, 3)], 2: [(2, 7)]}


def test_a_horizon_keeps_goods_for_who_wants_them_sooner():
    lines = [_line(1, 10, "A", wanted=6), _line(2, 10, "C", came=2, wanted=2)]
    history = _history(lines, stock=10, moved={5: 10})
    assert _days(simulate(RuleSet(), history)) == {1: [(6, 10)], 2: [(5, 10)]}
    assert _days(simulate(RuleSet(horizon_days=2), history)) == {2: [(2, 10)], 1: [(6, 10)]}


def test_the_figures_count_only_lines_wanted_in_the_time_and_a_shipment_beyond_the_first_is_a_split():
    promised = (MON + timedelta(days=3)).toordinal()
    lines = [
        _line(1, 10, "A", wanted=1)._replace(promised_on=promised),
        _line(2, 10, "C", wanted=3)._replace(unit_cost=None),
        _line(3, 99, "C", wanted=-2),
        _line(4, 99, "C", wanted=9),
    ]
    first = MON.toordinal()
    found = measure(_history(lines), {1: [(first + 1, 6), (first + 4, 4)], 2: [(first + 3, 7)], 3: [(first, 99)]})
    everyone, best = found["", None], found["A", None]
    assert (everyone.lines, everyone.lines_on_time, everyone.lines_whole) == (2, 0, 1)
    assert (everyone.units, everyone.units_on_time, everyone.units_left) == (20, 13, 17)
    assert (everyone.unit_fill, everyone.line_fill) == (650, 0)
    assert everyone.late_days == 3 + 3  # the first was whole on Friday; the second waits on Sunday still
    assert (everyone.splits, everyone.promised, everyone.broken) == (1, 1, 1)
    assert (everyone.value, everyone.margin) == (Decimal(85), Decimal(20))
    assert (best.lines, best.units_on_time, best.unit_fill, best.margin) == (1, 6, 600, Decimal(20))
    assert found["", MON] == everyone


def test_the_same_history_gives_the_same_answer_in_whatever_order_its_lines_stand():
    lines = [_line(n, n % 7 + 1, "ABC"[n % 3], came=n % 5, wanted=n % 7) for n in range(1, 60)]
    history = _history(lines, stock=40, moved={2: 30, 4: 30})
    once = simulate(RuleSet(), history)
    assert simulate(RuleSet(), replace(history, lines=lines[::-1])) == once
    assert sum(units for of in once.values() for _, units in of) == 100


def test_what_was_promised_for_a_day_is_kept_from_a_better_tier_that_came_later():
    """12 come on Thursday, which C was told; A came on Tuesday. On Saturday 12 more come."""
    thursday, saturday = ((MON + timedelta(days=day)).toordinal() for day in (3, 5))
    lines = [_line(1, 12, "C", wanted=3)._replace(promised_on=thursday), _line(2, 12, "A", came=1, wanted=3)]
    history = _history(lines, moved={3: 12, 5: 12})
    assert _days(simulate(RuleSet(promises="rank"), history)) == {2: [(3, 12)], 1: [(5, 12)]}
    assert _days(simulate(RuleSet(), history)) == {1: [(3, 12)], 2: [(5, 12)]}
    assert [measure(history, simulate(RuleSet(promises=by), history))["", None].broken for by in ("rank", "keep")] == [
        1,
        0,
    ]
    told_saturday = replace(history, lines=[lines[0]._replace(promised_on=saturday), lines[1]])
    assert _days(simulate(RuleSet(), told_saturday)) == {2: [(3, 12)], 1: [(5, 12)]}


def test_an_order_that_goes_whole_keeps_what_its_promised_day_needs():
    """Item 7 is there on Monday, item 8 comes on Thursday; a better tier wants item 7 on Tuesday."""
    thursday = (MON + timedelta(days=3)).toordinal()
    one = _line(1, 5, "C", wanted=3, policy="complete")._replace(promised_on=thursday)
    other = replace_claim(_line(2, 5, "C", wanted=3, policy="complete"), order_id=10, item_id=8)
    history = _history([one, other._replace(promised_on=thursday), _line(3, 5, "A", came=1, wanted=1)], stock=5)
    history.pools.append(Pool(2, 8, 0, "", None, 0, 0, 0))
    history.moved = {thursday: [(2, 5)]}
    assert _days(simulate(RuleSet(), history)) == {1: [(3, 5)], 2: [(3, 5)]}
    assert _days(simulate(RuleSet(promises="rank"), history)) == {3: [(1, 5)]}


EVERYTHING = (
    RuleSet(),
    RuleSet(classes=(ClassRule("All", "share"),)),
    RuleSet(classes=(ClassRule("B", "share", tiers=("B",)), ClassRule("Rest", weights=Weights(whole=3)))),
    RuleSet(fairness_percent=40),
    RuleSet(classes=(ClassRule("A", "guarantee", tiers=("A",)), ClassRule("B", tiers=("B",)), ClassRule("C", "hold"))),
    RuleSet(
        classes=(ClassRule("A", tiers=("A",)), ClassRule("Rest", "improve", weights=Weights(consolidation=2, age=1)))
    ),
    RuleSet(quotas=(Quota("A", "protect", 30, tiers=("A",)), Quota("C", "limit", 20, tiers=("C",)))),
)


@pytest.mark.parametrize("rules", EVERYTHING)
def test_lines_that_are_not_looked_at_on_a_day_would_have_got_nothing(rules, monkeypatch):
    for seed in range(16):
        history = _made_up(random.Random(seed))
        if seed % 4 == 3:  # and with days that were told
            told = [
                line._replace(promised_on=line.came_on + n % 6) if n % 2 else line
                for n, line in enumerate(history.lines)
            ]
            history = replace(history, lines=told)
        once = simulate(rules, history)
        with monkeypatch.context() as patch:
            patch.setattr(rules_history._House, "_to_decide", _every_line)
            assert simulate(rules, history) == once


def _every_line(house: rules_history._House) -> list[int]:
    return sorted({n for index in (house.of_item, house.of_order) for lines in index.values() for n in lines})


def _made_up(luck: random.Random) -> History:
    """Forty lines of fifteen orders, of all policies, of four items that come and get lost now and then."""
    lines = []
    orders = [
        (luck.choice(("partial", "line", "complete")), luck.choice("ABC"), luck.randrange(6), luck.randrange(3))
        for _ in range(15)
    ]
    for number in range(1, 41):
        order = luck.randrange(len(orders))
        policy, tier, came, ahead = orders[order]
        line = _line(number, luck.randrange(1, 9), tier, came=came, wanted=came + ahead, policy=policy)
        lines.append(
            replace_claim(line, order_id=order, item_id=luck.randrange(4), customer=order % 5, ordered_at=order)
        )
    pools = [Pool(n, n % 4, n // 4, "", None, n, luck.randrange(12), 0) for n in range(8)]
    moved = {
        MON.toordinal() + day: [(luck.randrange(8), luck.choice((-4, 5, 9, 14))) for _ in range(luck.randrange(4))]
        for day in range(7)
    }
    return History(MON, MON + timedelta(days=6), lines, pools, moved)
