"""A scorecard as people read it, and as data."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flowrack.analytics.rules_suppliers import Spread, Timing
from flowrack.integrations.deliveries.types import FaultyLine, Scorecard, Share

NAMED_LINES = 10
TENTH = Decimal("0.1")


def percent(part: int, whole: int, places: str = "0.01") -> Decimal | None:
    """A share in percent; None of nothing."""
    return (Decimal(100 * part) / whole).quantize(Decimal(places), rounding=ROUND_HALF_UP) if whole else None


def rounded(value: Decimal | None, places: Decimal = TENTH) -> Decimal | None:
    """A figure as it is shown."""
    return None if value is None else value.quantize(places, rounding=ROUND_HALF_UP)


def as_data(card: Scorecard) -> dict[str, Any]:
    """The scorecard for programs: every figure with the number of lines behind it."""
    kinds: dict[tuple[str, str], list[int]] = defaultdict(list)
    for fault in card.faults:
        kinds[_kind(fault)].append(fault.line_no)
    return {
        "lines": card.lines,
        "on_the_day": card.on_the_day,
        "on_the_day_pct": percent(card.on_the_day, card.whole.lines),
        "all": _share(card.whole),
        "days_after_promise": _spread(card.bias),
        "lead_days": _spread(card.lead),
        "lead_days_as_written": _spread(card.lead_as_written),
        "groups": {name: _share(share) for name, share in sorted(card.by_group.items())},
        "suppliers": {name: _share(share) for name, share in _by_lines(card.by_supplier)},
        "faults": [{"fault": k[0], "text": k[1], "lines": len(v), "first": v[:NAMED_LINES]} for k, v in kinds.items()],
    }


def in_words(card: Scorecard, *, suppliers: int) -> str:
    """The scorecard as text."""
    data = as_data(card)
    rows = [f"{card.lines:,} delivery lines, {card.whole.unknown:,} of them without a date to judge by", ""]
    rows += [_timing_row("all lines", card.whole)]
    rows += [_timing_row(name, share) for name, share in sorted(card.by_group.items())]
    rows += [f"on the promised day: {data['on_the_day_pct']} % ({card.on_the_day:,} lines)", ""]
    rows += [
        _spread_row("days after the promise", card.bias),
        _spread_row("lead time, days", card.lead),
        _spread_row("lead time with its faults", card.lead_as_written),
        "",
        f"{'supplier':<48}{'lines':>8}{'not late':>11}{'order date':>12}{'not late':>11}",
    ]
    for name, share in _by_lines(card.by_supplier)[:suppliers]:
        late = share.timing[Timing.LATE]
        rows.append(
            f"{(name or '(none)')[:47]:<48}{share.lines:>8,}{_pct(share.lines - late, share.lines):>11}"
            f"{share.ordered_lines:>12,}{_pct(share.ordered_lines - share.ordered_late, share.ordered_lines):>11}"
        )
    rows += ["", "Faults, kept out of the figures that need what is missing:"]
    rows += [
        f"  {x['fault']}{': ' + x['text'] if x['text'] else ''}: {x['lines']:,} lines ({_first(x)})"
        for x in data["faults"]
    ] or ["  none"]
    return "\n".join(rows)


def _first(fault: dict[str, Any]) -> str:
    more = ", ..." if fault["lines"] > len(fault["first"]) else ""
    return "line " + ", ".join(map(str, fault["first"])) + more


def _kind(fault: FaultyLine) -> tuple[str, str]:
    """Faults are grouped by the words that stand in the file, unless these are figures of the line."""
    text = fault.text if not any(c.isdigit() for c in fault.text) else ""
    return fault.fault.value, text


def _by_lines(shares: dict[str, Share]) -> list[tuple[str, Share]]:
    return sorted(shares.items(), key=lambda pair: (-pair[1].lines, pair[0]))


def _pct(part: int, whole: int) -> str:
    value = percent(part, whole, "0.1")
    return "no data" if value is None else f"{value} %"


def _timing_row(name: str, share: Share) -> str:
    parts = [f"{t.value.replace('_', ' ')} {percent(share.timing[t], share.lines) or 0} %" for t in Timing]
    return f"{name:<30}{share.lines:>8,} lines   " + "   ".join(parts)


def _spread_row(name: str, found: Spread | None) -> str:
    if found is None:
        return f"{name:<30} no data"
    return (
        f"{name:<30}{found.lines:>8,} lines   mean {rounded(found.mean)}   median {rounded(found.median)}   "
        f"90th percentile {found.p90}   deviation {rounded(found.deviation)}"
    )


def _share(share: Share) -> dict[str, Any]:
    late = share.timing[Timing.LATE]
    return {
        "lines": share.lines,
        **{str(t): share.timing[t] for t in Timing},
        **{f"{t}_pct": percent(share.timing[t], share.lines) for t in Timing},
        "not_late_pct": percent(share.lines - late, share.lines),
        "with_order_date": share.ordered_lines,
        "with_order_date_not_late_pct": percent(share.ordered_lines - share.ordered_late, share.ordered_lines),
    }


def _spread(found: Spread | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "lines": found.lines,
        "mean": rounded(found.mean, Decimal("0.01")),
        "median": found.median,
        "p90": found.p90,
        "deviation": rounded(found.deviation, Decimal("0.01")),
    }
