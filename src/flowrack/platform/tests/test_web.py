"""The shell's helpers without a browser: queries of lists, exports, formats, access, scan protocol."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from django.db import DataError
from django.http import HttpResponse, QueryDict
from django.test import RequestFactory
from django.utils.html import escape
from tests.cast import ADA, EVE, RAY, signed_in

from flowrack.platform import sql
from flowrack.platform.web import charts
from flowrack.platform.web import format as fmt
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column, export_value
from flowrack.platform.web.filters import Choice, DateRange, Flag, NumberRange
from flowrack.platform.web.grid import GridColumn, GridForm
from flowrack.platform.web.listing import LISTS, ListPage
from flowrack.platform.web.nav import NavGroup, NavItem, NavLink, _current_url, all_items, key_clashes
from flowrack.platform.web.query import COUNT_LIMIT, ListQuery, Page, Range, memory_page, sql_page
from flowrack.platform.web.scan import ScanAction, ScanStep
from flowrack.platform.web.viewer import Viewer
from flowrack.shared.errors import BadLine, Invalid

ROWS = """
SELECT n AS id, 'SO-' || n AS number, mod(n, 3) AS tier, (n * 10)::numeric AS value,
       DATE '2026-05-01' + n AS due, mod(n, 2) = 0 AS even
