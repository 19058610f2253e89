"""Makes the sample company by replaying the shipped slice of real orders until today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from flowrack.allocation.jobs import watch_days
from flowrack.integrations import steps
from flowrack.integrations.replay import history, run
from flowrack.integrations.replay.house import SHOP, moment
from flowrack.integrations.replay.types import Settings
from flowrack.integrations.sample import live
from flowrack.platform.http import now
from flowrack.platform.outbox import context_for_system
from flowrack.promise.commands_setup import learn_lateness
from flowrack.promise.types import Learn

NAME = "Kestrel Wharf Supply"
ORDERS = Path(__file__).with_name("orders.csv.gz")
SEED = 2026
SITES = ("KW1", "KW2")
LATEST_HOUR = 17
PICK_FACES = 120
PICKERS = 3  # who walk lists at each site in the last days: lines an hour, cartons and freight of these are known
WALKED = timedelta(days=14)


def last_moment(at: datetime) -> tuple[date, datetime]:
    """The last business day of a sample that is made at a time, and the moment at which it stands.

    The day is the one that the clock shows, also in the night: the work that is left is of the hours before.
    """
    today = at.astimezone(SHOP).date()
    return today, min(at, moment(today, LATEST_HOUR))


def load(progress: Callable[[str], None], at: datetime | None = None) -> None:
    """Fill an empty database with the sample company as it stands at a time (now). Deterministic for a day.

    People must be hired before with their passwords, or they are made without.
    """
    today, until = last_moment(at or now())
    world, _ = history.survey_world(ORDERS, SEED)
    settings = Settings(
        seed=SEED,
        days=None,
        sites=SITES,
        shift_days=(today - world.last_on).days,
        until=until,
        counts_a_day=1,
        pick_faces=PICK_FACES,
        device="Scanners",
        pickers=PICKERS,
        walks_from=today - WALKED,
        is_furnished=True,
    )
    steps.name_own_company(NAME)
    played = run.run(ORDERS, settings, progress)
    progress("Leaving work in every stage")
    live.leave_work(played.house, today, until)
    played.house.tell()
    learn_lateness(context_for_system(until, "sample:learn"), Learn())
    watch_days(context_for_system(until, "sample:watch"))
    run.prove(today)
