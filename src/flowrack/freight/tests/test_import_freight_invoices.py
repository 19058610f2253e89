"""import_freight_invoices: a file with a line for each shipment; looked at before it is written."""

from __future__ import annotations

import pytest
from tests.cast import MAY, NED, ctx

from flowrack.freight import commands, imports
from flowrack.freight.tests.sent import Sent, books, charges
from flowrack.platform import sql
from flowrack.platform.importing import ImportFile, ImportRefused, Options, check, store_file
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "Carrier,Invoice,Invoice date,Tracking,Amount,Weight,Zone,Surcharges\n"


def test_a_file_is_looked_at_and_entered_whole_invoices_at_a_time():
    _, number = Sent().ship()
    text = HEAD + f"NORTH,A1,2026-03-31,{number},6.49,1.2,,\nNORTH,A1,2026-03-31,XX-9,3.00,,,\n"
    report = check(imports.INVOICES, text.encode(), "a.csv", Options())
    assert (report.rows, report.bad_rows, report.created) == (2, 0, 2)
    assert [(note.rows, note.message) for note in report.notes] == [([3], "no shipment of ours has this reference")]
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
    said = "the shipment stands in invoice A1 of this file already"
    assert [(note.rows, note.message) for note in report.notes] == [([3], said)]
    commands.import_freight_invoices(ctx(NED), ImportFile(store_file(text.encode(), "a.csv"), "a.csv", Options()))
    assert sql.fetch_all("SELECT cause FROM freight_charge ORDER BY id") == [("matched",), ("twice",)]


def test_a_bad_row_keeps_its_invoice_out_and_is_named():
    Sent()
    text = HEAD + "NORTH,A1,2026-03-31,X,6.49,,,\nNORTH,A1,2026-03-31,,1.00,,,\nNORTH,A2,2026-03-31,X,5.00,,,9.00\n"
    report = check(imports.INVOICES, text.encode(), "a.csv", Options())
    assert [(bad.row, bad.column) for bad in report.problems] == [(2, "Invoice"), (3, "Tracking"), (4, "Surcharges")]
