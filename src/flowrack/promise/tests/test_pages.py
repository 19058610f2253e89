import re
from datetime import date, time
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import ADA, CY, DI, KIM, MAY, PAM, signed_in

from flowrack.platform import sql
from flowrack.promise.forms import POLICY_LABELS
from flowrack.promise.tests import given

pytestmark = pytest.mark.django_db


def text_of(answer) -> str:
    return answer.content.decode()


def test_one_line_gives_three_answers_with_what_binds_them():
    given.house(100)
    answer = signed_in(KIM).get("/promise?q=40+x+V-200+acme")
    page = text_of(answer)
    assert answer.status_code == 200
    for words in ("When can I have 40?", "All on one day", "Earliest split", "With substitute", "Bound by", "ACME Ltd",
                  "The same as all on one day.", "V-200 has no substitute.", "Pick load"):  # fmt: skip
        assert words in page, words


def test_who_may_not_hold_sees_no_button():
    given.house(100)
    assert "You may ask, but not hold." in text_of(signed_in(DI).get("/promise?q=40+x+V-200+acme"))
    assert "Name a customer to hold it." in text_of(signed_in(KIM).get("/promise?q=40+x+V-200"))
    assert signed_in(CY).get("/promise").status_code == 403


def test_everything_that_is_wrong_stands_on_the_page_at_once():
    given.house(100)
    answer = signed_in(KIM).get("/promise?q=0+x+NOTHING+nobody")
    page = text_of(answer)
    assert answer.status_code == 422
    assert "There is no item “NOTHING”" in page and "There is no customer “nobody”" in page
    assert "0 is not a quantity to ship" in page
    outbound.customer("ACME-2")
    page = text_of(signed_in(KIM).get("/promise?q=1+x+V-200+acm"))
    assert "“acm” may be ACME Ltd (ACME), ACME-2 Ltd (ACME-2). Choose one, or write his code." in page
    assert "?q=1+x+V-200+ACME-2" in page
    assert "This is no question yet." in text_of(signed_in(KIM).get("/promise?q=hello"))


def test_a_quote_is_held_from_the_card_and_becomes_an_order():
    given.house(100)
    kim = signed_in(KIM)
    form = {"customer": "ACME", "item": "V-200", "quantity": "40", "option": "one_day", "idempotency_key": "a"}
    answer = kim.post("/promise/place", form)
    assert answer.status_code == 303
    page = text_of(kim.get(answer["Location"]))
    assert "Held until" in page and "data-countdown" in page and "Make the order" in page
    quote = sql.fetch_value("SELECT id FROM promise_quote")
    done = kim.post(f"/promise/quotes/{quote}/order", {"reference": "C-1", "idempotency_key": "b"})
    again = kim.post(f"/promise/quotes/{quote}/order", {"reference": "C-1", "idempotency_key": "b"})
    assert (done.status_code, again["Location"]) == (303, done["Location"])
    assert sql.fetch_all("SELECT units, allocated_units FROM sales_orderline") == [(40, 40)]
    assert (given.state_of(quote), given.committed()) == ("taken", 40)
    assert kim.post("/promise/place", {**form, "quantity": "70", "idempotency_key": "c"}).status_code == 409


def test_a_quote_that_lapsed_while_its_page_was_open_leaves_no_order():
    given.house(100)
    held = given.quote(40)
    sql.execute(
        "UPDATE promise_quote SET placed_at = now() - interval '2 h', expires_at = now(), arrives_on = now() + '9 d'"
    )
    form = {"reference": "C-1", "idempotency_key": "a"}
    answer = signed_in(KIM).post(f"/promise/quotes/{held.quote_id}/order", form)
    assert (answer.status_code, "The time of this quote is over." in text_of(answer)) == (409, True)
    assert sql.fetch_value("SELECT count(*) FROM sales_order") == 0


