"""Choosing who takes orders, with the record of it and what follows when a promised day breaks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.allocation import steps_exceptions as exceptions
from flowrack.allocation.steps_exceptions import NotSent
from flowrack.carriers import queries_choices
from flowrack.carriers import steps_choices as choices
from flowrack.carriers.rules_choice import Case, Option
from flowrack.carriers.rules_rates import Destination
from flowrack.carriers.steps_choices import Kept, Wanted
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.promise import queries as promise
from flowrack.sales.types import ORDER
from flowrack.shared.refs import ref
from flowrack.shipping import queries_carriers as queries
from flowrack.shipping import rules_carriers as rules
from flowrack.shipping import steps_bookings
from flowrack.shipping.queries_carriers import OrderTo
from flowrack.shipping.types_carriers import CarrierChosen

RULE = "carrier.landed_cost/1"


@dataclass(frozen=True, slots=True)
class _Group:
    """Orders for one place, in one shipment."""

    orders: list[OrderTo]

    @property
    def head(self) -> OrderTo:
        return self.orders[0]


def wanted(
    ctx: Context, orders: Sequence[OrderTo], *, wave_id: int | None = None, ready_at: datetime | None = None
) -> list[Wanted]:
    """Orders as cases for the choice, those for one place together; what holds nothing is left out. Three queries."""
    parcels = queries.parcels_of([one.order_id for one in orders])
    houses = promise.sites(sorted({one.site_id for one in orders}), ctx.now) if orders else {}
    groups: dict[tuple[int, int, int], _Group] = {}
    for one in orders:
        if one.order_id in parcels:
            key = (one.site_id, one.customer_id, one.address_id)
            groups.setdefault(key, _Group([])).orders.append(one)
    found = []
    for (site_id, customer_id, _), group in sorted(groups.items()):
        site, head = houses[site_id], group.head
        is_packed = all(one.is_packed for one in group.orders)
        ready = rules.ready_at(site.house, site.now, is_packed=is_packed)
        if ready_at is not None:
            ready = max(site.now + (ready_at - ctx.now), site.now)
        leaves = [one.ships_on for one in group.orders if one.ships_on]
        case = Case(
            site_id=site_id,
            origin_country=head.site_country,
            to=Destination(head.country, head.postcode, head.region, head.is_residential),
            parcels=tuple(parcel for one in group.orders for parcel in parcels[one.order_id]),
            ready_at=ready.replace(second=0, microsecond=0),
            leaves_by=max(min(leaves), site.now.date()) if leaves else None,
            arrives_by=min(one.arrives_on for one in group.orders),
            departures=rules.departures(site.house, head.region, site.now),
        )
        ids = tuple(one.order_id for one in group.orders)
        lines = sum(one.lines for one in group.orders)
        found.append(Wanted(case, customer_id, min(one.tier for one in group.orders), ids, lines, wave_id))
    return found


def packed_with(order_ids: Sequence[int]) -> list[OrderTo]:
    """Orders, and those that were chosen with them, of places for which all is packed: one that is still on the floor
    keeps the others waiting. Two queries."""
    together = sorted({*order_ids, *(i for of in queries_choices.together_with(order_ids) for i in of)})
    return all_packed(queries.orders_to(together))


def all_packed(orders: Sequence[OrderTo]) -> list[OrderTo]:
    """The orders of places for which all is packed."""
    on_floor = {(one.site_id, one.customer_id, one.address_id) for one in orders if not one.is_packed}
    return [one for one in orders if (one.site_id, one.customer_id, one.address_id) not in on_floor]


def choose(ctx: Context, asked: Sequence[Wanted], stage: str, reason: str = "") -> list[CarrierChosen]:
    """Choose and keep; the reason stands with each order. What no service takes in time is at risk from now on."""
    kept = choices.choose_for(ctx, asked, stage, reason)
    record(ctx, kept)
    return [told(one) for one in kept]


def keep_taken(ctx: Context, asked: Sequence[Wanted]) -> tuple[list[CarrierChosen], list[tuple[Wanted, str]]]:
    """What a person took stays taken, priced anew by what there is now; the rest, with what speaks against a person's
    service that takes it no longer. The statements grow with the reasons that people gave, not with the goods.
    """
    latest = queries_choices.latest_of([i for one in asked for i in one.order_ids])
    taken: list[tuple[Wanted, int, str]] = []
    rest: list[tuple[Wanted, str]] = []
    for one in asked:
        took = [latest[i] for i in one.order_ids if i in latest and latest[i].stage == "person"]
        service_id = took[0].service_id if len({was.service_id for was in took}) == 1 else None
        if not service_id:
            rest.append((one, ""))
            continue
        taken.append((one, service_id, took[0].reason))
    kept, refused = choices.override_each(ctx, taken)
    rest += [(one, f"What a person took does not go any more: {refusal.message}") for one, refusal in refused]
    record(ctx, kept)
    return [told(one) for one in kept], rest


def told(one: Kept) -> CarrierChosen:
    """A choice as the answer tells it."""
    chosen = one.choice.chosen
    ids = list(one.wanted.order_ids)
    if chosen is None:
        return CarrierChosen(one.choice_id, ids, 0, "", "", one.wanted.case.late_day_cost * 0, None, 0)
    return CarrierChosen(
        one.choice_id, ids, chosen.service_id, chosen.carrier, chosen.name, chosen.freight, chosen.arrives_on,
        chosen.days_late, chosen.leaves.on if chosen.leaves else None, chosen.penalty, chosen.cost,
    )  # fmt: skip


def record(ctx: Context, kept: Iterable[Kept]) -> None:
    """The sentence of each choice, with every order that it is for; what was booked by another choice is called off."""
    kept, rows = list(kept), []
    steps_bookings.end_replaced(ctx, [order_id for one in kept for order_id in one.wanted.order_ids])
    for one in kept:
        detail = {
            "choice": one.choice_id,
            "options": [
                {
                    "service": f"{o.carrier} {o.name}",
                    "freight": str(o.freight) if o.price else "",
                    "lateness": str(o.penalty) if o.price else "",
                    "landed": str(o.cost) if o.price else "",
                    "why": o.words,
                }
                for o in one.choice.options
            ],
        }
        said = sentence(one)
        rows += [DecisionRow("carrier", ref(ORDER, order_id), said, RULE, detail) for order_id in one.wanted.order_ids]
    decisions.record(ctx, rows)


def sentence(one: Kept) -> str:
    """Why this service, in one sentence."""
    chosen = one.choice.chosen
    if chosen is None:
        said = "; ".join(f"{o.carrier} {o.name} {o.words}" for o in one.choice.options[:3])
        return f"No carrier takes it: {said}."
    able = [o for o in one.choice.options[1:] if not o.why]
    against = f"; next {able[0].carrier} {able[0].name} for {_figures(able[0])}" if able else ""
    others = [o for o in one.choice.options[1:] if o.why]
    out = f"; {others[0].carrier} {others[0].name} {others[0].words}" if others else ""
    return f"{chosen.carrier} {chosen.name} for {_figures(chosen)}, {chosen.words}{against}{out}."


def _figures(one: Option) -> str:
    """Freight, and where lateness has a price that price and both together: "9.07 freight and 5.00 for lateness"."""
    late = f" and {one.penalty:,.2f} for lateness, {one.cost:,.2f} landed" if one.penalty else ""
    return f"{one.freight:,.2f} freight{late}"


def carriers_named(shipments: Mapping[int, Sequence[int]]) -> dict[int, str]:
    """Carrier and service chosen for the orders of shipments, by key; nothing where they differ. One query."""
    latest = queries_choices.latest_of([i for ids in shipments.values() for i in ids]) if shipments else {}
    found = {}
    for key, ids in shipments.items():
        names = {f"{latest[i].carrier} {latest[i].service}".strip() if i in latest else "" for i in ids}
        if len(names) == 1:
            found[key] = names.pop()[:80]
    return found


def carrier_named(order_ids: Sequence[int]) -> str:
    """The same for the orders of one shipment. One query."""
    return carriers_named({0: order_ids}).get(0, "")


NOBODY_IN_TIME = "No carrier arrives in time"


def warn_late(ctx: Context, made: Sequence[CarrierChosen], why: str | Mapping[int, str] = "") -> list[int]:
    """Lines whose own promised day breaks by the choice become promises at risk, for customer service; the lines. Those
    that wait for nothing but their truck, and whose day the choice keeps, are at risk no more.

    `why` is one reason for all, or by order. Without one it is told whether a service would be in time and was passed
    over for its cost.
    """
    _settle_kept(ctx, made)
    late = {order_id: one for one in made if one.days_late or not one.service_id for order_id in one.order_ids}
    lines = [
        line
        for line in queries.promised_lines(sorted(late))
        if (late[line.order_id].arrives_on or date.max) > line.arrives_on
    ]
    found = []
    passed = queries_choices.in_time_of([late[line.order_id].choice_id for line in lines]) if lines and not why else {}
    for line in lines:
        one = late[line.order_id]
        days = (one.arrives_on - line.arrives_on).days if one.arrives_on else 0
        how = _late(one.arrives_on, days) if one.arrives_on else "no carrier takes it"
        other = passed.get(one.choice_id)
        said = why if isinstance(why, str) else why[line.order_id]
        cause = said or (f"{other} would be in time and costs more" if other else NOBODY_IN_TIME)
        words = f"{cause}: {f'{one.carrier} {one.service} '.lstrip()}{how}"
        late_by = days if one.arrives_on else None
        found.append(NotSent(line.line_id, line.units, line.promised_on, one.leaves_on, words, one.arrives_on, late_by))
    exceptions.raise_not_sent(ctx, found)
    return [line.line_id for line in lines]


def _settle_kept(ctx: Context, made: Sequence[CarrierChosen]) -> None:
    """Promises at risk that a choice keeps: it leaves and arrives by the day that was told. Two statements."""
    by_order = {order_id: one for one in made if one.service_id for order_id in one.order_ids}
    kept = []
    for line in queries.picked_at_risk(sorted(by_order)) if by_order else []:
        one = by_order[line.order_id]
        if one.leaves_on and one.arrives_on and one.leaves_on <= line.promised_on and one.arrives_on <= line.arrives_on:
            kept.append(line.line_id)
    exceptions.settle(ctx, kept, "A carrier was chosen that is in time.", by_calendar=True)


def _late(arrives_on: date, days: int) -> str:
    return f"arrives {arrives_on:%a} {arrives_on.day} {arrives_on:%b}, {days} day{'' if days == 1 else 's'} late"
