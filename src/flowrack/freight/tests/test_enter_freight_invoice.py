"""enter_freight_invoice: each charge beside what was expected."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.cast import EVE, NED, ctx

from flowrack.freight import commands, queries
from flowrack.freight.tests.sent import DAY, Sent, books, charges, enter, line
from flowrack.freight.types import BadFreightInvoice, EnterFreightInvoice
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
COST = D("6.49")


@pytest.fixture
def sent() -> Sent:
    return Sent()


def test_matched_dearer_strange_and_twice(sent):
    (first_id, first), (second_id, _) = sent.ship(), sent.ship(4)
    sql.execute("UPDATE shipping_shipment SET tracking = 'trk-2' WHERE id = %s", (second_id,))
    made = enter(
        "A1", line(first, "6.60"), line("TRK-2", "9.00", weight_g=40_000), line("XX-9", "3.00"), line(first, "6.60")
    )
    assert (made.charges, made.matched, made.billed, made.expected) == (4, 1, D("25.20"), 2 * COST)
    assert charges(made.invoice_id) == [
        (first, "twice", D("6.60"), D(0), "open"),
        ("XX-9", "not_ours", D("3.00"), D(0), "open"),
        ("TRK-2", "weight", D("9.00"), COST, "open"),
        (first, "matched", D("6.60"), COST, "matched"),
    ]
    row = queries.invoice_row(made.invoice_id)
    assert (row.open, row.difference, row.payable) == (3, D("12.22"), D("6.60") + COST)
    again = enter("A2", line(first, "6.60"))
    assert charges(again.invoice_id) == [(first, "twice", D("6.60"), D(0), "open")]
    assert queries.charges_of(again.invoice_id)[0].words == f"{first} stands in invoice A1 already"
    assert first_id != second_id


def test_a_carton_is_found_by_its_sscc_and_cartons_of_a_shipment_are_one_charge(sent):
    shipment_id, number = sent.ship()
    sscc = sql.fetch_value(
        "SELECT n.code FROM shipping_shipmentline l JOIN locations_lpn n ON n.id = l.lpn_id WHERE l.shipment_id = %s",
        (shipment_id,),
    )
    made = enter("A1", line(f"(00){sscc}", "3.00"), line(number, "3.49"))
    [charge] = queries.charges_of(made.invoice_id)
    assert (charge.cause, charge.billed, charge.expected, charge.shipment_id) == ("matched", COST, COST, shipment_id)


def test_another_carrier_was_chosen(sent):
    _, number = sent.ship()
    sql.execute("INSERT INTO parties_party (code, name, is_carrier) VALUES ('SWIFT', 'Swift Freight', true)")
    made = enter("S1", line(number, "6.49"), carrier="SWIFT")
    [charge] = queries.charges_of(made.invoice_id)
    assert (charge.cause, charge.words) == ("not_ours", f"{number} left with North Freight Air service")
    sql.execute("UPDATE shipping_shipment SET carrier = 'Swift Freight'")
    [charge] = queries.charges_of(enter("S2", line(number, "6.49"), carrier="SWIFT").invoice_id)
    assert (charge.cause, charge.words) == ("not_chosen", f"North Freight Air service was chosen for {number}")


def test_bad_invoices_are_refused_by_line_and_nothing_is_kept(sent):
    _, number = sent.ship()
    enter("A1", line(number, "6.49"))
    before = books()
    with pytest.raises(BadFreightInvoice) as refused:
        enter("A1", line("", "-1"))
    assert [(bad.line, bad.field) for bad in refused.value.lines] == [(1, "reference"), (1, "amount"), (0, "number")]
    with pytest.raises(BadFreightInvoice, match="There is no carrier"):
        enter("A2", line(number, "1"), carrier="ACME")
    for day, currency, field in ((DAY, "EUR", "currency"), (date(2027, 3, 31), "", "invoiced_on")):
        with pytest.raises(BadFreightInvoice) as refused:
            commands.enter_freight_invoice(
                ctx(NED), EnterFreightInvoice("NORTH", "A3", day, [line(number, "1")], currency)
            )
        assert [bad.field for bad in refused.value.lines] == [field]
    with pytest.raises(NotPermitted):
        commands.enter_freight_invoice(ctx(EVE), EnterFreightInvoice("NORTH", "A3", DAY, [line(number, "1")]))
    req = EnterFreightInvoice("NORTH", "A4", DAY, [line("X", "1")])
    assert commands.enter_freight_invoice(ctx(NED, "k"), req) == commands.enter_freight_invoice(ctx(NED, "k"), req)
    assert books() == (before[0] + 1, before[1], before[2] + 1, before[3])
