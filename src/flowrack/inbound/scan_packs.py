"""Receive by scan, whole pallets: one scan of the SSCC; what is wrong with the last one is said afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flowrack.catalog import queries as catalog
from flowrack.dock import queries as dock
from flowrack.dock import queries_deliveries as deliveries
from flowrack.dock.queries import AsnLineRow, PackRow
from flowrack.inbound import (
    commands_packs,
    queries,
    queries_discrepancies,
    queries_lots,
    scan_docks,
    scan_lots,
    scan_over,
    steps_cross_docks,
)
from flowrack.inbound.types import CrossDocked, DeliveryTakenBack, LotOfAnotherItem, Received, TakeBackDelivery
from flowrack.inbound.types_discrepancies import NotTolerated, PackLine, PackReceived, ReceivePack
from flowrack.platform.http import now
from flowrack.platform.runner import Context
from flowrack.platform.web.scan import DONE, HELD, MORE, OK, WRONG, Keypad, ScanAction, ScanStep, Visit, WrongScan
from flowrack.purchasing.types import OverReceipt
from flowrack.shared.gs1 import Gs1Scan

PROBLEMS = (("missing", "Missing"), ("crushed", "Crushed"), ("wet", "Wet"), ("wrong label", "Wrong label"))


def receive(visit: Visit, sscc: str, confirmed: Sequence[PackLine] = (), *, is_sure: bool = False) -> str:
    """The pallet comes as announced; the receipts, the putaway and the notice follow from the one scan.

    `confirmed` are lines of which somebody read the lot again. Expired goods are warned of first; `is_sure`: the pallet
    was scanned again after that.
    """
    state = visit.state
    if not confirmed and not is_sure and (why := _expired_on(visit, sscc)):
        state["expired_pack"] = sscc
        state["held"] = ["Expired", why]
        return HELD
    req = ReceivePack(sscc, state["place"], list(confirmed), is_bin_asked=True)
    try:
        done = commands_packs.receive_pack(visit.ctx(), req)
    except LotOfAnotherItem as refusal:
        if confirmed:
            raise
        _ask_about_lots(state, sscc, refusal)
        return WRONG
    except (OverReceipt, NotTolerated) as refusal:
        if not scan_over.too_many_of_pack(state, sscc, refusal.message):
            raise
        _show_asn(state, sscc)
        return WRONG
    pack = dock.pack_by_sscc(sscc)
    lines = pack.lines if pack else []
    state["pack"] = {
        "sscc": sscc,
        "postings": done.posting_ids,
        "line": _line(lines[0]) if len(lines) == 1 else None,
        "what": _what(lines),
    }
    _note(visit, done)
    if state.get("held"):
        return HELD
    return DONE if state["asn_left"] == 0 else OK


def _expired_on(visit: Visit, sscc: str) -> str:
    """What of a pallet that waits to be counted is past its date, in words; "" when nothing is. The screen is then that
    of its ASN."""
    seen = dock.pack_by_sscc(sscc)
    waiting = [line for line in seen.lines if line.has_expiry and not line.received_units] if seen else []
    if not waiting:
        return ""
    today = queries.dock(visit.state["place"], po_id=0, now=now()).today
    known = queries_lots.dates_of_lots([(line.item_id, line.lot) for line in waiting])
    past = [
        (line, until)
        for line in waiting
        if (until := known.get((line.item_id, line.lot), (None, 0))[0] or line.expires_on) and until < today
    ]
    if not past:
        return ""
    _show_asn(visit.state, sscc)
    first, until = past[0]
    more = f", and {len(past) - 1:,} more lines" if len(past) > 1 else ""
    return (
        f"{first.units:,} of {first.sku} were good until {scan_lots.day_words(until)}{more}."
        " Scan the pallet again to take it in: they are set apart for the buyer."
    )


def _show_asn(state: dict[str, Any], sscc: str) -> PackRow:
    """The screen is that of the ASN with this pallet."""
    seen = dock.pack_by_sscc(sscc)
    assert seen is not None, "its lines were read"
    packs, left = deliveries.floor_packs(seen.asn_id)
    state.update(asn=seen.asn_number, asn_packs=packs, asn_left=left)
    return seen


def _ask_about_lots(state: dict[str, Any], sscc: str, refusal: LotOfAnotherItem) -> None:
    """Keep the lines whose lots only other items are known to have, so that a person may read the labels again."""
    lines = [line for line in _show_asn(state, sscc).lines if line.lot and not line.received_units]
    doubtful = [lines[n] for n, _ in queries_lots.lots_of_others([(line.item_id, line.lot) for line in lines])]
    state["doubt_pack"] = {
        "sscc": sscc,
        "why": refusal.message,
        "lines": [[line.asn_line_id, line.units, line.sku, line.lot] for line in doubtful],
    }


def same_lots(visit: Visit) -> str:
    """The labels were read again: the items of the pallet have these lots."""
    doubt = visit.state.pop("doubt_pack")
    confirmed = [PackLine(line_id, units, is_lot_confirmed=True) for line_id, units, _, _ in doubt["lines"]]
    return receive(visit, doubt["sscc"], confirmed)


def _line(line: AsnLineRow) -> list[Any]:
    return [line.asn_line_id, line.item_id, line.sku, line.units, line.name[:40]]


def _what(lines: Sequence[AsnLineRow]) -> str:
    """What stands on a pallet, in words: its item, or how many items."""
    if len({line.item_id for line in lines}) == 1:
        return f"{lines[0].sku} {lines[0].name[:40]}"
    return f"{len({line.item_id for line in lines})} items"


def bins_of(receipts: Sequence[Received]) -> str:
    """Where the goods of receipts are taken, in words; "" when the worker says it later."""
    bins = list(dict.fromkeys(one.location for done in receipts for one in done.putaways if one.location))
    if not bins:
        return ""
    return f"take to {', '.join(bins[:3])}{f' and {len(bins) - 3:,} more' if len(bins) > 3 else ''}"


def _note(visit: Visit, done: PackReceived) -> None:
    state = visit.state
    words = [f"{units:,} {word}" for units, word in ((done.held_units, "held"), (done.short_units, "short")) if units]
    set_apart = sum(x.units for r in done.receipts for x in r.lines if x.quality in ("expired", "hold"))
    if set_apart:
        words.append(f"{set_apart:,} set apart")
        state["held"] = scan_lots.why_held(f"{set_apart:,} of {done.sscc[-6:]}", done.posting_ids)
    bins = bins_of(done.receipts)
    end = ", ".join([*words, bins] if bins else words) or state["place_code"]
    ticks: list[list[str]] = state.setdefault("ticks", [])
    kind = "warn" if words else "ok"
    tell_cross_docks(state, [one for receipt in done.receipts for one in receipt.cross_docks])
    ticks.insert(0, [f"{done.units:,} × {state['pack']['what']}", end, kind])
    del ticks[5 + state["crossed"] :]  # every order that waits is named
    packs, left = deliveries.floor_packs(done.asn_id)
    state.update(asn=done.asn_number, asn_packs=packs, asn_left=left)
    if newest := queries_discrepancies.newest_of(done.posting_ids):
        state["problem_at"] = newest


def tell_cross_docks(state: dict[str, Any], made: Sequence[CrossDocked]) -> None:
    """What of the goods goes to which door, below the line of the count, and where its labels are."""
    ticks: list[list[str]] = state.setdefault("ticks", [])
    for one in reversed(made):
        place = f"door {one.door}" if one.door else one.staging
        ticks.insert(0, [f"{one.units:,} to {one.order_number}", place, "wait"])
    state["crossed"] = len(made)
    state["labels"] = steps_cross_docks.labels(made)
    total = sum(one.units for one in made)
    places = ", ".join(dict.fromkeys(one.staging for one in made))
    state["cross"] = f"Do not put {total:,} away: orders wait. Take them to {places}." if made else ""


def drop_ticks(state: dict[str, Any]) -> None:
    """The last count is undone, and with it what went to doors."""
    state["ticks"] = state["ticks"][1 + state.pop("crossed", 0) :]
    state.pop("labels", None)
    state.pop("cross", None)


def is_pack(sscc: str) -> bool:
    """Whether a delivery that is on its way has this pallet."""
    return bool(sscc) and dock.pack_by_sscc(sscc) is not None


def draw(visit: Visit, common: dict[str, Any]) -> ScanStep:
    """The next pallet, or what is wrong with the last one."""
    state = visit.state
    common["task"] = state["asn"]
    common["progress"] = (state["asn_packs"] - state["asn_left"], max(state["asn_packs"], 1))
    problem = state.get("problem")
    if problem is not None and "line" not in problem:
        return ScanStep(
            prompt="Scan the item",
            accepts="The item of which something is missing or damaged",
            actions=[ScanAction("pack_fine", "Nothing is wrong")],
            **common,
        )
    if problem is not None:
        line = problem["line"]
        return ScanStep(
            prompt="How many missing or damaged?",
            sub=f"{line[2]} {line[4]}",
            keypad=Keypad(0, f"of {line[3]:,}, {line[2]}", PROBLEMS, "Put on record"),
            actions=[ScanAction("pack_fine", "Nothing is wrong")],
            **common,
        )
    over = state.get("over_pack")
    if over:
        units = sum(line[2] for line in over["lines"])
        common["actions"] = [
            ScanAction("leave", "Set it aside"),
            ScanAction("ask_over", "Ask the supervisor", f"{units:,} too many", primary=True),
        ]
        return ScanStep(prompt="Too many", note=over["why"], accepts="Or scan the next pallet", **common)
    if state.get("expired_pack"):
        common["actions"] = [ScanAction("leave", "Set it aside")]
        return ScanStep(
            prompt="Scan it again to take it in",
            sub=f"Pallet {state['expired_pack'][-6:]}; {scan_docks.words(state)}",
            accepts="The same pallet again, or the next one",
            **common,
        )
    doubt = state.get("doubt_pack")
    if doubt:
        named = "; ".join(f"{sku} lot {lot}" for _, _, sku, lot in doubt["lines"][:3])
        common["actions"] = [
            ScanAction("leave", "Set it aside"),
            ScanAction("same_lot", "Same number", named, primary=True),
        ]
        return ScanStep(
            prompt="Read the lot again",
            note=doubt["why"],
            sub="Both items may really have this number",
            accepts="The pallet again, or the next one",
            **common,
        )
    pack = state.get("pack")
    actions = [ScanAction("blind", "No reference", "hold for the buyer")]
    if pack and not pack.get("is_asn"):
        actions = [ScanAction("pack_problem", "Problem", "short, damaged"), *actions]
    return ScanStep(
        prompt="Scan pallet",
        sub=f"{_left(state)}; {scan_docks.words(state)}",
        accepts=f"SSCC, order or item; a dock place changes {state['place_code']}",
        actions=actions,
        undo=pack["sscc"][-6:] if pack else "",
        **common,
    )


def _left(state: dict[str, Any]) -> str:
    return f"{state['asn_left']} more to come" if state["asn_left"] else "all pallets are here"


Undo = Callable[[Context, TakeBackDelivery], DeliveryTakenBack]


def undo(visit: Visit, take_back: Undo) -> str:
    """Take the last pallet, or the whole ASN, back: all of it or nothing."""
    pack = visit.state.pop("pack")
    take_back(visit.ctx("back"), TakeBackDelivery(pack["postings"]))
    visit.state["asn_left"] = deliveries.floor_packs(dock.ids_of_asns([visit.state["asn"]])[visit.state["asn"]])[1]
    drop_ticks(visit.state)
    visit.state.pop("problem_at", None)
    return OK


def begin_problem(visit: Visit) -> str:
    """Something is wrong with the last pallet: which item, then how many."""
    if visit.state["pack"].get("is_asn"):
        return ""
    line = visit.state["pack"]["line"]
    visit.state["problem"] = {"line": line} if line else {}
    return MORE


def problem_item(visit: Visit, label: Gs1Scan) -> str:
    """The item that is meant."""
    ids = {hit.item_id for hits in catalog.find_codes(label.codes).values() for hit in hits}
    pack = dock.pack_by_sscc(visit.state["pack"]["sscc"])
    line = next((line for line in pack.lines if line.item_id in ids), None) if pack else None
    if line is None:
        raise WrongScan("That is not on this pallet.", "Scan an item of the pallet.")
    visit.state["problem"]["line"] = _line(line)
    return MORE


def problem_units(visit: Visit, units: int, reason: str, take_back: Undo) -> str:
    """The pallet is counted again with what is missing or damaged; its first count is taken back."""
    state = visit.state
    asn_line_id, _, sku, announced, _ = state["problem"]["line"]
    if units > announced:
        raise WrongScan(f"The notice says {announced:,} of {sku}.", f"Type {announced} or less.")
    is_missing = reason in ("", "missing")
    line = PackLine(
        asn_line_id,
        announced - units if is_missing else announced,
        damaged_units=0 if is_missing else units,
        reason=reason,
    )
    take_back(visit.ctx("back"), TakeBackDelivery(state["pack"]["postings"]))
    again = ReceivePack(state["pack"]["sscc"], state["place"], [line])
    done = commands_packs.receive_pack(visit.ctx("again"), again)
    drop_ticks(state)
    state["pack"]["postings"] = done.posting_ids
    state.pop("problem")
    _note(visit, done)
    if not is_missing:
        state["ticks"][0][1:] = [f"{units:,} {reason}", "warn"]
    return OK
