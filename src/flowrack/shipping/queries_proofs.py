"""Reads of proofs of delivery, kept papers and notices of departure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.platform import sql
from flowrack.platform.lookup import Found, look_up, numbered
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shipping import rules_proofs
from flowrack.shipping.types_proofs import PaperNotFound, ProveDelivery


@dataclass(frozen=True, slots=True)
class ToProve:
    """A shipment as its proof is judged by."""

    shipment_id: int
    number: str
    site_id: int
    timezone: str
    state: str
    shipped_at: datetime | None
    order_ids: list[int]
    is_watched: bool
    at_door: str  # the load that is closed and has not left its door


def to_prove(shipment_id: int) -> ToProve | None:
    """The shipment with whether its goods are watched: a hazard class or an expiry date. One query."""
    row = sql.fetch_one(
        """
        SELECT h.id, h.number, h.site_id, s.timezone, h.state, greatest(h.shipped_at, d.left_at),
               ARRAY(SELECT x.order_id FROM shipping_shipmentorder x WHERE x.shipment_id = h.id ORDER BY 1),
               EXISTS (SELECT FROM shipping_shipmentline l JOIN catalog_item i ON i.id = l.item_id
                       WHERE l.shipment_id = h.id AND (i.hazard_class <> '' OR i.has_expiry)),
               CASE WHEN d.state = 'closed' THEN d.number ELSE '' END
        FROM shipping_shipment h JOIN locations_site s ON s.id = h.site_id
        LEFT JOIN shipping_load d ON d.id = h.load_id WHERE h.id = %s
        """,
        (shipment_id,),
    )
    return ToProve(*row) if row else None


@dataclass(frozen=True, slots=True)
class SentLine:
    """A line of a shipment that may come back."""

    line_id: int
    order_line_id: int
    order: str
    line_no: int
    sku: str
    name: str
    base_uom: str
    lot: str
    units: int


def sent_lines(shipment_id: int, *, limit: int = 2_000) -> list[SentLine]:
    """What left with a shipment, for its proof. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.order_line_id, o.number, ol.line_no, i.sku, i.name, i.base_uom, t.code, l.units
        FROM shipping_shipmentline l JOIN sales_orderline ol ON ol.id = l.order_line_id
        JOIN sales_order o ON o.id = ol.order_id JOIN catalog_item i ON i.id = l.item_id
        JOIN catalog_lot t ON t.id = l.lot_id
        WHERE l.shipment_id = %s ORDER BY o.id, ol.line_no, l.id LIMIT %s
        """,
        (shipment_id, limit),
    )
    return [SentLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class ProofRow:
    """A proof of delivery. `promised_on` is the day the customer wanted the goods."""

    id: int
    number: str
    site_id: int
    site: str
    shipment_id: int
    shipment: str
    customers: str
    orders: str
    outcome: str
    received_by: str
    happened_at: datetime
    promised_on: date | None
    is_in_time: bool
    place: str
    latitude_e7: int | None
    longitude_e7: int | None
    note: str
    signature: str
    photos: int
    not_taken: int
    damaged: int
    recorded_at: datetime
    recorded_by_id: int
    recorded_by: str
    retention: str
    keep_until: date
    chain_no: int
    previous_sha256: str
    sha256: str
    carrier: str


_PROOFS = """
    SELECT p.id, p.number, p.site_id, s.name AS site, p.shipment_id, h.number AS shipment, t.customers, t.orders,
           p.outcome, p.received_by, p.happened_at, t.promised_on,
           p.outcome <> 'refused' AND (p.happened_at AT TIME ZONE s.timezone)::date <= t.promised_on AS is_in_time,
           p.place, p.latitude_e7, p.longitude_e7, p.note, p.signature,
           (SELECT count(*) FROM shipping_proofphoto x WHERE x.proof_id = p.id) AS photos,
           coalesce(l.units, 0)::bigint AS not_taken, coalesce(l.damaged, 0)::bigint AS damaged, p.recorded_at,
           p.recorded_by_id, coalesce(nullif(u.full_name, ''), u.username) AS recorded_by, p.retention, p.keep_until,
           p.chain_no, p.previous_sha256, p.sha256, h.carrier
    FROM shipping_proof p JOIN shipping_shipment h ON h.id = p.shipment_id JOIN locations_site s ON s.id = p.site_id
    JOIN platform_user u ON u.id = p.recorded_by_id
    CROSS JOIN LATERAL (
        SELECT coalesce(string_agg(DISTINCT c.name, ', '), '') AS customers,
               coalesce(string_agg(DISTINCT o.number, ', '), '') AS orders, min(o.requested_on) AS promised_on
        FROM shipping_shipmentorder x JOIN sales_order o ON o.id = x.order_id
        JOIN parties_party c ON c.id = o.customer_id WHERE x.shipment_id = h.id
    ) AS t
    LEFT JOIN LATERAL (
        SELECT sum(y.units) AS units, sum(y.units) FILTER (WHERE y.reason = 'damaged') AS damaged
        FROM shipping_proofline y WHERE y.proof_id = p.id
    ) AS l ON true
