"""What customers of a replay wish beside goods: some order for a later day, some take a variant where theirs is short.

Both are made up, as `rules` says. Stock for a later day is promised a week before, by rules that one person writes and
another approves; variants are substitutes, and who takes them is offered them on the day of his order.
"""

from __future__ import annotations

from datetime import date, timedelta

from flowrack.allocation import queries_substitutes
from flowrack.allocation.commands_rules import ask_rule_set, write_rule_set
from flowrack.allocation.commands_substitutes import accept_offer
from flowrack.allocation.types_rules import SHIPPED, ActivateRuleSet, RuleSet, WriteRuleSet
from flowrack.allocation.types_substitutes import AcceptOffer, SeenPortion
from flowrack.approvals.commands import decide
from flowrack.approvals.types import Decide, Seen
from flowrack.catalog.commands import set_substitute
from flowrack.catalog.types import SetSubstitute
from flowrack.integrations.replay import reads_service, rules
from flowrack.integrations.replay.house import House, moment
from flowrack.integrations.replay.outward import SOON

HORIZON_DAYS = 7
UNTRIED = "There is no history yet."


def prepare(house: House) -> None:
    """Before the first day: variants may be sent for each other, and stock is promised a week ahead."""
    at = moment(house.world.first_on - timedelta(days=3), 10)
    for sku, other in rules.variants(house.world.items):
        wanted = SetSubstitute(sku, other, needs_consent=False)
        house.do(set_substitute, "data_steward", wanted, key=f"substitute:{sku}", at=at)
    written = WriteRuleSet(0, "A week ahead", RuleSet(horizon_days=HORIZON_DAYS))
    saved = house.do(write_rule_set, "planner", written, key="horizon:write", at=at)
    asked = ActivateRuleSet(saved.rule_set_id, SHIPPED, UNTRIED)
    house.do(ask_rule_set, "planner", asked, key="horizon:ask", at=at)
    waiting = [Seen(*row) for row in reads_service.waiting_requests(saved.rule_set_id)]
    if waiting:
        house.do(decide, "sales_manager", Decide(waiting, "approve"), key="horizon:decide", at=at)
    house.tell()


def offer_variants(house: House, on: date, name: str, hour: int) -> None:
    """Who takes substitutes and got less than he wants today is sent variants, as far as they are free."""
    for site in house.sites:
        for line_id, word in reads_service.lines_to_offer(site.site_id, on + SOON, moment(on, 0)):
            key = f"{on}:variant:{name}:{word}"
            line = queries_substitutes.short_line(line_id, on)
            if line is None or house.is_done(key):
                continue
            offer = queries_substitutes.propose(line, on, moment(on, hour, 3)).offers.a
            if offer is None or not offer.portions or any(portion.asks for portion in offer.portions):
                continue
            seen = [SeenPortion(portion.edge.item_id, portion.units) for portion in offer.portions]
            accepted = AcceptOffer(line_id, "A", seen)
            done = house.do(accept_offer, "customer_service", accepted, key=key, at=moment(on, hour, 3))
            house.tally.substituted_units += done.replaced
    house.tell()
