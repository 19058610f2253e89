"""Writes of quotes that cannot be kept any more, inside the commands that move what they hang on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.promise import queries_kept, reasons
from flowrack.promise.rules_kept import Changed
from flowrack.promise.types import QUOTE, QuotesAtRisk, QuotesWatched
from flowrack.shared.refs import ref

KEPT = "quote/1"
MOST = 400  # characters of a doubt


def last_day(found: Sequence[Changed], told: date) -> date | None:
    """When the last of a quote can leave that was told for a day; None where nobody can say it of some."""
    days = [one.ships_on for one in found]
    return None if None in days else max([told, *(day for day in days if day is not None)])


def look(ctx: Context, quote_ids: Sequence[int], cause: str = "") -> QuotesWatched:
    """Look whether open quotes can still be kept, and write down of each what changed; who looks at one again says
    nothing more. Emits promise.quotes_at_risk for those that can not since now. Four statements and the reads."""
    before = queries_kept.doubts_of(quote_ids)
    if not before:
        return QuotesWatched([], [])
    found = queries_kept.changes(sorted(before), ctx.now)
    said = {quote_id: reasons.quote_changed(of)[:MOST] for quote_id, of in found.items()}
    moved = [quote_id for quote_id, was in before.items() if said.get(quote_id, "") != was.doubt]
    if not moved:
        return QuotesWatched([], [])
    _write(ctx, moved, said, {key: last_day(of, before[key].ships_on) for key, of in found.items()})
    at_risk = [quote_id for quote_id in moved if quote_id in said and not before[quote_id].doubt]
    fine = [quote_id for quote_id in moved if quote_id not in said]
    rows = [
        DecisionRow("quote", ref(QUOTE, key), _sentence(said.get(key, ""), cause), KEPT, {"cause": cause})
        for key in moved
    ]
    decisions.record(ctx, rows)
    if at_risk:
        ctx.emit(QuotesAtRisk(at_risk))
    return QuotesWatched(at_risk, fine)


def _sentence(said: str, cause: str) -> str:
    why = f"{cause.rstrip('.')}: " if cause else ""
    return f"{why}{said or 'its days can be kept again.'}"


def _write(ctx: Context, quote_ids: Sequence[int], said: Mapping[int, str], days: Mapping[int, date | None]) -> None:
    sql.execute(
        """
        UPDATE promise_quote q SET doubt = n.doubt, can_ship_on = n.day,
               doubted_at = CASE WHEN n.doubt = '' THEN NULL ELSE coalesce(q.doubted_at, %s) END
        FROM unnest(%s::bigint[], %s::text[], %s::date[]) AS n(id, doubt, day)
        WHERE q.id = n.id AND q.state = 'open'
        """,
        (
            ctx.now,
            list(quote_ids),
            [said.get(quote_id, "") for quote_id in quote_ids],
            [days.get(quote_id) for quote_id in quote_ids],
        ),
    )
