"""Returned goods on a scanner: scan the return or its order, then each item with its condition."""

from __future__ import annotations

from typing import Any

from django.urls import path, reverse

from flowrack.catalog import queries as catalog
from flowrack.catalog.types import Resolved
from flowrack.platform.web.scan import (
    DONE,
    MORE,
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
from flowrack.sales import queries as orders
from flowrack.shared import gs1
from flowrack.shared.gs1 import Gs1Scan
from flowrack.shared.quantity import parse_units
from flowrack.shipping import queries as shipping

RECEIVE = "returns.receive"
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
        return _draw_line(state, view, progress)
    return ScanStep(
        prompt="Scan item", task=view.head.number, sub=view.head.customer, done=ticks,
        accepts="Item, case or lot label", progress=progress,
        actions=[ScanAction("next", "Next return", primary=not _left(view))],
    )  # fmt: skip


def _draw_line(state: dict[str, Any], view: desk.RmaView, progress: tuple[int, int]) -> ScanStep:
    """Which lot, then how many in which grade; the grade is for the person to say."""
    line = next(x for x in view.lines if x.line_id == state["line"])
    about: dict[str, Any] = {
        "task": view.head.number,
        "item": f"{line.sku} {line.name}",
        "actions": [ScanAction("drop", "Other item")],
        "progress": progress,
    }
    if state["lot"] is None:
        return ScanStep(prompt=f"Scan {state['tracking']}", accepts="The lot or serial number on the goods", **about)
    lot = f", lot {state['lot_code']}" if state["lot_code"] else ""
    of = f"of {line.units - line.received_units:,} announced{lot}"
    return ScanStep(
        prompt="How many, which grade?",
        sub=f"{line.sku} {line.name[:40]}",
        keypad=Keypad(
            value=state["units"],
            of=of,
            reasons=GRADES,
            verb="Receive",
            choose="Which grade is it?",
            codes=(line.sku, state["lot_code"]),
        ),
        **about,
    )


def _left(view: desk.RmaView) -> int:
    return view.head.announced_units - view.head.received_units


def scanned(visit: Visit, code: str) -> str:
    """A return or order opens the return; an item asks for quantity and grade."""
    state = visit.state
    if "rma" not in state:
        found = desk.rmas_for(code, visit.viewer.sites_of(RECEIVE))
        if not found:
            raise _nothing_waits(visit, code)
        state["rma"] = found[0]
        return OK
    label = gs1.parse_or_number(code)
    if "line" in state and state["lot"] is None:
        return _lot(state, label.lot or label.serial or label.raw)
    hits = {hit.item_id: hit for hit in catalog.find_label(label)}
    view = desk.rma_view(state["rma"])
    if "line" in state:
        return _once_more(state, view, label, hits)
    line = next((x for x in view.lines if x.item_id in hits and x.received_units < x.units), None)
    if line is None:
        gs1.parse(code)  # a wrong check digit says more
        raise WrongScan("This item is not awaited on the return.", "Put it aside: the office receives it blind.")
    hit = hits[line.item_id]
    item = catalog.item(line.item_id)
    lot = label.lot or label.serial
    state.update(line=line.line_id, item=line.item_id, sku=item.sku, tracking=item.tracking, lot=None, lot_code="",
                 units=_scanned_units(label, hit))  # fmt: skip
    if item.tracking == "none" or hit.lot_id:
        state.update(lot=hit.lot_id, lot_code=label.raw if hit.lot_id else "")
        return MORE
    return _lot(state, lot) if lot else MORE


def _nothing_waits(visit: Visit, code: str) -> WrongScan:
    """What to say of a code without a return: of an order that was shipped, with which shipments."""
    order_id, sites = orders.order_id_of(code.strip().upper()), visit.viewer.sites_of(RECEIVE)
    is_mine = order_id is not None and (0 in sites or sites.issuperset(orders.sites_of([order_id])))
    left = [one.number for one in shipping.of_order(order_id) if one.shipped_at] if order_id and is_mine else []
    if left:
        words = f"{code.strip().upper()[:40]} left with {', '.join(left[:3])}, but no return of it is announced."
        return WrongScan(words, "Put it aside: the office announces the return.")
    return WrongScan(f"No return waits for “{code[:40]}”.", "Scan the return or the order on the packing slip.")


def _scanned_units(label: Gs1Scan, hit: Resolved) -> int:
    return (label.quantity or label.count or 1) * hit.factor


def _lot(state: dict[str, Any], lot: str) -> str:
    lot_id = desk.lot_by_code(state["item"], lot)
    if not lot_id:
        raise WrongScan(f"{state['sku']} has no {state['tracking']} {lot[:30]}.",
                        "Scan it again. If it is right, put it aside: the office receives it blind.")  # fmt: skip
    state.update(lot=lot_id, lot_code=lot)
    return MORE


def _once_more(state: dict[str, Any], view: desk.RmaView, label: Gs1Scan, hits: dict[int, Resolved]) -> str:
    """The same goods scanned again count once more."""
    line = next(x for x in view.lines if x.line_id == state["line"])
    hit, lot = hits.get(line.item_id), label.lot or label.serial
    if hit is None or (lot and lot != state["lot_code"]) or hit.lot_id not in (0, state["lot"]):
        raise WrongScan("Say how many first.", "Then scan the next item.")
    state["units"] += _scanned_units(label, hit)
    return MORE


def acted(visit: Visit, action: str) -> str:
    """Another item, or the next return."""
    if action == "drop":
        _forget_line(visit.state)
        return OK
    if action == "next":
        visit.state.clear()
        return OK
    raise WrongScan("This step does not know that.", "Scan what the screen asks for.")


def counted(visit: Visit, units: str, reason: str) -> str:
    """Receive so many of the scanned item in this grade into the first place for return review."""
    state = visit.state
    if "line" not in state or state["lot"] is None:
        raise WrongScan("Scan the item first.", "Then say how many.")
    if reason not in list(Condition):
        raise WrongScan("Which grade is it?", "Tap A, B, C or D as the grade sheet says.")
    view = desk.rma_view(state["rma"])
    places = queries.places_of_role(view.site_id, ["return_review"], limit=1)
    if not places:
        raise WrongScan("This site has no place for return review.", "Ask the office to add one.")
    seen = ReturnedLine(state["line"], parse_units(units or "0"), reason, state["lot"])
    commands.receive_return(visit.ctx(), ReceiveReturn(state["rma"], places[0].location_id, [seen]))
    _forget_line(state)
    return OK if _left(desk.rma_view(state["rma"])) else DONE


def _forget_line(state: dict[str, Any]) -> None:
    for name in ("line", "item", "sku", "tracking", "lot", "lot_code", "units"):
        state.pop(name, None)


def waiting(viewer: Viewer) -> int:
    """Returns that are announced or coming in."""
    sites = viewer.sites_of(RECEIVE)
    return len(desk.desk_rows(None if 0 in sites else sorted(sites), limit=99))


def _opens(code: str, viewer: Viewer) -> str | None:
    """A return that waits, by its number or its order's."""
    return reverse("scan_returns") if desk.rmas_for(code, viewer.sites_of(RECEIVE)) else None


RETURNS = ScanPage("returns", RECEIVE, draw, scanned, acted, counted)
SCAN_FLOWS = [
    ScanFlow(
        "returns",
        "Returns",
        "scan_returns",
        RECEIVE,
        order=70,
        note="What comes back",
        count=waiting,
        opens=_opens,
        starts=("return",),
    )
]
urlpatterns = [path("scan/returns", RETURNS.view, name="scan_returns")]
