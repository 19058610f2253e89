"""draft_label_spec: a spec is written, changed and read from a file; nothing is printed by it yet."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests import outbound
from tests.cast import CY, EVE, NOW, PAM, bearer, ctx, signed_in

from flowrack.labels import commands, forms, queries, rules_file
from flowrack.labels.tests.specs import BARS, CARTON, approved, spec
from flowrack.labels.types import BadLabelSpec, Element
from flowrack.platform import sql
from flowrack.shared.errors import KeyReused, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def kept() -> list[tuple[object, ...]]:
    return sql.fetch_all(
        """
        SELECT s.code, v.number, v.state, v.name, (SELECT count(*) FROM labels_labelelement e WHERE e.version_id = v.id)
        FROM labels_labelspecversion v JOIN labels_labelspec s ON s.id = v.spec_id
        WHERE s.code NOT LIKE 'HOUSE%%' ORDER BY v.id
        """
    )


def test_a_draft_is_replaced_and_an_approved_version_gets_the_next_one():
    outbound.customer("ACME")
    req = replace(CARTON, code="acme-carton", customer="ACME", is_scanned=True)
    done = commands.draft_label_spec(ctx(PAM, "k"), req)
    assert commands.draft_label_spec(ctx(PAM, "k"), req) == done
    with pytest.raises(KeyReused):
        commands.draft_label_spec(ctx(PAM, "k"), replace(req, copies=2))
    assert (done.code, done.version) == ("ACME-CARTON", 1)
    shorter = replace(req, name="Shorter", elements=[BARS])
    assert commands.draft_label_spec(ctx(PAM), shorter).version_id == done.version_id
    assert kept() == [("ACME-CARTON", 1, "draft", "Shorter", 1)]
    assert queries.draft_of(done.version_id) == replace(shorter, code="ACME-CARTON")
    approved(shorter)
    assert commands.draft_label_spec(ctx(PAM), req).version == 2
    assert kept()[1] == ("ACME-CARTON", 2, "draft", "Carton of the house", len(CARTON.elements))


def test_a_bad_spec_names_every_fault_and_writes_nothing():
    bad = spec(replace(BARS, content="(00){nonsense}"), replace(BARS, name="two", width_mm=40), customer="NOBODY")
    with pytest.raises(BadLabelSpec) as refused:
        commands.draft_label_spec(ctx(PAM), bad)
    assert [(line.line, line.field) for line in refused.value.lines] == [
        (1, "content"),
        (2, "width_mm"),
        (0, "customer"),
    ]
    with pytest.raises(BadLabelSpec, match="HOUSE-CARTON is another spec"):
        commands.draft_label_spec(ctx(PAM), spec(BARS, code="HOUSE-CARTON", kind="pallet"))
    for who in (CY, EVE):
        with pytest.raises(NotPermitted):
            commands.draft_label_spec(ctx(who), spec(BARS))
    assert kept() == []


def grid(elements) -> dict[str, list[str]]:
    rows = forms.rows_of(list(elements))
    return {f"grid-{column.name}": [row[column.name] for row in rows] for column in forms.GRID}


HEAD = {
    "code": "T-1",
    "name": "Test",
    "kind": "carton",
    "width_mm": "105",
    "height_mm": "148",
    "dpi": "203",
    "copies": "1",
}


def test_the_editor_draws_what_is_typed_names_faults_and_saves():
    browser = signed_in(PAM)
    assert "{customer_order}" in browser.get("/label-specs/new").content.decode()
    assert 'href="/label-specs/new/slip"' in browser.get("/label-specs").content.decode()
    slip = browser.get("/label-specs/new/slip").content.decode()
    assert ("{row.sku}" in slip, "New packing slip" in slip) == (True, True)
    seen = browser.post("/label-specs/new", HEAD | grid([BARS]) | {"preview": "1"}).content.decode()
    assert "<svg" in seen and "Drawn with sample values" in seen and "<html" not in seen
    narrow = browser.post("/label-specs/new", HEAD | grid([replace(BARS, width_mm=50)]) | {"preview": "1"})
    assert "bars: The barcode is too wide: it needs 89 mm and has 50 mm." in narrow.content.decode()
    over = Element("order", "text", 5, 6, 60, 6, content="{order}")
    crowded = browser.post("/label-specs/new", HEAD | grid([BARS, over]) | {"preview": "1"}).content.decode()
    assert "order: it lies over the barcode bars" in crowded and "SO-104711" in crowded
    assert browser.post("/label-specs/new", HEAD | grid([BARS, over])).status_code == 422
    sent = HEAD | grid([BARS]) | {"grid-x_mm": ["left"]}
    assert "is no whole number" in browser.post("/label-specs/new", sent).content.decode()
    assert kept() == []
    assert browser.post("/label-specs/new", HEAD | grid([BARS])).status_code == 303
    assert kept() == [("T-1", 1, "draft", "Test", 1)]
    version = sql.fetch_value("SELECT max(id) FROM labels_labelspecversion")
    page = browser.get(f"/label-specs/{version}").content.decode()
    assert "As it is printed" in page and "(00){sscc}" in page
    assert browser.get(f"/label-specs/{version}/test.pdf").content.startswith(b"%PDF")
    assert browser.get(f"/label-specs/{version}/test.zpl").content.startswith(b"^XA")
    assert "T-1" in browser.get("/label-specs?state=draft").content.decode()


def test_a_file_comes_back_as_a_draft_by_page_and_by_api(client):
    text = rules_file.written(spec(BARS, code="FILE-1"))
    browser = signed_in(PAM)
    assert browser.post("/label-specs/file", {"text": "nothing"}).status_code == 422
    assert browser.post("/label-specs/file", {"text": text}).status_code == 303
    sent = client.post(
        "/api/v1/label-specs/file", {"text": text.replace("FILE-1", "FILE-2")}, "application/json", headers=bearer(PAM)
    )
    assert (sent.status_code, sent.json()["code"]) == (201, "FILE-2")
    whole = client.get(f"/api/v1/label-specs/{sent.json()['version_id']}", headers=bearer(PAM)).json()
    assert (whole["elements"][0]["content"], whole["state"]) == ("(00){sscc}", "draft")
    yaml = client.get(f"/api/v1/label-specs/{sent.json()['version_id']}/spec.yaml", headers=bearer(PAM))
    assert yaml.content.decode() == text.replace("FILE-1", "FILE-2")


def test_the_version_that_is_chosen_is_the_customers_then_the_carriers_then_the_houses():
    outbound.customer("ACME")
    carrier = outbound.value(
        "INSERT INTO parties_party (code, name, is_carrier) VALUES ('VAN', 'Van', true) RETURNING id"
    )
    acme = outbound.value("SELECT id FROM parties_party WHERE code = 'ACME'")
    approved(spec(BARS, code="A", customer="ACME"))
    approved(spec(BARS, code="V", carrier="VAN"))
    later = approved(spec(BARS, code="A", customer="ACME", valid_from=NOW.date().replace(year=2027)))
    commands.draft_label_spec(ctx(PAM), spec(BARS, code="A", customer="ACME", name="only a draft"))
    asked = [("carton", acme, carrier), ("carton", 0, carrier), ("carton", 0, 0), ("poster", 0, 0)]
    found = [one.code if one else "" for one in queries.chosen(asked, on=NOW.date())]
    assert found == ["A", "V", "HOUSE-CARTON", ""]
    [then] = queries.chosen(asked[:1], on=NOW.date().replace(year=2027))
    assert then is not None and then.version_id == later.version_id
