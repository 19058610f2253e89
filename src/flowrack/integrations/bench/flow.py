"""CPU per line of each document on its way: receive, enter an order, reserve, pick and ship.

`flow.ship` picks and ships an order straight from its bins in one transaction, as the yardsticks do; `flow.ship_floor`
takes it over the floor: released as a wave, picked to staging, shipped from there, a transaction each.

One transaction per document, 50-line purchase orders and 5-line customer orders, through the commands with everything
they do (permission, idempotency, audit, numbers, decisions, events, costing). CPU = this process plus the database
server. Raw is hand-written SQL for the stock part of the same document, one transaction each.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import TypeVar

from django.db import transaction

from flowrack.allocation import commands as allocation
from flowrack.allocation.types import Allocate
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ConfirmPicks, Pick, ReleaseOrders
from flowrack.inbound import commands as inbound
from flowrack.inbound.types import CountedLine, Receive
from flowrack.integrations.bench.harness import Figure, Scale, Stopwatch, bench
from flowrack.integrations.bench.world import NOW, World, build, second_person
from flowrack.platform import sql
from flowrack.platform.permissions import grants_of
from flowrack.platform.runner import Context
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing.types import ApprovePo, CreatePo, NewPo, NewPoLine, PoCreated
from flowrack.sales import commands as sales
from flowrack.sales.types import EnterOrders, NewLine, NewOrder
from flowrack.shared.quantity import Units
from flowrack.shipping import commands as shipping
from flowrack.shipping.types import Departure, ShipConfirm, ShipFromStock

PO_LINES = 50
ORDER_LINES = 5
_keys = count(1)


@dataclass(frozen=True, slots=True)
class People:
    """Two contexts' owners: who orders may not approve and receive."""

    one: int
    two: int
    grants: dict[str, frozenset[int]]

    def ctx(self, *, two: bool = False) -> Context:
        """A fresh context with its own key."""
        return Context(actor_id=self.two if two else self.one, key=f"bench-{next(_keys)}", now=NOW, grants=self.grants)


@bench("flow.receive", "flow.order", "flow.reserve", "flow.ship", "flow.ship_floor")
def flow(scale: Scale) -> Iterator[Figure]:
    """The four documents, one after the other on the same goods."""
    documents = scale.of(200, 6)
    world = build(scale.of(2_000, 200))
    people = People(world.actor_id, second_person(), grants_of(world.actor_id))
    supplier, customer = parties()
    sql.execute("ANALYZE")
    pos = _approved_pos(people, world, supplier, scale.of(40, 4))
    yield _receive(people, world, pos)
    world.stock(10_000, "forward_pick")
    world.ship_once("forward_pick")
    yield from _outbound(people, world, customer, documents)


def parties() -> tuple[int, str]:
    """A supplier and the code of a customer, with terms."""
    supplier = sql.fetch_value(
        "INSERT INTO parties_party (code, name, is_supplier) VALUES ('S', 'Supplier', true) RETURNING id"
    )
    sql.execute("INSERT INTO parties_supplierterms (party_id) VALUES (%s)", (supplier,))
    customer = sql.fetch_value(
        "INSERT INTO parties_party (code, name, is_customer) VALUES ('C', 'Customer', true) RETURNING id"
    )
    sql.execute("INSERT INTO parties_customerterms (party_id) VALUES (%s)", (customer,))
    return int(supplier), "C"


def _approved_pos(people: People, world: World, supplier: int, orders: int) -> list[PoCreated]:
    rng = random.Random(1)
    new = [
        NewPo(
            supplier,
            world.site_id,
            [NewPoLine(item, Units(100), Decimal("2.50")) for item in rng.sample(world.items, PO_LINES)],
            cover_reason="measured",
        )
        for _ in range(orders)
    ]
    created = purchasing.create_po(people.ctx(), CreatePo(new)).pos
    purchasing.approve_po(people.ctx(two=True), ApprovePo([po.po_id for po in created]))
    return created


def _receive(people: People, world: World, pos: Sequence[PoCreated]) -> Figure:
    dock = world.bins["receiving"][0]
    world.receive_once(dock)

    def receive(po: PoCreated) -> None:
        lines = [CountedLine(Units(100), po_line_id=line) for line in po.line_ids]
        inbound.receive(people.ctx(two=True), Receive(po.po_id, dock, lines))

    warm, measured = pos[:2], pos[2:]
    for po in warm:
        receive(po)
    own = _cpu_ms(receive, measured) / PO_LINES
    _install_raw()
    rng = random.Random(3)
    raw_pos = [rng.sample(world.items, PO_LINES) for _ in measured]
    raw = _cpu_ms(_raw("raw_receive_document"), raw_pos) / PO_LINES
    return _figure("flow.receive", own, raw, len(measured) * PO_LINES)