def test_a_quote_with_a_substitute_becomes_an_order_of_both():
    given.substitute(given.house(10), 50)
    form = {"customer": "ACME", "item": "V-200", "quantity": "40", "option": "substitute", "idempotency_key": "a"}
    kim = signed_in(KIM)
    page = kim.post("/promise/place", form)["Location"]
    kim.post(f"{page}/order", {"idempotency_key": "b"})
    assert sql.fetch_all("SELECT units, allocated_units FROM sales_orderline ORDER BY line_no") == [(10, 10), (30, 30)]
    number = sql.fetch_value("SELECT number FROM sales_order")
    assert f"Became {number}." in text_of(kim.get(page))


def test_a_quote_is_given_to_an_order_that_waits_and_names_all_its_orders():
    at = given.house(100)
    held = given.quote(100)
    line = outbound.order(at.site, "ACME", ("V-200", 30)).line_ids[0]
    sql.execute("UPDATE promise_quote SET placed_at = now(), expires_at = now() + interval '5 minutes'")
    sql.execute("UPDATE promise_quotepart SET ships_on = now()::date + 90")
    kim = signed_in(KIM)
    page = f"/promise/quotes/{held.quote_id}"
    number = sql.fetch_value("SELECT number FROM sales_order")
    assert f"<b>{number}</b> line 1: 30 wait" in text_of(kim.get(page))
    done = kim.post(f"{page}/take", {"line": line, "idempotency_key": "a"})
    assert (done.status_code, given.committed(), outbound.counts(line)["allocated"]) == (303, 30, 30)
    assert f"Open {number}" in text_of(kim.get(page))
    assert kim.post(f"{page}/take", {"line": "", "idempotency_key": "b"}).status_code == 409


def test_a_quote_is_given_back_on_its_page():
    given.house(100)
    held = given.quote(40)
    kim = signed_in(KIM)
    assert kim.post(f"/promise/quotes/{held.quote_id}/release", {"idempotency_key": "a"}).status_code == 303
    assert (given.state_of(held.quote_id), given.committed()) == ("released", 0)
    assert "Units are free" in text_of(kim.get("/promise/quotes?state=released"))
    assert kim.get("/promise/quotes/999").status_code == 404


def test_the_palette_answers_while_one_types():
    given.house(30)
    given.po(outbound.House(sql.fetch_value("SELECT min(site_id) FROM ledger_pool")), 50, date(2026, 3, 4))
    page = text_of(signed_in(KIM).get("/palette?q=40+x+V-200", headers={"HX-Request": "true"}))
    assert "40 x V-200: all" in page and "; 30 on" in page
    assert "V-200: all" not in text_of(signed_in(CY).get("/palette?q=40+x+V-200", headers={"HX-Request": "true"}))


def asked(text: str, page: str = "/") -> list[str]:
    """What the palette answers, on a page."""
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}
    hits = signed_in(KIM).get("/palette", {"q": text}, headers=headers).context["hits"]
    return [f"{hit.label} {hit.note}" for hit in hits if hit.kind == "promise"]


def test_the_palette_knows_customer_and_item_of_the_open_page():
    at = given.house(100)
    order = outbound.order(at.site, "ACME", ("V-200", 5))
    order_id, line_id, item_id = order.order_id, order.line_ids[0], given.item_id()
    party = sql.fetch_value("SELECT id FROM parties_party WHERE code = 'ACME'")
    quote = given.quote(1).quote_id
    for page in (f"/orders/{order_id}", f"/order-lines/{line_id}/why", f"/promise/quotes/{quote}", f"/parties/{party}"):
        [told] = asked("40 V-200", page)
        assert told.startswith("40 x V-200: all") and told.endswith(", for ACME Ltd"), page
    for page in (f"/items/{item_id}", f"/order-lines/{line_id}/instead", f"/promise/quotes/{quote}"):
        assert asked("40", page)[0].startswith("40 x V-200: all"), page
    for page in ("/", "/orders/999999", f"/orders/{order_id}", "/nowhere"):
        assert asked("40", page) == [], page
    outbound.customer("BETA")
    assert asked("40 V-200 beta", f"/orders/{order_id}")[0].endswith(", for BETA Ltd"), "who is named goes before"


