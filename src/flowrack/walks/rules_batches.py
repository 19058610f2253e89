"""Orders into trips: which orders are picked together, so that people walk least. Pure and the same every time.

Three steps. **Savings**: every order starts as a trip of its own, and the two trips whose joining saves most are joined
as long as a cart takes them. **Ruin and repair**: again and again a few orders that lie near each other are taken out
of their trips and put back where they lengthen a walk least; a plan that is a little worse is followed for a while, so
that the search leaves dead ends. **Routes**: each trip's walk is shortened by 2-opt and Or-opt as it changes.

The work is bounded by a count of steps, not by a clock: the same input gives the same trips on every machine.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flowrack.shared.errors import BadLine
from flowrack.walks import rules_tours as tours
from flowrack.walks.types import Cart, Job, Matrix, Trip, TripRefused

EFFORT = 1_500_000  # steps of search (a step looks at one leg of one walk): about half a second
IDLE, IDLE_AN_ORDER = 50, 40  # tries without a better plan after which a search of few orders ends early
FEW, MATES = 64, 16  # up to so many orders all pairs are tried; of more only so many for each order
MOST_RUINED = 6  # orders taken out at a time
WORSE_PER_MILLE = 12  # of the plan's length that a followed plan may be worse at first
Load = tuple[int, int, int, int]


@dataclass(slots=True)
class _Walk:
    """A trip while it is searched: its jobs, its path with start and end, the path's length and what it loads."""

    jobs: tuple[int, ...]
    path: list[int]
    mm: int
    load: Load


class _Search:
    """The matrix both ways, the orders and the cart; and every walk that was made shorter once."""

    def __init__(self, jobs: Sequence[Job], cart: Cart, matrix: Matrix, start: int, end: int) -> None:
        self.jobs = jobs
        self.matrix = matrix
        self.to = [list(column) for column in zip(*matrix, strict=True)]  # to[b][a] = matrix[a][b]
        self.start, self.end = start, end
        self.is_symmetric = all(list(row) == column for row, column in zip(matrix, self.to, strict=True))
        self.limits: Load = (cart.orders, cart.volume_ml, cart.weight_g, cart.totes)
        self.loads: list[Load] = [(1, job.volume_ml, job.weight_g, job.totes) for job in jobs]
        self.known: dict[frozenset[int], _Walk] = {}
        self.steps = 0

    def fits(self, one: Load, other: Load) -> bool:
        """Whether a cart takes both."""
        return all(limit == 0 or a + b <= limit for limit, a, b in zip(self.limits, one, other, strict=True))

    def alone(self, job: int) -> _Walk:
        """The trip of one order."""
        points = tours.nearest(self.matrix, self.start, self.jobs[job].points)
        return self.shortened(_Walk((job,), [self.start, *points, self.end], 0, self.loads[job]))

    def shortened(self, walk: _Walk) -> _Walk:
        """The walk after 2-opt and Or-opt, from memory where these orders were together before and lay no worse."""
        key = frozenset(walk.jobs)
        found = self.known.get(key)
        if found is not None and found.mm <= walk.mm:
            return found
        inner = tours.shorten(self.matrix, self.start, walk.path[1:-1], self.end, symmetric=self.is_symmetric)
        self.steps += 8 * len(inner) ** 2
        made = _Walk(walk.jobs, [self.start, *inner, self.end], tours.length(self.matrix, self.start, inner, self.end),
                     walk.load)  # fmt: skip
        if found is not None and found.mm <= made.mm:
            return found
        self.known[key] = made
        return made

    def with_job(self, walk: _Walk, job: int, most: int) -> tuple[int, list[int]]:
        """The path with an order's points put in where each lengthens it least, and by how much; stops above `most`."""
        path, extra, matrix = walk.path, 0, self.matrix
        for point in self.jobs[job].points:
            leave, reach = matrix[point], self.to[point]
            costs = [reach[a] + leave[b] - matrix[a][b] for a, b in itertools.pairwise(path)]
            least = min(costs)
            extra += least
            self.steps += len(path)
            if extra >= most:
                return extra, path
            at = costs.index(least) + 1
            path = [*path[:at], point, *path[at:]]
        return extra, path

    def without(self, walk: _Walk, gone: Sequence[int]) -> _Walk:
        """The trip without some of its orders."""
        path = list(walk.path)
        for job in gone:
            for point in self.jobs[job].points:
                path.remove(point) if path[0] != point else path.pop(path.index(point, 1))
        left = tuple(job for job in walk.jobs if job not in gone)
        load = walk.load
        for job in gone:
            load = tuple(a - b for a, b in zip(load, self.loads[job], strict=True))  # type: ignore[assignment]
        return _Walk(left, path, tours.length(self.matrix, path[0], path[1:-1], path[-1]), load)


