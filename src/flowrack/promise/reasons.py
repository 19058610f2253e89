"""Promises in words: what binds an option, how sure it is, what was not considered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from flowrack.promise.rules_case import Ask, Case, Source, SupplyKind
from flowrack.promise.rules_house import Overload, Why
from flowrack.promise.rules_kept import Changed
from flowrack.promise.rules_lateness import Scope
from flowrack.promise.rules_options import Answer, Binding, Bound, Option, OptionKind, Part

NAMES = {
    OptionKind.ONE_DAY: "All on one day",
    OptionKind.SPLIT: "Earliest split",
    OptionKind.SUBSTITUTE: "With substitute",
}
WHOSE = {
    Scope.ITEM: "of this supplier with the item",
    Scope.SUPPLIER: "of this supplier",
    Scope.COMPANY: "of all suppliers, for this one has too few",
}


def day(on: date | None) -> str:
    """ "Tue 19 May"."""
    return f"{on:%a} {on.day} {on:%b}" if on else "nobody can say when"


def clock(at: time | None) -> str:
    """ "15:00"."""
    return f"{at:%H:%M}" if at else ""


def units(count: int) -> str:
    """ "1 unit", "1,200 units"."""
    return f"{count:,} unit{'' if count == 1 else 's'}"


def source_of(part: Part) -> str:
    """ "Harbour, on hand and PO-1187"."""
    names = [
        s.name or {"dock": "goods at the dock", "inspection": "goods in inspection"}[s.kind] for s in part.supplies
    ]
    if part.on_hand or not names:
        names = ["on hand", *names]
    return f"{part.site}, {' and '.join(dict.fromkeys(names))}"


def bound_words(bound: Bound) -> str:
    """What binds, in a few words: the chip of a card."""
    if bound.kind == Binding.SUPPLY:
        return f"{bound.name or 'Goods at the dock'}, {day(bound.on)}"
    if bound.kind == Binding.STOCK:
        return f"Free stock is {bound.units:,}"
    if bound.kind == Binding.WISH:
        return f"The wish: {day(bound.on)} would do"
    if bound.kind == Binding.AHEAD:
        service = f" of {bound.name}" if bound.name else ""
        return f"Cut-off {clock(bound.at)}{service}"
    return _house_words(bound)


def _house_words(bound: Bound) -> str:
    if bound.why == Why.CLOSED:
        return f"Closed {day(bound.on)}{f' ({bound.name})' if bound.name else ''}"
    if bound.why == Why.CUT_OFF:
        return f"Cut-off {clock(bound.at)} passed {day(bound.on)}"
    if bound.why == Why.WORK:
        return f"Work full before {clock(bound.at)} {day(bound.on)}"
    if bound.why == Why.REFILL:
        return f"Pick face refilled too late for {clock(bound.at)} {day(bound.on)}"
    if bound.why == Why.HOLIDAY:
        return f"Public holiday of the carriers {day(bound.on)}"
    return f"No service goes {day(bound.on)}"


def confidence(option: Option, case: Case) -> str:
    """How sure the option is: from how many deliveries, or that nothing is on record."""
    needed = [(part, supply) for part in option.parts for supply in part.supplies]
    if not needed:
        return "in stock"
    chances = [part.chance for part in option.parts if part.chance is not None and part.chance.of]
    if not chances:
        return "no deliveries on record"
    worst = min(chances, key=lambda c: (c.percent or 0, c.of))
    later = f", 90 % by {day(option.p90)}" if option.p90 and option.p90 != option.arrives_on else ""
    return f"{worst.percent} % on this date ({worst.there} of {worst.of}){later}"


def option_sentence(case: Case, option: Option) -> str:
    """One sentence for a stored promise."""
    first = option.parts[0]
    what = " and ".join(
        f"{part.units:,} {part.sku} from {source_of(part)}, leaving {day(part.ships_on)}, there {day(part.arrives_on)}"
        for part in option.parts
    )
    return f"{what}. Bound by: {bound_words(option.bound or first.bound)}. Sure: {confidence(option, case)}."[:1000]


def told(case: Case, ask: Ask, option: Option) -> str:
    """An option as a line of text: what it is, its days and what binds it, or why it is not possible."""
    name = NAMES[OptionKind(option.kind)]
    return f"{name}: {option_sentence(case, option) if option.parts else not_possible(ask, option)}"


def not_possible(ask: Ask, option: Option) -> str:
    """Why an option has no parts."""
    if option.kind == OptionKind.SPLIT and not ask.takes_parts:
        return "The customer takes no parts."
    if option.kind == OptionKind.SUBSTITUTE:
        return "No substitute is sooner." if ask.substitutes else f"{ask.sku} has no substitute."
    if option.same_as:
        return "It would take too many parts."
    none = f"{units(option.misses)} have no supply within the next half year."
    if not option.most:
        return none
    where = " from one site" if option.kind == OptionKind.ONE_DAY and len(ask.site_ids) > 1 else ""
    return f"{option.most:,} of {ask.units:,} can be there{where} by {day(option.most_on)}; {none}"


def earlier(ask: Ask, option: Option) -> str:
    """ "1 day before the day wanted", where all of it arrives before: nothing leaves so as to be there on the day."""
    if ask.wanted_on is None or option.arrives_on is None or option.arrives_on >= ask.wanted_on:
        return ""
    days = (ask.wanted_on - option.arrives_on).days
    return f"{days} day{'' if days == 1 else 's'} before the day wanted"


def sooner(found: Answer) -> tuple[int, date] | None:
    """Of the split, the units that are there on its first day, where that is before all of it can be; else None."""
    one, split, _ = found.options
    if not split.parts or split.same_as:
        return None
    first = min(part.arrives_on for part in split.parts)
    if one.arrives_on is not None and one.arrives_on <= first:
        return None
    return sum(part.stands_for for part in split.parts if part.arrives_on == first), first


def _nobody(found: Answer) -> tuple[str, str]:
    """What is lacking where nothing serves all of it: of all sites together, or of the best one."""
    ask = found.ask
    one, split, _ = found.options
    lacks = split if split.misses else one
    some = f"{lacks.most:,} of {ask.units:,} can be there by {day(lacks.most_on)}. " if lacks.most else ""
    if not lacks.misses:
        return "Nobody can say.", not_possible(ask, lacks)
    return "Nobody can say.", f"{some}{units(lacks.misses)} of {ask.sku} have no supply that counts."


def headline(found: Answer) -> tuple[str, str]:
    """The answer in two pieces: the news, and what follows."""
    ask = found.ask
    one, split, instead = found.options
    if not one.parts and not split.parts:
        return _nobody(found)
    possible = [option for option in (one, split) if option.parts]
    best = min(possible, key=lambda option: option.days_late)
    early = f", {earlier(ask, one)}" if earlier(ask, one) else ""
    places = len({part.site_id for part in one.parts})
    when = f"{day(one.arrives_on)}{f' from {places} sites' if places > 1 else ''}{early}"
    alone = f"; from {one.alone.site} alone {day(one.alone.arrives_on)}" if one.alone else ""
    whole = f"{ask.units:,} of {ask.sku} arrive together {when}{alone}." if one.parts else ""
    if ask.wanted_on is None:
        news = f"{day(best.arrives_on)}."
    elif best.days_late == 0:
        news = f"Yes, {'by' if earlier(ask, best) else 'on'} {day(ask.wanted_on)}."
    else:
        news = f"Not all by {day(ask.wanted_on)}."
    more = []
    if best is split and not split.same_as:
        more.append(f"In {len(split.parts)} parts all of it is there by {day(split.arrives_on)}.")
    if (first := sooner(found)) is not None and first[0] < ask.units:
        more.append(f"{first[0]:,} can be there {day(first[1])}.")
    if instead.parts:
        subs = sum(part.units for part in instead.parts if part.item_id != ask.item_id)
        more.append(f"{day(instead.arrives_on)} is possible in full with {subs:,} of a substitute.")
    return news, " ".join([whole, *more]).strip()


def not_sent(site: str, on: date, closed: str | None, *, is_holiday: bool = False) -> str:
    """Why a promise for a day cannot hold: "KW1 is closed on 3 Dec: Stocktaking"."""
    when = f"{on.day} {on:%b}"
    if closed is None and is_holiday:
        return f"Nothing leaves {site} on {when}: a public holiday of the carriers."
    if closed is None:
        return f"Nothing leaves {site} on {when} any more."
    return f"{site} is closed on {when}{f': {closed}' if closed else ''}"


def quote_changed(found: Sequence[Changed]) -> str:
    """What became of the days of a quote: "30 of V-200 cannot leave Mon 9 Mar: PO-1001 comes later. They can leave Thu
    12 Mar, there Fri 13 Mar." """
    return " ".join(dict.fromkeys(_changed(one) for one in found))


