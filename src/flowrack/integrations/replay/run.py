"""Runs a replay: furnishes the house, plays day after day, proves the books, goes on where a killed run stopped."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from flowrack.integrations import steps
from flowrack.integrations.people import hire
from flowrack.integrations.replay import (
    backward,
    floor,
    history,
    inward,
    opening,
    outward,
    quality,
    setup,
    trucks,
    wishes,
)
from flowrack.integrations.replay.crews import Played, Step, crews_of
from flowrack.integrations.replay.house import House, Tally, moment
from flowrack.integrations.replay.types import NotEmpty, ReplayBroken, Settings, SimDay, SimOrder, World
from flowrack.ledger.verify import verify

Progress = Callable[[str], None]
OPENING = "opening"
WAVES = (("first", 13), ("last", 21))
DAYS_AHEAD = 3  # how many days a quick site may be ahead of a slow one
STATISTICS_AFTER = {1, 4, 12, 36, 108}


@dataclass(frozen=True, slots=True)
class Done:
    """How a replay ended."""

    run_code: str
    house: House
    days: int
    last_on: date
    findings: int
    seconds: int
    tally: Tally


def run(path: Path, settings: Settings, progress: Progress) -> Done:
    """Play a history through the house; resumes by itself when the same replay was begun in this database."""
    started = time.monotonic()
    code = run_code(path, settings)
    if not settings.is_furnished and steps.is_lived_in(code):
        raise NotEmpty(
            "This company is not empty: goods moved that are not this replay's. A replay furnishes its own house.",
            fix="Replay into a new one: FLOWRACK_HOME=NEW-DIRECTORY flowrack replay FILE.",
        )
    world, wanted = history.survey_world(path, settings.seed, settings.from_on)
    world = history.moved(world, settings.shift_days)
    if settings.is_furnished:
        world = trucks.with_habits(world)
    house = House(code, settings, world, hire(settings.device))
    progress(f"{len(world.items):,} items, {len(world.customers):,} customers, {len(world.suppliers)} suppliers")
    setup.furnish(house)
    steps.refresh_statistics()
    steps.free_leases()
    house.tell()
    played: set[date] = set()
    last_on = world.first_on
    with crews_of(house, describe(path, settings)) as crews:
        bought = ((2, setup.receive_opening), (1, setup.put_opening_away))
        for before, act in ((2, opening.load_opening),) if settings.is_furnished else bought:
            eve = world.first_on - timedelta(days=before)
            crews.play([(eve, [_opening(part, eve, act)]) for part in crews.houses]).result()
            steps.refresh_statistics()
        progress(f"  0 %  opening stock is in its bins; {int(time.monotonic() - started)} s")
        waiting: deque[tuple[int, SimDay, Played]] = deque()

        def finish(left: int) -> None:
            while len(waiting) > left:
                number, day, what = waiting.popleft()
                if not what.result():
                    continue
                played.add(day.on)
                if settings.verify_daily:
                    prove(day.on)
                if number in STATISTICS_AFTER:
                    steps.refresh_statistics()
                progress(told(world, day, number, started))

        for number, day in enumerate(history.days(path, wanted, settings.shift_days, settings.from_on), 1):
            if settings.days is not None and number > settings.days:
                break
            if settings.until is not None and moment(day.on, 0) > settings.until:
                break
            last_on = day.on
            parts = zip(crews.houses, history.shared_out(world, day, settings), strict=True)
            waiting.append((number, day, crews.play([(day.on, list(steps_of(part, own))) for part, own in parts])))
            finish(0 if settings.verify_daily else DAYS_AHEAD)
        finish(0)
        for part in crews.houses:
            house.tally.add(part.tally)
    findings = prove(last_on)
    return Done(code, house, len(played), last_on, findings, int(time.monotonic() - started), house.tally)


def _opening(part: House, eve: date, act: Callable[[House, date], None]) -> Step:
    return OPENING, moment(eve, 8), lambda: act(part, eve)


def run_code(path: Path, settings: Settings) -> str:
    """A fingerprint of what decides the books: file, seed, sites and shift. Not the length: it may be extended."""
    digest = hashlib.sha256(path.read_bytes())
    words = (settings.seed, settings.sites, settings.home_percent, settings.shift_days, settings.counts_a_day)
    digest.update(f"|{words}|{settings.pick_faces}".encode())
    if settings.is_furnished:
        digest.update(b"|furnished")
    if settings.has_wishes:
        digest.update(b"|wishes")
    if settings.pickers:
        digest.update(f"|pickers {settings.pickers} {settings.walks_from or ''}".rstrip().encode())
    if settings.from_on:
        digest.update(f"|from {settings.from_on}".encode())
    return f"replay-{digest.hexdigest()[:12]}"


def describe(path: Path, settings: Settings) -> str:
    """The settings in words."""
    return f"{path.name}, seed {settings.seed}, sites {', '.join(settings.sites)}"


def steps_of(house: House, day: SimDay) -> Iterator[Step]:
    """The steps of a day in their order, each with its time."""
    on = day.on
    yield "deliveries", moment(on, 7), lambda: inward.deliveries(house, on)
    yield "close-trucks", moment(on, 9), lambda: inward.close_trucks(house, on)
    if house.settings.is_furnished:
        yield "inspections", moment(on, 9, 25), lambda: quality.inspect(house, on)
    yield "putaway", moment(on, 9, 30), lambda: inward.put_away(house, on, 9)
    yield "refill", moment(on, 10), lambda: inward.refill(house, on, 10)
    before = 0
    for name, hour in WAVES:
        orders = [o for o in day.orders if before <= o.at.hour < hour or (name == "last" and o.at.hour >= hour)]
        yield from _wave(house, on, name, hour, orders)
        before = hour
        if name == "first":
            yield "returns", moment(on, 14), lambda: backward.come_back(house, on, day.returns)
            yield "decisions", moment(on, 15, 30), lambda: backward.decide(house, on)
            yield "buying", moment(on, 17), lambda: inward.buy(house, on)
            if house.settings.is_furnished:
                yield "settling", moment(on, 17, 10), lambda: quality.settle(house, on)
            yield "give-up", moment(on, 18), lambda: outward.give_up(house, on)
            yield "losses", moment(on, 19), lambda: backward.get_lost(house, on, day.losses)
            yield "counts", moment(on, 19, 30), lambda: backward.count(house, on)
    yield "close", moment(on, 22), lambda: outward.tell_history(house, on)


def _wave(house: House, on: date, name: str, hour: int, orders: list[SimOrder]) -> Iterator[Step]:
    by = floor.pick if house.walks(on) else outward.pick
    yield f"work {name}", moment(on, hour - 1), lambda: outward.sum_work(house, on, name, hour)
    yield f"orders {name}", moment(on, hour - 1), lambda: outward.enter(house, on, orders)
    yield f"holds {name}", moment(on, hour - 1, 30), lambda: outward.settle_holds(house, on, name, hour)
    yield f"promise {name}", moment(on, hour), lambda: outward.promise(house, on, name, hour, orders)
    if house.settings.has_wishes:
        yield f"variants {name}", moment(on, hour, 3), lambda: wishes.offer_variants(house, on, name, hour)
    yield f"release {name}", moment(on, hour, 5), lambda: outward.release(house, on, name, hour)
    yield f"pick {name}", moment(on, hour, 40), lambda: by(house, on, name, hour)
    yield f"send {name}", moment(on, hour, 58), lambda: outward.send(house, on, name, hour)


def prove(on: date) -> int:
    """Every running sum equals the moves behind it: no findings. Otherwise the replay stops here."""
    findings = verify()
    if findings:
        names = "; ".join(f"{f.check} ({f.rows} rows, e.g. {f.sample[0]})" for f in findings)
        raise ReplayBroken(
            f"After {on} the books do not add up: {names}", fix="This is a fault of Flowrack: report it."
        )
    return len(findings)


def told(world: World, day: SimDay, number: int, started: float) -> str:
    """One line of progress."""
    whole = (world.last_on - world.first_on).days + 1
    share = ((day.on - world.first_on).days + 1) * 100 // whole
    lines = sum(len(order.lines) for order in day.orders)
    return f"{share:3d} %  day {number}, {day.on}: {lines:,} lines; {int(time.monotonic() - started)} s"
