"""A change behind Flowrack's back is found, and its block is named."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction
from tests.cast import ADA, user_id
from tests.rights import all_rights

from flowrack.platform import seals, sql
from flowrack.platform.seals import Head

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(seals, "BLOCK_ROWS", 10)
    with all_rights():
        sql.execute("TRUNCATE platform_seal")


def records(count: int) -> None:
    sql.execute(
        """
        INSERT INTO platform_commandrecord (actor_id, key, command, device, fingerprint, request, result, occurred_at,
                                            subject)
        SELECT %s, gen_random_uuid()::text, 'x.y', '', '\\x00', jsonb_build_object('n', n), 'null', now(), ''
        FROM generate_series(1, %s) n
        """,
        (user_id(ADA), count),
    )


def behind_the_back(statement: str) -> None:
    """What a superuser can do: every right, and triggers off."""
    with transaction.atomic(), all_rights():
        sql.execute("SET LOCAL session_replication_role = replica")
        assert sql.execute(statement) > 0


def audit_problems(heads: list[Head] | None = None) -> list[tuple[int, str]]:
    return [(p.block, p.message) for p in seals.verify_seals(heads) if p.chain == "audit"]


def sealed(count: int = 35) -> int:
    """So many sealed rows; the id of the first."""
    records(count)
    assert seals.seal_all(settle_seconds=0) >= count
    return int(sql.fetch_value("SELECT min(id) FROM platform_commandrecord"))


def test_an_untouched_trail_is_whole_and_is_continued():
    first = sealed(35)
    records(7)
    assert seals.seal_all(settle_seconds=0) == 7
    blocks = sql.fetch_all(
        "SELECT block, first_id - %s, rows FROM platform_seal WHERE chain = 'audit' ORDER BY 1", (first,)
    )
    assert blocks == [(1, 0, 10), (2, 10, 10), (3, 20, 10), (4, 30, 5), (5, 35, 7)]
    assert audit_problems() == []


CHANGED = "a row or the seal itself was changed"
SWAP = """
    UPDATE platform_commandrecord a SET request = b.request FROM platform_commandrecord b
    WHERE (a.id, b.id) IN (({first} + 1, {first} + 11), ({first} + 11, {first} + 1))
"""
EARLIER = "UPDATE platform_commandrecord SET recorded_at = recorded_at - interval '1 day' WHERE id = {first}"
RESEAL = "UPDATE platform_seal SET digest = sha256('x') WHERE chain = 'audit' AND block = 2"


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        ("UPDATE platform_commandrecord SET request = '{}' WHERE id = {first} + 14", [(2, CHANGED)]),
        (EARLIER, [(1, CHANGED)]),
        ("DELETE FROM platform_commandrecord WHERE id = {first} + 25", [(3, "10 rows were sealed, 9 are there now")]),
        (SWAP, [(1, CHANGED), (2, CHANGED)]),
        (RESEAL, [(2, CHANGED), (3, CHANGED)]),
        (
            "DELETE FROM platform_seal WHERE chain = 'audit' AND block = 2",
            [(2, "seal 2 is missing"), (3, "10 rows were sealed, 20 are there now")],
        ),
    ],
)
def test_a_change_is_found_and_its_block_named(tamper, found):
    first = sealed()
    behind_the_back(tamper.replace("{first}", str(first)))
    assert audit_problems() == found


def test_a_back_dated_row_between_sealed_ones_is_found():
    first = sealed()
    behind_the_back(f"DELETE FROM platform_commandrecord WHERE id = {first} + 12")
    behind_the_back(
        f"""
        INSERT INTO platform_commandrecord (id, actor_id, key, command, device, fingerprint, request, result,
                                            occurred_at, subject, recorded_at)
        SELECT {first} + 12, actor_id, 'forged', command, device, fingerprint, request, result, occurred_at, subject,
               recorded_at FROM platform_commandrecord WHERE id = {first} + 11
        """
    )
    assert audit_problems() == [(2, "a row or the seal itself was changed")]


def test_a_chain_cut_short_or_made_anew_is_found_with_an_exported_head():
    first = sealed()
    exported = seals.heads()
    behind_the_back(f"DELETE FROM platform_seal WHERE chain = 'audit' AND block = 4 AND first_id = {first} + 30")
    behind_the_back(f"DELETE FROM platform_commandrecord WHERE id >= {first} + 30")
    assert audit_problems() == []
    assert audit_problems(exported) == [(4, "the chain ends at block 3, before the exported head")]
    behind_the_back("DELETE FROM platform_seal")
    records(5)
    seals.seal_all(settle_seconds=0)
    assert audit_problems() == []
    assert audit_problems(exported) == [(4, "the seal is not the exported one")]


def test_nothing_is_sealed_that_a_running_transaction_may_still_precede():
    records(3)
    started, finish = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                records(1)
                started.set()
                finish.wait(10)
        finally:
            connection.close()

    def quick() -> None:
        records(2)

    writer = threading.Thread(target=slow)
    writer.start()
    started.wait(10)
    quick()
    assert seals.seal_all(settle_seconds=0) == 3
    finish.set()
    writer.join()
    assert seals.seal_all(settle_seconds=0) == 3
    assert audit_problems() == []
