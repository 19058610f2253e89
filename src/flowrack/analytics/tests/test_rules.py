import itertools
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from flowrack.analytics import rules
from flowrack.analytics.rules import duration_words, hour_bars, polyline, ratio, segments, turns
from flowrack.analytics.types import Trouble


def test_a_ratio_keeps_its_parts_and_says_nothing_without_a_denominator():
    assert ratio(941, 1000).percent == Decimal("94.1")
    assert ratio(5_948, 5_950).percent == Decimal("99.9"), "not all of them"
    assert (ratio(1, 9_000).percent, ratio(0, 9).percent, ratio(9, 9).percent) == (Decimal("0.1"), 0, 100)
    assert ratio(-26, 2_305).percent == Decimal("-1.1")
    assert ratio(1, 0).value is None


def test_turns_scale_the_period_to_a_year():
    assert turns(Decimal(1000), [Decimal(500), Decimal(500)], 365) == Decimal("2.0")
    assert turns(Decimal(1000), [Decimal(400), Decimal(600)], 73) == Decimal("10.0")
    assert turns(Decimal(1000), [], 30) is None
    assert turns(Decimal(1000), [Decimal(0)], 30) is None


@given(st.lists(st.integers(0, 10_000) | st.none(), max_size=30))
def test_a_sparkline_stays_inside_its_box_and_keeps_the_order(values):
    points = polyline(values, width=112, height=28)
    assert len(points) == len([v for v in values if v is not None])
    xs = [Decimal(x) for x, _ in points]
    assert xs == sorted(xs) and all(0 <= x <= 112 for x in xs)
    assert all(4 <= Decimal(y) <= 24 for _, y in points)


@given(st.lists(st.integers(0, 1_000_000), min_size=1, max_size=11))
def test_segments_fill_the_bar_in_order_and_show_every_amount(amounts):
    placed = segments(amounts, width=437)
    shown = [(x, w) for (x, w), a in zip(placed, amounts, strict=True) if a > 0]
    assert all(w >= 2 for _, w in shown)
    assert all(a[0] + a[1] <= b[0] + Decimal("0.2") for a, b in itertools.pairwise(shown))
    if shown:
        assert abs(shown[-1][0] + shown[-1][1] - 437) <= 1


def test_durations_are_said_as_people_say_them():
    assert duration_words(42) == ("42", "min")
    assert duration_words(172) == ("2 h 52", "")
    assert duration_words(3 * 1440) == ("3.0", "days")
    assert duration_words(None) == ("–", "")


@given(st.lists(st.tuples(st.integers(0, 23), st.integers(0, 500), st.integers(0, 500)), max_size=24))
def test_hour_bars_stand_on_the_base_line_and_never_leave_the_picture(hours):
    bars = hour_bars(hours, width=900, height=120)
    assert [(b.planned, b.done) for b in bars] == [(p, d) for _, p, d in hours]
    for bar in bars:
        assert bar.planned_y + bar.planned_height == 120
        assert bar.done_y + bar.done_height == 120
        assert 0 <= bar.x <= bar.slim_x and bar.x + bar.wide <= Decimal("900.1")


def _trouble(kind: str, when: str, name: str, at_risk: int | None) -> Trouble:
    at = datetime(2026, 11, 29, 9, tzinfo=UTC)
    risk = None if at_risk is None else Decimal(at_risk)
    return Trouble(kind, "warn", when, name, "", "", 0, at, risk, None, "", "", "")


def test_many_troubles_of_one_kind_do_not_hide_the_others() -> None:
    orders = [_trouble("order", "now", f"SO-{n}", 100 - n) for n in range(9)]
    others = [_trouble("undocumented", "now", "DC-1", None), _trouble("hold", "today", "HD-1", 5)]
    names = [t.name for t in rules.most_urgent([*orders, *others], limit=8, of_kind=4)]
    assert names == ["SO-0", "SO-1", "SO-2", "SO-3", "SO-4", "SO-5", "DC-1", "HD-1"]
    late = [_trouble("po", "now", f"PO-{n}", 90 - n) for n in range(9)]
    names = [t.name for t in rules.most_urgent([*orders, *late, *others], limit=6, of_kind=4)]
    assert names == ["SO-0", "SO-1", "SO-2", "PO-0", "DC-1", "HD-1"], "those of which there is one stand beside them"
    assert [t.name for t in rules.most_urgent(orders, limit=3, of_kind=1)] == ["SO-0", "SO-1", "SO-2"]
