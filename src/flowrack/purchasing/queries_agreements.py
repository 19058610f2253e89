"""Reads of supplier agreements: the terms that count for an order, one agreement, and the list of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flowrack.parties import rules_holidays
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.purchasing.types_agreements import (
    AgreedLine,
    AgreedTerms,
    AgreementContent,
    Break,
    ItemTerms,
    OrderTerms,
    PriceBreak,
)
from flowrack.shared.errors import NotFound
from flowrack.shared.quantity import Units

DEFAULT_LEAD_TIME_DAYS = 7
HOLIDAYS_AHEAD = timedelta(days=1_400)  # longer than any lead time and a wait

# The agreement for the site comes first; what it leaves open the one for every site says.
_IN_FORCE = """
    LEFT JOIN LATERAL (
        SELECT * FROM purchasing_agreement g WHERE g.supplier_id = a.supplier AND g.site_id = a.site
        AND g.state = 'active' AND g.valid_from <= a.day AND (g.valid_to IS NULL OR g.valid_to >= a.day) LIMIT 1
    ) AS here ON true
    LEFT JOIN LATERAL (
        SELECT * FROM purchasing_agreement g WHERE g.supplier_id = a.supplier AND g.site_id IS NULL
        AND g.state = 'active' AND g.valid_from <= a.day AND (g.valid_to IS NULL OR g.valid_to >= a.day) LIMIT 1
    ) AS house ON true
"""


def item_terms(asked: Sequence[tuple[int, int, int, date]]) -> dict[tuple[int, int, int], ItemTerms]:
    """The terms of (supplier, site, item) on a day; absent where neither an agreement nor the list names the item.

    A line for the site counts before one for every site, a line for the item before one for its family; what it
    leaves open the supplier's list says. One query.
    """
    rows = sql.fetch_all(
        f"""
        SELECT a.supplier, a.site, a.item, coalesce(l.moq, s.moq, 1),
               coalesce(l.multiple, CASE WHEN s.multiple > 1 THEN s.multiple END, t.order_multiple_units, 1),
               coalesce(l.lead_time_days, here.lead_time_days, house.lead_time_days, s.lead_time_days,
                        t.lead_time_days, %s),
               coalesce(l.over_pct, here.over_pct, house.over_pct, s.over_tolerance_pct), s.unit_cost,
               coalesce(l.agreement_id, 0),
               CASE l.agreement_id WHEN here.id THEN here.number || ' v' || here.version
                                   WHEN house.id THEN house.number || ' v' || house.version ELSE '' END,
               p.ids, p.from_units, p.costs, p.starts_on
        FROM (SELECT DISTINCT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::date[])
              AS a(supplier, site, item, day)) AS a
        JOIN catalog_item i ON i.id = a.item
        {_IN_FORCE}
        LEFT JOIN LATERAL (
            SELECT l.* FROM purchasing_agreementline l
            WHERE l.agreement_id IN (here.id, house.id) AND (l.item_id = a.item OR l.family_id = i.family_id)
            ORDER BY l.agreement_id = here.id DESC NULLS LAST, l.item_id IS NULL LIMIT 1
        ) AS l ON true
        LEFT JOIN LATERAL (
            SELECT array_agg(p.id ORDER BY p.from_units) AS ids, array_agg(p.from_units ORDER BY p.from_units)
                   AS from_units, array_agg(p.unit_cost ORDER BY p.from_units) AS costs, max(p.starts_on) AS starts_on
            FROM purchasing_agreementprice p
            WHERE p.line_id = l.id AND p.starts_on = (
                SELECT max(b.starts_on) FROM purchasing_agreementprice b
                WHERE b.line_id = l.id AND b.starts_on <= a.day)
        ) AS p ON true
        LEFT JOIN parties_supplieritem s ON s.supplier_id = a.supplier AND s.item_id = a.item AND s.is_active
        LEFT JOIN parties_supplierterms t ON t.party_id = a.supplier
        WHERE l.id IS NOT NULL OR s.id IS NOT NULL
        """,  # noqa: S608 (a constant of this module)
        (
            DEFAULT_LEAD_TIME_DAYS,
            [supplier for supplier, _, _, _ in asked],
            [site for _, site, _, _ in asked],
            [item for _, _, item, _ in asked],
            [day for _, _, _, day in asked],
        ),
    )
    return {(r[0], r[1], r[2]): _terms_of(*r[3:]) for r in rows}


def _terms_of(*row: Any) -> ItemTerms:
    *plain, ids, from_units, costs, starts_on = row
    breaks = tuple(Break(*one) for one in zip(ids or (), from_units or (), costs or (), strict=True))
    return replace(ItemTerms(*plain), breaks=breaks, starts_on=starts_on)


def order_terms(asked: Sequence[tuple[int, int, date]]) -> dict[tuple[int, int, date], OrderTerms]:
    """The terms for whole orders of (supplier, site) on a day, of active suppliers only. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT a.supplier, a.site, a.day, coalesce(here.lead_time_days, house.lead_time_days, t.lead_time_days, %s),
               coalesce(here.order_weekdays, house.order_weekdays, '{{1,2,3,4,5,6,7}}'),
               coalesce(here.delivery_weekdays, house.delivery_weekdays, t.delivery_weekdays, '{{1,2,3,4,5}}'),
               coalesce(here.closed_days, '{{}}') || coalesce(house.closed_days, '{{}}'),
               coalesce(here.min_value, house.min_value, t.min_order_value, 0),
               coalesce(here.min_weight_g, house.min_weight_g, 0), coalesce(here.min_volume_ml, house.min_volume_ml, 0),
               coalesce(here.under_pct, house.under_pct), coalesce(here.over_pct, house.over_pct),
               coalesce(here.early_days, house.early_days), coalesce(here.late_days, house.late_days),
               coalesce(here.number || ' v' || here.version, house.number || ' v' || house.version, ''), p.holidays_of
        FROM (SELECT DISTINCT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) AS a(supplier, site, day)) AS a
        JOIN parties_party p ON p.id = a.supplier AND p.is_supplier AND p.is_active
        {_IN_FORCE}
        LEFT JOIN parties_supplierterms t ON t.party_id = a.supplier
        """,  # noqa: S608 (a constant of this module)
        (
            DEFAULT_LEAD_TIME_DAYS,
            [supplier for supplier, _, _ in asked],
            [site for _, site, _ in asked],
            [day for _, _, day in asked],
        ),
    )
    return {
        (r[0], r[1], r[2]): OrderTerms(r[3], tuple(r[4]), tuple(r[5]), (*r[6], *_holidays(r[15], r[2])), *r[7:15])
        for r in rows
    }


def _holidays(country: str, day: date) -> tuple[date, ...]:
    """The public holidays on which a supplier neither takes orders nor delivers, as far ahead as an order may wait."""
    return rules_holidays.closed_days(country, day, day + HOLIDAYS_AHEAD)


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """A version of an agreement in a list."""

    id: int
    number: str
    version: int
    supplier_id: int
    supplier: str
    site_id: int
    site: str
    state: str
    phase: str
    valid_from: date
    valid_to: date | None
    lines: int
    min_value: Decimal | None
    reference: str
    created_by: str
    changed_by_id: int
    created_by_id: int
    approved_by: str
    approved_at: datetime | None
    revision: int
    end_reason: str


AGREEMENTS = """
    SELECT g.id, g.number, g.version, g.supplier_id, s.name AS supplier, coalesce(g.site_id, 0) AS site_id,
           coalesce(site.code, '') AS site, g.state,
           CASE WHEN g.state <> 'active' THEN g.state WHEN g.valid_to < today.day THEN 'ended'
                WHEN g.valid_from > today.day THEN 'to_come' ELSE 'in_force' END AS phase,
           g.valid_from, g.valid_to,
           (SELECT count(*) FROM purchasing_agreementline l WHERE l.agreement_id = g.id) AS lines,
           g.min_value, g.reference, c.full_name AS created_by, g.changed_by_id, g.created_by_id,
           coalesce(u.full_name, '') AS approved_by, g.approved_at, g.revision, g.end_reason
    FROM purchasing_agreement g
    JOIN parties_party s ON s.id = g.supplier_id
    JOIN platform_user c ON c.id = g.created_by_id
    LEFT JOIN platform_user u ON u.id = g.approved_by_id
    LEFT JOIN locations_site site ON site.id = g.site_id
    CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE coalesce(site.timezone, 'UTC'))::date AS day) AS today
