"""The door calendar in a real browser: a truck is dragged, and moved by keys; the server's refusal is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flowrack.dock import commands_appointments, queries_calendar
from flowrack.dock.tests.yard import doors
from flowrack.dock.types_appointments import Schedule
from tests.browser.conftest import PHONE, at_rest
from tests.browser.test_axe import faults
from tests.cast import BO, ctx

pytestmark = pytest.mark.django_db(transaction=True)
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)


def test_a_truck_moves_by_drag_and_by_keys_and_the_server_decides(visit):
    here = doors()
    by = ctx(BO, now=datetime.now(UTC))
    one, other = (
        commands_appointments.schedule(
            by.keyed(str(hour)),
            Schedule(here.at.site, here.d1, TOMORROW.replace(hour=hour), reference=f"T{hour}", minutes=60),
        ).appointment_id
        for hour in (10, 13)
    )

    def stands(appointment_id: int) -> tuple[str, str]:
        row = queries_calendar.appointment(appointment_id)
        return row.door, f"{row.starts_at:%H:%M}"

    page = visit(f"/dock?day={TOMORROW.date().isoformat()}", person=BO)
    assert faults(page) == []

    page.focus(f"#bar-{one}")
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert "To D2 at" in page.text_content("#move-says")
    page.keyboard.press("Escape")
    assert (page.text_content("#move-says"), stands(one)) == ("", ("D1", "10:00"))
    page.keyboard.press("ArrowRight")
    page.focus(f"#bar-{other}")
    assert page.text_content("#move-says") == "", "whoever goes on to another truck leaves this one"
    page.focus(f"#bar-{one}")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    at_rest(page)
    assert stands(one) == ("D2", "10:15")
    assert page.evaluate("document.activeElement.id") == f"bar-{one}"

    box = page.locator(f"#bar-{other} rect").first.bounding_box()
    row_height = page.locator("[data-calendar]").bounding_box()["width"] * 56 / 1392
    x, y = box["x"] + 20, box["y"] + 20
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5, y + 10)
    page.mouse.move(x, y + row_height, steps=4)
    page.mouse.up()
    at_rest(page)
    assert stands(other) == ("D2", "13:00")
    assert page.url.endswith(TOMORROW.date().isoformat()), "a drag does not open the truck"

    page.focus(f"#bar-{one}")
    for _ in range(9):  # to 12:30, where it would overlap
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    at_rest(page)
    assert "Choose another slot or door" in page.text_content("#calendar")
    assert stands(one) == ("D2", "10:15")

    page.click(f"#bar-{one}")
    at_rest(page)
    assert page.url.endswith(f"/dock/appointments/{one}")


def test_on_a_phone_the_list_takes_the_place_of_the_picture(visit):
    doors()
    page = visit("/dock", person=BO, size=PHONE)
    assert faults(page) == []
    assert not page.locator("[data-calendar]").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
