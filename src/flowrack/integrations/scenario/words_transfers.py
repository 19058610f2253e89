"""The words of transfers that are planned: planned, released, staged, sent, called off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flowrack.integrations.scenario import flow
from flowrack.integrations.scenario.figures import same
from flowrack.integrations.scenario.house import Happening, House
from flowrack.integrations.scenario.types import Event
from flowrack.integrations.scenario.words import event, figure
from flowrack.ledger import queries as stock
from flowrack.locations import queries as locations
from flowrack.platform import sql
from flowrack.shared.quantity import Units
from flowrack.storage.commands_staging import cancel_transfer, end_staging, send_staged, stage_released
from flowrack.storage.commands_transfer_plans import plan_transfer as plan
from flowrack.storage.commands_transfer_plans import release_transfers
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfer_plans import EndStaging, PlanLine, PlanTransfer, ReleaseTransfers, StageReleased
from flowrack.storage.types_transfers import CancelTransfer, SendStaged


@event("plan_transfer", "frm to qty product lot in_days why")
def plan_transfer(house: House, happening: Event) -> None:
    """Goods should go from a site to another, and be there in so many days."""
    args = happening.args
    item = house.item(args.get("product"))
    source, target = house.site(str(args["frm"])), house.site(str(args["to"]))
    due_on = house.now.date() + timedelta(days=int(args["in_days"])) if "in_days" in args else None
    lot_id = flow.lot_id(item, str(args["lot"])) if "lot" in args else 0
    lines = [PlanLine(item.item_id, house.units(args["qty"]), lot_id)]
    why = str(args.get("why", "scenario"))
    done = house.do(plan, "planner", PlanTransfer(source.site_id, target.site_id, lines, due_on, why))
    house.noted.setdefault("transfers", {})[happening.ref] = done.transfer_id
    house.remember(happening, Happening("plan_transfer", item.name, source.name, done.units))
    house.settle()


@event("release_transfer", "of")
def release_transfer(house: House, happening: Event) -> None:
    """People at the sender may stage a planned transfer."""
    house.do(release_transfers, "planner", ReleaseTransfers([_transfer(house, happening)]))


@event("stage_released", "of qty")
def stage_part(house: House, happening: Event) -> None:
    """Units of a released transfer reach staging, from where they lie."""
    args = happening.args
    was = house.of(args["of"])
    item, site = house.item(was.item), house.site(was.site)
    rows = sql.fetch_all(
        """
        SELECT p.lot_id, c.units FROM ledger_commitment c JOIN ledger_pool p ON p.id = c.pool_id
        WHERE c.ref = 'storage.transfer:' || %s ORDER BY c.id
        """,
        (_transfer(house, happening),),
    )
    missing, lines = house.units(args["qty"]), []
    for lot_id, kept in rows:
        left = kept
        for cell in stock.cells([item.item_id], site.site_id):
            units = min(missing, left, cell.free)
            if cell.lot_id == lot_id and cell.state in ("reserve", "forward_pick") and units > 0:
                lines.append(StockAt(cell.location_id, item.item_id, Units(units), lot_id, cell.lpn_id))
                missing -= units
                left -= units
    staging = locations.by_code(site.site_id, ["STAGE-1"])["STAGE-1"].location_id
    house.do(stage_released, "receiver", StageReleased(_transfer(house, happening), staging, lines))
    house.settle()


@event("leave_rest", "of why")
def leave_rest(house: House, happening: Event) -> None:
    """What of a released transfer is not staged does not go."""
    why = str(happening.args.get("why", "not there"))
    house.do(end_staging, "receiver", EndStaging(_transfer(house, happening), why))
    house.settle()


@event("send_transfer", "of")
def send_transfer(house: House, happening: Event) -> None:
    """A staged transfer leaves without a load."""
    house.do(send_staged, "receiver", SendStaged(_transfer(house, happening)))
    house.settle()


@event("call_off_transfer", "of why")
def call_off_transfer(house: House, happening: Event) -> None:
    """A transfer that has not left does not go."""
    why = str(happening.args.get("why", "not wanted"))
    house.do(cancel_transfer, "warehouse_manager", CancelTransfer(_transfer(house, happening), why))
    house.settle()


def _transfer(house: House, happening: Event) -> int:
    house.of(happening.args["of"])
    return int(house.noted["transfers"][str(happening.args["of"])])


@figure("transfer_state")
def transfer_state(house: House, name: str, expected: Any) -> None:
    """Where planned transfers stand, by their names: planned, released, staged, on_the_way, received, cancelled."""
    states = dict(
        sql.fetch_all(
            "SELECT id, state FROM storage_transfer WHERE id = ANY(%s::bigint[])",
            (list(house.noted["transfers"].values()),),
        )
    )
    same(name, expected, {key: states.get(house.noted["transfers"].get(key)) for key in expected})


@figure("kept_for_transfers")
def kept_for_transfers(house: House, name: str, expected: Any) -> None:
    """Units that sites keep for transfers that are not staged, by site."""
    rows = dict(
        sql.fetch_all(
            """
            SELECT p.site_id, sum(c.units)::bigint FROM ledger_commitment c JOIN ledger_pool p ON p.id = c.pool_id
            WHERE c.ref LIKE 'storage.transfer:%%' AND p.site_id = ANY(%s::bigint[]) GROUP BY 1
            """,
            ([site.site_id for site in house.sites.values()],),
        )
    )
    same(name, expected, {key: house.quantity(rows.get(house.site(str(key)).site_id, 0)) for key in expected})