"""
# Agreements for every site are seen by whoever may see the orders of any.
_SEEN = """
    WHERE EXISTS (
        SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
        WHERE held.user_id = %s AND (held.site_id = 0 OR g.site_id IS NULL OR held.site_id = g.site_id)
          AND 'purchasing.view' = ANY(r.permissions)
    )
"""


def agreement_page(query: ListQuery) -> Page[AgreementRow]:
    """All versions of agreements that the viewer may see. Two queries."""
    return sql_page(
        query, AgreementRow, AGREEMENTS + _SEEN, [query.actor_id], search=("number", "supplier", "reference")
    )


def agreements(
    *, site_ids: Sequence[int], supplier_id: int = 0, before: int | None = None, limit: int = 50
) -> list[AgreementRow]:
    """Versions of agreements for sites (0 = all) and for every site, newest first. One query."""
    rows = sql.fetch_all(
        AGREEMENTS
        + """
        WHERE (0 = ANY(%s::bigint[]) OR g.site_id IS NULL OR g.site_id = ANY(%s::bigint[]))
          AND (%s = 0 OR g.supplier_id = %s) AND (%s::bigint IS NULL OR g.id < %s::bigint)
        ORDER BY g.id DESC LIMIT %s
        """,
        (list(site_ids), list(site_ids), supplier_id, supplier_id, before, before, limit),
    )
    return [AgreementRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class AgreementPriceRow:
    """A price of an agreement, with what its line says besides."""

    item_id: int | None
    family_id: int | None
    code: str
    name: str
    from_units: int | None
    unit_cost: Decimal | None
    starts_on: date | None
    moq: int | None
    multiple: int | None
    lead_time_days: int | None
    over_pct: Decimal | None
    list_cost: Decimal | None


@dataclass(frozen=True, slots=True)
class AgreementRecord:
    """A version of an agreement with all it says."""

    head: AgreementRow
    content: AgreementContent
    prices: list[AgreementPriceRow]


def agreement(agreement_id: int, site_ids: Sequence[int]) -> AgreementRecord:
    """One version, if the person may see it (sites, 0 = all). Three queries. Refuses with NotFound."""
    head = sql.fetch_one(AGREEMENTS + " WHERE g.id = %s", (agreement_id,))
    if head is None or not (0 in site_ids or head[5] == 0 or head[5] in site_ids):
        raise NotFound(f"There is no agreement with id {agreement_id}.")
    row = AgreementRow(*head)
    return AgreementRecord(row, content_of(agreement_id), prices_of(agreement_id))


def content_of(agreement_id: int) -> AgreementContent:
    """What a version says, as a request would say it. Two queries."""
    head = sql.fetch_one(
        """
        SELECT supplier_id, valid_from, valid_to, site_id, reference, note, lead_time_days, min_value, min_weight_g,
               min_volume_ml, order_weekdays, delivery_weekdays, closed_days, over_pct, under_pct, early_days, late_days
        FROM purchasing_agreement WHERE id = %s
        """,
        (agreement_id,),
    )
    if head is None:
        raise NotFound(f"There is no agreement with id {agreement_id}.")
    lines: dict[tuple[int | None, int | None], AgreedLine] = {}
    for p in prices_of(agreement_id):
        line = lines.setdefault(
            (p.item_id, p.family_id),
            AgreedLine(
                p.item_id,
                p.family_id,
                [],
                None if p.moq is None else Units(p.moq),
                None if p.multiple is None else Units(p.multiple),
                p.lead_time_days,
                p.over_pct,
            ),
        )
        if p.from_units is not None and p.unit_cost is not None:
            line.prices.append(PriceBreak(Units(p.from_units), p.unit_cost, p.starts_on))
    return replace(AgreementContent(*head[:6]), terms=AgreedTerms(*head[6:]), lines=list(lines.values()))


def prices_of(agreement_id: int) -> list[AgreementPriceRow]:
    """The prices of a version by line, day and quantity; a line without prices once. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.item_id, l.family_id, coalesce(i.sku, f.code), coalesce(i.name, 'All of ' || f.name), p.from_units,
               p.unit_cost, p.starts_on, l.moq, l.multiple, l.lead_time_days, l.over_pct, s.unit_cost
        FROM purchasing_agreementline l
        JOIN purchasing_agreement g ON g.id = l.agreement_id
        LEFT JOIN purchasing_agreementprice p ON p.line_id = l.id
        LEFT JOIN catalog_item i ON i.id = l.item_id LEFT JOIN catalog_family f ON f.id = l.family_id
        LEFT JOIN parties_supplieritem s ON s.supplier_id = g.supplier_id AND s.item_id = l.item_id AND s.is_active
        WHERE l.agreement_id = %s ORDER BY l.id, p.starts_on, p.from_units
        """,
        (agreement_id,),
    )
    return [AgreementPriceRow(*row) for row in rows]


def unknown_of(content: AgreementContent) -> tuple[bool, bool, set[int], set[int]]:
    """What of a content is not there: the supplier, the site, items, families. One query."""
    items = [x.item_id for x in content.lines if x.item_id is not None]
    families = [x.family_id for x in content.lines if x.family_id is not None]
    row = sql.fetch_one(
        """
        SELECT EXISTS (SELECT FROM parties_party WHERE id = %s AND is_supplier AND is_active),
               EXISTS (SELECT FROM locations_site WHERE id = %s AND is_active),
               ARRAY(SELECT id FROM catalog_item WHERE id = ANY(%s)),
               ARRAY(SELECT id FROM catalog_family WHERE id = ANY(%s))
        """,
        (content.supplier_id, content.site_id or 0, items, families),
    )
    assert row is not None
    no_site = content.site_id is not None and not row[1]
    return not row[0], no_site, set(items) - set(row[2]), set(families) - set(row[3])


@dataclass(frozen=True, slots=True)
class PriceNote:
    """Where the price of a PO line came from."""

    source: str
    agreed_cost: Decimal | None
    agreement_id: int | None
    agreement: str
    from_units: int | None
    starts_on: date | None


def price_notes(po_id: int) -> dict[int, PriceNote]:
    """Where the prices of a PO's lines came from, by line id. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.price_source, l.agreed_cost, g.id, coalesce(g.number || ' v' || g.version, ''), p.from_units,
               p.starts_on
        FROM purchasing_poline l
        LEFT JOIN purchasing_agreementprice p ON p.id = l.agreement_price_id
        LEFT JOIN purchasing_agreementline a ON a.id = p.line_id
        LEFT JOIN purchasing_agreement g ON g.id = a.agreement_id
        WHERE l.po_id = %s
        """,
        (po_id,),
    )
    return {row[0]: PriceNote(*row[1:]) for row in rows}
