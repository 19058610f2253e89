"""Locks of carriers: all versions of a carrier's rate card; the choices of orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class LockedCard:
    """A version of a rate card."""

    card_id: int
    carrier_id: int
    version: int
    state: str
    written_by_id: int
    valid_from: date
    writers: list[int]


def choices_of(order_ids: Sequence[int]) -> None:
    """The choices of orders are this transaction's, in order of the orders. One statement."""
    sql.fetch_all(
        """
        SELECT pg_advisory_xact_lock(hashtextextended('carriers.choice:' || o.id, 0))
        FROM (SELECT DISTINCT id FROM unnest(%s::bigint[]) AS i(id) ORDER BY id) AS o
        """,
        (list(order_ids),),
    )


def drafts() -> None:
    """All drafts of rate cards, in order of id. One statement."""
    sql.fetch_all("SELECT id FROM carriers_ratecard WHERE state = 'draft' ORDER BY id FOR NO KEY UPDATE")


def accounts(account_ids: Sequence[int]) -> None:
    """Accounts of carriers' systems, in order of id. One statement."""
    sql.fetch_all(
        "SELECT id FROM carriers_carrieraccount WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE",
        (sorted(set(account_ids)),),
    )


def hosts() -> None:
    """The list of allowed hosts: an account is saved, or the list is, never both at once. One statement."""
    sql.fetch_all("SELECT pg_advisory_xact_lock(hashtextextended('carriers.hosts', 0))")


def cards_of(carrier_id: int) -> dict[int, LockedCard]:
    """All versions of a carrier's rate card, locked, by id; the carrier first, so that the first version is too."""
    sql.fetch_all("SELECT id FROM parties_party WHERE id = %s FOR NO KEY UPDATE", (carrier_id,))
    rows = sql.fetch_all(
        """
        SELECT id, carrier_id, version, state, written_by_id, valid_from, writers FROM carriers_ratecard
        WHERE carrier_id = %s ORDER BY id FOR NO KEY UPDATE
        """,
        (carrier_id,),
    )
    return {row[0]: LockedCard(*row) for row in rows}
