"""Reads of notices: what a new ASN is checked against, packs by SSCC, lines for receiving, lists and records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from flowrack.catalog import queries as catalog
from flowrack.dock.rules import Known, KnownItem, KnownLot, KnownPo, PoOffer
from flowrack.dock.rules_heads import AsnFacts
from flowrack.dock.states import OPEN_ASN
from flowrack.dock.types import NewAsn
from flowrack.platform import sql
from flowrack.purchasing.states import OPEN, TAKES_RECEIPTS
from flowrack.shared.errors import NotFound

OPEN_STATES = [str(state) for state in OPEN_ASN]


def asn_facts(asns: Sequence[NewAsn], *, now: datetime) -> AsnFacts:
    """Parties, sites, items, lots, POs, references and SSCCs of new ASNs. Eight queries, whatever the number."""
    parties = sql.fetch_all(
        "SELECT id, is_supplier, is_carrier FROM parties_party WHERE is_active AND id = ANY(%s::bigint[])",
        (sorted({a.supplier_id for a in asns} | {a.carrier_id for a in asns}),),
    )
    days = dict(
        sql.fetch_all(
            """
            SELECT n.no, (n.at AT TIME ZONE s.timezone)::date
            FROM unnest(%s::bigint[], %s::timestamptz[]) WITH ORDINALITY AS n(site_id, at, no)
            JOIN locations_site s ON s.id = n.site_id AND s.is_active
            """,
            ([a.site_id for a in asns], [(a.expected_at or now).isoformat() for a in asns]),
        )
    )
    references = sql.fetch_all(
        """
        SELECT a.supplier_id, a.reference, a.number
        FROM unnest(%s::bigint[], %s::text[]) AS n(supplier_id, reference)
        JOIN dock_asn a ON a.supplier_id = n.supplier_id AND a.reference = n.reference AND a.state <> 'cancelled'
        """,
        ([a.supplier_id for a in asns], [a.reference.strip() for a in asns]),
    )
    ssccs = {p.sscc for a in asns for p in a.packs} | {x.sscc for a in asns for x in a.lines}
    return AsnFacts(
        suppliers={row[0] for row in parties if row[1]},
        carriers={row[0] for row in parties if row[2]},
        arrives_on=[days.get(no) for no in range(1, len(asns) + 1)],
        known=_known(asns),
        references={(row[0], row[1]): row[2] for row in references},
        ssccs=taken_ssccs(sorted(ssccs - {""}), now=now),
    )


def _known(asns: Sequence[NewAsn]) -> Known:
    lines = [line for asn in asns for line in asn.lines]
    hits = catalog.find_codes(line.item.strip() for line in lines)
    ids = {hit.item_id for found in hits.values() for hit in found}
    rows, packs = catalog.items(ids), catalog.packs(ids)
    levels = {
        item_id: {name.lower(): p.factor for p in packs.get(item_id, ()) for name in (p.level, p.name)}
        for item_id in ids
    }
    lots: dict[str, list[KnownLot]] = {}
    for code, item_id, sku, expires_on in sql.fetch_all(
        """
        SELECT l.code, l.item_id, i.sku, l.expires_on FROM catalog_lot l JOIN catalog_item i ON i.id = l.item_id
        WHERE l.code = ANY(%s::text[]) AND l.id > 0 ORDER BY l.code, l.item_id
        """,
        (sorted({line.lot.strip() for line in lines} - {""}),),
    ):
        lots.setdefault(code, []).append(KnownLot(item_id, sku, expires_on))
    pos = sql.fetch_all(
        """
        SELECT number, id, state, supplier_id, site_id, state = ANY(%s::text[]) FROM purchasing_po
        WHERE number = ANY(%s::text[])
        """,
        ([str(s) for s in TAKES_RECEIPTS], sorted({line.po_number.strip() for line in lines} - {""})),
    )
    return Known(
        items={
            code: [
                KnownItem(
                    hit.item_id,
                    hit.sku,
                    hit.tracking,
                    hit.has_expiry,
                    hit.is_active,
                    rows[hit.item_id].base_uom,
                    hit.factor,
                    levels[hit.item_id],
                    levels[hit.item_id].get("case", 1),
                )
                for hit in found
            ]
            for code, found in hits.items()
        },
        lots=lots,
        pos={row[0]: KnownPo(*row[1:]) for row in pos},
    )


def taken_ssccs(ssccs: Sequence[str], *, now: datetime) -> dict[str, str]:
    """Those of the SSCCs that may not come again yet, with the reason: on an ASN, or here within a year. One query."""
    return dict(
        sql.fetch_all(
            """
            SELECT s.sscc, coalesce(
                (SELECT CASE WHEN upper_inf(p.taken) THEN 'it is on ' || a.number
                             ELSE 'it came with ' || a.number || ' less than a year ago' END
                 FROM dock_asnpack p JOIN dock_asn a ON a.id = p.asn_id
                 WHERE p.sscc = s.sscc AND p.taken @> %s::timestamptz LIMIT 1),
                (SELECT CASE WHEN l.closed_at IS NULL THEN 'it stands here'
                             ELSE 'it stood here less than a year ago' END
                 FROM locations_lpn l
                 WHERE l.code = s.sscc AND (l.closed_at IS NULL OR l.closed_at > %s::timestamptz - interval '1 year')))
            FROM unnest(%s::text[]) AS s(sscc)
            WHERE EXISTS (SELECT FROM dock_asnpack p WHERE p.sscc = s.sscc AND p.taken @> %s::timestamptz)
               OR EXISTS (SELECT FROM locations_lpn l WHERE l.code = s.sscc
                          AND (l.closed_at IS NULL OR l.closed_at > %s::timestamptz - interval '1 year'))
            """,
            (now, now, list(ssccs), now, now),
        )
    )


def po_offers(
    supplier_id: int, site_id: int, item_ids: Sequence[int], numbers: Sequence[str], *, without_asns: Sequence[int] = ()
) -> list[PoOffer]:
    """PO lines of a supplier that items may fill, soonest expected first, less what open ASNs announced. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, po.number, l.line_no, l.item_id,
               greatest(l.units - l.received_units - l.short_units, 0) - coalesce(a.announced, 0),
               greatest(l.units + l.over_units - l.received_units - l.short_units, 0) - coalesce(a.announced, 0),
               po.state = ANY(%s::text[])
        FROM purchasing_po po JOIN purchasing_poline l ON l.po_id = po.id
        LEFT JOIN LATERAL (
            SELECT sum(greatest(x.units - x.received_units, 0))::bigint AS announced
            FROM dock_asnline x JOIN dock_asn n ON n.id = x.asn_id AND n.ended_at IS NULL
            WHERE x.po_line_id = l.id AND n.id <> ALL(%s::bigint[])
        ) AS a ON true
        WHERE po.supplier_id = %s AND po.site_id = %s AND po.state = ANY(%s::text[]) AND l.item_id = ANY(%s::bigint[])
          AND (po.number = ANY(%s::text[])
               OR (po.state = ANY(%s::text[]) AND l.units > l.received_units + l.short_units))
        ORDER BY l.expected_on, po.id, l.line_no
        """,
        (
            [str(s) for s in OPEN],
            list(without_asns),
            supplier_id,
            site_id,
            [str(s) for s in TAKES_RECEIPTS],
            sorted(set(item_ids)),
            sorted(set(numbers)),
            [str(s) for s in OPEN],
        ),
    )
    return [PoOffer(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class AsnLineRow:
    """A line of an ASN as receiving and its page need it."""

    asn_line_id: int
    asn_id: int
    line_no: int
    pack_id: int
    sscc: str
    pack_kind: str
    parent_sscc: str
    item_id: int
    sku: str
    name: str
    tracking: str
    has_expiry: bool
    units: int
    received_units: int
    lot: str
    produced_on: date | None
    expires_on: date | None
    po_line_id: int
    po_id: int
    po_number: str
    po_line_no: int
    po_state: str
    match_reason: str
    flags: list[str]

    @property
    def due_units(self) -> int:
        """Announced units that have not come."""
        return max(self.units - self.received_units, 0)


LINE = """
    SELECT l.id, l.asn_id, l.line_no, coalesce(p.id, 0), coalesce(p.sscc, ''), coalesce(p.kind, ''),
           coalesce(up.sscc, ''), l.item_id, i.sku, i.name, i.tracking, i.has_expiry, l.units, l.received_units,
           l.lot_code, l.produced_on, l.expires_on, coalesce(l.po_line_id, 0), coalesce(po.id, 0),
           coalesce(po.number, l.po_number), coalesce(pl.line_no, l.po_line_no), coalesce(po.state, ''),
           l.match_reason, l.flags
    FROM dock_asnline l
    JOIN catalog_item i ON i.id = l.item_id
    LEFT JOIN dock_asnpack p ON p.id = l.pack_id
    LEFT JOIN dock_asnpack up ON up.id = p.parent_id
    LEFT JOIN purchasing_poline pl ON pl.id = l.po_line_id
    LEFT JOIN purchasing_po po ON po.id = pl.po_id
