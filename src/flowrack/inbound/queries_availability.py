"""Reads of availability policies: which one a received item follows, and the list for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from flowrack.inbound.rules import Policy, followed
from flowrack.inbound.types import Available
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.errors import BadLine, Invalid

POLICY = """
    SELECT p.id, p.available, coalesce(p.item_id, 0) AS item_id, coalesce(p.family_id, 0) AS family_id,
           coalesce(p.supplier_id, 0) AS supplier_id, coalesce(p.site_id, 0) AS site_id,
           coalesce(p.location_id, 0) AS location_id, coalesce(l.code, '') AS location,
           coalesce(nullif(concat_ws(', ', i.sku, f.name, s.name, w.name), ''), 'all goods') AS words, p.reason
    FROM inbound_availabilitypolicy p
    LEFT JOIN catalog_item i ON i.id = p.item_id
    LEFT JOIN catalog_family f ON f.id = p.family_id
    LEFT JOIN parties_party s ON s.id = p.supplier_id
    LEFT JOIN locations_site w ON w.id = p.site_id
    LEFT JOIN locations_location l ON l.id = p.location_id
"""


def policies_followed(site_id: int, supplier_id: int, item_ids: Sequence[int], *, day: date) -> dict[int, Policy]:
    """The policy that goods of a supplier follow on arrival at a site, by item; items without one are left out.

    One query.
    """
    return policies_of(sql.fetch_all(*ask_policies_followed(site_id, supplier_id, item_ids, day=day)))


def ask_policies_followed(site_id: int, supplier_id: int, item_ids: Sequence[int], *, day: date) -> sql.Asked:
    """The question of `policies_followed`."""
    return (
        f"""
        SELECT wanted.id, c.* FROM catalog_item wanted JOIN ({POLICY}
            WHERE coalesce(p.site_id, %s) = %s AND coalesce(p.supplier_id, %s) = %s
              AND coalesce(p.valid_from, %s) <= %s
        ) c ON c.item_id IN (0, wanted.id) AND c.family_id IN (0, wanted.family_id)
        WHERE wanted.id = ANY(%s::bigint[])
        """,  # noqa: S608 - constant columns
        (site_id, site_id, supplier_id, supplier_id, day, day, list(item_ids)),
    )


def policies_of(rows: Sequence[Sequence[Any]]) -> dict[int, Policy]:
    """The answer of `policies_followed`."""
    covering: dict[int, list[Policy]] = defaultdict(list)
    for row in rows:
        covering[row[0]].append(Policy(row[1], Available(row[2]), *row[3:]))
    return {item_id: policy for item_id, found in covering.items() if (policy := followed(found)) is not None}


def policy_list(query: ListQuery) -> Page[Policy]:
    """Every policy, for its list."""
    return sql_page(
        query,
        None,
        f"""
        SELECT c.*, p.valid_from, u.full_name AS set_by, p.set_at
        FROM ({POLICY}) c JOIN inbound_availabilitypolicy p ON p.id = c.id
        JOIN platform_user u ON u.id = p.set_by_id
        """,  # noqa: S608 - constant columns
        search=("words", "reason"),
    )


def scope_ids(*, sku: str, family: str, supplier: str) -> tuple[int, int, int]:
    """Ids of an item, a family and a supplier by their codes; an empty code leaves the scope open (0).

    Refuses with Invalid naming each code that is unknown. One query.
    """
    row = sql.fetch_one(
        """
        SELECT (SELECT id FROM catalog_item WHERE sku = %s), (SELECT id FROM catalog_family WHERE code = %s),
               (SELECT id FROM parties_party WHERE code = %s AND is_supplier)
        """,
        (sku.strip(), family.strip(), supplier.strip()),
    )
    assert row is not None
    codes = (("item", sku.strip()), ("family", family.strip()), ("supplier", supplier.strip()))
    bad = [
        BadLine(0, field, f"There is no {field} “{code}”.", "Check the code.")
        for (field, code), found in zip(codes, row, strict=True)
        if code and found is None
    ]
    if bad:
        raise Invalid(bad[0].message, lines=bad, fix=bad[0].fix)
    return row[0] or 0, row[1] or 0, row[2] or 0
