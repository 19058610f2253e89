"""Receive by scan: a whole pallet by its SSCC; or the order, then for each line the item and where it stands; or
without a reference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.urls import path, reverse

from flowrack.dock import queries_deliveries as deliveries
from flowrack.inbound import (
    commands,
    queries,
    queries_discrepancies,
    scan_asns,
    scan_blind,
    scan_counts,
    scan_docks,
    scan_lots,
    scan_over,
    scan_packs,
)
from flowrack.inbound.scan_draw import draw, rest_words
from flowrack.inbound.types import CloseReceipt, CountedLine, Receive, Received, TakeBack
from flowrack.locations import queries as locations
from flowrack.platform.web.scan import (
    DONE,
    HELD,
    MORE,
    OK,
    WRONG,
    Go,
    ScanFlow,
    ScanPage,
    Visit,
    WrongScan,
)
from flowrack.platform.web.viewer import Viewer
from flowrack.purchasing import queries as purchasing
from flowrack.shared import gs1
from flowrack.shared.gs1 import Gs1Scan
from flowrack.shared.quantity import Units, parse_units

TICKS = 5
SET_APART = ("expired", "hold", "quarantine")


def scanned(visit: Visit, code: str) -> str | Go:
    """One scan, read by what the screen asks."""
    state = visit.state
    label = gs1.parse_or_number(code) if state.get("ask") == "lot" else gs1.parse(code)
    scan_lots.refuse_dates(label)
    warned_of = state.pop("expired_pack", "")
    for name in ("held", "over_pack", "doubt_pack", "closing", "other_po"):
        state.pop(name, None)
    if "problem" in state:
        return scan_packs.problem_item(visit, label)
    if "count" not in state and (whole := _whole(visit, code, label, warned_of)):
        return whole
    if state.get("ask"):
        return _answer(visit, code, label)
    place = locations.find_by_code(visit.site_id, [code]).get(code)
    if place is not None:
        scan_docks.said(state, place)
        return _book(visit, "") if state.get("count") else OK
    if state.get("count"):
        is_item = label.gtin or scan_counts.item_ids(label)
        return scan_counts.once_more(visit, code, label) if is_item else _book(visit, label.sscc or code)
    return scan_counts.count(visit, code, label) if "po" in state or state.get("blind") else _open(visit, code, label)


def _whole(visit: Visit, code: str, label: Gs1Scan, warned_of: str) -> str:
    """A pallet of an ASN, or the number of an ASN; empty when the scan is neither. Of the pallet `warned_of` somebody
    was told that goods on it are expired."""
    state = visit.state
    state.pop("all", None)
    is_asn = code.upper().startswith("ASN-")
    if not is_asn and not scan_packs.is_pack(label.sscc):
        return ""
    if is_asn:
        return OK if scan_asns.find(visit, code) else ""
    coming = deliveries.coming_on_pack(label.sscc)
    scan_docks.stand_at(visit, asn_id=coming.asn_id if coming else 0, po_ids=coming.po_ids if coming else ())
    for name in ("po", "number", "blind", "receipt", "last", "last_text", "last_units", "pack", "problem_at"):
        state.pop(name, None)
    return scan_packs.receive(visit, label.sscc, is_sure=label.sscc == warned_of)


def _answer(visit: Visit, code: str, label: Gs1Scan) -> str:
    """The scan answers a question about the item."""
    state = visit.state
    if state["ask"] == "lot":
        return scan_lots.lot(visit, label.lot or label.serial or code)
    if state["ask"] == "expiry":
        state["count"]["expires"] = (label.expires_on or scan_lots.day(code)).isoformat()
        return scan_lots.ask_next(state)
    if state["ask"] == "expired":
        raise WrongScan("These goods are expired.", "Tap Take it in, or Not this item.")
    raise WrongScan("A number is asked for.", "Type it and press Enter or tap the button below, or tap Not this item.")


def _open(visit: Visit, code: str, label: Gs1Scan) -> str:
    found = purchasing.find_open(site_id=visit.site_id, number=code)
    if found:
        _start(visit, found[0][0])
        return OK
    ids = scan_counts.item_ids(label)
    lines = queries.items_on_open_pos(site_id=visit.site_id, item_ids=ids) if ids else []
    pos = list(dict.fromkeys(line.number for line in lines))
    if not lines:
        raise WrongScan(
            f"No open order has “{code[:40]}”.", "Scan the order number on the delivery note, or tap No reference."
        )
    if len(pos) > 1:
        raise WrongScan(f"{len(pos)} orders wait for {lines[0].sku}.", f"Scan one of them: {', '.join(pos[:5])}.")
    _start(visit, lines[0].po_id)
    return scan_counts.count(visit, code, label)


def _start(visit: Visit, po_id: int) -> None:
    lines = queries.items_on_open_pos(site_id=visit.site_id, po_id=po_id)
    if not lines:
        raise WrongScan("This order takes no receipts.", "Scan another order.")
    scan_docks.stand_at(visit, po_ids=[po_id])
    for name in ("asn", "pack", "problem_at", "blind", "receipt", "last", "last_text", "last_units", "other_po"):
        visit.state.pop(name, None)
    visit.state.update(
        po=po_id,
        number=lines[0].number,
        supplier=lines[0].supplier,
        owed=sum(line.owed for line in lines),
        counted=0,
        ticks=[],
    )


def _book(visit: Visit, lpn: str, *, units: int = 0, quality: str = "available", reason: str = "") -> str:
    state, count = visit.state, visit.state["count"]
    counted = units or count["units"]
    if state.get("blind"):
        scan_blind.book(visit, lpn, counted)
        state.pop("count")
        return OK
    done = scan_over.receive(
        visit,
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
                    produced_on=date.fromisoformat(count["made"]) if count["made"] else None,
                    is_lot_confirmed=count["sure"],
                )
            ],
            is_bin_asked=True,
        ),
        commands.receive,
    )
    if done is None:
        return WRONG
    _note(state, done, lpn, counted)
    rest = count["units"] - counted
    if rest > 0:
        count["units"] = rest
        return HELD if state.get("held") else MORE
    state.pop("count")
    if state.get("held"):
        return HELD
    return DONE if done.owed_units == 0 else OK


def _note(state: dict[str, object], done: Received, lpn: str, units: int) -> None:
    count, ticks = state["count"], state["ticks"]
    assert isinstance(count, dict) and isinstance(ticks, list)
    worst = next((line.discrepancy for line in done.lines if line.discrepancy), "").replace("_", " ")
    if worst:
        state["problem_at"] = queries_discrepancies.newest_of([done.posting_id])
    text = f"{units:,} × {count['sku']} {count['name']}"
    if any(line.quality in SET_APART for line in done.lines):
        state["held"] = scan_lots.why_held(text, [done.posting_id])
    scan_packs.tell_cross_docks(state, done.cross_docks)
    bins = " ".join(dict.fromkeys(one.location for one in done.putaways if one.location))
    end = ", ".join(words for words in (worst, f"take to {bins}" if bins else lpn or str(state["place_code"])) if words)
    ticks.insert(0, [text, end, "warn" if worst else "ok"])
    del ticks[TICKS + len(done.cross_docks) :]  # every order that waits is named
    state.update(
        receipt=done.receipt_id,
        last=done.posting_id,
        last_text=f"{units:,} × {count['sku']}",
        last_units=units,
        owed=done.owed_units,
        counted=int(str(state["counted"])) + units,
    )


def acted(visit: Visit, action: str) -> str | Go:
    """A button."""
    visit.state.pop("held", None)
    act = BUTTONS.get(action)
    outcome = act(visit) if act else ""
    if not outcome:
        raise WrongScan("That button does nothing here.", "Scan what the screen asks for.")
    return outcome


def _undo(visit: Visit) -> str:
    state = visit.state
    if state.get("blind") and state.get("last_blind"):
        return scan_blind.undo(visit)
    if state.get("pack"):
        return scan_packs.undo(visit, commands.take_back_delivery)
    if not state.get("last"):
        return ""
    commands.take_back(visit.ctx(), TakeBack(state["last"]))
    state["counted"] -= state["last_units"]
    state["owed"] = sum(line.owed for line in queries.items_on_open_pos(site_id=visit.site_id, po_id=state["po"]))
    scan_packs.drop_ticks(state)
    for name in ("last", "last_text", "last_units", "problem_at"):
        state.pop(name, None)
    return OK


def _close(visit: Visit) -> str:
    state = visit.state
    if not state.get("receipt"):
        return ""
    if state["owed"] and not state.get("closing"):
        state["closing"] = True
        return MORE
    closed = commands.close_receipt(visit.ctx(), CloseReceipt(state["receipt"]))
    words = [f"{closed.number} closed", rest_words(closed.owed_units), "warn" if closed.owed_units else "ok"]
    stands = {name: state[name] for name in scan_docks.PLACE if name in state}
    state.clear()
    state.update(stands, ticks=[words])
    return DONE


def _blind(visit: Visit) -> str:
    """What comes now has no order; the next pallet, order or Back ends it."""
    if "count" in visit.state:
        return ""
    scan_docks.stand_at(visit)
    visit.state["blind"] = True
    return OK


def _leave(visit: Visit) -> str:
    state = visit.state
    asked = {"over_pack", "doubt_pack", "expired_pack", "closing"} & state.keys()
    for name in asked:
        state.pop(name)
    if asked:
        return OK
    if "count" not in state:
        return OK if state.pop("blind", False) else ""
    for name in ("count", "ask", "doubt", "over"):
        state.pop(name, None)
    return OK


def _same_lot(visit: Visit) -> str:
    if visit.state.get("doubt_pack"):
        return scan_packs.same_lots(visit)
    return scan_lots.same_lot(visit) if visit.state.get("doubt") else ""


def _change_po(visit: Visit) -> str:
    other = visit.state.get("other_po")
    if not other:
        return ""
    _start(visit, other[0])
    return OK


def _ask(what: str) -> Callable[[Visit], str]:
    def ask(visit: Visit) -> str:
        visit.state.pop("over", None)
        if "count" not in visit.state or (what == "damaged" and visit.state.get("blind")):
            return ""
        visit.state["ask"] = what
        return OK

    return ask


BUTTONS: dict[str, Callable[[Visit], str]] = {
    "undo": _undo,
    "close": _close,
    "blind": _blind,
    "leave": _leave,
    "same_lot": _same_lot,
    "units": _ask("units"),
    "all": scan_counts.all_owed,
    "damaged": _ask("damaged"),
    "loose": lambda visit: _book(visit, "") if "count" in visit.state else "",
    "ask_over": scan_over.ask,
    "aside": scan_over.aside,
    "apart": scan_lots.take_in_apart,
    "change_po": _change_po,
    "all_yes": scan_asns.receive,
    "all_no": lambda visit: OK if visit.state.pop("all", None) else "",
    "pack_problem": lambda visit: scan_packs.begin_problem(visit) if visit.state.get("pack") else "",
    "pack_fine": lambda visit: OK if visit.state.pop("problem", None) is not None else "",
}


def counted(visit: Visit, units: str, reason: str) -> str | Go:
    """The keypad: another quantity, or units to set aside as damaged."""
    state = visit.state
    state.pop("held", None)
    if "problem" in state:
        number = parse_units(units)
        if number <= 0:
            raise WrongScan(f"{number} makes no sense here.", "Type 1 or more, or tap Nothing is wrong.")
        return scan_packs.problem_units(visit, number, reason, commands.take_back_delivery)
    if "count" not in state or state.get("ask") not in ("units", "damaged"):
        raise WrongScan("No number is asked for.", "Scan an item.")
    number = parse_units(units)
    if number <= 0:
        raise WrongScan(f"{number} makes no sense here.", "Type 1 or more.")
    if state.pop("ask") == "units":
        state["count"]["units"] = number
        return OK
    if not reason:
        raise WrongScan("What is wrong with them?", "Tap what you see, then Set aside.")
    return _book(visit, "", units=number, quality="damaged", reason=reason)


RECEIVE = ScanPage("receive", "inbound.receive", draw, scanned, acted, counted)


def _opens(code: str, viewer: Viewer) -> str | None:
    if not code.upper().startswith(("PO-", "ASN-")) or not viewer.may("inbound.receive"):
        return None
    return reverse("scan_receive")


SCAN_FLOWS = [
    ScanFlow(
        "receive",
        "Receive",
        "scan_receive",
        "inbound.receive",
        order=10,
        note="Trucks and orders",
        opens=_opens,
        starts=("purchase order", "ASN"),
    )
]
urlpatterns = [path("scan/receive", RECEIVE.view, name="scan_receive")]
