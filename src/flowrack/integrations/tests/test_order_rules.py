"""Every line of an order history is exactly one thing, and the parts add up to the file."""

from __future__ import annotations

import gzip
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from flowrack.integrations.orders.reader import COLUMNS, read_days
from flowrack.integrations.orders.rules import SoldBook, charge_kind, classify, classify_day, normalise_code
from flowrack.integrations.orders.survey import matched_days, survey
from flowrack.integrations.orders.types import BadOrderFile, LineClass, Outcome, RawLine

HEADER = ",".join(COLUMNS)
YEAR = Path("../shared/data/online-retail-2010/online_retail_2009-12_to_2010-12.csv.gz")


def raw(document: str = "489434", code: str = "85048", units: int = 12, price: str = "6.95", **more: object) -> RawLine:
    values: dict[str, object] = {"line_no": 2, "customer": "13085", "country": "United Kingdom", "description": "BALL"}
    values |= {"at": datetime(2009, 12, 1, 7, 45)} | more
    return RawLine(document=document, code=code, units=units, price=Decimal(price), **values)  # type: ignore[arg-type]


def write(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding=encoding)
    return path


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (raw(), LineClass.SALE),
        (raw(customer=""), LineClass.SALE),
        (raw(code="47503j "), LineClass.SALE),
        (raw(document="C489449", units=-12), LineClass.CANCELLATION),
        (raw(document="A506401", code="B", units=1, price="-53594.36"), LineClass.BAD_DEBT),
        (raw(units=-240, price="0"), LineClass.WRITE_OFF),
        (raw(price="0"), LineClass.FREE),
        (raw(code="POST", units=1, price="18"), LineClass.CHARGE),
        (raw(document="C489449", code="D", units=-1, price="9"), LineClass.CHARGE),
        (raw(code="gift_0001_20", units=1), LineClass.CHARGE),
        (raw(code="TEST001", units=5), LineClass.TEST),
        (raw(units=0), LineClass.EMPTY),
    ],
)
def test_a_line_is_what_its_document_code_units_and_price_say(line: RawLine, kind: LineClass) -> None:
    assert classify(line, normalise_code(line.code)) is kind


def test_codes_that_differ_in_case_and_blanks_are_one_item() -> None:
    assert normalise_code("47503J ") == normalise_code("47503j") == "47503J"


def test_a_code_that_is_not_stock_says_what_it_is() -> None:
    assert [charge_kind(c) for c in ("DOT", "GIFT_0001_20", "DCGS0058", "NEVER SEEN")] == [
        "postage",
        "gift voucher",
        "outside the catalogue",
        "other code that is not stock",
    ]


def test_the_same_line_twice_is_a_duplicate_from_the_second_time_on() -> None:
    twice = classify_day([raw(), raw(line_no=3), raw(line_no=4, units=1)])
    assert [line.is_duplicate for line in twice] == [False, True, False]


def test_a_cancellation_undoes_the_newest_sale_of_that_item_to_that_customer() -> None:
    book = SoldBook({("13085", "85048")})
    sold = classify_day([raw(document="1", units=5, line_no=2), raw(document="2", units=3, line_no=3)])
    for line in sold:
        book.sell(line)
    [cancelled] = classify_day([raw(document="C3", units=-4, line_no=4)])
    match = book.cancel(cancelled)
    assert [(p.document, p.units) for p in match.parts] == [("2", 3), ("1", 1)]
    assert (match.outcome, match.unmatched_units) == (Outcome.SPREAD, 0)
    again = book.cancel(cancelled)
    assert [(p.document, p.units) for p in again.parts] == [("1", 4)]
    assert again.outcome is Outcome.WHOLE
    assert book.cancel(cancelled).outcome is Outcome.USED_UP


def test_more_cancelled_than_sold_is_taken_in_part_with_the_rest_named() -> None:
    book = SoldBook({("13085", "85048")})
    [sold] = classify_day([raw(units=5)])
    book.sell(sold)
    [cancelled] = classify_day([raw(document="C3", units=-8)])
    match = book.cancel(cancelled)
    assert (match.outcome, match.parts[0].units, match.unmatched_units) == (Outcome.PARTIAL, 5, 3)


