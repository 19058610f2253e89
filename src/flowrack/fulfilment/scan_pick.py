"""Picking a list with a scanner: what each scan and each button means. Two scans a line, and one for the cart."""

from __future__ import annotations

from django.urls import reverse

from flowrack.catalog import queries as catalog
from flowrack.fulfilment import commands, queries, queries_lists, queries_short
from flowrack.fulfilment.queries import PickRow
from flowrack.fulfilment.scan_list import Work, counts, draw, is_with_another, stage_of, wants_tote, work_of
from flowrack.fulfilment.scan_parts import item_of, sites_with
from flowrack.fulfilment.states import ListState, UnitKind
from flowrack.fulfilment.types import ConfirmPicks, Pick, ShortPick, UndoPick
from flowrack.fulfilment.types_lists import (
    ChangeTote,
    ListIsTaken,
    ReturnList,
    SwapLot,
    TakeList,
    TakeNextList,
    UseCart,
)
from flowrack.fulfilment.types_short import UndoShort
from flowrack.locations import queries as places
from flowrack.locations.types import LpnKind
from flowrack.platform.web.scan import DONE, MORE, OK, WRONG, ScanPage, Visit
from flowrack.platform.web.scan import WrongScan as Wrong
from flowrack.platform.web.viewer import Viewer
from flowrack.shared import gs1
from flowrack.shared.gs1 import Gs1Scan

MOST_DIGITS = 3  # of a number that is a quantity; a longer one may well be the code of an item
KEPT = ("zone",)  # what a device keeps when it goes on to another list


def _begin(visit: Visit) -> None:
    """A list that this person has on this device is gone on with."""
    mine = queries_lists.list_with(visit.viewer.user.pk, visit.ctx().device, visit.ctx().now)
    if mine:
        visit.state.update({"list": mine[0], "number": mine[1]})


def _open(visit: Visit, list_id: int, number: str, *, take_over: bool = False) -> str:
    try:
        commands.take_list(visit.ctx("take"), TakeList(list_id, take_over))
    except ListIsTaken as refusal:
        is_own = refusal.message.startswith("You have")
        visit.state["ask"] = [list_id, number, "" if is_own else refusal.details["taken_by"]]
        return MORE
    _go_to(visit, list_id, number)
    return OK


def _go_on(visit: Visit, said: str) -> str:
    """A list that this person began and left, on this device or on another."""
    mine = queries_lists.lists_of(visit.viewer.user.pk, visit.site_id, visit.ctx().now)
    for list_id, number, *_ in mine:
        if str(list_id) == said:
            return _open(visit, list_id, number, take_over=True)  # from oneself: the other device is left
    raise Wrong("You do not have that list any more.", "Tap Next list, or scan a list.")


def _found_after_all(visit: Visit, said: str) -> str:
    """What this person told of as short a while ago, and left, is there: its list is gone on with."""
    mine = queries_short.own_shorts(visit.viewer.user.pk, visit.site_id, visit.ctx().now)
    one = next((one for one in mine if str(one.pick_id) == said), None)
    if one is None:
        raise Wrong("That short pick is settled.", "Leave the units in their bin: its count finds them.")
    commands.undo_short(visit.ctx("found"), UndoShort(one.pick_id))
    return _open(visit, one.list_id, one.number)


def _go_to(visit: Visit, list_id: int, number: str) -> None:
    kept = {name: visit.state[name] for name in KEPT if name in visit.state}
    visit.state.clear()
    visit.state.update({**kept, "list": list_id, "number": number})


def _next(visit: Visit) -> str:
    zone = visit.state.get("zone", [0])[0]
    taken = commands.take_next_list(visit.ctx("next"), TakeNextList(visit.site_id, zone))
    if not taken.list_id:
        kept = {name: visit.state[name] for name in KEPT if name in visit.state}
        visit.state.clear()
        visit.state.update(kept)
        return OK
    _go_to(visit, taken.list_id, taken.number)
    return OK


def _scanned_at_start(visit: Visit, code: str) -> str:
    """A list's number, a wave's (its first free list), or a zone's code."""
    sites = sites_with(visit.viewer, "fulfilment.pick")
    found = queries_lists.list_named(code.strip().upper(), sites, visit.ctx().now)
    if found is not None:
        return _open(visit, *found)
    zone = next((z for z in places.zones(visit.site_id) if z.code.upper() == code.strip().upper()), None)
    if zone is not None:
        visit.state["zone"] = [zone.zone_id, zone.code]
        return OK
    raise Wrong(f"“{code[:40]}” is no list that waits.", "Scan a list, a wave or a zone, or tap Next list.")