def test_items_are_found_by_words_of_their_name_and_the_beginning_of_their_code():
    given.house(100)
    sql.execute("UPDATE catalog_item SET name = 'Enamel mug, white' WHERE sku = 'V-200'")
    other = outbound.item("V-300")
    sql.execute("UPDATE catalog_item SET name = 'Enamel mug, red' WHERE id = %s", (other,))
    assert len(asked("40 enamel mug white acme")) == len(asked("40 V-20")) == 1
    both = asked("40 enamel mug acme")
    assert ["V-200" in both[0] or "V-300" in both[0], len(both)] == [True, 2]
    page = text_of(signed_in(KIM).get("/promise?q=40+enamel+mug+fri+acme"))
    assert "40 of which of these?" in page and "V-200" in page and "V-300" in page
    assert "When can I have 40?" in text_of(signed_in(KIM).get("/promise?q=40+mug+white+acme"))


def test_a_day_that_is_none_is_told_with_what_is_understood():
    given.house(100)
    for text, words in (
        ("40 V-200 31 feb acme", "“31 feb” is no day of the calendar."),
        ("40 V-200 acme yesterday", "is past."),
        ("40 V-200 next week", "“next week” is neither a customer nor a day that is understood."),
    ):
        answer = signed_in(KIM).get("/promise", {"q": text})
        assert (answer.status_code, words in text_of(answer)) == (422, True), text
        assert words in asked(text)[0]
    assert "A day is today, tomorrow, fri, 15 may, 15 may 2026, 2026-05-15 or in 3 days" in asked("40 V-200 31 feb")[0]


def test_a_quantity_that_may_be_read_in_two_ways_is_asked_about_and_not_answered():
    given.house(2_000)
    kim, both = signed_in(KIM), "“1.000” may be 1,000 or 1. Type 1000 or 1."
    for where in ({"q": "1.000 V-200"}, {"item": "V-200", "quantity": "1.000"}):
        answer = kim.get("/promise", where)
        assert (answer.status_code, both in text_of(answer)) == (422, True), where
        assert 'name="quantity" inputmode="decimal" value="1.000"' in answer.content.decode(), "as it was typed"
    [told] = asked("1.000 V-200")
    assert told == f"1.000 x V-200: {both}"
    for text, units in (("1000 V-200", "1,000"), ("1 V-200", "1"), ("1,000 V-200", "1,000")):
        assert asked(text)[0].startswith(f"{units} x V-200: all"), text
    kept = {"customer": "ACME", "item": "V-200", "quantity": "1.000", "option": "one_day"}
    assert kim.post("/promise/place", {**kept, "idempotency_key": "k"}).status_code == 422
    assert sql.fetch_value("SELECT count(*) FROM promise_quote") == 0


@pytest.mark.parametrize(("units", "label"), [(30, "30 free"), (90_275, "90,275 free"), (1_234_567, "1,234,567 free")])
def test_the_number_at_the_end_of_the_timeline_fits_into_it(units, label):
    given.house(units)
    page = signed_in(KIM).get("/promise?q=1+x+V-200").content.decode()
    [(begins, words)] = re.findall(r'<text class="x12 xb f-ink" x="(\d+)" y="-?\d+">([\d,]+ free)</text>', page)
    assert (words, int(begins) + 8 * len(words) <= 1392) == (label, True), begins


def test_a_customers_own_number_of_an_item_is_understood():
    given.house(100)
    sql.execute(
        "INSERT INTO sales_customeritem (customer_id, code, item_id, pack) "
        "SELECT id, 'HOSE-1', %s, '' FROM parties_party WHERE code = 'ACME'",
        (given.item_id(),),
    )
    assert asked("40 HOSE-1 acme")[0].startswith("40 x V-200: all")
    assert asked("40 HOSE-1") == []
    assert "When can I have 40?" in text_of(signed_in(KIM).get("/promise?q=40+HOSE-1+acme"))


