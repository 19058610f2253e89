"""Reads of parties for pages, API and later stages. Each function is one statement whatever the batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields

from flowrack.parties.models import Party
from flowrack.parties.types import (
    AddressRow,
    CarrierServiceRow,
    CustomerFields,
    CustomerTermsRow,
    PartyFields,
    PartyListRow,
    PartyRecord,
    PartyRow,
    SupplierFields,
    SupplierItemRow,
    SupplierTermsRow,
    UnknownParty,
)
from flowrack.platform import sql
from flowrack.platform.lookup import Found
from flowrack.platform.lookup import look_up as _look_up
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.errors import BadLine

PARTY = "SELECT id, code, name, is_supplier, is_customer, is_carrier, is_owner, country, is_active FROM parties_party"
ADDRESS = """
SELECT id, party_id, code, name, lines, city, region, postcode, country, is_default, is_to_check, transit_days,
       is_residential
FROM parties_address
"""
SUPPLIER_ITEM = """
SELECT si.supplier_id, si.item_id, si.supplier_sku, si.unit_cost, si.moq,
       CASE WHEN si.multiple > 1 THEN si.multiple ELSE COALESCE(t.order_multiple_units, 1) END,
       COALESCE(si.lead_time_days, t.lead_time_days, 7), si.over_tolerance_pct, si.is_preferred
