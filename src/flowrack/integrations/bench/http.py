"""A real web server for benchmarks, and clients that speak HTTP to it over connections that stay open."""

from __future__ import annotations

import heapq
import os
import re
import secrets
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flowrack.integrations.bench.harness import conninfo
from flowrack.platform import sql
from flowrack.platform.tokens import digest_of

CLIENTS = 8
SERVER_PROCESSES = 2
Scan = Generator[bytes, bytes, None]  # yields requests, is sent the body of each answer, ends with the scan


def token_of(user_id: int) -> str:
    """A token with which everything can be asked that the person may do."""
    public, secret = secrets.token_hex(6), secrets.token_hex(20)
    token = f"frk_{public}_{secret}"
    sql.execute(
        """
        INSERT INTO platform_apitoken (user_id, name, public_id, digest, scopes, site_ids, created_at, expires_at)
        VALUES (%s, 'bench', %s, %s, '{}', '{}', now(), now() + interval '1 day')
        """,
        (user_id, public, digest_of(token)),
    )
    return token


@contextmanager
def server() -> Iterator[int]:
    """The address of the web server as `flowrack serve` runs it, on a free port, for the benchmark's database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        sys.executable, "-m", "granian", "flowrack.config.wsgi:application", "--interface", "wsgi",
        "--host", "127.0.0.1", "--port", str(port), "--workers", str(SERVER_PROCESSES), "--blocking-threads", "4",
        "--no-ws", "--log-level", "error",
    ]  # fmt: skip
    process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": _url()})  # noqa: S603 - our own program
    try:
        _wait_for(port)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


def _url() -> str:
    parts = dict(part.split("=", 1) for part in conninfo().split())
    host = parts.get("host", "")
    if host.startswith("/"):
        return f"postgresql://{parts.get('user', '')}@/{parts['dbname']}?host={host}"
    login = f"{parts.get('user', '')}:{parts.get('password', '')}"
    return f"postgresql://{login}@{host}:{parts.get('port', '5432')}/{parts['dbname']}"


def _wait_for(port: int) -> None:
    for _ in range(1_200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the benchmark's web server did not start")


def play(scan: Callable[[int], Scan], port: int, seconds: float) -> tuple[float, list[float]]:
    """Scans a second of all clients together, and the time of every scan, sorted.

    One process plays all clients, each with a connection that stays open: what measures must not eat the cores.
    """
    times: list[float] = []
    with selectors.DefaultSelector() as ready:
        clients = [_Client(socket.create_connection(("127.0.0.1", port), 30), n) for n in range(CLIENTS)]
        for client in clients:
            ready.register(client.web, selectors.EVENT_READ, client)
        started = time.perf_counter()
        for client in clients:
            client.begin(scan)
        waiting = CLIENTS
        while waiting:
            for key, _ in ready.select(30):
                client = key.data
                body = client.answer()
                if body is None or client.goes_on(body):
                    continue
                now = time.perf_counter()
                times.append(now - client.began_at)
                if now - started < seconds:
                    client.begin(scan)
                else:
                    waiting -= 1
        taken = time.perf_counter() - started
    for client in clients:
        client.web.close()
    return len(times) / taken, sorted(times)


def play_one(scan: Callable[[int], Scan], port: int) -> float:
    """The time of one scan of one client, in seconds, on a connection that is open."""
    client = _Client(socket.create_connection(("127.0.0.1", port), 30), 0)
    client.begin(scan)
    while True:
        body = client.answer()
        if body is not None and not client.goes_on(body):
            break
    taken = time.perf_counter() - client.began_at
    client.web.close()
    return taken


@dataclass(slots=True)
class _Client:
    """One scanner: a connection, the scan that it is at, and what it has read of the answer."""

    web: socket.socket
    number: int
    scan: Scan | None = None
    began_at: float = 0.0
    read: bytes = b""

    def begin(self, scan: Callable[[int], Scan]) -> None:
        self.scan = scan(self.number)
        self.began_at = time.perf_counter()
        self._send(next(self.scan))

    def _send(self, request: bytes) -> None:
        self.read = b""
        self.web.sendall(request)

    def answer(self) -> bytes | None:
        """Read what came; the body once it is whole. Anything but a success ends the benchmark."""
        came = self.web.recv(65_536)
        self.read += came
        head, _, body = self.read.partition(b"\r\n\r\n")
        if came and len(body) < _length(head):
            return None
        if not head.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 201 ")):
            raise RuntimeError(f"the server answered {self.read[:600]!r}")
        return body

    def whole(self) -> int:
        """Read what came; the status of the answer once it is whole, else 0."""
        came = self.web.recv(65_536)
        self.read += came
        head, _, body = self.read.partition(b"\r\n\r\n")
        if not came:
            raise RuntimeError(f"scanner {self.number}: the server closed the connection after {self.read[:300]!r}")
        if b"\r\n\r\n" not in self.read or len(body) < _length(head):
            return 0
        return int(head.split(b" ", 2)[1])

    def goes_on(self, body: bytes) -> bool:
        """Whether the scan asked for something more."""
        assert self.scan is not None, "it was begun"
        try:
            self._send(self.scan.send(body))
        except StopIteration:
            return False
        return True


def _length(head: bytes) -> int:
    """The length of the body that the head announces; one byte at least, so that a half head is not an answer."""
    found = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return int(found[1]) if found else 1


def post(path: str, token: str, body: str) -> bytes:
    """A request of the API with a key of its own."""
    return (
        f"POST /api/v1/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {secrets.token_hex(15)}-{time.time_ns()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def crowd(requests: list[list[bytes]], port: int, *, pause: float) -> tuple[float, list[tuple[int, float]]]:
    """Many scanners, each a person who sends the next request a pause after the last: (seconds, (status, time) of all).

    The first requests are spread over one pause, as people are; a scanner whose answer is late waits for it.
    """
    answers: list[tuple[int, float]] = []
    with selectors.DefaultSelector() as ready:
        clients = [_Client(socket.create_connection(("127.0.0.1", port), 30), n) for n in range(len(requests))]
        turns = [iter(own) for own in requests]
        started = time.perf_counter()
        due = [(started + pause * n / len(clients), n) for n in range(len(clients))]
        heapq.heapify(due)
        for client in clients:
            ready.register(client.web, selectors.EVENT_READ, client)
        at_work = set(range(len(clients)))
        while at_work:
            while due and due[0][0] <= time.perf_counter():
                _, n = heapq.heappop(due)
                request = next(turns[n], None)
                if request is None:
                    at_work.discard(n)
                    ready.unregister(clients[n].web)  # the server may close what stands idle
                    continue
                clients[n].began_at, clients[n].read = time.perf_counter(), b""
                clients[n].web.sendall(request)
            if not at_work:
                break
            wait = max(due[0][0] - time.perf_counter(), 0) if due else 30
            for key, _ in ready.select(min(wait, 30)):
                client = key.data
                status = client.whole()
                if status:
                    now = time.perf_counter()
                    answers.append((status, now - client.began_at))
                    heapq.heappush(due, (max(client.began_at + pause, now), client.number))
        taken = time.perf_counter() - started
    for client in clients:
        client.web.close()
    return taken, answers
