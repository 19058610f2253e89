import re
from datetime import UTC, date, datetime, timedelta

import pytest
from tests import outbound
from tests.cast import ADA, KIM, NOW, bearer, ctx, signed_in

from flowrack.parties import rules_holidays
from flowrack.platform import sql
from flowrack.promise import api_setup, commands_days, pages_days, pages_holidays
from flowrack.promise.tests import given
from flowrack.promise.types import BadSetup
from flowrack.promise.types_days import ClosedOn, SetClosedDays

EVE = date(2026, 12, 1)
OBSERVED = (date(2026, 12, 28), "Boxing Day (observed)")
CHRISTMAS = [(date(2026, 12, 25), "Christmas Day"), (date(2026, 12, 26), "Boxing Day")]


def test_holidays_are_those_of_the_country_and_its_part():
    here = [(one.on, one.name) for one in rules_holidays.holidays_of("GB", "ENG", EVE, 0)]
    assert here == [*CHRISTMAS, (date(2026, 12, 28), "Boxing Day (observed)")]
    scots = [one.on for one in rules_holidays.holidays_of("GB", "SCT", EVE, 1)]
    assert date(2027, 1, 2) in scots or date(2027, 1, 4) in scots
    assert ("SCT", "Scotland") in rules_holidays.regions("GB")
    assert "All Saints' Day" in [one.name for one in rules_holidays.holidays_of("DE", "BY", date(2026, 11, 1), 0)]


def test_what_is_not_known_proposes_nothing():
    assert rules_holidays.holidays_of("XX", "", EVE, 1) == []
    assert rules_holidays.holidays_of("GB", "BY", EVE, 1) == []
    assert rules_holidays.regions("") == ()


DAYS = {"christmas": "on-2026-12-25", "observed": "on-2026-12-28"}


def _said(page: str, key: str, rest: str = "later", **more: str) -> dict[str, str]:
    """What a person sends who says something of some of the days that a page asks about, and the same of all others."""
    known = re.findall(r'<select name="(on-[0-9-]+)"', page)
    assert known
    return {**dict.fromkeys(known, rest), **{DAYS[day]: what for day, what in more.items()}, "idempotency_key": key}


@pytest.mark.django_db
def test_of_each_proposed_day_only_what_somebody_said_is_kept(client, monkeypatch):
    at = given.house(10)
    sql.execute("UPDATE locations_site SET country = 'GB' WHERE id = %s", (at.site,))
    url, ada = f"/promise/setup/{at.site}/holidays?region=ENG", signed_in(ADA)
    for module in (pages_holidays, api_setup):
        monkeypatch.setattr(module, "now", lambda: NOW)
    page = ada.get(url).content.decode()
    assert "Fri 25 Dec 2026, Christmas Day" in page and "Fri 1 Jan 2027, New Year" in page
    assert "Nothing is closed until you say so." in page
    assert '<option value="GB" selected>United Kingdom (GB)</option>' in page and "Trinidad and Tobago (TT)" in page
    assert sql.fetch_value("SELECT count(*) FROM promise_closedday") == 0
    assert "Sat 26 Dec 2026" not in page, "the house does not work on Saturdays"
    assert ada.post(url, _said(page, "a", christmas="close", observed="work")).status_code == 303
    assert sql.fetch_all('SELECT "on", reason FROM promise_closedday ORDER BY 1') == [CHRISTMAS[0]]
    worked = 'SELECT "on", name FROM promise_openday ORDER BY 1'
    assert sql.fetch_all(worked) == [OBSERVED], "of the others nobody said anything"
    page = ada.get(url).content.decode()
    assert "Fri 25 Dec 2026" not in page and "Mon 28 Dec 2026" not in page
    assert "Fri 1 Jan 2027, New Year" in page, "what is decided later is proposed again"
    assert "Worked on all the same:" in page and "Boxing Day (observed) (Ada Manager)" in page
    again = ada.get(f"{url}&again=1").content.decode()
    assert "Mon 28 Dec 2026, Boxing Day (observed)" in again
    assert '<option value="work" selected>' in again
    assert ada.post(f"{url}&again=1", _said(again, "b")).status_code == 422, "nothing is said of any day"
    assert ada.post(f"{url}&again=1", _said(again, "c", observed="close")).status_code == 303
    assert sql.fetch_all(worked) == [], "a day that is closed is worked on no more"
    assert ada.post(url, _said(ada.get(url).content.decode(), "d", "work")).status_code == 303
    assert "Nothing is left to propose for United Kingdom." in ada.get(url).content.decode()
    assert signed_in(KIM).get(url).status_code == 403
    found = client.get(f"/api/v1/promises/sites/{at.site}/holidays?region=ENG", headers=bearer(ADA)).json()
    assert (found["country"], found["regions"]) == ("GB", ["ENG", "NIR", "SCT", "WLS"])
    assert [one["on"] for one in found["days"] if one["is_worked_on"]][:2] == ["2026-04-03", "2026-04-06"]
    assert found["days"] == sorted(found["days"], key=lambda one: one["on"])
    assert "holidays" in ada.get(f"/promise/setup/{at.site}/closed-days").content.decode()