def _scanned(visit: Visit, code: str) -> str:
    for asked in ("ask", "swap", "rest"):
        visit.state.pop(asked, None)
    if "list" not in visit.state:
        return _scanned_at_start(visit, code)
    work = work_of(visit)
    if visit.state.get("cart") != "no" and work.needs_cart and queries_lists.carts(work.head.site_id):
        commands.use_cart(visit.ctx(), UseCart(work.head.id, code))
        return OK
    if work.pick is None:
        return _scanned_at_start(visit, code)
    _check_mine(visit, work)
    if visit.state.get("found"):
        return _found_into(visit, work, code)
    if visit.state.get("short"):
        raise Wrong("A quantity is asked.", "Tap how many are there, or Back.")
    return _scanned_for(visit, work, work.pick, code)


def _check_mine(visit: Visit, work: Work) -> None:
    """Another person has the list by now: what is in the hand goes to them, nothing is booked twice."""
    head = work.head
    if is_with_another(visit, work):
        raise Wrong(f"{head.taken_by} has {head.number} now.", "Give them what you hold; tap Give back.")


def _scanned_for(visit: Visit, work: Work, pick: PickRow, code: str) -> str:
    scan = gs1.parse(code)
    seen = visit.state.get("at", {})
    if seen.get("pick") != pick.id:
        if code == visit.state.get("beep"):
            return OK  # the trigger was pulled twice: that tote was scanned for the pick before
        seen = {"pick": pick.id}
    _check_units(visit, pick)
    stage = stage_of(visit, work)
    if stage == "tote" and code == seen.get("code"):
        return MORE  # the trigger was pulled twice
    if stage == "tote":
        return _tote_scanned(visit, work, pick, scan)
    if pick.location in (code, code.upper()):
        visit.state["at"] = {**seen, "bin": True}
        return MORE
    if stage == "bin":
        _refuse_place(pick, code)
        raise Wrong("The bin comes first here.", f"Scan the label of {pick.location}.")
    return _item_scanned(visit, work, pick, scan, {**seen, "code": code})


def _check_units(visit: Visit, pick: PickRow) -> None:
    """The customer wants fewer since the screen was drawn: what is in the hand is too much, and nothing is booked."""
    shown = visit.state.get("shown")
    if shown and shown[0] == pick.id and shown[1] > pick.units:
        visit.state.pop("at", None)
        raise Wrong(
            f"{pick.units:,} now, not {shown[1]:,}.",
            f"The customer wants fewer: put {shown[1] - pick.units:,} back, then scan again.",
        )


def _item_scanned(visit: Visit, work: Work, pick: PickRow, scan: Gs1Scan, seen: dict[str, object]) -> str:
    """The item (or its pallet, or its lot), and with a rule that counts, each unit of it."""
    lot = scan.lot or scan.serial
    is_plate = bool(pick.lpn) and pick.lpn in (scan.raw, scan.sscc)
    if stage_of(visit, work) == "lot" and not is_plate and not scan.gtin and item_of(scan) is None:
        return _lot_scanned(visit, work, pick, lot or scan.raw.strip(), seen)
    other = _other_lot(pick, scan)
    if other:
        visit.state["swap"] = [pick.id, other]
        return WRONG
    units = _units_of(pick, scan)
    tells_lot = bool(lot) or (is_plate and work.mixed is not None and not work.mixed.on_its_plate)
    seen = {**seen, "item": True, "lot": tells_lot or bool(seen.get("lot"))}
    if counts(work):
        so_far = int(str(seen.get("n", 0))) + units
        if so_far > pick.units:
            raise Wrong(f"That is {so_far:,}, {pick.units:,} are asked.", "Put back what is too much.")
        seen["n"] = so_far
    visit.state["at"] = seen
    return _maybe_confirm(visit, work, pick)


def _lot_scanned(visit: Visit, work: Work, pick: PickRow, said: str, seen: dict[str, object]) -> str:
    """The lot by itself: as it is written, with or without its "10", in any case. Another lot of the item is asked."""
    told = [said.upper(), said.upper().removeprefix("10")]
    if pick.lot.upper() in told:
        visit.state["at"] = {**seen, "lot": True}
        return _maybe_confirm(visit, work, pick)
    for code in dict.fromkeys([said, *told]):
        if catalog.lots_by_code([(pick.item_id, code)]):
            visit.state["swap"] = [pick.id, code]
            return WRONG
    raise Wrong(f"{pick.sku} has no lot {said[:40]}.", f"Scan the lot {pick.lot}: it stands on the label.")