def test_a_site_is_set_up_on_its_pages():
    at = given.house(10)
    ada = signed_in(ADA)
    url = f"/promise/setup/{at.site}/"
    assert ada.post(url + "hours", {"day_1": "06:00-14:00, 15:00-22:00", "idempotency_key": "a"}).status_code == 303
    assert ada.post(url + "hours", {"day_1": "six", "idempotency_key": "b"}).status_code == 422
    grid = {"grid-at": ["15:00"], "grid-service": [""], "grid-region": [""], "grid-weekdays": ["1-5"],
            "grid-transit_days": ["2"], "idempotency_key": "c"}  # fmt: skip
    assert ada.post(url + "cut-offs", grid).status_code == 303
    bad = {**grid, "grid-at": ["noon"], "grid-service": ["XX"], "grid-weekdays": ["0"], "idempotency_key": "d"}
    refused = text_of(ada.post(url + "cut-offs", bad))
    assert "This is no time." in refused and "no service “XX”" in refused and "These are no weekdays." in refused
    hands = {"grid-kind": ["pick"], "grid-weekday": ["1"], "grid-shift": ["early"], "grid-starts_at": ["06:00"],
             "grid-people": ["3"], "grid-hours": ["7.5"], "idempotency_key": "e"}  # fmt: skip
    assert ada.post(url + "hands", hands).status_code == 303
    assert ada.post(url + "hands", {**hands, "grid-hours": ["25"], "idempotency_key": "f"}).status_code == 422
    eve = {"grid-on": ["2027-12-24"], "grid-reason": ["Eve"], "idempotency_key": "g"}
    assert ada.post(url + "closed-days", eve).status_code == 303
    form = {**dict.fromkeys(POLICY_LABELS, "5"), "counts_at_percent": "90", "kinds": "pick", "idempotency_key": "h"}
    assert ada.post(url + "policy", form).status_code == 303
    assert sql.fetch_all("SELECT weekday, people, hours, starts_at FROM tasks_capacity") == [
        (0, 3, Decimal("7.50"), time(6))
    ]
    assert sql.fetch_value("SELECT counts_at_percent FROM promise_sitepolicy") == 90
    assert sql.fetch_value("SELECT count(*) FROM promise_cutoffrow WHERE transit_days = 2") == 5
    for page in ("hours", "cut-offs", "hands", "policy", "closed-days"):
        assert ada.get(url + page).status_code == 200
    assert "3" in text_of(ada.get("/promise/setup"))
    assert signed_in(PAM).get(url + "hands").status_code == 403


def test_moving_a_promise_names_the_site_that_could_send_it():
    at = given.house(0)
    other = outbound.house("W2")
    outbound.receive(other, given.item_id(), 30, "1")
    sql.execute("UPDATE catalog_item SET reorder_point = 20")
    [line] = outbound.order(at.site, "ACME", ("V-200", 10), on=date(2099, 3, 4)).line_ids
    page = text_of(signed_in(KIM).get(f"/promise/move?ids={line}"))
    assert "Without moving" in page and "W2 could send 10 of V-200 and keep 20" in page
    assert "/transfers/plan" not in page, "she plans no transfers"
    page = text_of(signed_in(MAY).get(f"/promise/move?ids={line}"))
    [url] = re.findall(r'href="(/transfers/plan[^"]*)"', page)
    assert f"site={other.site}&amp;to_site={at.site}&amp;item=V-200&amp;units=10&amp;for=sales.line%3A{line}" in url
    form = text_of(signed_in(MAY).get(url.replace("&amp;", "&")))
    assert 'value="V-200"' in form and 'value="10"' in form