def batches(
    jobs: Sequence[Job], cart: Cart, matrix: Matrix, *, start: int, end: int, effort: int = EFFORT, seed: int = 1
) -> list[Trip]:
    """Orders into trips that a cart takes, with little walking; every order is in exactly one trip.

    `matrix` holds millimetres between points; the jobs' points, `start` and `end` are its rows. With an effort of 0 the
    answer is that of the savings alone, in milliseconds. Refuses with TripRefused, naming every order too big for a
    cart.
    """
    check_jobs(jobs, cart)
    if not jobs:
        return []
    search = _Search(jobs, cart, matrix, start, end)
    walks = _savings(search)
    if len(jobs) > 1 and effort:
        walks = _ruin_and_repair(search, walks, effort, random.Random(seed))
    trips = [Trip(tuple(sorted(w.jobs)), tuple(dict.fromkeys(w.path[1:-1])), w.mm) for w in walks]
    return sorted(trips, key=lambda trip: trip.jobs)


def first_come(jobs: Sequence[Job], cart: Cart, matrix: Matrix, *, start: int, end: int) -> list[Trip]:
    """The plain way to compare with: carts are filled in the order of the orders; walks nearest first, then 2-opt."""
    check_jobs(jobs, cart)
    search = _Search(jobs, cart, matrix, start, end)
    filled: list[tuple[list[int], Load]] = []
    for job, load in enumerate(search.loads):
        if filled and search.fits(filled[-1][1], load):
            filled[-1] = ([*filled[-1][0], job], _plus(filled[-1][1], load))
        else:
            filled.append(([job], load))
    trips = []
    for together, _ in filled:
        points = list(dict.fromkeys(point for job in together for point in jobs[job].points))
        tour = tours.only_two_opt(matrix, start, tours.nearest(matrix, start, points), end)
        trips.append(Trip(tuple(together), tuple(tour), tours.length(matrix, start, tour, end)))
    return trips


def check_jobs(jobs: Sequence[Job], cart: Cart) -> None:
    """Refuse orders without a place to go to, and those that alone are more than a cart takes."""
    limits = (("volume_ml", cart.volume_ml), ("weight_g", cart.weight_g), ("totes", cart.totes))
    lines = []
    for line, job in enumerate(jobs, start=1):
        if not job.points:
            lines.append(BadLine(line, "points", "This order has nothing to pick.", "Leave it out."))
        lines += [
            BadLine(line, name, f"This order needs {getattr(job, name):,} of a cart's {limit:,} {name.split('_')[0]}.",
                    "Split the order, or use a larger cart.")
            for name, limit in limits
            if limit and getattr(job, name) > limit
        ]  # fmt: skip
    if lines:
        raise TripRefused(lines[0].message, lines=lines, fix=lines[0].fix)


def _plus(one: Load, other: Load) -> Load:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]


def _savings(search: _Search) -> list[_Walk]:
    """Join the two trips that save most, again and again, while a cart takes both.

    Of many orders only those that lie near each other are tried with each other.
    """
    walks = {job: search.alone(job) for job in range(len(search.jobs))}
    mates = _mates(search)
    saved = {
        (i, j): _saving(search, walks[i], walks[j])
        for i in walks
        for j in mates[i]
        if i < j and search.fits(walks[i].load, walks[j].load)
    }
    while saved:
        pair = max(saved, key=lambda key: (saved[key][0], -key[0], -key[1]))
        if saved[pair][0] <= 0:
            break
        kept, gone = pair
        walks[kept] = search.shortened(saved[pair][1])
        del walks[gone]
        for other in mates.pop(gone):
            mates[other].discard(gone)
            saved.pop((min(gone, other), max(gone, other)), None)
            if other != kept:
                mates[other].add(kept)
                mates[kept].add(other)
        for other in mates[kept]:
            key = (min(kept, other), max(kept, other))
            saved.pop(key, None)
            if search.fits(walks[other].load, walks[kept].load):
                saved[key] = _saving(search, walks[kept], walks[other])
    return [walks[key] for key in sorted(walks)]


