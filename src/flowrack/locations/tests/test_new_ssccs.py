"""SSCCs are never given out twice, also where their serial numbers begin again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import outbound
from tests.cast import NOW, PAM, ctx, signed_in

from flowrack.analytics.queries import tower
from flowrack.locations import commands, queries, rules, steps
from flowrack.locations.types import SetSsccRange, SsccsUsedUp
from flowrack.platform import sql
from flowrack.shared.check_digits import is_valid

pytestmark = pytest.mark.django_db


def at(serial: int) -> None:
    sql.fetch_value("SELECT setval('locations_sscc_serial', %s)", (serial,))


@pytest.fixture
def site():
    found = outbound.house().site
    at(1)
    commands.set_sscc_range(ctx(PAM), SetSsccRange("401234512345", 9))  # room for 10,000 of each extension digit
    return found


def test_the_next_extension_digit_goes_on_where_one_is_full(site):
    at(9_998)
    codes = steps.new_ssccs(3)
    assert [code[0] for code in codes] == ["9", "0", "0"]
    assert [int(code[13:17]) for code in codes] == [9_999, 0, 1]
    assert all(is_valid(code) for code in codes)


@pytest.mark.parametrize("age_days", [10, 364, 400])
def test_a_number_that_is_on_a_plate_is_passed_over_when_they_begin_again(site, age_days):
    made = NOW - timedelta(days=age_days)
    on_plates = [rules.numbered_sscc("401234512345", 9, serial) for serial in (1, 2, 3, 5)]
    sql.execute(
        "INSERT INTO locations_lpn (code, kind, site_id, created_at, closed_at) "
        "SELECT unnest(%s::text[]), 'carton', %s, %s, %s",
        (on_plates, site, made, made),
    )
    at(100_000)  # all ten digits are used: the next is number 1 again
    assert steps.new_ssccs(2) == [rules.numbered_sscc("401234512345", 9, serial) for serial in (4, 6)]


def test_when_no_number_is_left_it_is_said(site, monkeypatch):
    monkeypatch.setattr(steps, "MOST_ROUNDS", 3)
    every = [rules.numbered_sscc("401234512345", 9, serial) for serial in range(3_000)]
    sql.execute(
        "INSERT INTO locations_lpn (code, kind, site_id) SELECT unnest(%s::text[]), 'carton', %s", (every, site)
    )
    at(100_000)
    with pytest.raises(SsccsUsedUp):
        steps.new_ssccs(1)


def test_the_page_tells_for_how_long_they_last(site):
    made = [rules.numbered_sscc("401234512345", 9, serial) for serial in range(2, 42)]
    sql.execute(
        "INSERT INTO locations_lpn (code, kind, site_id, created_at) SELECT unnest(%s::text[]), 'carton', %s, %s",
        (made, site, NOW - timedelta(days=4)),
    )
    at(98_000)
    found = queries.sscc_outlook(NOW)
    assert (found.left, found.per_day, found.days) == (2_000, 10, 200)
    page = signed_in(PAM).get("/gs1-prefix").content.decode()
    assert "2,000 SSCCs are left" in page
    assert not [one for one in tower.troubles(0, NOW) if one.kind == "sscc"]
    at(99_500)
    [told] = [one for one in tower.troubles(0, NOW) if one.kind == "sscc"]
    assert told.text == "for 50 days: 500 left, 10 a day"
