"""print_paper: loading list and bill of lading, read back from the PDF, kept as they were printed."""

from __future__ import annotations

import hashlib
import io

import pytest
from pypdf import PdfReader
from tests.cast import BO, GUS, ctx

from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shipping import commands, queries_proofs
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import CloseLoad, LoadPlate
from flowrack.shipping.types_proofs import NothingToPrint, PrintPaper

pytestmark = pytest.mark.django_db(transaction=True)


def read(paper_id: int) -> list[str]:
    """The text of each sheet, in one line."""
    _, content = queries_proofs.access_paper(paper_id, frozenset({0}))
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def test_the_papers_of_a_truck_name_stops_plates_seal_and_hazards():
    yard = trucks.yard()
    north, south = yard.packed("NORTH"), yard.packed("SOUTH", ("FUEL", 4))
    plan = yard.started(north, south, trailer="TR-8", driver="Sam")
    with pytest.raises(NothingToPrint):
        commands.print_paper(ctx(GUS), PrintPaper(plan.load_id, "bill_of_lading"))
    listed = commands.print_paper(ctx(GUS, "k"), PrintPaper(plan.load_id, "loading_list"))
    [sheet] = read(listed.paper_id)
    assert sheet.index("Stop 2: SOUTH Ltd") < sheet.index("Stop 1: NORTH Ltd"), "the last stop is loaded first"
    assert "Door D1" in sheet and yard.plate(south) in sheet and "class 3" in sheet and "staged-1" in sheet
    for order in (south, north):
        commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(order)))
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "SEAL-7"))
    bill = commands.print_paper(ctx(GUS), PrintPaper(plan.load_id, "bill_of_lading"))
    first, second = read(bill.paper_id)
    for text in (
        "NORTH Ltd",
        "NO ADDRESS ON FILE",
        "Swift Freight",
        "Trailer TR-8",
        "Seal SEAL-7",
        yard.plate(north),
        "1 handling unit, 5.0 kg",
    ):
        assert text in first
    assert "Hazardous materials" not in first and "Hazardous materials" in second
    assert "FUEL (FUEL) 3 4 each 2.0" in second and "no legal advice" in second
    _, content = queries_proofs.access_paper(bill.paper_id, frozenset({0}))
    assert hashlib.sha256(content).hexdigest() == bill.sha256
    assert [row.kind for row in queries_proofs.papers_of_load(plan.load_id)] == ["bill_of_lading", "loading_list"]
    assert commands.print_paper(ctx(GUS, "k"), PrintPaper(plan.load_id, "loading_list")) == listed


def test_an_unknown_paper_and_people_without_the_right_keep_nothing():
    yard = trucks.yard()
    plan = yard.planned(yard.packed("NORTH"))
    with pytest.raises(Invalid):
        commands.print_paper(ctx(GUS), PrintPaper(plan.load_id, "poem"))
    with pytest.raises(NotPermitted):
        commands.print_paper(ctx(BO), PrintPaper(plan.load_id, "loading_list"))
    assert sql.fetch_value("SELECT count(*) FROM shipping_paper") == 0
