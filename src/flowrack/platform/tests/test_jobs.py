"""Jobs run once, tell how far they are, can be stopped, and survive their worker."""

from __future__ import annotations

import gc

import pytest
from django.db import transaction
from tests.cast import ADA, BO, EVE, PAM, ctx

from flowrack.platform import jobs, sql
from flowrack.platform.jobs import JobRun
from flowrack.platform.models import Job, User
from flowrack.shared.errors import BadLine, Invalid, NotFound, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kinds(monkeypatch):
    registry: dict = {}
    monkeypatch.setattr(jobs, "_kinds", registry)
    monkeypatch.setattr(jobs, "load_jobs", lambda: None)
    monkeypatch.setattr(jobs, "PROGRESS_EVERY_SECONDS", 0)
    return lambda function: jobs.job("test.work", permission="catalog.import")(function)


def test_cycles_are_looked_for_ten_times_as_seldom_while_a_job_runs_and_as_before_after_it_failed(kinds):
    usual, seen = gc.get_threshold(), []

    @kinds
    def work(run: JobRun):
        seen.append(gc.get_threshold())
        raise Invalid("no")

    queue()
    jobs.run_next()
    assert (seen, gc.get_threshold()) == ([(usual[0] * 10, *usual[1:])], usual)


def queue(**arguments: object) -> int:
    return jobs.start(ctx(PAM), "test.work", arguments, title="Work", total=10)


def test_a_job_runs_once_and_keeps_its_result(kinds):
    runs = []

    @kinds
    def work(run: JobRun):
        runs.append((run.arguments, run.actor_id))
        run.progress(4, 10, "four")
        row = Job.objects.get()
        assert (row.state, row.done_count, row.message) == ("running", 4, "four")
        run.log("a line")
        return {"made": 3}

    queue(file="a.csv")
    assert jobs.run_next() is not None
    assert jobs.run_next() is None
    assert runs == [({"file": "a.csv"}, PAM.id)]
    done = Job.objects.get()
    assert (done.state, done.done_count, done.result, done.log) == ("done", 10, {"made": 3}, "a line\n")


def test_a_rolled_back_job_never_was(kinds):
    @kinds
    def work(run: JobRun): ...

    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert jobs.run_next() is None


def test_progress_is_seen_from_outside_while_the_job_is_in_a_transaction(kinds):
    seen = []

    @kinds
    def work(run: JobRun):
        with transaction.atomic():
            run.progress(5)
            transaction.set_rollback(True)
        seen.append(Job.objects.get().done_count)

    queue()
    jobs.run_next()
    assert seen == [5]


def test_a_job_stops_where_the_person_asks(kinds):
    steps = []

    @kinds
    def work(run: JobRun):
        for number in range(1, 10):
            steps.append(number)
            if number == 3:
                jobs.cancel(run.actor_id, run.id)
            run.progress(number)

    queue()
    jobs.run_next()
    assert (Job.objects.get().state, steps) == ("cancelled", [1, 2, 3])


def test_a_waiting_job_is_cancelled_at_once_and_only_by_its_owner(kinds):
    @kinds
    def work(run: JobRun): ...

    job_id = queue()
    with pytest.raises(NotFound):
        jobs.cancel(BO.id, job_id)
    jobs.cancel(PAM.id, job_id)
    assert Job.objects.get().state == "cancelled"
    assert jobs.run_next() is None


def test_a_refusal_names_every_line_and_a_bug_tells_nothing_but_the_log(kinds):
    @kinds
    def work(run: JobRun):
        if run.arguments["bug"]:
            raise ZeroDivisionError("secret detail")
        raise Invalid("Two lines are wrong.", lines=[BadLine(3, "sku", "Unknown."), BadLine(9, "sku", "Unknown.")])

    first, second = queue(bug=False), queue(bug=True)
    jobs.run_next()
    jobs.run_next()
    refused, broken = Job.objects.get(pk=first), Job.objects.get(pk=second)
    assert (refused.state, refused.message) == ("failed", "Two lines are wrong.")
    assert "line 9 sku: Unknown." in refused.log
    assert (broken.state, "secret" in broken.message, "secret detail" in broken.log) == ("failed", False, True)


def test_a_job_whose_worker_died_is_taken_up_again_with_the_same_keys(kinds):
    keys = []

    @kinds
    def work(run: JobRun):
        keys.append(run.context("chunk-1").key)

    queue()
    sql.execute("UPDATE platform_job SET state = 'running', attempts = 1, heartbeat_at = now() - interval '2 minutes'")
    job_id = jobs.run_next()
    assert (keys, Job.objects.get().attempts) == ([f"job:{job_id}:chunk-1"], 2)


def test_a_worker_that_was_given_up_stops_at_its_next_step(kinds):
    @kinds
    def work(run: JobRun):
        sql.execute("UPDATE platform_job SET attempts = attempts + 1")
        run.progress(1)
        raise AssertionError("went on")

    queue()
    jobs.run_next()
    assert Job.objects.get().state == "running"


def test_a_job_that_kills_its_worker_is_given_up(kinds):
    @kinds
    def work(run: JobRun):
        raise AssertionError("must not run again")

    queue()
    sql.execute("UPDATE platform_job SET state = 'running', attempts = 3, heartbeat_at = now() - interval '1 day'")
    jobs.run_next()
    assert Job.objects.values_list("state", "message").get() == ("failed", "It died 3 times with its worker.")


def test_rights_are_asked_when_it_is_queued_and_again_when_it_runs(kinds):
    @kinds
    def work(run: JobRun):
        raise AssertionError("must not run")

    for person in (ADA, EVE):
        with pytest.raises(NotPermitted):
            jobs.start(ctx(person), "test.work", {}, title="Work")
    queue()
    User.objects.filter(pk=PAM.id).update(is_active=False)
    jobs.run_next()
    assert Job.objects.get().state == "failed"
