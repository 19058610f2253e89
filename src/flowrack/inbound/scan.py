"""Receive by scan: the order, then for each line the item and the pallet (or place) it stands on."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import path, reverse

from flowrack.catalog import queries as catalog
from flowrack.inbound import commands, queries
from flowrack.inbound.queries import ScannedItem
from flowrack.inbound.types import CloseReceipt, CountedLine, Receive, Received, TakeBack
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
from flowrack.platform.web.viewer import Viewer
from flowrack.purchasing import queries as purchasing
from flowrack.shared import gs1
from flowrack.shared.gs1 import Gs1Scan
from flowrack.shared.quantity import Units, parse_units

PROBLEMS = (("crushed", "Crushed"), ("wet", "Wet"), ("leaking", "Leaking"), ("wrong label", "Wrong label"))
TICKS = 5


def draw(visit: Visit) -> ScanStep:
    """The question of the moment: order, item, lot, date, quantity, or where it stands."""
    state = visit.state
    if "po" not in state:
        return ScanStep(
            task="Receive", prompt="Scan order", accepts="Order number, or any item that is due", done=_ticks(visit)
        )
    common: dict[str, Any] = {
        "task": state["number"],
        "done": _ticks(visit),
        "undo": state.get("last_text", ""),
        "progress": (state["counted"], max(state["counted"] + state["owed"], 1)),
    }
    count = state.get("count")
    if count is None:
        close = ScanAction("close", "Close receipt", _rest(state["owed"]), primary=True, ghost=state["owed"] > 0)
        return ScanStep(
            prompt="Scan item",
            sub=state["supplier"],
            accepts=f"Item, case or GS1 label; a dock place changes {state['place_code']}",
            actions=[close] if state.get("receipt") else [],
            **common,
        )
    item: dict[str, Any] = {
        "item": f"{count['sku']} {count['name']}",
        "qty": f"{count['units']:,}",
        "qty_note": _lot_words(count),
    }
    if state.get("ask") == "lot":
        return ScanStep(prompt="Scan lot", accepts="Lot or serial number on the label", **item, **common)
    if state.get("ask") == "expiry":
        return ScanStep(prompt="Scan expiry date", accepts="GS1 date, or type 2027-01-31", **item, **common)
    if state.get("ask") in ("units", "damaged"):
        damaged = state["ask"] == "damaged"
        pad = Keypad(
            0 if damaged else count["units"],
            f"of {count['units']}, {count['sku']}" if damaged else f"owed {count['owed']}, {count['sku']}",
            PROBLEMS if damaged else (),
            "Set aside" if damaged else "Count",
        )
        common["actions"] = [ScanAction("leave", "Not this item")]
        return ScanStep(prompt="How many damaged?" if damaged else "How many?", keypad=pad, **common)
    return ScanStep(
        prompt="Scan pallet or place",
        accepts="Pallet label, known or new; or a dock place for loose goods",
        actions=[
            ScanAction("units", "Quantity", f"{count['units']} counted"),
            ScanAction("damaged", "Problem", "damaged, wet"),
            ScanAction("leave", "Not this item"),
            ScanAction("loose", "Loose here", state["place_code"], primary=True),
        ],
        **item,
        **common,
    )


def _rest(owed: int) -> str:
    return f"{owed:,} units missing" if owed else "all here"


def _lot_words(count: dict[str, object]) -> str:
    lot = f"lot {count['lot']}" if count["lot"] else ""
    until = f"until {count['expires']}" if count["expires"] else ""
    return ", ".join(part for part in (lot, until) if part)


def _ticks(visit: Visit) -> list[Tick]:
    return [Tick(text, end, kind) for text, end, kind in visit.state.get("ticks", [])]


def scanned(visit: Visit, code: str) -> str | Go:
    """One scan, read by what the screen asks."""
    state = visit.state
    label = gs1.parse(code)
    if "po" not in state:
        return _open(visit, code, label)
    if state.get("ask") == "lot":
        state["count"]["lot"] = label.lot or label.serial or code
        return _ask_next(state)
    if state.get("ask") == "expiry":
        state["count"]["expires"] = (label.expires_on or _date(code)).isoformat()
        return _ask_next(state)
    if state.get("ask"):
        raise WrongScan("A number is asked for.", "Type it and tap the button below, or tap Not this item.")
    place = locations.find_by_code(visit.site_id, [code]).get(code)
    if place is not None:
        if place.role != "receiving":
            raise WrongScan(f"{place.code} is no dock place.", "Scan a door or staging place.")
        state["place"], state["place_code"] = place.location_id, place.code
        return _book(visit, "") if state.get("count") else OK
    if state.get("count"):
        if label.gtin:
            raise WrongScan("That is an item.", "Scan the pallet it stands on, or press Loose here.")
        return _book(visit, label.sscc or code)
    return _count(visit, code, label)


def _open(visit: Visit, code: str, label: Gs1Scan) -> str:
    found = purchasing.find_open(site_id=visit.site_id, number=code)
    if found:
        _start(visit, found[0][0])
        return OK
    ids = _item_ids(label)
    lines = queries.items_on_open_pos(site_id=visit.site_id, item_ids=ids) if ids else []
    pos = list(dict.fromkeys(line.number for line in lines))
    if not lines:
        raise WrongScan(f"No open order has “{code[:40]}”.", "Scan the order number on the delivery note.")
    if len(pos) > 1:
        raise WrongScan(f"{len(pos)} orders wait for {lines[0].sku}.", f"Scan one of them: {', '.join(pos[:5])}.")
    _start(visit, lines[0].po_id)
    return _count(visit, code, label)


def _start(visit: Visit, po_id: int) -> None:
    lines = queries.items_on_open_pos(site_id=visit.site_id, po_id=po_id)
    if not lines:
        raise WrongScan("This order takes no receipts.", "Scan another order.")
    place = locations.first_of_role(visit.site_id, "receiving")
    visit.state.update(
        po=po_id,
        number=lines[0].number,
        supplier=lines[0].supplier,
        place=place.location_id,
        place_code=place.code,
        owed=sum(line.owed for line in lines),
        counted=0,
        ticks=[],
    )


def _item_ids(label: Gs1Scan) -> list[int]:
    return sorted({hit.item_id for hits in catalog.find_codes(label.codes).values() for hit in hits})


def _count(visit: Visit, code: str, label: Gs1Scan) -> str:
    hits = [hit for found in catalog.find_codes(label.codes).values() for hit in found]
    on_po = {i.item_id: i for i in queries.items_on_open_pos(site_id=visit.site_id, po_id=visit.state["po"])}
    here = [hit for hit in hits if hit.item_id in on_po]
    if not hits:
        raise WrongScan(f"No item has the code “{code[:40]}”.", "Set it aside and ask the buyer.")
    if not here:
        raise WrongScan(f"{hits[0].sku} is not on {visit.state['number']}.", "Set it aside, or open its own order.")
    if len({hit.item_id for hit in here}) > 1:
        raise WrongScan("Several items of this order have that code.", "Scan or type the SKU.")
    line, hit = on_po[here[0].item_id], here[0]
    packs = label.quantity or label.count
    units = packs * hit.factor if packs else line.owed
    visit.state["count"] = {
        "item": line.item_id,
        "sku": line.sku,
        "name": line.name[:60],
        "units": 1 if line.tracking == "serial" else units,
        "owed": line.owed,
        "lot": (label.lot or label.serial) if line.tracking != "none" else "",
        "expires": label.expires_on.isoformat() if label.expires_on and line.has_expiry else "",
        "tracking": line.tracking,
        "has_expiry": line.has_expiry,
    }
    if hit.lot_id and hit.kind == "serial":
        visit.state["count"]["lot"] = code
    return _ask_next(visit.state, line)


def _ask_next(state: dict[str, object], line: ScannedItem | None = None) -> str:
    count = state["count"]
    assert isinstance(count, dict)
    state.pop("ask", None)
    if count["tracking"] != "none" and not count["lot"]:
        state["ask"] = "lot"
    elif count["has_expiry"] and not count["expires"] and not _known_date(count):
        state["ask"] = "expiry"
    elif count["units"] <= 0:
        state["ask"] = "units"
    return MORE if "ask" in state else OK


def _known_date(count: dict[str, object]) -> bool:
    lot = catalog.lots_by_code([(int(str(count["item"])), str(count["lot"]))])
    return any(row.expires_on is not None for row in lot.values())


def _date(text: str) -> date:
    try:
        if len(text) == 6 and text.isdigit():
            return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
        return date.fromisoformat(text)
    except ValueError:
        raise WrongScan(f"“{text[:20]}” is no date.", "Type it as 2027-01-31.") from None


def _book(visit: Visit, lpn: str, *, units: int = 0, quality: str = "available", reason: str = "") -> str:
    state, count = visit.state, visit.state["count"]
    counted = units or count["units"]
    done = commands.receive(
        visit.ctx(),
        Receive(
            po_id=state["po"],
            location_id=state["place"],
            lines=[
                CountedLine(
                    units=Units(counted),
                    item_id=count["item"],
                    lot=count["lot"],
                    expires_on=date.fromisoformat(count["expires"]) if count["expires"] else None,
                    lpn=lpn,
                    quality=quality,
                    reason=reason,
                )
            ],
        ),
    )
    _note(state, done, lpn, counted)
    rest = count["units"] - counted
    if rest > 0:
        count["units"] = rest
        return MORE
    state.pop("count")
    return DONE if done.owed_units == 0 else OK


def _note(state: dict[str, object], done: Received, lpn: str, units: int) -> None:
    count, ticks = state["count"], state["ticks"]
    assert isinstance(count, dict) and isinstance(ticks, list)
    worst = next((line.discrepancy for line in done.lines if line.discrepancy), "")
    text = f"{units:,} × {count['sku']}"
    ticks.insert(0, [text, worst or lpn or str(state["place_code"]), "warn" if worst else "ok"])
    del ticks[TICKS:]
    state.update(
        receipt=done.receipt_id,
        last=done.posting_id,
        last_text=text,
        last_units=units,
        owed=done.owed_units,
        counted=int(str(state["counted"])) + units,
    )


def acted(visit: Visit, action: str) -> str | Go:
    """A button."""
    state = visit.state
    if action == "undo" and state.get("last"):
        commands.take_back(visit.ctx(), TakeBack(state["last"]))
        state["counted"] -= state["last_units"]
        state["owed"] = sum(line.owed for line in queries.items_on_open_pos(site_id=visit.site_id, po_id=state["po"]))
        state["ticks"] = state["ticks"][1:]
        for name in ("last", "last_text", "last_units"):
            state.pop(name)
        return OK
    if action == "close" and state.get("receipt"):
        closed = commands.close_receipt(visit.ctx(), CloseReceipt(state["receipt"]))
        words = [f"{closed.number} closed", _rest(closed.owed_units), "warn" if closed.owed_units else "ok"]
        state.clear()
        state["ticks"] = [words]
        return DONE
    if "count" in state:
        if action == "loose":
            return _book(visit, "")
        if action == "leave":
            state.pop("count")
            state.pop("ask", None)
            return OK
        if action in ("units", "damaged"):
            state["ask"] = action
            return OK
    raise WrongScan("That button does nothing here.", "Scan what the screen asks for.")


def counted(visit: Visit, units: str, reason: str) -> str | Go:
    """The keypad: another quantity, or units to set aside as damaged."""
    state = visit.state
    if "count" not in state or state.get("ask") not in ("units", "damaged"):
        raise WrongScan("No number is asked for.", "Scan an item.")
    number = parse_units(units)
    if number <= 0:
        raise WrongScan(f"{number} makes no sense here.", "Type 1 or more.")
    if state.pop("ask") == "units":
        state["count"]["units"] = number
        return OK
    return _book(visit, "", units=number, quality="damaged", reason=reason or "damaged")


RECEIVE = ScanPage("receive", "inbound.receive", draw, scanned, acted, counted)


def _opens(code: str, viewer: Viewer) -> str | None:
    if not code.upper().startswith("PO-") or not viewer.may("inbound.receive"):
        return None
    return reverse("scan_receive")


SCAN_FLOWS = [
    ScanFlow("receive", "Receive", "scan_receive", "inbound.receive", order=10, note="Trucks and orders", opens=_opens)
]
urlpatterns = [path("scan/receive", RECEIVE.view, name="scan_receive")]
