"""`flowrack try-sourcing`: from which site each order of a day would ship, at which cost, and what could not."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from flowrack.allocation.rules_sourcing import Demand, Sourced, bottleneck, source
from flowrack.integrations.sourcing.reader import MILLION, Network, read
from flowrack.shared.errors import FlowrackError

NAMED = 20


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("try-sourcing", help="from which site each order of a day would ship, at which cost")
    parser.add_argument("folder", type=Path, help="a directory with the tables of orders, sites and freight")
    parser.add_argument("--all", action="store_true", help="name every order that cannot be placed")
    parser.set_defaults(run=_run, needs_tables=False, needs_company=False)


def _run(arguments: argparse.Namespace) -> int:
    try:
        demands, network = read(arguments.folder)
    except FlowrackError as refusal:
        print(f"{refusal.message} {refusal.fix}")
        return 1
    print(in_words(demands, source(demands, network.capacity), network, most=len(demands) if arguments.all else NAMED))
    return 0


def in_words(demands: Sequence[Demand], found: Sourced, network: Network, *, most: int = NAMED) -> str:
    """The result as a person reads it: how many, at which cost, how full each site is, what could not be placed, and
    why nobody could place more."""
    orders = len(found.site_of) + len(found.unplaced)
    cost = (Decimal(found.cost) / MILLION).quantize(Decimal("0.01"))
    lines = [f"{len(found.site_of):,} of {orders:,} orders placed, {len(found.unplaced):,} not; cost {cost:,}."]
    load = found.load()
    lines += [
        f"  {site:<12} {load.get(site, 0):>6,} of {network.capacity[site]:>6,}" for site in sorted(network.capacity)
    ]
    tight = bottleneck(demands, network.capacity, found)
    if tight is not None:
        lines.append(
            f"More cannot be placed: {tight.orders:,} orders can go to none but {', '.join(tight.sites)}, which take "
            f"{tight.capacity:,} a day; {tight.short:,} stay."
        )
    reasons = Counter(one.why for one in found.unplaced)
    lines += [f"Not placed, {count:,}: {why}" for why, count in reasons.most_common()]
    lines += [f"  {one.order}: {one.why}" for one in found.unplaced[:most]]
    if len(found.unplaced) > most:
        lines.append(f"  and {len(found.unplaced) - most:,} more")
    return "\n".join(lines)
