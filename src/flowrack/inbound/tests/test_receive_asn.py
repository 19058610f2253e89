from datetime import date
from decimal import Decimal

import pytest
from tests.cast import BO, CY, DI, ED, EVE, NOW, ROB, bearer, ctx, signed_in
from tests.supply import approved, item, po_state, standing

from flowrack.dock import queries as dock
from flowrack.dock.tests.yard import announced, line, sscc, yard
from flowrack.dock.types import NewPack, PackKind
from flowrack.inbound import commands_packs, queries_outlook
from flowrack.inbound.tests.dockside import on_record, pallet, rows_of
from flowrack.inbound.types_deliveries import NeedsDecision, ReceiveAsn
from flowrack.inbound.types_discrepancies import AlreadyReceived, BadDiscrepancy, PackLine
from flowrack.platform import sql
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing.types import ApprovePo, CreatePo, NewPo, NewPoLine
from flowrack.shared.errors import DutiesConflict, NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return yard()


def receive(at, made, *lines, leave=(), by=BO, key="all"):
    place = at.house.places["receiving1"]
    return commands_packs.receive_asn(ctx(by, key), ReceiveAsn(made.asn_id, place, list(lines), list(leave)))


def milk_of(at) -> int:
    """100 of an item with lots and dates are ordered; its id."""
    milk = item("MILK", tracking="lot")
    sql.execute("UPDATE catalog_item SET has_expiry = true WHERE id = %s", (milk,))
    approved(at.site, at.supplier, (milk, 100, "1"))
    return milk


def plates() -> list[tuple[str, int]]:
    return sql.fetch_all(
        "SELECT p.code, sum(c.on_hand)::int FROM ledger_cell c JOIN locations_lpn p ON p.id = c.lpn_id"
        " WHERE NOT c.is_virtual AND c.on_hand > 0 AND c.lpn_id <> 0 GROUP BY 1 ORDER BY 1"
    )


def test_all_packs_of_an_asn_come_at_once_each_on_its_pallet_as_if_scanned_one_by_one(at):
    milk = item("MILK", tracking="lot")
    po = approved(at.site, at.supplier, (milk, 100, "1"))
    made = announced(
        at,
        line(quantity="600", sscc=sscc(1)),
        line("MILK", "100", sscc=sscc(3), lot="A1"),
        line(quantity="100"),
        packs=[NewPack(sscc(1)), NewPack(sscc(2)), NewPack(sscc(3), PackKind.CARTON, sscc(2))],
    )

    done = receive(at, made)

    assert (done.units, done.held_units, done.short_units, done.left_lines) == (800, 0, 0, 0)
    assert [r.value for r in done.receipts] == [Decimal("2800.00"), Decimal("100.00")]
    assert plates() == [(sscc(1), 600), (sscc(2), 100)]  # the carton came on its pallet, the rest is loose
    assert standing(at.hose) == {("receiving-1", "receiving"): 700}
    assert (po_state(at.po)[0], po_state(po)[0]) == ("receiving", "received")
    assert [x.received_units for x in dock.lines_of_asn(made.asn_id)] == [600, 100, 100]
    assert receive(at, made) == done  # the same key is answered from its record
    with pytest.raises(AlreadyReceived):
        receive(at, made, key="again")


def test_what_was_counted_or_is_on_record_as_missing_is_not_received_again(at):
    made = announced(at, line(quantity="600", sscc=sscc(1)), line(quantity="20", sscc=sscc(2)), line(quantity="30"))
    pallet(at, sscc(1))
    pallet(at, sscc(2), PackLine(made.line_ids[1], 0))

    done = receive(at, made, PackLine(made.line_ids[2], 28))

    assert (done.units, done.short_units) == (28, 2)
    assert po_state(at.po) == ("receiving", [(1_000, 628, 0)])
    assert [row[:3] for row in on_record()] == [("short", "open", 20), ("short", "open", 2)]
    before = rows_of()
    with pytest.raises(AlreadyReceived):
        receive(at, made, key="again")
    assert rows_of() == before


def test_lines_that_need_a_decision_are_named_together_and_nothing_is_received(at):
    milk_of(at)
    made = announced(
        at,
        line(quantity="1500", sscc=sscc(1)),
        line("MILK", "40", sscc=sscc(2)),
        line("MILK", "50", sscc=sscc(2), lot="A2"),
        line("MILK", "10", sscc=sscc(3), lot="A3", expires_on=date(2027, 1, 1)),
    )
    before = rows_of()
    with pytest.raises(NeedsDecision) as refused:
        receive(at, made)
    assert rows_of() == before
    assert [(b.line, b.field) for b in refused.value.lines] == [(1, "units"), (2, "lot"), (3, "expires_on")]
    assert refused.value.message.startswith(f"3 of 4 lines of {made.number} need a decision: V-200: 1000 ordered")
    view = queries_outlook.outlook(made.asn_id, at.house.places["receiving1"], now=NOW)
    assert [(m.line_no, m.is_blocking) for m in view.matters] == [(1, True), (2, True), (3, True)]
    assert (view.packs, view.lines, view.units) == (3, 4, 1_600)

    done = receive(
        at,
        made,
        PackLine(made.line_ids[1], 40, lot="A1", expires_on=date(2027, 2, 1)),
        leave=(made.line_ids[0], made.line_ids[2]),
    )
    assert (done.units, done.left_lines) == (50, 2)
    assert [x.received_units for x in dock.lines_of_asn(made.asn_id)] == [0, 40, 0, 10]


