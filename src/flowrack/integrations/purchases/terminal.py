"""`flowrack import purchases DIR`: play a purchase history, and compare the books with it."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flowrack.integrations import people
from flowrack.integrations.masterdata import MasterData, PlaceSpec
from flowrack.integrations.purchases import load, queries, reader
from flowrack.integrations.purchases.types import Plan, Totals
from flowrack.integrations.replay.setup import ZONES, bins
from flowrack.locations import queries as locations
from flowrack.platform.http import now
from flowrack.platform.importing.cli import kinds_of
from flowrack.shared.errors import NotFound

FIRST_SITE = "MAIN"
FIRST_BINS = 1_000
NAMED = 10


def register(subparsers: Any) -> None:
    """Add `flowrack import purchases`."""
    parser = kinds_of(subparsers).add_parser("purchases", help="a history of purchases, receipts and rejected goods")
    parser.add_argument("directory", type=Path, help=f"holds {', '.join(reader.TABLES)} as CSV")
    parser.add_argument("--dry-run", action="store_true", help="read and report only; write nothing")
    parser.add_argument("--create-missing", action="store_true", help="make suppliers and items that are not known")
    parser.add_argument("--site", default="", help="where the goods came to (default: the only site)")
    parser.add_argument("--limit", type=int, default=None, metavar="N", help="the first orders only")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Play the history; 1 when the books do not agree with it."""
    history = reader.read(arguments.directory, limit=arguments.limit)
    wanted, odd = reader.totals(history), reader.oddities(history)
    report: dict[str, Any] = {"history": asdict(wanted), "oddities": odd}
    agrees = True
    if not arguments.dry_run:
        staff = people.hire_importers("purchase import")
        plan = Plan(_site(arguments, staff), arguments.create_missing)
        played = load.play(history, plan, staff, _tell)
        books = queries.books(played.po_ids)
        agrees = books == wanted
        report |= {
            "books": asdict(books),
            "agrees": agrees,
            "written": {"orders": played.orders, "receipts": played.receipts, "putaways": played.putaways},
            "totals_beyond_rounding": played.beyond_rounding,
        }
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(json.dumps(report, indent=2) if arguments.json else _in_words(report, wanted))
    return 0 if agrees else 1


def _site(arguments: argparse.Namespace, staff: people.People) -> int:
    """The site of the goods; an empty house gets its first one when missing things may be made."""
    if arguments.site:
        return locations.site(arguments.site).site_id
    sites = locations.sites()
    if len(sites) == 1:
        return sites[0].site_id
    if not sites and arguments.create_missing:
        places = [PlaceSpec("RCV", "DOCK-1", "door"), PlaceSpec("DMG", "DAMAGED-1"), *bins(FIRST_BINS)]
        return MasterData(staff, now()).site(FIRST_SITE, "Main warehouse", ZONES, places)[0]
    raise NotFound(f"There are {len(sites)} sites.", fix="Say which one the goods came to: --site CODE.")


def _in_words(report: dict[str, Any], wanted: Totals) -> str:
    books = report.get("books", {})
    rows = [f"{'':<16}{'history':>14}" + (f"{'books':>14}" if books else "")]
    for name, figure in asdict(wanted).items():
        rows.append(f"{name.replace('_', ' '):<16}{figure:>14,}" + (f"{books[name]:>14,}" if books else ""))
    for sentence, references in report["oddities"].items():
        more = ", ..." if len(references) > NAMED else ""
        rows.append(f"{len(references):,} orders: {sentence} ({', '.join(references[:NAMED])}{more})")
    if books:
        off = report["totals_beyond_rounding"]
        rows.append(
            f"{len(off):,} orders whose total differs from the subtotal of their head by more than rounding explains"
        )
        rows.append("written now: " + ", ".join(f"{count:,} {name}" for name, count in report["written"].items()))
        rows.append("The books agree with the history." if report["agrees"] else "THE BOOKS DO NOT AGREE.")
    else:
        rows.append("Dry run: nothing was written.")
    return "\n".join(rows)


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text}   ", end="", file=sys.stderr, flush=True)
