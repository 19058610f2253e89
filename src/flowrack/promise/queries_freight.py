"""Freight of the options of an answer, by the rate cards in force; read only where somebody looks at it."""

from __future__ import annotations

from flowrack.carriers import queries as carriers
from flowrack.carriers.rules_rates import Destination, Hazard
from flowrack.platform import sql
from flowrack.promise.queries_ask import Answered
from flowrack.promise.rules_freight import Freight, Packed, To, freight_of

SEES = "promise.see_freight"


def freights(found: Answered) -> dict[str, Freight]:
    """What each option costs to send, by its kind; nothing without a customer, or where no rate card is in force. Some
    twelve queries, two without any card."""
    options = [one for one in found.answer.options if one.parts]
    customer_id = found.asked.who.customer_id
    if customer_id is None or not options:
        return {}
    tariffs = carriers.tariffs(min(part.ships_on for one in options for part in one.parts))
    if not tariffs:
        return {}
    to = _to(customer_id)
    items = {part.item_id for one in options for part in one.parts}
    packed = packed_of(items)
    return {str(one.kind): freight_of(one, to, packed, tariffs) for one in options}


def _to(customer_id: int) -> To:
    """The customer's usual address, his routing guide, and the countries of our sites. Three queries."""
    row = sql.fetch_one(
        """
        SELECT coalesce(nullif(a.country, ''), p.country), coalesce(a.postcode, ''), coalesce(a.region, ''),
               coalesce(a.is_residential, false)
        FROM parties_party p LEFT JOIN LATERAL (
            SELECT * FROM parties_address a WHERE a.party_id = p.id ORDER BY a.is_default DESC, a.id LIMIT 1
        ) AS a ON true
        WHERE p.id = %s
        """,
        (customer_id,),
    )
    assert row is not None, "the customer was found by the question"
    countries = dict(sql.fetch_all("SELECT id, country FROM locations_site ORDER BY id"))
    return To(Destination(*row), carriers.guides([customer_id]).get(customer_id, ()), countries)


def packed_of(item_ids: set[int]) -> dict[int, Packed]:
    """How items travel. One query."""
    rows = sql.fetch_all(
        """
        SELECT i.id, coalesce(e.weight_g, 0), coalesce(c.factor, 0), coalesce(c.weight_g, 0), c.length_mm, c.width_mm,
               c.height_mm, coalesce(nullif(i.hazard_division, ''), i.hazard_class), i.is_limited_quantity
        FROM catalog_item i LEFT JOIN catalog_packlevel e ON e.item_id = i.id AND e.level = 'each'
        LEFT JOIN catalog_packlevel c ON c.item_id = i.id AND c.level = 'case'
        WHERE i.id = ANY(%s::bigint[])
        """,
        (sorted(item_ids),),
    )
    found = {}
    for item_id, unit_g, factor, case_g, long, wide, high, hazard, is_limited in rows:
        sides = (long, wide, high) if long and wide and high else None
        hazards = (Hazard(hazard, is_limited),) if hazard else ()
        found[item_id] = Packed(unit_g, factor, case_g, sides, hazards)
    return found
