"""The blind count on a scanner: scan the bin, scan each item and say how many, say when the bin is done or empty."""

from __future__ import annotations

from typing import Any

from django.urls import path, reverse

from flowrack.catalog import queries as catalog
from flowrack.catalog.types import Resolved
from flowrack.counting import commands, queries
from flowrack.counting.scan_journal import OFFLINE_URLS
from flowrack.counting.types import EnterCount, FinishCount, OpenCount, SeenLine
from flowrack.locations import queries as locations
from flowrack.platform.web.scan import (
    DONE,
    MORE,
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
)
from flowrack.platform.web.viewer import Viewer, site_of
from flowrack.shared import gs1
from flowrack.shared.gs1 import Gs1Scan
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
        Tick(f"{sku}{', lot ' + lot if lot else ''} {name}", end=f"{units:,}")
        for sku, name, lot, units in queries.entered(state["count"])
    ]
    if "item" in state:
        return _draw_item(state, ticks)
    primary = [ScanAction("done", "Done", "all in the bin is counted", primary=True)] if ticks else []
    return ScanStep(
        prompt="Scan item", task=state["number"], sub=f"Bin {state['bin']}", done=ticks,
        accepts="Item, case or lot label",
        actions=[ScanAction("empty", "Nothing else here" if ticks else "Empty", "the rest is zero"), *primary],
    )  # fmt: skip


def _draw_item(state: dict[str, Any], ticks: list[Tick]) -> ScanStep:
    """Which lot, then how many: what was scanned is on the keypad, further scans of it add to that."""
    about: dict[str, Any] = {
        "task": state["number"],
        "item": f"{state['sku']} {state['name']}",
        "actions": [ScanAction("drop", "Other item")],
        "done": ticks,
    }
    if state["lot"] is None:
        return ScanStep(prompt=f"Scan {state['tracking']}", accepts="The lot or serial number on the goods", **about)
    lot = f", lot {state['lot_code']}" if state["lot_code"] else ""
    before = f", {state['before']:,} of them counted before" if state["before"] else ""
    return ScanStep(
        prompt="How many?",
        keypad=Keypad(
            value=state["units"],
            of=f"{state['unit']}{lot}{before}",
            verb="Count it",
            codes=(state["sku"], state["lot_code"]),
            usual=10 * catalog.usual_units(state["item"]),  # a bin may hold many pallets
        ),
        **about,
    )


def _site(visit: Visit) -> int:
    """The site that the person works at; the first one where they may count when none is chosen."""
    if visit.site_id:
        return visit.site_id
    return next((s.site_id for s in locations.sites() if visit.viewer.may("counting.count", s.site_id)), 0)


def scanned(visit: Visit, code: str) -> str:
    """A bin opens its count; an item, case or lot asks how many, with what was scanned on the keypad."""
    state = visit.state
    if "count" not in state:
        return _open(visit, code)
    label = gs1.parse_or_number(code)
    if "item" in state and state["lot"] is None:
        return _lot(visit, label.lot or label.serial or label.raw)
    hits = catalog.find_label(label)
    if not hits:
        if locations.lpns_by_code([label.sscc or label.raw]):
            raise WrongScan("That is a pallet.", "Scan what stands on it, item by item.")
        gs1.parse(code)  # a wrong check digit says more
        raise WrongScan(f"“{code[:40]}” is no item and no lot.", "Scan the label on the goods.")
    if "item" in state:
        return _once_more(state, label, hits)
    if len(hits) > 1:
        skus = ", ".join(hit.sku for hit in hits[:4])
        raise WrongScan(f"“{code[:40]}” means several items: {skus}.", "Scan the item first, then the lot.")
    return _item(visit, hits[0], label)


def _item(visit: Visit, hit: Resolved, label: Gs1Scan) -> str:
    item = catalog.item(hit.item_id)
    lot = label.lot or label.serial
    visit.state.update(
        item=item.item_id, sku=item.sku, name=item.name, unit=item.base_uom, tracking=item.tracking,
        units=_scanned_units(label, hit), lot=None, lot_code="", before=0,
    )  # fmt: skip
    if item.tracking == "none":
        return _how_many(visit, 0, "")
    if hit.lot_id:
        return _how_many(visit, hit.lot_id, label.raw)
    return _lot(visit, lot) if lot else MORE


def _scanned_units(label: Gs1Scan, hit: Resolved) -> int:
    return (label.quantity or label.count or 1) * hit.factor


def _lot(visit: Visit, lot: str) -> str:
    """The lot of the item; nothing is known of one that was never received."""
    state = visit.state
    known = catalog.lots_by_code([(state["item"], lot)]).get((state["item"], lot))
    if known is None:
        raise WrongScan(f"{state['sku']} has no {state['tracking']} {lot[:30]}.",
                        "Scan it again. If it is right, set the goods aside and tell the lead.")  # fmt: skip
    return _how_many(visit, known.lot_id, lot)


def _how_many(visit: Visit, lot_id: int, lot: str) -> str:
    """Ask for the quantity: what was scanned, and what this person counted of it in this bin before."""
    state = visit.state
    before = sum(units for sku, _, code, units in queries.entered(state["count"]) if (sku, code) == (state["sku"], lot))
    state.update(lot=lot_id, lot_code=lot, before=before, units=before + state["units"])
    if state["tracking"] == "serial":
        return counted(visit, "1", "")
    return OK


def _once_more(state: dict[str, Any], label: Gs1Scan, hits: list[Resolved]) -> str:
    """The same goods scanned again count once more."""
    lot = label.lot or label.serial
    same = next((hit for hit in hits if hit.item_id == state["item"] and hit.lot_id in (0, state["lot"])), None)
    if same is None or (lot and lot != state["lot_code"]):
        raise WrongScan(f"{state['sku']} is not counted yet.", "Say how many, then scan the next.")
    state["units"] += _scanned_units(label, same)
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
    if "item" not in state or state["lot"] is None:
        raise WrongScan("Scan the item first.", "Then say how many.")
    seen = SeenLine(item_id=state["item"], units=parse_units(units or "0"), lot_id=state["lot"])
    commands.enter_count(visit.ctx(), EnterCount(state["count"], [seen]))
    _forget_item(visit)
    return OK


def _forget_item(visit: Visit) -> None:
    for name in ("item", "sku", "name", "unit", "tracking", "lot", "lot_code", "before", "units"):
        visit.state.pop(name, None)


def waiting(viewer: Viewer) -> int:
    """Bins that wait for a count."""
    return len(queries.tasks([site_of(viewer)], states=("due", "recount"), limit=99))


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
urlpatterns = [path("scan/count", COUNT.view, name="scan_count"), *OFFLINE_URLS]
