"""What would change how a line stands, in words and with the page where it is done: all of it was tried before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from flowrack.allocation.queries import RankedClaim
from flowrack.allocation.queries_tried import Standing
from flowrack.allocation.rules_arrivals import Tried
from flowrack.allocation.rules_tried import SERVED
from flowrack.catalog import queries as catalog
from flowrack.platform.web.format import day, number
from flowrack.sales.queries import LineRow, OrderHead
from flowrack.sales.types import LINE
from flowrack.shared.refs import ref

MOST_ADVICE = 5
MOST_IN_VAIN = 3
LAST = ("sooner", "buy")  # ways that stand after the deliveries


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that would change how the line stands: what, what follows, where to do it."""

    what: str
    effect: str
    verb: str
    url: str


def released_first(head: OrderHead, held: str) -> list[Advice]:
    """A line on hold: nothing but its release changes anything."""
    board = f"{reverse('sales_holds')}?q={head.number}&state=open"
    return [Advice("Release the hold", f"{held} Nothing is reserved before.", "Its holds", board)]


def advice_of(
    head: OrderHead, line: LineRow, standing: Standing, claims: Sequence[RankedClaim], today: date
) -> list[Advice]:
    """What a person can do so that the line gets more, what can be done at once first."""
    found, wanted = standing.outlook, standing.outlook.wanted
    rows = _forward(head, line, standing)
    if found.now:
        said = f"A run now gives it {number(found.now)} of the {number(wanted)} that wait."
        rows.append(Advice(f"Reserve {number(found.now)}", said, "To the button", "#main"))
    by_line = {claim.line_id: claim for claim in claims}
    rows += [_way(head, line, one, wanted, by_line, today) for one in found.ways if one.kind not in LAST]
    if wanted > found.now and catalog.substitutes([line.item_id]):
        compare = reverse("allocation_instead", args=[line.line_id])
        rows.append(Advice("Send a substitute", "Compare a part, a substitute and waiting.", "Compare", compare))
    rows += [_arrival(one, wanted, today) for one in found.arrivals if one.id]
    rows += [_way(head, line, one, wanted, by_line, today) for one in found.ways if one.kind in LAST]
    return rows[:MOST_ADVICE]


def _forward(head: OrderHead, line: LineRow, standing: Standing) -> list[Advice]:
    """A customer who was told a later day than he wanted can be told a sooner one, once goods come sooner. The lines of
    an order in one delivery leave together, so none of them moves alone."""
    on, told = standing.outlook.complete_on, standing.promised_on
    if on is None or told is None or on >= told or told <= head.ship_by_on or head.policy == "complete":
        return []
    last = standing.outlook.arrivals[-1]
    by = f" on {last.name}" if last.name else ""
    count = (told - on).days
    said = f"All of it can leave {day(on)}{by}, {count} day{'' if count == 1 else 's'} sooner than promised."
    ask = urlencode(
        {"ids": line.line_id, "ships_on": on.isoformat(), "reason": "The goods can leave sooner than we told you"}
    )
    return [Advice("Move its promise forward", said, "Move promise forward", f"{reverse('promise_move')}?{ask}")]


def _arrival(one: Tried, wanted: int, today: date) -> Advice:
    """A delivery that is waited for, with the item that it brings where the line's complete order lacks another."""
    due = f", {'was due' if one.due_on < today else 'due'} {day(one.due_on)}" if one.due_on else ""
    leaves = f", can leave from {day(one.on)}" if one.on and one.on != one.due_on else ""
    what, page = ("Wait for", "storage_transfer" if one.kind == "transfer" else "purchasing_po")
    which = f" with {one.sku}" if one.sku else ""
    told = f"From {one.note}{due}{leaves}: {_of(one.units, wanted)}.{_rest(one)}"
    return Advice(f"{what} {one.name}{which}", told, "Open it", reverse(page, args=[one.id]))


def _rest(one: Tried) -> str:
    """Who gets the units of a delivery that the line does not get, each with its number."""
    rest = one.rest
    parts = [
        (rest.order, "{} to other lines of this order"),
        (rest.before, "{} to orders before this"),
        (rest.quotes, "{} to quotes"),
        (rest.behind, "{} to orders behind this"),
        (rest.free, "{} free"),
    ]
    named = [words.format(number(units)) for units, words in parts if units]
    return f" Of its {number(one.offered)}: {', '.join(named)}." if named else ""


def _of(units: int, wanted: int) -> str:
    return f"{number(units)} of {number(wanted)}" if units < wanted else f"all {number(wanted)}"


