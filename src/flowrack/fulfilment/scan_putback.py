"""Putting goods back: out of the tote, into the bin they came from; two scans a pick."""

from __future__ import annotations

from flowrack.fulfilment import commands, queries_putback
from flowrack.fulfilment.queries_putback import ToPutBack
from flowrack.fulfilment.scan_parts import item_of, sites_with
from flowrack.fulfilment.types import UndoPick
from flowrack.platform.web.scan import DONE, MORE, OK, ScanAction, ScanPage, ScanStep, Visit
from flowrack.platform.web.scan import WrongScan as Wrong
from flowrack.platform.web.viewer import Viewer
from flowrack.shared import gs1


def waiting_for(viewer: Viewer) -> int:
    """How many picks wait to be put back where the viewer picks."""
    return len(queries_putback.waiting(sites_with(viewer, "fulfilment.pick")))


def _now(visit: Visit) -> ToPutBack | None:
    """The pick whose goods are in the hand, else the next one."""
    rows = queries_putback.waiting(sites_with(visit.viewer, "fulfilment.pick"), skip=visit.state.get("skip", []))
    held = visit.state.get("pick", 0)
    return next((row for row in rows if row.pick_id == held), rows[0] if rows else None)


def _draw(visit: Visit) -> ScanStep:
    row = _now(visit)
    if row is None:
        return ScanStep(
            task="Put back", prompt="Nothing to put back",
            sub="Picked goods that nobody wants any more appear here.",
        )  # fmt: skip
    is_held = visit.state.get("pick") == row.pick_id
    lot = f"lot {row.lot}, " if row.lot else ""
    return ScanStep(
        task=row.order,
        prompt="Go to" if is_held else "Take out",
        fact=row.location if is_held else row.tote or row.place,
        qty=f"{row.units:,}",
        qty_note=f"{row.base_uom} into {row.location}" if is_held else f"{row.base_uom} out of {row.tote or row.place}",
        item=f"{row.sku} {row.name}",
        item_note=f"{lot}{_why(row)}",
        accepts=f"Scan the bin {row.location}" if is_held else "Scan the item",
        actions=[ScanAction("skip", "Skip", wide=True)],
        virtual=[("Bin", row.location)] if is_held else [("Item", row.sku)],
    )


def _why(row: ToPutBack) -> str:
    """Why the goods go back, and what stays where they are."""
    if row.is_ended:
        return f"of {row.order}, which is cancelled"
    if not row.is_fewer:
        return f"of {row.order}, which is not to leave"
    if not row.stays:
        return f"of {row.order}: the customer wants fewer"
    stay = "stays" if row.stays == 1 else "stay"
    return f"of the {row.inside:,} of {row.order}: the customer wants fewer; {row.stays:,} {stay}"


def _scanned(visit: Visit, code: str) -> str:
    held = visit.state.get("pick", 0)
    row = _now(visit)
    if held and (row is None or row.pick_id != held):  # sent again because its answer was lost: it is back already
        visit.state.pop("pick")
        return OK if row else DONE
    if row is None:
        raise Wrong("Nothing waits to be put back.", "Go on with the next job.")
    if not held:
        scan = gs1.parse(code)
        found = item_of(scan)
        if found is None or found[0] != row.item_id:
            said = f"That is {found[1]}." if found else f"No item has the code {code[:40]}."
            raise Wrong(said, f"Scan {row.sku} out of {row.tote or row.place}.")
        lot = scan.lot or scan.serial
        if lot and row.lot and lot != row.lot:
            raise Wrong(f"That is lot {lot}.", f"Take lot {row.lot}.")
        visit.state.update({"pick": row.pick_id, "item": code})
        return MORE
    if code == visit.state.get("item"):
        return MORE  # the trigger was pulled twice
    if code.strip().upper() != row.location.upper():
        raise Wrong(f"That is not {row.location}.", f"Go to {row.location} and scan its label.")
    commands.undo_pick(visit.ctx(), UndoPick(row.pick_id))
    visit.state.pop("pick")
    return OK if _now(visit) else DONE


def _acted(visit: Visit, action: str) -> str:
    row = _now(visit)
    if action != "skip" or row is None:
        raise Wrong("There is nothing to skip.", "Go on with the next job.")
    visit.state["skip"] = [*visit.state.get("skip", []), row.pick_id][-50:]
    visit.state.pop("pick", None)
    return OK


PUT_BACK = ScanPage("put_back", "fulfilment.pick", _draw, _scanned, _acted)
