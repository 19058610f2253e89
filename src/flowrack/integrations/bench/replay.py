"""A year of a wholesaler's orders through the whole flow (a few days of the shipped slice in a smoke run)."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from flowrack.integrations.bench.harness import Figure, Scale, bench
from flowrack.integrations.replay import run as replay
from flowrack.integrations.replay.types import Settings
from flowrack.ledger.verify import verify
from flowrack.platform import sql

SHIPPED = Path(__file__).parent.parent / "sample" / "orders.csv.gz"


@bench("replay.year")
def year(scale: Scale) -> Iterator[Figure]:
    """Seconds for the history that FLOWRACK_HISTORY names; without it, or in a smoke run, the shipped slice.

    With FLOWRACK_WISHES=yes its customers order ahead and take variants, as those of `flowrack replay` do.
    """
    named = os.environ.get("FLOWRACK_HISTORY")
    path = Path(named) if named and not scale.quick else SHIPPED
    days = 3 if scale.quick else None
    started = time.perf_counter()
    has_wishes = os.environ.get("FLOWRACK_WISHES") == "yes"
    settings = Settings(seed=1, days=days, sites=("KW1", "KW2"), home_percent=51, has_wishes=has_wishes)
    replay.run(path, settings, lambda line: print(line, file=sys.stderr, flush=True))
    seconds = time.perf_counter() - started
    broken = verify()
    if broken:
        raise RuntimeError(f"the books do not add up after the replay: {broken[0].check}")
    lines = int(sql.fetch_value("SELECT count(*) FROM sales_orderline"))
    yield Figure("replay.year", seconds, "s", None, None, lines, seconds=seconds)
