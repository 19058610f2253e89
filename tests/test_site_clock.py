"""Pages tell times by the clock of the site they belong to. 23:30 UTC of Tuesday 3 March 2026 is 18:30 of that day in
New York and 08:30 of the next in Tokyo."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from flowrack.dock.tests.yard import announced, line, yard
from flowrack.platform import sql
from flowrack.platform.web import clock
from flowrack.platform.web.columns import Column
from flowrack.platform.web.viewer import SiteChoice
from tests.cast import BO, MAY, signed_in

pytestmark = pytest.mark.django_db
LATE = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """A notice of goods at a site in Tokyo and one at a site in New York, both expected at 23:30 UTC."""

    tokyo: int
    york: int
    asn_tokyo: int
    asn_york: int


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(timezone, "now", lambda: LATE + timedelta(minutes=15))
    at = yard()
    here, there = (announced(at, line(), reference=name).asn_id for name in ("DN-TOKYO", "DN-YORK"))
    sql.execute(
        "UPDATE locations_site SET timezone = 'Asia/Tokyo', code = 'TYO', name = 'Tokyo' WHERE id = %s", (at.site,)
    )
    york = int(
        sql.fetch_value(
            "INSERT INTO locations_site (code, name, timezone) VALUES ('NYC', 'York', 'America/New_York') RETURNING id"
        )
    )
    sql.execute("UPDATE dock_asn SET expected_at = %s, created_at = %s", (LATE, LATE))
    sql.execute("UPDATE dock_asn SET site_id = %s WHERE id = %s", (york, there))
    return World(at.site, york, here, there)


def at_site(site_id: int) -> Client:
    """Bo's browser with that site chosen (0 = all)."""
    browser = signed_in(BO)
    browser.post("/site", {"site_id": site_id})
    return browser


def times(answer: object) -> list[str]:
    """What a page's cells and facts say of 23:30 UTC, in order."""
    page = answer.content.decode()  # type: ignore[attr-defined]
    return re.findall(r'<time datetime="2026-03-03T23:30:00\+00:00"[^>]*>([^<]*)</time>', page)


def test_with_a_site_chosen_a_list_is_by_its_clock_and_says_so(world):
    tokyo = at_site(world.tokyo).get("/asns?view=all")
    assert times(tokyo) == ["08:30"], "the day over there is Wednesday already: it is today"
    assert 'title="By the clock of Asia/Tokyo; rows of other sites' in tokyo.content.decode()
    assert re.search(r'class="clock" title="[^"]*Asia/Tokyo"[^>]*>[^<]*JST</time>', tokyo.content.decode())
    assert times(at_site(world.york).get("/asns?view=all")) == ["18:30"]


def test_with_all_sites_a_row_is_by_the_clock_of_its_own_site_and_names_it(world):
    found = at_site(0).get("/asns?view=all&sort=reference")
    assert times(found) == ["08:30 JST", "18:30"], "of two sites the first by code gives the page its clock"


def test_with_all_sites_the_clock_is_the_one_that_most_sites_keep(world):
    sql.execute("INSERT INTO locations_site (code, name, timezone) VALUES ('OSA', 'Osaka', 'Asia/Tokyo')")
    found = at_site(0).get("/asns?view=all&sort=reference")
    assert times(found) == ["08:30", "18:30 EST"]
    assert re.search(r'class="clock" title="[^"]*Asia/Tokyo"[^>]*>[^<]*JST</time>', found.content.decode())


def test_a_record_is_by_the_clock_of_its_site_whatever_is_chosen(world):
    for chosen in (0, world.tokyo, world.york):
        browser = at_site(chosen)
        assert times(browser.get(f"/asns/{world.asn_tokyo}"))[:1] == ["08:30"]
        assert times(browser.get(f"/asns/{world.asn_york}"))[:1] == ["18:30"]


def test_a_filter_by_day_means_the_day_at_the_site(world):
    tokyo, york = at_site(world.tokyo), at_site(world.york)

    def found(browser: Client, day: str) -> int:
        return len(times(browser.get(f"/asns?view=all&expected_at_from={day}&expected_at_to={day}")))

    assert [found(tokyo, f"2026-03-0{day}") for day in (3, 4, 5)] == [0, 1, 0]
    assert [found(york, f"2026-03-0{day}") for day in (2, 3, 4)] == [0, 1, 0]
    assert (len(times(tokyo.get("/asns?expected_at=today"))), len(times(york.get("/asns?expected_at=today")))) == (1, 1)


