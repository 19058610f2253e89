from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader
from tests.cast import BO, DI, EVE, bearer, signed_in
from tests.supply import approved, draft, house, item, sells, supplier

from flowrack.platform import sql
from flowrack.purchasing import documents, queries_documents

pytestmark = pytest.mark.django_db


@pytest.fixture
def po():
    here, seller, hose, tap = house(), supplier(), item("V-200"), item("TAP")
    sells(seller, hose, "4")
    sql.execute("UPDATE parties_supplieritem SET supplier_sku = 'OS-9' WHERE item_id = %s", (hose,))
    sql.execute(
        "INSERT INTO catalog_packlevel (item_id, level, factor, gtin) VALUES (%s, 'each', 1, '04006381333931')", (tap,)
    )
    sql.execute(
        "INSERT INTO parties_address (party_id, code, name, lines, city, postcode, country, is_default) VALUES "
        "(%s, 'MAIN', 'OSTLER Works', E'Mill Lane 4\nHall B', 'Hull', 'HU1 1AA', 'GB', true)",
        (seller,),
    )
    return approved(here.site, seller, (hose, 1200, "4.25"), (tap, 50, "0.125"), due=date(2026, 3, 9))


def test_the_pdf_says_exactly_what_was_approved(po):
    found = queries_documents.document(po.po_id)
    pages = PdfReader(BytesIO(documents.po_pdf(found))).pages
    said = [line.strip() for line in pages[0].extract_text().splitlines() if line.strip()]
    assert len(pages) == 1
    assert said == [
        "Purchase order",
        po.number,
        "Version 1 of 2 Mar 2026",
        found.house.name,
        "Supplier",
        "OSTLER Works",
        "Mill Lane 4",
        "Hall B",
        "HU1 1AA Hull",
        "GB",
        "Deliver to",
        found.ship_to.name,
        "Ordered 2 Mar 2026",
        "Deliver by 9 Mar 2026",
        "Buyer Di Buyer",
        "Line Item Deliver on Units Unit cost Total, £",
        "1 V-200",
        "V-200 · your item OS-9",
        "9 Mar 2026 1,200 each 4.25 5,100.00",
        "2 TAP",
        "TAP · GTIN 04006381333931",
        "9 Mar 2026 50 each 0.125 6.25",
        "1,250 units on 2 lines Total £5,106.25",
        "Terms",
        f"Please confirm units, prices and dates of every line within 2 days, naming {po.number} and version 1.",
        "More units than ordered are taken up to: line 1: 24, line 2: 1.",
        f"{po.number}, Version 1 of 2 Mar 2026 1 / 1",
    ]


def test_the_same_content_comes_as_data_and_as_rows(po, client):
    api = f"/api/v1/purchase-orders/{po.po_id}/document"
    data = client.get(api, headers=bearer(BO)).json()
    assert (data["number"], data["version_no"], data["total"]) == (po.number, 1, "5106.25")
    assert [(x["sku"], x["supplier_sku"], x["gtin"], x["units"], x["total"]) for x in data["lines"]] == [
        ("V-200", "OS-9", "", 1200, "5100.00"),
        ("TAP", "", "04006381333931", 50, "6.25"),
    ]
    rows = client.get(f"{api}.csv", headers=bearer(BO)).content.decode().splitlines()
    assert rows[1] == (
        f"{po.number},1,OSTLER,{data['ship_to']['code']},1,V-200,OS-9,,V-200,1200,each,4.250000,5100.00,"
        f"{data['currency']},2026-03-09,2026-03-09"
    )
    assert client.get(f"{api}.pdf", headers=bearer(BO)).content[:5] == b"%PDF-"
    assert client.get(f"{api}?version_no=2", headers=bearer(BO)).status_code == 404


def test_files_hang_on_the_record_and_sending_is_recorded_there(po):
    browser, url = signed_in(DI), f"/purchase-orders/{po.po_id}"
    for kind in ("pdf", "json", "csv"):
        answer = browser.get(f"{url}/order.{kind}")
        assert answer.headers["Content-Disposition"] == f'inline; filename="{po.number}-v1.{kind}"'
        assert signed_in(EVE).get(f"{url}/order.{kind}").status_code == 403
    form = {"means": "email", "sent_to": "orders@ostler.example", "idempotency_key": "a"}
    assert browser.post(f"{url}/sent", form).status_code == 303
    record = browser.get(url).content.decode()
    assert "Order as PDF" in record and "to orders@ostler.example, by Di Buyer" in record


def test_a_draft_is_no_order_that_a_supplier_could_get(po):
    site, seller = sql.fetch_one("SELECT site_id, supplier_id FROM purchasing_po")
    raw = draft(site, seller, (sql.fetch_value("SELECT min(item_id) FROM purchasing_poline"), 1, "4"))
    assert signed_in(DI).get(f"/purchase-orders/{raw.po_id}/order.pdf").status_code == 404
