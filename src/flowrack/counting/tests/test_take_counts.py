from datetime import timedelta

import pytest
from tests.cast import CY, EVE, GUS, HAL, NOW, ctx, user_id

from flowrack.counting import commands, commands_floor, queries
from flowrack.counting.models import CountTask
from flowrack.counting.tests.scene import bin_with
from flowrack.counting.types import AlreadyCounting, CountRefused, OpenCount, RequestCounts, TakeCounts
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def scene():
    """(house, tasks) of three bins: two of the reserve, one where people pick."""
    house, _ = bin_with(10)
    places = [house.places[name] for name in ("reserve1", "reserve2", "forward_pick1")]
    return house, commands.request_counts(ctx(HAL), RequestCounts(house.site, places)).task_ids


def take(person, house, count=0, *, zones=(), now=NOW, device="D-1"):
    return commands_floor.take_counts(
        ctx(person, now=now, device=device), TakeCounts(house.site, list(zones), count)
    ).task_ids


def test_bins_go_along_in_walking_order_and_are_nobody_elses_for_an_hour(scene):
    house, (first, second, third) = scene
    zone = sql.fetch_value("SELECT zone_id FROM locations_location WHERE id = %s", (house.places["reserve1"],))
    assert take(CY, house, 1, zones=[zone]) == [first]
    assert sorted(take(CY, house, 1, zones=[zone])) == [first, second]
    assert take(GUS, house, 5, device="D-2") == [third], "the others are with Cy"
    assert take(GUS, house, 5, device="D-2") == [third], "nothing is left"
    assert [t.bin for t in queries.counts_along(user_id(CY), "D-1", NOW, site_id=house.site)] == [
        "reserve-1",
        "reserve-2",
    ]
    with pytest.raises(AlreadyCounting) as refused:
        commands.open_count(ctx(GUS), OpenCount(first))
    assert refused.value.message.endswith("has this bin along on a device.")
    commands.open_count(ctx(CY), OpenCount(first))
    assert CountTask.objects.get(pk=first).lease_until is None


def test_a_device_that_is_heard_of_keeps_its_bins_and_one_that_is_not_loses_them(scene):
    house, (first, *_) = scene
    take(CY, house, 1)
    take(CY, house, now=NOW + HOUR)
    assert CountTask.objects.get(pk=first).lease_until == NOW + 2 * HOUR
    assert first in take(GUS, house, 5, now=NOW + 2 * HOUR + timedelta(seconds=1), device="D-2")
    assert take(CY, house, now=NOW + 2 * HOUR + timedelta(seconds=2)) == []


def test_what_a_person_counted_before_goes_along_with_somebody_else(scene):
    house, (first, *_) = scene
    commands.open_count(ctx(CY), OpenCount(first))
    CountTask.objects.filter(pk=first).update(state="recount")
    assert first not in take(CY, house, 5)
    assert first in take(GUS, house, 5, device="D-2")


def test_strangers_pages_without_a_device_and_greed_are_refused_and_take_nothing(scene):
    house, _ = scene
    with pytest.raises(NotPermitted):
        take(EVE, house, 1)
    with pytest.raises(CountRefused):
        take(CY, house, 1, device="")
    with pytest.raises(CountRefused):
        take(CY, house, 51)
    assert not CountTask.objects.exclude(leased_by=None).exists()
