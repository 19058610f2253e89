from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from tests.cast import BO, ctx

from flowrack.dock import commands, queries
from flowrack.dock.imports import ASNS
from flowrack.dock.tests.yard import announced, line, rows_of, sscc, stored_lines, yard
from flowrack.platform.importing import ImportFile, ImportRefused, Options, check, store_file

pytestmark = pytest.mark.django_db
HEADER = "Supplier,Reference,Site,Expected on,SSCC,Stands on,Kind of pack,Item,Quantity,Unit,Lot,Expires on,PO\n"


@pytest.fixture
def at():
    return yard()


def load(text: str, *, good_only: bool = False):
    digest = store_file((HEADER + text).encode(), "asn.csv")
    return commands.import_asns(ctx(BO), ImportFile(digest, "asn.csv", Options(only_good_rows=good_only)))


def problems(text: str) -> list[tuple[int, str, str]]:
    report = check(ASNS, (HEADER + text).encode(), "asn.csv", Options())
    return [(p.row, p.column, p.message) for p in report.problems]


def test_rows_with_one_reference_are_one_notice(at):
    report = load(
        f"OSTLER,DN-1,W1,2026-03-03,{sscc(1)},,pallet,V-200,30,case,,,{at.po.number}\n"
        f"OSTLER,DN-1,W1,2026-03-03,{sscc(2)},{sscc(3)},carton,V-200,18,case,,,\n"
        "OSTLER,DN-2,W1,,,,,V-200,5,,,,\n"
    )
    assert (report.rows, report.created, report.is_written) == (3, 3, True)
    second, first = queries.asns(site_ids=[0])
    assert (first.reference, first.pack_count, first.units, second.units) == ("DN-1", 3, 960, 5)
    assert first.expected_at == datetime(2026, 3, 3, 12, tzinfo=ZoneInfo("Europe/London"))
    assert [row[2] for row in stored_lines(first.id)] == [at.po.line_ids[0]] * 2


def test_the_dry_run_finds_all_that_the_command_would_refuse(at):
    announced(at, line(sscc=sscc(9)), reference="OLD")
    found = problems(
        "OSTLER,DN-1,W1,,,,,V-200,1,drum,,,\n"
        "OSTLER,OLD,W1,,,,,V-200,1,,,,\n"
        f"OSTLER,DN-3,W1,,{sscc(9)},,,V-200,1,,,,\n"
        "OSTLER,DN-4,W1,,,,,V-200,1,,,2027-02-29,\n"
        "NOBODY,DN-5,W1,,,,,V-200,1,,,,\n"
        "OSTLER,DN-6,W1,,,,,V-200,1,,,,PO-NONE\n"
        "OSTLER,DN-6,W1,,,,,V-200,2,,X,,\n"
    )
    assert [(row, column) for row, column, _ in found] == [
        (2, "Unit"), (3, "Reference"), (4, "SSCC"), (5, "Expires on"), (6, "Supplier"), (7, "PO"), (8, "Reference"),
    ]  # fmt: skip
    assert found[3][2] == "“2027-02-29” is not a date."
    assert found[6][2] == "Another row of this ASN is wrong, or says another site."


def test_a_file_with_a_mistake_writes_nothing_or_only_whole_notices(at):
    text = "OSTLER,DN-1,W1,,,,,V-200,1,drum,,,\nOSTLER,DN-1,W1,,,,,V-200,1,,L,,\nOSTLER,DN-2,W1,,,,,V-200,5,,,,\n"
    with pytest.raises(ImportRefused):
        load(text)
    assert rows_of()["dock_asn"] == 0
    report = load(text, good_only=True)
    assert (report.created, report.bad_rows) == (1, 2)
    assert [row.reference for row in queries.asns(site_ids=[0])] == ["DN-2"]


def test_a_leap_day_is_a_date(at):
    assert problems("OSTLER,DN-1,W1,2028-02-29,,,,V-200,1,,,2032-02-29,\n") == []
