from datetime import date, timedelta

from flowrack.promise.rules_lateness import (
    NOTHING,
    Arrival,
    Chance,
    Record,
    Scope,
    arrival,
    chance,
    choose,
    percentile,
    still_out,
)

TODAY = date(2026, 3, 2)
# Twelve deliveries: nine on the day or before, one 1 day late, two 4 days late.
TWELVE = Record(Scope.SUPPLIER, ((-1, 2), (0, 7), (1, 1), (4, 2)))


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


def test_percentiles_are_by_nearest_rank():
    assert [percentile(TWELVE, p) for p in (1, 16, 17, 50, 75, 76, 83, 84, 100)] == [-1, -1, 0, 0, 0, 1, 1, 4, 4]
    assert percentile(NOTHING, 50) is None


def test_a_po_counts_on_the_day_by_which_the_share_of_deliveries_was_there():
    found = arrival(TWELVE, on(5), today=TODAY, percent=80, unknown_days=5)
    assert found == Arrival(on(6), on(5), on(9), Scope.SUPPLIER, 12)


def test_an_early_supplier_is_never_expected_before_today():
    early = Record(Scope.ITEM, ((-9, 10),))
    assert arrival(early, on(4), today=TODAY, percent=80, unknown_days=5).on == TODAY


def test_an_overdue_po_is_compared_only_with_deliveries_as_late():
    found = arrival(TWELVE, on(-2), today=TODAY, percent=80, unknown_days=5)
    assert found == Arrival(on(2), on(2), on(2), Scope.SUPPLIER, 2)
    assert still_out(TWELVE, 1).total == 3


def test_a_po_later_than_any_delivery_on_record_does_not_count():
    found = arrival(TWELVE, on(-5), today=TODAY, percent=80, unknown_days=5)
    assert (found.on, found.p50, found.p90, found.deliveries) == (None, None, None, 0)
    assert chance(TWELVE, on(-5), on(9), today=TODAY) == Chance(0, 0)


def test_without_deliveries_days_are_added_and_none_is_claimed():
    assert arrival(NOTHING, on(3), today=TODAY, percent=80, unknown_days=5) == Arrival(
        on(8), on(3), on(8), Scope.NONE, 0
    )


def test_thin_records_fall_back_to_the_supplier_and_then_to_the_company():
    thin = Record(Scope.ITEM, ((0, 9),))
    company = Record(Scope.COMPANY, ((2, 40),))
    assert choose([thin, TWELVE, company]) is TWELVE
    assert choose([thin, Record(Scope.SUPPLIER, ((0, 3),)), company]) is company
    assert choose([thin, NOTHING, NOTHING]) is thin
    assert choose([NOTHING, NOTHING]) is NOTHING


def test_a_chance_names_its_sample_and_rounds_down():
    assert chance(TWELVE, on(5), on(5), today=TODAY) == Chance(9, 12)
    assert (Chance(9, 12).percent, Chance(199, 200).percent, Chance(0, 0).percent) == (75, 99, None)
    assert (Chance(31, 33).percent, Chance(20, 20).percent, Chance(1, 8).percent) == (94, 100, 13)
