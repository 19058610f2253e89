"""Two people want the same door, or two notices the same SSCC. Each race is shown first, without its constraint."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from flowrack.dock import commands, commands_appointments
from flowrack.dock.tests.yard import Doors, at_hour, booked, doors, line, notice, sscc
from flowrack.dock.types import CreateAsns
from flowrack.dock.types_appointments import CheckIn, DockTruck, Reschedule, Schedule
from flowrack.platform import sql
from flowrack.shared.errors import FlowrackError
from tests.cast import ADA, BO, Person, ctx
from tests.races.together import waiting

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def without(constraint: str, table: str) -> Iterator[None]:
    """The table as it would be without its constraint; rows that break it are gone when it comes back."""
    kind, text = sql.fetch_one(
        "SELECT contype, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", (constraint,)
    ) or ("i", "")
    index = sql.fetch_value("SELECT indexdef FROM pg_indexes WHERE indexname = %s", (constraint,))
    sql.execute(f"DROP INDEX {constraint}" if kind == "i" else f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    try:
        yield
    finally:
        sql.execute(f"TRUNCATE {table} CASCADE")
        sql.execute(index if kind == "i" else f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {text}")


def both(table: str, work: Callable[[Person], object]) -> list[object]:
    """What Ada and Bo hear when each has looked before the other writes: the table lets nobody write until then."""
    for person in (ADA, BO):
        assert person.id
    heard: list[object] = []

    def run(person: Person) -> None:
        try:
            heard.append(work(person))
        except FlowrackError as refusal:
            heard.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(person,)) for person in (ADA, BO)]
    with transaction.atomic():
        sql.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 2.5
        while time.monotonic() < deadline:
            if waiting() == 2:
                break
            time.sleep(0.01)
    for thread in threads:
        thread.join(20)
    return [answer if isinstance(answer, str) else "yes" for answer in heard]


def live() -> int:
    return int(sql.fetch_value("SELECT count(*) FROM dock_appointment WHERE lower(slot) = %s", (at_hour(11),)))


NO_OVERLAP = "appointment_no_overlap_at_door"
APPOINTMENTS = "dock_appointment"


def schedules(here: Doors) -> Callable[[Person], object]:
    return lambda person: commands_appointments.schedule(
        ctx(person), Schedule(here.at.site, here.d1, at_hour(11), reference=person.username)
    )


def reschedules(here: Doors) -> Callable[[Person], object]:
    of = {person: booked(here, hour).appointment_id for person, hour in ((ADA, 13), (BO, 14))}
    return lambda person: commands_appointments.reschedule(ctx(person), Reschedule(of[person], here.d1, at_hour(11)))


@pytest.mark.parametrize("way", [schedules, reschedules])
def test_two_people_want_the_same_slot(way):
    here = doors()
    with without(NO_OVERLAP, APPOINTMENTS):
        assert both(APPOINTMENTS, way(here)) == ["yes", "yes"]
        assert live() == 2  # the double booking
    assert sorted(both(APPOINTMENTS, way(here))) == ["slot_taken", "yes"]
    assert live() == 1


def test_two_trucks_want_to_dock_at_the_same_door():
    here = doors()

    def docks() -> Callable[[Person], object]:
        of = {
            person: commands_appointments.check_in(
                ctx(BO), CheckIn(site_id=here.at.site, reference=person.username)
            ).appointment_id
            for person in (ADA, BO)
        }
        return lambda person: commands_appointments.dock_truck(ctx(person), DockTruck(of[person], here.d1))

    standing = "SELECT count(*) FROM dock_appointment WHERE state = 'at_door'"
    with without("appointment_one_truck_at_a_door", APPOINTMENTS), without(NO_OVERLAP, APPOINTMENTS):
        assert both(APPOINTMENTS, docks()) == ["yes", "yes"]
        assert sql.fetch_value(standing) == 2
    heard = both(APPOINTMENTS, docks())
    assert heard.count("yes") == 1 and set(heard) <= {"yes", "slot_taken", "door_occupied"}
    assert sql.fetch_value(standing) == 1


def test_two_notices_bring_the_same_sscc():
    here = doors()

    def announce(person: Person) -> object:
        asn = notice(here.at, line(sscc=sscc(1)), reference=f"DN-{person.username}")
        return commands.create_asns(ctx(person), CreateAsns([asn]))

    packs = "SELECT count(*) FROM dock_asnpack"
    with without("asn_pack_sscc_one_at_a_time", "dock_asnpack"):
        assert both("dock_asnpack", announce) == ["yes", "yes"]
        assert sql.fetch_value(packs) == 2
        sql.execute("DELETE FROM dock_asnline")
        sql.execute("DELETE FROM dock_asnpack")
        sql.execute("DELETE FROM dock_asn")
    assert sorted(both("dock_asnpack", announce)) == ["sscc_known", "yes"]
    assert sql.fetch_value(packs) == 1


def test_the_same_notice_comes_twice_at_once():
    here = doors()

    def announce(person: Person) -> object:
        return commands.create_asns(ctx(person), CreateAsns([notice(here.at, line())]))

    with without("asn_reference_once_per_supplier", "dock_asn"):
        assert both("dock_asn", announce) == ["yes", "yes"]
        assert sql.fetch_value("SELECT count(*) FROM dock_asn") == 2
    assert sorted(both("dock_asn", announce)) == ["asn_known", "yes"]
    assert sql.fetch_value("SELECT count(*) FROM dock_asn") == 1
