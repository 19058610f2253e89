"""Two drafts of allocation rules, to try on today's orders and on history."""

from __future__ import annotations

from datetime import datetime, timedelta

from flowrack.allocation import queries_rules
from flowrack.allocation.commands_rules import write_rule_set
from flowrack.allocation.rules_file import read_file
from flowrack.allocation.types_rules import WriteRuleSet
from flowrack.integrations.replay.house import House

TEXTS = (
    """
name: Key customers and a share for the web shop
why: Tier A must not wait behind others; the web shop loses orders when it is sold out
one customer: 60 %

classes
Key customers: guarantee; tier A
Web shop: keep; channel WEB; score date 3, age 1
All others: keep; score tier 2, date 3

quotas
Web shop: protect 10 %; channel WEB
""",
    """
name: Whole orders sooner
why: Half-filled orders are sent twice; what completes one goes first

classes
Overdue: keep; wanted up to 0; score age 2, tier 1
All others: keep; score consolidation 4, date 3, whole 2, tier 1
""",
)


def write_drafts(house: House, site_id: int, at: datetime) -> None:
    """The planner has written two sets of rules that nobody has tried yet."""
    codes = queries_rules.codes()
    for number, text in enumerate(TEXTS):
        found = read_file(text, codes)
        assert not found.bad, "our own text"
        req = WriteRuleSet(site_id, found.name, found.rules, found.note)
        when = at - timedelta(minutes=15 - number)
        house.do(write_rule_set, "planner", req, key=f"live:rules:{number}", at=when)
