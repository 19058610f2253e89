"""Putting away without the network: the goods that a device takes along, and what its journal may say about them."""

from __future__ import annotations

from typing import Any

from django.urls import path

from flowrack.devices import queries_places as devices
from flowrack.locations import queries as locations
from flowrack.platform.decisions import DecisionRow, why_all
from flowrack.platform.runner import Context
from flowrack.platform.web.along import Taking, along_view
from flowrack.platform.web.journal import Asked, JournalFlow
from flowrack.shared.errors import Invalid
from flowrack.shared.refs import ref
from flowrack.storage import commands, commands_along, commands_undo, queries, queries_along, queries_pages
from flowrack.storage.queries import PlannedMoveRow
from flowrack.storage.rules_putaway import PICKABLE
from flowrack.storage.scan_words import about_goods
from flowrack.storage.types import Carried, ConfirmPutaway, NoSuchPlan, UndoPutaway
from flowrack.storage.types_moves import TakePutaways
from flowrack.tasks.types import TaskTaken

AT_A_TIME = 5
MOST_BINS = 5_000
REPLANNED = "taken along before another bin was chosen"


def _confirm(ctx: Context, asked: Asked) -> str:
    ids = asked.numbers("moves")
    found = queries.planned_moves(site_ids=[0], kind="putaway", state="", ids=ids, limit=None) if ids else []
    if not found:
        raise NoSuchPlan("Nothing is planned for these goods.", fix="Look where they stand, then use Move.")
    code, reason = asked.text("bin", longest=40), asked.text("reason", longest=80)
    place = locations.find_by_code(found[0].site_id, [code]).get(code)
    if place is None:
        raise Invalid(f"“{code}” is no place here.", fix="Look where the goods stand, then put them away again.")
    is_other = any(move.to_location_id != place.location_id for move in found)
    carried = [Carried(move, place.location_id, reason=reason or (REPLANNED if is_other else "")) for move in ids]
    try:
        commands.confirm_putaway(ctx, ConfirmPutaway(carried))
    except TaskTaken:
        raise TaskTaken(
            "A colleague has these goods along by now.", fix="Tell them where they stand; then do it again."
        ) from None
    return f"{asked.text('name')} put into {place.code}"


def _undo(ctx: Context, asked: Asked) -> str:
    ids = asked.numbers("moves")
    posting_id = queries_pages.standing_posting(ids[0]) if ids else 0
    if not posting_id:
        raise NoSuchPlan("This was not put away.", fix="Drop it.")
    commands_undo.undo_putaway(ctx, UndoPutaway(posting_id))
    return f"{asked.text('name')} taken back"


def _said(asked: Asked) -> str:
    reason = asked.text("reason", longest=80)
    return f"{asked.text('name')} into {asked.text('bin', longest=40)}" + (f": {reason}" if reason else "")


def _take(taking: Taking) -> dict[str, Any]:
    """The goods that this person has along here, each with its bin and the next best; `next` takes some more."""
    site_id, zones = devices.place_of(taking.device)
    ctx = taking.ctx
    if taking.must_take(queries_along.lease_ends(ctx.actor_id, taking.device, ctx.now, site_id=site_id)):
        commands_along.take_putaways(ctx, TakePutaways(site_id, zones, AT_A_TIME if taking.wants_next else 0))
    ids = queries_along.moves_of(queries_along.tasks_along(ctx.actor_id, taking.device, ctx.now, site_id=site_id))
    if not ids and taking.wants_next:
        raise Invalid("Nothing waits to be put away.", fix="Goods that are received appear here.")
    if not ids:
        return {"works": []}
    found = queries.planned_moves(site_ids=[site_id], kind="putaway", ids=ids, limit=None)
    decided = why_all([ref("storage.planned_move", move.id) for move in found], limit=3)
    groups: dict[str, list[PlannedMoveRow]] = {}
    for move in found:
        groups.setdefault(move.lpn or f"loose-{move.id}", []).append(move)
    codes = queries_along.codes_of([move.item_id for move in found if not move.lpn])
    bins = queries_along.bins_near(site_id, [move.to_location_id for move in found], limit=MOST_BINS + 1)
    work = {
        "id": "putaway",
        "carries": [_carry(key, moves, codes, decided) for key, moves in groups.items()],
        "bins": {code: "blocked" if is_blocked else role for code, role, is_blocked in bins[:MOST_BINS]},
        "knows_all_bins": len(bins) <= MOST_BINS,
        "pick_roles": list(PICKABLE),
    }
    return {"works": [work]}


def _carry(
    key: str,
    moves: list[PlannedMoveRow],
    codes: dict[int, list[tuple[str, int]]],
    decided: dict[str, list[DecisionRow]],
) -> dict[str, Any]:
    first = moves[0]
    reason = next((r for r in decided[ref("storage.planned_move", first.id)] if r.kind == "putaway"), None)
    best = [one["bin"] for one in reason.detail.get("candidates", [])] if reason else []
    more = f" and {len(moves) - 1} more" if len(moves) > 1 else ""
    about = dict.fromkeys(about_goods(m.lot, m.expires_on, m.quality) for m in moves)
    return {
        "key": key,
        "lpn": first.lpn,
        "moves": [move.id for move in moves],
        "name": first.lpn or first.sku,
        "text": f"{first.lpn or 'Loose'}: {first.sku} {first.name[:40]}{more}",
        "about": "; ".join(words for words in about if words)[:200],
        "units": sum(move.left for move in moves),
        "from": first.from_code,
        "bin": first.to_code,
        "why": reason.sentence if reason else "",
        "others": [code for code in best if code != first.to_code],
        "is_held": any(move.quality != "available" for move in moves),
        "codes": [{"code": code, "units": units} for code, units in codes.get(first.item_id, [])],
    }


JOURNAL = [
    JournalFlow("putaway.confirm", "Put away", "storage.putaway", _confirm, _said),
    JournalFlow("putaway.undo", "Putaway undone", "storage.putaway", _undo,
                lambda a: f"{a.text('name')} taken back from {a.text('bin', longest=40)}"),
]  # fmt: skip
OFFLINE_URLS = [path("scan/putaway/along", along_view("storage.putaway", _take), name="scan_putaway_along")]
