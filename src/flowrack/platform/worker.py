"""The background worker: delivers events, runs jobs, seals the audit trail. Start as many as wanted.

It keeps nothing in memory that matters. Killed at any point, its leases end and another worker goes on; the keys of
commands make sure that nothing happens twice. It waits out a restart of the database.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import django
import structlog
from django.db import DatabaseError, InterfaceError, connection

log = structlog.get_logger()

IDLE_SECONDS = 0.3
SEAL_EVERY_SECONDS = 10
BEAT_EVERY_SECONDS = 10
TIDY_EVERY_SECONDS = 3_600
LONGEST_WAIT_SECONDS = 5.0


class Worker:
    """Two threads, so that a long job does not hold up events: one delivers and seals, one runs jobs."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.current_job = 0
        self._next: dict[str, float] = {}

    def run(self) -> None:
        """Work until told to stop."""
        from flowrack.platform.jobs import load_jobs

        load_jobs()
        jobs = threading.Thread(target=self._loop, args=(self._run_job,), name="jobs", daemon=True)
        jobs.start()
        self._loop(self._deliver)
        jobs.join(timeout=10)

    def stop(self, *_: object) -> None:
        """Finish what is in hand, then end."""
        self.stopping.set()

    def _loop(self, step: Callable[[], bool]) -> None:
        wait = IDLE_SECONDS
        while not self.stopping.is_set():
            try:
                did_something = step()
                wait = IDLE_SECONDS
                if not did_something:
                    self.stopping.wait(wait)
            except (DatabaseError, InterfaceError) as error:
                log.warning("worker_database", error=str(error).strip()[:300], retry_in=wait)
                connection.close()
                self.stopping.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)
            except Exception:
                log.exception("worker_step_failed", step=step.__name__)
                connection.close()
                self.stopping.wait(LONGEST_WAIT_SECONDS)
        connection.close()

    def _deliver(self) -> bool:
        from flowrack.platform import jobs, outbox, periodic, seals
        from flowrack.platform.http import now

        if self._is_due("beat", BEAT_EVERY_SECONDS):
            self._beat()
            if self.current_job:
                jobs.beat(self.current_job)
        delivered = outbox.deliver_due()
        for one in periodic.all_periodic():
            if self._is_due(one.name, one.every_seconds):
                periodic.run_round(one, now())
        if self._is_due("seals", SEAL_EVERY_SECONDS):
            seals.seal_all()
        if self._is_due("tidy", TIDY_EVERY_SECONDS):
            self._tidy()
        return delivered > 0

    def _run_job(self) -> bool:
        from flowrack.platform import jobs

        def taken(job_id: int) -> None:
            self.current_job = job_id

        try:
            return jobs.run_next(taken) is not None
        finally:
            self.current_job = 0

    def _is_due(self, name: str, every: int) -> bool:
        at = time.monotonic()
        if at < self._next.get(name, 0.0):
            return False
        self._next[name] = at + every
        return True

    def _beat(self) -> None:
        from flowrack.platform import sql

        sql.execute(
            """
            INSERT INTO platform_workerbeat (host, pid, started_at, seen_at)
            VALUES (%s, %s, clock_timestamp(), clock_timestamp())
            ON CONFLICT (host, pid) DO UPDATE SET seen_at = clock_timestamp()
            """,
            (socket.gethostname()[:80], os.getpid()),
        )

    def _tidy(self) -> None:
        from django.contrib.sessions.models import Session

        from flowrack.platform import sessions, sql
        from flowrack.platform.http import now

        at = now()
        Session.objects.filter(expire_date__lt=at).delete()
        sessions.forget_old_attempts(at - timedelta(days=2))
        sql.execute("DELETE FROM platform_workerbeat WHERE seen_at < clock_timestamp() - interval '1 day'")


def main() -> int:
    """Run one worker until SIGTERM or SIGINT."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowrack.config.settings")
    django.setup()
    worker = Worker()
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    log.info("worker_started", pid=os.getpid())
    worker.run()
    log.info("worker_stopped", pid=os.getpid())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
