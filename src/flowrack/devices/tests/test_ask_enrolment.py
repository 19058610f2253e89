"""A device asks to belong to the house."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.cast import ADA, ctx

from flowrack.devices import commands
from flowrack.devices.models import Device
from flowrack.devices.types import AskEnrolment, BadKey
from flowrack.platform.models import Refusal
from flowrack.shared.errors import NotPermitted

from .house import Scanner, enrolled, public_of

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
    monkeypatch.setattr("flowrack.devices.rules.MOST_WAITING", 1)
    Scanner(15).ask()
    answer = Scanner(16).ask()
    assert answer["title"] == "Too many devices ask to join."
    assert Device.objects.count() == 1


def test_one_address_asks_only_so_often_and_what_is_refused_writes_nothing(monkeypatch):
    monkeypatch.setattr("flowrack.devices.rules.FREE_ASKS", 2)
    before = Refusal.objects.count()
    for secret in (21, 22):
        assert Scanner(secret).ask()["state"] == "asked"
    answer = Scanner(23).ask()
    assert (answer["code"], answer["status"]) == ("too_many_asks", 429)
    assert answer["title"] == "Too many devices ask to join from this address."
    assert Scanner(21).ask()["state"] == "asked", "who asked already hears how it stands"
    assert (Device.objects.count(), Refusal.objects.count()) == (2, before)
    Scanner(23).client.post("/scan/device/ask", {"public_key": "04"}, "application/json")
    assert Refusal.objects.count() == before
    elsewhere = Scanner(24, client=Client(REMOTE_ADDR="192.0.2.7"))
    assert elsewhere.ask()["state"] == "asked"
    Device.objects.filter(asked_from="127.0.0.1").update(asked_at=datetime.now(UTC) - timedelta(minutes=1))
    assert Scanner(23).ask()["state"] == "asked", "the wait is over"


def test_approved_devices_do_not_count_against_their_address(monkeypatch):
    monkeypatch.setattr("flowrack.devices.rules.FREE_ASKS", 1)
    enrolled(secret=25)
    assert Scanner(26).ask()["state"] == "asked"


def test_a_device_that_was_never_approved_is_replaced_by_none():
    first = Scanner(27)
    first.ask()
    Scanner(28).ask(replaces=first.code)
    assert Device.objects.get(public_key=public_of(28)).replaces_id is None
