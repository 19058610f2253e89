"""Very many orders into trips, in a moment: by the aisles that they share. Pure and the same every time.

`rules_batches` follows every walk and so takes seconds for a wave of a thousand orders. Here an order is the set of its
aisles: the order with the most aisles opens a trip, and again and again the order that asks for the fewest new aisles
joins it, until the cart is full. Walks are measured afterwards, one for each trip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowrack.walks.rules_batches import check_jobs
from flowrack.walks.rules_floor import Floor
from flowrack.walks.types import Cart, Job

WINDOW = 300  # orders that are compared with each other; more are taken in parts, aisle by aisle


@dataclass(frozen=True, slots=True)
class _Order:
    """An order: its place among the jobs, its aisles as bits, the first and last of them, how far along on average."""

    job: int
    aisles: int
    first: int
    last: int
    along: int
    load: tuple[int, int, int, int]


def quick_batches(jobs: Sequence[Job], cart: Cart, floor: Floor) -> list[tuple[int, ...]]:
    """Positions of the jobs of each trip; the jobs' points are ids of places on the floor.

    Refuses with TripRefused, naming every order too big for a cart.
    """
    check_jobs(jobs, cart)
    orders = sorted((_order(n, job, floor) for n, job in enumerate(jobs)), key=lambda o: (o.first, o.last, o.job))
    limits = (cart.orders, cart.volume_ml, cart.weight_g, cart.totes)
    trips: list[tuple[int, ...]] = []
    for at in range(0, len(orders), WINDOW):
        left = {order.job: order for order in orders[at : at + WINDOW]}
        while left:
            trips.append(_trip(left, limits))
    return sorted(trips)


def _order(n: int, job: Job, floor: Floor) -> _Order:
    stands = [floor.at(place) for place in job.points]
    aisles = 0
    for stand in stands:
        aisles |= 1 << max(stand.aisle, 0)
    found = [max(stand.aisle, 0) for stand in stands]
    along = sum(stand.along for stand in stands) // len(stands)
    return _Order(n, aisles, min(found), max(found), along, (1, job.volume_ml, job.weight_g, job.totes))


def _trip(left: dict[int, _Order], limits: tuple[int, int, int, int]) -> tuple[int, ...]:
    """Take the orders of one trip out of what is left."""
    seed = max(left.values(), key=lambda o: (o.aisles.bit_count(), o.last - o.first, -o.job))
    del left[seed.job]
    trip, aisles, first, last, load = [seed.job], seed.aisles, seed.first, seed.last, seed.load
    along = seed.along
    while True:
        best, best_key = None, (0, 0, 0)
        for order in left.values():
            if any(limit and a + b > limit for limit, a, b in zip(limits, load, order.load, strict=True)):
                continue
            wider = max(first - order.first, 0) + max(order.last - last, 0)
            key = (
                (order.aisles & ~aisles).bit_count() * 4 + wider,
                -order.aisles.bit_count(),
                abs(order.along - along),
            )
            if best is None or key < best_key:
                best, best_key = order, key
        if best is None:
            return tuple(sorted(trip))
        del left[best.job]
        trip.append(best.job)
        aisles |= best.aisles
        first, last = min(first, best.first), max(last, best.last)
        load = tuple(a + b for a, b in zip(load, best.load, strict=True))  # type: ignore[assignment]
