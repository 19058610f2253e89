"""import_freight_invoices: a file with a line for each shipment; looked at before it is written."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.cast import MAY, NED, NOW, ctx

from flowrack.freight import commands, imports
from flowrack.freight.tests.sent import Sent, books, charges
from flowrack.platform import sql
from flowrack.platform.importing import ImportFile, ImportRefused, Options, check, store_file
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of a file looks at the clock."""
    monkeypatch.setattr(imports, "now", lambda: NOW)


HEAD = "Carrier,Invoice,Invoice date,Tracking,Amount,Weight,Zone,Surcharges\n"


def test_a_file_is_looked_at_and_entered_whole_invoices_at_a_time():
    _, number = Sent().ship()
    text = HEAD + f"NORTH,A1,2026-03-31,{number},6.49,1.2,,\nNORTH,A1,2026-03-31,XX-9,3.00,,,\n"
    report = check(imports.INVOICES, text.encode(), "a.csv", Options())
    assert (report.rows, report.bad_rows, report.created) == (2, 0, 2)
    assert [(note.rows, note.message) for note in report.notes] == [
        ([3], "no shipment of ours has this reference: 3.00 more than the 0.00 expected")
    ]
    assert books() == (0, 0, 0, 0)
    file = ImportFile(store_file(text.encode(), "a.csv"), "a.csv", Options())
    commands.import_freight_invoices(ctx(NED), file)
    invoice_id = sql.fetch_value("SELECT id FROM freight_invoice WHERE number = 'A1'")
    assert [row[:2] for row in charges(invoice_id)] == [("XX-9", "not_ours"), (number, "matched")]
    with pytest.raises(ImportRefused, match="2 problems in 2 rows"):
        commands.import_freight_invoices(ctx(NED), file)
    with pytest.raises(NotPermitted):
        commands.import_freight_invoices(ctx(MAY), file)
    assert books() == (1, 0, 2, 0)


def test_a_shipment_in_two_invoices_of_a_file_is_noted_before_it_is_billed_twice():
    _, number = Sent().ship()
    text = HEAD + f"NORTH,A1,2026-03-31,{number},6.49,1.2,,\nNORTH,A2,2026-03-31,{number},6.49,,,\n"
    report = check(imports.INVOICES, text.encode(), "a.csv", Options())
    said = f"{number} stands in invoice A1 already: 6.49 more than the 0.00 expected"
    assert [(note.rows, note.message) for note in report.notes] == [([3], said)]
    commands.import_freight_invoices(ctx(NED), ImportFile(store_file(text.encode(), "a.csv"), "a.csv", Options()))
    rows = sql.fetch_all("SELECT cause, (billed - expected)::numeric(9, 2)::text FROM freight_charge ORDER BY id")
    assert rows == [("matched", "0.00"), ("twice", "6.49")], "all of what is billed twice is the difference"


def test_a_bad_row_keeps_its_invoice_out_and_is_named():
    Sent()
    text = HEAD + "NORTH,A1,2026-03-31,X,6.49,,,\nNORTH,A1,2026-03-31,,1.00,,,\nNORTH,A2,2026-03-31,X,5.00,,,9.00\n"
    report = check(imports.INVOICES, text.encode(), "a.csv", Options())
    assert [(bad.row, bad.column) for bad in report.problems] == [(2, "Invoice"), (3, "Tracking"), (4, "Surcharges")]


def test_a_file_as_a_german_carrier_writes_it_is_read_and_looked_at_first():
    _, number = Sent().ship()
    text = (
        "Carrier;Invoice;Date;Shipment;Amount;Weight;Currency\n"
        f"NORTH;4711;31.03.2026;{number};6,49;1,2;GBP\nNORTH;4711;31.03.2026;XX-9;1.003,50;;\n"
    )
    report = check(imports.INVOICES, text.encode(), "a.csv", Options())
    assert (report.bad_rows, [(note.rows, note.found) for note in report.notes]) == (0, [([3], ["1,003.50"])])
    commands.import_freight_invoices(ctx(NED), ImportFile(store_file(text.encode(), "a.csv"), "a.csv", Options()))
    assert sql.fetch_all("SELECT invoiced_on::text, billed::numeric(9, 2)::text FROM freight_invoice i"
                         " JOIN freight_charge c ON c.invoice_id = i.id ORDER BY c.id") == [
        ("2026-03-31", "6.49"), ("2026-03-31", "1003.50"),
    ]  # fmt: skip


def test_a_year_too_much_or_too_little_and_another_currency_are_refused_with_the_way_out():
    Sent()
    text = (
        "Carrier,Invoice,Date,Tracking,Amount,Currency\n"
        "NORTH,A1,2027-03-31,X,1.00,\nNORTH,A2,2025-03-31,X,1.00,\nNORTH,A3,2026-03-31,X,1.00,EUR\n"
    )
    report = check(imports.INVOICES, text.encode(), "a.csv", Options())
    assert [(bad.row, bad.column, bad.message) for bad in report.problems] == [
        (2, "Date", "The invoice is of 31 Mar 2027, 394 days from now."),
        (3, "Date", "The invoice is of 31 Mar 2025, 336 days ago."),
        (4, "Currency", "The invoice is in EUR, freight is compared in GBP."),
    ]
    assert (
        report.problems[0].fix == "Correct the year, or let the terms of freight invoices allow it: 31 days ahead now."
    )


def test_many_invoices_take_as_many_statements_as_one():
    Sent()

    def statements(start: int, count: int) -> int:
        rows = "".join(f"NORTH,N{n},2026-03-31,X{n},1.00,,,\n" for n in range(start, start + count))
        file = ImportFile(store_file((HEAD + rows).encode(), "a.csv"), "a.csv", Options())
        with CaptureQueriesContext(connection) as caught:
            commands.import_freight_invoices(ctx(NED), file)
        return len(caught)

    statements(0, 1)
    assert statements(1, 40) == statements(41, 2)
    assert books()[0] == 43