"""


def lines_of_asn(asn_id: int, *, limit: int | None = None) -> list[AsnLineRow]:
    """The lines of an ASN in order, with pack, item and PO: all, or the first for a page. One query."""
    rows = sql.fetch_all(LINE + " WHERE l.asn_id = %s ORDER BY l.line_no LIMIT %s", (asn_id, limit))
    return [AsnLineRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class PackRow:
    """A pack of an open ASN with all that stands on or in it."""

    pack_id: int
    sscc: str
    kind: str
    parent_sscc: str
    asn_id: int
    asn_number: str
    asn_state: str
    site_id: int
    supplier_id: int
    supplier: str
    ssccs: list[str] = field(default_factory=list)  # the pack and what stands on it
    lines: list[AsnLineRow] = field(default_factory=list)


def pack_by_sscc(sscc: str) -> PackRow | None:
    """The pack of an open ASN with this SSCC: its lines and those of all packs on it. Two queries."""
    head = sql.fetch_one(
        """
        WITH RECURSIVE tree AS (
            SELECT p.id, p.sscc FROM dock_asnpack p JOIN dock_asn a ON a.id = p.asn_id AND a.ended_at IS NULL
            WHERE p.sscc = %s AND NOT isempty(p.taken)
            UNION ALL SELECT c.id, c.sscc FROM dock_asnpack c JOIN tree ON c.parent_id = tree.id
        )
        SELECT p.id, p.sscc, p.kind, coalesce(up.sscc, ''), a.id, a.number, a.state, a.site_id, a.supplier_id, s.name,
               (SELECT array_agg(sscc ORDER BY id) FROM tree), (SELECT array_agg(id) FROM tree)
        FROM dock_asnpack p JOIN dock_asn a ON a.id = p.asn_id AND a.ended_at IS NULL
        JOIN parties_party s ON s.id = a.supplier_id
        LEFT JOIN dock_asnpack up ON up.id = p.parent_id
        WHERE p.sscc = %s AND NOT isempty(p.taken) ORDER BY p.id DESC LIMIT 1
        """,
        (sscc, sscc),
    )
    if head is None:
        return None
    rows = sql.fetch_all(LINE + " WHERE l.pack_id = ANY(%s::bigint[]) ORDER BY l.line_no", (head[11],))
    return PackRow(*(*head[:10], list(head[10]), [AsnLineRow(*row) for row in rows]))


@dataclass(frozen=True, slots=True)
class AsnRow:
    """An ASN in a list."""

    id: int
    number: str
    reference: str
    state: str
    supplier_id: int
    supplier: str
    site_id: int
    site: str
    carrier: str
    expected_at: datetime | None
    created_at: datetime
    pack_count: int
    line_count: int
    units: int
    received_units: int
    unmatched_count: int
    flagged_count: int
    appointment_id: int
    appointment: str
    ended_at: datetime | None
    end_reason: str
    created_by: str


ASN_ROW = """
    SELECT a.id, a.number, a.reference, a.state, a.supplier_id, s.name AS supplier, a.site_id, site.code AS site,
           coalesce(c.name, '') AS carrier, a.expected_at, a.created_at,
           (SELECT count(*) FROM dock_asnpack p WHERE p.asn_id = a.id) AS pack_count,
           l.line_count, l.units, l.received_units, l.unmatched AS unmatched_count, l.flagged AS flagged_count,
           coalesce(ap.id, 0) AS appointment_id, coalesce(ap.number, '') AS appointment, a.ended_at, a.end_reason,
           u.full_name AS created_by
    FROM dock_asn a
    JOIN parties_party s ON s.id = a.supplier_id
    JOIN locations_site site ON site.id = a.site_id
    JOIN platform_user u ON u.id = a.created_by_id
    LEFT JOIN parties_party c ON c.id = a.carrier_id
    LEFT JOIN dock_appointmentasn aa ON aa.asn_id = a.id AND aa.is_live
    LEFT JOIN dock_appointment ap ON ap.id = aa.appointment_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS line_count, coalesce(sum(units), 0)::bigint AS units,
               coalesce(sum(received_units), 0)::bigint AS received_units,
               count(*) FILTER (WHERE po_line_id IS NULL) AS unmatched,
               count(*) FILTER (WHERE flags <> '{}') AS flagged
        FROM dock_asnline WHERE asn_id = a.id
    ) AS l
