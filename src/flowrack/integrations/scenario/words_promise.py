"""Words about promises: what a site can do, when an order can leave, what breaks when supply slips and what helps."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from flowrack.allocation import queries_cover, queries_outlook
from flowrack.analytics.queries.suppliers import LINES, Asked
from flowrack.integrations.scenario.figures import same
from flowrack.integrations.scenario.house import DAY_ZERO, House, SiteOf
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import event, figure, given
from flowrack.platform import sql
from flowrack.promise import queries_ask, queries_lines, reasons
from flowrack.promise.commands_lines import move_promises
from flowrack.promise.commands_setup import set_cut_offs, set_hours, set_policy, set_safety
from flowrack.promise.types import (
    CutOffOf,
    HoursOf,
    MovePromise,
    MovePromises,
    Question,
    SafetyOf,
    SetCutOffs,
    SetHours,
    SetPolicy,
    SetSafety,
)
from flowrack.purchasing.commands_confirmations import decide_confirmations, record_confirmations
from flowrack.purchasing.types_confirmations import (
    ConfirmedLine,
    DecideConfirmations,
    NewConfirmation,
    RecordConfirmations,
)
from flowrack.shared.quantity import Units
from flowrack.tasks.commands import set_capacity
from flowrack.tasks.types import SetCapacity

WEEK = range(1, 6)
WORKS = {"from", "until", "cut_off", "people", "line_minutes", "ready_minutes", "transit", "unknown_days"}


@given("site_works")
def site_works(house: House, value: Any) -> None:
    """What the site can do, Monday to Friday: from, until, cut_off, people, minutes of work a line, days on the way.

    `unknown_days` are added to the day of a supplier of whom no delivery is on record.
    """
    unknown = set(value) - WORKS
    if unknown:
        raise BadScenario(f"site_works: unknown word {', '.join(sorted(unknown))}", fix="See docs/scenarios.md.")
    site_id = house.site().site_id
    starts, ends = _clock(value.get("from", "08:00")), _clock(value.get("until", "17:00"))
    house.do(set_hours, "planner", SetHours(site_id, [HoursOf(day, starts, ends) for day in WEEK]))
    if "cut_off" in value:
        row = CutOffOf(0, _clock(value["cut_off"]), list(WEEK), "", int(value.get("transit", 1)))
        house.do(set_cut_offs, "planner", SetCutOffs(site_id, [row]))
    policy = SetPolicy(
        site_id,
        line_seconds=int(Decimal(str(value.get("line_minutes", "1.5"))) * 60),
        hundred_seconds=0,
        prepare_minutes=int(value.get("ready_minutes", 15)),
        unknown_days=int(value.get("unknown_days", 5)),
    )
    house.do(set_policy, "planner", policy)
    house.noted["shift"] = (starts, Decimal((ends.hour - starts.hour) * 60 + ends.minute - starts.minute) / 60)
    if "people" in value:
        _hands(house, int(value["people"]))


def _hands(house: House, people: int) -> None:
    starts, hours = house.noted["shift"]
    for weekday in range(5):
        asked = SetCapacity(house.site().site_id, "pick", weekday, "day", people, hours, starts_at=starts)
        house.do(set_capacity, "warehouse_manager", asked)


@given("keeps_back")
def keeps_back(house: House, value: Any) -> None:
    """Units that sites keep for themselves, by site: they are neither promised nor given away."""
    for name, units in value.items():
        rows = [SafetyOf(house.item().item_id, house.units(units))]
        house.do(set_safety, "planner", SetSafety(house.site(str(name)).site_id, rows))


@event("people", "count")
def people(house: House, happening: Event) -> None:
    """So many people pick from now on."""
    _hands(house, int(happening.args.get("count", happening.value)))


@event("ask_when", "qty product wanted_day tier warehouse at")
def ask_when(house: House, happening: Event) -> None:
    """A customer asks when he can have so many; `at` says at which time of the day."""
    args = happening.args
    if "at" in args:
        at = _clock(args["at"])
        house.now = house.now.replace(hour=at.hour, minute=at.minute)
    house.settle()
    code, _ = house.party(f"ASKS-{args.get('tier', 'C')}", tier=str(args.get("tier", "C")))
    wanted = (DAY_ZERO + timedelta(days=int(args["wanted_day"]))).date() if "wanted_day" in args else None
    item = house.item(args.get("product"))
    site = house.site(str(args.get("warehouse", "")))
    question = Question(code, item.sku, Decimal(house.units(args["qty"])), "", wanted, site.site_id)
    house.noted["answer"] = queries_ask.answered(queries_ask.understand(question, house.now), house.now)


@event("slips", "of days")
def slips(house: House, happening: Event) -> None:
    """The supplier confirms a purchase so many days later, and the buyer accepts it."""
    po_id = house.noted["purchases"][happening.args["of"]]
    days = timedelta(days=int(happening.args["days"]))
    lines = [
        ConfirmedLine(line_no, Units(units), expected_on + days)
        for line_no, units, expected_on in sql.fetch_all(
            "SELECT line_no, units, expected_on FROM purchasing_poline WHERE po_id = %s ORDER BY line_no", (po_id,)
        )
    ]
    told = RecordConfirmations([NewConfirmation(po_id, "slips", lines)])
    done = house.do(record_confirmations, "buyer", told)
    waiting = [line.confirmation_line_id for line in done.lines if line.state == "open"]
    if waiting:
        house.do(decide_confirmations, "buyer", DecideConfirmations(waiting, "accept"))
    house.settle()


@event("tell_other_day", "orders reason")
def tell_other_day(house: House, happening: Event) -> None:
    """Customers are told the earliest other day: a letter is drafted for each."""
    house.settle()
    lines = [MovePromise(line) for name in happening.args["orders"] for line in house.of(name).line_ids]
    reason = str(happening.args.get("reason", "the supplier delivers later"))
    house.do(move_promises, "customer_service", MovePromises(lines, reason))
    house.settle()


@figure("leaves_after_days")
def leaves_after_days(house: House, name: str, expected: Any) -> None:
    """In how many days the goods of the last answer leave, all on one day: 0 today, 1 tomorrow; null = nobody knows."""
    leaves = house.noted["answer"].answer.options[0].ships_on
    same(name, expected, None if leaves is None else (leaves - house.now.date()).days)


@figure("bound_by")
def bound_by(house: House, name: str, expected: Any) -> None:
    """What binds the last answer, in words."""
    bound = house.noted["answer"].answer.options[0].bound
    same(name, expected, reasons.bound_words(bound) if bound else None)


@figure("promised_day", "first_promised_day")
def promised_day(house: House, name: str, expected: Any) -> None:
    """The days on which orders are to leave, as told last (or first), counted from the scenario's first."""
    house.settle()
    column = "promised_on" if name == "promised_day" else "first_promised_on"
    found = {}
    for order in expected:
        days = sql.fetch_value(
            f"SELECT max({column}) FROM sales_orderline WHERE id = ANY(%s::bigint[])",  # noqa: S608 - one of two
            (house.of(order).line_ids,),
        )
        found[order] = None if days is None else (days - DAY_ZERO.date()).days
    same(name, expected, found)


