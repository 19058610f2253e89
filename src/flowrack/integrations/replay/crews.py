"""The crews of a replay: each site's people work through its days on a thread and a connection of their own.

Sites share items, customers and suppliers, which no day changes, and nothing else: stock, costs, documents and events
belong to one site. So a site's books do not depend on how far the others are, and two sites keep two cores busy.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from flowrack.integrations import steps
from flowrack.integrations.replay.house import House

Step = tuple[str, datetime, Callable[[], None]]
Todo = tuple[date, list[Step]]


@dataclass(slots=True)
class Cursor:
    """The last step of a site that was finished in this database before this run."""

    day: date | None
    step: str


@dataclass(slots=True)
class Crew:
    """The people of a site: they play its days one after the other."""

    house: House
    cursor: Cursor
    thread: ThreadPoolExecutor
    is_stopped: bool = False

    def play(self, on: date, todo: list[Step]) -> bool:
        """Play what is left of a day; whether anything was left."""
        house, cursor = self.house, self.cursor
        names = [name for name, _, _ in todo]
        if cursor.day is not None and (on < cursor.day or (on == cursor.day and cursor.step == names[-1])):
            return False
        if cursor.day is not None:
            house.recall(on)
            house.tell()
        if cursor.day == on and cursor.step in names:
            todo = todo[names.index(cursor.step) + 1 :]
        for name, at, act in todo:
            if self.is_stopped or (house.settings.until is not None and at > house.settings.until):
                break
            began = time.monotonic_ns()
            act()
            word = name.split(" ")[0]
            house.tally.ms[word] = house.tally.ms.get(word, 0) + (time.monotonic_ns() - began) // 1_000_000
            house.mark(on, name)
        house.forget()
        cursor.day = None
        return True


@dataclass(frozen=True, slots=True)
class Played:
    """A day that the crews are playing."""

    parts: Sequence[Future[bool]]

    def result(self) -> bool:
        """Wait for all sites; whether any of them had something left to play. Raises what one of them raised."""
        left = [part.result() for part in self.parts]
        return any(left)


@dataclass(frozen=True, slots=True)
class Crews:
    """The crews of all sites."""

    crews: Sequence[Crew]

    @property
    def houses(self) -> list[House]:
        """The house as each site sees it."""
        return [crew.house for crew in self.crews]

    def play(self, todo: Sequence[Todo]) -> Played:
        """Let each site play its part of a day after those that it was given before."""
        return Played(
            [crew.thread.submit(crew.play, on, own) for crew, (on, own) in zip(self.crews, todo, strict=True)]
        )


@contextmanager
def crews_of(house: House, settings: str) -> Iterator[Crews]:
    """The crews of the house's sites, each where it stopped. On an error they end the step that they are at."""
    crews = []
    for site in house.sites:
        part = house.at(site)
        cursor = Cursor(*steps.open_run(part.run_code, settings))
        crews.append(Crew(part, cursor, ThreadPoolExecutor(1, thread_name_prefix=f"site-{site.code}")))
    try:
        yield Crews(crews)
    finally:
        for crew in crews:
            crew.is_stopped = True
            crew.thread.submit(connection.close)
        for crew in crews:
            crew.thread.shutdown(wait=True)
