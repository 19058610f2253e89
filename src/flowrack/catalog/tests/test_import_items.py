"""Importing items: dry run, refusal by row and column, upsert by SKU, good rows only."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal

import pytest
import xlsxwriter
from tests.cast import EVE, PAM, ctx
from tests.zero_rows import ensure_zero_rows

from flowrack.catalog import commands
from flowrack.catalog.imports import ITEMS
from flowrack.catalog.models import Barcode, Family, Item, PackLevel
from flowrack.platform.importing import FileRefused, ImportFile, ImportRefused, Options, check, stage, store_file
from flowrack.platform.models import CommandRecord
from flowrack.shared.check_digits import check_digit
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def gtin(body: str) -> str:
    return body + str(check_digit(body))


GOOD = f"""SKU;Name;EAN;Family;Case qty;Case GTIN;Price;Barcodes;Nonsense
00123;White mug;{gtin("501234500001")};MUGS;12;{gtin("1501234500001")};2,55;OLD-1|OLD-2;x
00124;Blue mug;;MUGS;;;1,00;;
"""


@pytest.fixture(autouse=True)
def rows_of_every_house() -> None:
    ensure_zero_rows()


def importing(text: str | bytes, **options: object) -> ImportFile:
    content = text.encode() if isinstance(text, str) else text
    return ImportFile(store_file(content, "items.csv"), "items.csv", Options(**options))  # type: ignore[arg-type]


def test_items_come_with_packs_barcodes_and_family_and_keep_their_zeros() -> None:
    report = commands.import_items(ctx(PAM), importing(GOOD))
    assert (report.rows, report.created, report.updated, report.unchanged, report.is_written) == (2, 2, 0, 0, True)
    assert report.read_as == "CSV, UTF-8, semicolon"
    assert report.ignored_headers == ["Nonsense"]
    mug = Item.objects.get(sku="00123")
    assert (mug.name, str(mug.list_price), mug.family) == ("White mug", "2.550000", Family.objects.get(code="MUGS"))
    assert list(PackLevel.objects.filter(item=mug).order_by("factor").values_list("level", "factor", "gtin")) == [
        ("each", 1, gtin("501234500001").zfill(14)),
        ("case", 12, gtin("1501234500001")),
    ]
    assert list(PackLevel.objects.filter(item__sku="00124").values_list("level", "factor", "gtin")) == [
        ("each", 1, None)
    ]
    assert set(Barcode.objects.values_list("code", flat=True)) == {"OLD-1", "OLD-2"}


def test_how_far_the_reading_is_is_told_between_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "REPORT_EVERY", 1)
    told: list[tuple[int, str]] = []
    with stage.progress_to(lambda done, what: told.append((done, what))):
        assert commands.import_items(ctx(PAM), importing(GOOD)).is_written
    assert told[0] == (1, "Reading")
    assert told[-1][1] == "Writing"


def test_importing_again_changes_nothing_and_a_change_is_told_field_by_field() -> None:
    commands.import_items(ctx(PAM), importing(GOOD))
    again = commands.import_items(ctx(PAM), importing(GOOD))
    assert (again.created, again.updated, again.unchanged, again.changes) == (0, 0, 2, [])
    changed = commands.import_items(ctx(PAM), importing(GOOD.replace("White", "Cream").replace(";12;", ";24;")))
    assert (changed.created, changed.updated, changed.unchanged) == (0, 1, 1)
    assert [(c.field, c.count, c.before, c.after) for c in changed.changes] == [
        ("Name", 1, "White mug", "Cream mug"),
        ("Case qty", 1, "12", "24"),
    ]
    assert Item.objects.get(sku="00123").version == 2
    assert Item.objects.get(sku="00124").version == 1
    assert PackLevel.objects.get(item__sku="00123", level="case").factor == 24


def test_an_empty_cell_and_a_missing_column_leave_what_is_stored() -> None:
    commands.import_items(ctx(PAM), importing(GOOD))
    commands.import_items(ctx(PAM), importing("SKU,Name\n00123,\n00124,Navy mug\n"))
    assert list(Item.objects.order_by("sku").values_list("name", "list_price")) == [
        ("White mug", Decimal("2.55")),
        ("Navy mug", Decimal(1)),
    ]


BAD = f"""SKU,Name,EAN,Case factor,Tracking,Expiry,Hazard class,Country of origin,Pallet factor
A1,One,5012345000013,12,none,no,,GB,6
A2,,{gtin("501234500002")},2.5,lott,yes,44,GBR,
A1,Twin,{gtin("501234500002")},12,none,maybe,,,
A4,Four,,,none,yes,,,
=A5,Five,5.01234E+12,,lot,yes,,,
"""


def test_every_mistake_is_named_with_row_column_reason_and_way_out() -> None:
    with pytest.raises(ImportRefused) as refused:
        commands.import_items(ctx(PAM), importing(BAD))
    found = {(line.line, line.field): (line.message, line.fix) for line in refused.value.lines}
    right = gtin("501234500001")
    assert found[2, "EAN"] == (
        "“5012345000013” has a wrong check digit.",
        f"With these digits it would be {right}.",
    )
    assert found[2, "Pallet factor"][0] == "A pallet of 6 holds less than the case of 12."
    assert found[3, "Case factor"] == ("“2.5” is not a whole number of base units.", "Use 2 or 3.")
    assert found[3, "Tracking"] == ("“lott” is not known here.", "Did you mean lot?")
    assert found[3, "Hazard class"][0] == "“44” is not known here."
    assert found[3, "Country of origin"][0] == "“GBR” is not a country code."
    assert found[4, "SKU"] == ("Row 2 has the same: A1.", "Delete one of the two.")
    assert found[4, "EAN"][0] == "Row 3 has this GTIN too."
    assert found[4, "Expiry"][0] == "“maybe” is neither yes nor no."
    assert found[5, "Expiry"] == ("An item with expiry dates is kept by lot.", "Set tracking to lot or serial.")
    assert found[6, "SKU"][0] == "This is a formula, not a value."
    assert found[6, "EAN"][0] == "“5.01234E+12” is a number that Excel shortened."
    assert not Item.objects.exists()
    assert not CommandRecord.objects.exists()


def test_good_rows_only_writes_the_good_ones_and_says_what_it_left() -> None:
    report = commands.import_items(ctx(PAM), importing(BAD + "A6,Six,,,,,,,\n", only_good_rows=True))
    assert (report.rows, report.created, report.bad_rows, report.is_written) == (6, 1, 5, True)
    assert list(Item.objects.values_list("sku", flat=True)) == ["A6"]


def test_a_dry_run_says_the_same_and_writes_nothing() -> None:
    dry = check(ITEMS, GOOD.encode(), "items.csv", Options())
    assert (dry.created, dry.updated, dry.is_written, dry.problem_count) == (2, 0, False, 0)
    assert not Item.objects.exists()
    assert not Family.objects.exists()
    bad = check(ITEMS, BAD.encode(), "items.csv", Options())
    assert (bad.bad_rows, bad.is_written) == (5, False)
    assert {(g.column, g.message, g.count) for g in bad.groups} >= {("EAN", "Wrong check digit.", 1)}


def test_a_gtin_of_another_item_is_refused() -> None:
    commands.import_items(ctx(PAM), importing(GOOD))
    with pytest.raises(ImportRefused) as refused:
        commands.import_items(ctx(PAM), importing(f"SKU,Name,EAN\nX,Ex,{gtin('501234500001')}\n"))
    assert refused.value.lines[0].message == "00123 (each) already has this GTIN."


def test_a_retry_with_the_same_key_is_answered_from_the_record() -> None:
    request = importing(GOOD)
    first = commands.import_items(ctx(PAM, "key-1"), request)
    Item.objects.filter(sku="00124").update(name="Changed since")
    assert commands.import_items(ctx(PAM, "key-1"), request) == first
    assert Item.objects.get(sku="00124").name == "Changed since"


def test_an_outsider_imports_nothing() -> None:
    with pytest.raises(NotPermitted):
        commands.import_items(ctx(EVE), importing(GOOD))
    assert not Item.objects.exists()


@pytest.mark.parametrize(
    ("encoding", "read_as"),
    [
        ("utf-8", "CSV, UTF-8, semicolon"),
        ("utf-8-sig", "CSV, UTF-8 with mark, semicolon"),
        ("cp1252", "CSV, Windows-1252, assumed, semicolon"),
        ("utf-16", "CSV, UTF-16, semicolon"),
        ("utf-16-le", "CSV, UTF-16 without mark, semicolon"),
    ],
)
def test_encodings_are_found_out(encoding: str, read_as: str) -> None:
    text = "SKU;Name\nC1;Café crème 5 €\n"
    report = commands.import_items(ctx(PAM), importing(text.encode(encoding)))
    assert report.read_as == read_as
    assert Item.objects.get(sku="C1").name == "Café crème 5 €"


def test_a_text_of_another_table_is_refused_until_somebody_says_which() -> None:
    content = "SKU;Name\nC1;Crème brûlée für Müller\n".encode("mac_roman")
    with pytest.raises(FileRefused) as refused:
        commands.import_items(ctx(PAM), importing(content))
    assert "“Crème” as Mac Roman" in refused.value.message and refused.value.details["row"] == 2
    wrong = importing(content, encoding="utf-8")
    with pytest.raises(FileRefused, match="is not UTF-8: row 2 has the byte 0x8f"):
        commands.import_items(ctx(PAM), wrong)
    report = commands.import_items(ctx(PAM), importing(content, encoding="mac-roman"))
    assert (report.read_as, report.assumed) == ("CSV, Mac Roman, semicolon", "")
    assert Item.objects.get(sku="C1").name == "Crème brûlée für Müller"


def test_what_was_only_assumed_is_shown_with_a_word_of_the_file() -> None:
    report = commands.import_items(ctx(PAM), importing("SKU,Name\nC1,Iced café\n".encode("cp1252")))
    assert report.assumed == "café"
    certain = commands.import_items(ctx(PAM), importing("SKU,Name\nC2,Iced café\n".encode()))
    assert certain.assumed == ""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"SKU,Name\n", "The file has a header but no rows."),
        (b"SKU,Name\nA,\x81\x8d\n", "is not UTF-8, and what else it is cannot be told. Row 2 may read"),
        ("SKU,Name\nA,Müller\n".encode("cp850"), "or “Müller” as DOS 850."),
        (b"\xd0\xcf\x11\xe0rest", "is an old Excel file (.xls)."),
        (b"SKU,Name\nA,b\0c\n", "is not a text file."),
        (b"SKU,Name\n\xff\xfe,Mug\n", "read as Windows-1252, assumed, row 2 has U+00FF U+00FE."),
        (b"SKU,Name\nA,Mug\nB,C\x07up\n", "read as UTF-8, row 3 has U+0007."),
        (b"SKU,SKU,Name\nA,B,C\n", "names a column twice: SKU"),
        (b"Name,Price\nA,1\n", "The file has no column “SKU”."),
        (b'SKU,Name\nA,"open\n', "Row 2 cannot be read"),
        (
            b",".join(b"c%d" % i for i in range(1_000_000)) + b"\n1\n",
            "Row 1 has 1,000,000 columns; 200 is the most.",
        ),
        (b"PK\x03\x04 not a zip", "is not a readable Excel workbook."),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(FileRefused) as refused:
        commands.import_items(ctx(PAM), importing(content))
    assert sentence in refused.value.message
    assert refused.value.fix
    assert not Item.objects.exists()


def workbook(rows: list[list[object]], *, formula: bool = False, far: bool = False, start: int = 0) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet("Items")
    for r, row in enumerate(rows, start=start):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    if formula:
        sheet.write_formula(start + 1, 1, "=1+1", value="2")
    if far:
        sheet.write(5, 16_000, "far away")
    book.close()
    return file.getvalue()


def test_a_workbook_is_read_as_people_see_it() -> None:
    content = workbook([["SKU", "Name", "EAN", "Case factor"], ["00123", "Mug", int(gtin("501234500001")), 12.0]])
    report = commands.import_items(ctx(PAM), importing(content))
    assert report.read_as == "XLSX, sheet “Items”"
    assert PackLevel.objects.get(level="each").gtin == gtin("501234500001").zfill(14)
    assert Item.objects.get().sku == "00123"


def test_a_workbook_that_starts_lower_names_the_rows_that_excel_shows() -> None:
    content = workbook([["", "SKU", "Name", "EAN"], ["", "1", "Mug", "123"]], start=3)
    with pytest.raises(ImportRefused) as refused:
        commands.import_items(ctx(PAM), importing(content))
    assert [(line.line, line.field) for line in refused.value.lines] == [(5, "EAN")]


def test_a_formula_cell_is_refused_where_it_stands() -> None:
    content = workbook([["SKU", "Name"], ["1", "Mug"]], formula=True)
    with pytest.raises(ImportRefused) as refused:
        commands.import_items(ctx(PAM), importing(content))
    assert [(line.line, line.field, line.message) for line in refused.value.lines] == [
        (2, "Name", "This cell holds a formula.")
    ]


def test_a_sheet_that_reaches_too_far_is_refused_before_it_is_unfolded() -> None:
    with pytest.raises(FileRefused) as refused:
        commands.import_items(ctx(PAM), importing(workbook([["SKU", "Name"], ["1", "Mug"]], far=True)))
    assert refused.value.message == "The sheet has 16,001 columns; 200 is the most."


def test_a_zip_bomb_is_refused() -> None:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(500):
            part.write(b" " * 2**20)
    with pytest.raises(FileRefused) as refused:
        commands.import_items(ctx(PAM), importing(file.getvalue()))
    assert "unpacks to more than 400 MB" in refused.value.message
