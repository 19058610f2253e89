"""The house that a replay runs: its people, places and virtual clock, and the bookkeeping that makes it resumable.

Every command's key is made of the run, the day and the step, so a command that was done before the process was killed
is not done again. Steps are marked when they end; a step that was cut short is run again, and does only what its keys
say is missing. All dice depend on seed and words (rules.throw), never on how often they were thrown before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo

from flowrack.integrations import steps
from flowrack.integrations.people import People
from flowrack.integrations.replay import reads
from flowrack.integrations.replay.types import Settings, World
from flowrack.platform import outbox
from flowrack.platform.runner import REGISTRY, Context

Request = TypeVar("Request")
Result = TypeVar("Result")

SHOP = ZoneInfo("Europe/London")


def moment(on: date, hour: int, minute: int = 0) -> datetime:
    """A time of day in the shop, in UTC."""
    return datetime.combine(on, time(hour, minute), SHOP).astimezone(UTC)


def utc(local: datetime) -> datetime:
    """A local time of the history, in UTC."""
    return local.replace(tzinfo=SHOP).astimezone(UTC)


@dataclass(slots=True)
class Tally:
    """What the replay did, for its closing report."""

    orders: int = 0
    order_lines: int = 0
    held_lines: int = 0
    slips: int = 0
    orders_ahead: int = 0
    substituted_units: int = 0
    receipts: int = 0
    receipt_lines: int = 0
    shipped_orders: int = 0
    returned_units: int = 0
    unreturnable_units: int = 0
    lost_units: int = 0
    unlosable_units: int = 0
    counted_bins: int = 0
    lists_late: int = 0
    ms: dict[str, int] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Add what was done at another site."""
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name, ms in other.ms.items():
            self.ms[name] = self.ms.get(name, 0) + ms


COUNTED = [f.name for f in fields(Tally) if f.name != "ms"]


@dataclass(frozen=True, slots=True)
class Site:
    """A site of the house."""

    code: str
    site_id: int
    docks: tuple[int, ...]
    review_id: int
    opening_percent: int


class House:
    """State of a running replay; all of it can be read again from the database and the file.

    The whole house has all sites; each site is played by a house of its own (`at`), which has one.
    """

    def __init__(self, run_code: str, settings: Settings, world: World, people: People) -> None:
        self.run_code = run_code
        self.settings = settings
        self.world = world
        self.people = people
        self.sites: list[Site] = []
        self.item_ids: dict[str, int] = {}
        self.supplier_ids: dict[str, int] = {}
        self.customer_ids: dict[str, int] = {}
        self.carrier_ids: list[int] = []
        self.tally = Tally()
        self._done: frozenset[str] = frozenset()

    def at(self, site: Site) -> House:
        """The house as one site sees it, with keys, a device and a tally of its own."""
        code = f"{self.run_code}:{site.code}"
        part = House(code, self.settings, self.world, self.people.on(f"{self.people.device} {site.code}"))
        part.sites = [site]
        part.item_ids, part.supplier_ids, part.customer_ids = self.item_ids, self.supplier_ids, self.customer_ids
        part.carrier_ids = self.carrier_ids
        return part

    def recall(self, on: date) -> None:
        """Read which commands of a day are done already; needed on the day on which a killed replay goes on."""
        self._done = reads.recorded_keys(list(self.people.ids.values()), f"{self.run_code}:{on}:")

    def forget(self) -> None:
        """The day is over: no key of the next one can be done."""
        self._done = frozenset()

    def do(
        self,
        command: Callable[[Context, Request], Result],
        role: str,
        request: Request,
        *,
        key: str,
        at: datetime,
    ) -> Result:
        """Run a command as the person with this role; its stored answer when it was done before a kill."""
        full = f"{self.run_code}:{key}"
        if full in self._done:
            name, answer = reads.stored_answer(self.people.ids[role], full)
            return REGISTRY[name].result.validate_json(answer)  # type: ignore[no-any-return]
        return command(self.people.context(role, full, at), request)

    def walks(self, on: date) -> bool:
        """Whether people walk pick lists on a day, pack by a plan and know when the truck leaves."""
        since = self.settings.walks_from
        return self.settings.pickers > 0 and (since is None or on >= since)

    def is_done(self, key: str) -> bool:
        """Whether a command with this key was done before the process was killed."""
        return f"{self.run_code}:{key}" in self._done

    def tell(self) -> None:
        """Let later stages react to what happened; events happen at the time of their command."""
        outbox.drain(device=self.people.device)

    def mark(self, on: date, step: str) -> None:
        """Remember that a step ended."""
        steps.mark_progress(self.run_code, on, step)
