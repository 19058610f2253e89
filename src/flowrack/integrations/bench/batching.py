"""Orders into trips: the published problems of a directory, and one made up here so that it runs without them."""

from __future__ import annotations

import json
import random
import time
from ast import literal_eval
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from flowrack.integrations.bench.harness import BENCHES, Figure, Scale, bench
from flowrack.walks import rules_tours as tours
from flowrack.walks.rules_batches import batches, first_come
from flowrack.walks.rules_floor import Floor, along
from flowrack.walks.rules_routes import route
from flowrack.walks.rules_visibility import distances
from flowrack.walks.types import Aisle, Cart, Heading, Job, Layout, Matrix, Point, Spot, Stop, Trip

FOLDER = "order-batching"
MM = 1_000  # the published problems measure in metres
QUICK = 3  # problems of a layout
LINES, A_LIST = 10_000, 20


@dataclass(frozen=True, slots=True)
class Published:
    """A layout of the published problems: distances between its places, where walks begin and end, its problems."""

    name: str
    matrix: Matrix
    row: dict[str, int]  # the row of the matrix of a place
    start: int
    end: int
    problems: list[Path]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one problem gave, in millimetres and seconds."""

    mm: int
    greedy: int
    first_come: int
    seconds: float
    best: int = 0  # as printed
    best_measured: int = 0  # the published walks, measured by us


def register(data: Path | None) -> None:
    """Add a benchmark for each layout found in the directory; refuses a directory that is not there."""
    if data is None:
        return
    if not data.is_dir():
        raise SystemExit(f"There is no directory {data}.")
    for parent in sorted((data / FOLDER).glob("*/tsplib_parent.json")):
        BENCHES[f"batching.{parent.parent.name}"] = partial(published, parent=parent)


@bench("batching.generated")
def generated(scale: Scale) -> Iterator[Figure]:
    """Orders of four places each on a made-up floor of twelve aisles: how far, against first come and 2-opt."""
    chance = random.Random(1)
    floor, places = _floor(12)
    points = chance.sample(places, 150)
    matrix = floor.matrix([floor.start, *(floor.at(place) for place in points)])
    jobs = [Job(tuple(chance.randrange(1, len(matrix)) for _ in range(4))) for _ in range(scale.of(60, 12))]
    yield from _figures("batching.generated", [_solve(jobs, Cart(orders=5), matrix, 0, 0)])


@bench("walks.route_10k")
def routes(scale: Scale) -> Iterator[Figure]:
    """Seconds to find the walks of a wave of 10,000 lines in lists of twenty, every method compared, one process."""
    chance = random.Random(1)
    floor, places = _floor(20)
    lists = [chance.sample(places, A_LIST) for _ in range(scale.of(LINES, 400) // A_LIST)]
    started = time.perf_counter()
    found = [route([Stop(place) for place in one], floor) for one in lists]
    seconds = time.perf_counter() - started
    yield Figure("walks.route_10k", seconds, "s", None, None, len(lists) * A_LIST, seconds=seconds)
    walked, plain = sum(one.mm for one in found), sum(one.alternatives["S-shape"] for one in found)
    yield Figure("walks.route_10k@of_s_shape", 100 * walked / plain, "% of m", None, None, len(lists), seconds=seconds)


def _floor(aisles: int) -> tuple[Floor, list[int]]:
    """A block of aisles with thirty bays each, and its places."""
    depth, width = 90_000, (aisles + 1) * 5_000
    found = [Aisle(f"{n:02d}", (n + 1) * 5_000, 0, Heading.NORTH, depth, 1, 2_700, 3_000) for n in range(aisles)]
    found += [Aisle(f"C{y}", 0, y, Heading.EAST, width, is_cross=True) for y in (0, depth)]
    spots = {n * 100 + bay: Spot(*along(found[n], mm), n, mm)
             for n in range(aisles) for bay in range(30) for mm in [3_000 + 2_700 * bay]}  # fmt: skip
    return Floor(Layout(0, tuple(found), spots, Spot(0, 0), Spot(0, 0))), list(spots)


def published(scale: Scale, *, parent: Path) -> Iterator[Figure]:
    """How far all problems of a layout are walked, against the best known and against first come and 2-opt."""
    started = time.perf_counter()
    try:
        layout = read_layout(parent)
        ready = time.perf_counter() - started
        outcomes = [solve(layout, path) for path in layout.problems[: scale.of(len(layout.problems), QUICK)]]
    except (KeyError, TypeError, ValueError) as problem:
        raise SystemExit(f"{parent.parent} is not written as the published problems are: {problem!r}") from None
    name = f"batching.{layout.name}"
    yield from _figures(name, outcomes)
    yield Figure(f"{name}@distances", ready, "s", None, None, len(layout.matrix), seconds=ready)


def _figures(name: str, outcomes: Sequence[Outcome]) -> Iterator[Figure]:
    total, count = sum(one.mm for one in outcomes), len(outcomes)
    seconds = sum(one.seconds for one in outcomes)
    plain = sum(one.first_come for one in outcomes)
    best, measured = sum(one.best for one in outcomes), sum(one.best_measured for one in outcomes)
    figures = [("", total / MM, "m")]
    if best:
        figures += [("@of_best", 100 * total / best, "% of m"), ("@of_best_measured", 100 * total / measured, "% of m")]
    figures += [
        ("@of_first_come", 100 * total / plain, "% of m"),
        ("@greedy_of_first_come", 100 * sum(one.greedy for one in outcomes) / plain, "% of m"),
        ("@worst", max(one.seconds for one in outcomes), "s"),
    ]
    for what, value, unit in figures:
        yield Figure(name + what, value, unit, None, None, count, seconds=seconds)


def solve(layout: Published, path: Path) -> Outcome:
    """One published problem: solved, checked, and measured beside its printed solution."""
    problem, printed = _read(path), _read(path.with_name(f"{path.stem}_sol.json"))
    at = {visit: layout.row[str(place)] for visit, place in problem["VISIT_LOCATION_SECTION"].items()}
    jobs = [Job(tuple(at[str(visit)] for visit in visits)) for visits in problem["ORDERS"].values()]
    found = _solve(jobs, Cart(orders=problem["CAPACITIES"]), layout.matrix, layout.start, layout.end)
    walks = [[layout.row[str(place)] for place in one["pickRoute"]] for one in printed.values()]
    measured = sum(tours.length(layout.matrix, layout.start, walk, layout.end) for walk in walks)
    best = int(sum(one["distance"] for one in printed.values()) * MM)
    return Outcome(found.mm, found.greedy, found.first_come, found.seconds, best, measured)


def _solve(jobs: Sequence[Job], cart: Cart, matrix: Matrix, start: int, end: int) -> Outcome:
    started = time.perf_counter()
    trips = batches(jobs, cart, matrix, start=start, end=end)
    seconds = time.perf_counter() - started
    _check(trips, jobs, cart, matrix, start, end)
    greedy = batches(jobs, cart, matrix, start=start, end=end, effort=0)
    plain = first_come(jobs, cart, matrix, start=start, end=end)
    return Outcome(_sum(trips), _sum(greedy), _sum(plain), seconds)


def _sum(trips: Sequence[Trip]) -> int:
    return sum(trip.mm for trip in trips)


def _check(trips: Sequence[Trip], jobs: Sequence[Job], cart: Cart, matrix: Matrix, start: int, end: int) -> None:
    """Nothing is measured that could not be picked: every order once, no cart too full, walks as long as they say."""
    assert sorted(job for trip in trips for job in trip.jobs) == list(range(len(jobs))), "every order in one trip"
    for trip in trips:
        assert len(trip.jobs) <= cart.orders, "no more orders than the cart takes"
        assert set(trip.points) == {point for job in trip.jobs for point in jobs[job].points}, "every place visited"
        assert trip.mm == tours.length(matrix, start, trip.points, end), "the walk is as long as it says"


def read_layout(parent: Path) -> Published:
    """The layout of a folder of problems; distances lead round its obstacles."""
    floor = _read(parent)
    points = {key: _point(at) for key, at in floor["LOCATION_COORD_SECTION"].items()}
    walls = floor["OBSTACLES"]
    walls = literal_eval(walls) if isinstance(walls, str) else walls  # some files hold it as text
    obstacles = [[points[str(corner)] for corner in corners] for corners in walls.values()]
    problems = sorted(
        path for path in parent.parent.glob("*.json") if path.with_name(f"{path.stem}_sol.json").is_file()
    )
    if not problems:
        raise SystemExit(f"{parent.parent} holds no problem with its solution (NAME.json and NAME_sol.json).")
    depots = [str(depot) for depot in next(iter(floor["VEH_DEPOT_SECTION"].values()))]
    start, end = depots[0], depots[-1]
    visited = {str(place) for path in problems for place in _read(path)["VISIT_LOCATION_SECTION"].values()}
    row = {key: n for n, key in enumerate(key for key in points if key in visited or key in depots)}
    matrix = distances([points[key] for key in row], obstacles)
    return Published(parent.parent.name, matrix, row, row[start], row[end], problems)


def _point(at: Sequence[float]) -> Point:
    return int(at[0] * MM), int(at[1] * MM)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as problem:
        raise SystemExit(f"{path} cannot be read: {problem}") from None