def _changed(one: Changed) -> str:
    part = one.part
    if one.cover is not None:
        what = f"{one.cover.late:,} of {part.sku} cannot leave {day(part.ships_on)}"
        name = one.cover.name
        why = "nothing comes in time" if one.ships_on is None or not name else f"{name} comes too late"
    else:
        what = f"{part.units:,} of {part.sku} cannot leave {day(part.ships_on)}"
        house = one.reason
        why = "the day is past"
        if house is not None and house.on == part.ships_on:
            bound = _house_words(Bound(Binding.HOUSE, house.name, house.on, why=house.why, at=house.at))
            why = f"{bound[0].lower()}{bound[1:]}"
    if one.ships_on is None:
        return f"{what}: {why}. Nobody can say when."
    return f"{what}: {why}. They can leave {day(one.ships_on)}, there {day(one.arrives_on)}."


def alert(found: Overload) -> str:
    """That a wish would overload a day, before anything is promised."""
    work, hands = _hours(found.work), _hours(found.hands)
    return f"{day(found.on)} is full: with this, {work} of work stand against {hands} of hands."


def _hours(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return f"{minutes // 60} h {minutes % 60:02}" if minutes >= 60 else f"{minutes} min"


def left_out(case: Case, ask: Ask) -> list[str]:
    """What no option counts, so that nobody wonders."""
    found = []
    for site_id in ask.site_ids:
        site, stock = case.site(site_id), case.stock(ask.item_id, site_id)
        source = Source(case, site, stock, ask)
        arrives = ask.wanted_on or source.today
        for lot in stock.lots:
            if not source.is_fit(lot, arrives):
                left = f"{(lot.expires_on - arrives).days} days left" if lot.expires_on else "another lot is asked for"
                found.append(f"{lot.units:,} of lot {lot.code} at {site.name} ({left})")
        found += [f"{one.units:,} in {one.state} at {site.name}" for one in stock.aside]
        if stock.safety:
            found.append(f"{stock.safety:,} safety stock at {site.name}")
        for supply in stock.supplies:
            if source.free_from(supply) is None:
                found.append(f"{supply.name} ({supply.units:,}), overdue longer than any delivery on record")
        if not site.house.hands:
            found.append(f"the work at {site.name}, for no hands are on record")
    return found


def records_used(case: Case, answer: Answer) -> list[str]:
    """Which deliveries the POs were compared with, and how many: those that an option hangs on, else all of them."""
    ask = answer.ask
    hangs = {(s.kind, s.id) for option in answer.options for part in option.parts for s in part.supplies}
    is_possible = any(option.parts for option in answer.options)
    found = {}
    for site_id in ask.site_ids:
        source = Source(case, case.site(site_id), case.stock(ask.item_id, site_id), ask)
        for supply in source.supplies:
            if supply.kind == SupplyKind.PO and ((supply.kind, supply.id) in hangs or not is_possible):
                seen = source.arrival_of(supply)
                whose = WHOSE.get(seen.scope)
                words = f"{seen.deliveries} deliveries {whose}" if whose else "no deliveries on record"
                found[supply.name] = f"{supply.name}: {words}; half by {day(seen.p50)}, 90 % by {day(seen.p90)}"
    return list(found.values())


def digest(found: Answer) -> list[list[Any]]:
    """What was said, short: of each option its kind, and of each part units, site, days. A replay says the same."""
    return [
        [option.kind, [[p.item_id, p.units, p.site_id, p.ships_on, p.arrives_on] for p in option.parts]]
        for option in found.options
    ]


def shorten(names: Sequence[str], most: int = 3) -> str:
    """Some names and how many more."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