def _other_lot(pick: PickRow, scan: Gs1Scan) -> str:
    """The lot that the scan names when it is the right item of another lot; "" otherwise."""
    lot = scan.lot or scan.serial
    found = item_of(scan) if lot and pick.lot and lot != pick.lot else None
    return lot if found is not None and found[0] == pick.item_id and lot else ""


def _maybe_confirm(visit: Visit, work: Work, pick: PickRow) -> str:
    """A whole pallet needs no tote: it is picked as it stands."""
    if work.head.unit_kind == UnitKind.PALLET and stage_of(visit, work) == "tote":
        return _confirm(visit, pick, 0, "")
    return MORE


def _units_of(pick: PickRow, scan: Gs1Scan) -> int:
    """Units of one scan, which names the item (and the lot, where it says one) of the pick, or the LPN to take from."""
    if pick.lpn and pick.lpn in (scan.raw, scan.sscc):
        return pick.units
    found = item_of(scan)
    if found is None:
        _refuse_place(pick, scan.raw)
        if scan.raw.isdigit() and len(scan.raw) <= MOST_DIGITS:
            raise Wrong(f"{scan.raw} is a quantity, no label.", f"Scan {pick.sku} in {pick.location}.")
        plate = places.lpns_by_code([scan.raw.upper()]).get(scan.raw.upper())
        if plate is not None and plate.kind == LpnKind.TOTE:
            raise Wrong(f"{plate.code} is a tote.", f"The item comes first: scan {pick.sku} in {pick.location}.")
        raise Wrong(f"No item has the code {scan.raw[:40]}.", f"Scan {pick.sku} in {pick.location}.")
    if found[0] != pick.item_id:
        raise Wrong(f"That is {found[1]}.", f"Scan {pick.sku} in {pick.location}.")
    return found[2]


def _refuse_place(pick: PickRow, code: str) -> None:
    place = places.find_by_code(pick.site_id, [code]).get(code)
    if place is not None and place.location_id != pick.location_id:
        raise Wrong(f"That is bin {place.code}.", f"Go to {pick.location} and scan {pick.sku}.")


def _tote_scanned(visit: Visit, work: Work, pick: PickRow, scan: Gs1Scan) -> str:
    code = scan.sscc or scan.raw.strip().upper()
    at = work.at
    if at is not None and at.tote and code != at.tote:
        other = next((p.letter for p in work.positions if p.tote == code), "")
        where = f"{code[:40]} is at {other}. " if other else ""
        raise Wrong(f"{at.tote}, not {code[:40]}.", f"{where}This order goes into {at.tote} at {at.letter}.")
    plate = places.lpns_by_code([code]).get(code)
    if plate is None:
        raise Wrong(f"{code[:40]} is no tote.", "Scan a tote, or tap Confirm without a tote.")
    return _confirm(visit, pick, plate.lpn_id, code)


def _confirm(visit: Visit, pick: PickRow, tote_id: int, tote: str) -> str:
    commands.confirm_picks(visit.ctx(), ConfirmPicks([Pick(pick.id, pick.units, tote_id)]))
    visit.state["last"] = [pick.id, f"{pick.units:,} × {pick.sku}"]
    visit.state["beep"] = tote
    visit.state.pop("at", None)
    return DONE if work_of(visit).pick is None else OK


def _acted(visit: Visit, action: str) -> str:
    visit.state.pop("rest", None)
    if action == "anywhere":
        visit.state.pop("zone", None)
    if action in ("next", "anywhere"):
        return _next(visit) if action == "next" else OK
    if action.startswith(("mine:", "found:")):
        what, _, said = action.partition(":")
        return _go_on(visit, said) if what == "mine" else _found_after_all(visit, said)
    asked = visit.state.pop("ask", None)
    if action == "take_over" and asked:
        return _open(visit, asked[0], asked[1], take_over=True)
    swap = visit.state.pop("swap", None)
    if action == "back":
        visit.state.pop("short", None)
        visit.state.pop("found", None)
        return OK
    if "list" not in visit.state:
        raise Wrong("There is nothing to pick.", "Scan the next list.")
    if action == "undo" and visit.state.get("last"):
        return _undo(visit)
    return _swapped(visit, *swap) if action == "swap" and swap else _acted_on_list(visit, work_of(visit), action)


def _swapped(visit: Visit, pick_id: int, lot: str) -> str:
    """The pick is of the lot in hand now, which counts as scanned."""
    commands.swap_lot(visit.ctx(), SwapLot(pick_id, lot))
    visit.state["at"] = {**visit.state.get("at", {}), "pick": pick_id, "item": True, "lot": True}
    return MORE


