"""The embedded PostgreSQL: started, stopped and recovered by Flowrack itself.

A server's life is told by two locks. `server.lock` is inherited by the server and all its processes, so it is free
exactly when the last of them is gone, whatever a pid file says and whichever container looks at the directory.
`clients.lock` is shared by the programs that need the server; the last one to leave stops it. "Running" means that the
server accepts a connection.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import pq

from flowrack.platform.embedded_place import SOCKET_NAME, EmbeddedError, Place, socket_dir
from flowrack.platform.embedded_programs import ROLE, check_version, configure, initdb, run

__all__ = ["EmbeddedError", "ensure_running", "is_running", "remove", "running", "socket_dir", "stop", "url"]

DATABASE = "flowrack"
START_TIMEOUT_S = 600
STOP_TIMEOUT_S = 60
ORPHAN_TIMEOUT_S = 120

# A ledger that forgets a committed posting is worthless: these are asserted on every start and shown by `doctor`.
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on"}


def url(home: Path) -> str:
    """The server's address; computed, nothing is started."""
    return f"postgresql://{ROLE}@/{DATABASE}?host={socket_dir(home)}"


def ensure_running(home: Path) -> str:
    """Start the home's server unless it runs; its address. Many processes may ask at once."""
    place = Place(home.resolve())
    if not _accepts(place):
        place.prepare()
        with _locked(place.area / "start.lock"):
            if not _accepts(place):
                _start(place)
    _assert_durable(place)
    return url(place.home)


