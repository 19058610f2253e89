"""What `flowrack bench import.items_100k` measures: importing new items with packs from a CSV, through the engine."""

from __future__ import annotations

import time

from flowrack.catalog.imports import ITEMS
from flowrack.platform.importing import ImportFile, ImportReport, Options, load, store_file
from flowrack.shared.check_digits import check_digit

HEADER = (
    "sku,name,family,tracking,list_price,origin_country,hs_code,velocity,each_gtin,each_weight_g,each_length_mm,"
    "each_width_mm,each_height_mm,case_factor,case_gtin,pallet_factor,reorder_point,barcodes\n"
)


def items_file(rows: int) -> bytes:
    """A CSV of so many items, the same for the same number."""
    lines = [HEADER]
    for n in range(rows):
        each, case = f"20{n:010d}", f"120{n:010d}"
        lines.append(
            f"B{n:07d},Bench item {n},F{n % 40:02d},none,{n % 97}.{n % 100:02d},GB,69111000,{'ABC'[n % 3]},"
            f"{each}{check_digit(each)},{100 + n % 900},{50 + n % 200},{40 + n % 150},{30 + n % 90},"
            f"{6 + 6 * (n % 4)},{case}{check_digit(case)},{480 + 480 * (n % 4)},{n % 50},OLD-{n}\n"
        )
    return "".join(lines).encode()


def import_items_100k(rows: int = 100_000) -> tuple[float, ImportReport]:
    """(seconds, report) of one import into whatever database is connected; the file is made before the clock starts.

    Run it inside a transaction that is rolled back, or in a throw-away schema.
    """
    digest = store_file(items_file(rows), "bench.csv")
    started = time.perf_counter()
    report = load(ITEMS, ImportFile(digest, "bench.csv", Options()))
    return time.perf_counter() - started, report


def import_items_raw(rows: int = 100_000) -> str:
    """Hand-written SQL that makes the same rows from nothing, for the ratio."""
    return f"""
    INSERT INTO catalog_item (sku, name, list_price, origin_country, hs_code, velocity, reorder_point)
    SELECT 'R' || n, 'Bench item ' || n, n %% 97, 'GB', '69111000', 'A', n %% 50 FROM generate_series(1, {int(rows)}) n;
    INSERT INTO catalog_packlevel (item_id, level, factor)
    SELECT i.id, l.level, l.factor FROM catalog_item i
    CROSS JOIN (VALUES ('each', 1), ('case', 12), ('pallet', 480)) AS l(level, factor) WHERE i.sku LIKE 'R%%';
    INSERT INTO catalog_barcode (item_id, code)
    SELECT i.id, 'OLD-' || i.sku FROM catalog_item i WHERE i.sku LIKE 'R%%'
    """  # noqa: S608 (a number)
