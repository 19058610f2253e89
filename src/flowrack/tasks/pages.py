"""The list of tasks: what is open, who has it, what is late."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.web.format import words
from flowrack.platform.web.listing import Batch, Choice, Column, DateRange, Empty, ListPage, Tab, Text
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import perform
from flowrack.tasks import commands, queries
from flowrack.tasks.states import TaskState
from flowrack.tasks.types import Reprioritise


def _make_urgent(request: HttpRequest, task_ids: list[int]) -> HttpResponse:
    """The chosen tasks come first."""
    return perform(
        request,
        commands.reprioritise,
        Reprioritise(task_ids, 1),
        to=reverse("tasks"),
        toast=lambda done: f"{done.count} made urgent",
    )


TASKS = ListPage(
    name="tasks.tasks",
    title="Tasks",
    noun=("task", "tasks"),
    permission="tasks.view",
    rows=queries.task_page,
    columns=[
        Column("kind", "Work", sort=True, value=lambda r: words(r.kind)),
        Column("state", "State", kind="state", sort=True, marks={"excepted": "warn"}),
        Column("sku", "Item", kind="code", sort=True),
        Column("name", "Name", wide=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("from_code", "From", kind="code", sort=True),
        Column("to_code", "To", kind="code", sort=True),
        Column("id", "No.", kind="code", sort=True, hidden=True),
        Column("zone", "Zone", sort=True, hidden=True),
        Column("due_at", "Due", kind="datetime", sort=True),
        Column("priority", "Urgency", kind="number", sort=True),
        Column("person", "Who", sort=True),
        Column("device", "Device", hidden=True),
        Column("origin", "For", kind="code", hidden=True),
        Column("reason", "Because", hidden=True),
        Column("finished_at", "Ended", kind="datetime", sort=True, hidden=True),
    ],
    filters=[
        Choice("state", "State", [(s.value, words(s)) for s in TaskState], promoted=True),
        Choice("kind", "Work", queries.kinds, promoted=True),
        Text("zone", "Zone"),
        Text("person", "Who", promoted=True),
        Text("sku", "Item"),
        DateRange("due_at", "Due"),
    ],
    tabs=[Tab("Open", "state=open,leased"), Tab("Set aside", "state=excepted"), Tab("All", "")],
    sort="priority,due_at",
    search="Item, place, person or document",
    batch=[Batch("urgent", "Make urgent", "tasks.manage", _make_urgent)],
    empty=Empty("Nothing to do", "Work for people on the floor: putaway, picks, counts, refills."),
)

urlpatterns = [path("tasks", TASKS.view, name="tasks")]
NAV = [NavItem("Work", "Tasks", "tasks", permission="tasks.view", order=100)]
