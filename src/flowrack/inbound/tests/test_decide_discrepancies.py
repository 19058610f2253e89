from decimal import Decimal

import pytest
from tests.cast import ADA, BO, DI, ED, NOW, OZ, ctx
from tests.supply import approved, house, item, receive, standing, supplier

from flowrack.dock import commands as dock
from flowrack.dock.tests.yard import announced, carrier, line, sscc, yard
from flowrack.dock.types import CloseAsn
from flowrack.inbound import commands_discrepancies as commands
from flowrack.inbound import commands_packs, queries_claims
from flowrack.inbound.queries_discrepancies import supplier_score
from flowrack.inbound.tests.dockside import ids, on_record, pallet, rows_of
from flowrack.inbound.types import CountedLine
from flowrack.inbound.types_discrepancies import (
    BadDiscrepancy,
    BlindLine,
    DecideDiscrepancies,
    PackLine,
    ReceiveBlind,
    SettleAsn,
)
from flowrack.platform import sql
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing.types import ApprovePo, CreatePo, NewPo, NewPoLine
from flowrack.shared.errors import DutiesConflict, NotFound, NotPermitted, WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """M2: 400 cases at 30.00, of which the carrier crushed 2 and the supplier packed 3 badly."""
    here, valve, seller = house(), item("VALVE"), supplier()
    po = approved(here.site, seller, (valve, 400, "30"))
    lines = [
        CountedLine(units=Units(395), item_id=valve),
        CountedLine(units=Units(2), item_id=valve, quality="damaged", reason="crushed", responsible="carrier"),
        CountedLine(units=Units(3), item_id=valve, quality="damaged", reason="badly packed"),
    ]
    receive(po, here, *lines)
    return here, seller


def decide(verdict, *chosen, by=ED, **more):
    return commands.decide_discrepancies(ctx(by), DecideDiscrepancies(list(chosen), verdict, **more)).decided


def test_damage_is_claimed_from_the_carrier_and_debited_to_the_supplier(scene):
    _here, seller = scene
    assert on_record() == [
        ("damaged", "open", 2, "60.00", "carrier", "flag"),
        ("damaged", "open", 3, "90.00", "supplier", "flag"),
    ]
    broken, badly = ids()
    claimed = decide("claim", broken)[0]
    debited = decide("debit", badly, amount=Decimal("85.5"), note="agreed by phone")[0]
    assert (claimed.state, claimed.amount, claimed.document[:4]) == ("claimed", Decimal("60.00"), "CLM-")
    assert (debited.state, debited.amount, debited.document[:3]) == ("debited", Decimal("85.50"), "DN-")
    score = supplier_score(seller, now=NOW)
    assert (score.received_units, score.defect_units, score.defect_ppm) == (400, 3, 7_500)
    assert sql.fetch_all("SELECT kind, state, responsible, amount FROM inbound_claim ORDER BY kind") == [
        ("claim", "draft", "carrier", Decimal("60.0000")),
        ("debit_note", "draft", "supplier", Decimal("85.5000")),
    ]


def test_two_carriers_of_one_supplier_get_a_claim_each_for_what_they_broke():
    at = yard()
    for n, code in enumerate(("ALPHA", "ZULU"), start=1):
        made = announced(at, line(quantity="100", sscc=sscc(n)), reference=f"DN-{n}")
        sql.execute("UPDATE dock_asn SET carrier_id = %s WHERE id = %s", (carrier(code), made.asn_id))
        pallet(at, sscc(n), PackLine(made.line_ids[0], 100 - 10 * n))
        dock.close_asn(ctx(BO), CloseAsn(made.asn_id, "truck is empty"))
        commands.settle_asn(ctx(BO), SettleAsn(made.asn_id))
    decided = decide("claim", *ids(), responsible="carrier")
    claims = [queries_claims.access(queries_claims.id_of(one.document), frozenset({0})) for one in decided]
    assert [(claim.asked_of, claim.amount, claim.lines, len(lines)) for claim, lines in claims] == [
        ("ALPHA Freight", Decimal(40), 1, 1),
        ("ZULU Freight", Decimal(80), 1, 1),
    ]


def test_many_are_accepted_at_once_and_one_debit_note_serves_one_supplier(scene):
    chosen = ids()
    done = decide("debit", *chosen, responsible="supplier")
    assert len({d.document for d in done}) == 1 and [d.discrepancy_id for d in done] == chosen
    with pytest.raises(WrongState):
        decide("accept", *chosen)


def test_a_verdict_that_makes_no_sense_is_refused_and_changes_nothing(scene):
    broken, badly = ids()
    before = rows_of()
    for kind, verdict, chosen, more in (
        (BadDiscrepancy, "accept", [], {}),
        (BadDiscrepancy, "shrug", [broken], {}),
        (BadDiscrepancy, "debit", [broken], {}),
        (BadDiscrepancy, "claim", [broken, badly], {"amount": Decimal(5)}),
        (BadDiscrepancy, "claim", [broken], {"amount": Decimal(-5)}),
        (BadDiscrepancy, "send_back", [broken], {}),
        (BadDiscrepancy, "settle", [broken], {}),
        (NotFound, "accept", [broken, 999_999], {}),
    ):
        with pytest.raises(kind):
            decide(verdict, *chosen, **more)
    for person in (BO, DI):
        with pytest.raises(NotPermitted):
            decide("accept", broken, by=person)
    assert rows_of() == before and {row[1] for row in on_record()} == {"open"}


def test_who_wrote_the_order_does_not_decide():
    here, hose = house(), item("V-200")
    po = purchasing.create_po(
        ctx(ED), CreatePo([NewPo(supplier(), here.site, [NewPoLine(hose, Units(10), Decimal(4))])])
    ).pos[0]
    purchasing.approve_po(ctx(OZ), ApprovePo([po.po_id]))
    receive(po, here, CountedLine(units=Units(10), item_id=hose, quality="damaged", reason="wet"))
    with pytest.raises(DutiesConflict):
        decide("accept", *ids())
    assert decide("accept", *ids(), by=ADA)[0].state == "accepted"


def test_goods_without_an_order_are_sent_back_together():
    here, hose, cup = house(), item("V-200"), item("CUP")
    lines = [BlindLine(hose, Units(4)), BlindLine(cup, Units(2))]
    commands_packs.receive_blind(ctx(BO), ReceiveBlind(here.places["receiving1"], lines))
    with pytest.raises(BadDiscrepancy, match="need an order"):
        decide("accept", ids()[0])
    assert standing(hose) == {("receiving-1", "quarantine"): 4}
    assert [d.state for d in decide("send_back", *ids())] == ["sent_back", "sent_back"]
    assert standing(hose) == standing(cup) == {}
