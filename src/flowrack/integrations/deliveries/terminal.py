"""`flowrack scorecard FILE`: measure the suppliers of a delivery history."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from pathlib import Path

from flowrack.analytics.rules_suppliers import Window
from flowrack.integrations.deliveries import reader, words
from flowrack.integrations.deliveries.rules import score
from flowrack.integrations.deliveries.types import FaultyLine


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `flowrack scorecard`."""
    parser = subparsers.add_parser("scorecard", help="measure the suppliers of a delivery history (CSV, also gzipped)")
    parser.add_argument("file", type=Path, help="a line for each delivered line: supplier, promised and delivered date")
    parser.add_argument(
        "--map", action="append", default=[], metavar="NAME=COLUMN", help=f"columns: {', '.join(reader.KNOWN)}"
    )
    parser.add_argument("--early", type=int, default=0, metavar="DAYS", help="so much before the promise is on time")
    parser.add_argument("--late", type=int, default=0, metavar="DAYS", help="so much after the promise is on time")
    parser.add_argument("--suppliers", type=int, default=20, metavar="N", help="show so many (default 20)")
    parser.add_argument("--faults", type=Path, default=None, metavar="FILE", help="write every faulty line here (CSV)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.set_defaults(run=run, needs_database=False, needs_tables=False)


def run(arguments: argparse.Namespace) -> int:
    """Print the figures and what is wrong with the file."""
    chosen = dict(pair.partition("=")[::2] for pair in arguments.map)
    card = score(reader.read(arguments.file, chosen), Window(arguments.early, arguments.late))
    if arguments.faults is not None:
        _write_faults(arguments.faults, card.faults)
    if arguments.json:
        print(json.dumps(words.as_data(card), indent=2, default=str))
    else:
        print(words.in_words(card, suppliers=arguments.suppliers))
    return 0


def _write_faults(path: Path, faults: Sequence[FaultyLine]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["Line", "Fault", "Text", "Supplier"])
        writer.writerows([[f.line_no, f.fault.value, f.text, f.supplier] for f in faults])
