"""The scorecard of a delivery history, by the rules of our own."""

from __future__ import annotations

from collections.abc import Iterable

from flowrack.analytics.rules_suppliers import Timing, Window, lead_days, spread
from flowrack.integrations.deliveries.types import DeliveryLine, FaultyLine, Scorecard, Share


def score(lines: Iterable[DeliveryLine], window: Window) -> Scorecard:
    """Figures of all lines, by group and by supplier. A line without a date takes no part in the figure that needs it.

    Lead times are given twice: without lines that were delivered before they were ordered, and as written.
    """
    whole = Share()
    by_group: dict[str, Share] = {}
    by_supplier: dict[str, Share] = {}
    bias: list[int] = []
    written: list[int] = []
    sound: list[int] = []
    faults: list[FaultyLine] = []
    count = on_the_day = 0
    for line in lines:
        count += 1
        faults += line.faults
        shares = [whole, by_supplier.setdefault(line.supplier, Share())]
        if line.group:
            shares.append(by_group.setdefault(line.group, Share()))
        if line.ordered_on is not None and line.delivered_on is not None:
            written.append((line.delivered_on - line.ordered_on).days)
            days = lead_days(line.ordered_on, line.delivered_on)
            sound += [] if days is None else [days]
        if line.promised_on is None or line.delivered_on is None:
            for share in shares:
                share.unknown += 1
            continue
        after = (line.delivered_on - line.promised_on).days
        bias.append(after)
        on_the_day += after == 0
        for share in shares:
            _count(share, window.judge(after), is_ordered=line.ordered_on is not None)
    return Scorecard(
        lines=count,
        on_the_day=on_the_day,
        whole=whole,
        by_group=by_group,
        by_supplier=by_supplier,
        bias=spread(bias),
        lead_as_written=spread(written),
        lead=spread(sound),
        faults=faults,
    )


def _count(share: Share, timing: Timing, *, is_ordered: bool) -> None:
    share.lines += 1
    share.timing[timing] += 1
    if is_ordered:
        share.ordered_lines += 1
        share.ordered_late += timing is Timing.LATE
