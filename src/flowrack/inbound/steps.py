"""Writes of inbound that commands share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.catalog import steps as catalog
from flowrack.inbound import locks, queries_lots
from flowrack.inbound.queries import Dock
from flowrack.inbound.rules import AVAILABILITY_RULE, Policy, Share
from flowrack.inbound.types import AvailabilityPolicy, CountedLine, LotOfAnotherItem
from flowrack.locations import steps as locations
from flowrack.platform import sql
from flowrack.platform.decisions import DecisionRow, record
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context
from flowrack.purchasing.types import LineForReceipt
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot and until when it is good."""

    lot_id: int
    expires_on: date | None
    code: str = ""
    removal_days: int = 0  # before expiry, when the item leaves the pick face


NO_LOT = Lot(0, None)


@dataclass(frozen=True, slots=True)
class BookedLine:
    """A receipt line to write."""

    po_line_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    units: int
    value: Decimal
    quality: str
    discrepancy: str
    location_id: int = 0
    available: str = ""


def lots_of(counts: Sequence[CountedLine], shares: Sequence[Share]) -> dict[int, Lot]:
    """The lot of each count that names one (by its place from 0), made where it is new. No call when none does.

    Refuses with LotOfAnotherItem, and with the catalogue's LotRefused: a date that is missing, or another than the
    known one.
    """
    item_of = {share.count: share.line.item_id for share in shares}
    if not any(count.lot for count in counts):
        return {}
    _refuse_lots_of_others(counts, {share.count: share.line for share in shares})
    ids = catalog.ensure_lots([(item_of[i], count.lot.strip(), count.expires_on) for i, count in enumerate(counts)])
    dates = queries_lots.lot_dates(ids)
    return {i: Lot(lot_id, dates[lot_id][0], counts[i].lot.strip(), dates[lot_id][1]) for i, lot_id in enumerate(ids)}


def _refuse_lots_of_others(counts: Sequence[CountedLine], lines: dict[int, LineForReceipt]) -> None:
    """Refuse a lot that only another item is known to have, unless somebody looked at the label again."""
    doubtful = [i for i, count in enumerate(counts) if count.lot.strip() and not count.is_lot_confirmed]
    found = (
        queries_lots.lots_of_others([(lines[i].item_id, counts[i].lot.strip()) for i in doubtful]) if doubtful else []
    )
    bad = [
        lot_of_other(doubtful[n] + 1, counts[doubtful[n]].lot.strip(), sku, lines[doubtful[n]].sku) for n, sku in found
    ]
    if bad:
        raise LotOfAnotherItem(bad[0].message, lines=bad, fix=bad[0].fix)


def lot_of_other(line: int, lot: str, other_sku: str, sku: str) -> BadLine:
    """A line with a lot that only another item is known to have."""
    return BadLine(
        line,
        "lot",
        f"Lot {lot} is on file for {other_sku}, not for {sku}.",
        "Read the label again. If both items really have this lot, confirm it.",
    )


def lpns_of(counts: Sequence[CountedLine], *, site_id: int) -> dict[str, int]:
    """The LPNs that the counts name, made where they are new. No call when all is loose."""
    codes = sorted({count.lpn for count in counts if count.lpn})
    return dict(zip(codes, locations.ensure_lpns(site_id, codes), strict=True)) if codes else {}


def open_receipt(ctx: Context, dock: Dock, line: LineForReceipt, delivery_note: str) -> tuple[int, str]:
    """The open receipt of the PO at the dock place, (id, number); made when there is none. At most two statements.

    The PO is locked, so nobody else can make it at the same time.
    """
    if dock.receipt_id:
        return dock.receipt_id, dock.receipt_number
    number = next_number("RC")
    receipt_id = sql.fetch_value(
        """
        INSERT INTO inbound_receipt
               (number, site_id, po_id, supplier_id, location_id, state, delivery_note, opened_by_id, opened_at)
        VALUES (%s, %s, %s, %s, %s, 'open', %s, %s, %s) RETURNING id
        """,
        (
            number,
            line.site_id,
            line.po_id,
            line.supplier_id,
            dock.location_id,
            delivery_note,
            ctx.actor_id,
            ctx.now,
        ),
    )
    return receipt_id, number


