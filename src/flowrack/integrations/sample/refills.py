"""Pick faces of the sample company: some run out today, one refill is on a fork, and some items belong elsewhere."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from flowrack.integrations.replay.house import House, Site
from flowrack.platform import sql
from flowrack.replenishment.commands import expect_draws, lift_refill, plan_refills, set_refill_policy
from flowrack.replenishment.commands_slotting import suggest_slots
from flowrack.replenishment.types import ExpectDraws, LiftRefill, NewDraw, PlanRefills, SetRefillPolicy
from flowrack.replenishment.types_slotting import SuggestSlots
from flowrack.shared.quantity import Units


def leave_refills(house: House, site: Site, at: datetime) -> None:
    """Faces are looked at after the evening's wave, a counter sale is told, and a driver has begun."""
    policy = SetRefillPolicy(
        site.site_id, task_seconds=240, people=2, quiet_from=time(22), quiet_until=time(5), top_off_percent=50
    )
    before = at - timedelta(minutes=8)
    house.do(set_refill_policy, "warehouse_manager", policy, key="live:refill-policy", at=before)
    fullest = sql.fetch_one(
        """
        SELECT f.location_id, f.item_id, f.max_units FROM storage_pickface f
        JOIN locations_location l ON l.id = f.location_id
        JOIN LATERAL (SELECT sum(c.on_hand - c.reserved) AS free FROM ledger_cell c
                      WHERE c.item_id = f.item_id AND c.site_id = l.site_id AND c.state = 'reserve') AS rack ON true
        WHERE l.site_id = %s ORDER BY rack.free DESC NULLS LAST, f.id LIMIT 1
        """,
        (site.site_id,),
    )
    if fullest is None:
        return
    place, item_id, most = fullest
    draw = NewDraw(place, item_id, Units(most * 3 // 2), at + timedelta(minutes=30), at + timedelta(minutes=150))
    sale = ExpectDraws(site.site_id, "Counter sale", [draw])
    house.do(expect_draws, "inventory_controller", sale, key="live:draws", at=at - timedelta(minutes=7))
    plan = PlanRefills(site.site_id)
    done = house.do(plan_refills, "inventory_controller", plan, key="live:refills", at=at - timedelta(minutes=6))
    if done.refill_ids:
        lift = LiftRefill(done.refill_ids[0])
        house.do(lift_refill, "picker", lift, key="live:lift", at=at - timedelta(minutes=2))
    look = SuggestSlots(site.site_id, days=60, pays_within_days=60)
    house.do(suggest_slots, "inventory_controller", look, key="live:slots", at=at - timedelta(minutes=1))
    house.tell()
