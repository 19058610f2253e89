"""Scans through the whole HTTP API: a real server, eight clients, one move a request.

Every request is authenticated by a token, checked for permission, made idempotent by its key, audited and posted
durably. Raw is the same move as one hand-written function call on eight connections, without HTTP.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

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
    """Scans a second of all clients together, and every answer time, sorted."""
    fork = multiprocessing.get_context("fork")
    gate = fork.Barrier(CLIENTS)
    results: multiprocessing.Queue[list[float]] = fork.Queue()

    def work(n: int) -> None:
        rng = random.Random(n)
        web = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        times: list[float] = []
        gate.wait()
        end = time.perf_counter() + seconds
        while (started := time.perf_counter()) < end:
            _scan(web, world, token, rng)
            times.append(time.perf_counter() - started)
        results.put(times)

    processes = [fork.Process(target=work, args=(n,)) for n in range(CLIENTS)]
    for process in processes:
        process.start()
    times = [moment for _ in processes for moment in results.get(timeout=seconds + 60)]
    for process in processes:
        process.join()
    return len(times) / seconds, sorted(times)


def _scan(web: http.client.HTTPConnection, world: World, token: str, rng: random.Random) -> None:
    n = rng.randrange(len(world.items))
    body = {
        "site_id": world.site_id,
        "items": [
            {
                "item_id": world.items[n],
                "units": 1,
                "from_location_id": world.bin("reserve", n).location_id,
                "to_location_id": world.bin("forward_pick", n).location_id,
            }
        ],
    }
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": f"{rng.getrandbits(120):x}-{time.time_ns()}",
    }
    web.request("POST", "/api/v1/stock/move", json.dumps(body), headers)
    answer = web.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"the server answered {answer.status}: {text[:300]!r}")
