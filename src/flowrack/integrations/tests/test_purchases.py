"""A purchase history through approval, receipt, rejection and putaway: the books say what the history says."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from flowrack.integrations import people
from flowrack.integrations.masterdata import MasterData, PlaceSpec
from flowrack.integrations.purchases import load, queries, reader
from flowrack.integrations.purchases.types import BadPurchases, History, Plan, Played, Totals
from flowrack.integrations.replay.setup import ZONES, bins
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.platform.http import now

TABLES = Path("../shared/data/adventureworks-purchasing")
WHOLE = Totals(
    orders=4_012, lines=8_845, ordered=2_348_637, received=2_327_299, rejected=72_700, stocked=2_254_599,
    short_lines=380, rejected_lines=563,
)  # fmt: skip
needs_history = pytest.mark.skipif(not TABLES.is_dir(), reason="AdventureWorks is not part of the repository")

HEADS = {
    "Vendor": "BusinessEntityID,AccountNumber,Name\n7,ALPINE,Alpine Ski House\n",
    "Product": "ProductID,ProductNumber,Name\n1,AR-5381,Adjustable Race\n2,BA-8327,Bearing Ball\n",
    "ProductVendor": (
        "ProductID,BusinessEntityID,AverageLeadTime,StandardPrice,MinOrderQty\n1,7,17,47.87,1\n2,7,19,39.92,100\n"
    ),
    "PurchaseOrderHeader": (
        "PurchaseOrderID,Status,VendorID,OrderDate,ShipDate,SubTotal\n"
        "1,4,7,2022-04-15,2022-04-24,201.0400\n2,3,7,2022-04-15,2022-04-26,600.0000\n"
    ),
    "PurchaseOrderDetail": (
        "PurchaseOrderID,DueDate,OrderQty,ProductID,UnitPrice,ReceivedQty,RejectedQty,StockedQty\n"
        "1,2022-04-29,4,1,50.2600,3.00,.00,3.00\n"
        "2,2022-04-29,10,1,50.0000,10.00,10.00,.00\n"
        "2,2022-04-10,5,2,20.0000,5.00,2.00,3.00\n"
    ),
}


def written(directory: Path, **changed: str) -> Path:
    for table, text in {**HEADS, **changed}.items():
        (directory / f"{table}.csv").write_text(text)
    return directory


def played(history: History) -> tuple[Played, int]:
    """The history played in an empty house."""
    staff = people.hire_importers("purchase import")
    site_id = MasterData(staff, now()).site(
        "MAIN", "Main", ZONES, [PlaceSpec("RCV", "DOCK-1", "door"), PlaceSpec("DMG", "DAMAGED-1"), *bins(60)]
    )[0]
    return again(history, site_id), site_id


def again(history: History, site_id: int) -> Played:
    return load.play(history, Plan(site_id, True), people.hire_importers("purchase import"), lambda text: None)


def standing() -> dict[str, int]:
    """Units in physical places, by state."""
    rows = sql.fetch_all(
        "SELECT state, sum(on_hand)::bigint FROM ledger_cell WHERE NOT is_virtual AND on_hand > 0 GROUP BY 1"
    )
    return dict(rows)


@pytest.mark.django_db
def test_what_was_rejected_goes_back_and_the_rest_stands_in_bins(tmp_path: Path) -> None:
    history = reader.read(written(tmp_path))
    expected = Totals(2, 3, ordered=19, received=18, rejected=12, stocked=6, short_lines=1, rejected_lines=2)
    assert reader.totals(history) == expected
    done, site_id = played(history)
    assert (done.orders, done.receipts, done.sent_back, done.putaways) == (2, 2, 12, 2)
    assert queries.books(done.po_ids) == expected
    assert standing() == {"reserve": 6}
    assert done.beyond_rounding == []
    states = sql.fetch_all(
        "SELECT supplier_reference, state, ordered_on::text, due_on::text FROM purchasing_po ORDER BY id"
    )
    assert states == [
        ("PO-1", "received", "2022-04-15", "2022-04-29"),
        ("PO-2", "received", "2022-04-15", "2022-04-29"),
    ]
    assert sql.fetch_all("SELECT short_units, short_reason FROM purchasing_poline WHERE short_units > 0") == [
        (1, load.NEVER_CAME)
    ]
    assert sql.fetch_value("SELECT count(*) FROM inbound_receipt WHERE state <> 'closed'") == 0
    repeated = again(history, site_id)
    assert (repeated.orders, repeated.receipts, repeated.sent_back, repeated.putaways) == (0, 0, 0, 0)
    assert queries.books(repeated.po_ids) == expected


@pytest.mark.django_db
def test_an_import_that_stopped_goes_on_where_it_stopped(tmp_path: Path) -> None:
    history = reader.read(written(tmp_path))
    first, site_id = played(replace(history, orders=history.orders[:1]))
    assert (first.orders, first.receipts) == (1, 1)
    rest = again(history, site_id)
    assert (rest.orders, rest.receipts, rest.sent_back) == (1, 1, 12)
    assert queries.books(rest.po_ids) == reader.totals(history)


@pytest.mark.django_db
def test_unknown_suppliers_and_items_are_refused_unless_they_are_to_be_made(tmp_path: Path) -> None:
    with pytest.raises(BadPurchases, match="3 suppliers and items of the history are unknown") as refused:
        load.play(reader.read(written(tmp_path)), Plan(1), people.hire_importers("x"), lambda text: None)
    assert [line.message for line in refused.value.lines] == [
        "There is no supplier “ALPINE”.", "There is no item “AR-5381”.", "There is no item “BA-8327”.",
    ]  # fmt: skip
    assert sql.fetch_value("SELECT count(*) FROM purchasing_po") == 0


def test_what_the_history_says_and_cannot_be_is_named(tmp_path: Path) -> None:
    odd = reader.oddities(reader.read(written(tmp_path)))
    assert odd == {
        "more than one due date; the last counts": ["PO-2"],
        "goods came though its status is rejected": ["PO-2"],
    }


def test_quantities_that_do_not_fit_together_are_refused_line_by_line(tmp_path: Path) -> None:
    lines = (
        "PurchaseOrderID,DueDate,OrderQty,ProductID,UnitPrice,ReceivedQty,RejectedQty,StockedQty\n"
        "1,2022-04-29,4,1,50.26,5,0,5\n1,2022-04-29,4,1,50.26,3,1,3\n1,2022-04-29,4.5,1,50.26,3,1,2\n"
        "2,2022-04-29,4,9,50.26,3,0,3\n"
    )
    with pytest.raises(BadPurchases) as refused:
        reader.read(written(tmp_path, PurchaseOrderDetail=lines))
    assert [(line.line, line.field) for line in refused.value.lines] == [
        (2, "ReceivedQty"), (3, "StockedQty"), (4, "line"), (5, "ProductID"),
        (2, "PurchaseOrderID"), (3, "PurchaseOrderID"),
    ]  # fmt: skip


@needs_history
def test_the_whole_history_is_read_to_the_unit() -> None:
    history = reader.read(TABLES)
    assert reader.totals(history) == WHOLE
    odd = reader.oddities(history)
    assert {sentence: len(orders) for sentence, orders in odd.items()} == {
        "goods came though its status is pending": 225,
        "goods came though its status is rejected": 86,
        "goods came though its status is approved": 12,
        "more than one due date; the last counts": 4,
    }


@needs_history
@pytest.mark.django_db
def test_the_first_orders_of_the_history_come_out_to_the_unit() -> None:
    history = reader.read(TABLES, limit=24)
    done, _ = played(history)
    books = queries.books(done.po_ids)
    assert books == reader.totals(history)
    assert (books.ordered, books.received, books.rejected, books.stocked) == (13_756, 13_672, 1_295, 12_377)
    assert standing() == {"reserve": books.stocked}
    assert done.beyond_rounding == []
    assert verify() == []


@needs_history
@pytest.mark.skipif(not os.environ.get("FLOWRACK_WHOLE"), reason="takes many minutes: FLOWRACK_WHOLE=1 plays it all")
@pytest.mark.django_db
def test_the_whole_history_comes_out_to_the_unit() -> None:
    done, _ = played(reader.read(TABLES))
    assert queries.books(done.po_ids) == WHOLE
    assert standing() == {"reserve": WHOLE.stocked}
