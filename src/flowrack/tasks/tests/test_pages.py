"""The list of tasks in the browser."""

from __future__ import annotations

import pytest
from tests.cast import ADA, KIM, Person, ctx, signed_in, user_id
from tests.supply import item

from flowrack.platform import sql
from flowrack.tasks import steps
from flowrack.tasks.models import Task

from .house import site, work

pytestmark = pytest.mark.django_db


def test_a_manager_sees_open_tasks_and_makes_them_urgent():
    [task] = steps.create_tasks(ctx(ADA), [work(site(), 1, kind="putaway", origin="inbound.receipt:77")])
    browser = signed_in(ADA)
    page = browser.get("/tasks?cols=id,origin").content.decode()
    assert "inbound.receipt:77" in page
    answer = browser.post("/tasks", {"batch": "urgent", "ids": str(task), "idempotency_key": "k"})
    assert answer.status_code == 303
    assert Task.objects.get().priority == 1
    assert browser.get("/tasks?format=csv").status_code == 200


def test_tasks_of_another_site_are_not_listed_and_strangers_are_turned_away():
    here = site()
    steps.create_tasks(ctx(ADA), [work(here, 1, origin="inbound.receipt:78")])
    far = Person("far", "Far Picker", ("picker",))
    user_id(far, site_id=here + 1_000)
    assert "inbound.receipt:78" not in signed_in(far).get("/tasks?view=all&cols=id,origin").content.decode()
    assert signed_in(KIM).get("/tasks").status_code == 403


def test_a_task_says_the_name_of_its_item():
    hose = item("V-200")
    sql.execute("UPDATE catalog_item SET name = 'Garden hose, 20 m' WHERE id = %s", (hose,))
    steps.create_tasks(ctx(ADA), [work(site(), 1, item_id=hose)])
    page = signed_in(ADA).get("/tasks?q=garden").content.decode()
    assert "V-200" in page and "Garden hose, 20 m" in page