"""


def proof_list(query: ListQuery) -> Page[ProofRow]:
    """Proofs of delivery. Two queries."""
    return sql_page(
        query,
        ProofRow,
        _PROOFS,
        search=("number", "shipment", "customers", "orders", "received_by", "carrier"),
        totals={"not_taken": "sum(not_taken)", "damaged": "sum(damaged)"},
        site_column="site_id",
    )


def access_proof(proof_id: int, site_ids: frozenset[int]) -> ProofRow:
    """A proof at a site that the person may see. One query."""
    row = sql.fetch_one(_PROOFS + " WHERE p.id = %s", (proof_id,))
    if row is None or not (0 in site_ids or row[2] in site_ids):
        raise PaperNotFound("There is no such proof of delivery.", fix="Open the list of proofs.")
    return ProofRow(*row)


def proof_of(shipment_id: int) -> ProofRow | None:
    """The proof of a shipment; None as long as there is none. One query."""
    row = sql.fetch_one(_PROOFS + " WHERE p.shipment_id = %s", (shipment_id,))
    return ProofRow(*row) if row else None


def photos_of(proof_id: int) -> list[str]:
    """The digests of a proof's photos. One query."""
    rows = sql.fetch_all("SELECT digest FROM shipping_proofphoto WHERE proof_id = %s ORDER BY id", (proof_id,))
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class NotTakenRow:
    """Units that the customer did not take."""

    shipment_line_id: int
    order: str
    line_no: int
    sku: str
    name: str
    lot: str
    units: int
    reason: str


def not_taken(proof_id: int) -> list[NotTakenRow]:
    """What was not taken. One query."""
    rows = sql.fetch_all(
        """
        SELECT y.shipment_line_id, o.number, ol.line_no, i.sku, i.name, t.code, y.units, y.reason
        FROM shipping_proofline y JOIN shipping_shipmentline l ON l.id = y.shipment_line_id
        JOIN sales_orderline ol ON ol.id = l.order_line_id JOIN sales_order o ON o.id = ol.order_id
        JOIN catalog_item i ON i.id = l.item_id JOIN catalog_lot t ON t.id = l.lot_id
        WHERE y.proof_id = %s ORDER BY o.id, ol.line_no, y.id
        """,
        (proof_id,),
    )
    return [NotTakenRow(*row) for row in rows]