FROM generate_series(1, 200) n
"""


def asked(**changes: object) -> ListQuery:
    return ListQuery(**changes)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_page_of_sql_is_filtered_sorted_counted_and_totalled():
    query = asked(filters={"tier": ["1", "2"], "value": Range(Decimal(100), None)}, sort=("-value",), limit=5, offset=5)
    found = sql_page(query, None, ROWS, totals={"value": "sum(value)"})
    wanted = [n for n in range(200, 9, -1) if n % 3 in (1, 2)]
    assert [r.id for r in found.rows] == wanted[5:10]
    assert (found.total, found.totals["value"]) == (len(wanted), sum(wanted) * 10)


@pytest.mark.django_db
def test_each_kind_of_filter_narrows():
    def ids(**query: object) -> list[int]:
        return [r.id for r in sql_page(asked(limit=500, **query), None, ROWS, search=("number",)).rows]

    assert ids(filters={"due": Range(date(2026, 5, 3), date(2026, 5, 4))}) == [2, 3]
    assert ids(filters={"even": True}) == list(range(2, 201, 2))
    assert ids(filters={"even": False})[:2] == [1, 3]
    assert ids(filters={"number": "-19"}) == [19, *range(190, 200)]
    assert ids(search="so-20") == [20, 200]
    assert ids(search="100%") == []
    assert ids(search="' OR 1=1 --") == []


@pytest.mark.django_db
@pytest.mark.parametrize(("first", "fails"), [(0, False), (145, True)])
def test_what_costs_much_a_row_is_worked_out_for_the_rows_shown_alone(first: int, fails: bool):
    """Row 150 cannot be worked out, so only the page that shows it fails."""
    worth = "SELECT max(900 / (t.id - x.k)) AS worth FROM (VALUES (150)) AS x(k)"
    costly = f"SELECT t.*, w.worth FROM ({ROWS}) t LEFT JOIN LATERAL ({worth}) w ON true"
    query = asked(filters={"value": Range(Decimal(20), None)}, sort=("id",), limit=5, offset=first)
    with pytest.raises(DataError) if fails else nullcontext():
        found = sql_page(query, None, costly, totals={"value": "sum(value)"}, only_shown=True)
        assert [(r.id, r.worth) for r in found.rows] == [(2, -6), (3, -6), (4, -6), (5, -6), (6, -6)]
        assert (found.total, found.totals["value"]) == (199, sum(range(2, 201)) * 10)


@pytest.mark.django_db
def test_the_count_of_an_endless_list_is_bounded():
    endless = f"SELECT n AS id FROM generate_series(1, {COUNT_LIMIT * 3}) n"
    found = sql_page(asked(limit=10), None, endless, totals={"id": "sum(id)"})
    assert found.is_bounded
    assert (found.total, dict(found.totals)) == (COUNT_LIMIT, {})


@pytest.mark.django_db
def test_a_short_page_costs_one_statement(django_assert_num_queries):
    sql.fetch_value("SELECT 1")
    with django_assert_num_queries(1):
        sql_page(asked(limit=500), None, ROWS)
    with django_assert_num_queries(2):
        sql_page(asked(limit=50), None, ROWS, totals={"value": "sum(value)"})


@dataclass(frozen=True)
class Row:
    id: int
    name: str
    due: date | None


def test_a_page_of_memory_says_the_same():
    rows = [Row(1, "Ada", date(2026, 5, 2)), Row(2, "Bo", None), Row(3, "Cy", date(2026, 5, 1))]
    assert [r.id for r in memory_page(asked(sort=("due",)), rows).rows] == [3, 1, 2]
    assert memory_page(asked(search="b"), rows, search=("name",)).rows == [rows[1]]
    assert memory_page(asked(filters={"due": Range(date(2026, 5, 2), None)}), rows) == Page([rows[0]], 1)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_exported_text_is_a_formula_and_numbers_stay_numbers(start):
    column = Column("name", "Name")
    assert export_value(column, {"name": f"{start}cmd|' /C calc'!A0"}).startswith("'")
    assert export_value(column, {"name": Decimal("-3.5")}) == Decimal("-3.5")
    assert export_value(column, {"name": -4}) == -4


def test_what_comes_from_the_data_is_escaped():
    attack = '"><script>alert(1)</script>'
    for kind in ("text", "code", "chip", "state", "tier"):
        cell = Column("name", "Name", kind=kind, link=lambda row: f"/x?{attack}").cell({"name": attack})
        assert "<script" not in cell.lower(), kind
    part = charts.Part(1, "c1", attack, attack)
    for drawn in (charts.stacked_bar([part], attack), charts.flow_strip([(attack, [part])], attack)):
        assert "<script" not in drawn
        assert escape(attack) in drawn


def test_numbers_money_days_and_states_read_as_people_say_them():
    today = date(2026, 5, 14)
    assert (fmt.number(Decimal("-0.04"), 1), fmt.number(Decimal("-0.06"), 1)) == ("0.0", "−0.1")
    assert (fmt.number(12345), fmt.number(-7), fmt.money(Decimal("1234.5"))) == ("12,345", "−7", "1,234.50")
    assert (fmt.signed(3), fmt.signed(-3), fmt.signed(0)) == ("+3", "−3", "0")
    assert [fmt.in_units(n) for n in (0, 1, 2_000)] == ["0 units", "1 unit", "2,000 units"]
    assert (fmt.words("no_po"), fmt.words("in_transit")) == ("No PO", "In transit")
    assert fmt.day(today, today) == "Thu 14 May"
    assert fmt.day(date(2027, 3, 31), today) == "31 Mar 2027"
    assert fmt.moment(datetime(2026, 5, 14, 10, 41, tzinfo=UTC), today) == "10:41"
    assert fmt.looked_at("2024-12-01T10:09:10.980005+00:00").startswith("1 Dec 2024 ")
    assert [fmt.looked_at(one) for one in ("2024-12-01", True, ["a", 3], "2024-x", 7.5)] == [
        "1 Dec 2024", "yes", "a, 3", "2024-x", "7.5",
    ]  # fmt: skip
    assert fmt.duration(timedelta(hours=4, minutes=18)) == "4 h 18"
    assert ">In transit<" in fmt.state("in_transit").replace("</svg>", ">")
    assert "m-bad" in fmt.pill("held")


def test_filters_read_the_address_and_ignore_nonsense():
    choice = Choice("state", "State", [("open", "Open"), ("held", "Held")])
    assert choice.parse(QueryDict("state=open,held,<x>")) == ["open", "held"]
    assert choice.parse(QueryDict("state=nope")) is None
    assert DateRange("due", "Due").parse(QueryDict("due_from=2026-13-99&due_to=2026-05-01")) == Range(
        None, date(2026, 5, 1)
    )
    assert NumberRange("value", "Value").parse(QueryDict("value_from=NaN&value_to=1e3")) == Range(None, Decimal(1000))
    assert choice.unknown(QueryDict("state=open,zzz&state=held")) == ["zzz"]
    assert Flag("even", "Even").unknown(QueryDict("even=yes")) == []
    assert Flag("even", "Even").unknown(QueryDict("even=maybe")) == ["maybe"]
    assert DateRange("due", "Due").unknown(QueryDict("due=yesterday&due_from=2026-13-99")) == [
        "yesterday",
        "2026-13-99",
    ]
    assert NumberRange("value", "Value").unknown(QueryDict("value_from=NaN&value_to=1e3")) == ["NaN"]


@pytest.mark.django_db
def test_a_filter_value_that_is_none_is_told_and_finds_nothing_in_page_file_and_batch():
    browser = signed_in(ADA)
    page = browser.get("/items?tracking=zzz").content.decode()
    assert "tracking: zzz is unknown" in page and "Nothing is shown" in page
    for format_ in ("csv", "xlsx"):
        refused = browser.get(f"/items?tracking=lot,zzz&format={format_}")
        assert (refused.status_code, refused.content) == (422, b"tracking: zzz is unknown.\n")
    listing = ListPage(
        name="test.unknown",
        title="Numbers",
        permission="",
        columns=[Column("number", "Number")],
        rows=lambda query: sql_page(query, None, ROWS),
        filters=[Choice("tier", "Tier", [("1", "One"), ("2", "Two")])],
    )
    LISTS.pop("test.unknown")
    assert "colour: red is unknown" in browser.get("/items?colour=red").content.decode(), "no such filter"
    for query, chosen in (("?tier=1", 67), ("?colour=red", 0), ("?tier=1,zzz", 0), ("?tier=zzz", 0)):
        request = RequestFactory().post("/x", {"all": "1", "query": query})
        request._viewer = Viewer(user=SimpleNamespace(pk=ADA.id))  # type: ignore[attr-defined]
        assert len(listing.selected_ids(request)) == chosen, "all that match an unknown value are none, not all"


@pytest.mark.django_db
def test_the_views_that_lists_come_with_ask_for_known_values():
    all_items()  # every stage's pages are loaded
    bad = [
        f"{listing.name} {tab.label}: {value}"
        for listing in LISTS.values()
        for tab in listing.tabs
        for value in listing._unknown(QueryDict(tab.query))
    ]
    assert bad == []


def test_no_key_does_two_things():
    """Neither in the navigation nor on a list nor for any role: roles add up, so no two pages may share a key."""
    items = all_items()
    assert key_clashes(items) == []
    two = [NavItem("Inbound", "A", "a", keys="r"), NavItem("Stock", "B", "b", keys="r")]
    assert key_clashes(two) == ["g r is the key of A and B"]
    for listing in LISTS.values():
        keys = [button.key for button in listing.actions if button.key]
        assert len(keys) == len(set(keys)) and not set(keys) & {"j", "k", "x", "g", "?", "/"}, listing.name


def test_the_longest_address_is_the_current_page():
    assert _current_url("/stock/moves/4", ["/", "/stock", "/stock/moves"]) == "/stock/moves"
    assert _current_url("/elsewhere", ["/", "/stock"]) == ""
    with pytest.raises(ValueError, match="navigation group"):
        NavItem("Nowhere", "X", "x")


def test_the_grid_keeps_filled_rows_and_puts_faults_at_their_line():
    data = QueryDict("grid-item=47 11&grid-units=1,200&grid-item=&grid-units=&grid-item=X&grid-units=")
    grid = GridForm([GridColumn("item", "Item", code=True), GridColumn("units", "Units", kind="number")], data, blank=1)
    assert grid.rows == [{"item": "4711", "units": "1200"}, {"item": "X", "units": ""}]
    halves = GridForm(grid.columns, QueryDict("grid-item=4711&grid-units=2,5"))
    assert halves.rows[0]["units"] == "2.5", "two and a half, not twenty-five"
    drawn = grid.with_refusal(Invalid("No", lines=[BadLine(2, "units", "How many?", "Type a number.")])).lines
    assert [line.faults for line in drawn] == [[], ["How many? Type a number."], []]


def test_numbers_from_any_spreadsheet_are_read_as_they_were_meant_or_asked_about():
    columns = [GridColumn("units", "Units", kind="number")]
    said = {
        "1,200": "1200", "1.234.567": "1234567", "1.234,50": "1234.50", "12,5": "12.5", "0,500": "0.500",
        "1 200": "1200", "1’200": "1200", "-1,200.5": "-1200.5", "0.500": "0.500", "1234.500": "1234.500",
    }  # fmt: skip
    for text, read in said.items():
        grid = GridForm(columns, QueryDict(urlencode({"grid-units": text})))
        assert (grid.rows[0]["units"], grid.doubts("units")) == (read, []), text
    two = GridForm(columns, QueryDict(urlencode([("grid-units", "1.000"), ("grid-units", "2.125")])))
    assert two.doubts() == []
    assert [(line.line, line.message, line.fix) for line in two.doubts("units")] == [
        (1, "“1.000” may be 1,000 or 1.", "Type 1000 or 1."),
        (2, "“2.125” may be 2,125 or 2.125.", "Type 2125 or 2.1250."),
    ]


def test_scan_buttons_keep_undo_beside_the_others_and_the_primary_last():
    step = ScanStep("Go to", fact="A-03-4", undo="6 x 6024", progress=(7, 23), actions=[
        ScanAction("go", "Confirm", primary=True), ScanAction("short", "Short"),
    ])  # fmt: skip
    assert [b.code for b in step.buttons] == ["short", "undo", "go"]
    assert step.fact_parts == ("A-03-", "4")
    assert step.share == 30


@pytest.mark.django_db
def test_a_stranger_an_outsider_and_a_reader_meet_the_gate(client):
    assert client.get("/jobs").headers["Location"] == "/sign-in?next=/jobs"
    assert client.get("/jobs", headers={"HX-Request": "true"}).headers["HX-Redirect"].startswith("/sign-in")
    assert signed_in(EVE).get("/people").status_code == 403
    assert signed_in(RAY).get("/jobs?from=²&q=😀").status_code == 200
    refused = signed_in(RAY).get("/jobs?q=a%00b")
    assert (refused.status_code, "a zero byte" in refused.content.decode()) == (422, True)
    assert signed_in(ADA).get("/jobs").status_code == 200
    assert signed_in(RAY).post("/scan/move", {"kind": "code", "value": "X", "key": "k"}).status_code == 403


def test_a_page_takes_no_other_method_and_a_refusal_is_a_page():
    @page(methods=("GET",))
    def view(request: object) -> HttpResponse:
        raise Invalid("No.", fix="Yes.")

    request = RequestFactory().put("/x")
    assert view(request).status_code == 405


@pytest.mark.django_db
def test_a_tampered_or_foreign_scan_state_is_refused_in_words():
    browser = signed_in(ADA)
    answer = browser.post("/scan", {"kind": "code", "value": "X-1", "key": "k1", "state": "forged"})
    assert answer.headers["X-Scan-Feedback"] == "wrong"
    assert "out of date" in answer.content.decode()


def test_links_that_one_line_does_not_hold_stand_under_more_and_the_open_one_is_named_there():
    links = tuple(NavLink(f"{n:02} Purchase orders", f"/{n}", n == 11, count=n == 0) for n in range(12))
    group = NavGroup("Inbound", "/0", True, links)
    assert (len(group.in_line), group.current_under_more) == (8, links[11])
    assert NavGroup("Work", "/0", False, links[:3]).under_more == ()
