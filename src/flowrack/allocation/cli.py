"""`flowrack allocation`: decide stored certificates again; hold the rules against the best that is possible."""

from __future__ import annotations

import argparse
from decimal import Decimal
from typing import Any

from flowrack.allocation import queries_certificates, queries_optimum, queries_sites
from flowrack.locations import queries as locations
from flowrack.platform.http import now

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
    many = "so many random lines, and as many of the newest choices of a site (1,000)"
    which.add_argument("--lines", type=int, default=1_000, metavar="COUNT", help=many)
    replay.add_argument("--seed", type=int, default=1, help="of the random lines; the same seed takes the same lines")
    replay.set_defaults(run=_replay)
    optimum = verbs.add_parser(
        "optimum",
        help="hold the rules in force against the best that could be given to today's open orders",
        description="Worth is the price of units, twice for tier B, four times for tier A. Nothing is promised.",
    )
    optimum.add_argument("--site", metavar="CODE", help="one site; all without it")
    optimum.add_argument("--rules", type=int, default=0, metavar="ID", help="a draft to hold beside the rules in force")
    optimum.set_defaults(run=_optimum)


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
    sites = queries_sites.replay(arguments.lines)
    if sites.choices:
        print(f"{sites.choices - len(sites.others):,} of {sites.choices:,} choices of a site identical.")
    for subject in sites.others[:NAMED]:
        print(f"  {subject}: another site")
    return 0 if done.lines and not done.others and not sites.others else 1


def _optimum(arguments: argparse.Namespace) -> int:
    wanted = (arguments.site or "").strip().upper()
    sites = [site for site in locations.sites() if not wanted or site.code == wanted]
    if not sites:
        print(f"There is no site {wanted}.")
        return 1
    for site in sites:
        found = queries_optimum.against_best(site.site_id, now(), rule_set_id=arguments.rules)
        print(f"{site.code}: {found.lines:,} open lines, worth {_money(found.now.best)} at best")
        print(f"  {found.present.rule}: {_money(found.now.reached)}, {found.now.gap} % less")
        if found.draft is not None:
            print(f"  draft {arguments.rules}: {_money(found.draft.reached)}, {found.draft.gap} % less")
    return 0


def _money(cents: int) -> str:
    return f"{Decimal(cents) / 100:,.2f}"
