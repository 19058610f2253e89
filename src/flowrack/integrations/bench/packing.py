"""Cartons: a thousand made-up orders, and the container problems of the literature from a directory of them."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from flowrack.carriers.rules_rates import Break, Destination, Extra, Lane, Surcharge, Tariff
from flowrack.fulfilment.rules_cartons import CartonKind, FreightOf, Plan, Wish, plan
from flowrack.fulfilment.rules_freight import Way, freight_of
from flowrack.fulfilment.rules_loading import Goods, Sides, load
from flowrack.integrations.bench.harness import Figure, Scale, bench

ORDERS, LINES = 1_000, 8
TRIES = 8
SETS = tuple(f"packing.set_{n}" for n in range(1, 11))
HOUSE = [
    CartonKind(n, code, inside, bears, tare, Decimal(cost))
    for n, (code, inside, bears, tare, cost) in enumerate(
        [
            ("XS", (200, 150, 100), 5_000, 80, "0.20"),
            ("S", (300, 200, 150), 10_000, 150, "0.35"),
            ("M", (400, 300, 200), 15_000, 300, "0.60"),
            ("L", (500, 400, 300), 20_000, 500, "0.90"),
            ("XL", (600, 400, 400), 25_000, 700, "1.30"),
            ("XXL", (800, 600, 500), 30_000, 1_200, "2.40"),
        ],
        start=1,
    )
]


SERVICES = [
    Tariff(
        n, n, n, "Carrier", code, code, divisor=divisor, step_g=1_000, lanes=(Lane("1", country="GB"),), days={"1": 1},
        breaks={"1": breaks}, max_length_mm=1_200, surcharges=(Surcharge(Extra.ALWAYS, Decimal("0.30"), True),),
    )
    for n, (code, divisor, breaks) in enumerate(
        [
            ("ROAD", 5_000, (Break(2_000, Decimal("4.95")), Break(30_000, Decimal("6.80"), Decimal("0.42"), 10_000))),
            ("AIR", 4_000, (Break(5_000, Decimal("5.60")), Break(70_000, Decimal("5.60"), Decimal("0.95"), 5_000))),
        ],
        start=1,
    )
]  # fmt: skip


@bench("cartonize.1k")
def cartonize(scale: Scale) -> Iterator[Figure]:
    """Seconds to plan the cartons of a thousand orders of eight lines, six carton types, one process."""
    chance = random.Random(1)
    orders = [[_wish(chance, item) for item in range(1, LINES + 1)] for _ in range(scale.of(ORDERS, 50))]
    started = time.perf_counter()
    plans = [plan(order, HOUSE) for order in orders]
    seconds = time.perf_counter() - started
    cartons = [carton for one in plans for carton in one.cartons]
    yield Figure("cartonize.1k", seconds, "s", None, None, len(orders), seconds=seconds)
    filled = sum(carton.filled for carton in cartons) / len(cartons) / 10
    yield Figure("cartonize.1k@filled", filled, "% filled", None, None, len(cartons), seconds=seconds)


@bench("cartonize.freight")
def cartonize_by_freight(scale: Scale) -> Iterator[Figure]:
    """The same orders with two rate cards: cartons and freight chosen jointly, and what that saves."""
    chance = random.Random(1)
    orders = [[_wish(chance, item) for item in range(1, LINES + 1)] for _ in range(scale.of(ORDERS, 50))]
    of = freight_of(SERVICES, Way(1, "GB", Destination("GB", "LS1 4AP"), date(2026, 3, 2)), HOUSE)
    assert of is not None
    started = time.perf_counter()
    plans = [plan(order, HOUSE, of) for order in orders]
    seconds = time.perf_counter() - started
    yield Figure("cartonize.freight", seconds, "s", None, None, len(orders), seconds=seconds)
    apart = [plan(order, HOUSE) for order in orders]
    saved = sum(_cost(one, of) for one in apart) - sum(_cost(one, of) for one in plans)
    yield Figure("cartonize.freight@saved", float(saved / len(orders)), "saved an order", None, None, len(orders))


def _cost(found: Plan, of: FreightOf) -> Decimal:
    """What cartons and freight of an order cost; its own boxes are the same in every plan."""
    price = {kind.type_id: kind.cost for kind in HOUSE}
    boxes = [(carton.type_id, carton.weight_g) for carton in found.cartons if carton.type_id]
    return sum((price[type_id] for type_id, _ in boxes), Decimal(0)) + of([])(boxes)


def _wish(chance: random.Random, item: int) -> Wish:
    sides = (chance.randint(30, 200), chance.randint(30, 150), chance.randint(20, 120))
    return Wish(
        item_id=item,
        units=chance.randint(1, 6),
        sides=sides,
        weight_g=chance.randint(50, 900),
        keep_upright=chance.random() < 0.1,
        bears_g=0 if chance.random() < 0.1 else None,
    )


@bench(*SETS)
def containers(scale: Scale) -> Iterator[Figure]:
    """Mean filled share of container problems: files thpack_set_N.txt of packing-br in the directory of --data."""
    for name in SETS:
        path = path_of(scale.data, name) if scale.data else None
        if path is None or not path.is_file():
            continue
        problems = read_problems(path)[: scale.of(100, 5)]
        started = time.perf_counter()
        filled = 0.0
        for inside, goods in problems:
            found = load(inside, goods, tries=TRIES)
            filled += found.volume / (inside[0] * inside[1] * inside[2])
        seconds = time.perf_counter() - started
        yield Figure(name, 100 * filled / len(problems), "% filled", None, None, len(problems), seconds=seconds)


def path_of(data: Path, name: str) -> Path:
    """Where the problems of a set are in a directory of published problems."""
    return data / "packing-br" / f"thpack_{name.partition('.')[2]}.txt"


def read_problems(path: Path) -> list[tuple[Sides, list[Goods]]]:
    """The problems of a file of the OR-Library's container loading format."""
    numbers = iter([int(word) for word in path.read_text().split()])
    found = []
    for _ in range(next(numbers)):
        next(numbers), next(numbers)
        inside = (next(numbers), next(numbers), next(numbers))
        goods = []
        for key in range(next(numbers)):
            next(numbers)
            (a, up_a), (b, up_b), (c, up_c) = [(next(numbers), next(numbers) == 1) for _ in range(3)]
            goods.append(Goods(key, (a, b, c), next(numbers), may_stand=(up_a, up_b, up_c)))
        found.append((inside, goods))
    return found
