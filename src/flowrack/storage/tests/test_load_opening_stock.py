"""Opening stock comes in from a file, once, exact to the cent."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.cast import ADA, BO, HAL, OZ, bearer, ctx, signed_in, user_id
from tests.supply import counts_of, item

from flowrack.config.cli import build_parser
from flowrack.ledger.tests.house import House, book, house
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.platform.importing import ImportFile, ImportRefused, Options, check, store_file
from flowrack.platform.models import OutboxEvent
from flowrack.shared.errors import NotPermitted
from flowrack.storage import commands, steps_opening
from flowrack.storage.imports import OPENING

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = """Site,Bin,SKU,Qty,Unit cost,Lot,Expiry,LPN,Quality
W1,reserve-1,MUG,7,1.335,,,,
W1,reserve-2,MUG,3,2,,,PAL-1,
W1,reserve-2,MUG,2,2,,,PAL-1,damaged
W1,forward_pick-1,MILK,10,0.333333,L1,2026-06-30,,
W1,forward_pick-1,SAW,1,99.99,S-1,,,
W1,forward_pick-1,SAW,1,99.99,S-2,,,
W1,reserve-1,NAIL,1000,,,,,
W2,reserve-1,MUG,1,5,,,,
"""


@pytest.fixture
def scene() -> dict[str, int]:
    items = {
        "MUG": item("MUG"),
        "MILK": item("MILK", "lot_actual", "lot"),
        "SAW": item("SAW", tracking="serial"),
        "NAIL": item("NAIL", "standard", standard_cost="0.012"),
    }
    sql.execute("UPDATE catalog_item SET has_expiry = true WHERE sku = 'MILK'")
    return items


@pytest.fixture
def here(scene: dict[str, int]) -> House:
    return house("W1")


@pytest.fixture
def there(scene: dict[str, int]) -> House:
    return house("W2")


def file_of(text: str, **options: object) -> ImportFile:
    return ImportFile(store_file(text.encode(), "stock.csv"), "stock.csv", Options(**options))  # type: ignore[arg-type]


def stands() -> list[tuple[object, ...]]:
    """(site, place, item, lot, LPN, state, units) of all stock in the house."""
    return sql.fetch_all(
        """
        SELECT s.code, p.code, i.sku, l.code, n.code, c.state, c.on_hand FROM ledger_cell c
        JOIN locations_site s ON s.id = c.site_id JOIN locations_location p ON p.id = c.location_id
        JOIN catalog_item i ON i.id = c.item_id JOIN catalog_lot l ON l.id = c.lot_id
        JOIN locations_lpn n ON n.id = c.lpn_id WHERE NOT c.is_virtual AND c.on_hand <> 0 ORDER BY 1, 2, 3, 4, 5, 6
        """
    )


def test_stock_lies_where_the_file_says_and_is_worth_units_times_cost_to_the_cent(
    scene: dict[str, int], here: House, there: House
) -> None:
    report = commands.load_opening_stock(ctx(HAL), file_of(GOOD))
    assert (report.rows, report.created, report.updated, report.unchanged, report.bad_rows) == (8, 8, 0, 0, 0)
    assert stands() == [
        ("W1", "forward_pick-1", "MILK", "L1", "", "forward_pick", 10),
        ("W1", "forward_pick-1", "SAW", "S-1", "", "forward_pick", 1),
        ("W1", "forward_pick-1", "SAW", "S-2", "", "forward_pick", 1),
        ("W1", "reserve-1", "MUG", "", "", "reserve", 7),
        ("W1", "reserve-1", "NAIL", "", "", "reserve", 1000),
        ("W1", "reserve-2", "MUG", "", "PAL-1", "damaged", 2),
        ("W1", "reserve-2", "MUG", "", "PAL-1", "reserve", 3),
        ("W2", "reserve-1", "MUG", "", "", "reserve", 1),
    ]
    # 7 x 1.335 = 9.345, half up 9.35; then 3 x 2 and 2 x 2
    assert book(here, scene["MUG"]) == (12, Decimal("19.35"))
    assert book(here, scene["MUG"], "opening") == (-12, Decimal("-19.35"))
    assert book(here, scene["MILK"]) == (10, Decimal("3.33"))
    assert book(here, scene["SAW"]) == (2, Decimal("199.98"))
    assert book(here, scene["NAIL"]) == (1000, Decimal("12.00"))
    assert book(there, scene["MUG"]) == (1, Decimal("5.00"))
    lots = sql.fetch_all("SELECT code, is_serial, expires_on::text FROM catalog_lot WHERE id > 0 ORDER BY code")
    assert lots == [("L1", False, "2026-06-30"), ("S-1", True, None), ("S-2", True, None)]
    told = [(e.body["site_id"], e.body["lines"], e.body["value"]) for e in OutboxEvent.objects.order_by("id")]
    assert told == [(here.site, 7, "234.66"), (there.site, 1, "5.00")]
    origins = sql.fetch_all("SELECT m.reason, m.origin = 'storage.opening_line:' || o.id FROM storage_openingline o"
                            " JOIN ledger_move m ON m.id = o.move_id")  # fmt: skip
    assert origins == [("OPENING", True)] * 8
    assert verify() == []


def test_a_cost_given_for_an_item_at_standard_cost_leaves_its_difference_in_variance(
    scene: dict[str, int], here: House
) -> None:
    commands.load_opening_stock(ctx(HAL), file_of("Site,Bin,SKU,Qty,Cost\nW1,reserve-1,NAIL,1000,0.015\n"))
    assert book(here, scene["NAIL"]) == (1000, Decimal("12.00"))
    assert book(here, scene["NAIL"], "variance") == (0, Decimal("3.00"))
    assert book(here, scene["NAIL"], "opening") == (-1000, Decimal("-15.00"))
    assert verify() == []


def test_the_same_lines_again_double_nothing_in_whatever_file(
    scene: dict[str, int], here: House, there: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps_opening, "BATCH", 3)
    req = file_of(GOOD)
    first = commands.load_opening_stock(ctx(HAL, "k"), req)
    assert commands.load_opening_stock(ctx(HAL, "k"), req) == first
    before = stands()
    again = commands.load_opening_stock(ctx(HAL), req)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 8)
    more = commands.load_opening_stock(ctx(OZ), file_of(GOOD.replace("W2,", "W2, ") + "W1,reserve-2,NAIL,5,,,,,\n"))
    assert (more.created, more.updated, more.unchanged) == (1, 0, 8)
    assert [row for row in stands() if row not in before] == [("W1", "reserve-2", "NAIL", "", "", "reserve", 5)]
    assert sql.fetch_value("SELECT count(*) FROM ledger_posting") == 5  # 7 lines by threes, 1 at W2, then 1
    with pytest.raises(ImportRefused) as refused:
        commands.load_opening_stock(ctx(HAL), file_of(GOOD.replace("MUG,7", "MUG,9").replace("MUG,3,2,", "MUG,3,4,")))
    assert {(line.line, line.field, line.message) for line in refused.value.lines} == {
        (2, "Qty", "Opening stock of 7 was loaded here before; this row says 9."),
        (3, "Unit cost", "Opening stock was loaded here before at 2 each; this row says 4."),
    }
    assert verify() == []


BAD = """Site,Bin,SKU,Qty,Unit cost,Lot,Expiry,LPN,Quality
W1,reserve-1,MUG,2.5,1,,,,
W1,reserve-9,MUG,2,1,,,,
W1,reserve-1,MUGG,2,1,,,,
W1,SUPPLIER,MUG,2,1,,,,
W9,reserve-1,MUG,2,1,,,,
W1,reserve-1,MUG,2,,,,,
W1,reserve-1,MUG,2,1,,,,
W1,reserve-2,MUG,2,1,L1,,,
W1,reserve-1,MILK,2,1,,,,
W1,reserve-1,MILK,2,1,L2,,,
W1,reserve-1,MILK,2,1,L1,2026-06-30,,
W1,reserve-2,MILK,2,1,L1,2026-07-31,,
W1,reserve-1,SAW,2,1,S-1,,,
W1,reserve-2,SAW,1,1,S-1,,,
W1,reserve-1,SAW,1,1,,,,
W1,reserve-2,MUG,2,1,,,123456789012345678,
W1,reserve-2,NAIL,2,1,,,PAL-1,
W1,reserve-1,NAIL,2,1,,,PAL-1,
W1,reserve-1,NAIL,-2,1,,,,broken
W1,forward_pick-1,MUG,1000000000000,9999,,,,
W1,forward_pick-2,MUG,1,1,,2026-06-30,,
=1,forward_pick-2,MUG,1,1,,,,
W1,reserve-2,MUG,3,1,,,,
"""

FOUND = {
    (2, "Qty", "“2.5” is not a whole number of base units.", "Use 2 or 3."),
    (3, "Bin", "There is no location “reserve-9”.", "Did you mean reserve-1?"),
    (4, "SKU", "There is no item “MUGG”.", "Did you mean MUG?"),
    (5, "Bin", "There is no location “SUPPLIER”.", "Add the location first, or correct the code."),
    (6, "Site", "There is no site “W9”.", "Add the site first, or correct the code."),
    (7, "Unit cost", "MUG needs what one unit cost.", "Fill in the unit cost; only items at standard cost may leave"
     " it empty."),
    (7, "SKU", "Row 2 has the same: W1 reserve-1 MUG.", "Delete one of the two."),
    (8, "SKU", "Row 2 has the same: W1 reserve-1 MUG.", "Delete one of the two."),
    (9, "Lot", "MUG is not kept by lot, but lot L1 was given.", "Leave the lot empty."),
    (10, "Lot", "MILK is kept by lot and this row names none.", "Fill in the lot from the label."),
    (11, "Expiry", "Lot L2 of MILK needs an expiry date.", "Give the date from the label."),
    (13, "Expiry", "Row 12 says that this lot expires on 2026-06-30.", "A lot has one expiry date: correct one of the"
     " rows."),
    (14, "Qty", "A serial number is one unit, not 2.", "Give each unit a row with its own serial number."),
    (15, "Lot", "Row 14 has this serial number too.", "A serial number is one unit at one place."),
    (16, "Lot", "SAW is kept by serial number and this row names none.", "Fill in the serial number."),
    (17, "LPN", "123456789012345678 is no SSCC: its check digit is wrong.", "Scan the label again."),
    (19, "LPN", "Row 18 has this LPN at reserve-2.", "An LPN stands at one place."),
    (20, "Qty", "“-2” is less than 1.", "Use 1 or more."),
    (20, "Quality", "“broken” is not known here.", "Use one of: available, inspection, quarantine, damaged, hold,"
     " expired."),
    (21, "Unit cost", "1000000000000 units at 9999 are worth more than the books can hold.",
     "Check units and unit cost."),
    (22, "Expiry", "MUG is not kept by lot, so nothing can expire.", "Leave the date empty, or keep the item by lot."),
    (23, "Site", "This is a formula, not a value.", "Paste the values only, then import again."),
}  # fmt: skip


def test_every_mistake_is_named_with_row_column_reason_and_way_out_and_nothing_is_written(
    here: House, there: House
) -> None:
    who, req = ctx(HAL), file_of(BAD)
    before = counts_of()
    with pytest.raises(ImportRefused) as refused:
        commands.load_opening_stock(who, req)
    assert {(line.line, line.field, line.message, line.fix) for line in refused.value.lines} == FOUND
    assert counts_of() == before
    dry = check(OPENING, BAD.encode(), "stock.csv", Options())
    assert {(p.row, p.column, p.message, p.fix) for p in dry.problems} == FOUND
    assert (dry.rows, dry.created, dry.is_written) == (23, 3, False)


def test_good_rows_only_posts_the_good_ones(scene: dict[str, int], here: House, there: House) -> None:
    report = commands.load_opening_stock(ctx(HAL), file_of(BAD, only_good_rows=True))
    assert (report.created, report.bad_rows) == (3, 20)
    assert stands() == [
        ("W1", "reserve-1", "MILK", "L1", "", "reserve", 2),
        ("W1", "reserve-2", "MUG", "", "", "reserve", 3),
        ("W1", "reserve-2", "NAIL", "", "PAL-1", "reserve", 2),
    ]
    assert verify() == []


def test_what_stands_elsewhere_or_is_closed_is_refused(scene: dict[str, int], here: House, there: House) -> None:
    commands.load_opening_stock(ctx(HAL), file_of(GOOD))
    sql.execute("UPDATE locations_location SET is_active = false WHERE code = 'staged-1'")
    sql.execute("INSERT INTO locations_lpn (code, kind, site_id, closed_at) VALUES ('GONE', 'pallet', %s, now())",
                (here.site,))  # fmt: skip
    bad = """Site,Bin,SKU,Qty,Unit cost,Lot,Expiry,LPN