def ask_write_lines(ctx: Context, receipt_id: int, posting_id: int, lines: Sequence[BookedLine]) -> sql.Asked:
    """Write receipt lines; the answer is their ids in order. One statement."""
    return (
        """
        INSERT INTO inbound_receiptline
               (receipt_id, posting_id, received_by_id, received_at, po_line_id, item_id, lot_id, lpn_id, units,
                value, quality, discrepancy, available)
        SELECT %s, %s, %s, %s, n.po_line_id, n.item_id, n.lot_id, n.lpn_id, n.units, n.value, n.quality, n.discrepancy,
               n.available
        FROM (SELECT unnest(%s::bigint[]) AS po_line_id, unnest(%s::bigint[]) AS item_id,
                     unnest(%s::bigint[]) AS lot_id, unnest(%s::bigint[]) AS lpn_id, unnest(%s::bigint[]) AS units,
                     unnest(%s::numeric[]) AS value, unnest(%s::text[]) AS quality, unnest(%s::text[]) AS discrepancy,
                     unnest(%s::text[]) AS available) AS n
        RETURNING id
        """,
        (
            receipt_id,
            posting_id,
            ctx.actor_id,
            ctx.now,
            [x.po_line_id for x in lines],
            [x.item_id for x in lines],
            [x.lot_id for x in lines],
            [x.lpn_id for x in lines],
            [x.units for x in lines],
            [x.value for x in lines],
            [x.quality for x in lines],
            [x.discrepancy for x in lines],
            [x.available for x in lines],
        ),
    )


def strike_lines(ctx: Context, posting_id: int) -> list[tuple[int, int, int]]:
    """Mark the lines of a posting as taken back: (receipt line, PO line, units) of each. One statement."""
    rows = sql.fetch_all(
        """
        UPDATE inbound_receiptline SET taken_back_at = %s WHERE posting_id = %s AND taken_back_at IS NULL
        RETURNING id, po_line_id, units
        """,
        (ctx.now, posting_id),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def keep_lines(line_ids: Sequence[int]) -> set[int]:
    """Those of the receipt lines that still count; they cannot be taken back until the caller's command ends."""
    return locks.lines_that_stand(line_ids)


def explain_availability(ctx: Context, lines: Sequence[tuple[int, Policy]]) -> None:
    """Keep for each line which policy said when its goods become available. One statement."""
    record(
        ctx,
        [
            DecisionRow(
                kind="availability",
                subject=ref("inbound.line", line_id),
                sentence=policy.sentence,
                rule=AVAILABILITY_RULE,
                detail={"available": str(policy.available), "policy_id": policy.policy_id, "scope": policy.words},
            )
            for line_id, policy in lines
        ],
    )


def set_availability(ctx: Context, policies: Sequence[AvailabilityPolicy], *, keep: bool = False) -> list[int]:
    """Set policies, one for each scope; their ids in order. `keep` leaves what a person set before. One statement."""
    rows = sql.fetch_all(
        """
        INSERT INTO inbound_availabilitypolicy
               (item_id, family_id, supplier_id, site_id, available, location_id, reason, valid_from, set_by_id, set_at)
        SELECT nullif(p.item, 0), nullif(p.family, 0), nullif(p.supplier, 0), nullif(p.site, 0), p.available,
               nullif(p.location, 0), p.reason, p.valid_from, %s, %s
        FROM (SELECT unnest(%s::bigint[]) AS item, unnest(%s::bigint[]) AS family, unnest(%s::bigint[]) AS supplier,
                     unnest(%s::bigint[]) AS site, unnest(%s::text[]) AS available, unnest(%s::bigint[]) AS location,
                     unnest(%s::text[]) AS reason, unnest(%s::date[]) AS valid_from) AS p
        ON CONFLICT (item_id, family_id, supplier_id, site_id) DO UPDATE
        SET available = excluded.available, location_id = excluded.location_id, reason = excluded.reason,
            valid_from = excluded.valid_from, set_by_id = excluded.set_by_id, set_at = excluded.set_at
        WHERE NOT %s
        RETURNING id
        """,
        (
            ctx.actor_id,
            ctx.now,
            [p.item_id for p in policies],
            [p.family_id for p in policies],
            [p.supplier_id for p in policies],
            [p.site_id for p in policies],
            [str(p.available) for p in policies],
            [p.location_id for p in policies],
            [p.reason[:200] for p in policies],
            [p.valid_from for p in policies],
            keep,
        ),
    )
    return [row[0] for row in rows]


def end_availability(policy_ids: Sequence[int]) -> int:
    """End policies; how many. One statement."""
    return len(
        sql.fetch_all(
            "DELETE FROM inbound_availabilitypolicy WHERE id = ANY(%s::bigint[]) RETURNING id", (list(policy_ids),)
        )
    )


def end_availability_of(policy: AvailabilityPolicy) -> None:
    """End the policy of a scope, if it still says what this one does for the same reason. One statement."""
    sql.execute(
        """
        DELETE FROM inbound_availabilitypolicy
        WHERE (coalesce(item_id, 0), coalesce(family_id, 0), coalesce(supplier_id, 0), coalesce(site_id, 0), available,
               reason) = (%s, %s, %s, %s, %s, %s)
        """,
        (policy.item_id, policy.family_id, policy.supplier_id, policy.site_id, str(policy.available), policy.reason),
    )
