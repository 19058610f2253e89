"""A delivery history of another system measured by our rules: exact figures, and every fault named."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from flowrack.analytics.rules_suppliers import Timing, Window
from flowrack.integrations.deliveries import reader, words
from flowrack.integrations.deliveries.rules import score
from flowrack.integrations.deliveries.types import BadHistory, Fault

HISTORY = Path("../shared/data/scms-delivery-history/scms_delivery_history.csv.gz")
ON_THE_DAY = Window(0, 0)


def test_dates_are_read_in_three_styles_and_words_are_no_dates() -> None:
    assert reader.day_of("4-Aug-09") == date(2009, 8, 4)
    assert reader.day_of("11/13/2006") == date(2006, 11, 13)
    assert reader.day_of("1/2/06") == date(2006, 1, 2)
    assert reader.day_of("2022-04-15 00:00:00.000") == date(2022, 4, 15)
    for words_ in ("N/A - From RDC", "Date Not Captured", "", "31-Feb-09", "13/11/2006"):
        assert reader.day_of(words_) is None


def test_a_small_history_gives_exact_figures_and_names_each_fault(tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_text(
        "Vendor,Due Date,Received on,PO Date\n"
        "A,2026-03-10,2026-03-10,2026-03-01\n"
        "A,2026-03-10,2026-03-12,2026-03-02\n"
        "B,2026-03-10,2026-03-09,unknown\n"
        "B,2026-03-10,lost,2026-03-02\n"
        "B,2026-03-10,2026-03-10,2026-03-11\n"
    )
    card = score(reader.read(file, {}), ON_THE_DAY)
    assert (card.lines, card.whole.lines, card.whole.unknown, card.on_the_day) == (5, 4, 1, 2)
    assert card.whole.timing == {Timing.ON_TIME: 2, Timing.LATE: 1, Timing.EARLY: 1}
    assert card.lead is not None and (card.lead.lines, card.lead.mean) == (2, Decimal("9.5"))
    assert card.lead_as_written is not None and (card.lead_as_written.lines, card.lead_as_written.mean) == (3, 6)
    assert [(f.line_no, f.fault, f.text) for f in card.faults] == [
        (4, Fault.NO_ORDER_DATE, "unknown"),
        (5, Fault.NO_DELIVERED_DATE, "lost"),
        (6, Fault.DELIVERED_BEFORE_ORDER, "ordered 2026-03-11, delivered 2026-03-10: -1 days"),
    ]


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadHistory, match="There is no file"):
        list(reader.read(tmp_path / "none.csv", {}))
    (tmp_path / "zip.csv.gz").write_bytes(b"PK")
    with pytest.raises(BadHistory, match="cannot be read"):
        list(reader.read(tmp_path / "zip.csv.gz", {}))


def test_a_file_whose_columns_are_not_known_is_refused_with_the_way_out(tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_text("Lieferant,Soll,Received on\nA,2026-03-10,2026-03-10\n")
    with pytest.raises(BadHistory, match="Which column is supplier and which is promised") as refused:
        list(reader.read(file, {}))
    assert "--map supplier=COLUMN --map promised=COLUMN" in refused.value.fix
    assert len(list(reader.read(file, {"supplier": "Lieferant", "promised": "Soll"}))) == 1
    with pytest.raises(BadHistory, match="No such column: promised=Termin"):
        list(reader.read(file, {"promised": "Termin"}))


@pytest.mark.skipif(not HISTORY.exists(), reason="SCMS's history is not part of the repository")
def test_the_scms_history_gives_the_known_figures_and_its_faults_line_by_line() -> None:
    card = score(reader.read(HISTORY, {}), ON_THE_DAY)
    data = words.as_data(card)
    assert (data["lines"], data["all"]["late"], data["all"]["on_time"], data["all"]["early"]) == (
        10_324, 1_186, 6_324, 2_814,
    )  # fmt: skip
    assert data["all"]["late_pct"] == Decimal("11.49")
    assert data["on_the_day_pct"] == data["all"]["on_time_pct"] == Decimal("61.26")
    assert data["all"]["early_pct"] == Decimal("27.26")
    assert data["groups"]["Direct Drop"]["late_pct"] == Decimal("5.26")
    assert data["groups"]["From RDC"]["late_pct"] == Decimal("17.15")
    assert card.lead_as_written is not None and card.lead is not None and card.bias is not None
    written = card.lead_as_written
    assert (written.lines, words.rounded(written.mean), written.median, written.p90) == (
        4_592, Decimal("105.6"), Decimal(92), 208,
    )  # fmt: skip
    assert words.rounded(written.deviation) == Decimal("79.7")
    assert (card.lead.lines, words.rounded(card.lead.mean), words.rounded(card.lead.deviation)) == (
        4_587, Decimal("105.8"), Decimal("79.3"),
    )  # fmt: skip
    assert words.rounded(card.bias.mean, Decimal("0.01")) == Decimal("-6.02")
    ordered = {
        name: (share["with_order_date"], words.rounded(share["with_order_date_not_late_pct"]))
        for name, share in data["suppliers"].items()
    }
    assert ordered["Orgenics, Ltd"] == (747, Decimal("86.9"))
    assert ordered["Aurobindo Pharma Limited"] == (642, Decimal("85.4"))
    assert ordered["Trinity Biotech, Plc"] == (347, Decimal("99.7"))
    assert ordered["S. BUYS WHOLESALER"] == (491, Decimal("98.4"))
    assert len(data["suppliers"]) == 73
    faults = {(x["fault"], x["text"]): x["lines"] for x in data["faults"]}
    assert faults == {
        ("no order date", "N/A - From RDC"): 5_404,
        ("no order date", "Date Not Captured"): 328,
        ("delivered before it was ordered", ""): 5,
    }
    assert [f.line_no for f in card.faults if f.fault is Fault.DELIVERED_BEFORE_ORDER] == [
        3344, 7358, 7955, 9869, 9964,
    ]  # fmt: skip
