"""The catalogue's door: import items."""

from __future__ import annotations

from flowrack.catalog.imports import ITEMS
from flowrack.platform.importing import ImportFile, ImportReport, load
from flowrack.platform.runner import Context, command


@command(permission="catalog.import", result=ImportReport)
def import_items(ctx: Context, req: ImportFile) -> ImportReport:
    """Bring items, their packs and barcodes in line with a file.

    Refuses with FileRefused (no table), ImportRefused (mistakes, each with row, column and way out).
    """
    ctx.subject = f"platform.importfile:{req.digest[:40]}"
    return load(ITEMS, req)