def _outbound(people: People, world: World, customer: str, documents: int) -> Iterator[Figure]:
    rng = random.Random(2)
    skus = dict(sql.fetch_all("SELECT id, sku FROM catalog_item WHERE id = ANY(%s::bigint[])", (world.items,)))
    asked = [
        NewOrder(customer, world.site_id, [NewLine(skus[i], Decimal(3)) for i in rng.sample(world.items, ORDER_LINES)])
        for _ in range(2 * documents + 10)
    ]
    entered: list[int] = []

    def enter(new: NewOrder) -> None:
        entered.append(sales.enter_orders(people.ctx(), EnterOrders([new])).orders[0].order_id)

    def reserve(order: int) -> None:
        allocation.allocate(people.ctx(), Allocate(world.site_id, [order]))

    def ship(order: int) -> None:
        shipping.ship_from_stock(people.ctx(two=True), ShipFromStock(world.site_id, [order]))

    def ship_floor(order: int) -> None:
        wave = fulfilment.release_orders(people.ctx(), ReleaseOrders(world.site_id, [order]))
        fulfilment.confirm_picks(people.ctx(two=True), ConfirmPicks([Pick(pick) for pick in wave.pick_ids]))
        shipping.ship_confirm(people.ctx(two=True), ShipConfirm(world.site_id, [Departure(order_ids=(order,))]))

    raw_documents: list[int] = []
    for name, body, work in (
        ("flow.order", enter, lambda: asked),
        ("flow.reserve", reserve, lambda: list(entered)),
        ("flow.ship", ship, lambda: entered[: documents + 5]),
        ("flow.ship_floor", ship_floor, lambda: entered[documents + 5 :]),
    ):
        todo = work()
        first, rest = todo[:5], todo[5:]
        for document in first:
            body(document)  # type: ignore[arg-type]
        own = _cpu_ms(body, rest) / ORDER_LINES  # type: ignore[arg-type]
        raw = _raw_cpu_ms(name, world, rng, raw_documents, count=len(rest)) / ORDER_LINES
        yield _figure(name, own, raw, len(rest) * ORDER_LINES)


def _install_raw() -> None:
    with sql.cursor() as cursor:
        cursor.execute((Path(__file__).parent / "raw_flow.sql").read_text())


def _raw_cpu_ms(name: str, world: World, rng: random.Random, made: list[int], *, count: int) -> float:
    """CPU per document of the hand-written twin; the orders that it makes are kept in `made` for the next steps."""
    if name == "flow.order":
        sql.execute(
            """
            INSERT INTO raw_balance (item, bin, on_hand, reserved) SELECT i, 1, 10000, 0 FROM unnest(%s::bigint[]) AS i
                ON CONFLICT (item, bin) DO UPDATE SET on_hand = 10000
            """,
            (world.items,),
        )
        sql.execute(
            "INSERT INTO raw_layer (item, units_left, unit_cost) SELECT i, 10000, 1 FROM unnest(%s::bigint[]) AS i",
            (world.items,),
        )
        asked = [rng.sample(world.items, ORDER_LINES) for _ in range(count)]
        enter = _raw("raw_order_document")
        return _cpu_ms(lambda items: made.append(enter(items)), asked)
    if name == "flow.reserve":
        return _cpu_ms(_raw("raw_reserve_document"), made)
    documents = [made.pop() for _ in range(min(count, len(made)))]
    return _cpu_ms(_raw("raw_ship_document"), documents)


T = TypeVar("T")


def _cpu_ms(body: Callable[[T], object], documents: Sequence[T]) -> float:
    """CPU milliseconds per document."""
    watch = Stopwatch()
    for document in documents:
        body(document)
    return watch.cpu_seconds() * 1000 / len(documents)


def _figure(name: str, own: float, raw: float, lines: int) -> Figure:
    return Figure(name, own, "ms CPU/line", raw, raw / own if own else None, lines)


def _raw(function: str) -> Callable[[object], int]:
    """A call of one hand-written function in its own transaction; it returns the document's id."""

    def call(argument: object) -> int:
        with transaction.atomic():
            kind = "bigint[]" if isinstance(argument, list) else "bigint"
            return int(sql.fetch_value(f"SELECT {function}(%s::{kind})", (argument,)))

    return call