def is_whole(proof: ProofRow) -> bool:
    """Whether the proof still says what its hash says, and follows the proof before it. Three queries."""
    before = sql.fetch_value(
        "SELECT sha256 FROM shipping_proof WHERE site_id = %s AND chain_no = %s", (proof.site_id, proof.chain_no - 1)
    )
    lines = [(line.shipment_line_id, line.units, line.reason) for line in not_taken(proof.id)]
    said = ProveDelivery(
        proof.shipment_id,
        proof.outcome,
        proof.received_by,
        proof.happened_at,
        proof.signature,
        photos_of(proof.id),
        proof.place,
        proof.latitude_e7,
        proof.longitude_e7,
        proof.note,
    )
    content = rules_proofs.content_of(
        number=proof.number, shipment=proof.shipment, req=said, lines=lines, recorded_by=proof.recorded_by_id
    )
    return (before or "") == proof.previous_sha256 and (
        rules_proofs.fingerprint(proof.previous_sha256, content) == proof.sha256
    )


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How shipments of a period came: delivered, of which by the day that was wanted, in part, refused, damaged."""

    delivered: int
    in_time: int
    partial: int
    refused: int
    with_damage: int


_COUNTED = """
    SELECT count(*), count(*) FILTER (WHERE q.is_in_time), count(*) FILTER (WHERE q.outcome = 'partial'),
           count(*) FILTER (WHERE q.outcome = 'refused'), count(*) FILTER (WHERE q.damaged > 0)
    FROM (%s WHERE (p.happened_at AT TIME ZONE s.timezone)::date BETWEEN %%(since)s AND %%(until)s
             AND (0 = ANY(%%(sites)s::bigint[]) OR p.site_id = ANY(%%(sites)s::bigint[]))) AS q
"""


def punctuality(site_ids: frozenset[int], since: date, until: date) -> Punctuality:
    """Shipments that were handed over on days of a period, by the clock of their site. One query."""
    row = sql.fetch_one(_COUNTED % _PROOFS, {"since": since, "until": until, "sites": sorted(site_ids)})
    assert row is not None
    return Punctuality(*row)


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A kept paper without its bytes."""

    id: int
    kind: str
    site_id: int
    load_id: int | None
    printed_at: datetime
    printed_by: str
    sha256: str


_PAPERS = """
    SELECT p.id, p.kind, p.site_id, p.load_id, p.printed_at, coalesce(nullif(u.full_name, ''), u.username), p.sha256
    FROM shipping_paper p JOIN platform_user u ON u.id = p.printed_by_id
"""


def papers_of_load(load_id: int) -> list[PaperRow]:
    """The papers that were printed for a load, newest first. One query."""
    rows = sql.fetch_all(_PAPERS + " WHERE p.load_id = %s ORDER BY p.id DESC LIMIT 50", (load_id,))
    return [PaperRow(*row) for row in rows]


def manifests_of(site_id: int, carrier: str, day: date) -> list[PaperRow]:
    """The manifests that were printed of a carrier's day. One query."""
    rows = sql.fetch_all(
        _PAPERS + " WHERE p.site_id = %s AND p.carrier = %s AND p.day = %s ORDER BY p.id DESC LIMIT 50",
        (site_id, carrier, day),
    )
    return [PaperRow(*row) for row in rows]


def access_paper(paper_id: int, site_ids: frozenset[int]) -> tuple[PaperRow, bytes]:
    """A kept paper with its bytes, at a site that the person may see. One query."""
    row = sql.fetch_one(
        """
        SELECT p.id, p.kind, p.site_id, p.load_id, p.printed_at, coalesce(nullif(u.full_name, ''), u.username),
               p.sha256, p.content
        FROM shipping_paper p JOIN platform_user u ON u.id = p.printed_by_id WHERE p.id = %s
        """,
        (paper_id,),
    )
    if row is None or not (0 in site_ids or row[2] in site_ids):
        raise PaperNotFound("There is no such paper.", fix="Print it again.")
    return PaperRow(*row[:7]), bytes(row[7])


_LOOK_UP = numbered(
    "shipping_proof",
    "s.code || ', ' || d.outcome",
    joins="JOIN locations_site s ON s.id = d.site_id",
    at=("site_id",),
)


def look_up_proofs(text: str, sites: frozenset[int]) -> list[Found]:
    """Proofs of delivery by number. One query."""
    return look_up(_LOOK_UP, text, sites=sites)


def orders_of(shipment_id: int) -> Sequence[int]:
    """The orders of a shipment. One query."""
    return [
        row[0]
        for row in sql.fetch_all(
            "SELECT order_id FROM shipping_shipmentorder WHERE shipment_id = %s ORDER BY order_id", (shipment_id,)
        )
    ]