@pytest.mark.django_db
def test_a_holiday_left_out_opens_no_other_site_that_is_closed_for_a_reason_of_its_own(monkeypatch):
    at, north = given.house(10), outbound.house("NORTH")
    sql.execute("UPDATE locations_site SET country = 'GB'")
    boxing, own = OBSERVED[0], (OBSERVED[0], "Stocktaking")
    commands_days.set_closed_days(ctx(ADA), SetClosedDays([north.site], [ClosedOn(*own)]))
    monkeypatch.setattr(pages_holidays, "now", lambda: NOW)
    page = signed_in(ADA).get(f"/promise/setup/{at.site}/holidays?region=ENG").content.decode()
    asked = {**_said(page, "a", christmas="close", observed="work"), "others": [str(north.site)]}
    assert signed_in(ADA).post(f"/promise/setup/{at.site}/holidays?region=ENG", asked).status_code == 303
    closed = 'SELECT "on", reason FROM promise_closedday WHERE site_id = %s ORDER BY 1'
    assert sql.fetch_all(closed, (at.site,)) == [CHRISTMAS[0]]
    assert sql.fetch_all(closed, (north.site,)) == [CHRISTMAS[0], own]
    open_at = 'SELECT DISTINCT site_id FROM promise_openday WHERE "on" = %s'
    assert sql.fetch_all(open_at, (boxing,)) == [(at.site,)], "the other site is proposed it again"


@pytest.mark.django_db
def test_a_day_kept_open_is_worked_on_only_where_it_was_closed_for_that_holiday():
    at, north = given.house(10), outbound.house("NORTH")
    commands_days.set_closed_days(ctx(ADA), SetClosedDays([at.site], [ClosedOn(*CHRISTMAS[1])]))
    commands_days.set_closed_days(ctx(ADA), SetClosedDays([north.site], [ClosedOn(CHRISTMAS[1][0], "Stocktaking")]))
    commands_days.set_closed_days(ctx(ADA), SetClosedDays([at.site, north.site], [], [ClosedOn(*CHRISTMAS[1])]))
    assert sql.fetch_all("SELECT site_id, reason FROM promise_closedday") == [(north.site, "Stocktaking")]
    assert sql.fetch_all("SELECT site_id, name FROM promise_openday") == [(at.site, "Boxing Day")]
    many = [ClosedOn(EVE + timedelta(days=n), "x") for n in range(1_001)]
    with pytest.raises(BadSetup):
        commands_days.set_closed_days(ctx(ADA), SetClosedDays([at.site], [], many))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "at", "is_past"),
    [("Pacific/Auckland", datetime(2026, 12, 25, 12, tzinfo=UTC), True),  # 26 Dec there
     ("Pacific/Honolulu", datetime(2026, 12, 26, 5, tzinfo=UTC), False)],  # 25 Dec there
    ids=["ahead", "behind"],
)  # fmt: skip
def test_today_is_the_day_at_the_site(client, monkeypatch, zone, at, is_past):
    site = given.house(10).site
    sql.execute("UPDATE locations_site SET country = 'GB', timezone = %s WHERE id = %s", (zone, site))
    for module in (pages_holidays, pages_days, api_setup):
        monkeypatch.setattr(module, "now", lambda: at)
    ada = signed_in(ADA)
    proposed = ada.get(f"/promise/setup/{site}/holidays?region=ENG").content.decode()
    assert ("Fri 25 Dec 2026, Christmas Day" in proposed) is not is_past
    found = client.get(f"/api/v1/promises/sites/{site}/holidays?region=ENG", headers=bearer(ADA)).json()["days"]
    assert ("2026-12-25" in [one["on"] for one in found]) is not is_past
    sql.execute("INSERT INTO promise_closedday (site_id, \"on\", reason) VALUES (%s, '2026-12-24', 'Eve')", (site,))
    closed = ada.get(f"/promise/setup/{site}/closed-days").content.decode()
    assert ("2026-12-24" in closed) is not is_past, "yesterday still stands in the list, the day before does not"
