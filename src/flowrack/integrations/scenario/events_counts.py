"""The words for counts: opened blind, entered, compared anew and settled by another person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flowrack.counting.commands import (
    approve_variances,
    ask_recount,
    enter_count,
    finish_count,
    open_count,
    refresh_count,
    request_counts,
)
from flowrack.counting.types import (
    ApproveVariances,
    AskRecount,
    EnterCount,
    FinishCount,
    OpenCount,
    RefreshCount,
    RequestCounts,
    SeenLine,
)
from flowrack.integrations.scenario import books, flow
from flowrack.integrations.scenario.house import House
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import event
from flowrack.platform import sql

REASON = "miscount"


@event("count", "book counted location product unit_cost lot")
def count(house: House, happening: Event) -> None:
    """A bin is counted, and the difference settled at once."""
    args = happening.args
    item = house.item(args.get("product"))
    where = str(args.get("location", ""))
    bin_id = _first_bin(house) if where == "place that was reserved" else house.bin(where)
    house.noted["counted_bin"] = bin_id
    _open(house, bin_id)
    _enter(house, {item.name: args["counted"]}, str(args.get("lot", "")))
    _finish(house)
    _settle(house, "count_supervisor")


def _first_bin(house: House) -> int:
    """The bin that a picker would be sent to first."""
    return next(cell.location_id for cell in books.cells([i.item_id for i in house.items.values()]))


@event("open_count", "location")
def open_a_count(house: House, happening: Event) -> None:
    """Somebody stands before the bin and begins to count."""
    _open(house, house.bin(str(happening.args.get("location", ""))))


def _open(house: House, bin_id: int) -> None:
    house.noted["before"] = books.last_posting()
    asked = house.do(request_counts, "inventory_controller", RequestCounts(house.site().site_id, [bin_id]))
    counter = "picker"
    if asked.task_ids:
        house.noted["task"] = asked.task_ids[0]
    else:
        # The bin waits in review, for example after a blank: it is counted again, by somebody else.
        counter = "packer"
        house.do(ask_recount, "inventory_controller", AskRecount(house.noted["task"]))
    opened = house.do(open_count, counter, OpenCount(house.noted["task"]))
    house.noted["count"], house.noted["counter"] = opened.count_id, counter
    house.noted["is_finished"] = False


@event("enter_count", "*")
def enter_a_count(house: House, happening: Event) -> None:
    """What was seen: units, units by product, or nothing (a blank)."""
    if "count" not in house.noted:
        _open(house, house.bin())
    seen = happening.args or {next(iter(house.items)): happening.value}
    _enter(house, seen, "")


def _enter(house: House, seen: dict[str, Any], lot: str) -> None:
    lines = []
    for name, quantity in seen.items():
        item = house.item(name)
        units = None if quantity is None else house.units(quantity)
        lines.append(SeenLine(item.item_id, units, lot_id=flow.lot_id(item, lot)))
        house.noted.setdefault("counted", {})[item.name] = units
    house.do(enter_count, house.noted["counter"], EnterCount(house.noted["count"], lines))


def _finish(house: House) -> None:
    if not house.noted["is_finished"]:
        house.do(finish_count, house.noted["counter"], FinishCount(house.noted["count"]))
        house.noted["is_finished"] = True


@event("refresh_count", "")
def refresh_a_count(house: House, happening: Event) -> None:
    """The count is compared with what the books say now."""
    _finish(house)
    house.do(refresh_count, "inventory_controller", RefreshCount(house.noted["task"]))


@event("post_count", "")
def post_a_count(house: House, happening: Event) -> None:
    """The differences are settled: by a clerk only what policy allows, by a manager all."""
    _finish(house)
    role = {"clerk": "inventory_controller", "manager": "warehouse_manager"}.get(
        str(happening.args.get("by", "manager")), str(happening.args.get("by"))
    )
    blank = [name for name, units in house.noted.get("counted", {}).items() if units is None]
    if not blank:
        _settle(house, role)
    house.noted.pop("counted", None)
    house.noted.pop("count", None)


def _settle(house: House, role: str) -> None:
    """Settle what is still open: a second person counts again, another one approves, finance signs what is large."""
    task_id = house.noted["task"]
    if not _open_variances(task_id):
        return
    if house.noted["counter"] == "picker" and house.noted.get("counted_twice") != house.noted["count"]:
        _count_again(house, task_id)
        house.noted["counted_twice"] = house.noted["count"]
    for approver in (role, "finance_controller"):
        if _open_variances(task_id):
            house.do(approve_variances, approver, ApproveVariances(task_id, REASON))


def _count_again(house: House, task_id: int) -> None:
    """Somebody else sees the same."""
    house.do(ask_recount, "inventory_controller", AskRecount(task_id))
    again = house.do(open_count, "packer", OpenCount(task_id))
    lines = [
        SeenLine(house.item(name).item_id, units, lot_id=flow.lot_id(house.item(name), ""))
        for name, units in house.noted["counted"].items()
    ]
    house.do(enter_count, "packer", EnterCount(again.count_id, lines))
    house.do(finish_count, "packer", FinishCount(again.count_id))


def _open_variances(task_id: int) -> int:
    return int(
        sql.fetch_value("SELECT count(*) FROM counting_variance WHERE task_id = %s AND decision = 'open'", (task_id,))
    )


def expected_units(house: House, item_id: int) -> int:
    """What the open count is compared with."""
    if "count" not in house.noted:
        raise BadScenario("there is no open count.", fix="open_count first.")
    return int(
        sql.fetch_value(
            """
            SELECT coalesce(sum(expected_units), 0)::bigint FROM counting_countline
            WHERE count_id = %s AND item_id = %s
            """,
            (house.noted["count"], item_id),
        )
    )


def percent_off(house: House, name: str) -> Decimal:
    """How far a count is off, in percent of the books."""
    item = house.item(name)
    expected = expected_units(house, item.item_id)
    counted = house.noted["counted"][name]
    return Decimal(abs(counted - expected)) * 100 / expected
