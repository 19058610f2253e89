"""The scan loop under torture: nothing lost, doubled, misrouted or out of order; every outcome felt twice."""

from __future__ import annotations

import pytest

from flowrack.platform.web.scan import ScanFlow
from tests.browser import house
from tests.browser.conftest import DESK, PHONE, at_rest, session_of, watched, wedge
from tests.cast import GUS

pytestmark = pytest.mark.django_db(transaction=True)

# Records what the device feels: tones by pitch, vibration patterns.
FELT = """
window.felt = [];
navigator.vibrate = (pattern) => { window.felt.push(['buzz', ...pattern]); return true; };
window.AudioContext = class {
  state = 'running'; currentTime = 0; destination = {};
  createOscillator() { const f = { value: 0 }; return { frequency: f, connect: (x) => x, stop() {},
    start() { window.felt.push(['tone', f.value]); } }; }
  createGain() { return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (x) => x }; }
  resume() { return Promise.resolve(); }
};
"""


@pytest.fixture
def scanner(visit):
    house.SCANNED.clear()
    page = visit("/scan/house?virtual=1", size=PHONE, has_touch=True)
    page.add_init_script(FELT)
    page.reload()
    at_rest(page)
    return page


def settled(page) -> None:
    """Everything is sent, and the answer to the last of it is drawn, felt and said."""
    page.wait_for_function("() => !Object.keys(localStorage).some((key) => key.startsWith('scan-queue:'))")
    page.wait_for_function("() => document.querySelector('[data-net] span')?.textContent === 'Online'")
    at_rest(page)


def codes() -> list[str]:
    return [code for _, code in house.SCANNED]


def keys() -> list[str]:
    return list(dict.fromkeys(key for key, _ in house.SCANNED))


def test_ten_scans_a_second_for_some_seconds_arrive_once_each_and_in_order(scanner):
    wanted = [f"C{n:04d}" for n in range(50)]
    for code in wanted:
        wedge(scanner, code, gap_ms=5)
        scanner.wait_for_timeout(60)
    settled(scanner)
    assert codes() == wanted
    assert len({key for key, _ in house.SCANNED}) == len(wanted)
    assert all(key[14] == "7" for key, _ in house.SCANNED), "keys are UUIDs of version 7"


def test_a_scan_never_lands_on_the_focused_control(scanner):
    reach = "button, a, input:not([type=hidden])"
    wanted = []
    for at in range(scanner.locator(reach).count()):
        control = scanner.locator(reach).nth(at)
        control.focus()
        code = f"F{at:03d}"
        wedge(
            scanner, code, suffix=["Enter", "Tab"][at % 2] if control.get_attribute("data-typed") is None else "Enter"
        )
        wanted.append(code)
        settled(scanner)
    assert codes() == wanted
    assert scanner.url.endswith("/scan/house?virtual=1")


def test_scans_wait_while_a_request_runs_and_keep_their_order(scanner):
    slow = {"on": True}

    def delay(route):
        if slow["on"]:
            scanner.wait_for_timeout(700)
        route.continue_()

    scanner.route("**/scan/house?virtual=1", delay)
    wanted = [f"Q{n}00" for n in range(5)]
    for code in wanted:
        wedge(scanner, code)
    slow["on"] = False
    settled(scanner)
    assert codes() == wanted


def test_an_answer_lost_on_the_way_is_asked_for_again_under_the_same_key(scanner):
    answers = {"lost": 0, "come": False}

    def lose(route):
        if answers["come"] and answers["lost"] > 1:
            route.continue_()
        else:
            answers["lost"] += 1
            route.fetch()  # the server has done it; the device never hears
            route.abort()

    scanner.route("**/scan/house?virtual=1", lose)
    wedge(scanner, "LOST1")
    wedge(scanner, "LOST2")
    kept(scanner, 2)
    answers["come"] = True
    settled(scanner)
    assert [code for _, code in house.SCANNED].count("LOST1") > 2, "twice it was not heard"
    keys: dict[str, set[str]] = {}
    for key, code in house.SCANNED:
        keys.setdefault(code, set()).add(key)
    assert set(keys) == {"LOST1", "LOST2"}
    assert all(len(found) == 1 for found in keys.values()), "one key a scan, so a command answers from the record"


def test_kept_scans_survive_a_reload(scanner):
    scanner.route("**/scan/house?virtual=1", lambda r: r.abort() if r.request.method == "POST" else r.continue_())
    wedge(scanner, "KEPT1")
    wedge(scanner, "KEPT2")
    kept(scanner, 2)
    scanner.on("dialog", lambda dialog: dialog.accept())
    scanner.unroute("**/scan/house?virtual=1")
    scanner.reload()
    settled(scanner)
    # A scan that was on its way when the page went may arrive twice, with its key: the command's door knows it again.
    assert list(dict.fromkeys(house.SCANNED)) == [
        (key, code) for key, code in zip(keys(), ["KEPT1", "KEPT2"], strict=True)
    ]


