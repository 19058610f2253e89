import csv
import io
import re
from datetime import date
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import KIM, LOU, PAM, ctx, signed_in

from flowrack.platform import sql
from flowrack.promise import commands_lines
from flowrack.promise.steps_days_preview import preview
from flowrack.promise.tests import given

pytestmark = pytest.mark.django_db
TUE, FRI = date(2026, 3, 3), date(2026, 3, 6)


def lines_of(*units: int) -> list[int]:
    at = given.house(100)
    found = [outbound.order(at.site, "ACME", ("V-200", n)).line_ids[0] for n in units]
    given.drain()
    return found


def seen(line_ids, ships_on=None, who=KIM):
    return preview(ctx(who), commands_lines.move_promises, line_ids, ships_on)


def test_each_line_is_shown_with_its_days_now_and_then_and_nothing_is_written():
    first, last = lines_of(10, 900)
    before = given.rows()
    told = seen([last, first], FRI)
    assert [(row.line_id, row.was_on, row.ships_on, row.change, row.has_letter) for row in told.rows] == [
        (first, TUE, FRI, "5 days later", True),
        (last, None, FRI, "first promise", True),
    ]
    named = "Promised to leave Fri 6 Mar: a person named the day. By stock and work"
    assert told.rows[0].why == f"{named} could leave Tue 3 Mar."
    assert told.rows[1].why.startswith(f"{named} nobody can say when it leaves: ")
    told = seen([first, last])
    assert [(row.line_id, row.ships_on, row.change, row.has_letter) for row in told.rows] == [
        (first, TUE, "same day", False),
        (last, None, "cannot move", False),
    ]
    assert told.rows[0].why.startswith("Promised to leave Tue 3 Mar.")
    assert told.rows[1].why == f"{told.rows[1].order}: nobody can say when. Name a day yourself."
    assert (told.no_way, given.rows()) == ("", before)


def test_a_day_that_is_full_is_told_before_it_is_promised():
    [line] = lines_of(10)
    site = sql.fetch_value("SELECT min(site_id) FROM ledger_pool")
    sql.execute(
        "INSERT INTO tasks_capacity (site_id, kind, weekday, shift, people, hours) "
        "VALUES (%s, 'pick', 4, 'day', 1, %s)",
        (site, Decimal("0.02")),
    )
    full = "Fri 6 Mar is full: with this, 2 min of work stand against 1 min of hands."
    refused = seen([line], FRI)
    assert refused.no_way.startswith(full) and refused.rows[0].ships_on is None
    allowed = seen([line], FRI, LOU)
    assert [one.endswith(full) for one in allowed.over] == [True] and allowed.rows[0].ships_on == FRI
    assert sql.fetch_value("SELECT count(*) FROM allocation_override") == 0


def test_the_page_shows_the_days_anew_for_another_date_and_gives_them_as_a_file():
    first, last = lines_of(10, 900)
    kim, url = signed_in(KIM), f"/promise/move?ids={first},{last},99999"
    page = kim.get(url).content.decode()
    assert "2 lines: 1 would arrive later, 1 cannot move. 1 letter to 1 customer would be drafted." in page
    assert "1 of the chosen lines is not open any more" in page
    [(soon, is_kept), other] = re.findall(r'name="line" value="([^"]*)" aria-label="[^"]*"( checked)?', page)
    assert (soon.partition(":")[0], is_kept, other) == (str(first), " checked", (f"{last}:", ""))
    assert re.findall(r'name="shown" value="(\d+)"', page) == [str(first)]
    later = {"ships_on": "2099-03-06", "preview": "1", "reason": "", "line": soon}
    part = kim.post(url, later, HTTP_HX_REQUEST="true").content.decode()
    assert "2 lines: 1 would arrive later, 1 for the first time with a day. 2 letters to 1 customer would be" in part
    ticks = re.findall(r'name="line" value="([^"]*)" aria-label="[^"]*"( checked)?', part)
    assert ticks == [(f"{first}:2099-03-06", " checked"), (f"{last}:2099-03-06", " checked")] and "<form" not in part
    part = kim.post(url, {**later, "shown": [str(first)], "line": ""}, HTTP_HX_REQUEST="true").content.decode()
    assert re.findall(r'name="line" value="([^"]*)" aria-label="[^"]*" checked', part) == [f"{last}:2099-03-06"]
    whole = kim.post(url, later)
    assert whole.status_code == 200 and 'value="2099-03-06"' in whole.content.decode()
    sheet = kim.get(f"{url}&ships_on=2099-03-06&format=csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(sheet.streaming_content).decode("utf-8-sig"))))
    assert [(r["Promised to leave"], r["Would leave"], r["Change"]) for r in rows] == [
        ("2026-03-03", "2099-03-06", "26,668 days later"), ("", "2099-03-06", "first promise"),
    ]  # fmt: skip
    assert sql.fetch_value("SELECT count(*) FROM allocation_customernotice") == 0


def test_only_ticked_lines_move_and_days_that_were_not_seen_are_refused():
    first, last = lines_of(10, 20)
    kim, url = signed_in(KIM), f"/promise/move?ids={first},{last}"
    form = {"ships_on": "2099-03-06", "reason": "The supplier is late"}
    none = kim.post(url, {**form, "idempotency_key": "a"})
    assert none.status_code == 422 and "Nothing would move: tick a line." in none.content.decode()
    stale = kim.post(url, {**form, "line": f"{first}:2026-03-03", "idempotency_key": "b"})
    assert stale.status_code == 422
    assert "V-200 would leave Fri 6 Mar, not Tue 3 Mar as was shown." in stale.content.decode()
    done = kim.post(url, {**form, "line": f"{first}:2099-03-06", "idempotency_key": "c"})
    assert (done.status_code, given.promises()) == (303, [(TUE, date(2099, 3, 6)), (TUE, TUE)])
    assert signed_in(PAM).get(url).status_code == 403
