"""What order entry looks up: customers with their terms, and items as their sites sell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from flowrack.catalog import queries as catalog
from flowrack.platform import sql
from flowrack.sales import queries_codes
from flowrack.sales.rules_holds import EVERY_ITEM, SHIPPED
from flowrack.sales.types import NewLine
from flowrack.sales.types_changes import OrderTerms


@dataclass(frozen=True, slots=True)
class Terms:
    """What order entry needs to know of a customer; ids are None where the code is not known."""

    customer_id: int | None
    tier: str
    policy: str  # the customer's, as the terms in `usual` are
    usual: OrderTerms
    ship_to_id: int | None
    duplicate: str | None
    today: date | None  # at the site; None where there is no such site
    has_credit: bool
    doubts_address: bool
    channel: str = ""  # of the order, else of the customer
    contract: str = ""
    knows_channel: bool = True
    knows_type: bool = True


USUAL = """t.max_shipments, coalesce(t.last_shipment, 'waits'), coalesce(t.min_shipment_value, 0), t.cancel_after_days,
               coalesce(t.substitutes, 'no'), coalesce(t.min_remaining_life_days, 0), coalesce(t.lot_rule, 'any')"""


def usual_of(customer_id: int) -> OrderTerms:
    """What a customer asks of shipments and goods as a rule. One query."""
    row = sql.fetch_one(
        f"""
        SELECT {USUAL} FROM parties_party p LEFT JOIN parties_customerterms t ON t.party_id = p.id WHERE p.id = %s
        """,  # noqa: S608 - names of columns
        (customer_id,),
    )
    assert row is not None, "the customer of an order"
    return OrderTerms(*row)


def terms(
    customers: Sequence[str],
    ship_tos: Sequence[str],
    references: Sequence[str],
    sites: Sequence[int],
    sorts: Sequence[tuple[str, str, str]],
    *,
    now: datetime,
) -> list[Terms]:
    """The terms for each asked order, in order; `sorts` are channel, order type and contract of each. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT p.id, coalesce(t.tier, 'C'), coalesce(t.ships_partial, 'partial'), {USUAL},
               a.id, d.number,
               (%s::timestamptz AT TIME ZONE s.timezone)::date,
               EXISTS (SELECT FROM sales_credit c WHERE c.customer_id = p.id AND c.ended_at IS NULL
                       AND (c.is_stopped OR c.credit_limit IS NOT NULL)),
               CASE WHEN a.id IS NULL THEN EXISTS (
                        SELECT FROM sales_holdrules r WHERE r.ended_at IS NULL AND r.needs_address
                        AND (r.site_id IS NULL OR r.site_id = w.site_id))
                    ELSE a.is_to_check OR NOT a.is_active END,
               coalesce(nullif(w.channel, ''), t.channel, ''), coalesce(nullif(w.contract, ''), t.contract, ''),
               coalesce(nullif(w.channel, ''), t.channel, '') = '' OR EXISTS (
                   SELECT FROM sales_ordercode c WHERE c.list = 'channel' AND c.is_active
                   AND c.code = coalesce(nullif(w.channel, ''), t.channel)),
               w.order_type = '' OR EXISTS (
                   SELECT FROM sales_ordercode c WHERE c.list = 'order type' AND c.is_active AND c.code = w.order_type)
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[])
             WITH ORDINALITY AS w(code, ship_to, reference, site_id, channel, order_type, contract, n)
        LEFT JOIN parties_party p ON p.code = w.code AND p.is_customer
        LEFT JOIN parties_customerterms t ON t.party_id = p.id
        LEFT JOIN parties_address a ON a.party_id = p.id
             AND (a.code = w.ship_to OR (w.ship_to = '' AND a.is_default AND a.is_active))
        LEFT JOIN sales_order d ON d.customer_id = p.id AND d.reference = w.reference AND d.reference <> ''
        LEFT JOIN locations_site s ON s.id = w.site_id
        ORDER BY w.n
        """,  # noqa: S608 - names of columns
        (
            now,
            list(customers),
            list(ship_tos),
            list(references),
            list(sites),
            *([row[n] for row in sorts] for n in range(3)),
        ),
    )
    return [Terms(row[0], row[1], row[2], OrderTerms(*row[3:10]), *row[10:]) for row in rows]


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item as an order line names it: by SKU, with the factor of the pack that was asked for.

    More than `doubtful_units` are looked at twice; None where nothing is in doubt. `unit_cost` is what a unit of our
    stock at the site costs now, by the books, or did when there last was any; None where it never lay there.
    """

    item_id: int | None
    is_active: bool
    list_price: Decimal | None
    factor: int | None
    doubtful_units: int | None
    unit_cost: Decimal | None = None
    packs: str = ""
    meanings: str = ""


