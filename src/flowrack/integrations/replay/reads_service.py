"""Reads of a replay about service: whom to offer a variant, and what the closing report says by tier and of slips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.allocation.types_rules import RULE_SET
from flowrack.analytics.queries.promises import PROMISES
from flowrack.platform import sql
from flowrack.shared.refs import ref

SLIP = "a slip, says the customer"


def waiting_requests(rule_set_id: int) -> list[tuple[int, str]]:
    """Approvals that a rule set waits for: id and what is approved."""
    rows = sql.fetch_all(
        "SELECT id, content_hash FROM approvals_request WHERE subject = %s AND state = 'waiting' ORDER BY id",
        (ref(RULE_SET, rule_set_id),),
    )
    return [(row[0], row[1]) for row in rows]


def lines_to_offer(site_id: int, on: date, since: datetime) -> list[tuple[int, str]]:
    """Lines ordered since a time and to leave by a day that still wait, of customers who take substitutes, where there
    are some: id and a name that is the same in every run."""
    rows = sql.fetch_all(
        """
        SELECT l.id, o.reference || '/' || l.line_no FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
        WHERE o.site_id = %s AND o.state IN ('confirmed', 'released') AND o.ordered_at >= %s AND o.ship_by_on <= %s
          AND o.substitutes = 'yes' AND l.open_units > 0 AND l.held_at_units IS NULL
          AND EXISTS (SELECT FROM catalog_substitute s WHERE s.item_id = l.item_id)
          AND NOT EXISTS (SELECT FROM sales_substitution x WHERE x.line_id = l.id)
        ORDER BY l.id
        """,
        (site_id, since, on),
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True, slots=True)
class TierService:
    """What the customers of a tier got: lines promised and kept by the first promise, units that they wanted and still
    want or got, and of these units that left by the promised day and ever."""

    tier: str
    lines: int
    kept: int
    units: int
    in_time: int
    sent: int


def by_tier(site_ids: Sequence[int], until: date) -> list[TierService]:
    """Service by tier, of lines that were promised to leave by a day. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT tier, count(*), count(*) FILTER (WHERE kept_first), coalesce(sum(units), 0)::bigint,
               coalesce(sum(units) FILTER (WHERE kept_first), 0)::bigint, coalesce(sum(least(sent, units)), 0)::bigint
        FROM ({PROMISES}) AS x WHERE site_id = ANY(%s::bigint[]) AND first_ships_on <= %s
        GROUP BY tier ORDER BY tier
        """,  # noqa: S608 - our own text
        (list(site_ids), until),
    )
    return [TierService(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Slip:
    """A line that was held for its quantity and turned out to be a slip."""

    reference: str
    customer: str
    sku: str
    units: int
    sentence: str


def slips(site_ids: Sequence[int]) -> list[Slip]:
    """Lines that were held and taken back by their customers, in the order in which they came. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.reference, p.code, i.sku, l.units, h.sentence
        FROM sales_hold h JOIN sales_orderline l ON l.id = h.line_id JOIN sales_order o ON o.id = l.order_id
        JOIN parties_party p ON p.id = o.customer_id JOIN catalog_item i ON i.id = l.item_id
        WHERE h.kind = 'quantity' AND h.ending = 'cancelled' AND o.site_id = ANY(%s::bigint[])
        ORDER BY h.placed_at, o.reference, l.line_no
        """,
        (list(site_ids),),
    )
    return [Slip(*row) for row in rows]
