"""A thousand random lines, decided under several rule sets, give the identical result from their certificates alone."""

from __future__ import annotations

import random

import pytest
from tests import outbound
from tests.cast import ADA, ctx

from flowrack.allocation import commands_runs, queries_certificates
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import ClassRule, Quota, RuleSet, SupplyRule, Weights
from flowrack.allocation.types_runs import AllocateItems

pytestmark = pytest.mark.django_db(transaction=True)

SETS = (
    RuleSet(),
    RuleSet(classes=(ClassRule("C", tiers=("C",)), ClassRule("Rest", weights=Weights(tier=2, age=1)))),
    RuleSet(
        classes=(ClassRule("Key", "guarantee", tiers=("A",)), ClassRule("Others", "share")),
        quotas=(Quota("B", "protect", 20, tiers=("B",)),),
        supply=SupplyRule(order="fifo"),
        fairness_percent=60,
    ),
)


def test_a_thousand_random_lines_replay_identically():
    at, chance = outbound.house(), random.Random(7)
    items = [outbound.item(f"47{n}") for n in range(6)]
    customers = [
        outbound.customer(f"C{n}", tier="ABC"[n % 3], policy=("partial", "line", "complete")[n // 3]) for n in range(9)
    ]
    for rules in SETS:
        for item in items:
            outbound.receive(at, item, chance.randrange(5, 60), "1")
        for _ in range(12):
            lines = [(f"47{n}", chance.randrange(1, 15)) for n in chance.sample(range(6), chance.randrange(1, 4))]
            outbound.order(at.site, chance.choice(customers), *lines)
        if rules != RuleSet():
            rulebook.in_force(at.site, rules)
        outbound.allocate(at.site)
        commands_runs.allocate_items(ctx(ADA), AllocateItems(at.site, items))
    found = queries_certificates.replay_lines(1_000, seed=11)
    assert (found.lines, found.identical_lines, found.others) == (1_000, 1_000, [])
    assert found.certificates >= 3
