"""The palette finds each kind of record by its code for who may see it, and for nobody else."""

from __future__ import annotations

import pytest

from flowrack.dock import queries_pages as asns
from flowrack.fulfilment import queries as fulfilment
from flowrack.inbound import queries_pages as receipts
from flowrack.platform import sql
from flowrack.platform.web.palette import SOURCES
from flowrack.returns.queries import desk as returns
from flowrack.sales import queries as sales
from flowrack.storage import queries_pages as moves
from flowrack.storage import queries_transfers as transfers
from tests.authorization.conftest import ANNOUNCED, GTIN, SSCC
from tests.cast import ADA, BO, DI, EVE, KIM, PAM, Person, signed_in

pytestmark = pytest.mark.django_db


def found(person: Person, text: str) -> list[tuple[str, str]]:
    """The address and kind of what the palette shows, pages left out."""
    shown = signed_in(person).get("/palette", {"q": text})
    assert shown.status_code == 200
    hits = shown.context["hits"] if shown.context else []
    return [(hit.url, hit.kind) for hit in hits if hit.kind in SOURCES]


def opened(person: Person, text: str) -> str:
    """Where Enter leads at once; empty when the palette lists instead."""
    return signed_in(person).get("/palette", {"q": text, "go": "1"}).headers.get("HX-Redirect", "")


def test_each_kind_opens_by_its_code_for_who_may_and_is_not_there_for_who_may_not(scene):
    outsiders = {"Order": BO, "Return": BO, **dict.fromkeys(("LPN", "Lot", "Shipment", "Wave"), DI)}
    outsiders |= dict.fromkeys(("Purchase order", "Receipt", "ASN", "Putaway", "Transfer"), KIM)
    for kind, (code, address) in scene.items():
        if kind not in ("Company", "Location"):  # Ostler has orders, both sites have such a bin
            assert opened(ADA, code) == address, kind
        assert (address, kind) in found(ADA, code)[:2]
        assert (address, kind) not in found(outsiders.get(kind, EVE), code), kind
        assert found(EVE, code) == [], kind


def test_codes_are_found_in_small_letters_and_by_their_beginning(scene):
    for kind, (code, address) in scene.items():
        assert (address, kind) in found(ADA, code.lower()), kind
        if kind != "Putaway":  # its number alone says nothing
            assert (address, kind) in found(ADA, code[:-1]), kind


def test_records_are_found_by_names_references_and_what_a_label_says(scene):
    order, item, po = scene["Order"][1], scene["Item"][1], scene["Purchase order"][1]
    assert opened(ADA, "THEIR-4711") == order
    assert (order, "Order") in found(ADA, "acme l")
    assert (po, "Purchase order") in found(ADA, "stler work")
    assert found(ADA, "enamel") == [(item, "Item")]
    assert opened(ADA, GTIN) == opened(ADA, GTIN[1:]) == opened(ADA, f"(01){GTIN}") == item
    assert opened(ADA, f"(00){SSCC}") == scene["LPN"][1]
    assert opened(ADA, "(10)L-77") == scene["Lot"][1]
    asn = scene["ASN"][1]
    assert opened(ADA, "DN-77") == opened(ADA, ANNOUNCED) == opened(ADA, f"(00){ANNOUNCED}") == asn


def test_signs_with_a_meaning_in_a_pattern_are_only_signs(scene):
    assert found(ADA, "%") == [] and found(ADA, "_IDGET") == [] and found(ADA, "%%%") == [] and found(ADA, "\\") == []


def test_records_of_a_site_where_the_right_is_not_held_are_not_found(scene):
    here = sql.fetch_value("SELECT site_id FROM sales_order")
    assert [one.code for one in sales.look_up(scene["Order"][0], frozenset({here}))] == [scene["Order"][0]]
    assert sales.look_up(scene["Order"][0], frozenset({here + 1})) == []
    assert fulfilment.look_up(scene["Wave"][0], frozenset({here + 1})) == []
    assert fulfilment.look_up(scene["Wave"][0], frozenset()) == []
    for kind, look_up in (
        ("Receipt", receipts.look_up_receipts),
        ("ASN", asns.look_up_asns),
        ("Putaway", moves.look_up_moves),
        ("Return", returns.look_up),
    ):
        code = scene[kind][0]
        assert [one.code for one in look_up(code, frozenset({here}))] == [code], kind
        assert look_up(code, frozenset({here + 1000})) == [], kind
    assert asns.look_up_asns("DN-77", frozenset({here + 1000})) == []
    to_site = sql.fetch_value("SELECT to_site_id FROM storage_transfer")
    for site_id, is_found in ((here, True), (to_site, True), (here + 1000, False)):
        assert bool(transfers.look_up_transfers(scene["Transfer"][0], frozenset({site_id}))) is is_found


def test_a_steward_finds_companies_by_a_part_of_the_name(scene):
    assert found(PAM, "ostler wor") == [(scene["Company"][1], "Company")]
