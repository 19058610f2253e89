"""Overrides that other decisions bring about: urgent orders, dropped suggestions, substitutes, released holds."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowrack.allocation import queries_overrides, queries_rules, rules_overrides, steps_overrides, steps_runs
from flowrack.allocation.queries_displacement import AskedRow, Judged, UrgentOrder
from flowrack.allocation.queries_modes import SuggestedFor
from flowrack.allocation.queries_substitutes import Proposed
from flowrack.allocation.rules import Take
from flowrack.allocation.rules_decide import Inputs
from flowrack.allocation.rules_overrides import NAMED
from flowrack.allocation.rules_substitutes import Portion
from flowrack.allocation.steps_overrides import Decided, Part
from flowrack.allocation.types_displacement import PRIORITY
from flowrack.allocation.types_overrides import OverrideKind
from flowrack.allocation.types_rules import InForce
from flowrack.platform.runner import Context
from flowrack.sales import queries_holds, steps_floor
from flowrack.sales.queries_holds import OpenHold
from flowrack.sales.types_holds import HoldKind
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref


def urgent(
    ctx: Context,
    order: UrgentOrder,
    reason: str,
    judged: Sequence[Judged],
    *,
    is_allowed: bool,
    asked: AskedRow | None = None,
) -> None:
    """Promises of others went to an urgent order. Who allowed it, and did not ask for it, has reviewed it by that."""
    units: dict[int, int] = {}
    for one in judged:
        gives = [*one.made.at_once, *(one.made.to_allow if is_allowed else [])]
        for give in gives:
            units[give.line_id] = units.get(give.line_id, 0) - give.units
            units[one.made.ask.line_id] = units.get(one.made.ask.line_id, 0) + give.units
    if not units:
        return
    force = queries_rules.in_force(order.site_id)
    about = queries_overrides.line_facts(list(units))
    lost = {line_id: -n for line_id, n in units.items() if n < 0}
    broken = rules_overrides.promise_broken(force.said, steps_overrides.named(lost, about))
    approver = queries_overrides.approver_of(PRIORITY, ref(PRIORITY, asked.request_id)) if asked else 0
    steps_overrides.record(
        ctx,
        Decided(
            OverrideKind.URGENT,
            order.site_id,
            force.rule,
            force.rule_set_id,
            broken,
            reason,
            [Part(line_id, n) for line_id, n in units.items()],
            by_id=asked.asked_by_id if asked else 0,
            reviewed_by=approver,
            review_note=f"allowed as {asked.number}" if asked else "",
        ),
        facts=about,
    )


def dropped(ctx: Context, asked: Sequence[SuggestedFor], reason: str) -> None:
    """People do not do what the rules suggest: one override for each site."""
    for site_id in sorted({one.site_id for one in asked}):
        units: dict[int, int] = {}
        for line_id, n in (pair for one in asked if one.site_id == site_id for pair in one.lines.items()):
            units[line_id] = units.get(line_id, 0) + n
        force = queries_rules.in_force(site_id)
        about = queries_overrides.line_facts(list(units))
        losers = steps_overrides.named(units, about)
        steps_overrides.record(
            ctx,
            Decided(
                OverrideKind.DROPPED,
                site_id,
                force.rule,
                force.rule_set_id,
                f"By {force.said} they go {rules_overrides.in_words(losers)}.",
                reason,
                [Part(line_id, -n) for line_id, n in units.items()],
            ),
            facts=about,
        )


def outlook(ctx: Context, site_id: int, item_ids: Sequence[int]) -> tuple[InForce, Inputs]:
    """What a run for items would look at, before somebody takes units by hand."""
    on_the_way, force = queries_rules.background(site_id)
    return force, steps_runs.looked_at(ctx, site_id, sorted(set(item_ids)), on_the_way, force)


def _takes(proposed: Proposed, portions: Sequence[Portion]) -> list[Take]:
    taken = [*proposed.offers.own, *(take for portion in portions for take in portion.takes)]
    return [Take(proposed.pools[pool_id], units) for pool_id, units in taken]


def before_it(proposed: Proposed, portions: Sequence[Portion], seen: tuple[InForce, Inputs]) -> str:
    """The number of an order that would have these units by the rules in force, before the short line; "" = none."""
    force, inputs = seen
    lost, _, _ = steps_overrides.losers(force.rules, inputs, _takes(proposed, portions), proposed.line.need.line_id)
    about = queries_overrides.line_facts(list(lost)) if lost else {}
    return min((fact.number for fact in about.values()), default="")


def substituted(
    ctx: Context,
    proposed: Proposed,
    portions: Sequence[Portion],
    made: Sequence[int],
    reason: str,
    seen: tuple[InForce, Inputs],
    by_id: int = 0,
    approver: int = 0,
) -> None:
    """Units of the ordered item and of substitutes went to a line, though others wait for them before it."""
    force, inputs = seen
    line_id = proposed.line.need.line_id
    taken = [(line_id, pool_id, units) for pool_id, units in proposed.offers.own]
    for new_id, portion in zip(made, portions, strict=True):
        taken += [(new_id, pool_id, units) for pool_id, units in portion.takes]
    lost, _, _ = steps_overrides.losers(force.rules, inputs, _takes(proposed, portions), line_id)
    if not lost:
        return
    units_of: dict[int, int] = {}
    for to_id, _, units in taken:
        units_of[to_id] = units_of.get(to_id, 0) + units
    about = queries_overrides.line_facts([*lost, *units_of])
    broken = rules_overrides.rank_broken(force.said, steps_overrides.named(lost, about), proposed.line.number)
    steps_overrides.record(
        ctx,
        Decided(
            OverrideKind.SUBSTITUTE,
            proposed.line.site_id,
            force.rule,
            force.rule_set_id,
            broken,
            reason or "a substitute was accepted",
            [Part(to_id, n) for to_id, n in units_of.items()] + [Part(key, -n) for key, n in lost.items()],
            by_id=by_id,
            reviewed_by=approver,
            review_note="allowed before it was sent" if approver else "",
        ),
        facts=about,
    )


def released(ctx: Context, holds: Sequence[OpenHold], free_line_ids: Sequence[int], reason: str) -> None:
    """A person let lines go that the rules for holds keep: one override for each site. What he held himself is none."""
    why: dict[int, OpenHold] = {}
    for hold in holds:
        if hold.kind != HoldKind.MANUAL:
            why.setdefault(hold.order_id, hold)
    about = queries_overrides.line_facts(free_line_ids) if why else {}
    lines = [line for line in about.values() if line.order_id in why and line.waiting + line.free > 0]
    versions = queries_holds.rules_at(sorted({line.site_id for line in lines})) if lines else {}
    for site_id, rules in versions.items():
        here = [line for line in lines if line.site_id == site_id]
        held = list(dict.fromkeys(line.order_id for line in here))
        said = "; ".join(f"{why[key].number}: {why[key].sentence.rstrip('.')}" for key in held[:NAMED])
        more = f" and {len(held) - NAMED} more orders" if len(held) > NAMED else ""
        rule = f"order holds v{rules.version}" if rules.version else "order holds/1"
        stake = sum((line.unit_price * (line.waiting + line.free) for line in here), Decimal(0))
        steps_overrides.record(
            ctx,
            Decided(
                OverrideKind.HOLD,
                site_id,
                rule,
                0,
                f"By {rule} they wait: {said}{more}.",
                reason,
                [Part(line.line_id, line.waiting + line.free) for line in here],
                stake=to_money(stake),
            ),
            facts=about,
        )


steps_floor.register_witness(released)