def items(codes: Sequence[str], packs: Sequence[str], sites: Sequence[int]) -> list[KnownItem]:
    """Items by SKU, in order, as their sites sell them; the factor is None when there is no such pack. One query."""
    rows = sql.fetch_all(
        """
        SELECT i.id, coalesce(i.is_active, false), i.list_price, CASE WHEN w.pack = '' THEN 1 ELSE l.factor END,
               coalesce(h.doubtful_units,
                        greatest(coalesce(every.doubtful_units, greatest(r.floor_units, r.short_units), %s),
                                 coalesce(r.most_times, %s) * coalesce(h.greatest_units, 0))),
               CASE WHEN b.id IS NULL THEN (
                        SELECT coalesce(sum(l.value) / nullif(sum(l.units), 0), max(l.unit_cost))
                        FROM ledger_book l WHERE l.item_id = i.id AND l.site_id = w.site_id AND l.account = 'inventory')
                    WHEN b.units > 0 THEN b.value / b.units ELSE b.unit_cost END,
               CASE WHEN w.pack <> '' AND l.factor IS NULL THEN (
                        SELECT string_agg(k.level || ' of ' || k.factor, ', ' ORDER BY k.factor)
                        FROM catalog_packlevel k WHERE k.item_id = i.id) END
        FROM unnest(%s::text[], %s::text[], %s::bigint[]) WITH ORDINALITY AS w(code, pack, site_id, n)
        LEFT JOIN catalog_item i ON i.sku = w.code
        LEFT JOIN catalog_packlevel l ON l.item_id = i.id AND l.level = w.pack AND w.pack <> ''
        LEFT JOIN sales_itemhistory h ON h.item_id = i.id AND h.site_id = w.site_id
        LEFT JOIN sales_itemhistory every ON every.item_id = %s AND every.site_id = w.site_id
        LEFT JOIN LATERAL (
            SELECT x.floor_units, x.most_times, x.short_units FROM sales_holdrules x
            WHERE x.ended_at IS NULL AND (x.site_id = w.site_id OR x.site_id IS NULL)
            ORDER BY x.site_id NULLS LAST LIMIT 1
        ) AS r ON true
        LEFT JOIN ledger_book b ON b.item_id = i.id AND b.site_id = w.site_id AND b.account = 'inventory'
             AND b.lot_id = 0
        ORDER BY w.n
        """,
        (SHIPPED.short_units, SHIPPED.most_times, list(codes), list(packs), list(sites), EVERY_ITEM),
    )
    return [replace(KnownItem(*row[:6]), packs=row[6] or "") for row in rows]


def least_doubtful(item_ids: Sequence[int]) -> dict[int, int]:
    """Of items, the least limit that any site in use has for a line: no more units than so many are in doubt anywhere.
    One query."""
    rows = sql.fetch_all(
        """
        SELECT w.item_id, min(least(h.doubtful_units, coalesce(every.doubtful_units, greatest(
                   coalesce(r.floor_units, %(floor)s), coalesce(r.short_units, %(short)s)))))
        FROM unnest(%(items)s::bigint[]) AS w(item_id) CROSS JOIN locations_site s
        LEFT JOIN sales_itemhistory h ON h.item_id = w.item_id AND h.site_id = s.id
        LEFT JOIN sales_itemhistory every ON every.item_id = %(every)s AND every.site_id = s.id
        LEFT JOIN LATERAL (
            SELECT x.floor_units, x.short_units FROM sales_holdrules x
            WHERE x.ended_at IS NULL AND (x.site_id = s.id OR x.site_id IS NULL)
            ORDER BY x.site_id NULLS LAST LIMIT 1
        ) AS r ON true
        WHERE s.is_active GROUP BY w.item_id
        """,
        {
            "items": list(item_ids), "every": EVERY_ITEM, "floor": SHIPPED.floor_units, "short": SHIPPED.short_units,
        },
    )  # fmt: skip
    return dict(rows)


def by_customer(
    asked: Sequence[NewLine], customers: Sequence[str], sites: Sequence[int], found: list[KnownItem]
) -> list[KnownItem]:
    """A second look for codes that are no SKU: the customer's own numbers of items. Two queries where he has any."""
    pairs = [(customer, line.item.strip()) for line, customer in zip(asked, customers, strict=True)]
    missing = [at for at, item in enumerate(found) if item.item_id is None and pairs[at][1]]
    meant = queries_codes.meant(sorted({pairs[at] for at in missing}))
    hits = [at for at in missing if pairs[at] in meant]
    if not hits:
        return found
    again = items(
        [meant[pairs[at]].sku for at in hits], [asked[at].pack.strip() for at in hits], [sites[at] for at in hits]
    )
    out = list(found)
    for at, item in zip(hits, again, strict=True):
        out[at] = item if asked[at].pack.strip() else replace(item, factor=meant[pairs[at]].factor)
    return out


def by_barcode(
    asked: Sequence[NewLine], sites: Sequence[int], found: list[KnownItem], missing: list[str]
) -> list[KnownItem]:
    """A third look for codes that are no SKU: GTINs and barcodes, whose pack gives the factor."""
    codes = [line.item.strip() for line in asked]
    meant = catalog.find_codes(missing)
    hits = {code: found_as[0] for code, found_as in meant.items() if len(found_as) == 1 and found_as[0].kind == "item"}
    if not any(meant.values()):
        return found
    names = [(code, site) for code in hits for site in sorted(set(sites))]
    again = dict(
        zip(
            names,
            items([hits[code].sku for code, _ in names], ["" for _ in names], [site for _, site in names]),
            strict=True,
        )
    )
    out: list[KnownItem] = []
    for line, code, site, item in zip(asked, codes, sites, found, strict=True):
        if item.item_id is None and (code, site) in again:
            factor = hits[code].factor if not line.pack.strip() else None
            out.append(replace(again[code, site], factor=factor))
        elif item.item_id is None and len(meant.get(code, [])) > 1:
            several = ", ".join(f"{one.sku} ({one.factor} units)" for one in meant[code])
            out.append(KnownItem(None, False, None, None, None, meanings=several))
        else:
            out.append(item)
    return out
