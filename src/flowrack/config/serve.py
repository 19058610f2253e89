"""`flowrack serve`: the database if it is embedded, the web server and one worker, as one tree of processes."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from django.conf import settings
from django.db import connection

from flowrack.config import launch
from flowrack.platform import embedded

WEB_PROCESSES = 2
BLOCKING_THREADS = 4
STOP_PATIENCE_S = 15
DATABASE_CHECK_S = 2.0
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One program of the tree; restarted when it ends by itself, ever more slowly."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    start_again_at: float = 0.0
    environment: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603
            self.command,
            env={**os.environ, "FLOWRACK_HOME": str(settings.HOME), **self.environment},
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  (this process has one thread)
        )

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


def _die_with_parent() -> None:
    """Ask the kernel to end this child when its parent is killed: nobody else would."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def check_port(host: str, port: int) -> None:
    """Refuse when somebody already listens there. The web server itself would share the port and say nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except PermissionError as error:
            raise launch.CannotStart(f"Port {port} is for root only. Choose another: PORT=8001") from error
        except OSError as error:
            raise launch.CannotStart(
                f"Port {port} on {host} is taken by another program. Free is PORT={_free_port(host, port)}"
            ) from error


def _free_port(host: str, taken: int) -> int:
    """The next port on which nobody listens; the one after the taken one when none of the next twenty is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(taken + 1, taken + 21):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    return taken + 1


def web_command(host: str, port: int, processes: int) -> list[str]:
    """The command line of the web server: WSGI, a bounded number of threads, each with one database connection."""
    return [
        sys.executable, "-m", "granian", "flowrack.config.wsgi:application",
        "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(processes),
        "--blocking-threads", str(BLOCKING_THREADS), "--no-ws", "--respawn-failed-workers",
        "--workers-kill-timeout", str(STOP_PATIENCE_S - 5), "--log-level", "error",
    ]  # fmt: skip


def children(host: str, port: int, processes: int) -> list[Child]:
    """The programs of the tree."""
    tree = [Child("web server", web_command(host, port, processes))]
    if importlib.util.find_spec("flowrack.platform.worker"):
        tree.append(Child("worker", [sys.executable, "-m", "flowrack", "worker"]))
    return tree


def serve(host: str, port: int, *, processes: int = WEB_PROCESSES, when_ready: Callable[[], None]) -> int:
    """Run until SIGTERM or SIGINT; the database must be up, migrated and stay so. The exit code."""
    check_port(host, port)
    connection.close()
    stopping: list[int] = []

    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    before = {number: signal.signal(number, ask_to_stop) for number in (signal.SIGTERM, signal.SIGINT)}
    tree = children(host, port, processes)
    try:
        web, *others = tree
        web.start()  # alone: people wait for it, and both would compete for the cores
        if _wait_for_port(host, port, web, stopping):
            when_ready()
            for child in others:
                child.start()
        _watch(tree, stopping)
    finally:
        _stop(tree)
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


def _wait_for_port(host: str, port: int, web: Child, stopping: list[int]) -> bool:
    deadline = time.monotonic() + 60
    reach = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
    while time.monotonic() < deadline and not stopping:
        if web.has_ended():
            raise launch.CannotStart("The web server ended at once; what it said stands above.")
        try:
            socket.create_connection((reach, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    if stopping:
        return False
    raise launch.CannotStart(f"The web server does not answer on {host}:{port} after 60 seconds.")


def _watch(tree: list[Child], stopping: list[int]) -> None:
    """Until asked to stop: start again what has ended, the embedded database included."""
    next_check = time.monotonic() + DATABASE_CHECK_S
    while not stopping:
        now = time.monotonic()
        for child in tree:
            if child.has_ended():
                assert child.process is not None
                code = child.process.returncode
                child.process = None
                child.failures += 1
                child.start_again_at = now + min(30.0, 0.2 * 2**child.failures)
                print(f"The {child.name} ended with code {code}; it is started again.", file=sys.stderr, flush=True)
            elif child.process is None and now >= child.start_again_at:
                child.start()
        if launch.is_embedded() and now >= next_check:
            next_check = now + DATABASE_CHECK_S
            _keep_database()
        time.sleep(0.1)


def _keep_database() -> None:
    if embedded.is_running(settings.HOME):
        return
    try:
        embedded.ensure_running(settings.HOME)
        print("The database was gone and was started again.", file=sys.stderr, flush=True)
    except embedded.EmbeddedError as error:
        print(error, file=sys.stderr, flush=True)


def _stop(tree: list[Child]) -> None:
    living = [child.process for child in tree if child.process is not None and child.process.poll() is None]
    for process in living:
        process.terminate()
    deadline = time.monotonic() + STOP_PATIENCE_S
    for process in living:
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