FROM parties_supplieritem si LEFT JOIN parties_supplierterms t ON t.party_id = si.supplier_id
"""


def parties(party_ids: Iterable[int]) -> dict[int, PartyRow]:
    """Parties by id; ids that do not exist are left out."""
    rows = sql.fetch_all(PARTY + " WHERE id = ANY(%s::bigint[])", (sorted(set(party_ids)),))
    return {row[0]: PartyRow(*row) for row in rows}


def find_by_code(codes: Iterable[str]) -> dict[str, PartyRow]:
    """Parties by code; unknown codes are left out."""
    rows = sql.fetch_all(PARTY + " WHERE code = ANY(%s::text[])", (sorted(set(codes)),))
    return {row[1]: PartyRow(*row) for row in rows}


def by_code(codes: Sequence[str], *, part: str) -> dict[str, PartyRow]:
    """Parties in use that are supplier, customer, carrier or owner (`part`); refuses with UnknownParty by line."""
    found = find_by_code(codes)
    lines = [
        BadLine(line, part, f"There is no {part} “{code}” in use.", f"Check the code, or add the {part} first.")
        for line, code in enumerate(codes, start=1)
        if not (code in found and found[code].is_active and getattr(found[code], f"is_{part}"))
    ]
    if lines:
        raise UnknownParty(lines[0].message, lines=lines, fix=lines[0].fix)
    return found


def supplier_terms(supplier_ids: Iterable[int]) -> dict[int, SupplierTermsRow]:
    """Terms of suppliers; a supplier without terms of his own is left out."""
    rows = sql.fetch_all(
        """
        SELECT party_id, lead_time_days, min_order_value, order_multiple_units, delivery_weekdays
        FROM parties_supplierterms WHERE party_id = ANY(%s::bigint[])
        """,
        (sorted(set(supplier_ids)),),
    )
    return {row[0]: SupplierTermsRow(*row) for row in rows}


def customer_terms(customer_ids: Iterable[int]) -> dict[int, CustomerTermsRow]:
    """Terms of every customer asked for; one without terms of his own gets the defaults."""
    rows = sql.fetch_all(
        """
        SELECT p.id, COALESCE(t.tier, 'C'), COALESCE(t.ships_partial, 'partial'), COALESCE(t.substitutes, 'no'),
               COALESCE(t.min_remaining_life_days, 0), COALESCE(t.label_needs, '{}')
        FROM parties_party p LEFT JOIN parties_customerterms t ON t.party_id = p.id
        WHERE p.id = ANY(%s::bigint[]) AND p.is_customer
        """,
        (sorted(set(customer_ids)),),
    )
    return {row[0]: CustomerTermsRow(*row) for row in rows}


def supplier_items(supplier_id: int, item_ids: Iterable[int]) -> dict[int, SupplierItemRow]:
    """How this supplier sells these items, by item; items that he does not sell are left out."""
    rows = sql.fetch_all(
        SUPPLIER_ITEM + " WHERE si.is_active AND si.supplier_id = %s AND si.item_id = ANY(%s::bigint[])",
        (supplier_id, sorted(set(item_ids))),
    )
    return {row[1]: SupplierItemRow(*row) for row in rows}


def preferred_suppliers(item_ids: Iterable[int]) -> dict[int, SupplierItemRow]:
    """From whom each item is bought: the preferred supplier, else the cheapest, else the oldest row."""
    rows = sql.fetch_all(
        "SELECT DISTINCT ON (b.item_id) b.* FROM ("  # noqa: S608 (constants of this module)
        + SUPPLIER_ITEM
        + """ JOIN parties_party p ON p.id = si.supplier_id AND p.is_active
        WHERE si.is_active AND si.item_id = ANY(%s::bigint[])) AS b(supplier_id, item_id, supplier_sku, unit_cost, moq,
        multiple, lead_time_days, over_tolerance_pct, is_preferred)
        ORDER BY b.item_id, b.is_preferred DESC, b.unit_cost, b.supplier_id""",
        (sorted(set(item_ids)),),
    )
    return {row[1]: SupplierItemRow(*row) for row in rows}


def addresses(party_ids: Iterable[int]) -> dict[int, list[AddressRow]]:
    """Addresses in use of each party, the default first."""
    found: dict[int, list[AddressRow]] = {}
    rows = sql.fetch_all(
        ADDRESS + " WHERE party_id = ANY(%s::bigint[]) AND is_active ORDER BY party_id, is_default DESC, code",
        (sorted(set(party_ids)),),
    )
    for row in rows:
        found.setdefault(row[1], []).append(AddressRow(*row))
    return found


def carrier_services(carrier_id: int) -> list[CarrierServiceRow]:
    """The services of a carrier, those out of use too. One query."""
    rows = sql.fetch_all(
        """
        SELECT id, carrier_id, code, name, transit_days, is_active FROM parties_carrierservice
        WHERE carrier_id = %s ORDER BY code
        """,
        (carrier_id,),
    )
    return [CarrierServiceRow(*row) for row in rows]


PARTS = ("supplier", "customer", "carrier", "owner")


def party_list(query: ListQuery, *, part: str) -> Page[PartyListRow]:
    """Companies that play a part, for the list pages. Two statements."""
    assert part in PARTS
    return sql_page(
        query,
        PartyListRow,
        """
        SELECT p.id, p.code, p.name, p.country, COALESCE(c.tier, '') AS tier,
               COALESCE(c.ships_partial, '') AS ships_partial, s.lead_time_days,
               (SELECT count(*) FROM parties_supplieritem i WHERE i.supplier_id = p.id) AS items,
               p.is_supplier, p.is_customer, p.is_carrier, p.is_owner, p.is_active
        FROM parties_party p LEFT JOIN parties_supplierterms s ON s.party_id = p.id
        LEFT JOIN parties_customerterms c ON c.party_id = p.id
        WHERE CASE %s WHEN 'supplier' THEN p.is_supplier WHEN 'customer' THEN p.is_customer
              WHEN 'carrier' THEN p.is_carrier ELSE p.is_owner END
        """,
        (part,),
        search=("code", "name"),
    )


def parties_after(party_id: int, *, limit: int) -> list[PartyRow]:
    """The next companies by id, for cursor pages."""
    return [PartyRow(*row) for row in sql.fetch_all(PARTY + " WHERE id > %s ORDER BY id LIMIT %s", (party_id, limit))]


def party_record(party_id: int) -> PartyRecord:
    """One company with its terms; refuses with UnknownParty."""
    party = Party.objects.select_related("supplier_terms", "customer_terms").filter(pk=party_id).first()
    if party is None:
        raise UnknownParty(f"There is no company {party_id}.", fix="Open it from a list.")
    supplier = getattr(party, "supplier_terms", None) if party.is_supplier else None
    customer = getattr(party, "customer_terms", None) if party.is_customer else None
    names = ("name", "country", "gln", "email", "phone", "holidays_of", "is_carrier", "is_owner")
    return PartyRecord(
        party_id=party.pk,
        code=party.code,
        version=party.version,
        is_active=party.is_active,
        party=PartyFields(
            **{name: getattr(party, name) for name in names},
            supplier=SupplierFields(**{f.name: getattr(supplier, f.name) for f in fields(SupplierFields)})
            if supplier
            else (SupplierFields() if party.is_supplier else None),
            customer=CustomerFields(**{f.name: getattr(customer, f.name) for f in fields(CustomerFields)})
            if customer
            else (CustomerFields() if party.is_customer else None),
        ),
    )


def supplied_items(supplier_id: int, *, limit: int) -> list[dict[str, object]]:
    """The items that a supplier sells, for his page."""
    rows = sql.fetch_all(
        """
        SELECT i.sku, i.name, s.supplier_sku, s.unit_cost, s.moq, s.multiple, s.is_preferred
        FROM parties_supplieritem s JOIN catalog_item i ON i.id = s.item_id
        WHERE s.supplier_id = %s AND s.is_active ORDER BY i.sku LIMIT %s
        """,
        (supplier_id, limit),
    )
    names = ("sku", "name", "supplier_sku", "unit_cost", "moq", "multiple", "is_preferred")
    return [dict(zip(names, row, strict=True)) for row in rows]


_LOOK_UP = """
SELECT p.id, p.code, p.name || CASE WHEN p.is_active THEN '' ELSE ', archived' END, p.code = ANY(%(exact)s::text[])
FROM parties_party p
WHERE p.id = ANY (ARRAY(
    SELECT id FROM parties_party WHERE code = ANY(%(exact)s::text[])
    UNION ALL
    (SELECT n.id FROM parties_party n WHERE n.code LIKE %(starts)s ORDER BY n.code USING ~<~ LIMIT %(limit)s)
    UNION ALL
    (SELECT n.id FROM parties_party n WHERE n.code LIKE %(starts_upper)s ORDER BY n.code USING ~<~ LIMIT %(limit)s)
    UNION ALL
    (SELECT n.id FROM parties_party n WHERE n.name ILIKE %(inside)s ORDER BY n.is_active DESC, n.code LIMIT %(limit)s)
))
ORDER BY 4 DESC, p.is_active DESC, p.code LIMIT %(limit)s
"""


def look_up(text: str, sites: frozenset[int]) -> list[Found]:
    """Suppliers, customers, carriers and owners by code or part of the name; they are of no site. One query."""
    return _look_up(_LOOK_UP, text)


def look_up_suppliers(text: str, sites: frozenset[int]) -> list[Found]:
    """Suppliers in use by code or part of the name. One query."""
    return _look_up(_LOOK_UP_PART.format(part="is_supplier"), text)


def look_up_customers(text: str, sites: frozenset[int]) -> list[Found]:
    """Customers in use by code, part of the name or town, postcode or GLN. One query."""
    return _look_up(_LOOK_UP_CUSTOMER, text)


def look_up_carriers(text: str, sites: frozenset[int]) -> list[Found]:
    """Carriers in use by code or part of the name. One query."""
    return _look_up(_LOOK_UP_PART.format(part="is_carrier"), text)


_LOOK_UP_CUSTOMER = """
SELECT p.id, p.code, p.name || coalesce(', ' || nullif(a.city, ''), ''), p.code = ANY(%(exact)s::text[])
FROM parties_party p LEFT JOIN LATERAL (
    SELECT a.city FROM parties_address a WHERE a.party_id = p.id AND a.is_active
    ORDER BY a.city ILIKE %(inside)s DESC NULLS LAST, a.is_default DESC, a.code LIMIT 1
) a ON true
WHERE p.is_customer AND p.is_active
  AND (p.code LIKE %(starts)s OR p.code LIKE %(starts_upper)s OR p.name ILIKE %(inside)s OR p.gln = %(code)s
       OR EXISTS (SELECT FROM parties_address k WHERE k.party_id = p.id AND k.is_active
                  AND (k.city ILIKE %(starts)s OR k.postcode ILIKE %(starts)s OR k.gln = %(code)s)
                  AND length(%(code)s) > 2))
ORDER BY 4 DESC, lower(p.name) <> lower(%(code)s), p.name NOT ILIKE %(starts)s, p.code LIMIT %(limit)s
"""  # of the customers in use, at most some thousands
_LOOK_UP_PART = """
SELECT p.id, p.code, p.name, p.code = ANY(%(exact)s::text[])
FROM parties_party p
WHERE p.{part} AND p.is_active
  AND (p.code LIKE %(starts)s OR p.code LIKE %(starts_upper)s OR p.name ILIKE %(inside)s)
ORDER BY 4 DESC, p.code LIMIT %(limit)s
"""  # of the parties in use of one kind, at most some thousands
