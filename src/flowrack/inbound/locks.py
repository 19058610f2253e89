"""The only row locks of inbound. A receipt is locked after its PO, never before; its lines after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flowrack.inbound.models import Receipt
from flowrack.inbound.rules_corrections import StillHere
from flowrack.platform import sql
from flowrack.shared.errors import NotFound


def receipt(receipt_id: int) -> Receipt:
    """The receipt, locked."""
    found = Receipt.objects.select_for_update(no_key=True).filter(pk=receipt_id).first()
    if found is None:
        raise NotFound(f"There is no receipt with id {receipt_id}.")
    return found


def lines_that_stand(line_ids: Sequence[int]) -> set[int]:
    """Those of the receipt lines that nobody has taken back, locked: nobody can until the command ends."""
    rows = sql.fetch_all(
        """
        SELECT id FROM inbound_receiptline WHERE id = ANY(%s::bigint[]) AND taken_back_at IS NULL
        ORDER BY id FOR SHARE
        """,
        (sorted(line_ids),),
    )
    return {row[0] for row in rows}


@dataclass(frozen=True, slots=True)
class LockedDiscrepancy:
    """A discrepancy as a verdict needs it.

    `carrier_id` brought it, as its ASN says (0 = unknown); `po_writers` wrote or changed its PO.
    """

    discrepancy_id: int
    number: str
    site_id: int
    supplier_id: int
    kind: str
    state: str
    outcome: str
    responsible: str
    value: Decimal
    amount: Decimal
    document: str
    posting_id: int
    carrier_id: int
    po_writers: list[int]


def discrepancies(ids: Sequence[int]) -> list[LockedDiscrepancy]:
    """Discrepancies, locked in order of id. Refuses with NotFound when one is missing. One statement."""
    rows = sql.fetch_all(
        """
        SELECT d.id, d.number, d.site_id, coalesce(d.supplier_id, 0), d.kind, d.state, d.outcome, d.responsible,
               d.value, d.amount, d.document, d.posting_id,
               coalesce((SELECT a.carrier_id FROM dock_asnline l JOIN dock_asn a ON a.id = l.asn_id
                         WHERE l.id = coalesce(d.asn_line_id, (SELECT min(k.asn_line_id) FROM inbound_packcount k
                                               WHERE k.posting_id = d.posting_id AND d.posting_id > 0))), 0),
               ARRAY(SELECT unnest(po.writer_ids) FROM purchasing_poline l
                     JOIN purchasing_po po ON po.id = l.po_id WHERE l.id = d.po_line_id)
        FROM inbound_discrepancy d WHERE d.id = ANY(%s::bigint[]) ORDER BY d.id FOR NO KEY UPDATE OF d
        """,
        (sorted(set(ids)),),
    )
    missing = set(ids) - {row[0] for row in rows}
    if missing:
        raise NotFound(f"There is no discrepancy with id {min(missing)}.")
    return [LockedDiscrepancy(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class LockedClaim:
    """A claim or debit note; `po_writers` wrote or changed an order of its discrepancies."""

    claim_id: int
    number: str
    state: str
    site_id: int
    amount: Decimal
    po_writers: list[int]


def claim(claim_id: int) -> LockedClaim:
    """The claim, locked. Refuses with NotFound. One statement."""
    row = sql.fetch_one(
        """
        SELECT c.id, c.number, c.state, c.site_id, c.amount,
               ARRAY(SELECT DISTINCT unnest(po.writer_ids) FROM inbound_discrepancy d
                     JOIN purchasing_poline l ON l.id = d.po_line_id JOIN purchasing_po po ON po.id = l.po_id
                     WHERE d.document = c.number)
        FROM inbound_claim c WHERE c.id = %s FOR NO KEY UPDATE OF c
        """,
        (claim_id,),
    )
    if row is None:
        raise NotFound(f"There is no claim or debit note with id {claim_id}.")
    return LockedClaim(*row)


def tolerance_scope(supplier_id: int, family_id: int) -> tuple[int, int]:
    """(Id of the tolerance in force for exactly this scope, locked, or 0; the newest version ever, or 0)."""
    rows = sql.fetch_all(
        """
        SELECT id, version, ended_at IS NULL FROM inbound_tolerance
        WHERE coalesce(supplier_id, 0) = %s AND coalesce(family_id, 0) = %s ORDER BY version DESC FOR NO KEY UPDATE
        """,
        (supplier_id, family_id),
    )
    return next((row[0] for row in rows if row[2]), 0), rows[0][1] if rows else 0


@dataclass(frozen=True, slots=True)
class BookKey:
    """A move that brought goods in, and in which book they are."""

    move_id: int
    item_id: int
    site_id: int
    lot_id: int
    costing: str


def still_here(keys: Sequence[BookKey], *, places: Sequence[int]) -> dict[int, StillHere]:
    """What the books still hold of receipts, by move: of FIFO items their layers, of others what is in stock at all.

    Locks the cells of the items at these virtual places and all their books there, each by id, so that nothing comes
    or goes until the command ends. Three statements.
    """
    items, sites = sorted({k.item_id for k in keys}), sorted({k.site_id for k in keys})
    sql.fetch_all(
        """
        SELECT id FROM ledger_cell WHERE item_id = ANY(%s::bigint[]) AND location_id = ANY(%s::bigint[])
        ORDER BY id FOR NO KEY UPDATE
        """,
        (items, sorted(places)),
    )
    books = {
        row[:3]: row[3:]
        for row in sql.fetch_all(
            """
            SELECT item_id, site_id, lot_id, units, value, account FROM ledger_book
            WHERE item_id = ANY(%s::bigint[]) AND site_id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
            """,
            (items, sites),
        )
        if row[5] == "inventory"
    }
    layers = {
        row[0]: row[1:]
        for row in sql.fetch_all(
            "SELECT move_id, units_left, value_left FROM ledger_layer WHERE move_id = ANY(%s::bigint[])",
            ([k.move_id for k in keys],),
        )
    }
    found = {}
    for k in keys:
        lot_id = k.lot_id if k.costing == "lot_actual" else 0
        held = layers.get(k.move_id) if k.costing == "fifo" else books.get((k.item_id, k.site_id, lot_id))
        is_standard = k.costing == "standard"  # its stock keeps the standard cost: nothing rests on it
        units, value = held[:2] if held and not is_standard else (0, Decimal(0))
        found[k.move_id] = StillHere(units, value, is_standard=is_standard)
    return found
