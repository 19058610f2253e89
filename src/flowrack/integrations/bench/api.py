"""Scans through the whole HTTP API: a real server, eight clients, one move a request.

Every request is authenticated by a token, checked for permission, made idempotent by its key, audited and posted
durably. Raw is the same move as one hand-written function call on eight connections, without HTTP.
"""

from __future__ import annotations

import os
import random
import re
import secrets
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections

from flowrack.integrations.bench.harness import Figure, Scale, bench, conninfo
from flowrack.integrations.bench.ledger import raw_scan_rate
from flowrack.integrations.bench.world import World, build
from flowrack.platform import sql
from flowrack.platform.tokens import digest_of

CLIENTS = 8
SERVER_PROCESSES = 2


@bench("api.scan_8")
def scans(scale: Scale) -> Iterator[Figure]:
    """Moves a second and the 99th percentile of the answer time (ms, as a second figure)."""
    world = build(scale.of(2_000, 200))
    world.stock(1_000_000, "reserve")
    token = _token(world)
    raw = raw_scan_rate(world, CLIENTS, scale.of(20, 3) / 10)
    connections.close_all()
    with _server() as port:
        _clients(world, token, port, scale.of(20, 5) / 10)
        rate, times = _clients(world, token, port, scale.of(100, 15) / 10)
    yield Figure("api.scan_8", rate, "scans/s", raw, rate / raw, CLIENTS)
    yield Figure("api.scan_8@p99", times[int(len(times) * 0.99)] * 1000, "ms", None, None, CLIENTS)


def _token(world: World) -> str:
    public, secret = secrets.token_hex(6), secrets.token_hex(20)
    token = f"frk_{public}_{secret}"
    sql.execute(
        """
        INSERT INTO platform_apitoken (user_id, name, public_id, digest, scopes, site_ids, created_at, expires_at)
        VALUES (%s, 'bench', %s, %s, '{}', '{}', now(), now() + interval '1 day')
        """,
        (world.actor_id, public, digest_of(token)),
    )
    return token


@contextmanager
def _server() -> Iterator[int]:
    """The web server as `flowrack serve` runs it, on a free port, for the benchmark's database."""
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
        process.wait(30)


def _url() -> str:
    parts = dict(part.split("=", 1) for part in conninfo().split())
    host = parts.get("host", "")
    if host.startswith("/"):
        return f"postgresql://{parts.get('user', '')}@/{parts['dbname']}?host={host}"
    login = f"{parts.get('user', '')}:{parts.get('password', '')}"
    return f"postgresql://{login}@{host}:{parts.get('port', '5432')}/{parts['dbname']}"


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the benchmark's web server did not start")


def _clients(world: World, token: str, port: int, seconds: float) -> tuple[float, list[float]]:
    """Scans a second of all clients together, and every answer time, sorted.

    One process plays all clients, each with a connection that stays open: what measures must not eat the cores.
    """
    rng = random.Random(port)
    times: list[float] = []
    with selectors.DefaultSelector() as ready:
        clients = [_Client(socket.create_connection(("127.0.0.1", port), 30)) for _ in range(CLIENTS)]
        for client in clients:
            ready.register(client.web, selectors.EVENT_READ, client)
        started = time.perf_counter()
        for client in clients:
            client.send(_scan(world, token, rng))
        waiting = CLIENTS
        while waiting:
            for key, _ in ready.select(30):
                client = key.data
                if not client.has_answer():
                    continue
                now = time.perf_counter()
                times.append(now - client.sent_at)
                if now - started < seconds:
                    client.send(_scan(world, token, rng))
                else:
                    waiting -= 1
        taken = time.perf_counter() - started
    for client in clients:
        client.web.close()
    return len(times) / taken, sorted(times)


@dataclass(slots=True)
class _Client:
    """One scanner: a connection, and what it has read of its answer."""

    web: socket.socket
    sent_at: float = 0.0
    read: bytes = b""

    def send(self, request: bytes) -> None:
        self.read = b""
        self.sent_at = time.perf_counter()
        self.web.sendall(request)

    def has_answer(self) -> bool:
        """Read what came; whether the answer is whole. Anything but a posted move ends the benchmark."""
        came = self.web.recv(65_536)
        self.read += came
        head, _, body = self.read.partition(b"\r\n\r\n")
        if came and len(body) < _length(head):
            return False
        if not head.startswith(b"HTTP/1.1 200 ") or b'"posting_id"' not in body:
            raise RuntimeError(f"the server answered {self.read[:600]!r}")
        return True


def _length(head: bytes) -> int:
    """The length of the body that the head announces; one byte at least, so that a half head is not an answer."""
    found = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return int(found[1]) if found else 1


def _scan(world: World, token: str, rng: random.Random) -> bytes:
    """The request that moves one unit of an item, with a key of its own."""
    n = rng.randrange(len(world.items))
    body = (
        f'{{"site_id":{world.site_id},"items":[{{"item_id":{world.items[n]},"units":1,'
        f'"from_location_id":{world.bin("reserve", n).location_id},'
        f'"to_location_id":{world.bin("forward_pick", n).location_id}}}]}}'
    )
    return (
        f"POST /api/v1/stock/move HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {rng.getrandbits(120):x}-{time.time_ns()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
