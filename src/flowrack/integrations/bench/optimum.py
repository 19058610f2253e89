"""How far the allocation is from the best that is possible, on made-up orders that compete for too little stock."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from flowrack.allocation.rules import Claim, Pool
from flowrack.allocation.rules_best import best_aims
from flowrack.allocation.rules_decide import Inputs, decide
from flowrack.allocation.rules_optimum import Worth, best, worth_of
from flowrack.allocation.types_rules import ClassRule, RuleSet, Weights
from flowrack.integrations.bench.harness import Figure, Scale, bench

TODAY = date(2026, 11, 30)
LINES_AN_ITEM = 20
SECONDS = 120
SCARCITY = (60, 80, 100)  # stock in percent of what is wanted, on the average of the items
WHOLE_FIRST = RuleSet(classes=(ClassRule("All orders", weights=Weights(tier=20, whole=6, date=1)),))


@bench("allocation.optimum_gap")
def optimum_gap(scale: Scale) -> Iterator[Figure]:
    """Percent of the best worth that is missed: by the shipped rules in rank order, where orders go first that are not
    split, and by the shipped rules in a full run by the best total value."""
    lines = scale.of(20_000, 400)
    gaps: dict[str, list[Worth]] = {"": [], "@whole": [], "@best": []}
    started = time.perf_counter()
    for seed, percent in enumerate(SCARCITY, start=1):
        claims, pools, worth = instance(lines, percent, seed)
        most = best(claims, pools, worth)
        for name, rules in (("", RuleSet()), ("@whole", WHOLE_FIRST)):
            shares = decide(rules, Inputs(TODAY, claims, pools)).shares
            gaps[name].append(Worth(sum(one.units * worth[one.claim.line_id] for one in shares), most))
        found = best_aims(RuleSet(), Inputs(TODAY, claims, pools), worth, SECONDS, since(time.perf_counter()))
        gaps["@best"].append(Worth(found.reached, most))
    seconds = time.perf_counter() - started
    for name, of_rules in gaps.items():
        worst = max(one.gap for one in of_rules)
        yield Figure(f"allocation.optimum_gap{name}", float(worst), "% missed", None, None, lines, seconds=seconds)


def since(started: float) -> Callable[[], Decimal]:
    """The seconds that went by."""
    return lambda: Decimal(time.perf_counter() - started)


def instance(lines: int, percent: int, seed: int) -> tuple[list[Claim], list[Pool], dict[int, int]]:
    """Claims, pools and the worth of a unit by line. A fifth of the orders is not split, a fifth in no line."""
    chance = random.Random(seed)
    items = max(lines // LINES_AN_ITEM, 1)
    prices = {item: Decimal(chance.randint(50, 5_000)) / 100 for item in range(items)}
    claims: list[Claim] = []
    worth: dict[int, int] = {}
    wanted = dict.fromkeys(range(items), 0)
    order = 0
    while len(claims) < lines:
        order += 1
        tier = chance.choices("ABC", [1, 3, 6])[0]
        policy = chance.choices(["partial", "line", "complete"], [6, 2, 2])[0]
        ship_on, life = TODAY + timedelta(days=chance.randint(0, 14)), chance.choice([0, 0, 0, 30, 60])
        for _ in range(chance.randint(1, 8)):
            line = len(claims) + 1
            item, units = int(items * chance.random() ** 2), chance.choice([1, 2, 4, 6, 12, 24, 48])
            claims.append(Claim(line, order, f"SO-{order}", item, units, tier, ship_on, policy, life))
            worth[line] = worth_of(claims[-1], prices[item] * chance.choice([90, 100, 100, 110]) / 100)
            wanted[item] += units
    pools: list[Pool] = []
    for item in range(items):
        stock, lots = int(wanted[item] * percent * chance.randint(40, 140) // 10_000), chance.randint(1, 3)
        for _ in range(lots):
            n = len(pools) + 1
            expires_on = TODAY + timedelta(days=chance.randint(10, 200)) if item % 3 == 0 else None
            pools.append(Pool(n, item, n, f"L-{n}", expires_on, n, stock // lots))
    return claims, pools, worth
