"""Writes of claims and debit notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flowrack.inbound.states import ClaimState, DiscrepancyState
from flowrack.inbound.types_claims import ClaimKind
from flowrack.platform import sql
from flowrack.platform.numbers import next_numbers
from flowrack.platform.runner import Context

PREFIX = {ClaimKind.CLAIM: "CLM", ClaimKind.DEBIT_NOTE: "DN"}


@dataclass(frozen=True, slots=True)
class NewClaim:
    """A draft: who is asked at which site for how much, of which supplier's delivery; 0 = carrier unknown."""

    site_id: int
    supplier_id: int
    responsible: str
    carrier_id: int
    amount: Decimal


def draft(ctx: Context, kind: ClaimKind, drafts: Sequence[NewClaim], note: str) -> list[str]:
    """Write drafts; their numbers in order. Two statements, none for nothing."""
    if not drafts:
        return []
    numbers = next_numbers(PREFIX[kind], len(drafts))
    sql.execute(
        """
        INSERT INTO inbound_claim (kind, state, note, created_by_id, created_at, number, site_id, supplier_id,
                                   responsible, carrier_id, amount)
        SELECT %s, 'draft', %s, %s, %s, n.number, n.site_id, nullif(n.supplier_id, 0), n.responsible,
               nullif(n.carrier_id, 0), n.amount
        FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::numeric[])
             AS n(number, site_id, supplier_id, responsible, carrier_id, amount)
        """,
        (
            str(kind),
            note[:400],
            ctx.actor_id,
            ctx.now,
            numbers,
            [one.site_id for one in drafts],
            [one.supplier_id for one in drafts],
            [one.responsible for one in drafts],
            [one.carrier_id for one in drafts],
            [one.amount for one in drafts],
        ),
    )
    return numbers


def move_discrepancies(ctx: Context, document: str, state: DiscrepancyState) -> None:
    """The discrepancies of a claim are settled with it, or (it is cancelled) open again. One statement."""
    sql.execute(
        """
        UPDATE inbound_discrepancy
        SET state = %s, amount = CASE WHEN %s = 'open' THEN 0 ELSE amount END,
            document = CASE WHEN %s = 'open' THEN '' ELSE document END
        WHERE document = %s AND state IN ('claimed', 'debited')
        """,
        (str(state), str(state), str(state), document),
    )


def write_state(ctx: Context, claim_id: int, state: ClaimState, settled: Decimal | None, reason: str) -> None:
    """Where a claim stands now. One statement."""
    sql.execute(
        """
        UPDATE inbound_claim
        SET state = %(state)s::varchar,
            sent_by_id = CASE WHEN %(state)s::varchar = 'sent' THEN %(actor)s::bigint ELSE sent_by_id END,
            sent_at = CASE WHEN %(state)s::varchar = 'sent' THEN %(now)s::timestamptz ELSE sent_at END,
            ended_by_id = CASE WHEN %(state)s::varchar <> 'sent' THEN %(actor)s::bigint END,
            ended_at = CASE WHEN %(state)s::varchar <> 'sent' THEN %(now)s::timestamptz END,
            settled_amount = %(settled)s::numeric, end_reason = %(reason)s
        WHERE id = %(id)s
        """,
        {
            "state": str(state),
            "actor": ctx.actor_id,
            "now": ctx.now,
            "settled": settled,
            "reason": reason[:200],
            "id": claim_id,
        },
    )
