"""`flowrack allocation replay`: decide stored certificates again and say how many give the same."""

from __future__ import annotations

import argparse
from typing import Any

from flowrack.allocation import queries_certificates

NAMED = 20


def register(subparsers: Any) -> None:
    """Add the stage's sub-commands."""
    parser = subparsers.add_parser("allocation", help="work with what the allocation decided")
    verbs = parser.add_subparsers(dest="verb", required=True)
    replay = verbs.add_parser(
        "replay",
        help="decide stored certificates again, from what they hold alone, and compare",
        description="Ends with 1 when a certificate gives another result than the one stored.",
    )
    which = replay.add_mutually_exclusive_group()
    which.add_argument("--run", dest="run_id", type=int, metavar="N", help="all parts of one full run")
    which.add_argument("--lines", type=int, default=1_000, metavar="COUNT", help="so many random lines (1,000)")
    replay.add_argument("--seed", type=int, default=1, help="of the random lines; the same seed takes the same lines")
    replay.set_defaults(run=_replay)


def _replay(arguments: argparse.Namespace) -> int:
    if arguments.run_id is not None:
        done = queries_certificates.replay_run(arguments.run_id)
    else:
        done = queries_certificates.replay_lines(arguments.lines, arguments.seed)
    print(
        f"{done.identical_lines:,} of {done.lines:,} lines identical, in {done.identical:,} of {done.certificates:,}"
        " certificates."
    )
    for command_id in done.others[:NAMED]:
        print(f"  command {command_id}: another result")
    return 0 if done.lines and not done.others else 1