@contextmanager
def running(home: Path) -> Iterator[str]:
    """The server's address, for as long as the block needs it; the last program to leave stops the server."""
    place = Place(home.resolve())
    place.prepare()
    with _opened(place.area / "clients.lock") as clients:
        fcntl.flock(clients, fcntl.LOCK_SH)
        try:
            yield ensure_running(home)
        finally:
            try:
                fcntl.flock(clients, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                stop(home)


def is_running(home: Path) -> bool:
    """Whether the server accepts a connection."""
    return _accepts(Place(home.resolve()))


def stop(home: Path) -> bool:
    """Stop the server at once, open transactions rolled back; False when there was none."""
    place = Place(home.resolve())
    if not place.data.exists():
        return False
    with _locked(place.area / "start.lock"), _opened(place.area / "server.lock") as lock:
        if _is_free(lock) and _postmaster(place) is None:
            return False
        for sign in (signal.SIGINT, signal.SIGQUIT):
            _signal(place, sign)
            if _wait_until_gone(place, lock, STOP_TIMEOUT_S):
                return True
        raise EmbeddedError(f"The database in {place.area} did not stop. Its log is {place.log}.")


def remove(home: Path) -> None:
    """Stop the server and delete its data for good."""
    stop(home)
    Place(home.resolve()).remove()


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with _opened(path) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _is_free(lock: int) -> bool:
    """Take the lock if nobody holds it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _accepts(place: Place) -> bool:
    conninfo = f"host='{place.sockets}' user={ROLE} dbname={DATABASE} connect_timeout=5"
    return pq.PGconn.ping(conninfo.encode()) == pq.Ping.OK


def _connect(place: Place, *, user: str, dbname: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(host=str(place.sockets), user=user, dbname=dbname, autocommit=True, connect_timeout=30)


def _start(place: Place) -> None:
    with _opened(place.area / "server.lock") as lock:
        lives = not _is_free(lock) or _postmaster(place) is not None
        if lives and _joined_living_server(place, lock):
            return
        _forget_dead_server(place)
        place.prepare_sockets()
        if not (place.data / "PG_VERSION").exists():
            initdb(place)
        check_version(place)
        configure(place)
        _launch(place, lock)
    _make_role_and_database(place)


def _joined_living_server(place: Place, lock: int) -> bool:
    """Another process' server is alive: wait until it accepts (True) or, when it is on its way out, is gone (False)."""
    deadline = time.monotonic() + START_TIMEOUT_S
    orphans_until = time.monotonic() + ORPHAN_TIMEOUT_S
    while time.monotonic() < deadline:
        if _accepts(place):
            return True
        if _is_free(lock) and _postmaster(place) is None:
            return False
        if _postmaster(place) is None and time.monotonic() > orphans_until:
            raise EmbeddedError(
                f"The database in {place.area} was killed, but one of its processes still works on the data. "
                f"Wait for it to end or end it, then start again."
            )
        # "ready" but deaf: its socket was deleted or lies elsewhere. "stopping": it waits for its clients for ever.
        if _status_line(place) in ("ready", "stopping") and not _accepts(place):
            _signal(place, signal.SIGINT)
        time.sleep(0.1)
    raise EmbeddedError(f"The database in {place.area} is alive but accepts nobody. Its log is {place.log}.")


def _pid_file(place: Place) -> list[str]:
    try:
        return (place.data / "postmaster.pid").read_text().split("\n")
    except FileNotFoundError:
        return []


def _status_line(place: Place) -> str:
    lines = _pid_file(place)
    return lines[7].strip() if len(lines) > 7 else ""


def _postmaster(place: Place) -> int | None:
    """The pid in the pid file if that process lives, is no zombie and works on our data directory."""
    lines = _pid_file(place)
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    return pid if str(place.data) in _arguments(pid) else None


def _arguments(pid: int) -> list[str]:
    """The arguments of a living process; empty for a dead one and for a zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return []
    told = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return told.stdout.split()


def _signal(place: Place, sign: signal.Signals) -> None:
    pid = _postmaster(place)
    if pid is not None:
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return


def _wait_until_gone(place: Place, lock: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if _is_free(lock) and _postmaster(place) is None:
            return True
        time.sleep(0.02)
    return False


def _forget_dead_server(place: Place) -> None:
    """Remove what a killed server left behind; PostgreSQL would take a zombie's or a stranger's pid for its own."""
    for path in (
        place.data / "postmaster.pid",
        place.sockets / SOCKET_NAME,
        place.sockets / f"{SOCKET_NAME}.lock",
    ):
        path.unlink(missing_ok=True)


def _launch(place: Place, lock: int) -> None:
    """pg_ctl start; the server inherits the lock."""
    orphans_until = time.monotonic() + ORPHAN_TIMEOUT_S
    while True:
        begins = place.log.stat().st_size if place.log.exists() else 0
        done = run(
            place, "pg_ctl", "start", "-w", "-t", str(START_TIMEOUT_S), "-D", str(place.data), "-l", str(place.log),
            pass_fds=(lock,),
        )  # fmt: skip
        if done.returncode == 0:
            return
        told = place.log.read_bytes()[begins:].decode(errors="replace") if place.log.exists() else ""
        if "pre-existing shared memory block" not in told or time.monotonic() > orphans_until:
            raise EmbeddedError(f"The database in {place.area} did not start:\n{done.output[-500:]}{told[-2000:]}")
        time.sleep(0.5)


def _make_role_and_database(place: Place) -> None:
    """The application's role is no superuser: what it may do, it may also do on a managed server."""
    with _connect(place, user="postgres", dbname="postgres") as connection:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone() is None:
            connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB IN ROLE pg_monitor, pg_checkpoint")
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")


def _assert_durable(place: Place) -> None:
    with _connect(place, user=ROLE, dbname=DATABASE) as connection:
        found = dict(connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", (list(DURABLE),)))
    wrong = [f"{name} is {found.get(name)}" for name, wanted in DURABLE.items() if found.get(name) != wanted]
    if wrong:
        raise EmbeddedError(
            f"The database in {place.area} would lose committed work: {', '.join(wrong)}. Somebody changed its "
            f"settings; reset them (ALTER SYSTEM RESET ...) and start again."
        )
