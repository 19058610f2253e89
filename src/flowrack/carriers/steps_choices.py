"""Which service takes goods: chosen and kept with every option, inside somebody's command."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from flowrack.carriers import locks, queries, queries_live
from flowrack.carriers.rules_choice import MAY_OVERRIDE, Case, Choice, GuideRule, Option, choose
from flowrack.carriers.rules_rates import Tariff
from flowrack.carriers.types import NoCarrierOption
from flowrack.platform import sql
from flowrack.platform.runner import Context

NOTHING = (None, None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Goods of orders for one place that need a carrier. The routing guide and the cards are added here."""

    case: Case
    customer_id: int
    tier: str
    order_ids: tuple[int, ...]
    lines: int
    wave_id: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A choice that was kept."""

    choice_id: int
    wanted: Wanted
    choice: Choice


def hold(order_ids: Sequence[int]) -> None:
    """Nobody else chooses for these orders meanwhile: taken before they are read."""
    locks.choices_of(order_ids)


def choose_for(ctx: Context, wanted: Sequence[Wanted], stage: str, reason: str = "") -> list[Kept]:
    """Choose for each of the wanted, by the cards of the day on which it is ready, and keep every option.

    A fixed number of statements besides eight for each day. Without any rate card in force nothing is chosen.
    """
    if not wanted:
        return []
    locks.choices_of([order_id for one in wanted for order_id in one.order_ids])
    tariffs = {day: queries.tariffs(day) for day in sorted({one.case.ready_at.date() for one in wanted})}
    full = [one for one in _completed(ctx, wanted) if tariffs[one.case.ready_at.date()]]
    made = [(one, choose(one.case, tariffs[one.case.ready_at.date()])) for one in full]
    return _keep(ctx, made, stage, reason)


def override(ctx: Context, wanted: Wanted, service_id: int, reason: str) -> Kept:
    """A person takes another service than the rule would. Refuses with NoCarrierOption where it cannot."""
    kept, refused = override_each(ctx, [(wanted, service_id, reason)])
    for _, refusal in refused:
        raise refusal
    return kept[0]


def override_each(
    ctx: Context, asked: Sequence[tuple[Wanted, int, str]]
) -> tuple[list[Kept], list[tuple[Wanted, NoCarrierOption]]]:
    """For each of some goods a person takes, or took, a service and said why: what is kept, and what no longer goes.

    Four statements besides one for each day, and eight for each reason.
    """
    if not asked:
        return [], []
    locks.choices_of([order_id for one, _, _ in asked for order_id in one.order_ids])
    full = _completed(ctx, [one for one, _, _ in asked])
    tariffs = {day: queries.tariffs(day) for day in sorted({one.case.ready_at.date() for one in full})}
    by_reason: dict[str, list[tuple[Wanted, Choice]]] = {}
    refused: list[tuple[Wanted, NoCarrierOption]] = []
    for one, (wanted, service_id, reason) in zip(full, asked, strict=True):
        try:
            taken = _taken(one, tariffs[one.case.ready_at.date()], service_id)
        except NoCarrierOption as refusal:
            refused.append((wanted, refusal))
        else:
            by_reason.setdefault(reason, []).append((one, taken))
    return [one for reason, made in by_reason.items() for one in _keep(ctx, made, "person", reason)], refused


def _taken(full: Wanted, tariffs: Sequence[Tariff], service_id: int) -> Choice:
    """The choice with a service that a person takes before all others. Refuses with NoCarrierOption."""
    found = choose(full.case, tariffs)
    option = next((one for one in found.options if one.service_id == service_id), None)
    if option is None or option.why not in MAY_OVERRIDE:
        said = (
            f"{option.carrier} {option.name} {option.words}." if option else "No rate card in force has this service."
        )
        raise NoCarrierOption(said, fix="Choose a service that takes these goods.")
    accounts = tuple(guide for guide in full.case.guides if guide.service_id == service_id and guide.account)
    alone = choose(replace(full.case, guides=accounts), [one for one in tariffs if one.service_id == service_id])
    taken = alone.chosen
    if taken is None:
        [out] = alone.options
        raise NoCarrierOption(f"{out.carrier} {out.name} {out.words}.", fix="Choose another service.")
    taken = replace(taken, guide=option.guide, words=f"{taken.words}; taken by a person", is_last_resort=False)
    others = tuple(one for one in found.options if one.service_id != service_id)
    return Choice((taken, *others), is_chosen=True)


def _completed(ctx: Context, wanted: Sequence[Wanted]) -> list[Wanted]:
    """The cases with the customers' routing guides, the price of lateness, and what carriers answered. Three or four
    statements."""
    guides, late = queries.guides([one.customer_id for one in wanted]), queries.late_costs()
    live = queries_live.live_for([one.case for one in wanted], ctx.now)
    return [
        replace(
            one,
            case=replace(
                one.case,
                guides=guides.get(one.customer_id, ()),
                late_day_cost=late.get(one.tier, Decimal(0)),
                live=answers,
            ),
        )
        for one, answers in zip(wanted, live, strict=True)
    ]


def _ids(table: str, count: int) -> list[int]:
    """Numbers for new rows. One statement."""
    rows = sql.fetch_all("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", (table, count))
    return [row[0] for row in rows]


def _keep(ctx: Context, made: Sequence[tuple[Wanted, Choice]], stage: str, reason: str) -> list[Kept]:
    """Write choices with orders, parcels, options and charges. Eight statements, whatever their number."""
    if not made:
        return []
    ids = _ids("carriers_choice", len(made))
    heads = [_head(choice_id, one, choice) for choice_id, (one, choice) in zip(ids, made, strict=True)]
    sql.execute(
        """
        INSERT INTO carriers_choice
               (id, site_id, customer_id, origin_country, country, region, postcode, is_residential, ready_on,
                ready_time, leaves_by, arrives_by, late_day_cost, has_required, has_allowed, lines, service_id, cost,
                wave_id, stage, reason, made_by_id, made_at)
        SELECT c.*, %s, left(%s, 300), %s, %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],
                    %s::boolean[], %s::date[], %s::time[], %s::date[], %s::date[], %s::numeric[], %s::boolean[],
                    %s::boolean[], %s::int[], %s::bigint[], %s::numeric[], %s::bigint[]) AS c
        """,
        (stage, reason, ctx.actor_id, ctx.now, *_columns(heads)),
    )
    _keep_orders([(i, order_id) for i, (one, _) in zip(ids, made, strict=True) for order_id in one.order_ids])
    _keep_parcels([row for i, (one, _) in zip(ids, made, strict=True) for row in _parcels(i, one)])
    _keep_options([(i, choice) for i, (_, choice) in zip(ids, made, strict=True)])
    return [Kept(i, one, choice) for i, (one, choice) in zip(ids, made, strict=True)]


def _columns(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _head(choice_id: int, one: Wanted, choice: Choice) -> tuple[Any, ...]:
    case, chosen = one.case, choice.chosen
    rules = {guide.rule for guide in case.guides}
    return (
        choice_id, case.site_id, one.customer_id, case.origin_country, case.to.country, case.to.region,
        case.to.postcode, case.to.is_residential, case.ready_at.date(), case.ready_at.time(), case.leaves_by,
        case.arrives_by, case.late_day_cost, GuideRule.REQUIRED in rules, GuideRule.ALLOWED in rules, one.lines,
        chosen.service_id if chosen else None, chosen.freight if chosen else Decimal(0), one.wave_id,
    )  # fmt: skip


def _keep_orders(rows: Sequence[tuple[int, int]]) -> None:
    """The orders of choices; what was chosen for them before is the latest no more. Two statements."""
    order_ids = [order_id for _, order_id in rows]
    sql.execute(
        "UPDATE carriers_choiceorder SET is_latest = false WHERE order_id = ANY(%s::bigint[]) AND is_latest",
        (order_ids,),
    )
    sql.execute(
        """
        INSERT INTO carriers_choiceorder (choice_id, order_id, is_latest)
        SELECT o.choice_id, o.order_id, true FROM unnest(%s::bigint[], %s::bigint[]) AS o(choice_id, order_id)
        """,
        ([choice_id for choice_id, _ in rows], order_ids),
    )


def end(order_ids: Sequence[int]) -> None:
    """What was chosen for these orders is in effect no more. One statement."""
    sql.execute(
        "UPDATE carriers_choiceorder SET is_latest = false WHERE order_id = ANY(%s::bigint[]) AND is_latest",
        (list(order_ids),),
    )


def _parcels(choice_id: int, one: Wanted) -> Iterable[tuple[Any, ...]]:
    for n, parcel in enumerate(one.case.parcels, 1):
        sides = parcel.sides or (0, 0, 0)
        hazards = ",".join(str(hazard) for hazard in parcel.hazards)
        yield choice_id, n, parcel.weight_g, *sides, hazards, parcel.is_pallet


def _keep_parcels(rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        sql.execute(
            """
            INSERT INTO carriers_choiceparcel (choice_id, number, weight_g, length_mm, width_mm, height_mm, hazards,
                                               is_pallet)
            SELECT p.choice_id, p.number, p.weight_g, p.l, p.w, p.h,
                   CASE WHEN p.hazards = '' THEN '{}' ELSE string_to_array(p.hazards, ',') END, p.is_pallet
            FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::int[], %s::int[], %s::int[], %s::text[],
                        %s::boolean[]) AS p(choice_id, number, weight_g, l, w, h, hazards, is_pallet)
            """,
            _columns(rows),
        )


def _keep_options(choices: Sequence[tuple[int, Choice]]) -> None:
    """Every option with its charges. Three statements."""
    flat = [(choice_id, n, one, choice) for choice_id, choice in choices for n, one in enumerate(choice.options, 1)]
    if not flat:
        return
    ids = _ids("carriers_choiceoption", len(flat))
    rows = [
        (option_id, choice_id, n, *_option(one), choice.is_chosen and n == 1)
        for option_id, (choice_id, n, one, choice) in zip(ids, flat, strict=True)
    ]
    sql.execute(
        """
        INSERT INTO carriers_choiceoption
               (id, choice_id, rank, service_id, card_id, why, words, is_last_resort, guide, account, zone, billable_g,
                price, penalty, missed_on, missed_time, leaves_on, leaves_time, arrives_on, days_late, source,
                live_days, live_words, closed_on, is_chosen)
        SELECT o.id, o.choice, o.rank, o.service, o.card, o.why, o.words, o.last, o.guide, o.account, o.zone,
               o.billable, o.price, o.penalty, o.missed_on, o.missed_time, o.leaves_on, o.leaves_time, o.arrives_on,
               o.late, o.source, o.live_days, o.live_words, string_to_array(o.closed, ',')::date[], o.chosen
        FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::text[],
                               %s::text[], %s::boolean[], %s::text[], %s::text[], %s::text[], %s::bigint[],
                               %s::numeric[], %s::numeric[], %s::date[], %s::time[], %s::date[], %s::time[],
                               %s::date[], %s::int[], %s::text[], %s::int[], %s::text[], %s::text[],
                               %s::boolean[]) AS o(
                    id, choice, rank, service, card, why, words, last, guide, account, zone, billable, price, penalty,
                    missed_on, missed_time, leaves_on, leaves_time, arrives_on, late, source, live_days, live_words,
                    closed, chosen)
        """,
        _columns(rows),
    )
    charges = [
        (option_id, str(charge.kind), charge.words[:60], charge.parcel, charge.amount)
        for option_id, (_, _, one, _) in zip(ids, flat, strict=True)
        if one.price
        for charge in one.price.charges
    ]
    if charges:
        sql.execute(
            """
            INSERT INTO carriers_choicecharge (option_id, kind, words, parcel, amount)
            SELECT c.* FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::int[], %s::numeric[]) AS c
            """,
            _columns(charges),
        )


def _option(one: Option) -> tuple[Any, ...]:
    missed = (one.missed.on, one.missed.cut_off) if one.missed else NOTHING
    leaves = (one.leaves.on, one.leaves.cut_off) if one.leaves else NOTHING
    zone, billable_g, asked = (one.price.zone, one.price.billable_g, one.price.total) if one.price else ("", 0, None)
    return (
        one.service_id, one.card_id, str(one.why), one.words[:200], one.is_last_resort, one.guide, one.account, zone,
        billable_g, asked, one.penalty, *missed, *leaves, one.arrives_on, one.days_late, str(one.source),
        one.live.days if one.live else None, (one.live.refused or one.live.missing)[:200] if one.live else "",
        ",".join(day.isoformat() for day in one.closed),
    )  # fmt: skip
