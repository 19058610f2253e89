"""Receiving: scans that receive goods and are told their bin, through the whole HTTP API, and an ASN in one batch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count

from django.db import connections, transaction

from flowrack.dock import commands as dock
from flowrack.dock.types import CreateAsns, NewAsn, NewAsnLine
from flowrack.inbound import commands_packs
from flowrack.inbound.types_deliveries import MOST_BINS_ASKED, ReceiveAsn
from flowrack.inbound.types_discrepancies import ReceivePack
from flowrack.integrations.bench.flow import People, parties
from flowrack.integrations.bench.harness import Figure, Scale, Stopwatch, bench
from flowrack.integrations.bench.http import CLIENTS, Scan, play, post, server, token_of
from flowrack.integrations.bench.putaway import fill, house
from flowrack.integrations.bench.world import NOW, World, second_person
from flowrack.platform import outbox, sql
from flowrack.platform.permissions import grants_of
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing.types import ApprovePo, CreatePo, NewPo, NewPoLine, PoCreated
from flowrack.shared.gs1 import make_sscc
from flowrack.shared.quantity import Units
from flowrack.storage import steps_census

PO_LINES = 25
MUCH = 1_000_000  # nobody receives that many units while it is measured


@bench("inbound.scan_8")
def scan_8(scale: Scale) -> Iterator[Figure]:
    """Scans a second at eight clients, each at its own order, and the 99th percentile of a scan (ms).

    A scan is one request, as the receiving screen sends it: one unit is received, and its bin is asked for and planned
    in the same act, with the reasons stored.
    """
    world, people, supplier = _receiving(scale.of(5_000, 500), scale.of(2_000, 200))
    orders = _orders(people, world, supplier, [world.items[n * PO_LINES :][:PO_LINES] for n in range(CLIENTS)], MUCH)
    token = token_of(people.two)
    turns = [count() for _ in range(CLIENTS)]
    sql.execute("ANALYZE")
    connections.close_all()

    def scan(client: int) -> Scan:
        return _scan(world, orders[client], next(turns[client]), token)

    with server() as port:
        play(scan, port, scale.of(30, 5) / 10)
        rate, times = play(scan, port, scale.of(100, 15) / 10)
    yield Figure("inbound.scan_8", rate, "scans/s", None, None, CLIENTS)
    yield Figure("inbound.scan_8@p99", times[int(len(times) * 0.99)] * 1000, "ms", None, None, CLIENTS)


def _scan(world: World, po: PoCreated, turn: int, token: str) -> Scan:
    """Receive one unit of the next line of an order and be told where it goes."""
    dock_id = world.bins["receiving"][0]
    line = {"po_line_id": po.line_ids[turn % PO_LINES], "units": 1}
    body = {"po_id": po.po_id, "location_id": dock_id, "lines": [line], "is_bin_asked": True}
    answer = yield post("receipts", token, json.dumps(body))
    [told] = json.loads(answer)["putaways"]
    if not told["location_id"]:
        raise RuntimeError(f"no bin for {line}")


@bench("inbound.asn_10k")
def asn_10k(scale: Scale) -> Iterator[Figure]:
    """Seconds, and seconds of CPU, to receive everything that an ASN of so many lines announces, by one scan.

    All its lines stand under one SSCC, so that one command receives them; putaways are the worker's, and not in it.
    """
    lines = scale.of(10_000, 300)
    world, people, supplier = _receiving(1_000, lines)
    [po] = _orders(people, world, supplier, [world.items], 10)
    codes = [row[0] for row in sql.fetch_all("SELECT sku FROM catalog_item ORDER BY id")]
    sscc = make_sscc(0, "4012345", 1)
    announced = [
        NewAsnLine(code, Decimal(10), sscc=sscc, po_number=po.number, po_line_no=n) for n, code in enumerate(codes, 1)
    ]
    asn = NewAsn(supplier, world.site_id, "BENCH-1", announced, [], NOW + timedelta(hours=1))
    dock.create_asns(people.ctx(two=True), CreateAsns([asn]))
    outbox.drain(now=NOW)
    watch = Stopwatch()
    done = commands_packs.receive_pack(people.ctx(two=True), ReceivePack(sscc, world.bins["receiving"][0], []))
    seconds, cpu = watch.wall_seconds(), watch.cpu_seconds()
    if done.units != 10 * lines or done.held_units or done.short_units:
        raise RuntimeError(f"received {done.units} units, {done.held_units} held")
    yield Figure("inbound.asn_10k", seconds, "s", None, None, lines, seconds=seconds)
    yield Figure("inbound.asn_10k@cpu", cpu, "s CPU", None, None, lines, seconds=cpu)


@bench("inbound.asn_bins")
def asn_bins(scale: Scale) -> Iterator[Figure]:
    """Seconds, and seconds of CPU, to receive all of an ASN of so many pallets and be told the bin of each."""
    pallets = scale.of(MOST_BINS_ASKED, 100)
    world, people, supplier = _receiving(3 * pallets, pallets)
    [po] = _orders(people, world, supplier, [world.items], 10)
    codes = [row[0] for row in sql.fetch_all("SELECT sku FROM catalog_item ORDER BY id")]
    announced = [
        NewAsnLine(code, Decimal(10), sscc=make_sscc(0, "4012345", n), po_number=po.number, po_line_no=n)
        for n, code in enumerate(codes, 1)
    ]
    asn = NewAsn(supplier, world.site_id, "BENCH-2", announced, [], NOW + timedelta(hours=1))
    [made] = dock.create_asns(people.ctx(two=True), CreateAsns([asn])).asns
    outbox.drain(now=NOW)
    watch = Stopwatch()
    asked = ReceiveAsn(made.asn_id, world.bins["receiving"][0], is_bin_asked=True)
    done = commands_packs.receive_asn(people.ctx(two=True), asked)
    seconds, cpu = watch.wall_seconds(), watch.cpu_seconds()
    told = {one.location for receipt in done.receipts for one in receipt.putaways}
    if len(told) != pallets or "" in told:
        raise RuntimeError(f"{len(told)} bins for {pallets} pallets")
    yield Figure("inbound.asn_bins", seconds, "s", None, None, pallets, seconds=seconds)
    yield Figure("inbound.asn_bins@cpu", cpu, "s CPU", None, None, pallets, seconds=cpu)


def _receiving(bins: int, items: int) -> tuple[World, People, int]:
    """A house with bins of several kinds, a third of them full, two people and a supplier."""
    world = house(bins, items)
    fill(world, bins // 3)
    with transaction.atomic():
        steps_census.follow(world.context(), world.site_id)
    sql.execute("ANALYZE")
    people = People(world.actor_id, second_person(), grants_of(world.actor_id))
    return world, people, parties()[0]


def _orders(people: People, world: World, supplier: int, items: list[list[int]], units: int) -> list[PoCreated]:
    """One person writes an approved order of so many units of each item; the other will receive it."""
    new = [
        NewPo(supplier, world.site_id, [NewPoLine(item, Units(units), Decimal("2.50")) for item in of_one])
        for of_one in items
    ]
    created = purchasing.create_po(people.ctx(), CreatePo(new)).pos
    purchasing.approve_po(people.ctx(two=True), ApprovePo([po.po_id for po in created]))
    return created
