"""Importing 100,000 items with packs and barcodes from CSV through the engine."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import transaction

from flowrack.catalog.bench import import_items_100k, import_items_raw
from flowrack.integrations.bench.harness import Figure, Scale, bench
from flowrack.platform import sql


@bench("import.items_100k")
def items(scale: Scale) -> Iterator[Figure]:
    """Seconds of one import; raw makes the same rows by INSERT ... SELECT, from nothing and without checks."""
    rows = scale.of(100_000, 1_000)
    with transaction.atomic():
        started = time.perf_counter()
        with sql.cursor() as cursor:
            for statement in import_items_raw(rows).split(";"):
                cursor.execute(statement.replace("%%", "%"))
        raw = time.perf_counter() - started
        transaction.set_rollback(True)
    with transaction.atomic():
        seconds, _report = import_items_100k(rows)
    yield Figure("import.items_100k", seconds, "s", raw, raw / seconds, rows, seconds=seconds)