def offline(page) -> None:
    """Nothing that is scanned reaches the server; pages still come."""
    page.route("**/scan/**", lambda r: r.abort() if r.request.method == "POST" else r.continue_())


def kept(page, count: int) -> None:
    page.wait_for_function(f"() => document.querySelector('[data-net] span')?.textContent === 'Offline, {count} kept'")


def test_kept_scans_survive_the_closing_of_the_page(scanner):
    offline(scanner)
    wedge(scanner, "KEPT1")
    wedge(scanner, "KEPT2")
    kept(scanner, 2)
    scanner.close(run_before_unload=False)
    assert codes() == []
    again = watched(scanner.context.new_page())
    offline(again)
    again.goto(f"{scanner.url.partition('/scan/')[0]}/scan")
    panel = again.locator(".waits")
    panel.wait_for()
    assert "2 of your scans wait here, not sent" in panel.inner_text() and "KEPT1, KEPT2" in panel.inner_text()
    again.unroute("**/scan/**")
    panel.get_by_text("Send 2").click()
    settled(again)
    assert codes() == ["KEPT1", "KEPT2"] and len(keys()) == 2
    again.goto(f"{scanner.url.partition('/scan/')[0]}/scan")
    at_rest(again)
    assert again.locator(".waits").count() == 0


def test_two_pages_of_one_person_keep_their_scans_apart_and_send_each_once(scanner):
    offline(scanner)
    wedge(scanner, "LEFT1")
    kept(scanner, 1)
    other = watched(scanner.context.new_page())
    offline(other)
    other.goto(scanner.url)
    at_rest(other)
    wedge(other, "RIGHT1")
    kept(other, 1)  # the first page is open: what it keeps is not taken from it
    other.close(run_before_unload=False)
    scanner.unroute("**/scan/**")
    scanner.wait_for_function("() => document.querySelector('[data-net] span')?.textContent === 'Online'")
    assert codes() == ["LEFT1"]
    scanner.wait_for_function("async () => (await navigator.locks.query()).held.length === 1")
    scanner.reload()  # now the other page is gone
    settled(scanner)
    assert codes() == ["LEFT1", "RIGHT1"] and len(keys()) == 2


def test_what_one_person_scanned_is_never_sent_for_another_who_signs_in(scanner):
    wedge(scanner, "BIN-1")
    settled(scanner)
    [ada] = [cookie for cookie in scanner.context.cookies() if cookie["name"] == "sessionid"]
    scanner.context.clear_cookies(name="sessionid")
    wedge(scanner, "BIN-2")
    scanner.get_by_text("Sign in again; nothing is lost").wait_for()
    scanner.context.add_cookies([{**ada, "value": session_of(GUS)}])
    scanner.on("dialog", lambda dialog: dialog.accept())
    scanner.reload()
    panel = scanner.locator(".waits")
    panel.wait_for()
    at_rest(scanner)
    assert "1 of Ada Manager waits here, not sent" in panel.inner_text() and "BIN-2" in panel.inner_text()
    wedge(scanner, "BIN-3")
    scanner.locator(".ticks", has_text="BIN-3").wait_for()
    assert codes() == ["BIN-1", "BIN-3"]
    scanner.context.add_cookies([ada])
    scanner.reload()
    settled(scanner)
    assert codes() == ["BIN-1", "BIN-3", "BIN-2"] and not panel.count()


def test_a_button_pressed_twice_by_a_bouncing_finger_counts_once(scanner):
    scanner.locator("[data-action=short]").dblclick()
    scanner.wait_for_selector("[data-pad]")
    scanner.locator("[data-pad-ok]").dblclick()
    settled(scanner)
    assert codes() == ["action:short", "qty:9:none"]


def test_every_outcome_is_felt_in_two_ways_and_said(scanner):
    for code, buzz, words in (
        ("GOOD", [40], "Good scan"),
        ("MORE", [40, 40, 40], "More needed"),
        ("DONE", [40, 40, 80], "Done"),
        ("HELD", [120, 80, 120, 80, 240], "Stored, but look at the screen"),
        ("WRONG", [200, 100, 200], "Wrong scan"),
    ):
        scanner.evaluate("window.felt = []")
        wedge(scanner, code)
        settled(scanner)
        felt = scanner.evaluate("window.felt")
        assert ["buzz", *buzz] in felt
        assert any(kind == "tone" for kind, *_ in felt)
        assert scanner.locator("#said").inner_text() == words


