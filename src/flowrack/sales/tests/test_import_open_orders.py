"""import_open_orders: orders from a file, a line in each row; all faults in one round, by row and column."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests import outbound
from tests.cast import EVE, KIM, NED, ctx, signed_in

from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.platform.importing import ImportFile, ImportRefused, Options, check, store_file
from flowrack.sales import commands, imports
from flowrack.sales.commands_credit import set_credits
from flowrack.sales.types_holds import CustomerCredit, SetCredits
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "Customer,Order number,Ship from,SKU,Qty,Pack,Price,Wanted on,Nothing after\n"


def file_of(text: str, **options: object) -> ImportFile:
    return ImportFile(store_file(text.encode(), "orders.csv"), "orders.csv", Options(**options))  # type: ignore[arg-type]


@pytest.fixture
def site() -> str:
    at = outbound.house()
    item = outbound.item("4711")
    sql.execute("INSERT INTO catalog_packlevel (item_id, level, factor) VALUES (%s, 'case', 12)", (item,))
    outbound.item("6024")
    outbound.customer()
    outbound.customer("BETA")
    return str(sql.fetch_value("SELECT code FROM locations_site WHERE id = %s", (at.site,)))


def test_rows_with_one_number_are_one_order(site: str):
    day = (now() + timedelta(days=9)).date()
    text = HEAD + (
        f"ACME,PO-1,{site},4711,2,case,1.50,{day},\nACME,PO-1,{site},6024,5,,,,{day}\nBETA,PO-1,{site},6024,1,,,,\n"
    )
    dry = check(imports.OPEN_ORDERS, text.encode(), "orders.csv", Options())
    assert (dry.created, dry.problem_count, dry.is_written) == (3, 0, False)
    assert sql.fetch_value("SELECT count(*) FROM sales_order") == 0
    done = commands.import_open_orders(ctx(KIM), file_of(text))
    assert (done.created, done.is_written) == (3, True)
    rows = sql.fetch_all(
        """
        SELECT p.code, o.reference, o.requested_on = %s, o.latest_on = %s, i.sku, l.units, l.unit_price::text
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id JOIN parties_party p ON p.id = o.customer_id
        JOIN catalog_item i ON i.id = l.item_id ORDER BY o.id, l.line_no
        """,
        (day, day),
    )
    assert [row[:6] for row in rows] == [
        ("ACME", "PO-1", True, True, "4711", 24),
        ("ACME", "PO-1", True, True, "6024", 5),
        ("BETA", "PO-1", False, None, "6024", 1),
    ]
    assert rows[0][6] == "1.500000"
    assert sql.fetch_value("SELECT count(*) FROM platform_outboxevent WHERE kind = 'sales.order_entered'") == 2
    with pytest.raises(ImportRefused) as again:
        commands.import_open_orders(ctx(KIM), file_of(text))
    assert {line.line for line in again.value.lines} == {2, 3, 4}


def test_every_fault_is_named_by_row_and_column_in_one_round(site: str):
    text = HEAD + (
        f"NOBODY,PO-1,{site},4711,2,,,,\n"
        f"ACME,PO-2,{site},NOPE,many,,,,\n"
        f"ACME,PO-3,{site},4711,-1,,,,\n"
        f"ACME,PO-4,{site},4711,1,pallet,,2020-01-01,\n"
        f"ACME,PO-5,{site},4711,0.5,,,,\n"
        f"ACME,PO-6,NOWHERE,6024,1,,,,\n"
    )
    with pytest.raises(ImportRefused) as refused:
        commands.import_open_orders(ctx(KIM), file_of(text))
    found = {(line.line, line.field): line.message for line in refused.value.lines}
    assert found == {
        (2, "Customer"): "There is no customer “NOBODY”.",
        (3, "Qty"): "“many” is not a number.",
        (3, "SKU"): "There is no item “NOPE”.",
        (4, "Qty"): "-1 is not a quantity to ship.",
        (5, "Pack"): "4711 has no pack “pallet”.",
        (5, "Wanted on"): "01 Jan 2020 is past.",
        (6, "Qty"): "0.5 unit is not a whole number of base units.",
        (7, "Ship from"): "There is no site “NOWHERE”.",
    }
    assert sql.fetch_value("SELECT count(*) FROM sales_order") == 0


def test_good_rows_only_enter_whole_orders(site: str):
    text = HEAD + f"ACME,PO-1,{site},4711,2,,,,\nACME,PO-1,{site},NOPE,2,,,,\nACME,PO-2,{site},6024,3,,,,\n"
    done = commands.import_open_orders(ctx(KIM), file_of(text, only_good_rows=True))
    assert (done.created, done.bad_rows) == (1, 2)
    assert sql.fetch_all("SELECT reference FROM sales_order") == [("PO-2",)]


def test_the_check_tells_which_rows_will_be_held_and_why(site: str):
    item, place = sql.fetch_one(
        "SELECT i.id, s.id FROM catalog_item i, locations_site s WHERE i.sku = '4711' AND s.code = %s", (site,)
    ) or (0, 0)
    sql.execute(
        "INSERT INTO sales_itemhistory (site_id, item_id, lines, median, deviation, greatest_units, doubtful_units, "
        "refreshed_at) VALUES (%s, %s, 100, ln(5), 0.1, 9, 1000, now())",
        (place, item),
    )
    set_credits(ctx(NED), SetCredits([CustomerCredit("BETA", Decimal(100))], "new limits"))
    sql.execute(
        "INSERT INTO parties_address (party_id, code, name, is_default, is_to_check, is_active) "
        "SELECT id, 'YARD', 'Yard', false, true, true FROM parties_party WHERE code = 'ACME'"
    )
    head = HEAD.rstrip() + ",Ship to\n"
    text = head + (
        f"ACME,PO-1,{site},4711,5,,,,,\nACME,PO-2,{site},6024,1,,,,,\nACME,PO-2,{site},4711,90000,,,,,\n"
        f"BETA,PO-3,{site},6024,9,,10,,,\nBETA,PO-4,{site},6024,2,,10,,,\nACME,PO-5,{site},6024,1,,,,,YARD\n"
    )
    dry = check(imports.OPEN_ORDERS, text.encode(), "orders.csv", Options())
    assert (dry.problem_count, dry.noted_rows) == (0, 3)
    told = {(note.column, tuple(note.rows), tuple(note.found)): note.message for note in dry.notes}
    assert told == {
        ("Qty", (4,), ("90000",)): (
            "90,000 is 18,000 times the usual 5 of this item, and this customer's largest line was 5."
        ),
        (
            "Order number",
            (6,),
            ("PO-4",),
        ): "10.00 beyond the credit limit of 100.00: this order 20.00, open orders 90.00.",
        ("Order number", (7,), ("PO-5",)): "Address YARD is marked to be checked.",
    }
    assert sql.fetch_value("SELECT count(*) FROM sales_order") == 0
    commands.import_open_orders(ctx(KIM), file_of(text))
    held = sql.fetch_all("SELECT sentence FROM sales_hold WHERE ended_at IS NULL ORDER BY order_id")
    assert [row[0] for row in held] == list(told.values()), "what was told is what is done"


def test_an_outsider_enters_nothing(site: str):
    with pytest.raises(NotPermitted):
        commands.import_open_orders(ctx(EVE), file_of(HEAD + f"ACME,PO-1,{site},4711,2,,,,\n"))


def test_the_page_tells_what_was_imported(site: str):
    wanted = file_of(HEAD + f"ACME,PO-1,{site},4711,2,,,,\n")
    form = {"digest": wanted.digest, "filename": "orders.csv", "rows": "1", "step": "write", "idempotency_key": "k"}
    done = signed_in(KIM).post("/orders/import", form, follow=True)
    page = done.content.decode()
    assert (done.status_code, "There is no such import" in page, "1 created" in page) == (200, False, True)
    assert sql.fetch_value("SELECT count(*) FROM sales_order") == 1


def test_a_quantity_that_may_be_a_thousandfold_is_asked_about_until_somebody_says_how_numbers_are_written(site: str):
    text = HEAD.replace(",", ";") + f"ACME;PO-1;{site};4711;1.000;;;;\nACME;PO-1;{site};6024;2,000;;;;\n"
    asked = check(imports.OPEN_ORDERS, text.encode(), "orders.csv", Options())
    assert [(one.row, one.column, one.message) for one in asked.problems] == [
        (2, "Qty", "“1.000” may be 1,000 or 1."),
        (3, "Qty", "“2,000” may be 2,000 or 2."),
    ]
    with pytest.raises(ImportRefused):
        commands.import_open_orders(ctx(KIM), file_of(text))
    units = "SELECT array_agg(units ORDER BY line_no) FROM sales_orderline"
    assert sql.fetch_value(units) is None
    commands.import_open_orders(ctx(KIM), file_of(text, decimal_comma=True))
    assert sql.fetch_value(units) == [1_000, 2]


def test_the_wizard_asks_how_the_file_writes_numbers(site: str):
    browser = signed_in(KIM)
    text = HEAD + f"ACME,PO-1,{site},4711,1.000,,,,\n"
    upload = {"step": "upload", "file": SimpleUploadedFile("orders.csv", text.encode()), "key": "one"}
    page = browser.post("/orders/import", upload).content.decode()
    assert "A number that may be read in two ways." in page and '<option value="comma">1.234,5</option>' in page
    digest = re.search(r'name="digest" value="(\w+)"', page)[1]
    again = {"step": "check", "digest": digest, "filename": "orders.csv", "numbers": "comma"}
    page = browser.post("/orders/import", again).content.decode()
    assert "two ways" not in page and '<option value="comma" selected>' in page


def test_the_check_tells_which_orders_cannot_be_there_on_their_day(site: str):
    day = sql.fetch_value("SELECT (%s AT TIME ZONE timezone)::date FROM locations_site WHERE code = %s", (now(), site))
    text = HEAD + f"ACME,PO-1,{site},4711,2,,,,\nACME,PO-2,{site},4711,2,,,{day},\nACME,PO-2,{site},6024,2,,,,\n"
    dry = check(imports.OPEN_ORDERS, text.encode(), "orders.csv", Options())
    assert (dry.created, dry.problem_count) == (3, 0)
    [note] = dry.notes
    assert (note.column, list(note.rows), list(note.found)) == ("Wanted on", [3], [str(day)])
    assert note.message.startswith(f"Wanted on {day:%a} {day.day} {day:%b %Y}, it had to leave by ")
    assert " at the earliest and is there on " in note.message


def test_faults_of_a_kind_are_told_together_with_what_was_found_in_the_order_of_the_rows(site: str):
    lines = "".join(f"ACME,PO-{n},{site},NOPE{n},1,,,,\n" for n in range(30))
    dry = check(
        imports.OPEN_ORDERS, (HEAD + lines + f"ACME,PO-0,{site},4711,0,,,,\n").encode(), "orders.csv", Options()
    )
    told = [(g.column, g.message, g.count, g.rows[:2], g.found[:2]) for g in dry.groups]
    assert told == [
        ("SKU", "There is no such item.", 30, [2, 3], ["NOPE0", "NOPE1"]),
        ("Qty", "Not a quantity to ship.", 1, [32], ["0"]),
    ]
    assert len(dry.groups[0].found) == 20
    twice = check(imports.OPEN_ORDERS, (HEAD + 2 * f"ACME,PO-1,{site},4711,1,,,,\n").encode(), "orders.csv", Options())
    assert [(g.message, g.fix) for g in twice.groups if g.message == "The same twice."] == [
        ("The same twice.", "Delete one of the two, or give each a number of its own under Line.")
    ]
