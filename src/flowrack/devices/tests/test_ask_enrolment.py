"""A device asks to belong to the house."""

from __future__ import annotations

import pytest
from tests.cast import ADA, ctx

from flowrack.devices import commands
from flowrack.devices.models import Device
from flowrack.devices.types import AskEnrolment, BadKey
from flowrack.shared.errors import NotPermitted

from .house import Scanner, public_of

pytestmark = pytest.mark.django_db


def test_a_device_shows_its_key_and_waits_with_letters_on_its_screen():
    device = Scanner(11)
    told = device.ask()
    row = Device.objects.get()
    assert (told["device"], told["state"], told["letters"]) == (row.code, "asked", row.approval_code)
    assert (row.public_key, row.model, row.site_id) == (public_of(11), "Test phone", None)
    assert device.ask() == told, "asking again tells the same"
    assert Device.objects.count() == 1


def test_what_is_no_key_is_refused_and_nothing_is_written():
    device = Scanner(12)
    for key in ("", "04", "zz" * 65, "04" + "11" * 64, public_of(12)[:-2], public_of(12) + "00"):
        answer = device.client.post("/scan/device/ask", {"public_key": key}, "application/json")
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_device_key"), key
    assert device.client.post("/scan/device/ask", "[1]", "application/json").status_code == 422
    assert not Device.objects.exists()


def test_only_the_house_itself_takes_a_device_down():
    with pytest.raises(NotPermitted):
        commands.ask_enrolment(ctx(ADA), AskEnrolment(public_of(13)))
    assert not Device.objects.exists()


def test_the_same_key_does_not_ask_twice():
    Scanner(14).ask()
    from flowrack.devices.jobs_apply import as_system

    with pytest.raises(BadKey):
        commands.ask_enrolment(as_system(""), AskEnrolment(public_of(14)))


def test_a_flood_of_strangers_stops_at_a_hundred(monkeypatch):
    monkeypatch.setattr("flowrack.devices.commands.enrolment.MOST_WAITING", 1)
    Scanner(15).ask()
    answer = Scanner(16).ask()
    assert answer["title"] == "Too many devices ask to join."
    assert Device.objects.count() == 1
