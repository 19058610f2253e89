"""print_labels: labels of places, totes and items, kept with what they were made of."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import BO, EVE, KIM, bearer, ctx, signed_in

from flowrack.labels import commands
from flowrack.labels.tests.printer import print_out
from flowrack.labels.tests.specs import approved, spec
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
