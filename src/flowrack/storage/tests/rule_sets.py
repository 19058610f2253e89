"""Rule sets in the tests: Hal writes them, Ada activates them."""

from __future__ import annotations

from datetime import date

from tests.cast import HAL, ctx

from flowrack.ledger.tests.house import House
from flowrack.storage import commands_rules
from flowrack.storage.types_putaway import PutawayRules, RuleSetSaved, Simulated, SimulatePutaways, WritePutawayRules

ON = date(2026, 3, 2)  # the day of the cast


def draft(here: House, *, rule_set_id: int = 0, **rules: object) -> RuleSetSaved:
    """Hal writes a version."""
    facts = PutawayRules(**{"name": "Reserve first", **rules})  # type: ignore[arg-type]
    return commands_rules.write_putaway_rules(ctx(HAL), WritePutawayRules(here.site, facts, "spring", rule_set_id))


def simulated(saved: RuleSetSaved, from_on: date = ON, to_on: date = ON) -> Simulated:
    """Hal tries it on past days."""
    return commands_rules.simulate_putaways(ctx(HAL), SimulatePutaways(saved.rule_set_id, from_on, to_on))