@figure("broken_promises")
def broken_promises(house: House, name: str, expected: Any) -> None:
    """Orders with an open exception about their promise, by name."""
    house.settle()
    open_lines = {row.order_line_id for row in queries_cover.exceptions([0])}
    same(name, expected, sorted(key for key, done in house.done.items() if open_lines & set(done.line_ids)))


@figure("lines_that_wait")
def lines_that_wait(house: House, name: str, expected: Any) -> None:
    """How many order lines wait for the product at the first site: they are looked at when its supply moves."""
    pair = (house.item().item_id, house.site().site_id)
    same(name, expected, len(queries_outlook.wants([pair], house.now)[pair]))


@figure("could_send")
def could_send(house: House, name: str, expected: Any) -> None:
    """Units that other sites could send and still keep what they need, by site."""
    donors = queries_lines.donors(house.item().item_id, house.site().site_id, house.now)
    of_site = {at.site_id: key for key, at in house.sites.items()}
    same(name, expected, {of_site[d.site_id]: house.quantity(d.units) for d in donors if d.site_id in of_site})


@figure("notices")
def notices(house: House, name: str, expected: Any) -> None:
    """How many letters to customers are drafted and not sent."""
    lines = [line for done in house.done.values() for line in done.line_ids]
    count = sql.fetch_value(
        "SELECT count(*) FROM allocation_customernotice WHERE state = 'draft' AND order_line_id = ANY(%s::bigint[])",
        (lines,),
    )
    same(name, expected, count)


@figure("days_after_promise")
def days_after_promise(house: House, name: str, expected: Any) -> None:
    """How many days after their promise purchases were complete, as the supplier's scorecard has it, by their names."""
    today = house.now.date()
    asked = Asked(DAY_ZERO.date(), today, today, site_id=house.site().site_id)
    rows = sql.fetch_all(f"SELECT po_id, max(days_after) FROM ({LINES}) AS x GROUP BY 1", asked.params)  # noqa: S608
    days = dict(rows)
    same(name, expected, {key: days.get(house.noted["purchases"][key]) for key in expected})


@figure("promised")
def promised(house: House, name: str, expected: Any) -> None:
    """Of the stock at hand, what each order may have, those who want it earlier first."""
    same(name, expected, {key: house.quantity(units) for key, (units, _) in _by_rank(house, expected).items()})


@figure("promised_before", "promised_before_*")
def promised_before(house: House, name: str, expected: Any) -> None:
    """Units that are wanted before each order; promised_before_P2: before that order, by product."""
    order = name.removeprefix("promised_before").lstrip("_")
    if order:
        site = house.site(house.of(order).site)
        found = {product: _wanted_before(house, site, product, order)[1] for product in expected}
    else:
        found = {key: before for key, (_, before) in _by_rank(house, expected).items()}
    same(name, expected, {key: house.quantity(units) for key, units in found.items()})


def _by_rank(house: House, names: Any) -> dict[str, tuple[int, int]]:
    """(units from stock, units wanted before) of each order of the one product."""
    return {name: _wanted_before(house, house.site(), "", name) for name in names}


def _wanted_before(house: House, site: SiteOf, product: str, order: str) -> tuple[int, int]:
    pair = (house.item(product).item_id, site.site_id)
    stock = sum(c.units for c in queries_outlook.coming([pair], house.now)[pair] if not c.po_line_id)
    mine, before = set(house.of(order).line_ids), 0
    for want in queries_outlook.wants([pair], house.now)[pair]:
        if want.line_id in mine:
            return max(0, min(want.units, stock - before)), before
        before += want.units
    return 0, before


def _clock(text: Any) -> time:
    try:
        return time.fromisoformat(str(text))
    except ValueError as bad:
        raise BadScenario(f"{text} is no time.", fix='Write "14:50".') from bad