def test_what_is_expired_waits_for_inspection_or_has_no_order_is_foretold_and_received_apart(at):
    milk = milk_of(at)
    item("TAP")
    made = announced(
        at,
        line("MILK", "40", sscc=sscc(1), lot="OLD", expires_on=date(2026, 1, 1)),
        line("TAP", "5", sscc=sscc(2)),
    )
    view = queries_outlook.outlook(made.asn_id, at.house.places["receiving1"], now=NOW)
    assert [(m.sentence, m.is_blocking) for m in view.matters] == [
        ("MILK expired on 2026-01-01.", False),
        ("TAP: no order takes 5; they wait in quarantine for the buyer.", False),
    ]
    done = receive(at, made)
    assert (done.units, done.held_units) == (45, 5)
    assert standing(milk) == {("receiving-1", "expired"): 40}


def test_a_pallet_that_stands_here_already_and_a_line_of_another_asn_are_refused(at):
    made = announced(at, line(quantity="20", sscc=sscc(1)), line(quantity="10", sscc=sscc(2)))
    sql.execute("INSERT INTO locations_lpn (code, kind, site_id) VALUES (%s, 'pallet', %s)", (sscc(9), at.site))
    with pytest.raises(BadDiscrepancy):
        receive(at, made, leave=[made.line_ids[1] + 1_000])
    pallet(at, sscc(1), PackLine(made.line_ids[0], 20))
    assert receive(at, made).units == 10


def test_who_wrote_the_order_or_has_no_right_receives_nothing(at):
    asked = NewPo(at.supplier, at.site, [NewPoLine(item("TAP"), Units(10), Decimal(4))])
    po = purchasing.create_po(ctx(ROB), CreatePo([asked])).pos[0]
    purchasing.approve_po(ctx(ED), ApprovePo([po.po_id]))
    made = announced(at, line("TAP", "10", sscc=sscc(1)))
    before = rows_of()
    for who, refusal in ((ROB, DutiesConflict), (DI, NotPermitted), (CY, NotPermitted), (EVE, NotPermitted)):
        with pytest.raises(refusal):
            receive(at, made, by=who)
    assert rows_of() == before


def test_the_page_asks_once_and_takes_lot_and_date_where_they_are_missing(at):
    milk = milk_of(at)
    made = announced(
        at, line(quantity="600", sscc=sscc(1)), line("MILK", "40", sscc=sscc(2)), line("MILK", "9", sscc=sscc(3))
    )
    url = f"/asns/{made.asn_id}/receive"
    assert url in signed_in(BO).get(f"/asns/{made.asn_id}").content.decode()
    assert signed_in(CY).get(url).status_code == 403
    page = signed_in(BO).get(url).content.decode()
    assert "3 packs, 649 units" in page and "1 of 3 lines" in page and "MILK needs its lot." in page

    answers = {f"lot_{made.line_ids[1]}": "A1", f"until_{made.line_ids[1]}": "2027-01-31"}
    left = f"{made.line_ids[1]},{made.line_ids[2]}"
    form = {"place": str(at.house.places["receiving1"]), "leave": left, **answers}
    assert signed_in(BO).post(url, form).status_code == 303
    assert [x.received_units for x in dock.lines_of_asn(made.asn_id)] == [600, 40, 0]
    assert standing(milk) == {("receiving-1", "receiving"): 40}


def test_the_api_foretells_and_receives_a_whole_asn(at, client):
    made = announced(at, line(quantity="600", sscc=sscc(1)), line(quantity="400"))
    place = at.house.places["receiving1"]
    seen = client.get(f"/api/v1/receipts/asns/{made.asn_id}/outlook?location_id={place}", headers=bearer(BO)).json()
    assert (seen["packs"], seen["lines"], seen["units"], seen["matters"]) == (1, 2, 1_000, [])
    body = {"asn_id": made.asn_id, "location_id": place}
    headers = {**bearer(BO), "Idempotency-Key": "whole"}
    done = client.post("/api/v1/receipts/asns", body, content_type="application/json", headers=headers)
    assert done.status_code == 201, done.content
    assert (done.json()["units"], [r["owed_units"] for r in done.json()["receipts"]]) == (1_000, [0])
