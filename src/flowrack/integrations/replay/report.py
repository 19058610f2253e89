"""The closing report of a replay: what was done, how fast, and the figures of the house."""

from __future__ import annotations

import resource
from typing import Any

from flowrack.integrations.replay import reads
from flowrack.integrations.replay.run import Done


def closing_report(done: Done) -> dict[str, Any]:
    """Figures by name, for people and as JSON."""
    tally = done.tally
    return {
        "run": done.run_code,
        "books": reads.books_hash([site.site_id for site in done.house.sites]),
        "days": done.days,
        "seconds": done.seconds,
        "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "orders": tally.orders,
        "order_lines": tally.order_lines,
        "receipts": tally.receipts,
        "receipt_lines": tally.receipt_lines,
        "orders_sent": tally.shipped_orders,
        "units_returned": tally.returned_units,
        "units_cancelled_unsent": tally.unreturnable_units,
        "units_lost": tally.lost_units,
        "units_not_there_to_lose": tally.unlosable_units,
        "bins_counted": tally.counted_bins,
        **{f"ms {name}": ms for name, ms in sorted(tally.ms.items(), key=lambda x: -x[1])},
    }
