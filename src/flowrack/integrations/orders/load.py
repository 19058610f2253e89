"""The second pass over an order history: its sales become customer orders, a document each."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from flowrack.catalog import queries as catalog
from flowrack.integrations.masterdata import CustomerSpec, ItemSpec, MasterData
from flowrack.integrations.orders import queries
from flowrack.integrations.orders.reader import read_days
from flowrack.integrations.orders.survey import matched_days
from flowrack.integrations.orders.types import Line, LineClass, Match, Report, UnknownParties
from flowrack.integrations.people import People
from flowrack.integrations.replay.history import country_code
from flowrack.platform.runner import Context
from flowrack.sales.commands import enter_orders
from flowrack.sales.types import EnterOrders, NewLine, NewOrder
from flowrack.shared.errors import BadLine

BATCH_LINES = 2_000
NAMED_UNKNOWN = 50
ANONYMOUS = "COUNTER"

MakeContext = Callable[[str], Context]


@dataclass(slots=True)
class Loaded:
    """What the second pass wrote."""

    items_made: int = 0
    customers_made: int = 0
    orders: int = 0
    order_lines: int = 0
    already_there: int = 0
    rest_lines: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is to be taken: to which site, and what becomes of customers and items that are not known."""

    site_id: int
    create_missing: bool = False
    unknown_as_anonymous: bool = False
    rest: Path | None = None


@dataclass(slots=True)
class Names:
    """What the file says of items and customers: names, prices and countries, counted."""

    items: dict[str, Counter[str]] = field(default_factory=dict)
    prices: dict[str, Decimal] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)
    first_line: dict[str, int] = field(default_factory=dict)


def gather(path: Path) -> Names:
    """The items and customers of the file's sales."""
    names = Names()
    for day in read_days(path):
        for line in day.lines:
            if line.kind is not LineClass.SALE:
                continue
            text = " ".join(line.raw.description.split())
            names.items.setdefault(line.code, Counter())[text] += 1
            names.prices[line.code] = line.raw.price
            names.first_line.setdefault(line.code, line.raw.line_no)
            if line.raw.customer:
                names.customers.setdefault(line.raw.customer, line.raw.country)
                names.first_line.setdefault("customer " + line.raw.customer, line.raw.line_no)
    return names


def refuse_unknown(names: Names, plan: Plan) -> tuple[list[str], list[str]]:
    """Items and customers that Flowrack does not know; refuses the file unless the plan says what to do with them."""
    items = sorted(set(names.items) - set(catalog.item_ids(names.items)))
    customers = sorted(set(names.customers) - queries.known_customers(list(names.customers)))
    if plan.create_missing:
        return items, customers
    bad = [
        BadLine(
            names.first_line[code], "StockCode", f"There is no item “{code}”.", "Enter it first, or correct the code."
        )
        for code in items
    ]
    if not plan.unknown_as_anonymous:
        bad += [
            BadLine(
                names.first_line["customer " + code],
                "CustomerID",
                f"There is no customer “{code}”.",
                "Enter the customer first, or correct the number.",
            )
            for code in customers
        ]
    if bad:
        raise UnknownParties(
            f"{len(items):,} items and {len(customers):,} customers of the file are unknown.",
            lines=sorted(bad, key=lambda b: b.line)[:NAMED_UNKNOWN],
            fix="Make them with --create-missing, or take unknown customers as counter sales: --unknown-as-anonymous.",
        )
    return [], customers


def make_missing(names: Names, items: Sequence[str], customers: Sequence[str], people: People, at: datetime) -> None:
    """Make items and customers that the file names and Flowrack does not know, and the anonymous customer."""
    master = MasterData(people, at)
    master.items(
        [
            ItemSpec(code, (_most(names.items[code]) or code)[:240], list_price=max(names.prices[code], Decimal(0)))
            for code in items
        ]
    )
    master.customers([CustomerSpec(c, f"Customer {c}", country_code(names.customers[c])) for c in customers])


def _most(counts: Counter[str]) -> str:
    return min(counts, key=lambda text: (-counts[text], text))


def load(
    path: Path,
    plan: Plan,
    report: Report,
    wanted: set[tuple[str, str]],
    context: MakeContext,
    tell: Callable[[str], None],
) -> Loaded:
    """Enter the sales of the file as orders, a document each; everything else goes to the report and the rest file.

    Safe to repeat: keys are made of the documents, and documents that were entered before are counted, not doubled.
    """
    loaded = Loaded()
    known = queries.known_customers(list(report.customers))
    batch: list[NewOrder] = []
    lines = 0
    with _Rest(plan.rest) as rest:
        for day, matches in matched_days(path, wanted, report):
            loaded.rest_lines += rest.write(day.lines, matches)
            for order in _orders(day.lines, plan, known):
                batch.append(order)
                lines += len(order.lines)
                if lines >= BATCH_LINES:
                    _enter(batch, context, loaded)
                    tell(f"{loaded.order_lines:,} order lines entered, up to {day.on:%Y-%m-%d}")
                    batch, lines = [], 0
        if batch:
            _enter(batch, context, loaded)
    return loaded


def _orders(lines: Sequence[Line], plan: Plan, known: set[str]) -> Iterator[NewOrder]:
    documents: dict[str, list[Line]] = {}
    for line in lines:
        if line.kind is LineClass.SALE:
            documents.setdefault(line.raw.document, []).append(line)
    for document, of in documents.items():
        customer = of[0].raw.customer
        if not customer or customer not in known:
            customer = ANONYMOUS
        wanted = [NewLine(x.code, Decimal(x.raw.units), unit_price=x.raw.price) for x in of]
        yield NewOrder(customer=customer, site_id=plan.site_id, lines=wanted, reference=document)


def _enter(batch: Sequence[NewOrder], context: MakeContext, loaded: Loaded) -> None:
    """Enter those orders of a batch that are not there yet."""
    there = queries.entered_references([(o.customer, o.reference) for o in batch])
    fresh = [o for o in batch if (o.customer, o.reference) not in there]
    loaded.already_there += len(batch) - len(fresh)
    if not fresh:
        return
    enter_orders(context(f"orders:{fresh[0].reference}:{fresh[-1].reference}:{len(fresh)}"), EnterOrders(list(fresh)))
    loaded.orders += len(fresh)
    loaded.order_lines += sum(len(o.lines) for o in fresh)


class _Rest:
    """The lines that are no orders, with their class and the sale they undo, in a file of their own."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: Any = None
        self._writer: Any = None

    def __enter__(self) -> _Rest:
        if self._path is not None:
            self._file = self._path.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file, lineterminator="\n")
            self._writer.writerow(
                ["Line", "Class", "Document", "Item", "Units", "Price", "Customer", "Undoes", "Outcome"]
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, lines: Sequence[Line], matches: Sequence[Match]) -> int:
        """Write the lines of a day that are no sales; how many there were."""
        by_line = {match.line.raw.line_no: match for match in matches}
        count = 0
        for line in lines:
            if line.kind is LineClass.SALE:
                continue
            count += 1
            if self._writer is None:
                continue
            match = by_line.get(line.raw.line_no)
            undoes = " ".join(f"{p.document}x{p.units}" for p in match.parts) if match else ""
            raw = line.raw
            self._writer.writerow(
                [
                    raw.line_no,
                    line.kind.value,
                    raw.document,
                    line.code,
                    raw.units,
                    raw.price,
                    raw.customer,
                    undoes,
                    match.outcome.value if match else "",
                ]
            )
        return count