W1,reserve-1,SAW,1,1,S-1,,
W1,reserve-1,NAIL,1,1,,,PAL-1
W2,reserve-1,NAIL,1,1,,,PAL-1
W1,staged-1,NAIL,1,1,,,
W1,reserve-1,NAIL,1,1,,,GONE
W1,reserve-1,MILK,1,1,L1,2026-12-31,
"""
    with pytest.raises(ImportRefused) as refused:
        commands.load_opening_stock(ctx(HAL), file_of(bad))
    assert {(line.line, line.field, line.message) for line in refused.value.lines} == {
        (2, "Lot", "Serial number S-1 is in stock already, at forward_pick-1."),
        (3, "LPN", "PAL-1 stands at reserve-2."),
        (4, "LPN", "PAL-1 is at another site."),
        (4, "LPN", "Row 3 has this LPN at reserve-1."),
        (5, "Bin", "staged-1 is out of use."),
        (6, "LPN", "GONE was shipped or emptied; its label may not be used again."),
        (7, "Expiry", "Lot L1 of MILK expires on 2026-06-30, not on 2026-12-31."),
    }


def test_only_who_may_open_stock_at_the_site_loads_it(here: House, there: House) -> None:
    user_id(ADA, site_id=here.site)
    for person in (BO, ADA):
        with pytest.raises(NotPermitted):
            commands.load_opening_stock(ctx(person), file_of(GOOD))
    assert stands() == []
    assert not sql.fetch_value("SELECT count(*) FROM storage_openingline")
    own = "\n".join(GOOD.splitlines()[:-1])
    assert commands.load_opening_stock(ctx(ADA), file_of(own)).created == 7


def test_pages_api_and_command_line_load_it(
    client, here: House, there: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = GOOD.splitlines(keepends=True)
    browser = signed_in(HAL)
    upload = SimpleUploadedFile("stock.csv", "".join(rows[:3]).encode())
    checked = browser.post("/opening-stock/import", {"step": "upload", "file": upload})
    assert (checked.status_code, checked.context["report"].created) == (200, 2)
    form = {"digest": checked.context["digest"], "filename": "stock.csv", "idempotency_key": "w"}
    browser.post("/opening-stock/import", {"step": "write", **form})
    assert b"PAL-1" in browser.get("/opening-stock").content
    assert signed_in(BO).get("/opening-stock").status_code == 403

    for dry, count in (("true", 2), ("false", 3)):
        answer = client.post(
            f"/api/v1/imports/opening-stock?filename=s.csv&dry_run={dry}", (rows[0] + rows[3]).encode(),
            content_type="text/csv", headers=bearer(HAL),
        )  # fmt: skip
        assert (answer.status_code, answer.json()["created"]) == (200, 1)
        assert len(stands()) == count
    file = tmp_path / "stock.csv"
    file.write_text(GOOD)
    real = build_parser().parse_args(["import", "opening-stock", str(file), "--user", "hal", "--json", "--yes"])
    assert real.run(real) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["created"], told["unchanged"]) == (5, 3)
    assert len(stands()) == 8
    assert verify() == []
