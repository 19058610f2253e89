"""The office shell in a real browser: sign-in, list, palette, keys, forms, grid, themes, content policy."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect
from python_calamine import load_workbook

from tests.browser import house
from tests.browser.conftest import PHONE, answered, at_rest, wedge
from tests.cast import ADA, EVE

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_stranger_is_sent_to_sign_in_and_back(visit):
    page = visit("/jobs?state=done", person=None)
    assert page.url.endswith("/sign-in?next=/jobs%3Fstate%3Ddone")
    assert page.locator("h1").inner_text() == "Sign in"
    assert page.evaluate("document.activeElement.id") == "id_username"
    page.fill("#id_username", "nobody")
    page.fill("#id_password", "wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]:focus")
    assert page.input_value("#id_username") == "nobody"


def test_a_person_without_the_right_is_told_who_has_it(visit):
    page = visit("/house/closed", person=EVE)
    assert page.locator("h1").inner_text() == "This is not in your role"
    assert "house.nobody" in page.locator("main").inner_text()


def test_filters_search_and_sort_live_in_the_address(visit):
    page = visit("/house/orders")
    assert page.locator("[data-rows] tbody tr").count() == 50
    page.locator("#f-state summary").click()
    page.locator("#f-state input[value=held]").check()
    page.wait_for_url("**/house/orders?state=held")
    page.wait_for_function("() => document.querySelectorAll('[data-rows] tbody tr').length === 24")
    at_rest(page)
    assert page.locator("#f-state").get_attribute("open") is not None, "the open filter stays open"
    page.keyboard.press("Escape")
    page.fill("#q", "gantry")
    page.wait_for_url("**q=gantry**")
    page.wait_for_function("() => document.querySelectorAll('[data-rows] tbody tr').length === 6")
    page.locator("th a", has_text="Value").click()
    page.wait_for_url("**sort=-value**")
    page.wait_for_selector('th[aria-sort="descending"]')
    first = page.locator("[data-rows] tbody tr").first.inner_text()
    page.reload()
    assert page.locator("[data-rows] tbody tr").first.inner_text() == first
    assert page.locator("tfoot").inner_text().startswith("All 6 matching")
    page.go_back()
    page.wait_for_function("() => !location.search.includes('sort')")


def test_a_list_can_be_worked_with_the_keyboard_alone(visit):
    page = visit("/house/orders")
    for key in ("j", "j", "x", "j", "x"):
        page.keyboard.press(key)
    assert page.locator("[data-count]").inner_text() == "2 selected"
    page.locator("button[value=release]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-toast]")
    assert house.RELEASED == [2, 3]
    at_rest(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/house/orders/1")
    page.keyboard.press("]")
    page.wait_for_url("**/house/orders/2")


def test_everything_that_matches_can_be_selected_and_a_lasting_step_asks_first(visit):
    page = visit("/house/orders?state=held")
    page.locator("[data-pick-all]").check()
    assert page.locator("[data-count]").inner_text() == "24 selected"
    page.goto(page.url.split("?")[0] + "?view=all")
    page.locator("[data-pick-all]").check()
    page.locator("[data-select-all]").click()
    page.locator("button[value=drop]").click()
    assert page.locator("#confirm[open] h2").inner_text() == "Cancel orders?"
    page.keyboard.press("Escape")
    house.RELEASED.clear()
    page.locator("button[value=drop]").click()
    page.locator("#confirm [data-confirm-yes]").click()
    page.wait_for_selector("[data-toast]")
    assert len(house.RELEASED) == 120


def _download(page, address: str) -> Path:
    with page.expect_download() as waiting:
        page.evaluate(f"window.location.assign('{address}')")
    return Path(waiting.value.path())


def test_export_gives_exactly_the_view_and_no_formula(visit):
    page = visit("/house/orders?state=held&sort=-value&cols=number,customer,value")
    link = page.locator("#f-export a").first.get_attribute("href")
    rows = list(csv.reader(io.StringIO(_download(page, link).read_text("utf-8-sig"))))
    assert rows[0] == ["Order", "Customer", "Value, £"]
    assert len(rows) == 25
    assert [r[0] for r in rows[1:]] == page.locator("[data-rows] tbody th").all_inner_texts()
    assert "'=SUM(A1:A9)" in {r[1] for r in rows}
    assert float(rows[1][2]) > float(rows[2][2])
    link = page.locator("#f-export a").last.get_attribute("href")
    sheet = load_workbook(_download(page, link)).get_sheet_by_index(0).to_python()
    assert len(sheet) == 25
    assert isinstance(sheet[1][2], float)
    assert "'=SUM(A1:A9)" in {row[1] for row in sheet}


def test_the_palette_finds_pages_and_records_and_a_scan_opens_the_thing(visit):
    page = visit("/house/orders")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette[open] input:focus")
    page.keyboard.type("jobs")
    answered(page)
    page.wait_for_selector("#pl li.on >> text=Jobs")
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette[open] input:focus")
    wedge(page, "SO-5007")
    page.wait_for_url("**/house/orders/7")


def test_the_list_of_keys_is_the_registry(visit):
    page = visit("/house/orders")
    page.keyboard.press("?")
    page.wait_for_selector("#keys[open]")
    shown = page.locator("#keys dt").all_inner_texts()
    assert {"New order", "next row", "select the row", "search this list", "all keys"} <= set(shown)
    page.keyboard.press("Escape")
    page.locator("#keys").wait_for(state="hidden")
    page.keyboard.press("n")
    page.wait_for_url("**/house/form")


def test_a_form_keeps_what_was_typed_and_says_what_to_change(visit):
    page = visit("/house/form")
    page.fill("#id_customer", "Brackwater")
    page.fill("#id_units", "0")
    page.locator(".form button.pri").click()
    page.wait_for_selector("[role=alert]:focus")
    assert page.title().startswith("Error:")
    assert page.input_value("#id_customer") == "Brackwater"
    page.locator("[role=alert] a").click()
    page.wait_for_selector("#id_units:focus")
    page.fill("#id_customer", "bad")
    page.fill("#id_units", "9")
    page.locator(".form button.pri").click()
    page.wait_for_selector("text=units: Only 5 are free. Order 5.")
    assert page.locator("text=Only 5 are free. Order 5.").count() == 2, "in the summary and beside the field"
    assert page.input_value("#id_units") == "9"


def test_a_refused_form_keeps_its_key(visit):
    page = visit("/house/form")
    key = page.input_value("form.form [name=idempotency_key]")
    page.fill("#id_customer", "bad")
    page.fill("#id_units", "9")
    page.locator(".form button.pri").click()
    page.wait_for_selector("[role=alert]")
    assert page.input_value("form.form [name=idempotency_key]") == key
    page.goto(page.url)
    assert page.input_value("form.form [name=idempotency_key]") != key


def test_a_heading_in_another_language_is_asked_about_before_anything_is_pasted(visit):
    page = visit("/house/grid", permissions=["clipboard-read", "clipboard-write"])
    told = page.locator("[data-grid-pasted]")
    cells = page.locator("[name=grid-item], [name=grid-units]")

    def paste() -> None:
        page.locator("[name=grid-item]").first.focus()
        page.evaluate(
            "text => navigator.clipboard.writeText(text)", "Menge\tFarbe\tArtikel\r\n7\trot\t4711\r\n2\t\t4712\r\n"
        )
        page.keyboard.press("Control+v")
        told.get_by_text("The heading of this paste is not understood.").wait_for()

    paste()
    assert "The heading of this paste is not understood." in told.inner_text()
    assert "Menge, such as 7, 2" in told.inner_text() and cells.first.input_value() == ""
    told.get_by_text("Do not paste").click()
    assert told.is_hidden() and cells.first.input_value() == ""
    paste()
    choices = told.locator("select")
    choices.nth(0).select_option(label="Units")
    choices.nth(1).select_option(label="leave it out")
    choices.nth(2).select_option(label="Units")
    told.get_by_text("Paste it so").click()
    assert "Two columns are the same" in told.inner_text() and cells.first.input_value() == ""
    choices.nth(2).select_option(label="Item")
    told.get_by_text("Paste it so").click()
    assert [cells.nth(n).input_value() for n in range(4)] == ["4711", "7", "4712", "2"]
    assert "Not read, for the grid has no such column: Farbe." in told.inner_text()
    paste()
    assert "is not understood" in told.inner_text(), "nothing is remembered"


def test_rows_are_pasted_from_a_spreadsheet_and_a_bad_one_is_shown_in_place(visit):
    page = visit("/house/grid", permissions=["clipboard-read", "clipboard-write"])
    page.locator("[name=grid-item]").first.focus()
    headed = "Units\tColour\tItem\r\n1.000\tred\t4711\r\n\r\n2\t\t4712\r\n"
    page.evaluate("text => navigator.clipboard.writeText(text)", headed)
    page.keyboard.press("Control+v")
    told = page.locator("[data-grid-pasted]")
    told.wait_for()
    assert told.locator("p").first.inner_text() == (
        "Pasted 2 lines: Units, Item. The heading was left out (Units, Colour, Item). 1 blank line was left out."
        " Not read, for the grid has no such column: Colour."
    )
    assert "“1.000” may be 1,000 or 1." in told.inner_text()
    told.get_by_text("The point parts thousands").click()
    cells = page.locator("[name=grid-item], [name=grid-units]")
    assert [cells.nth(n).input_value() for n in range(4)] == ["4711", "1000", "4712", "2"]
    page.get_by_text("Undo the paste").click()
    assert [cells.nth(n).input_value() for n in range(4)] == ["", "", "", ""] and told.is_hidden()
    lines = "\r\n".join(f"47{n:02d}\t1,{n:03d}\tnote {n}" for n in range(12)) + "\r\n"
    page.locator("[name=grid-item]").first.focus()
    page.evaluate("text => navigator.clipboard.writeText(text)", lines)
    page.keyboard.press("Control+v")
    expect(page.locator("[name=grid-item]")).to_have_count(12)
    page.locator("[name=grid-item]").nth(3).fill("???")
    page.locator(".form button.pri").click()
    page.wait_for_selector("#grid-e4")
    at_rest(page)
    assert "There is no item ???" in page.locator("#grid-e4").inner_text()
    assert house.GRID_SEEN[-1][11] == {"item": "4711", "units": "1011", "note": "note 11"}
    page.locator("[name=grid-item]").nth(3).fill("4703")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Item, line 5"
    page.locator(".form button.pri").click()
    page.wait_for_selector("[data-toast]")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_is_kept_and_else_follows_the_system(visit, theme):
    other = "dark" if theme == "light" else "light"
    page = visit("/house/orders", color_scheme=other)

    def ground():
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    system = ground()
    page.locator(".top-end summary.b").click()
    page.locator(f"button[value={theme}]").click()
    page.wait_for_selector(f'html[data-theme="{theme}"]')
    at_rest(page)
    assert ground() != system
    assert page.url.endswith("/house/orders"), "one comes back to where one was"


def test_a_view_can_be_saved_and_forgotten(visit):
    page = visit("/house/orders?state=held,short")
    page.locator("summary", has_text="Save this view").click()
    page.fill("#view-name", "Trouble")
    page.locator("button", has_text="Save view").click()
    page.wait_for_selector(".tabs a >> text=Trouble")
    page.goto(page.url.split("?")[0])
    page.locator(".tabs a", has_text="Trouble").click()
    page.wait_for_url("**?state=held,short")
    page.locator("summary", has_text="Save this view").click()
    page.locator("button", has_text="Forget").click()
    page.locator(".tabs a", has_text="Trouble").wait_for(state="detached")
    at_rest(page)
    assert "Trouble" not in page.locator("body").inner_text()


def test_a_failure_says_that_nothing_was_half_done(visit, client, settings, live_server):
    page = visit("/house/empty")
    assert page.locator(".void .big2").inner_text() == "No counts are planned"
    page.goto(f"{live_server.url}/nothing-here")
    assert page.locator("h1").inner_text() == "There is nothing at this address"
    page.goto(f"{live_server.url}/house/broken")
    assert page.locator("h1").inner_text() == "Flowrack could not finish this"


def test_no_page_scrolls_sideways_on_a_phone(visit):
    for address in (
        "/house/orders",
        "/house/orders/3",
        "/house/form",
        "/house/empty",
        "/scan",
        "/scan/house?virtual=1",
    ):
        page = visit(address, size=PHONE, has_touch=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address


def test_headers_are_strict_and_pages_are_not_kept(visit, live_server):
    page = visit("/house/orders", person=ADA)
    answer = page.request.get(f"{live_server.url}/house/orders")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    hosts = set(page.evaluate("performance.getEntriesByType('resource').map(e => new URL(e.name).host)"))
    assert hosts == {live_server.url.removeprefix("http://")}, "nothing is loaded from outside"
    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.evaluate("""() => { const s = document.createElement('script'); s.textContent = 'window.bad = 1';
            document.body.append(s); }""")
    assert page.evaluate("window.bad") is None
    assert page.trouble, "the breach is noticed, so the check at the end of every test can fail"
    page.trouble.clear()


def test_the_date_filter_narrows(visit):
    page = visit("/house/orders?promised_on_from=2026-05-20&promised_on_to=2026-05-20")
    wanted = sum(o.promised_on == date(2026, 5, 20) for o in house.ORDERS)
    assert page.locator("[data-rows] tbody tr").count() == wanted
