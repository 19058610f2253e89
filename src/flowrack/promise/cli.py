"""`flowrack promise replay`: stored promises give the same answer again."""

from __future__ import annotations

import argparse

from flowrack.promise import queries_replay


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("promise", help="stored promises", description="What was promised, and why.")
    actions = parser.add_subparsers(dest="action", required=True)
    replay = actions.add_parser("replay", help="work out the newest stored promises again, from their stored inputs")
    replay.add_argument("--count", type=int, default=1_000, metavar="N", help="how many cases (1,000)")
    replay.set_defaults(run=_replay)


def _replay(arguments: argparse.Namespace) -> int:
    found = queries_replay.replay(arguments.count)
    print(f"{found.cases:,} cases with {found.asks:,} promises worked out again: {len(found.differing):,} differ.")
    for subject in found.differing[:20]:
        print(f"  {subject}")
    return 1 if found.differing else 0
