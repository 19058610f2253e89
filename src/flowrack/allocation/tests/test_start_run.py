"""start_run: a full run as a job in parts; killed half way it goes on, cancelled it stays where it was."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, CY, EVE, Person, ctx, signed_in, user_id
from tests.supply import counts_of

from flowrack.allocation import commands_runs, queries_certificates, queries_runs
from flowrack.allocation.types_runs import AllocateItems, FinishRun, NothingOpen, RunStarted, StartRun
from flowrack.ledger.verify import verify
from flowrack.platform import jobs, sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries_runs, "MOST_LINES", 4)


def crowd(items: int = 6) -> tuple[int, list[int]]:
    """Six items, each short for the third of three orders that want it."""
    at = outbound.house()
    ids = [outbound.item(f"I{n}") for n in range(items)]
    for item in ids:
        outbound.receive(at, item, 10, "1")
    for code, tier in (("AA", "A"), ("BB", "B"), ("CC", "C")):
        outbound.customer(code, tier=tier)
        outbound.order(at.site, code, *[(f"I{n}", 4) for n in range(items)])
    return at.site, ids


def state(job_id: int) -> tuple[str, int]:
    row = sql.fetch_one("SELECT state, done_count FROM platform_job WHERE id = %s", (job_id,))
    assert row is not None
    return row[0], row[1]


def by_tier() -> list[tuple[str, int]]:
    return sql.fetch_all(
        """
        SELECT o.tier, sum(l.allocated_units)::int FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
        GROUP BY 1 ORDER BY 1
        """
    )


def start(site: int) -> RunStarted:
    return commands_runs.start_run(ctx(ADA), StartRun(site))


def test_a_run_in_parts_gives_what_one_run_gives(small_parts: None):
    site, _ = crowd()
    run = start(site)
    assert run.lines == 18
    assert jobs.run_next() == run.job_id
    assert state(run.job_id) == ("done", 18)
    assert by_tier() == [("A", 24), ("B", 24), ("C", 12)]
    [row] = queries_runs.runs(frozenset({0}))
    assert (row.state, row.parts, row.lines) == ("done", 6, 18)
    replayed = queries_certificates.replay_run(run.run_id)
    assert (replayed.certificates, replayed.identical, replayed.lines, replayed.identical_lines) == (6, 6, 18, 18)
    assert not verify()


def test_a_run_killed_half_way_goes_on_and_doubles_nothing(small_parts: None, monkeypatch: pytest.MonkeyPatch):
    site, _ = crowd()
    run = start(site)
    allocate, calls = commands_runs.allocate_items, []

    class Killed(BaseException):
        pass

    def dies(context, req: AllocateItems):  # type: ignore[no-untyped-def]
        calls.append(req)
        if len(calls) == 4:
            raise Killed
        return allocate(context, req)

    monkeypatch.setattr(commands_runs, "allocate_items", dies)
    with pytest.raises(Killed):
        jobs.run_next()
    monkeypatch.undo()
    half = sum(units for _, units in by_tier())
    assert 0 < half < 60
    sql.execute("UPDATE platform_job SET heartbeat_at = heartbeat_at - interval '1 hour'")
    monkeypatch.setattr(queries_runs, "MOST_LINES", 999)  # the plan stays as it was made
    assert jobs.run_next() == run.job_id
    assert state(run.job_id) == ("done", 18)
    assert by_tier() == [("A", 24), ("B", 24), ("C", 12)]
    assert sql.fetch_value("SELECT count(*) FROM platform_decision WHERE kind = 'allocation'") == 18
    assert not verify()


def test_a_cancelled_run_keeps_what_its_parts_did(small_parts: None, monkeypatch: pytest.MonkeyPatch):
    site, _ = crowd()
    run = start(site)
    allocate = commands_runs.allocate_items

    def cancels(context, req: AllocateItems):  # type: ignore[no-untyped-def]
        sql.execute("UPDATE platform_job SET cancel_asked = true")
        return allocate(context, req)

    monkeypatch.setattr(commands_runs, "allocate_items", cancels)
    jobs.run_next()
    assert state(run.job_id)[0] == "cancelled"
    assert queries_runs.runs(frozenset({0}))[0].state == "cancelled"
    assert 0 < sum(units for _, units in by_tier()) < 60
    assert not verify()


def test_an_order_cancelled_during_a_run_gets_nothing(small_parts: None, monkeypatch: pytest.MonkeyPatch):
    site, _ = crowd()
    start(site)
    allocate = commands_runs.allocate_items

    def and_cancels(context, req: AllocateItems):  # type: ignore[no-untyped-def]
        sql.execute(
            """
            UPDATE sales_orderline l SET cancelled_units = units FROM sales_order o
            WHERE o.id = l.order_id AND o.tier = 'A' AND l.allocated_units = 0
            """
        )
        return allocate(context, req)

    monkeypatch.setattr(commands_runs, "allocate_items", and_cancels)
    jobs.run_next()
    assert dict(by_tier())["A"] == 0
    assert dict(by_tier())["B"] == dict(by_tier())["C"] == 24
    assert not verify()


def test_where_nothing_waits_no_run_is_started():
    at = outbound.house()
    with pytest.raises(NothingOpen):
        start(at.site)
    with pytest.raises(NotPermitted):
        commands_runs.start_run(ctx(EVE), StartRun(at.site))


def test_a_run_is_started_on_the_page_of_runs(small_parts: None):
    site, _ = crowd()
    page = signed_in(ADA).get("/allocation/runs").content.decode()
    assert "/allocation/runs/start" in page and f'value="{site}"' in page
    assert "/allocation/runs/start" not in signed_in(CY).get("/allocation/runs").content.decode()
    begun = signed_in(ADA).post("/allocation/runs/start", {"site_id": site, "idempotency_key": "k"})
    assert (begun.status_code, sql.fetch_value("SELECT count(*) FROM allocation_run")) == (303, 1)


def test_who_may_run_one_site_runs_that_one_when_no_site_is_named():
    site, _ = crowd(2)
    other = outbound.house("BB").site
    outbound.order(other, "AA", ("I0", 4))
    manager = Person("cole", "Cole Manager", ("warehouse_manager",))
    user_id(manager, site_id=site)
    run = commands_runs.start_run(ctx(manager), StartRun())
    assert run.lines == 6
    assert sql.fetch_one("SELECT title FROM platform_job WHERE id = %s", (run.job_id,)) == ("Allocate 6 lines at W1",)
    assert queries_runs.site_of(run.run_id) == site
    both = start(0)
    before = counts_of()
    for forbidden in (
        lambda: commands_runs.start_run(ctx(manager), StartRun(other)),
        lambda: commands_runs.allocate_items(ctx(manager), AllocateItems(other, [1])),
        lambda: commands_runs.finish_run(ctx(EVE), FinishRun(both.run_id)),
    ):
        with pytest.raises(NotPermitted):
            forbidden()
    assert counts_of() == before
