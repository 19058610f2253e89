import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.cast import BO, EVE, RAY, signed_in
from tests.supply import approved, house, item, po_state, receive, supplier

from flowrack.inbound.pages import clock, hours
from flowrack.inbound.types import CountedLine
from flowrack.platform import outbox, sql
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose = house(), item("V-200")
    po = approved(here.site, supplier(), (hose, 100, "4"))
    done = receive(po, here, CountedLine(units=Units(60), item_id=hose, lpn="LP-1"))
    outbox.drain()
    return here, po, done


def test_the_board_shows_what_stands_at_the_dock_and_what_is_owed(scene):
    _, po, done = scene
    text = signed_in(BO).get("/receiving").content.decode()
    for words in ("LP-1", done.number, po.number, "at receiving-1", "putaway"):
        assert words in text


def test_the_board_takes_the_same_queries_however_much_stands_there(scene):
    here, *_ = scene
    browser = signed_in(BO)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert browser.get("/receiving").status_code == 200
        return len(seen)

    queries()
    few = queries()
    seller = supplier("B")
    for n in range(8):
        one = item(f"I{n}")
        receive(approved(here.site, seller, (one, 5, "1")), here, CountedLine(units=Units(5), item_id=one))
    assert queries() == few


def test_lists_and_records_are_open_to_those_who_may_see_them(scene):
    _, _, done = scene
    for url in ("/receiving", "/receipts", f"/receipts/{done.receipt_id}"):
        assert signed_in(BO).get(url).status_code == 200
        assert signed_in(RAY).get(url).status_code == 200
        assert signed_in(EVE).get(url).status_code == 403
    assert "60" in signed_in(BO).get(f"/receipts/{done.receipt_id}").content.decode()
    assert signed_in(BO).get("/receipts/999999").status_code == 404
    assert done.number in signed_in(BO).get("/receipts?format=csv").getvalue().decode()


def test_a_count_is_taken_back_and_the_receipt_closed_from_the_page(scene):
    _, po, done = scene
    browser = signed_in(BO)
    url = f"/receipts/{done.receipt_id}"
    posted = browser.post(f"{url}/take-back", {"posting": done.posting_id, "idempotency_key": "a"})
    assert posted.status_code == 303 and po_state(po) == ("receiving", [(100, 0, 0)])
    assert browser.post(f"{url}/close", {"idempotency_key": "b"}).status_code == 303
    assert sql.fetch_value("SELECT state FROM inbound_receipt") == "closed"
    refused = browser.post(f"{url}/close", {"idempotency_key": "c"})
    assert refused.status_code == 409 and "is closed" in refused.content.decode()
    assert signed_in(RAY).post(f"{url}/close", {"idempotency_key": "d"}).status_code == 403


def test_the_clock_turns_red_over_the_target():
    assert "f-c1" in clock(150) and "f-bad" in clock(151)
    assert (hours(37), hours(201), hours(3 * 1440 + 300)) == ("0 h 37", "3 h 21", "3 d 5 h")