def _mates(search: _Search) -> dict[int, set[int]]:
    """For each order those with which it may share a trip: all, or of many orders those that lie nearest."""
    jobs, matrix, count = search.jobs, search.matrix, len(search.jobs)
    if count <= FEW:
        return {job: {other for other in range(count) if other != job} for job in range(count)}
    reach = [list(map(min, *(matrix[a] for a in job.points), matrix[job.points[0]])) for job in jobs]
    mates: dict[int, set[int]] = {job: set() for job in range(count)}
    for n, way in enumerate(reach):
        far = [sum([way[b] for b in job.points]) * 1_000 // len(job.points) for job in jobs]
        for other in sorted((o for o in range(count) if o != n), key=lambda o, far=far: (far[o], o))[:MATES]:  # type: ignore[misc]
            mates[n].add(other)
            mates[other].add(n)
    return mates


def _saving(search: _Search, one: _Walk, other: _Walk) -> tuple[int, _Walk]:
    """Millimetres that joining saves: the orders of the shorter walk are put into the longer one."""
    long, short = (one, other) if len(one.path) >= len(other.path) else (other, one)
    joined = long
    for job in short.jobs:
        extra, path = search.with_job(joined, job, joined.mm + short.mm + 1_000_000_000)
        joined = _Walk((*joined.jobs, job), path, joined.mm + extra, _plus(joined.load, search.loads[job]))
    return one.mm + other.mm - joined.mm, joined


def _ruin_and_repair(search: _Search, walks: list[_Walk], effort: int, chance: random.Random) -> list[_Walk]:
    near = _neighbours(search)
    now, now_mm = walks, sum(walk.mm for walk in walks)
    best, best_mm = now, now_mm
    most = search.steps + effort
    patience = idle = IDLE + IDLE_AN_ORDER * len(search.jobs)
    while search.steps < most and idle:
        idle -= 1
        left = most - search.steps
        spare = best_mm * WORSE_PER_MILLE * left // (1_000 * effort)
        limit = now_mm + int(spare * chance.random() ** 3)
        tried = _repair(search, *_ruin(search, now, near, chance), chance)
        search.steps += 50
        total = sum(walk.mm for walk in tried)
        if total > limit + limit // 30:
            continue
        tried = [search.shortened(walk) for walk in tried]
        total = sum(walk.mm for walk in tried)
        if total <= limit:
            now, now_mm = tried, total
            if total < best_mm:
                best, best_mm, idle = tried, total, patience
    return best


def _neighbours(search: _Search) -> list[list[int]]:
    """For each order the others, those whose places lie nearest to its own first."""
    jobs, matrix = search.jobs, search.matrix

    def apart(one: Job, other: Job) -> int:
        return sum(min(matrix[a][b] for b in other.points) for a in one.points) * 1_000 // len(one.points)

    found = []
    for n, mates in sorted(_mates(search).items()):
        far = {m: apart(jobs[n], jobs[m]) + apart(jobs[m], jobs[n]) for m in mates}
        found.append(sorted(mates, key=lambda m, far=far: (far[m], m)))  # type: ignore[misc]
    return found


def _ruin(
    search: _Search, walks: list[_Walk], near: list[list[int]], chance: random.Random
) -> tuple[list[_Walk], list[int]]:
    """Take some orders out of their trips: neighbours of one order, or one whole trip and a neighbour."""
    count = len(search.jobs)
    first = chance.randrange(count)
    gone = {first}
    if chance.random() < 0.15:
        gone |= set(next(walk.jobs for walk in walks if first in walk.jobs))
    wanted = len(gone) + chance.randint(1, min(MOST_RUINED, count - 1))
    for other in _skipping(near[first], chance):
        if len(gone) >= wanted:
            break
        gone.add(other)
    left = []
    for walk in walks:
        out = [job for job in walk.jobs if job in gone]
        if not out:
            left.append(walk)
        elif len(out) < len(walk.jobs):
            left.append(search.without(walk, out))
    return left, sorted(gone)


def _skipping(jobs: Sequence[int], chance: random.Random) -> Iterator[int]:
    for job in jobs:
        if chance.random() < 0.6:
            yield job


def _repair(search: _Search, walks: list[_Walk], gone: list[int], chance: random.Random) -> list[_Walk]:
    """Put orders back, those with the largest choice to lose first or in any order."""
    chance.shuffle(gone)
    walks = list(walks)
    for job in gone:
        load = search.loads[job]
        alone = search.known.get(frozenset((job,))) or search.alone(job)
        least, place, found = alone.mm, -1, alone.path
        for n, walk in enumerate(walks):
            if not search.fits(walk.load, load) or chance.random() < 0.02:
                continue
            extra, path = search.with_job(walk, job, least)
            if extra < least:
                least, place, found = extra, n, path
        if place < 0:
            walks.append(alone)
        else:
            walk = walks[place]
            walks[place] = _Walk((*walk.jobs, job), found, walk.mm + least, _plus(walk.load, load))
    return walks
