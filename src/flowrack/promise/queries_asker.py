"""Who asks for what, by the codes of a question: the customer with his terms, the item with packs and substitutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flowrack.platform import sql
from flowrack.platform.sql import Asked

ALL_SITES = frozenset({0})


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for what: ids are None where a code is not known."""

    customer_id: int | None
    customer: str
    tier: str
    policy: str
    takes_substitutes: bool
    min_life_days: int
    region: str
    item_id: int | None
    sku: str
    item: str
    base_uom: str
    is_active: bool
    factor: int | None
    packs: tuple[str, ...]
    sites: tuple[tuple[int, str], ...]
    substitutes: tuple[tuple[int, str, int, int], ...]
    most_free: int
    customer_code: str
    way: int | None
    meanings: str = ""


_ASKER = """
    SELECT c.id, coalesce(c.name, ''), coalesce(t.tier, 'C'), coalesce(t.ships_partial, 'partial'),
           coalesce(t.substitutes, 'no') = 'yes', coalesce(t.min_remaining_life_days, 0), coalesce(a.region, ''),
           i.id, coalesce(i.sku, ''), coalesce(i.name, ''), coalesce(i.base_uom, ''), coalesce(i.is_active, false),
           CASE WHEN %(pack)s = '' THEN 1 ELSE l.factor END,
           (SELECT array_agg(p.level ORDER BY p.factor) FROM catalog_packlevel p WHERE p.item_id = i.id),
           (SELECT json_agg(json_build_array(s.id, s.timezone) ORDER BY s.code) FROM locations_site s
            WHERE s.id = ANY(here.ids)),
           (SELECT json_agg(json_build_array(r.id, r.sku, x.ratio_num, x.ratio_den) ORDER BY x.needs_consent, x.id)
            FROM catalog_substitute x JOIN catalog_item r ON r.id = x.replaces_with_id AND r.is_active
            WHERE x.item_id = i.id),
           (SELECT coalesce(max(f.free), 0)::bigint FROM (
                SELECT sum(p.reserve + p.forward_pick - p.committed) AS free FROM ledger_pool p
                WHERE p.item_id = i.id AND p.site_id = ANY(here.ids) AND p.owner_id = 1 GROUP BY p.site_id) AS f),
           coalesce(c.code, ''),
           coalesce(a.transit_days, nullif(t.transit_days, 0))
    FROM (
        SELECT array_agg(s.id) AS ids FROM locations_site s
        WHERE s.is_active AND (%(site)s = 0 OR s.id = %(site)s)
          AND (0 = ANY(%(allowed)s::bigint[]) OR s.id = ANY(%(allowed)s::bigint[]))
    ) AS here
    LEFT JOIN parties_party c ON c.id = (
        SELECT p.id FROM parties_party p WHERE p.is_customer AND p.is_active AND p.code = ANY(%(customer)s::text[])
        ORDER BY p.code <> (%(customer)s::text[])[1] LIMIT 1)
    LEFT JOIN parties_customerterms t ON t.party_id = c.id
    LEFT JOIN parties_address a ON a.party_id = c.id AND a.is_default
    LEFT JOIN catalog_item i ON i.id = (
        SELECT x.id FROM catalog_item x WHERE x.sku = ANY(%(item)s::text[])
        ORDER BY x.sku <> (%(item)s::text[])[1] LIMIT 1)
    LEFT JOIN catalog_packlevel l ON l.item_id = i.id AND %(pack)s <> '' AND lower(%(pack)s) IN (l.level, lower(l.name))
"""


def asker(customer: str, item: str, pack: str, site_id: int = 0, allowed: frozenset[int] = ALL_SITES) -> Asker:
    """Who asks for what, by codes, from which sites (one, or all of those allowed). One query."""
    return asker_of(sql.fetch_all(*ask_who(customer, item, pack, site_id, allowed)))


def ask_who(customer: str, item: str, pack: str, site_id: int, allowed: frozenset[int]) -> Asked:
    """The question of `asker`, to be asked together with others."""
    wanted = {"customer": [customer, customer.upper()], "item": [item, item.upper()], "pack": pack.strip()}
    return _ASKER, {**wanted, "site": site_id, "allowed": sorted(allowed)}


def asker_of(rows: Sequence[Sequence[Any]]) -> Asker:
    """The answer to `ask_who`."""
    [row] = rows
    sites = tuple((one[0], one[1]) for one in row[14] or ())
    substitutes = tuple((one[0], one[1], one[2], one[3]) for one in row[15] or ())
    return Asker(*(*row[:13], tuple(row[13] or ()), sites, substitutes, *row[16:]))


def with_item(found: Asker, sku: str, factor: int) -> Asker:
    """The same for an item that was named by a barcode, whose pack gives the factor."""
    again = asker("", sku, "", 0, frozenset(site_id for site_id, _ in found.sites))
    return replace(
        found,
        item_id=again.item_id, sku=again.sku, item=again.item, base_uom=again.base_uom, is_active=again.is_active,
        factor=factor, packs=again.packs, substitutes=again.substitutes, most_free=again.most_free,
    )  # fmt: skip
