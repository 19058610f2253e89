"""Opening stock: lines that an import has put down become lots, LPNs and moves from OPENING, in batches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.catalog import steps as lots
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place
from flowrack.locations import queries as locations
from flowrack.locations import steps as plates
from flowrack.platform import sql
from flowrack.platform.importing import tell
from flowrack.platform.runner import Context, refuse_on
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref
from flowrack.storage.types_opening import OpeningAlreadyLoaded, OpeningLoaded

BATCH = 10_000


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """A line that was put down and is not posted yet."""

    id: int
    site_id: int
    location_id: int
    item_id: int
    lot_code: str
    lpn_code: str
    quality: str
    units: int
    unit_cost: Decimal | None
    expires_on: date | None


def post_opening(ctx: Context) -> None:
    """Post the lines that this command put down: every other committed line has its move. Ten statements a batch."""
    rows = [
        OpeningRow(*row)
        for row in sql.fetch_all(
            """
            SELECT id, site_id, location_id, item_id, lot_code, lpn_code, quality, units, unit_cost, expires_on
            FROM storage_openingline WHERE move_id = 0 ORDER BY site_id, item_id, id
            """
        )
    ]
    sites = sorted({row.site_id for row in rows})
    for site_id in sites:
        ctx.require("storage.open", site_id)
    for site_id in sites:
        _post_site(ctx, site_id, [row for row in rows if row.site_id == site_id])


def _post_site(ctx: Context, site_id: int, rows: list[OpeningRow]) -> None:
    outside = Place(locations.virtual(site_id, "OPENING"))
    postings: list[int] = []
    value = Decimal(0)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        lot_ids = lots.ensure_lots([(row.item_id, row.lot_code, row.expires_on) for row in batch])
        lpn_ids = plates.ensure_lpns(site_id, [row.lpn_code for row in batch])
        posting = ledger.post(
            ctx,
            [
                Move(
                    item_id=row.item_id,
                    units=row.units,
                    source=outside,
                    target=Place(row.location_id, lpn_id, row.quality),
                    reason="OPENING",
                    lot_id=lot_id,
                    value=None if row.unit_cost is None else to_money(row.unit_cost * row.units),
                    origin=ref("storage.opening_line", row.id),
                )
                for row, lot_id, lpn_id in zip(batch, lot_ids, lpn_ids, strict=True)
            ],
        )
        sql.execute(
            """
            UPDATE storage_openingline o SET move_id = d.move_id, value = d.value, command_id = %s
            FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[]) AS d(id, move_id, value) WHERE o.id = d.id
            """,
            (ctx.command_id, [row.id for row in batch], posting.move_ids, posting.values),
        )
        postings.append(posting.posting_id)
        value += sum(posting.values, Decimal(0))
        tell(start + len(batch), "Posting")
    units = sum(row.units for row in rows)
    ctx.emit(OpeningLoaded(site_id=site_id, lines=len(rows), units=units, value=value, posting_ids=postings))


refuse_on(
    "opening_line_once",
    lambda: OpeningAlreadyLoaded(
        "Somebody else has just loaded the same opening stock.",
        fix="Nothing was doubled. Check the file again to see what is left.",
    ),
)