def test_a_cancellation_without_customer_or_sale_says_so() -> None:
    book = SoldBook(set())
    nobody, stranger = classify_day([raw(document="C1", units=-1, customer=""), raw(document="C2", units=-1)])
    assert book.cancel(nobody).outcome is Outcome.NO_CUSTOMER
    assert book.cancel(stranger).outcome is Outcome.NEVER_SOLD


def test_every_bad_line_is_named_with_its_field(tmp_path: Path) -> None:
    path = write(
        tmp_path / "bad.csv",
        "1,85048,BALL,12,2009-12-01 07:45:00,6.95,13085,UK",
        "1,85048,BALL,twelve,2009-12-01 07:45:00,6.95,13085,UK",
        '1,85048,"=HYPERLINK(1)",12,2009-12-01 07:45:00,NaN,13085,UK',
        "1,85048,BALL,12,1st of May,6.95,13085,UK,more",
    )
    with pytest.raises(BadOrderFile) as caught:
        list(read_days(path))
    assert [(x.line, x.field) for x in caught.value.lines] == [
        (3, "Quantity"),
        (4, "Description"),
        (4, "UnitPrice"),
        (5, ""),
    ]


def test_a_wrong_encoding_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "latin.csv", "1,85048,CAFÉ,12,2009-12-01 07:45:00,6.95,13085,UK", encoding="latin-1")
    with pytest.raises(BadOrderFile, match="not UTF-8"):
        list(read_days(path))


def test_ten_million_columns_are_refused_without_reading_them(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(HEADER + "\n" + "," * 10_000_000)
    with pytest.raises(BadOrderFile, match="longer than"):
        list(read_days(path))


def test_another_header_an_empty_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    other, empty = tmp_path / "other.csv", tmp_path / "empty.csv"
    other.write_text("a,b\n1,2\n")
    empty.write_text("")
    for path in (other, empty, tmp_path / "none.csv"):
        with pytest.raises(BadOrderFile):
            list(read_days(path))


def test_a_torn_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "torn.csv.gz"
    whole = gzip.compress((HEADER + "\n" + "1,85048,BALL,12,2009-12-01 07:45:00,6.95,13085,UK\n" * 5000).encode())
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadOrderFile, match="damaged"):
        list(read_days(path))


def test_a_file_that_goes_back_in_time_is_refused(tmp_path: Path) -> None:
    path = write(
        tmp_path / "back.csv",
        "1,85048,BALL,12,2009-12-02 07:45:00,6.95,13085,UK",
        "2,85048,BALL,12,2009-12-01 07:45:00,6.95,13085,UK",
    )
    with pytest.raises(BadOrderFile):
        list(read_days(path))


@pytest.mark.skipif(not YEAR.exists(), reason="the year of real orders is not beside this checkout")
def test_the_year_of_the_wholesaler_adds_up_to_the_penny() -> None:
    report, wanted = survey(YEAR)
    for _ in matched_days(YEAR, wanted, report):
        pass
    assert report.adds_up()
    whole = report.whole
    assert (whole.lines, whole.units, whole.value) == (525_461, 5_432_041, Decimal("9539484.634"))
    assert (report.documents, report.cancellation_documents, report.cancelled_lines) == (28_816, 4_592, 10_206)
    assert report.lines_without_customer == 107_927
    assert report.lines_not_stock == 3_097
    assert report.duplicate_lines == 6_865
    assert (report.lines_at_no_price, report.lines_at_negative_price) == (3_687, 3)
    assert len(report.codes_as_written) == 4_632
    sales = report.by_class[LineClass.SALE]
    assert (sales.lines, sales.units, sales.value) == (509_152, 5_825_387, Decimal("9837960.79"))
    assert {kind: t.lines for kind, t in report.by_class.items()} == {
        LineClass.SALE: 509_152,
        LineClass.CANCELLATION: 9_581,
        LineClass.WRITE_OFF: 2_102,
        LineClass.FREE: 1_529,
        LineClass.CHARGE: 3_077,
        LineClass.TEST: 17,
        LineClass.BAD_DEBT: 3,
        LineClass.EMPTY: 0,
    }
    assert report.matched_units + report.unmatched_units == 209_860
    assert {outcome: t.lines for outcome, t in report.matches.items()} == {
        Outcome.WHOLE: 7_750,
        Outcome.SPREAD: 136,
        Outcome.PARTIAL: 79,
        Outcome.NO_CUSTOMER: 187,
        Outcome.NEVER_SOLD: 1_390,
        Outcome.USED_UP: 39,
    }
