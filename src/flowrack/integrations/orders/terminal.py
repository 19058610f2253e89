"""`flowrack import orders FILE`: parse, survey, refuse or load, report."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from flowrack.integrations import people
from flowrack.integrations.masterdata import CustomerSpec, MasterData, ZoneSpec
from flowrack.integrations.orders import load as loading
from flowrack.integrations.orders.survey import matched_days, survey
from flowrack.integrations.orders.words import as_data, in_words
from flowrack.locations import queries as locations
from flowrack.platform.http import now
from flowrack.platform.importing.cli import kinds_of
from flowrack.platform.permissions import grants_of
from flowrack.platform.runner import Context
from flowrack.shared.errors import NotFound

FIRST_SITE = "MAIN"


def register(subparsers: Any) -> None:
    """Add `flowrack import orders`."""
    parser = kinds_of(subparsers).add_parser("orders", help="customer orders from an order history (CSV, also gzipped)")
    parser.add_argument("file", type=Path, help="InvoiceNo, StockCode, Description, Quantity, InvoiceDate, ...")
    parser.add_argument("--dry-run", action="store_true", help="read, classify and report; write nothing")
    parser.add_argument("--create-missing", action="store_true", help="make items and customers that are not known")
    parser.add_argument(
        "--unknown-as-anonymous", action="store_true", help="take orders of unknown customers as counter sales"
    )
    parser.add_argument("--site", default="", help="where the orders are to leave from (default: the only site)")
    parser.add_argument("--rest", type=Path, default=None, metavar="FILE", help="write lines that are no orders here")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Import a file, or only report on it."""
    path: Path = arguments.file
    report, wanted = survey(path, _tell)
    written = {}
    if arguments.dry_run:
        for _ in matched_days(path, wanted, report):
            pass
    else:
        plan = loading.Plan(
            site_id=_site(arguments),
            create_missing=arguments.create_missing,
            unknown_as_anonymous=arguments.unknown_as_anonymous,
            rest=arguments.rest,
        )
        names = loading.gather(path)
        items, customers = loading.refuse_unknown(names, plan)
        staff = people.hire_robot("import")
        MasterData(staff, now()).customers([CustomerSpec(loading.ANONYMOUS, "Counter sales (no account)")])
        if plan.create_missing:
            loading.make_missing(names, items, customers, staff, now())
        loaded = loading.load(path, plan, report, wanted, lambda key: _context(staff, key), _tell)
        made = {"items_made": len(items), "customers_made": len(customers)} if plan.create_missing else {}
        written = {
            **made,
            "orders_entered": loaded.orders,
            "order_lines_entered": loaded.order_lines,
            "orders_there_before": loaded.already_there,
            "lines_that_are_no_orders": loaded.rest_lines,
        }
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if arguments.json:
        print(json.dumps({**as_data(report), "written": written}, indent=2))
    else:
        print(in_words(report))
        print("\n".join(f"{name.replace('_', ' ')}: {count:,}" for name, count in written.items()))
        if arguments.dry_run:
            print("Dry run: nothing was written.")
    return 0


def _site(arguments: argparse.Namespace) -> int:
    """The site of the orders; an empty house gets its first one when missing things may be made."""
    if arguments.site:
        return locations.site(arguments.site).site_id
    sites = locations.sites()
    if len(sites) == 1:
        return sites[0].site_id
    if not sites and arguments.create_missing:
        zones = [
            ZoneSpec("RCV", "Goods in", "receiving"),
            ZoneSpec("RSV", "Racks", "reserve"),
            ZoneSpec("STG", "Staging", "staged"),
        ]
        return MasterData(people.hire_robot("import"), now()).site(FIRST_SITE, "Main warehouse", zones, [])[0]
    raise NotFound(f"There are {len(sites)} sites.", fix="Say which one the orders leave from: --site CODE.")


def _context(staff: people.People, key: str) -> Context:
    user_id = staff.ids["integration"]
    return Context(actor_id=user_id, key=key, now=now(), grants=grants_of(user_id), device="command line")


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text}   ", end="", file=sys.stderr, flush=True)
