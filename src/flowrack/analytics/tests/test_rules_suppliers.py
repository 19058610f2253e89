"""How suppliers are measured, on figures that can be worked out by hand."""

from datetime import date
from decimal import Decimal

from flowrack.analytics import rules_suppliers as rules
from flowrack.analytics.pages.suppliers import rounded
from flowrack.analytics.rules_suppliers import Spread, Timing, Window


def test_two_days_early_to_the_day_itself_is_on_time_unless_said_otherwise() -> None:
    judged = [Window().judge(days) for days in (-3, -2, 0, 1)]
    assert judged == [Timing.EARLY, Timing.ON_TIME, Timing.ON_TIME, Timing.LATE]
    assert Window(early_days=None, late_days=3).judge(-400) == Timing.ON_TIME
    assert Window(early_days=0, late_days=3).judge(3) == Timing.ON_TIME
    assert Window(early_days=0, late_days=3).judge(4) == Timing.LATE


def test_the_spread_of_days_has_a_sample_deviation_and_a_nearest_rank_percentile() -> None:
    assert rules.spread([]) is None
    assert rules.spread([4]) == Spread(1, Decimal(4), Decimal(4), 4, None)
    found = rules.spread([10, 2, 4, 4, 5, 5, 7, 9, 4, 4])
    assert found is not None
    assert (found.lines, found.mean, found.median, found.p90) == (10, Decimal("5.4"), Decimal("4.5"), 9)
    # squares of the distances to 5.4 sum to 56.4; by 9 they are 6.2667
    assert found.deviation is not None and found.deviation.quantize(Decimal("0.0001")) == Decimal("2.5033")


def test_a_percentile_is_a_value_that_occurred() -> None:
    assert [rules.percentile(list(range(1, 11)), p) for p in (1, 10, 11, 50, 90, 100)] == [1, 1, 2, 5, 9, 10]


def test_a_line_is_in_full_when_only_what_may_be_missing_is_missing() -> None:
    assert rules.is_in_full(ordered=100, received=95, under=5)
    assert not rules.is_in_full(ordered=100, received=94, under=5)


def test_defects_are_per_million_received_and_nothing_received_is_no_figure() -> None:
    assert rules.ppm(9, 400) == Decimal(22_500)
    assert rules.ppm(1, 3) == Decimal(333_333)
    assert rules.ppm(0, 10) == Decimal(0)
    assert rules.ppm(0, 0) is None


def test_the_price_variance_weighs_each_line_by_its_money() -> None:
    assert rules.price_variance(paid=Decimal("1030"), agreed=Decimal("1000")) == Decimal("3.00")
    assert rules.price_variance(paid=Decimal("999.95"), agreed=Decimal("1000")) == Decimal("-0.01")
    assert rules.price_variance(paid=Decimal(5), agreed=Decimal(0)) is None
    assert str(rules.price_variance(paid=Decimal("999.999"), agreed=Decimal("1000"))) == "0.00", "nothing has no sign"
    assert str(rounded(Decimal("-0.04"))) == "0.0"


def test_goods_that_came_before_they_were_ordered_have_no_lead_time() -> None:
    assert rules.lead_days(date(2026, 3, 1), date(2026, 3, 11)) == 10
    assert rules.lead_days(date(2026, 3, 1), date(2026, 2, 28)) is None
    assert rules.lead_days(None, date(2026, 2, 28)) is None


def test_a_histogram_counts_each_value_once() -> None:
    assert rules.histogram([-9, -3, -1, 0, 0, 1, 8], [-7, -2, 0, 1, 4]) == [1, 1, 1, 2, 1, 1]
