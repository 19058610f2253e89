"""The rights on append-only tables, given back for a while: what the owner of the tables could do, and a test must."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flowrack.platform import sql

APPEND_ONLY = (
    "ledger_move",
    "ledger_posting",
    "platform_seal",
    "platform_decision",
    "platform_refusal",
    "platform_commandrecord",
    "platform_commandsubject",
)


@contextmanager
def all_rights() -> Iterator[None]:
    """Inside the block the role may change everything; only triggers are in its way."""
    sql.execute(f"GRANT ALL ON {', '.join(APPEND_ONLY)} TO CURRENT_USER")
    yield
    sql.execute("SELECT platform_keep_append_only()")
