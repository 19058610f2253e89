"""The blind count on a scanner: scan the bin, scan each item and say how many, say when the bin is done or empty."""

from __future__ import annotations

from django.urls import path, reverse

from flowrack.catalog import queries as catalog
from flowrack.counting import commands, queries
from flowrack.counting.types import EnterCount, FinishCount, OpenCount, SeenLine
from flowrack.locations import queries as locations
from flowrack.platform.web.scan import (
    DONE,
    OK,
    Go,
    Keypad,
    ScanAction,
    ScanFlow,
    ScanPage,
    ScanStep,
    Tick,
    Visit,
    WrongScan,
    site_of,
)
from flowrack.platform.web.viewer import Viewer
from flowrack.shared import gs1
from flowrack.shared.quantity import parse_units


def draw(visit: Visit) -> ScanStep:
    """The bin, then item by item; never what is expected."""
    state = visit.state
    if "count" not in state:
        task = queries.next_task(_site(visit), visit.viewer.user.pk)
        if task is None:
            return ScanStep(prompt="Nothing to count", task="Count", accepts="or scan a bin that is due")
        return ScanStep(prompt="Scan bin", task=task.number, fact=task.location, sub=task.zone, accepts="Bin label",
                        virtual=[("Bin", task.location)])  # fmt: skip
    ticks = [
        Tick(f"{sku}{', lot ' + lot if lot else ''}", end=f"{units:,}")
        for sku, _, lot, units in queries.entered(state["count"])
    ]
    if "item" in state:
        return ScanStep(prompt="How many?", task=state["number"], item=state["sku"], item_note=state["name"],
                        done=ticks, keypad=Keypad(value=state.get("units", 0), of=state["unit"], verb="Count it"),
                        actions=[ScanAction("drop", "Other item")])  # fmt: skip
    primary = [ScanAction("done", "Done", "all in the bin is counted", primary=True)] if ticks else []
    return ScanStep(
        prompt="Scan item", task=state["number"], sub=f"Bin {state['bin']}", done=ticks, accepts="Item or case label",
        actions=[ScanAction("empty", "Nothing else here" if ticks else "Empty", "the rest is zero"), *primary],
    )  # fmt: skip


def _site(visit: Visit) -> int:
    """The site that the person works at; the first one where they may count when none is chosen."""
    if visit.site_id:
        return visit.site_id
    return next((s.site_id for s in locations.sites() if visit.viewer.may("counting.count", s.site_id)), 0)


def scanned(visit: Visit, code: str) -> str:
    """A bin opens its count; an item asks for its quantity, a case label brings it along."""
    if "count" not in visit.state:
        return _open(visit, code)
    if "item" in visit.state:
        raise WrongScan("Say how many first.", "Type the quantity, then scan the next item.")
    found = gs1.parse(code)
    hits = {r.item_id: r for code_ in found.codes for r in catalog.find_codes([code_]).get(code_, [])}
    if not hits:
        raise WrongScan(f"“{code[:40]}” is no item.", "Scan the item's label.")
    if len(hits) > 1:
        raise WrongScan(f"“{code[:40]}” means several items.", "Scan another code of the item.")
    [hit] = hits.values()
    item = catalog.item(hit.item_id)
    lot_id = 0
    lot = found.lot or found.serial
    if item.tracking != "none":
        known = catalog.lots_by_code([(item.item_id, lot)]) if lot else {}
        if not known:
            raise WrongScan(f"{item.sku} is traced by {item.tracking}.", "Scan the label that shows the lot.")
        lot_id = known[item.item_id, lot].lot_id
    packs = found.quantity or found.count or 0
    units = (packs or 1) * hit.factor if packs or hit.factor > 1 else 0
    visit.state.update(item=item.item_id, sku=item.sku, name=item.name, unit=item.base_uom, lot=lot_id, units=units)
    return OK


def _open(visit: Visit, code: str) -> str:
    place = locations.find_by_code(_site(visit), [code]).get(code.strip())
    if place is None:
        raise WrongScan(f"“{code[:40]}” is no bin of this site.", "Scan the label of the bin.")
    task = queries.next_task(_site(visit), visit.viewer.user.pk, location_id=place.location_id)
    if task is None:
        raise WrongScan(f"{place.code} is not due for you.", "Scan the bin on the screen.")
    running = queries.open_count(task.task_id, visit.viewer.user.pk)
    count_id = running or commands.open_count(visit.ctx(), OpenCount(task.task_id)).count_id
    visit.state.clear()
    visit.state.update(count=count_id, number=task.number, bin=place.code)
    return OK


def acted(visit: Visit, action: str) -> str | Go:
    """Done, empty, or another item after all."""
    state = visit.state
    if action == "drop":
        _forget_item(visit)
        return OK
    if action not in ("done", "empty") or "count" not in state:
        raise WrongScan("This step does not know that.", "Scan the bin first.")
    commands.finish_count(visit.ctx(), FinishCount(state["count"], empty=action == "empty"))
    state.clear()
    return DONE


def counted(visit: Visit, units: str, reason: str) -> str:
    """The quantity of the scanned item."""
    state = visit.state
    if "item" not in state:
        raise WrongScan("Scan the item first.", "Then say how many.")
    seen = SeenLine(item_id=state["item"], units=parse_units(units or "0"), lot_id=state.get("lot", 0))
    commands.enter_count(visit.ctx(), EnterCount(state["count"], [seen]))
    _forget_item(visit)
    return OK


def _forget_item(visit: Visit) -> None:
    for name in ("item", "sku", "name", "unit", "lot", "units"):
        visit.state.pop(name, None)


def waiting(viewer: Viewer) -> int:
    """Bins that wait for a count."""
    sites = [viewer.site_id] if viewer.site_id else None
    return len(queries.tasks(sites, states=("due", "recount"), limit=99))


def _opens(code: str, viewer: Viewer) -> str | None:
    """A bin that is due for this person."""
    place = locations.find_by_code(site_of(viewer), [code]).get(code.strip())
    due = place and queries.next_task(site_of(viewer), viewer.user.pk, location_id=place.location_id)
    return reverse("scan_count") if due else None


COUNT = ScanPage("count", "counting.count", draw, scanned, acted, counted)
SCAN_FLOWS = [
    ScanFlow(
        "count",
        "Count",
        "scan_count",
        "counting.count",
        order=60,
        note="Blind, bin by bin",
        count=waiting,
        opens=_opens,
        starts=("bin",),
    )
]
urlpatterns = [path("scan/count", COUNT.view, name="scan_count")]
