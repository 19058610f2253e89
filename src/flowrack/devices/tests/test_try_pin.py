"""Badge and PIN on a device of the house."""

from __future__ import annotations

import time

import pytest
from tests.cast import ADA, CY, KIM, Person, ctx

from flowrack.devices import commands
from flowrack.devices.models import DeviceSession, PinTry
from flowrack.devices.types import ChangeDevice, IssueBadge, RevokeBadge, SetPin, TryPin
from flowrack.platform import sessions, sql
from flowrack.platform.models import User
from flowrack.shared.errors import NotPermitted
from flowrack.tasks.tests.house import site

from .house import Scanner, enrolled

pytestmark = pytest.mark.django_db


@pytest.fixture
def badge() -> str:
    commands.set_pin(ctx(CY), SetPin("482917"))
    return commands.issue_badge(ctx(ADA), IssueBadge(CY.id)).text


def test_badge_and_pin_open_the_floor_at_the_devices_site_and_nothing_else(badge):
    device = enrolled(ADA)
    answer = device.sign_in(badge, "482917")
    assert (answer.status_code, answer.json()["name"]) == (200, "Cy Picker")
    assert device.client.get("/scan").status_code == 200
    assert device.client.get("/scan/pick").status_code == 200
    assert device.client.get("/").headers["Location"] == "/scan"
    assert device.client.get("/tasks").status_code == 403
    assert device.client.get("/tasks?format=csv").status_code == 403
    assert device.client.get("/api/v1/tasks").status_code == 403
    assert DeviceSession.objects.filter(person_id=CY.id).get().method == "badge"
    device.do(CY, flow="nothing.known")
    device.send()
    assert device.last["answers"][0]["code"] == "unknown_flow", "the journal believes who signed in"


def test_a_manager_with_badge_and_pin_cannot_approve(badge):
    commands.set_pin(ctx(ADA), SetPin("739164"))
    colleague = Person("wim", "Wim Manager", ("warehouse_manager",))
    badge_of_ada = commands.issue_badge(ctx(colleague), IssueBadge(ADA.id)).text
    device = enrolled(at=site())
    assert device.sign_in(badge_of_ada, "739164").status_code == 200
    assert device.client.get("/approvals").status_code == 403
    assert device.client.get("/scan/pick").status_code == 200
    assert device.client.get("/scan/needs").status_code == 200


def test_a_password_after_a_badge_is_a_session_of_its_own(badge):
    device = enrolled()
    device.sign_in(badge, "482917")
    held = device.client.session
    held["pin_asked"], before = True, held.session_key
    held.save()
    user = User.objects.get(pk=CY.id)
    user.set_password("long pass word 77")
    user.save()
    device.client.post("/sign-in", {"username": user.username, "password": "long pass word 77"})
    after = device.client.session
    assert after.session_key != before
    assert not {"pin_asked", "device_id", "device_site_id"} & set(after.keys())
    assert device.client.get("/tasks").status_code == 200


@pytest.mark.parametrize("action", ["lose", "revoke", "badge"])
def test_a_lost_device_and_a_revoked_badge_end_the_sessions_that_they_opened(badge, action):
    here = site()
    one, other = enrolled(secret=61, at=here), enrolled(secret=62, at=here)
    for device in (one, other):
        device.sign_in(badge, "482917")
    if action == "badge":
        commands.revoke_badge(ctx(ADA), RevokeBadge(CY.id))
    else:
        commands.change_device(ctx(ADA), ChangeDevice(one.id, action, "Left on the bus"))
    assert one.client.get("/scan/pick").status_code == 302
    assert other.client.get("/scan/pick").status_code == (302 if action == "badge" else 200)


def test_the_fifth_wrong_pin_locks_it_on_that_device_only(badge):
    one, other = enrolled(secret=61), enrolled(secret=62, at=site("T9"))
    left = [one.sign_in(badge, "000001").json()["details"]["tries_left"] for _ in range(4)]
    assert left == [4, 3, 2, 1]
    assert "locked on this device" in one.sign_in(badge, "000001").json()["title"]
    assert one.sign_in(badge, "482917").status_code == 403, "the right one comes too late"
    assert PinTry.objects.get().failures == 5
    assert other.sign_in(badge, "482917").status_code == 200


def test_a_right_pin_forgets_the_wrong_ones(badge):
    device = enrolled()
    device.sign_in(badge, "000001")
    assert device.sign_in(badge, "482917").status_code == 200
    assert not PinTry.objects.exists()


def test_an_unknown_badge_and_a_desk_person_are_told_the_same(badge):
    device = enrolled()
    commands_badge = commands.issue_badge(ctx(ADA), IssueBadge(KIM.id)).text
    for text in ("FRB" + "0" * 32, commands_badge):
        answer = device.sign_in(text, "482917")
        assert (answer.status_code, answer.json()["title"]) == (403, "Badge and PIN do not fit.")


def test_away_from_the_device_the_pin_is_asked_after_ten_minutes_and_the_badge_after_an_hour(badge):
    device = enrolled()
    device.sign_in(badge, "482917")

    def away(minutes: int) -> None:
        session = device.client.session
        session["seen_at"] = int(time.time()) - minutes * 60
        session.save()

    away(11)
    assert device.client.get("/scan/pick").status_code == 302
    assert device.sign_in("", "000001").status_code == 403
    assert device.sign_in("", "482917").json()["person"] == CY.id
    assert device.client.get("/scan/pick").status_code == 200
    away(61)
    assert device.client.get("/scan/pick").status_code == 302
    refused = device.sign_in("", "482917")
    assert (refused.status_code, refused.json()["title"]) == (403, "Scan your badge.")
    assert sessions.PIN_IDLE_SECONDS, sessions.BADGE_IDLE_SECONDS == (600, 3600)


def test_another_key_and_an_old_challenge_sign_nobody_in(badge):
    device = enrolled()
    stranger = Scanner(999, device.code)
    assert stranger.sign_in(badge, "482917").status_code == 401
    assert not DeviceSession.objects.filter(method="badge").exists()


def test_only_the_house_itself_tries_pins(badge):
    device = enrolled()
    with pytest.raises(NotPermitted):
        commands.try_pin(ctx(ADA), TryPin(device.id, "", "482917"))


def test_a_badge_of_another_site_is_told_so_and_counts_as_no_wrong_try(badge):
    here = site()
    device = enrolled(at=here)
    sql.execute("UPDATE platform_userrole SET site_id = %s WHERE user_id = %s", (site("T2"), CY.id))
    told = device.sign_in(badge, "482917")
    assert (told.status_code, told.json()["title"]) == (403, "Cy Picker does not work at T1 Site T1.")
    assert not PinTry.objects.exists()
    assert device.sign_in(badge, "000000").json()["title"] == "Badge and PIN do not fit."