def test_a_wrong_scan_stays_red_until_the_next_good_one_and_changes_nothing(scanner):
    wedge(scanner, "GOOD1")
    wedge(scanner, "WRONG")
    panel = scanner.wait_for_selector("[role=alert]")
    assert "That is bin A-03-2." in panel.inner_text()
    assert "two places to the right" in panel.inner_text()
    scanner.wait_for_timeout(1200)
    assert scanner.locator("[role=alert]").is_visible()
    assert scanner.locator(".ticks li").count() == 1
    wedge(scanner, "GOOD2")
    scanner.wait_for_function("() => !document.querySelector('[role=alert]')")
    assert codes() == ["GOOD1", "GOOD2"]


def test_a_separator_reaches_the_server(scanner):
    wedge(scanner, "]C10109520123456788104711\x1d3712")
    settled(scanner)
    assert codes() == ["]C10109520123456788104711\x1d3712"]


def test_the_device_says_what_a_label_says_and_refuses_by_itself_what_cannot_be_right(scanner):
    scanner.route("**/scan/house?virtual=1", lambda r: r.abort() if r.request.method == "POST" else r.continue_())
    wedge(scanner, "(01)09520123456788(17)270229(10)4711")
    panel = scanner.wait_for_selector("[role=alert]")
    assert "(17) has 270229: no date." in panel.inner_text()
    assert scanner.evaluate("window.felt").count(["buzz", 200, 100, 200]) == 1
    wedge(scanner, "(01)09520123456788(17)270331(10)4711(30)12")
    line = "Read: GTIN 9520123456788, lot 4711, until 2027-03-31, quantity 12"
    scanner.wait_for_function("(line) => document.querySelector('.scanline').textContent.includes(line)", arg=line)
    scanner.unroute("**/scan/house?virtual=1")
    settled(scanner)
    assert codes() == ["(01)09520123456788(17)270331(10)4711(30)12"]
    assert not scanner.locator("[role=alert]").count()


def test_undo_names_what_it_takes_back(scanner):
    wedge(scanner, "6x6024")
    undo = scanner.locator("[data-action=undo]")
    assert "6x6024" in undo.inner_text()
    undo.tap()
    settled(scanner)
    assert codes()[-1] == "action:undo"


def test_the_virtual_scanner_and_a_typed_code_go_the_same_way(scanner):
    scanner.locator("[data-virtual='A-03-4']").tap()
    settled(scanner)
    scanner.locator("[data-typed]").fill("4711")
    scanner.locator("[data-typed]").press("Enter")
    settled(scanner)
    assert codes() == ["A-03-4", "4711"]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_targets_are_big_enough_for_gloves(visit, size):
    page = visit("/scan/house", size=size, has_touch=True)
    for box in (b.bounding_box() for b in page.locator(".fb").all()):
        assert box["height"] >= 64
    main = page.locator(".fb.main").bounding_box()
    assert main["height"] >= 96
    assert main["y"] >= size["height"] / 2
    smallest = page.evaluate("""() => Math.min(...[...document.querySelectorAll('#scan *')]
        .filter(e => e.childElementCount === 0 && e.textContent.trim() && e.offsetParent && !e.closest('.vh'))
        .map(e => parseFloat(getComputedStyle(e).fontSize)))""")
    assert smallest >= 18


def test_the_start_page_sends_a_scan_to_the_job_or_says_that_none_begins_so(visit):
    page = visit("/scan", size=PHONE)
    wedge(page, "NOTHING-1")
    panel = page.wait_for_selector("[role=alert]")
    assert "No job starts with" in panel.inner_text()
    assert page.locator(".floor-set").is_visible()


def test_the_job_takes_the_code_that_was_scanned_on_the_start_page_once(visit, monkeypatch):
    flow = ScanFlow("house", "House", "scan_house", "", opens=lambda code, viewer: "/scan/house", starts=("box",))
    monkeypatch.setattr("flowrack.platform.web.scan.all_flows", lambda: (flow,))
    house.SCANNED.clear()
    page = visit("/scan", size=PHONE)
    assert "or scan a box" in page.locator("#scan").inner_text()
    wedge(page, "BOX-7")
    page.wait_for_url("**/scan/house")
    page.locator(".ticks li", has_text="BOX-7").wait_for()
    settled(page)
    page.reload()
    settled(page)
    assert codes() == ["BOX-7"]


def test_a_code_is_typed_by_touch_alone(visit):
    house.SCANNED.clear()
    page = visit("/scan/house", size=PHONE, has_touch=True)
    at_rest(page)
    page.get_by_text("Type code").tap()
    page.get_by_label("Code", exact=True).fill("BIN-7")
    page.get_by_role("button", name="Enter").tap()
    settled(page)
    assert codes() == ["BIN-7"]
