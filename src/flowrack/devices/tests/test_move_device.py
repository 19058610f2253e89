"""A device is sent to another site."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.cast import ADA, CY, Person, ctx, signed_in, user_id

from flowrack.devices import commands, queries, queries_places
from flowrack.devices.models import Device, DeviceStay, JournalEntry
from flowrack.devices.types import DeviceHasWork, IssueBadge, MoveDevice, OtherSite, SetPin
from flowrack.locations.types import UnknownSite
from flowrack.shared.errors import Invalid, NotFound, NotPermitted, WrongState
from flowrack.tasks.tests.house import site, zone

from .house import Scanner, enrolled, with_test_flow

pytestmark = pytest.mark.django_db
LAST_YEAR = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def moved(monkeypatch) -> tuple[Scanner, int, int]:
    """A device of the first site, and the two sites."""
    with_test_flow(monkeypatch)
    here, there = site(), site("T2")
    device = enrolled(at=here)
    DeviceStay.objects.update(since=LAST_YEAR)
    return device, here, there


def move(device: Scanner, to: int, **more: object) -> None:
    asked = {"reason": "Short of phones", **more}
    commands.move_device(ctx(ADA, now=datetime.now(UTC)), MoveDevice(device.id, to, **asked))  # type: ignore[arg-type]


def test_what_was_done_before_is_booked_where_the_device_was_then(moved):
    device, here, there = moved
    device.do(CY, site=here, at=datetime.now(UTC) - timedelta(minutes=5))
    move(device, there, zone_ids=[zone(there)])
    row = queries.device(device.id, actor_id=ADA.id)
    assert (row.site, row.zones, row.state, row.state_reason) == ("T2", "A", "enrolled", "Short of phones")
    device.do(CY, site=there, at=datetime.now(UTC) + timedelta(seconds=30))
    told = device.send()
    assert told["site"] == "T2"
    assert device.results() == {1: "applied", 2: "applied"}
    assert list(JournalEntry.objects.order_by("seq").values_list("site_id", flat=True)) == [here, there]


def test_what_is_not_booked_is_told_first(moved):
    device, _, there = moved
    Device.objects.update(outbox_told=3)
    with pytest.raises(DeviceHasWork, match="has 3 scans that are not booked"):
        move(device, there)
    page = signed_in(ADA).get(f"/devices/{device.id}/move").content.decode()
    assert "When last seen it had 3 not sent." in page
    move(device, there, is_told=True)
    assert Device.objects.get().site_id == there


def test_whoever_has_signed_in_by_badge_signs_in_again(moved):
    device, _, there = moved
    commands.set_pin(ctx(CY), SetPin("482917"))
    device.sign_in(commands.issue_badge(ctx(ADA), IssueBadge(CY.id)).text, "482917")
    assert device.client.get("/scan").status_code == 200
    move(device, there)
    assert device.client.get("/scan").status_code == 302


def test_the_floor_is_drawn_at_the_devices_site_whatever_was_chosen_at_a_desk(moved):
    device, here, there = moved
    client = signed_in(ADA)
    client.post("/site", {"site_id": here})
    assert "Flowrack scan, T1" in client.get("/scan").content.decode()
    move(device, there)
    client.cookies["device"] = device.code
    assert "Flowrack scan, T2" in client.get("/scan").content.decode()
    with pytest.raises(OtherSite, match="PL-1 is at T1; this device works at T2"):
        queries_places.refuse_other_site(device.code, here, "PL-1")
    queries_places.refuse_other_site("scan-4711", here, "PL-1")


def test_what_cannot_be_is_refused_and_changes_nothing(moved):
    device, here, there = moved
    with pytest.raises(Invalid, match="is not at this site"):
        move(device, there, zone_ids=[zone(here)])
    with pytest.raises(Invalid, match="The reason is missing"):
        move(device, there, reason=" ")
    with pytest.raises(UnknownSite):
        move(device, there + 999)
    with pytest.raises(NotPermitted):
        commands.move_device(ctx(CY), MoveDevice(device.id, there, [], "mine"))
    local = Person("lou", "Lou Local", ("warehouse_manager",))
    user_id(local, site_id=there)
    with pytest.raises(NotFound):
        commands.move_device(ctx(local), MoveDevice(device.id, there, [], "ours"))
    Device.objects.update(state="lost")
    with pytest.raises(WrongState, match="cannot be sent to another site"):
        move(device, there)
    assert Device.objects.get().site_id == here
