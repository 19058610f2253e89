"""`flowrack scenario`, `replay` and `scorecard`: stories and histories through the real commands and rules."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from flowrack.integrations.bench import cli as bench
from flowrack.integrations.deliveries import terminal as deliveries
from flowrack.integrations.orders import terminal as orders
from flowrack.integrations.orders.trial import in_words, try_rules
from flowrack.integrations.purchases import terminal as purchases
from flowrack.integrations.replay import policy
from flowrack.integrations.replay.report import as_text, closing_report
from flowrack.integrations.replay.run import run
from flowrack.integrations.replay.types import ReplayRefused, Settings
from flowrack.integrations.scenario.database import throw_away
from flowrack.integrations.scenario.run import closing_count, run_files
from flowrack.integrations.sourcing import terminal as sourcing
from flowrack.sales.rules_holds import SHIPPED

HOME_PERCENT = 51  # with these, two sites have about the same number of lines
COUNTS_A_DAY = 2  # at each site


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of integrations."""
    orders.register(subparsers)
    purchases.register(subparsers)
    deliveries.register(subparsers)
    bench.register(subparsers)
    sourcing.register(subparsers)
    trial = subparsers.add_parser("try-hold-rules", help="what the quantity rule would have held in an order history")
    trial.add_argument("file", type=Path, help="an order history: CSV, plain or gzipped")
    trial.add_argument("--factor", type=Decimal, default=SHIPPED.factor, help="spreads above the median (shipped: 6)")
    trial.add_argument("--floor", type=int, default=SHIPPED.floor_units, help="units never in doubt (shipped: 500)")
    trial.add_argument("--lines", type=int, default=SHIPPED.least_lines, help="of history at least (shipped: 20)")
    trial.set_defaults(run=_try_hold_rules, needs_tables=False, needs_company=False)
    scenario = subparsers.add_parser("scenario", help="play scenario files through the real commands")
    actions = scenario.add_subparsers(metavar="ACTION", required=True)
    play = actions.add_parser("run", help="play files in a throw-away database and compare every figure")
    play.add_argument("files", nargs="+", type=Path, metavar="FILE")
    play.add_argument("--only", nargs="*", default=[], metavar="ID", help="play these scenarios only")
    play.set_defaults(run=_run_scenarios, needs_tables=False, needs_company=False)
    replay = subparsers.add_parser("replay", help="run an order history through the whole flow at virtual time")
    replay.add_argument("file", type=Path, nargs="?", help="an order history: CSV, plain or gzipped")
    replay.add_argument("--seed", type=int, default=1, help="decides all simulated luck (default 1)")
    replay.add_argument("--days", type=int, default=None, help="stop after so many days of the file")
    replay.add_argument(
        "--site",
        action="append",
        default=[],
        metavar="CODE",
        help="a site; default two: KW1 and KW2, or all of a trial",
    )
    replay.add_argument(
        "--pickers", type=int, default=0, metavar="N", help="people at each site who walk pick lists (0: in one go)"
    )
    replay.add_argument("--verify", choices=["daily", "end"], default="end", help="prove the books every day, or once")
    replay.add_argument("--json", action="store_true", help="print the closing report as JSON")
    policy.add_arguments(replay)
    replay.set_defaults(run=_run_replay, needs_company=False)


def _try_hold_rules(arguments: argparse.Namespace) -> int:
    rules = replace(SHIPPED, factor=arguments.factor, floor_units=arguments.floor, least_lines=arguments.lines)
    print(in_words(try_rules(arguments.file, rules)))
    return 0


def _run_scenarios(arguments: argparse.Namespace) -> int:
    with throw_away(f"flowrack_scenarios_{os.getpid()}"):
        outcomes = run_files(arguments.files, lambda o: print(o.text(), flush=True), arguments.only)
    print(closing_count(outcomes))
    return 1 if any(outcome.failed for outcome in outcomes) else 0


def _run_replay(arguments: argparse.Namespace) -> int:
    if (arguments.file is None) == (arguments.policy is None):
        raise ReplayRefused(
            "Rules are tried on what this company's ledger holds, not on a file."
            if arguments.policy
            else "There is nothing to replay.",
            fix="Give an order history: flowrack replay FILE; or the rules to try: flowrack replay --policy RULES.",
        )
    if arguments.policy is not None:
        return policy.run(arguments)
    settings = Settings(
        seed=arguments.seed,
        days=arguments.days,
        sites=tuple(arguments.site) or ("KW1", "KW2"),
        home_percent=HOME_PERCENT,
        counts_a_day=COUNTS_A_DAY,
        verify_daily=arguments.verify == "daily",
        has_wishes=True,
        pickers=arguments.pickers,
        from_on=arguments.first,
    )
    done = run(arguments.file, settings, lambda text: print(text, file=sys.stderr, flush=True))
    report = closing_report(done)
    print(json.dumps(report, indent=2) if arguments.json else as_text(report))
    return 0
