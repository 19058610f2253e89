"""Put away by scan: the pallet, then the bin. Another bin is scanned twice, and a reason is asked once.

After each pallet the screen offers the work nearest to where it was put, so that nobody drives back empty.
"""

from __future__ import annotations

from flowrack.catalog import queries as catalog
from flowrack.inspection import steps as inspection
from flowrack.locations.types import LocationRow
from flowrack.platform.decisions import why
from flowrack.platform.web.scan import DONE, MORE, OK, Go, ScanAction, ScanPage, ScanStep, Visit, WrongScan, flows_for
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref
from flowrack.storage import commands, commands_undo, queries, queries_along
from flowrack.storage.queries import PlannedMoveRow
from flowrack.storage.rules_putaway import PICKABLE
from flowrack.storage.scan.parts import items_of, lpn_of, place_of, tick, ticks
from flowrack.storage.scan_words import about_goods
from flowrack.storage.types import Carried, ConfirmPutaway, UndoPutaway
from flowrack.tasks import queries as tasks

OTHER_REASONS = (
    ("full", "Bin full"),
    ("blocked", "Bin blocked"),
    ("damaged", "Bin damaged"),
    ("nearer", "Better place"),
)
OF_THE_CARRY = ("moves", "to", "bin", "why", "text", "about", "units", "other", "other_code", "is_sure")


def draw(visit: Visit) -> ScanStep:
    """Pallet or item first; then the suggested bin, big, with the reason below."""
    state = visit.state
    if not state.get("moves"):
        return _draw_first(visit)
    step = ScanStep(
        task="Put away",
        prompt="Scan bin",
        fact=state["bin"],
        sub=state["why"],
        item=state["text"],
        item_note=state["about"],
        qty=f"{state['units']:,}",
        done=ticks(visit),
        accepts="This bin, or another that you choose",
        actions=[ScanAction("leave", "Not this one")],
    )
    if state.get("is_sure"):
        step.prompt = f"Why not {state['bin']}?"
        step.sub, step.fact, step.accepts = "One tap, and it is stored.", state["other_code"], ""
        step.actions = [ScanAction(code, words) for code, words in OTHER_REASONS]
    elif state.get("other"):
        step.prompt = f"Scan {state['other_code']} again"
        step.note = f"{state['bin'] or 'No bin'} was suggested. Scan {state['other_code']} again to use it."
    return step


def _draw_first(visit: Visit) -> ScanStep:
    found = queries.planned_moves(site_ids=[visit.site_id], kind="putaway", limit=200)
    first = found[0] if found else None
    near = _near(visit)
    return ScanStep(
        task="Put away",
        prompt="Scan pallet",
        sub=f"{len(found):,} to put away, the longest waits in {first.from_code}" if first else "Nothing waits",
        item=f"{first.sku} {first.name[:60]}" if first else "",
        item_note=" · ".join(filter(None, (first.lpn, about_goods(first.lot, first.expires_on, first.quality))))
        if first
        else "",
        accepts="Pallet label, or the item for loose goods",
        done=ticks(visit),
        undo=visit.state["last"][1] if visit.state.get("last") else "",
        actions=[ScanAction("near", f"{near[0]} {near[1]}", "near your last bin", wide=True)] if near else [],
    )


def _near(visit: Visit) -> tuple[str, str, str] | None:
    """The open work nearest to the last bin: name, place, address; None where there is none for this person."""
    if "near" not in visit.state:
        return None
    flows = {flow.code: (flow.label, url) for flow, url, _ in flows_for(visit.viewer) if flow.code != "putaway"}
    found = tasks.nearest(visit.site_id, sorted(flows), near=visit.state["near"])
    if found is None:
        return None
    label, url = flows[found.kind]
    return label, found.from_code, f"{url}?task={found.task_id}"


def scanned(visit: Visit, code: str) -> str | Go:
    """The pallet, then the bin; another bin twice."""
    state = visit.state
    if not state.get("moves"):
        _find(visit, code)
        return OK
    place = place_of(visit, code)
    if place is None:
        raise WrongScan(f"“{code[:40]}” is no place here.", f"Scan {state['bin'] or 'the bin you put it into'}.")
    if place.location_id == state["to"]:
        return _put(visit, 0, "", place.pick_sequence)
    if state.get("other") != place.location_id:
        _refuse_held(visit, place)
        state.update(other=place.location_id, other_code=place.code, walk=place.pick_sequence)
        state.pop("is_sure", None)
        return MORE
    if not state["to"]:
        return _put(visit, place.location_id, "no bin was suggested", place.pick_sequence)
    state["is_sure"] = True
    return MORE


def _refuse_held(visit: Visit, place: LocationRow) -> None:
    """Say at the first scan of a bin that people pick from what would be refused after the reason: goods on hold."""
    if place.role not in PICKABLE:
        return
    found = queries.planned_moves(site_ids=[visit.site_id], ids=visit.state["moves"], limit=None)
    lots = catalog.lots_by_code((move.item_id, move.lot) for move in found if move.lot)
    lot_ids = {key: lot.lot_id for key, lot in lots.items()}
    carried = [(n, m.item_id, lot_ids.get((m.item_id, m.lot), 0), m.quality) for n, m in enumerate(found, start=1)]
    try:
        inspection.refuse_held(visit.site_id, carried, what="be put where people pick")
    except FlowrackError as refusal:
        told = visit.state["bin"]
        raise WrongScan(refusal.message, f"Scan {told}." if told else "Ask the lead where it goes.") from refusal


def _find(visit: Visit, code: str) -> None:
    lpn_id = lpn_of(code)
    if lpn_id:
        found = queries.planned_moves(site_ids=[visit.site_id], kind="putaway", lpn_id=lpn_id, limit=None)
    else:
        items = items_of(code)
        loose = [
            move
            for item_id in items
            for move in queries.planned_moves(site_ids=[visit.site_id], kind="putaway", item_id=item_id)
            if not move.lpn_id
        ]
        found = loose[:1]
        if not items:
            raise WrongScan(f"Nobody knows “{code[:40]}”.", "Scan the pallet label, or the item.")
    if not found:
        raise WrongScan("Nothing is planned for it.", "Use Move, or ask the lead.")
    ctx = visit.ctx()
    if who := queries_along.has_along([move.id for move in found], ctx.actor_id, ctx.now):
        raise WrongScan(f"{who} has this along on a device.", "Take the next one.")
    _show(visit, found)


def _show(visit: Visit, found: list[PlannedMoveRow]) -> None:
    first = found[0]
    reasons = [r for r in why(ref("storage.planned_move", first.id), limit=3) if r.kind == "putaway"]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    visit.state.update(
        moves=[move.id for move in found],
        to=first.to_location_id,
        bin=first.to_code,
        why=reasons[0].sentence if reasons else "",
        text=f"{first.lpn or 'Loose'}: {first.sku} {first.name[:40]}{more}",
        about=_about(found),
        units=sum(move.left for move in found),
    )


def _about(found: list[PlannedMoveRow]) -> str:
    """Lot, date and condition of what is carried; two of several, and how many more there are."""
    each = list(dict.fromkeys(about_goods(m.lot, m.expires_on, m.quality) for m in found))
    more = f"; {len(each) - 2} more" if len(each) > 2 else ""
    return "; ".join(words for words in each[:2] if words) + more


def _put(visit: Visit, location_id: int, reason: str, walk: int) -> str:
    state = visit.state
    done = commands.confirm_putaway(
        visit.ctx(), ConfirmPutaway([Carried(move, location_id, reason=reason) for move in state["moves"]])
    )
    went_to = state["other_code"] if location_id else state["bin"]
    state["last"] = [done.posting_id, f"{state['text'].partition(':')[0]} to {went_to}"]
    tick(state, state["text"], f"to {went_to}")
    state["near"] = walk
    for name in (*OF_THE_CARRY, "walk"):
        state.pop(name, None)
    return DONE


def acted(visit: Visit, action: str) -> str | Go:
    """Leave it, the reason for another bin, or the work nearby."""
    state = visit.state
    if action == "leave":
        visit.state = {name: state[name] for name in ("ticks", "near", "last") if name in state}
        return OK
    if action == "undo" and state.get("last") and not state.get("moves"):
        commands_undo.undo_putaway(visit.ctx(), UndoPutaway(state["last"][0]))
        state["ticks"] = state["ticks"][1:]
        state.pop("last")
        return OK
    if state.get("is_sure") and action in dict(OTHER_REASONS):
        return _put(visit, state["other"], dict(OTHER_REASONS)[action].lower(), state["walk"])
    if action == "near" and (near := _near(visit)) is not None:
        return Go(near[2])
    raise WrongScan("That button does nothing here.", "Scan what the screen asks for.")


PUTAWAY = ScanPage("putaway", "storage.putaway", draw, scanned, acted)