"""


def asns(
    *,
    site_ids: Sequence[int],
    states: Sequence[str] = (),
    search: str = "",
    supplier_id: int = 0,
    before: int | None = None,
    limit: int = 50,
) -> list[AsnRow]:
    """ASNs for sites (0 = all), newest first, from the id `before` on. One query."""
    rows = sql.fetch_all(
        ASN_ROW
        + """
        WHERE (0 = ANY(%s::bigint[]) OR a.site_id = ANY(%s::bigint[]))
          AND (%s::text[] = '{}' OR a.state = ANY(%s::text[]))
          AND (%s = '' OR upper(a.number) = upper(%s) OR a.reference ILIKE %s) AND (%s = 0 OR a.supplier_id = %s)
          AND (%s::bigint IS NULL OR a.id < %s::bigint)
        ORDER BY a.id DESC LIMIT %s
        """,
        (
            list(site_ids),
            list(site_ids),
            list(states),
            list(states),
            search,
            search,
            f"%{search}%",
            supplier_id,
            supplier_id,
            before,
            before,
            limit,
        ),
    )
    return [AsnRow(*row) for row in rows]


def ids_of_asns(numbers: Sequence[str]) -> dict[str, int]:
    """ASNs by number; unknown ones are left out. One query."""
    return dict(sql.fetch_all("SELECT number, id FROM dock_asn WHERE number = ANY(%s::text[])", (list(numbers),)))


def asn(asn_id: int) -> AsnRow:
    """One ASN. One query. Refuses with NotFound."""
    row = sql.fetch_one(ASN_ROW + " WHERE a.id = %s", (asn_id,))
    if row is None:
        raise NotFound(f"There is no ASN with id {asn_id}.")
    return AsnRow(*row)
