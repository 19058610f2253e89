"""What an order says to its supplier: house, supplier, ship-to, lines with the codes of both; and what was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.purchasing.queries_confirmations import tolerances_for
from flowrack.shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Company:
    """A company or place as it stands on a document."""

    code: str
    name: str
    address: list[str]
    email: str
    gln: str


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A line of an order, with the codes by which both sides know the item."""

    line_no: int
    sku: str
    supplier_sku: str
    gtin: str
    name: str
    units: int
    uom: str
    unit_cost: Decimal
    total: Decimal
    due_on: date
    expected_on: date
    over_units: int
    under_units: int


@dataclass(frozen=True, slots=True)
class PoDocument:
    """A version of a PO as its supplier gets it."""

    po_id: int
    number: str
    version_no: int
    state: str
    ordered_on: date
    approved_on: date
    due_on: date
    reference: str
    note: str
    buyer: str
    house: Company
    supplier: Company
    ship_to: Company
    lines: list[DocumentLine]
    total: Decimal
    confirm_within_days: int


def document(po_id: int, version_no: int = 0) -> PoDocument:
    """A version of a PO (0 = the one that counts now) as its supplier gets it. Five queries. Refuses with NotFound when
    there is none: a draft was never approved."""
    head = sql.fetch_one(
        """
        SELECT v.id, po.number, v.version_no, v.state, po.ordered_on,
               (v.decided_at AT TIME ZONE site.timezone)::date, v.due_on, v.supplier_reference, v.note, u.full_name,
               po.supplier_id, site.code, site.name, site.country
        FROM purchasing_poversion v JOIN purchasing_po po ON po.id = v.po_id
        JOIN locations_site site ON site.id = po.site_id JOIN platform_user u ON u.id = po.created_by_id
        WHERE v.po_id = %s AND v.state = 'approved' AND (%s = 0 OR v.version_no = %s)
        ORDER BY v.version_no DESC LIMIT 1
        """,
        (po_id, version_no, version_no),
    )
    if head is None:
        raise NotFound("This order has no such approved version.", fix="Have it approved first.")
    supplier_id, site_code, site_name, country = head[10:]
    lines = _lines(head[0], supplier_id)
    companies = _companies([1, supplier_id], site_code)
    house = companies[1, ""]
    at_site = companies.get((1, site_code))
    return PoDocument(
        po_id=po_id,
        number=head[1],
        version_no=head[2],
        state=head[3],
        ordered_on=head[4],
        approved_on=head[5],
        due_on=head[6],
        reference=head[7],
        note=head[8],
        buyer=head[9],
        house=house,
        supplier=companies[supplier_id, ""],
        ship_to=at_site or Company(site_code, site_name, [country] if country else [], "", ""),
        lines=lines,
        total=sum((line.total for line in lines), Decimal(0)),
        confirm_within_days=tolerances_for([supplier_id])[supplier_id].confirm_within_days,
    )


def _lines(version_id: int, supplier_id: int) -> list[DocumentLine]:
    rows = sql.fetch_all(
        """
        SELECT l.line_no, i.sku, coalesce(s.supplier_sku, ''), coalesce(g.gtin, ''), i.name, l.units, i.base_uom,
               l.unit_cost, round(l.units * l.unit_cost, 2), l.due_on, l.expected_on, l.over_units, l.under_units
        FROM purchasing_poversionline l JOIN catalog_item i ON i.id = l.item_id
        LEFT JOIN parties_supplieritem s ON s.item_id = l.item_id AND s.supplier_id = %s AND s.is_active
        LEFT JOIN LATERAL (
            SELECT gtin FROM catalog_packlevel
            WHERE item_id = l.item_id AND gtin IS NOT NULL AND factor = 1 LIMIT 1
        ) AS g ON true
        WHERE l.version_id = %s AND l.units > 0 ORDER BY l.line_no
        """,
        (supplier_id, version_id),
    )
    return [DocumentLine(*row) for row in rows]


def _companies(party_ids: list[int], site_code: str) -> dict[tuple[int, str], Company]:
    """Companies with their default address, and our own address that has the site's code, if there is one."""
    rows = sql.fetch_all(
        """
        SELECT p.id, '' AS place, p.code, p.name, a.name, a.lines, a.postcode, a.city, a.region,
               coalesce(nullif(a.country, ''), p.country), p.email, coalesce(nullif(a.gln, ''), p.gln)
        FROM parties_party p LEFT JOIN parties_address a ON a.party_id = p.id AND a.is_default AND a.is_active
        WHERE p.id = ANY(%s)
        UNION ALL
        SELECT p.id, a.code, a.code, a.name, '', a.lines, a.postcode, a.city, a.region, a.country, p.email, a.gln
        FROM parties_party p JOIN parties_address a ON a.party_id = p.id AND a.is_active AND a.code = %s
        WHERE p.id = 1
        """,
        (party_ids, site_code),
    )
    found = {}
    for party_id, place, code, name, at, lines, postcode, city, region, country, email, gln in rows:
        town = " ".join(part for part in (postcode, city) if part)
        address = [at if at != name else "", *(lines or "").splitlines(), town, region, country]
        found[party_id, place] = Company(code, name, [part for part in address if part], email, gln)
    return found


@dataclass(frozen=True, slots=True)
class SentRow:
    """A version that went to the supplier."""

    version_no: int
    means: str
    sent_to: str
    sent_by: str
    sent_at: datetime


def sendings(po_id: int) -> list[SentRow]:
    """What went to the supplier of a PO, newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT v.version_no, s.means, s.sent_to, u.full_name, s.sent_at
        FROM purchasing_posent s JOIN purchasing_poversion v ON v.id = s.version_id
        JOIN platform_user u ON u.id = s.sent_by_id WHERE v.po_id = %s ORDER BY s.id DESC
        """,
        (po_id,),
    )
    return [SentRow(*row) for row in rows]