def test_a_file_is_by_one_clock_and_names_it(world):
    def rows(chosen: int) -> list[tuple[str, str]]:
        answer = at_site(chosen).get("/asns?view=all&sort=reference&cols=reference,expected_at&format=csv")
        assert "2026-03-04" in answer["Content-Disposition"] or chosen != world.tokyo
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        return [(row[0], row[1]) for row in csv.reader(io.StringIO(text))]

    assert rows(world.tokyo) == [("Reference", "Expected, Asia/Tokyo"), ("DN-TOKYO", "2026-03-04T08:30:00+09:00")]
    sql.execute("INSERT INTO locations_site (code, name, timezone) VALUES ('BOS', 'Boston', 'America/New_York')")
    clock.forget()
    assert rows(0) == [
        ("Reference", "Expected, America/New_York"),
        ("DN-TOKYO", "2026-03-03T18:30:00-05:00"),
        ("DN-YORK", "2026-03-03T18:30:00-05:00"),
    ]


def test_no_clock_goes_on_to_the_next_request_and_the_interface_stays_in_utc(world):
    browser = at_site(world.tokyo)
    browser.get("/asns?view=all")
    assert timezone.get_current_timezone_name() == "UTC"
    answer = browser.get(f"/api/v1/dock/asns/{world.asn_tokyo}")
    assert "2026-03-03T23:30:00Z" in answer.content.decode()


def test_tomorrow_of_the_promise_page_is_the_day_after_the_one_at_the_site(world):
    """The days are long past, so that the page names them in its refusal."""
    for chosen, day in ((world.tokyo, "Thu 05 Mar 2026"), (world.york, "Wed 04 Mar 2026")):
        browser = signed_in(MAY)
        browser.post("/site", {"site_id": chosen})
        page = browser.get("/promise?q=1 x V-200 tomorrow").content.decode()
        assert f"{day} is past" in page
        assert f"{day} is past" in browser.get("/palette?q=1 x V-200 tomorrow").content.decode()


def test_the_zones_cost_a_page_no_statement_and_a_fragment_one_a_minute(world):
    browser = at_site(world.tokyo)
    whole = "SELECT id, code, name, timezone, country, is_active FROM locations_site"

    def reads(**headers: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get("/asns?view=all", headers=headers).status_code == 200
        return sum(whole in (query["sql"] or "") for query in seen)

    clock.forget()
    assert [reads(), reads()] == [1, 1], "for the switcher, as ever"
    fragment = {"HX-Request": "true"}
    assert [reads(**fragment), reads(**fragment)] == [0, 0], "the zones are remembered"
    clock.forget()
    assert [reads(**fragment), reads(**fragment)] == [1, 0]


def test_a_site_is_known_by_id_code_or_name_and_a_name_of_two_zones_by_none():
    clock.remember([
        SiteChoice(1, "TYO", "East", "Asia/Tokyo"), SiteChoice(2, "NYC", "West", "America/New_York"),
        SiteChoice(3, "BOS", "East", "America/New_York"), SiteChoice(4, "KTM", "Kathmandu", "Asia/Kathmandu"),
    ])  # fmt: skip
    clock_of = [str(clock.of_row(SimpleNamespace(site=site))) for site in (1, "TYO", "East", "West", "nowhere", None)]
    assert clock_of == ["Asia/Tokyo", "Asia/Tokyo", "None", "America/New_York", "None", "None"]
    assert str(clock.of_row({"site_id": 4})) == "Asia/Kathmandu"
    assert (str(clock.known().company), clock.known().is_mixed) == ("America/New_York", True)
    drawn = Column("at", "At", kind="datetime").cell({"site_id": 4, "at": LATE})
    assert re.findall(r"title=\"(.*?)\">.* (\S+ \S+)</time>", drawn) == [("Asia/Kathmandu", "05:15 UTC+0545")]
    clock.remember([SiteChoice(1, "TYO", "East", "Asia/Tokyo")])
    assert clock.of_row({"site_id": 1}) is None, "one zone for all needs no naming"