def test_promises_are_moved_and_letters_marked_on_their_pages():
    at = given.house(10)
    [line] = outbound.order(at.site, "ACME", ("V-200", 10), on=date(2027, 3, 4)).line_ids
    given.drain()
    kim = signed_in(KIM)
    url = f"/promise/move?ids={line}&ships_on=2027-03-10"
    seen = re.search(r'name="line" value="([^"]+)"', text_of(kim.get(url)))[1]
    assert seen == f"{line}:2027-03-10"
    form = {"line": seen, "ships_on": "2027-03-10", "reason": "", "idempotency_key": "a"}
    assert kim.post(url, form).status_code == 422
    done = kim.post(url, {**form, "reason": "The supplier is late", "idempotency_key": "b"})
    assert done.status_code == 303
    assert "The supplier is late" in text_of(kim.get("/allocation/notices?state=draft"))
    order = sql.fetch_value("SELECT order_id FROM sales_orderline WHERE id = %s", (line,))
    page = text_of(kim.get(f"/orders/{order}"))
    assert [word for word in ("Leaves", "none reserved yet") if word not in page] == []
    letter = sql.fetch_value("SELECT id FROM allocation_customernotice")
    kim.post("/allocation/notices", {"batch": "sent", "ids": [letter], "idempotency_key": "c"})
    assert sql.fetch_one("SELECT state, settled_by_id FROM allocation_customernotice") == ("sent", KIM.id)
    assert kim.get("/promise/days").status_code == 200


def test_closed_days_are_pasted_for_several_sites_and_a_cleared_row_is_worked_on():
    at, other = given.house(10), outbound.house("W2")
    ada, url = signed_in(ADA), f"/promise/setup/{at.site}/closed-days"
    known = {"grid-on": ["2099-12-24"], "grid-reason": ["Eve"], "idempotency_key": "a"}
    assert ada.post(url, known).status_code == 303
    pasted = {"paste": "Date;Holiday\n25.12.2099;Christmas\n2100-01-01;New Year", "others": str(other.site)}
    assert ada.post(url, {"grid-on": [""], "grid-reason": [""], **pasted, "idempotency_key": "b"}).status_code == 303
    days = "SELECT c.reason FROM promise_closedday c WHERE c.site_id = %s ORDER BY c.on"
    assert sql.fetch_all(days, (at.site,)) == [("Christmas",), ("New Year",)]
    assert sql.fetch_all(days, (other.site,)) == [("Christmas",), ("New Year",)]
    assert "2099-12-25" in text_of(ada.get(url))
    refused = ada.post(url, {"paste": "1/2/2099, what\n2099-05-01", "idempotency_key": "c"})
    assert refused.status_code == 422
    assert "Row 1: “1/2/2099” is no day, or may be two." in text_of(refused)
    assert "Row 2: say why nobody works on 2099-05-01." in text_of(refused)
    assert len(sql.fetch_all(days, (at.site,))) == 2
    assert signed_in(KIM).get(url).status_code == 403


def test_safety_stock_is_set_by_the_list_seen_and_its_history_kept():
    at = given.house(10)
    outbound.item("V-300")
    ada = signed_in(ADA)
    form = {"site": str(at.site), "reason": "slow supplier", "grid-sku": ["V-200"], "grid-units": ["12"]}
    bad = {**form, "paste": "V-999, 4\nV-300, many", "idempotency_key": "a"}
    refused = text_of(ada.post("/promise/safety/set", bad))
    assert "There is no item “V-999”." in refused and "V-300: “many” is no number of units." in refused
    assert sql.fetch_value("SELECT count(*) FROM promise_safetystock") == 0
    good = {**form, "paste": "sku,units\nV-300,5", "idempotency_key": "b"}
    assert ada.post("/promise/safety/set", good).status_code == 303
    page = text_of(ada.get("/promise/safety"))
    assert "V-200" in page and "below" in page and "slow supplier" in page
    assert "V-300" not in text_of(ada.get("/promise/safety?q=V-200"))
    row = sql.fetch_value("SELECT id FROM promise_safetystock WHERE units = 12")
    assert 'value="12"' in ada.get(f"/promise/safety/set?ids={row}").content.decode()
    history = text_of(ada.get("/promise/safety/history"))
    assert "V-300" in history and "slow supplier" in history
    assert signed_in(KIM).get("/promise/safety").status_code == 403
