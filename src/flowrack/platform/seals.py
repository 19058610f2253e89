"""The sealed audit trail: hashes over blocks of rows and over the seal before, so that a later change is found.

A worker seals; writers never wait for a hash. A row is sealed when no running transaction can still add one before it.
A chain is declared in a stage's `seals.py` (`CHAINS`), as a query whose rows become text the same way every time.
Whoever can rewrite rows can rewrite seals too: export the head (`flowrack verify --seals --export-head FILE`) and keep
it elsewhere; verifying against it finds a chain that was cut short or made anew.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from flowrack.platform import sql

BLOCK_ROWS = 1_000
SETTLE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Chain:
    """A table that is sealed. `content` selects (id, text) of the rows with %(after)s < id <= %(last)s.

    The table has the columns id (from a sequence) and recorded_at (the database's clock when the row was written).
    """

    name: str
    table: str
    content: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last seal of a chain."""

    chain: str
    block: int
    digest: str


@dataclass(frozen=True, slots=True)
class SealProblem:
    """A block whose rows are not what was sealed."""

    chain: str
    block: int
    first_id: int
    last_id: int
    message: str


AUDIT = Chain(
    name="audit",
    table="platform_commandrecord",
    content="""
        SELECT r.id, ROW(r.id, r.actor_id, r.key, r.command, r.subject, r.device, host(r.address),
                         encode(r.fingerprint, 'hex'), r.request, r.result, extract(epoch FROM r.occurred_at),
                         extract(epoch FROM r.recorded_at))::text
        FROM platform_commandrecord r WHERE r.id > %(after)s AND r.id <= %(last)s
    """,
)
CHAINS = [AUDIT]


def chains() -> Iterator[Chain]:
    """The chains of all stages."""
    for stage in settings.STAGES:
        name = f"flowrack.{stage}.seals"
        if importlib.util.find_spec(name):
            yield from importlib.import_module(name).CHAINS


def seal_all(*, settle_seconds: int = SETTLE_SECONDS) -> int:
    """Seal what has settled in every chain; the number of rows."""
    return sum(_seal(chain, settle_seconds) for chain in chains())


def _seal(chain: Chain, settle_seconds: int) -> int:
    """Add blocks to one chain. The number of a block is unique, so two workers cannot fork the chain."""
    before = _settled_before(settle_seconds)
    row = sql.fetch_one(
        "SELECT block, last_id, digest FROM platform_seal WHERE chain = %s ORDER BY block DESC LIMIT 1", (chain.name,)
    )
    block, last_id, digest = (row[0], row[1], bytes(row[2])) if row else (0, 0, b"")
    sealed = 0
    while True:
        ids = sql.fetch_all(
            f"SELECT id FROM {chain.table} WHERE id > %s AND recorded_at < %s ORDER BY id LIMIT %s",  # noqa: S608
            (last_id, before, BLOCK_ROWS),
        )
        if not ids:
            return sealed
        block, first_id, after, last_id = block + 1, ids[0][0], last_id, ids[-1][0]
        count, content = _content(chain, after, last_id)
        if count != len(ids):
            return sealed  # a row among these is too young by its clock; the next round takes them together
        digest = _digest(digest, _header(chain, block, last_id, count), content)
        added = sql.execute(
            """
            INSERT INTO platform_seal (chain, block, first_id, last_id, rows, digest)
            VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (chain, block) DO NOTHING
            """,
            (chain.name, block, first_id, last_id, count, digest),
        )
        if not added:
            return sealed  # another worker is at it
        sealed += count


def _settled_before(settle_seconds: int) -> object:
    """The time before which every row is committed or gone: no transaction that runs now began earlier.

    A row takes its id after its transaction began and before its recorded_at. So whatever a running transaction may
    still add has an id above those of the rows recorded before this time.
    """
    return sql.fetch_value(
        """
        SELECT least(min(xact_start), clock_timestamp() - make_interval(secs => %s))
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
          AND backend_type = 'client backend'
        """,
        (settle_seconds,),
    )


def _content(chain: Chain, after: int, last_id: int) -> tuple[int, bytes]:
    """How many rows lie in the range, and the hash of their texts in order of id."""
    rows = sql.fetch_all(
        f"SELECT content.text FROM ({chain.content}) AS content(id, text) ORDER BY content.id",  # noqa: S608
        {"after": after, "last": last_id},
    )
    content = hashlib.sha256()
    for (text,) in rows:
        content.update(text.encode())
        content.update(b"\n")
    return len(rows), content.digest()


def _header(chain: Chain, block: int, last_id: int, rows: int) -> str:
    return f"{chain.name}|{block}|{last_id}|{rows}"


def _digest(previous: bytes, header: str, content: bytes) -> bytes:
    return hashlib.sha256(b"|".join([previous.hex().encode(), header.encode(), content])).digest()


def verify_seals(heads: list[Head] | None = None) -> list[SealProblem]:
    """Every block whose rows were edited, deleted, added to or swapped since; with exported heads also cut chains."""
    problems = []
    for chain in chains():
        wanted = next((head for head in heads or [] if head.chain == chain.name), None)
        problems += list(_verify(chain, wanted))
    return problems


def _verify(chain: Chain, head: Head | None) -> Iterator[SealProblem]:
    seals = sql.fetch_all(
        "SELECT block, first_id, last_id, rows, digest FROM platform_seal WHERE chain = %s ORDER BY block",
        (chain.name,),
    )
    previous, after, expected = b"", 0, 1
    found_head = head is None
    for block, first_id, last_id, count, raw in seals:
        stored = bytes(raw)
        if block != expected:
            yield SealProblem(chain.name, expected, after + 1, first_id - 1, f"seal {expected} is missing")
            expected, previous = block, b""
        rows, content = _content(chain, after, last_id)
        if rows != count:
            yield SealProblem(chain.name, block, first_id, last_id, f"{count} rows were sealed, {rows} are there now")
        elif _digest(previous, _header(chain, block, last_id, rows), content) != stored:
            yield SealProblem(chain.name, block, first_id, last_id, "a row or the seal itself was changed")
        if head and block == head.block:
            found_head = stored.hex() == head.digest
            if not found_head:
                yield SealProblem(chain.name, block, first_id, last_id, "the seal is not the exported one")
                found_head = True
        previous, after, expected = stored, last_id, expected + 1
    if not found_head and head:
        yield SealProblem(
            chain.name, head.block, 0, 0, f"the chain ends at block {expected - 1}, before the exported head"
        )


def heads() -> list[Head]:
    """The last seal of every chain, to keep outside the database."""
    rows = sql.fetch_all(
        "SELECT DISTINCT ON (chain) chain, block, digest FROM platform_seal ORDER BY chain, block DESC"
    )
    return [Head(chain, block, bytes(digest).hex()) for chain, block, digest in rows]


def unsealed_seconds() -> int:
    """Age of the oldest audit row that is not sealed; 0 when all are."""
    return int(
        sql.fetch_value(
            """
            SELECT coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0)
            FROM platform_commandrecord
            WHERE id > coalesce((SELECT max(last_id) FROM platform_seal WHERE chain = 'audit'), 0)
            """
        )
    )
