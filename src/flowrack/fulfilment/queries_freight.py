"""The freight by which cartons of orders are planned: the cards in force, and the places to which the orders go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from flowrack.carriers import queries as carriers
from flowrack.carriers.rules_rates import Destination
from flowrack.fulfilment.rules_cartons import CartonKind, FreightOf
from flowrack.fulfilment.rules_freight import Way, freight_of
from flowrack.platform import sql


def freights(order_ids: Iterable[int], kinds: Sequence[CartonKind], on: date) -> dict[int, FreightOf]:
    """The freight of cartons for each order; none for orders to where no card in force goes. Nine queries, one without
    a rate card."""
    tariffs = carriers.tariffs(on) if kinds else []
    if not tariffs:
        return {}
    rows = sql.fetch_all(
        """
        SELECT o.id, o.site_id, s.country, coalesce(nullif(a.country, ''), nullif(p.country, ''), s.country),
               coalesce(a.postcode, ''), coalesce(a.region, ''), coalesce(a.is_residential, false)
        FROM sales_order o JOIN locations_site s ON s.id = o.site_id JOIN parties_party p ON p.id = o.customer_id
        LEFT JOIN LATERAL (
            SELECT * FROM parties_address a WHERE a.id = o.ship_to_id OR (o.ship_to_id IS NULL AND a.party_id = p.id)
            ORDER BY a.is_default DESC, a.id LIMIT 1
        ) AS a ON true
        WHERE o.id = ANY(%s::bigint[])
        """,
        (sorted(set(order_ids)),),
    )
    ways: dict[Way, FreightOf | None] = {}
    found = {}
    for order_id, site_id, origin, *to in rows:
        way = Way(site_id, origin, Destination(*to), on)
        if way not in ways:
            ways[way] = freight_of(tariffs, way, kinds)
        of = ways[way]
        if of is not None:
            found[order_id] = of
    return found