def _undo(visit: Visit) -> str:
    """The last pick is put back, or found after all when it was short; when it had ended the list, that is this
    person's again."""
    _check_mine(visit, work_of(visit))  # what is in another's tote now is theirs to put back
    pick_id, _, *is_short = visit.state["last"]
    if is_short:
        commands.undo_short(visit.ctx(), UndoShort(int(pick_id)))
    else:
        commands.undo_pick(visit.ctx(), UndoPick(int(pick_id)))
    for name in ("last", "at", "beep"):
        visit.state.pop(name, None)
    if work_of(visit).head.state != ListState.TAKEN:
        commands.take_list(visit.ctx("retake"), TakeList(visit.state["list"]))
    return OK


def _acted_on_list(visit: Visit, work: Work, action: str) -> str:
    pick = work.pick
    if action == "no_cart":
        visit.state["cart"] = "no"
        return OK
    if action == "return":
        if work.head.taken_by_id == visit.viewer.user.pk and work.head.state == ListState.TAKEN:
            commands.return_list(visit.ctx(), ReturnList(work.head.id))
        visit.state.pop("list")
        visit.state.pop("at", None)
        return OK
    if pick is None:
        raise Wrong("There is nothing to pick.", "Scan the next list.")
    return _acted_on_pick(visit, work, pick, action)


def _acted_on_pick(visit: Visit, work: Work, pick: PickRow, action: str) -> str:
    if action == "loose" and visit.state.get("found"):
        units, reason = visit.state["found"]
        return _book_short(visit, pick, units, reason, 0)
    if action == "short":
        visit.state["short"] = pick.id
        return MORE
    if action == "skip":
        visit.state["skip"] = [*visit.state.get("skip", []), pick.id][-50:]
        visit.state.pop("at", None)
        return OK
    if action == "full" and work.at is not None and work.at.tote_id:
        commands.change_tote(visit.ctx(), ChangeTote(work.head.id, work.at.tote_id))
        return OK
    if action == "loose" and stage_of(visit, work) == "tote":
        _check_mine(visit, work)
        return _confirm(visit, pick, 0, "")
    raise Wrong("Scan the item first.", f"Scan {pick.sku} in {pick.location}.")


def _counted(visit: Visit, units: str, reason: str) -> str:
    if "list" not in visit.state or not visit.state.get("short"):
        raise Wrong("There is nothing to book.", "Scan the next list.")
    work = work_of(visit)
    pick = queries.pick(visit.state["short"])
    if pick is None:
        raise Wrong("There is nothing to book.", "Scan the next list.")
    if not units.isdigit() or len(units) > 5:
        raise Wrong(f"{units[:20]} is not a quantity.", "Tap how many are there.")
    tote_id = work.at.tote_id if work.at and int(units) else 0
    if 0 < int(units) < pick.units and wants_tote(work) and not tote_id:
        visit.state["found"] = [int(units), reason]  # the first goods of the order: where do they go?
        return MORE
    return _book_short(visit, pick, int(units), reason, tote_id)


def _found_into(visit: Visit, work: Work, code: str) -> str:
    """What was found of a short pick goes into the tote that is scanned."""
    units, reason = visit.state["found"]
    pick = queries.pick(visit.state["short"])
    plate = places.lpns_by_code([code.strip().upper()]).get(code.strip().upper())
    if pick is None or plate is None:
        raise Wrong(f"{code[:40]} is no tote.", "Scan a tote, or tap Confirm without a tote.")
    return _book_short(visit, pick, units, reason, plate.lpn_id)


def _book_short(visit: Visit, pick: PickRow, units: int, reason: str, tote_id: int) -> str:
    done = commands.short_pick(visit.ctx(), ShortPick(pick.id, units, reason, tote_id))
    for name in ("short", "at", "beep", "found"):
        visit.state.pop(name, None)
    missing = pick.units - units
    visit.state["last"] = [pick.id, f"short, I found the {missing:,}", True]
    said = " ".join(queries_short.rest_in_words(done, pick.line_id, visit.ctx().now))
    visit.state["rest"] = [f"{missing:,} × {pick.sku} short, {pick.order}", said]
    return DONE if work_of(visit).pick is None else OK


PICK = ScanPage("pick", "fulfilment.pick", draw, _scanned, _acted, _counted, start=_begin)


def opens_list(code: str, viewer: Viewer) -> str | None:
    """The pick flow's address when the code is a list's or a wave's."""
    known = queries_lists.list_id_of(code.strip().upper()) or queries.wave_id_of(code.strip().upper())
    return reverse("scan_pick") if known else None
