"""print_labels: labels of places, totes and items, kept with what they were made of."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader
from tests import outbound
from tests.cast import BO, EVE, KIM, bearer, ctx, signed_in

from flowrack.labels import commands, documents, drawing, queries_prints
from flowrack.labels.tests.printer import print_out
from flowrack.labels.tests.specs import approved, scanned, spec
from flowrack.labels.types import Element, LabelNotPrintable, NoLabelSpec, PrintLabels
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at():
    house = outbound.house()
    outbound.item("4711")
    outbound.tote(house.site, "T-001")
    return house


def prints() -> list[tuple[object, ...]]:
    return sql.fetch_all("SELECT code, kind, copies, copy_of FROM labels_labelprint ORDER BY id")


def test_a_label_is_drawn_anew_to_the_byte_and_the_second_is_counted(at, client):
    done = commands.print_labels(ctx(BO, "k"), PrintLabels("tote", ["T-001"], at.site))
    assert commands.print_labels(ctx(BO, "k"), PrintLabels("tote", ["T-001"], at.site)) == done
    [again] = commands.print_labels(ctx(BO), PrintLabels("tote", ["T-001"], at.site, 3)).prints
    assert (again.copies, again.copy_of, again.spec, again.version) == (3, 2, "HOUSE-TOTE", 1)
    assert prints() == [("T-001", "tote", 1, 1), ("T-001", "tote", 3, 2)]
    sql.execute("UPDATE locations_lpn SET code = 'T-999' WHERE code = 'T-001'")
    zpl = client.get(f"/api/v1/label-prints/{done.prints[0].print_id}/label.zpl", headers=bearer(BO)).content.decode()
    assert print_out(zpl).scanned() == [("T-001", "]C0")]
    browser = signed_in(BO)
    assert browser.get(f"/label-prints/{again.print_id}/label.zpl").content.decode() == zpl.replace("^PQ1", "^PQ3")
    assert browser.get(f"/label-prints/{again.print_id}.pdf").content.startswith(b"%PDF")
    assert "HOUSE-TOTE" in browser.get("/label-prints").content.decode()


def test_places_and_items_are_printed_from_the_page_and_the_api(at, client):
    code = sql.fetch_value("SELECT min(code) FROM locations_location WHERE site_id = %s AND kind = 'bin'", (at.site,))
    assert signed_in(BO).post("/label-prints/new", {"kind": "bin", "codes": code}).status_code == 303
    sent = client.post(
        "/api/v1/label-prints", {"kind": "item", "codes": ["4711"], "site_id": at.site}, "application/json",
        headers=bearer(BO),
    )  # fmt: skip
    assert sent.status_code == 201
    assert prints() == [(code, "bin", 1, 1), ("4711", "item", 1, 1)]


def test_what_cannot_be_printed_is_named_and_nothing_is_kept(at):
    with pytest.raises(Invalid, match="There is no tote T-777 at this site") as refused:
        commands.print_labels(ctx(BO), PrintLabels("tote", ["T-001", "T-777", "T-778"], at.site))
    assert [line.line for line in refused.value.lines] == [2, 3]
    for who, req, refusal in (
        (BO, PrintLabels("carton", ["1"], at.site), Invalid),
        (BO, PrintLabels("tote", [], at.site), Invalid),
        (BO, PrintLabels("tote", ["T-001"], at.site, 99), Invalid),
        (KIM, PrintLabels("tote", ["T-001"], at.site), NotPermitted),
        (EVE, PrintLabels("tote", ["T-001"], at.site), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.print_labels(ctx(who), req)
    sql.execute("UPDATE labels_labelspecversion SET state = 'ended'")
    with pytest.raises(NoLabelSpec):
        commands.print_labels(ctx(BO), PrintLabels("tote", ["T-001"], at.site))
    gtin = Element("gtin", "barcode", 2, 2, 66, 20, content="(01){gtin}", symbology="gs1-128")
    approved(spec(gtin, code="I", kind="item", width_mm=70, height_mm=37))
    with pytest.raises(LabelNotPrintable, match="4711, gtin: There is nothing to print: gtin is empty"):
        commands.print_labels(ctx(BO), PrintLabels("item", ["4711"], at.site))
    assert prints() == []


def test_items_with_the_houses_own_code_alone_are_counted_and_printed_as_one_file(at):
    """Also of a place: what comes out of the printer and stands in the PDF is what a scanner reads."""
    outbound.item("6024")
    outbound.item("7001")
    sql.execute(
        "INSERT INTO catalog_packlevel (item_id, level, factor, gtin)"
        " SELECT id, CASE sku WHEN '7001' THEN 'each' ELSE 'case' END, CASE sku WHEN '7001' THEN 1 ELSE 6 END,"
        " CASE sku WHEN '7001' THEN '04012345678901' ELSE '09520123456788' END"
        " FROM catalog_item WHERE sku IN ('6024', '7001')"
        " ON CONFLICT (item_id, level) DO UPDATE SET gtin = excluded.gtin"
    )
    bo = signed_in(BO)
    listed = bo.get("/label-codes/items").content.decode()
    assert "4711" in listed and "6024" in listed and "7001" not in listed
    assert "2 items" in listed
    ids = [row[0] for row in sql.fetch_all("SELECT id FROM catalog_item WHERE sku IN ('4711', '6024') ORDER BY id")]
    sent = bo.post("/label-codes/items", {"batch": "print", "ids": ids})
    made = [row[0] for row in sql.fetch_all("SELECT id FROM labels_labelprint ORDER BY id")]
    assert (sent.status_code, sent["Location"]) == (303, f"/label-prints?id={made[0]}..{made[1]}")
    assert "6024" not in bo.get("/label-codes/items").content.decode(), "both have their label now"
    assert "2 labels" in bo.get(sent["Location"]).content.decode()
    zpl = bo.post("/label-prints", {"batch": "zpl", "ids": made}).content.decode()
    read = [print_out(f"^XA{one}").scanned() for one in zpl.split("^XA")[1:]]
    assert read == [[("4711", "]C0")], [("6024", "]C0")]]
    pdf = bo.post("/label-prints", {"batch": "pdf", "ids": made})
    assert pdf["Content-Type"] == "application/pdf"
    assert [page.extract_text().split()[0] for page in PdfReader(BytesIO(pdf.content)).pages] == ["4711", "6024"]
    drawn = [documents.made_again(row) for row in queries_prints.prints_by_id(made, frozenset({0}))]
    pictures = [drawing.pages(label.pages, medium, title="", output="png") for label, medium in drawn]
    assert [scanned(png) for png in pictures] == [[("4711", "]C0")], [("6024", "]C0")]]
    place, code = sql.fetch_one(
        "SELECT id, code FROM locations_location WHERE site_id = %s AND kind = 'bin' ORDER BY code LIMIT 1", (at.site,)
    )
    assert code in bo.get("/label-codes/places").content.decode()
    assert bo.post("/label-codes/places", {"batch": "print", "ids": [place]}).status_code == 303
    assert prints()[2] == (code, "bin", 1, 1)
    mixed = [*made, sql.fetch_value("SELECT max(id) FROM labels_labelprint")]
    assert bo.post("/label-prints", {"batch": "pdf", "ids": mixed}).status_code == 200, "one size, two kinds"
    assert signed_in(KIM).post("/label-codes/items", {"batch": "print", "ids": ids}).status_code == 403
