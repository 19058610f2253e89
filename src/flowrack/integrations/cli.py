"""`flowrack scenario`: plays scenario files in a throw-away database."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from flowrack.integrations.bench import cli as bench
from flowrack.integrations.scenario.database import throw_away
from flowrack.integrations.scenario.run import closing_count, run_files


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of integrations."""
    bench.register(subparsers)
    scenario = subparsers.add_parser("scenario", help="play scenario files through the real commands")
    actions = scenario.add_subparsers(metavar="ACTION", required=True)
    run = actions.add_parser("run", help="play files in a throw-away database and compare every figure")
    run.add_argument("files", nargs="+", type=Path, metavar="FILE")
    run.add_argument("--only", nargs="*", default=[], metavar="ID", help="play these scenarios only")
    run.set_defaults(run=_run_scenarios, needs_tables=False)


def _run_scenarios(arguments: argparse.Namespace) -> int:
    with throw_away(f"flowrack_scenarios_{os.getpid()}"):
        outcomes = run_files(arguments.files, lambda o: print(o.text(), flush=True), arguments.only)
    print(closing_count(outcomes))
    return 1 if any(outcome.failed for outcome in outcomes) else 0
