"""Waves follow the trucks with which they leave."""

from __future__ import annotations

from flowrack.fulfilment import steps_release as floor
from flowrack.platform.runner import Context, command
from flowrack.waves import locks, queries_pool, queries_trucks, rules_trucks, steps, steps_trucks
from flowrack.waves.queries_pool import Here
from flowrack.waves.rules_hands import seconds_until
from flowrack.waves.rules_plan import Site
from flowrack.waves.rules_pool import Slot
from flowrack.waves.types_trucks import FollowTruck, TruckFollowed

RELEASE = "waves.release"


@command(permission="waves.release", result=TruckFollowed)
def follow_truck(ctx: Context, req: FollowTruck) -> TruckFollowed:
    """A truck leaves at another time, does not go, or left goods behind: waves of these orders that were to leave with
    it, on the floor or planned, get the earliest cut-off that their orders have now, with the reason.

    A wave to which a person gave another cut-off keeps it, and so does one whose orders leave no other way.
    """
    ctx.require(RELEASE, req.site_id)
    here = queries_pool.here(req.site_id, ctx.now)
    if here is None:
        return TruckFollowed([], [])
    planned = locks.plan_waves(queries_trucks.planned(req.site_id, req.order_ids, req.was_at))
    runs = locks.runs(queries_trucks.on_floor(req.site_id, req.order_ids, req.was_at))
    of_plan = queries_trucks.orders_planned([one.plan_wave_id for one in planned])
    of_run = queries_trucks.orders_to_pick([one.wave_id for one in runs])
    ids = {order_id for of in (*of_plan.values(), *of_run.values()) for order_id in of}
    known = {one.order_id: one for one in queries_trucks.orders(here, sorted(ids))}
    site = queries_pool.site_of(here)
    done = TruckFollowed([], [])
    for wave in planned:
        orders = [known[order_id] for order_id in of_plan.get(wave.plan_wave_id, [])]
        slot = rules_trucks.first(rules_trucks.departures(site, orders, wave.cut_off_at - wave.pick_until).values())
        if slot and here.at(slot.cut_off_at) != wave.cut_off_at:
            why = rules_trucks.moved(req.cause, slot, here.clock(wave.cut_off_at), here.local)
            _move_planned(here, site, wave, slot, why)
            ctx.about(steps.PLAN, [wave.plan.plan_id])
            done.plan_wave_ids.append(wave.plan_wave_id)
    for run in runs:
        orders = [known[order_id] for order_id in of_run.get(run.wave_id, [])]
        slot = rules_trucks.first(rules_trucks.departures(site, orders, run.cut_off_at - run.pick_until).values())
        if slot and here.at(slot.cut_off_at) != run.cut_off_at:
            why = rules_trucks.moved(req.cause, slot, here.clock(run.cut_off_at), here.local)
            until = steps.move_run(run.wave_id, here.at(slot.cut_off_at), why)
            assert until is not None
            floor.due(ctx, run.wave_id, until)
            steps.tell_wave(ctx, run.wave_id, why[:1].upper() + why[1:], rule="waves.trucks")
            done.wave_ids.append(run.wave_id)
    ctx.about(floor.WAVE, done.wave_ids)
    return done


def _move_planned(here: Here, site: Site, wave: locks.LockedPlanWave, slot: Slot, why: str) -> None:
    """The glass of the new cut-off has the hands up to it and what is on the floor before it."""
    [hands] = seconds_until(site.crew, site.now, [slot.pick_until])
    before = sum(seconds for (until, _), seconds in site.floor.items() if until <= slot.pick_until)
    steps_trucks.move_planned(
        wave, here.at(slot.cut_off_at), here.at(slot.pick_until), why, hands=sum(hands.values()), floor=before
    )
