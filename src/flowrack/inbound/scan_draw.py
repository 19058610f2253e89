"""What the receiving screen shows: one question at a time."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse

from flowrack.inbound import scan_asns, scan_docks, scan_lots, scan_packs
from flowrack.platform.web.scan import Keypad, ScanAction, ScanStep, Tick, Visit

PROBLEMS = (("crushed", "Crushed"), ("wet", "Wet"), ("leaking", "Leaking"), ("wrong label", "Wrong label"))


def draw(visit: Visit) -> ScanStep:
    """The question of the moment: pallet or order, item, lot, date, quantity, or where it stands."""
    state = visit.state
    common: dict[str, Any] = {"done": _ticks(visit), "held": tuple(state["held"]) if state.get("held") else None}
    if state.get("problem_at"):
        common["link"] = (
            "Add a photo of the problem",
            reverse("inbound_discrepancy_photos", args=[state["problem_at"]]),
        )
    if state.get("labels"):
        common["link"] = tuple(state["labels"])
    if state.get("cross") and "count" not in state and "problem" not in state:
        common["note"] = state["cross"]
    if "all" in state:
        return scan_asns.draw(visit, common)
    if "asn" in state and "count" not in state and not state.get("blind"):
        return scan_packs.draw(visit, common)
    if "po" not in state and not state.get("blind"):
        return ScanStep(
            task="Receive",
            prompt="Scan pallet or order",
            accepts="SSCC, order or ASN number, or any item that is due; a dock place to say where you are",
            sub=scan_docks.words(state),
            actions=[ScanAction("blind", "No reference", "hold for the buyer")],
            **common,
        )
    if state.get("blind"):
        common.update(task="No reference", undo=(state.get("last_blind") or ["", ""])[1])
    else:
        common.update(
            task=state["number"],
            undo=state.get("last_text", ""),
            progress=(state["counted"], max(state["counted"] + state["owed"], 1)),
        )
    count = state.get("count")
    return _draw_item(state, common) if count is None else _draw_count(state, count, common)


def _draw_item(state: dict[str, Any], common: dict[str, Any]) -> ScanStep:
    if state.get("blind"):
        return ScanStep(
            prompt="Scan item",
            sub="It waits in quarantine until the buyer decides",
            accepts=f"Item, case or GS1 label; a dock place changes {state['place_code']}",
            actions=[ScanAction("leave", "Back")],
            **common,
        )
    if state.get("closing"):
        return ScanStep(
            prompt="Close all the same?",
            sub=f"{state['number']}: {rest_words(state['owed'])}",
            note="The order goes on owing them: scan it again when they come.",
            actions=[ScanAction("leave", "Back"), ScanAction("close", "Close receipt", primary=True)],
            **common,
        )
    other = state.get("other_po")
    close = ScanAction("close", "Close receipt", rest_words(state["owed"]), primary=True, ghost=state["owed"] > 0)
    return ScanStep(
        prompt="Scan item",
        sub=f"{state['supplier']}; {scan_docks.words(state)}",
        accepts=f"Item, case or GS1 label; a dock place changes {state['place_code']}",
        actions=[
            ScanAction("blind", "No reference", "hold for the buyer"),
            *([ScanAction("change_po", f"Change to {other[1]}", primary=True)] if other else []),
            *([close] if state.get("receipt") and not other else []),
        ],
        **common,
    )


def _draw_count(state: dict[str, Any], count: dict[str, Any], common: dict[str, Any]) -> ScanStep:
    item: dict[str, Any] = {
        "item": f"{count['sku']} {count['name']}",
        "qty": f"{count['units']:,}",
        "qty_note": _lot_words(count),
    }
    if state.get("ask") == "lot":
        return ScanStep(
            prompt="Scan lot",
            accepts="Lot or serial number on the label",
            actions=[
                *([ScanAction("same_lot", "Same number", "both items have it")] if state.get("doubt") else []),
                ScanAction("leave", "Not this item"),
            ],
            **item,
            **common,
        )
    if state.get("ask") == "expiry":
        return ScanStep(
            prompt="Scan expiry date",
            accepts="GS1 date, or type 2027-01-31",
            actions=[ScanAction("leave", "Not this item")],
            **item,
            **common,
        )
    if state.get("ask") == "expired":
        return ScanStep(
            prompt="Take it in?",
            actions=[
                ScanAction("leave", "Not this item"),
                ScanAction("apart", "Take it in", "set apart", primary=True),
            ],
            **item,
            **common,
        )
    if state.get("ask") in ("units", "damaged"):
        return _draw_how_many(state, count, common)
    if state.get("over"):
        over = state["over"]
        common["actions"] = [
            ScanAction("units", "Quantity", f"{over['fits']:,} fit"),
            ScanAction("aside", "Set aside", "hold for the buyer"),
            ScanAction("leave", "Not this item"),
            ScanAction("ask_over", "Ask the supervisor", f"{over['units']:,} too many", primary=True),
        ]
        return ScanStep(prompt="Too many", note=over["why"], accepts="", **item, **common)
    return ScanStep(
        prompt="Scan pallet or place",
        sub=scan_docks.words(state),
        accepts="Pallet label, known or new; or a dock place. The same item again counts once more",
        actions=[
            *_all_of(state, count),
            ScanAction("units", "Quantity", f"{count['units']:,} counted"),
            *([] if state.get("blind") else [ScanAction("damaged", "Problem", "damaged, wet")]),
            ScanAction("leave", "Not this item"),
            ScanAction("loose", "Loose here", state["place_code"], primary=True),
        ],
        **item,
        **common,
    )


def _all_of(state: dict[str, Any], count: dict[str, Any]) -> list[ScanAction]:
    """The button for who wants to count all that is owed at once."""
    if state.get("blind") or count["tracking"] == "serial" or count["owed"] in (0, count["units"]):
        return []
    return [ScanAction("all", f"All {count['owed']:,}", "still owed")]


def _draw_how_many(state: dict[str, Any], count: dict[str, Any], common: dict[str, Any]) -> ScanStep:
    damaged = state["ask"] == "damaged"
    pad = Keypad(
        0 if damaged else count["units"],
        f"of {count['units']}, {count['sku']}" if damaged else _of_words(state, count),
        PROBLEMS if damaged else (),
        "Set aside" if damaged else "Count",
        "What is wrong with them?" if damaged else "",
        usual=0 if damaged else count["usual"],
    )
    return ScanStep(
        prompt="How many damaged?" if damaged else "How many?",
        item=f"{count['sku']} {count['name']}",
        keypad=pad,
        **{**common, "actions": [ScanAction("leave", "Not this item")]},
    )


def _of_words(state: dict[str, Any], count: dict[str, Any]) -> str:
    return str(count["sku"]) if state.get("blind") else f"owed {count['owed']}, {count['sku']}"


def rest_words(owed: int) -> str:
    return f"{owed:,} units missing" if owed else "all here"


def _lot_words(count: dict[str, object]) -> str:
    lot = f"lot {count['lot']}" if count["lot"] else ""
    until = f"until {scan_lots.day_words(date.fromisoformat(str(count['expires'])))}" if count["expires"] else ""
    return ", ".join(part for part in (lot, until) if part)


def _ticks(visit: Visit) -> list[Tick]:
    return [Tick(text, end, kind) for text, end, kind in visit.state.get("ticks", [])]
