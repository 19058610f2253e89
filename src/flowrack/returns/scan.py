"""Returned goods on a scanner: scan the return or its order, then each item with its condition."""

from __future__ import annotations

from django.urls import path, reverse

from flowrack.catalog import queries as catalog
from flowrack.platform.web.scan import (
    DONE,
    OK,
    Keypad,
    ScanAction,
    ScanFlow,
    ScanPage,
    ScanStep,
    Tick,
    Visit,
    WrongScan,
)
from flowrack.platform.web.viewer import Viewer
from flowrack.returns import commands, queries
from flowrack.returns.queries import desk
from flowrack.returns.types import Condition, ReceiveReturn, ReturnedLine
from flowrack.shared import gs1
from flowrack.shared.quantity import parse_units

GRADES = (
    (Condition.AS_NEW, "A as new"),
    (Condition.OPENED, "B opened"),
    (Condition.DAMAGED, "C damaged"),
    (Condition.UNFIT, "D unfit"),
)


def draw(visit: Visit) -> ScanStep:
    """The return, then item by item with quantity and grade."""
    state = visit.state
    if "rma" not in state:
        return ScanStep(prompt="Scan return", task="Returns", accepts="Return or order number")
    view = desk.rma_view(state["rma"])
    ticks = [
        Tick(f"{line.sku} {line.name}", end=f"{line.received_units} of {line.units}",
             kind="ok" if line.received_units >= line.units else "wait")
        for line in view.lines
    ]  # fmt: skip
    progress = (view.head.received_units, view.head.announced_units)
    if "line" in state:
        line = next(x for x in view.lines if x.line_id == state["line"])
        return ScanStep(
            prompt="How many, which grade?", task=view.head.number, item=line.sku, item_note=line.name,
            keypad=Keypad(value=1, of=f"of {line.units - line.received_units} announced", reasons=GRADES,
                          verb="Receive"),
            actions=[ScanAction("drop", "Other item")], progress=progress,
        )  # fmt: skip
    return ScanStep(
        prompt="Scan item", task=view.head.number, sub=view.head.customer, done=ticks, accepts="Item label",
        progress=progress, actions=[ScanAction("next", "Next return", primary=not _left(view))],
    )  # fmt: skip


def _left(view: desk.RmaView) -> int:
    return view.head.announced_units - view.head.received_units


def scanned(visit: Visit, code: str) -> str:
    """A return or order opens the return; an item asks for quantity and grade."""
    state = visit.state
    if "rma" not in state:
        found = desk.rmas_for(code, visit.viewer.site_id)
        if not found:
            raise WrongScan(f"No return waits for “{code[:40]}”.", "Scan the return or the order on the packing slip.")
        state["rma"] = found[0]
        return OK
    if "line" in state:
        raise WrongScan("Say how many first.", "Then scan the next item.")
    label = gs1.parse(code)
    hits = {r.item_id for text in label.codes for r in catalog.find_codes([text]).get(text, [])}
    view = desk.rma_view(state["rma"])
    line = next((x for x in view.lines if x.item_id in hits and x.received_units < x.units), None)
    if line is None:
        raise WrongScan("This item is not awaited on the return.", "Put it aside: the office receives it blind.")
    lot = label.lot or label.serial
    item = catalog.item(line.item_id)
    lot_id = desk.lot_by_code(line.item_id, lot) if lot else 0
    if item.tracking != "none" and not lot_id:
        raise WrongScan(f"{item.sku} is traced by {item.tracking}.", "Scan the label that shows the lot.")
    state.update(line=line.line_id, lot=lot_id or 0)
    return OK


def acted(visit: Visit, action: str) -> str:
    """Another item, or the next return."""
    if action == "drop":
        visit.state.pop("line", None)
        return OK
    if action == "next":
        visit.state.clear()
        return OK
    raise WrongScan("This step does not know that.", "Scan what the screen asks for.")


def counted(visit: Visit, units: str, reason: str) -> str:
    """Receive so many of the scanned item in this grade into the first place for return review."""
    state = visit.state
    if "line" not in state:
        raise WrongScan("Scan the item first.", "Then say how many.")
    view = desk.rma_view(state["rma"])
    places = queries.places_of_role(view.site_id, ["return_review"], limit=1)
    if not places:
        raise WrongScan("This site has no place for return review.", "Ask the office to add one.")
    seen = ReturnedLine(state["line"], parse_units(units or "0"), reason or Condition.AS_NEW, state.get("lot", 0))
    commands.receive_return(visit.ctx(), ReceiveReturn(state["rma"], places[0].location_id, [seen]))
    state.pop("line")
    state.pop("lot", None)
    return OK if _left(desk.rma_view(state["rma"])) else DONE


def waiting(viewer: Viewer) -> int:
    """Returns that are announced or coming in."""
    return len(desk.desk_rows([viewer.site_id] if viewer.site_id else None, limit=99))


def _opens(code: str, viewer: Viewer) -> str | None:
    """A return that waits, by its number or its order's."""
    return reverse("scan_returns") if desk.rmas_for(code, viewer.site_id) else None


RETURNS = ScanPage("returns", "returns.receive", draw, scanned, acted, counted)
SCAN_FLOWS = [
    ScanFlow(
        "returns",
        "Returns",
        "scan_returns",
        "returns.receive",
        order=70,
        note="What comes back",
        count=waiting,
        opens=_opens,
        starts=("return",),
    )
]
urlpatterns = [path("scan/returns", RETURNS.view, name="scan_returns")]
