"""print_packing_slips: by the customer's spec, with or without prices, decoded from paper and from ZPL."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader
from tests import outbound
from tests.cast import CY, GUS, bearer, ctx, signed_in

from flowrack.fulfilment import commands, queries_slips
from flowrack.fulfilment.tests import packing
from flowrack.fulfilment.types_packing import PrintCartonLabels
from flowrack.fulfilment.types_slips import NothingPacked, PrintSlips
from flowrack.labels.house import slip_spec
from flowrack.labels.tests.printer import print_out
from flowrack.labels.tests.specs import approved
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def paper(client, print_id: int, form: str) -> bytes:
    answer = client.get(f"/label-prints/{print_id}/label.{form}")
    assert answer.status_code == 200
    return answer.content


def test_the_houses_slip_lists_lots_cartons_and_units_and_no_price():
    at = packing.staged()
    first, second = (line for (line,) in sql.fetch_all("SELECT id FROM sales_orderline ORDER BY id"))
    sql.execute(
        "INSERT INTO sales_customeritem (customer_id, code, item_id) SELECT customer_id, 'HOSE-1', %s FROM sales_order",
        (at.items[0],),
    )
    packing.packed(at.order, units={first: 6})
    packing.packed(at.order, units={second: 2})
    req = PrintSlips([at.order.order_id])
    with pytest.raises(NotPermitted):
        commands.print_packing_slips(ctx(CY), req)
    [done] = commands.print_packing_slips(ctx(GUS, "k"), req).prints
    assert (done.order, done.spec, done.copy_of) == (at.order.number, "HOUSE-SLIP", 1)
    assert commands.print_packing_slips(ctx(GUS, "k"), req).prints == [done]
    text = PdfReader(BytesIO(paper(signed_in(GUS), done.print_id, "pdf"))).pages[0].extract_text()
    assert "Packing slip" in text and "ACME Ltd" in text and "8 units in 2 cartons" in text and "1 / 1" in text
    assert "Your item" in text and {"4711", "HOSE-1", "6024"} <= set(text.split()) and "9.99" not in text


def test_a_customers_slip_is_data_his_words_his_numbers_prices_and_copies(client):
    at = packing.staged()
    sql.execute("UPDATE sales_orderline SET unit_price = 12.5")
    sql.execute(
        "INSERT INTO sales_customeritem (customer_id, code, item_id) SELECT customer_id, 'HOSE-1', %s FROM sales_order",
        (at.items[0],),
    )
    own = slip_spec()
    columns = "Pos:10:{row.line_no}|Artikel:30:{row.customer_item}|Menge:15:{row.units}|Preis:20:{row.price}"
    table = next(one for one in own.elements if one.shape == "table")
    title = replace(own.elements[0], x_mm=4, width_mm=97, content="Lieferschein")
    total = replace(title, name="total", y_mm=3, content="Summe {total}")
    parts = [title, total, replace(table, content=columns, width_mm=82, x_mm=10, y_mm=30, height_mm=100)]
    approved(replace(own, code="ACME-SLIP", customer="ACME", elements=parts, copies=3, width_mm=105, height_mm=148))
    packing.packed(at.order)
    sent = client.post(
        "/api/v1/packing-slips", {"order_ids": [at.order.order_id]}, "application/json", headers=bearer(GUS)
    )
    [done] = sent.json()["prints"]
    assert (done["spec"], done["copies"]) == ("ACME-SLIP", 3)
    browser = signed_in(GUS)
    zpl = print_out(paper(browser, done["print_id"], "zpl").decode())
    words = [text for *_, text in zpl.texts]
    assert zpl.copies == 3 and "Lieferschein" in words and "Summe 100.00" in words
    at_row = words.index("HOSE-1")
    assert {"Pos", "Artikel", "Menge", "Preis", "6", "75.00", "25.00"} <= set(words) and at_row > 0
    pdf = PdfReader(BytesIO(paper(browser, done["print_id"], "pdf")))
    assert len(pdf.pages) == 3 and "Lieferschein" in pdf.pages[2].extract_text()


def test_many_lines_go_over_pages_and_none_is_lost():
    at = packing.staged()
    carton = packing.packed(at.order).carton_id
    own = slip_spec()
    table = next(one for one in own.elements if one.shape == "table")
    page = replace(own.elements[0], y_mm=1, content="{page} / {pages}")
    approved(replace(own, code="SMALL", customer="ACME", elements=[page, replace(table, y_mm=20, height_mm=8)]))
    [done] = commands.print_packing_slips(ctx(GUS), PrintSlips([at.order.order_id])).prints
    pdf = PdfReader(BytesIO(paper(signed_in(GUS), done.print_id, "pdf")))
    texts = [one.extract_text() for one in pdf.pages]
    assert len(texts) == 2 and "1 / 2" in texts[0] and "2 / 2" in texts[1]
    assert "4711" in texts[0] and "6024" in texts[1] and "6024" not in texts[0]
    assert "Packing slip" in signed_in(GUS).get(f"/cartons/{carton}").content.decode()
    assert signed_in(GUS).post(f"/cartons/{carton}/slip").status_code == 303
    assert [row.copy_of for row in queries_slips.prints_of([at.order.order_id])] == [2, 1]


def test_it_comes_with_the_label_of_the_last_carton_where_the_rule_asks_for_it():
    at = packing.staged()
    packing.rule(prints_slip=True)
    first, second = (line for (line,) in sql.fetch_all("SELECT id FROM sales_orderline ORDER BY id"))
    one = packing.packed(at.order, units={first: 6}).carton_id
    assert commands.print_carton_labels(ctx(GUS), PrintCartonLabels([one])).slips == [], "more stands in its tote"
    two = packing.packed(at.order, units={second: 2}).carton_id
    [slip] = commands.print_carton_labels(ctx(GUS), PrintCartonLabels([two])).slips
    assert (slip.order_id, slip.spec) == (at.order.order_id, "HOUSE-SLIP")
    assert commands.print_carton_labels(ctx(GUS), PrintCartonLabels([two])).slips == [], "a reprint brings none"
    other = outbound.order(at.site, "ACME", ("4711", 1))
    with pytest.raises(NothingPacked):
        commands.print_packing_slips(ctx(GUS), PrintSlips([other.order_id]))
    assert sql.fetch_value("SELECT count(*) FROM labels_labelprint WHERE kind = 'slip'") == 1


def test_the_rows_of_a_line_in_six_cartons_add_up_to_its_price():
    at = packing.staged()
    sql.execute("UPDATE sales_orderline SET unit_price = 0.333")
    first = sql.fetch_value("SELECT min(id) FROM sales_orderline")
    for _ in range(6):
        packing.packed(at.order, units={first: 1})
    values = queries_slips.slips([at.order.order_id])[at.order.order_id].wanted.values
    assert values["total"] == "2.00", "6 at 0.333 are 1.998"
    assert [values[f"{n}.price"] for n in range(1, 7)] == ["0.34", "0.34", "0.33", "0.33", "0.33", "0.33"]