def _way(
    head: OrderHead, line: LineRow, one: Tried, wanted: int, claims: Mapping[int, RankedClaim], today: date
) -> Advice:
    got = _of(one.units, wanted)
    if one.kind == "mend":
        places = reverse("analytics_item", args=[line.item_id]) + "#places"
        told = f"{one.note}: this line would get {got}."
        what = f"{number(one.offered)} of {one.name or line.sku}"
        is_at_dock = one.note.endswith(" in receiving") and "," not in one.note
        return Advice(f"Put away {what}" if is_at_dock else f"Make {what} sellable", told, "See where", places)
    if one.kind == "site":
        return _sent(head, line, one, got)
    if one.kind in LAST:
        return _bought_or_sooner(one, got, today)
    if one.kind == "promise":
        claim = claims.get(one.id)
        who = (
            f"{claim.number}, {claim.customer}, tier {claim.tier}, ship by {day(claim.ship_by_on)}," if claim else "It"
        )
        url = reverse("sales_order", args=[claim.order_id]) if claim else "#ladder"
        name = claim.number if claim else "another order"
        told = f"This line would get {got}; {who} would wait instead."
        return Advice(f"Take {number(one.units)} back from {name}", told, "Open it", url)
    terms = reverse("sales_order_override", args=[head.order_id])
    if one.kind == "split":
        what = "Send the order in parts" if one.note == "complete" else "Send what there is of the line"
        return Advice(what, f"If the customer agrees, this line gets {got} at once.", "Override terms", terms)
    return Advice(
        "Accept a shorter life", f"If the customer agrees, this line gets {got} at once.", "Override terms", terms
    )


def _sent(head: OrderHead, line: LineRow, one: Tried, got: str) -> Advice:
    """A transfer from another site: of the line's item, or of what its complete order lacks besides."""
    asked = urlencode(
        {
            "site": one.id,
            "to_site": head.site_id,
            "item": one.sku or line.sku,
            "units": one.offered,
            "for": ref(LINE, line.line_id),
            "reason": f"{head.number} line {line.line_no} for {head.customer} waits",
        }
    )
    url = f"{reverse('storage_transfer_plan')}?{asked}"
    which = f" of {one.sku}" if one.sku else ""
    told = f"This line would get {got}."
    if one.note == "together":
        told = f"With all that its order lacks: this line would get {got}."
    elif one.sku:
        told = f"Then its order is complete: this line would get {got}."
    elif head.policy != "complete" and one.offered > one.units:
        told += f" The other {number(one.offered - one.units)} go to orders before it."
    return Advice(f"Send {number(one.offered)}{which} from {one.name}", told, "Plan transfer", url)


def _bought_or_sooner(one: Tried, got: str, today: date) -> Advice:
    """What a buyer can do: have a delivery earlier, or order more."""
    if one.kind == "sooner":
        when = "today" if one.on == today else f"on {day(one.on)}, the day by which it should"
        told = f"If it were here to leave {when}: {got} by then."
        return Advice(f"Bring {one.name} forward", told, "Open it", reverse("purchasing_po", args=[one.id]))
    told = f"Nothing that is on order or free elsewhere gives it the last {number(one.units)}."
    if one.offered > one.units:
        told += f" {number(one.offered - one.units)} of them go to orders before it."
    return Advice(f"Buy {number(one.offered)}", told, "New order", reverse("purchasing_po_new"))


NOTHING = {
    "before": "orders that rank before it get that",
    "kept": "that stays for promised days",
    "later": "what comes later keeps its day, and somebody else may still be promised that",
    "other": "its order leaves only complete, and another line lacks units",
    "whole": "it leaves only whole, and that is not enough",
    "lot": "no lot of that suits the customer",
    "rules": "the rules give it nothing now",
    SERVED: "what is on its way serves it as soon",
}


def in_vain(standing: Standing) -> list[str]:
    """What was tried and would not help, a sentence for each reason: nobody needs to hope for it."""
    by_why: dict[str, list[str]] = {}
    for one in standing.outlook.in_vain:
        if one.name:
            due = f", {day(one.due_on)}" if one.due_on else ""
            by_why.setdefault(one.why, []).append(f"{one.name} ({number(one.offered)}{due})")
    return [_nothing(why, named) for why, named in by_why.items()]


def _nothing(why: str, named: Sequence[str]) -> str:
    more = f" and {len(named) - MOST_IN_VAIN} more" if len(named) > MOST_IN_VAIN else ""
    verb = "bring" if len(named) > 1 else "brings"
    return f"{', '.join(named[:MOST_IN_VAIN])}{more} {verb} this line nothing: {NOTHING[why]}."
