"""The place of order lines by the rule set in force at their site: one rank for runs, cross-docks and displacement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from flowrack.allocation import queries_cross_docks, queries_inputs, queries_rules
from flowrack.allocation.rules import Claim
from flowrack.allocation.rules_rank import class_of, rank, standing_of
from flowrack.allocation.types_rules import ClassRule, RuleSet
from flowrack.platform import sql
from flowrack.sales import queries_open
from flowrack.sales.types import OpenLine


class Place(NamedTuple):
    """Where a line stands: its number in rank order, its class in order, and what runs may do with its promises."""

    number: int
    class_no: int
    semantics: str

    @property
    def keeps(self) -> tuple[int, int]:
        """Who keeps his promise longest comes first."""
        return standing_of(self.semantics), self.number


NOWHERE = Place(0, 0, "keep")


def has_plain_rank(rules: RuleSet) -> bool:
    """Whether tier, requested date, age and number alone make the rank, and nobody gives way before others."""
    [one, *more] = rules.classes
    return not more and one in (ClassRule(one.name), ClassRule(one.name, semantics="share"))


def places(line_ids: Sequence[int], site_id: int, today: date, quotes: Sequence[Claim] = ()) -> dict[int, Place]:
    """The places of lines of a site, and quotes, among each other; nothing where the order of the order list is their
    rank.

    One query, and three and more where a rule set says otherwise.
    """
    rules = queries_rules.in_force(site_id).rules
    if not line_ids or has_plain_rank(rules):
        return {}
    rows = sql.fetch_all(
        """
        SELECT l.id, l.order_id, o.number, l.item_id, l.open_units, l.units, o.tier, o.ship_by_on, o.ordered_at,
               o.policy, o.min_life_days, l.lot_code, o.customer_id, l.line_no, greatest(l.allocated_units, 1)
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
        WHERE l.id = ANY(%s::bigint[]) AND o.site_id = %s ORDER BY l.id
        """,
        (sorted(set(line_ids)), site_id),
    )
    lines = [OpenLine(*row) for row in rows]
    _, claims = queries_inputs.claims_of(None, site_id, lines, {}, rules, today=today)
    found = {}
    for number, one in enumerate(rank([*claims, *quotes], rules, today=today.toordinal()), start=1):
        its_class = class_of(rules, one.class_no)
        is_last = its_class.semantics == "improve"
        found[one.claim.line_id] = Place(number, one.class_no + (len(rules.classes) + 1) * is_last, its_class.semantics)
    return found


def orders_waiting(item_ids: Sequence[int], site_id: int, min_tier: str, now: datetime) -> list[int]:
    """Orders of this tier or better that wait for one of the items, best rank first, at most as many as matter. Two
    queries, and more where a rule set says otherwise."""
    rules = queries_rules.in_force(site_id).rules
    if has_plain_rank(rules):
        return queries_cross_docks.orders_waiting(item_ids, site_id, min_tier)
    lines = [line for line in queries_open.lines_waiting(site_id, item_ids) if line.tier <= min_tier]
    today, claims = queries_inputs.claims_of(now, site_id, lines, {}, rules)
    ranked = rank(claims, rules, today=today.toordinal())
    return list(dict.fromkeys(one.claim.order_id for one in ranked))[: queries_cross_docks.MOST_ORDERS]
