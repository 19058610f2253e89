"""An order while it is typed: what is understood of it, row by row, by the checks of entry. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from flowrack.platform.runner import Context
from flowrack.sales import queries_about, queries_soon, rules_terms, steps_entry, steps_foresee, steps_sites, steps_warn
from flowrack.sales.queries_about import AboutItem, price, soon
from flowrack.sales.queries_days import FirstDay
from flowrack.sales.queries_entry import Terms
from flowrack.sales.queries_soon import Steps
from flowrack.sales.rules_changes import POLICY_WORDS
from flowrack.sales.steps_entry import Checked, EntryLine
from flowrack.sales.types import NewOrder
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_money

OK, DOUBT, BAD = "ok", "warn", "bad"


@dataclass(frozen=True, slots=True)
class LineSaid:
    """What is understood of a line, or what is wrong with it: `ok`, `warn` or `bad`."""

    line_no: int
    said: str
    level: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What is understood of an order: its customer's terms, its days, what would hold it, its lines and their sum."""

    head: Terms
    first: FirstDay | None
    faults: list[BadLine]
    warnings: list[str]
    holds: list[str]
    lines: list[LineSaid]
    count: int  # lines that can be entered as they stand
    units: int
    value: Decimal


def understand(order: NewOrder, counted: Sequence[bool], now: datetime) -> Typed:
    """Read an order as entry would; `counted` says of which lines the quantity was typed. At most twenty queries."""
    checked = steps_entry.check([order], now=now)
    [head] = checked.known
    bad_lines = {fault.line: fault for _, fault in checked.faults if fault.line}
    numbers = [no for no in range(1, len(order.lines) + 1) if no not in bad_lines]
    good = dict(zip(numbers, checked.lines[0], strict=True))
    about = queries_about.items([line.item_id for line in good.values()])
    ids = [line.item_id for line in good.values()]
    free = queries_soon.free(ids, order.site_id, now, life_days=checked.terms[0].life_days) if head.today else {}
    held = _holds(order, counted, checked)
    lines: list[LineSaid] = []
    claimed: dict[int, int] = {}
    for no, asked in enumerate(order.lines, 1):
        if no in bad_lines:
            lines.append(LineSaid(no, f"{bad_lines[no].message} {bad_lines[no].fix}".strip(), BAD))
            continue
        line, before = good[no], claimed.get(good[no].item_id, 0)
        item, steps = about[line.item_id], free.get(line.item_id, [])
        if counted[no - 1]:
            claimed[line.item_id] = before + line.units
            words = _said(asked.pack, item, line, steps, before, is_priced=asked.unit_price is not None)
            doubt = held.get(no, "")
            lines.append(
                LineSaid(no, f"{words} · would wait for a person: {doubt}" if doubt else words, DOUBT if doubt else OK)
            )
        else:
            lines.append(LineSaid(no, _known(item, line, steps), OK))
    good = {no: line for no, line in good.items() if counted[no - 1]}
    faults = [fault for _, fault in checked.faults if not fault.line and fault.field != "lines"]
    first, warnings = _days(order, head, faults, now)
    return Typed(
        head=head,
        first=first,
        faults=faults,
        warnings=warnings,
        holds=[said for no, said in held.items() if not no],
        lines=lines,
        count=len(good),
        units=sum(line.units for line in good.values()),
        value=to_money(sum((line.units * line.unit_price for line in good.values()), Decimal(0))),
    )


@dataclass(frozen=True, slots=True)
class HoldSaid:
    """Why a line (0 = the order) would wait for a person."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class OrderChecked:
    """What entering an order would refuse, warn of and hold."""

    errors: list[BadLine]
    warnings: list[str]
    holds: list[HoldSaid]


def check_orders(ctx: Context, asked: Sequence[NewOrder]) -> list[OrderChecked]:
    """What entering orders together would do, for each. Refuses with NotPermitted where the person may not enter any.
    Fourteen queries at most, whatever their number."""
    orders = steps_sites.with_sites(ctx, asked)
    for site_id in {order.site_id for order in orders if order.site_id}:
        ctx.require("sales.enter", site_id)
    checked = steps_entry.check(orders, now=ctx.now)
    found = [OrderChecked([], [], []) for _ in orders]
    for place, fault in checked.faults:
        found[place].errors.append(fault)
    good = [place for place, one in enumerate(found) if not one.errors]
    told = steps_warn.warnings([orders[at] for at in good], [checked.known[at] for at in good], ctx.now)
    for place, said in zip(good, told, strict=True):
        found[place].warnings.extend(said)
    for place, line_no, sentence in steps_foresee.foresee(orders, checked):
        found[place].holds.append(HoldSaid(line_no, sentence))
    return found


def usual(head: Terms) -> dict[str, str]:
    """The customer's terms in words, by the names of the fields."""
    words = rules_terms.in_words(head.usual)
    return {"policy": POLICY_WORDS[head.policy], **words}


def more_than_usual(head: Terms) -> dict[str, str]:
    """The customer's terms that ask for more than nothing, in words."""
    plain = rules_terms.in_words(rules_terms.NOTHING)
    return {name: words for name, words in usual(head).items() if words != plain.get(name)}


def _days(order: NewOrder, head: Terms, faults: Sequence[BadLine], now: datetime) -> tuple[FirstDay | None, list[str]]:
    names = {"requested_on", "ship_on", "latest_on", "site"}
    if head.customer_id is None or head.today is None or any(fault.field in names for fault in faults):
        return None, []
    [first] = steps_warn.first_days([order], [head], now)
    return first, steps_warn.said(order, first)


def _holds(order: NewOrder, counted: Sequence[bool], checked: Checked) -> dict[int, str]:
    """What would wait for a person, by line (0 = the order); lines without a quantity are not judged."""
    if not all(counted) or any(fault.field == "customer" for _, fault in checked.faults):
        return {}
    whole = replace(checked, faults=[])
    if len(checked.lines[0]) != len(order.lines):
        return {}
    return {no: said for _, no, said in steps_foresee.foresee([order], whole)}


def _said(pack: str, item: AboutItem, line: EntryLine, steps: Steps, before: int, *, is_priced: bool) -> str:
    """ "Gloves M · 24 each, typed by the case · 2.50 each, 60.00 · 340 free"."""
    units = f"{line.units:,} {item.base_uom}"
    units = f"{units}, typed by the {pack}" if pack and pack != item.base_uom else units
    cost = f"{price(line.unit_price)} each, {to_money(line.units * line.unit_price):,.2f}"
    if not is_priced and item.list_price is None:
        cost = "no list price: 0.00"
    left = [(on, max(free - before, 0)) for on, free in steps]
    return " · ".join([item.name, units, cost, *([soon(left, line.units)] if steps else [])])


def _known(item: AboutItem, line: EntryLine, steps: Steps) -> str:
    """What is known of an item before its quantity is typed."""
    cost = price(line.unit_price) if item.list_price is not None else "no list price"
    return " · ".join([item.name, item.units, cost, *([soon(steps)] if steps else [])])
