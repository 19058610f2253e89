"""Scans through the whole HTTP API: a real server, eight clients, one move a request.

Every request is authenticated by a token, checked for permission, made idempotent by its key, audited and posted
durably. Raw is the same move as one hand-written function call on eight connections, without HTTP.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from django.db import connections

from flowrack.integrations.bench.harness import Figure, Scale, bench
from flowrack.integrations.bench.http import CLIENTS, Scan, play, post, server, token_of
from flowrack.integrations.bench.ledger import raw_scan_rate
from flowrack.integrations.bench.world import World, build


@bench("api.scan_8")
def scans(scale: Scale) -> Iterator[Figure]:
    """Moves a second and the 99th percentile of the answer time (ms, as a second figure)."""
    world = build(scale.of(2_000, 200))
    world.stock(1_000_000, "reserve")
    token = token_of(world.actor_id)
    raw = raw_scan_rate(world, CLIENTS, scale.of(20, 3) / 10)
    connections.close_all()
    rng = random.Random(1)

    def scan(_: int) -> Scan:
        return _scan(world, token, rng)

    with server() as port:
        play(scan, port, scale.of(20, 5) / 10)
        rate, times = play(scan, port, scale.of(100, 15) / 10)
    yield Figure("api.scan_8", rate, "scans/s", raw, rate / raw, CLIENTS)
    yield Figure("api.scan_8@p99", times[int(len(times) * 0.99)] * 1000, "ms", None, None, CLIENTS)


def _scan(world: World, token: str, rng: random.Random) -> Scan:
    """Move one unit of an item."""
    n = rng.randrange(len(world.items))
    body = yield post(
        "stock/move",
        token,
        f'{{"site_id":{world.site_id},"items":[{{"item_id":{world.items[n]},"units":1,'
        f'"from_location_id":{world.bin("reserve", n).location_id},'
        f'"to_location_id":{world.bin("forward_pick", n).location_id}}}]}}',
    )
    if b'"posting_id"' not in body:
        raise RuntimeError(f"the server answered {body[:600]!r}")
