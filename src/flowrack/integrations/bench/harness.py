"""Runs benchmarks in a throw-away database beside the configured one, and reports what they measured."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from flowrack.integrations.throw_away import drop_database
from flowrack.platform import sql

CLOCK_TICKS = 100  # USER_HZ on Linux
MIB = 1024.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement: Flowrack's value, the hand-written SQL's for the same rows (None where there is none), and
    their ratio, always the share of the raw speed that Flowrack reaches (1.0 = as fast)."""

    name: str
    value: float
    unit: str
    raw: float | None
    ratio: float | None
    size: int
    seconds: float = 0.0
    memory_mib: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The figure as the JSON report holds it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Scale:
    """How large to run: full sizes, or small ones for a smoke run. `data`: a directory of published problems."""

    quick: bool
    data: Path | None = None

    def of(self, full: int, quick: int) -> int:
        """The size to use."""
        return quick if self.quick else full


Bench = Callable[[Scale], Iterator[Figure]]
BENCHES: dict[str, Bench] = {}


def bench(*names: str) -> Callable[[Bench], Bench]:
    """Register a function that yields the figures of these names."""

    def register(body: Bench) -> Bench:
        for name in names:
            BENCHES[name] = body
        return body

    return register


def run(names: list[str], scale: Scale) -> Iterator[Figure]:
    """Run the named benchmarks (all when none is named), each in a fresh database; figures as they come."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        raise SystemExit(f"No such benchmark: {', '.join(unknown)}. Known: {', '.join(sorted(BENCHES))}")
    wanted = names or list(BENCHES)
    bodies = list(dict.fromkeys(BENCHES[name] for name in wanted))
    for body in bodies:
        with fresh_database():
            started = time.perf_counter()
            for figure in body(scale):
                if figure.name.split("@")[0] in wanted or figure.name in wanted:
                    elapsed = figure.seconds or time.perf_counter() - started
                    yield replace(figure, seconds=elapsed, memory_mib=peak_memory_mib())


@contextmanager
def fresh_database() -> Iterator[None]:
    """A migrated, empty, never analysed database, dropped afterwards. Its template is made once per run.

    Within another such block it takes the other one's place.
    """
    own = str(settings.DATABASES["default"]["NAME"])
    template = f"{own}_bench_template"
    name = f"{own}_bench"
    _drop(own, name)
    if not _exists(own, template) or template not in _made:
        _drop(own, template)
        _admin(own, f'CREATE DATABASE "{template}"')
        _use(template)
        call_command("migrate", verbosity=0)
        _made.add(template)
        _use(own)
    _admin(own, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    _use(name)
    try:
        yield
    finally:
        _use(own)
        _drop(own, name)


_made: set[str] = set()


def drop_template() -> None:
    """Remove the template database of this run."""
    own = str(settings.DATABASES["default"]["NAME"])
    for template in _made:
        _drop(own, template)
    _made.clear()


def _use(name: str) -> None:
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


def _admin(database: str, statement: str) -> None:
    with psycopg.connect(conninfo(database), autocommit=True) as admin:
        admin.execute(statement.encode())


def _drop(database: str, name: str) -> None:
    with psycopg.connect(conninfo(database), autocommit=True) as admin:
        drop_database(admin, name)


def _exists(database: str, name: str) -> bool:
    with psycopg.connect(conninfo(database), autocommit=True) as admin:
        return admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None


def conninfo(database: str | None = None) -> str:
    """The libpq address of a database on the configured server; by default the one in use now."""
    config = settings.DATABASES["default"]
    parts = {
        "dbname": database or config["NAME"],
        "user": config["USER"],
        "password": config["PASSWORD"],
        "host": config["HOST"],
        "port": config["PORT"],
    }
    return psycopg.conninfo.make_conninfo(**{key: str(value) for key, value in parts.items() if value})


def peak_memory_mib() -> float:
    """The largest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB


class Stopwatch:
    """Wall and CPU seconds between two points: this process's, and with it the database server's."""

    def __init__(self) -> None:
        self.server = _server_processes()
        self.wall = time.perf_counter()
        self.own_cpu = time.process_time()
        self.server_cpu = _cpu_of(self.server)

    def wall_seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.wall

    def cpu_seconds(self) -> float:
        """CPU seconds of this process and of the database server since the start."""
        return time.process_time() - self.own_cpu + _cpu_of(self.server) - self.server_cpu


def _server_processes() -> list[int]:
    """The server's processes that work for this database, if the server runs on this machine."""
    backends = [row[0] for row in sql.fetch_all("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")]
    if not any(_stat(pid) for pid in backends):
        print("The database server runs elsewhere: its CPU time is not counted.", file=sys.stderr)
    return backends


def _cpu_of(processes: list[int]) -> float:
    return sum(_stat(pid) or 0.0 for pid in processes)


def _stat(pid: int) -> float | None:
    """CPU seconds that a process has used; None when it is not on this machine."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS
