"""Receive a transfer by scan: the transfer, the place it stands, then item by item how many came."""

from __future__ import annotations

from typing import Any

from flowrack.catalog import queries as catalog
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
from flowrack.shared.quantity import Units, parse_units
from flowrack.storage import commands_transfers as commands
from flowrack.storage import queries_transfers as queries
from flowrack.storage.scan_links import by_transfer, from_link
from flowrack.storage.states import TransferState
from flowrack.storage.types_transfers import ArrivedLine, ReceiveSent, TransferLineRow, TransferRow

TICKS = 5
NAMED = 3


def draw(visit: Visit) -> ScanStep:
    """The transfer, then the place, then items until nothing is on the way."""
    state = visit.state
    ticks = [Tick(text, end) for text, end in state.get("ticks", [])]
    if "transfer" not in state:
        waiting = queries.on_the_way_to(visit.site_id)
        named = ", ".join(t.number for t in waiting[:NAMED])
        return ScanStep(
            task="Receive transfer",
            prompt="Scan transfer" if waiting else "Nothing is on the way",
            sub=f"{len(waiting)} on the way: {named}" if waiting else "",
            accepts="Transfer number",
            actions=[ScanAction("next", "Oldest transfer", waiting[0].number, primary=True)] if waiting else [],
            done=ticks,
        )
    found, lines = _transfer(visit)
    common: dict[str, Any] = {"task": found.number, "progress": (found.received, found.units), "done": ticks}
    if "place" not in state:
        return ScanStep(
            prompt="Scan place", sub=f"from {found.site}", accepts="Door or bin where it stands",
            actions=[ScanAction("leave", "Another transfer")], **common,
        )  # fmt: skip
    line = _open_line(state, lines)
    if line is None and "lot_of" in state:
        return ScanStep(
            prompt="Scan lot", sub="Several lots of it are on the way", accepts="The lot or serial number on the goods",
            actions=[ScanAction("back", "Another item")], **common,
        )  # fmt: skip
    if line is not None:
        common["actions"] = [ScanAction("back", "Not this item")]
        pad = Keypad(line.left, f"of {line.left:,} {line.base_uom}, {line.sku}", (), "Book it")
        said = (f"{line.sku} {line.name[:60]}", f"lot {line.lot}" if line.lot else "", line.quality)
        return ScanStep(
            prompt="How many came?", sub=", ".join(part for part in said if part), keypad=pad, **common,
        )  # fmt: skip
    left = [x for x in lines if x.left]
    missing = ", ".join(f"{x.left:,} × {x.sku}" for x in left[:NAMED])
    return ScanStep(
        prompt="Scan item",
        sub=f"On the way: {missing}" + (f" and {len(left) - NAMED} more" if len(left) > NAMED else ""),
        accepts=f"Item or GS1 label; another place changes {state['place'][1]}",
        actions=[ScanAction("leave", "Enough for now", f"{found.left:,} stay on the way", wide=True)],
        virtual=[("Item", x.sku) for x in left[:NAMED]],
        **common,
    )


def _open_line(state: dict[str, Any], lines: list[TransferLineRow]) -> TransferLineRow | None:
    """The line whose quantity is asked for."""
    return next((x for x in lines if x.line_id == state.get("line") and x.left), None)


def _transfer(visit: Visit) -> tuple[TransferRow, list[TransferLineRow]]:
    return queries.access_transfer(visit.state["transfer"], frozenset({visit.state["site"]}))


def scanned(visit: Visit, code: str) -> str | Go:
    """A transfer, a place of the site, or an item of the transfer."""
    state = visit.state
    if "transfer" not in state:
        return _open(visit, code)
    found, lines = _transfer(visit)
    asked = _open_line(state, lines)
    place = locations.find_by_code(found.to_site_id, [code]).get(code)
    if place is not None:
        state["place"] = [place.location_id, place.code]
        return MORE if asked else OK
    if "place" not in state:
        raise WrongScan(f"“{code[:40]}” is no place of {found.to_site}.", "Scan the door or bin where it stands.")
    if "lot_of" in state:
        return _lot(state, lines, gs1.parse_or_number(code))
    label = gs1.parse(code)
    items = {hit.item_id for hits in catalog.find_codes(label.codes).values() for hit in hits}
    if not items:
        raise WrongScan(f"No item has the code {code[:40]}.", "Scan an item of the transfer.")
    lot = label.lot or label.serial
    mine = [x for x in lines if x.item_id in items and (not lot or x.lot == lot)]
    left = [x for x in mine if x.left]
    if not left:
        was = f"All of {mine[0].sku} has arrived." if mine else f"{code[:40]} is not on {found.number}."
        raise WrongScan(was, "Scan another item, or leave it aside.")
    if asked is not None:
        raise WrongScan(
            f"How many of {asked.sku} came is not booked yet.", "Type it and tap Book it, or Not this item."
        )
    if len({x.lot for x in left}) > 1:
        state["lot_of"] = left[0].item_id
        return MORE
    state["line"] = left[0].line_id
    return MORE


