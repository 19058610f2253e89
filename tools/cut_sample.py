"""Cuts the slice of real order history that the sample company is made of; run once, its result is in the repository.

    python tools/cut_sample.py online_retail_2009-12_to_2010-12.csv.gz src/flowrack/integrations/sample/orders.csv.gz

Takes whole days from FIRST to LAST and the lines of a fixed choice of items: every STEP-th item by value, so that fast,
middling and slow items are all there. Charges, write-offs and cancellations of those items and days stay in.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from pathlib import Path

FIRST, LAST = "2010-09-27", "2010-11-28"
STEP = 4
CUSTOMER_SHARE = 3  # one customer in three, and one anonymous document in three


def main(source: Path, target: Path) -> None:
    """Read the year, keep the slice, write it compressed and the same every time."""
    with gzip.open(source, "rt", encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        header = next(reader)
        rows = [row for row in reader if FIRST <= row[4][:10] <= LAST]
    value: dict[str, float] = {}
    for row in rows:
        code = row[1].strip().upper()
        if code[:5].isdigit() and not row[0].startswith("C"):
            value[code] = value.get(code, 0.0) + int(row[3]) * float(row[5])
    ranked = sorted(value, key=lambda code: (-value[code], code))
    chosen = set(ranked[::STEP])
    kept = [row for row in rows if _belongs(row, chosen)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(kept)
    target.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))
    print(f"{len(kept):,} lines, {len(chosen)} items, {target.stat().st_size:,} bytes")


def _belongs(row: list[str], chosen: set[str]) -> bool:
    code = row[1].strip().upper()
    if code[:5].isdigit() and code not in chosen:
        return False
    who = row[6] or row[0].lstrip("CA")
    return int(who) % CUSTOMER_SHARE == 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
