"""Builders for tests of waves: a house with a cut-off, pickers and orders that are reserved."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import SimpleNamespace

from tests import outbound
from tests.cast import ADA, MAY, NOW, ctx

from flowrack.platform import sql
from flowrack.promise.commands_setup import set_cut_offs, set_hours, set_policy
from flowrack.promise.types import CutOffOf, HoursOf, SetCutOffs, SetHours, SetPolicy
from flowrack.tasks.commands import set_capacity
from flowrack.tasks.types import SetCapacity
from flowrack.waves import commands, commands_setup
from flowrack.waves.types import MakePlan, Planned, SetTemplate, TemplateOf

DUE = date(2026, 3, 2)
CUT_OFF = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


def house(*, people: int = 1, cut_off: time = time(10, 30)):
    """A site that works from 8 to 17, with 90 seconds a line, a cut-off, and so many pickers. NOW is 9:00."""
    at = outbound.house()
    set_hours(ctx(MAY), SetHours(at.site, [HoursOf(day, time(8), time(17)) for day in range(1, 6)]))
    set_cut_offs(ctx(MAY), SetCutOffs(at.site, [CutOffOf(0, cut_off, [1, 2, 3, 4, 5], "", 1)]))
    set_policy(ctx(MAY), SetPolicy(at.site, line_seconds=90, hundred_seconds=0))
    if people:
        for day in range(5):
            shift = SetCapacity(at.site, "pick", day, "day", people, Decimal(9), starts_at=time(8))
            set_capacity(ctx(ADA), shift)
    return at


def template(at, name: str = "Parcels", **more) -> int:
    """A template without minutes at the dock, unless said otherwise; its id."""
    of = TemplateOf(name, **{"staging_minutes": 0, "loading_minutes": 0, **more})
    return commands_setup.set_template(ctx(MAY), SetTemplate(at.site, of)).template_id


def reserved(at, *lines: tuple[str, int], who: str = "ACME", on: date = DUE):
    """An order that leaves on a day, with stock reserved for it."""
    order = outbound.order(at.site, who, *lines, ships=on)
    outbound.allocate(at.site, order)
    return order


def stocked(at, *skus: str, units: int = 1000) -> dict[str, int]:
    """Items with stock in the reserve."""
    found = {sku: outbound.item(sku) for sku in skus}
    for item in found.values():
        outbound.receive(at, item, units, "1")
    return found


def plan(at, **more) -> Planned:
    """May makes a plan at NOW."""
    return commands.make_plan(ctx(MAY), MakePlan(at.site, **more))


def fates(plan_id: int) -> dict[int, str]:
    """What a plan does with each line."""
    return dict(sql.fetch_all("SELECT line_id, fate FROM waves_planline WHERE plan_id = %s", (plan_id,)))


def planned(people: int = 1, orders: int = 3):
    """A house with orders of one line each, and a plan of now."""
    at = house(people=people)
    stocked(at, "4711")
    outbound.customer()
    template(at)
    placed = [reserved(at, ("4711", 5)) for _ in range(orders)]
    return SimpleNamespace(at=at, orders=placed, plan=plan(at), now=NOW)


def waves_of(plan_id: int) -> list[int]:
    """The waves of a plan, as they leave."""
    rows = sql.fetch_all("SELECT id FROM waves_planwave WHERE plan_id = %s ORDER BY place", (plan_id,))
    return [row[0] for row in rows]


def books() -> tuple[int, ...]:
    """Rows of every table that commands of waves write, to show that a refused one left no trace."""
    tables = ("template", "penaltypolicy", "handschange", "plan", "planwindow", "planwave", "planline", "run")
    figures = ", ".join(f"(SELECT count(*) FROM waves_{table})" for table in tables)
    row = sql.fetch_one(f"SELECT {figures}, (SELECT coalesce(sum(length(state)), 0) FROM waves_plan)")
    assert row is not None
    return (*row, *outbound.books())