def _lot(state: dict[str, Any], lines: list[TransferLineRow], label: Gs1Scan) -> str:
    """The lot of the item that was scanned, of several that are on the way."""
    lot = label.lot or label.serial or label.raw
    left = [x for x in lines if x.item_id == state["lot_of"] and x.left]
    line = next((x for x in left if x.lot == lot), None)
    if line is None:
        lots = ", ".join(x.lot for x in left[:NAMED])
        raise WrongScan(f"Lot {lot[:30]} of it is not on the way.", f"On the way: {lots}.")
    state.pop("lot_of")
    state["line"] = line.line_id
    return MORE


def _open(visit: Visit, code: str) -> str:
    found = queries.by_number(code)
    if found is None:
        raise WrongScan(f"“{code[:40]}” is no transfer.", "Scan the transfer's number.")
    if not visit.viewer.may("storage.move", found.to_site_id):
        raise WrongScan(f"{found.number} goes to {found.to_site}.", "Only people there receive it.")
    if found.state in (TransferState.STAGED, TransferState.CANCELLED):
        raise WrongScan(f"{found.number} has not left {found.site}.", "It is received when its truck is here.")
    if not found.left:
        raise WrongScan(f"All of {found.number} has arrived.", "Scan another transfer.")
    visit.state = {"transfer": found.id, "site": found.to_site_id, "ticks": visit.state.get("ticks", [])}
    return OK


def acted(visit: Visit, action: str) -> str | Go:
    """The oldest transfer, or leave this one."""
    if action == "next":
        waiting = queries.on_the_way_to(visit.site_id, limit=1)
        if not waiting:
            raise WrongScan("Nothing is on the way.", "Come back later.")
        return _open(visit, waiting[0].number)
    if action == "leave":
        visit.state = {"ticks": visit.state.get("ticks", [])}
        return OK
    if action == "back":
        visit.state.pop("line", None)
        visit.state.pop("lot_of", None)
        return OK
    raise WrongScan("That button does nothing here.", "Scan what the screen asks for.")


def counted(visit: Visit, units: str, reason: str) -> str | Go:
    """So many of the item came: they stand at the place now."""
    state = visit.state
    found, lines = _transfer(visit)
    line = next((x for x in lines if x.line_id == state.get("line")), None)
    if line is None or "place" not in state:
        raise WrongScan("There is nothing to book.", "Scan an item first.")
    number = parse_units(units)
    if not 0 < number <= line.left:
        raise WrongScan(f"{number:,} are not on the way.", f"Type 1 to {line.left:,}.")
    arrived = ArrivedLine(line.item_id, Units(number), line.lot_id, line.quality)
    req = ReceiveSent(found.to_site_id, found.site_id, state["place"][0], [arrived], found.id)
    done = commands.receive_sent(visit.ctx(), req)
    state["ticks"] = [[f"{number:,} × {line.sku}", f"in {state['place'][1]}"], *state.get("ticks", [])][:TICKS]
    state.pop("line")
    if done.finished_ids:
        visit.state = {"ticks": state["ticks"]}
        return DONE
    return OK


def _is_coming(found: TransferRow, viewer: Viewer) -> bool:
    return bool(found.left)


RECEIVE_TRANSFER = ScanPage("transfer", "storage.move", draw, scanned, acted, counted, from_link(_open))
FLOW = ScanFlow(
    "transfer", "Receive transfer", "scan_transfer", "storage.move", order=15, note="From another site",
    count=lambda viewer: queries.on_the_way_count(site_of(viewer)),
    opens=by_transfer("scan_transfer", _is_coming), starts=("transfer",),
)  # fmt: skip
