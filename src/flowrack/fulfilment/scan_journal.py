"""Picking without the network: the lists that a device takes along, and what its journal may say about them."""

from __future__ import annotations

from typing import Any

from django.urls import path

from flowrack.devices import queries_places as devices
from flowrack.fulfilment import commands, queries_lists, queries_offline, queries_short
from flowrack.fulfilment.types import ConfirmPicks, Pick, PickNotFound, ShortPick, UndoPick, WrongTote
from flowrack.fulfilment.types_lists import ChangeTote, ReturnList, TakeList, TakeNextList, UseCart
from flowrack.fulfilment.types_short import UndoShort
from flowrack.locations import queries as places
from flowrack.platform.runner import Context
from flowrack.platform.web.along import RENEW_BELOW, Taking, along_view
from flowrack.platform.web.journal import Asked, JournalFlow
from flowrack.shared.errors import Invalid


def _tote(asked: Asked) -> int:
    """The tote that was scanned; 0 for none. Refuses with WrongTote what is no tote of the house."""
    code = asked.text("tote", longest=40)
    if not code:
        return 0
    plate = places.lpns_by_code([code]).get(code)
    if plate is None:
        raise WrongTote(f"{code} is no tote of the house.", fix="Find the box, and pick again into a tote.")
    return plate.lpn_id


def _pick(asked: Asked) -> int:
    """The pick; `rest`: that of what was short of it and was found after all, whose number a device without network
    does not know. Refuses with PickNotFound when that was not booked."""
    if not asked.number("rest", 0):
        return asked.number("pick")
    found = queries_short.rest_of(asked.number("pick"))
    if not found:
        raise PickNotFound("What was found after all is not booked.", fix="Look at that first, then do this again.")
    return found


def _confirm(ctx: Context, asked: Asked) -> str:
    pick = Pick(_pick(asked), asked.number("units"), _tote(asked))
    commands.confirm_picks(ctx, ConfirmPicks([pick]))
    return f"Picked {_goods(asked)}"


def _short(ctx: Context, asked: Asked) -> str:
    found = asked.number("found")
    tote = _tote(asked) if found else 0
    done = commands.short_pick(ctx, ShortPick(_pick(asked), found, asked.text("reason", longest=20), tote))
    said = [
        f"{done.elsewhere_units:,} come from another bin" if done.elsewhere_units else "",
        f"{done.instead_units:,} of another item instead of them" if done.instead_units else "",
        f"{done.waiting_units:,} wait for stock again" if done.waiting_units else "",
    ]
    return ", ".join(filter(None, said))


def _undo(ctx: Context, asked: Asked) -> str:
    commands.undo_pick(ctx, UndoPick(_pick(asked)))
    return f"Put back {_goods(asked)}"


def _found(ctx: Context, asked: Asked) -> str:
    return f"{commands.undo_short(ctx, UndoShort(asked.number('pick'))).units:,} × {asked.text('sku')} found after all"


def _cart(ctx: Context, asked: Asked) -> str:
    return f"On cart {commands.use_cart(ctx, UseCart(asked.number('list'), asked.text('cart', longest=40))).cart}"


def _full(ctx: Context, asked: Asked) -> str:
    commands.change_tote(ctx, ChangeTote(asked.number("list"), _tote(asked)))
    return f"Tote {asked.text('tote', longest=40)} is full"


def _return(ctx: Context, asked: Asked) -> str:
    commands.return_list(ctx, ReturnList(asked.number("list")))
    return f"{asked.text('number')} given back"


def _goods(asked: Asked) -> str:
    return f"{asked.number('units', 0):,} × {asked.text('sku')}"


def _said_pick(asked: Asked) -> str:
    tote = asked.text("tote", longest=40)
    return f"{_goods(asked)} from {asked.text('bin')}" + (f" into {tote}" if tote else "")


def _said_short(asked: Asked) -> str:
    found, wanted = asked.number("found"), asked.number("units", 0)
    return f"Found {found:,} of {wanted:,} × {asked.text('sku')} in {asked.text('bin')}"


JOURNAL = [
    JournalFlow("pick.confirm", "Pick", "fulfilment.pick", _confirm, _said_pick, goes_back=True),
    JournalFlow("pick.short", "Short pick", "fulfilment.pick", _short, _said_short),
    JournalFlow("pick.undo", "Pick undone", "fulfilment.pick", _undo, lambda a: f"{_goods(a)} back to {a.text('bin')}"),
    JournalFlow("pick.found", "Short pick undone", "fulfilment.pick", _found,
                lambda a: f"{_goods(a)} found in {a.text('bin')}"),
    JournalFlow("list.cart", "Pick list", "fulfilment.pick", _cart,
                lambda a: f"{a.text('number')} on cart {a.text('cart')}"),
    JournalFlow("list.full", "Pick list", "fulfilment.pick", _full,
                lambda a: f"Tote {a.text('tote')} of {a.text('number')} is full"),
    JournalFlow("list.return", "Pick list", "fulfilment.pick", _return, lambda a: f"{a.text('number')} given back"),
]  # fmt: skip


def _take(taking: Taking) -> dict[str, Any]:
    """The lists of its site that this person has on the device, with all that picking them needs.

    `next` or a number takes one. Lists whose time is nearly over are kept for longer: the device is alive.
    """
    ctx = taking.ctx
    site_id, _ = devices.place_of(taking.device)
    if taking.wants_next:
        taken = commands.take_next_list(ctx.keyed("next"), TakeNextList(site_id, 0))
        if not taken.list_id:
            raise Invalid("No list waits.", fix="Released orders appear here as lists.")
    if taking.code:
        list_id = queries_lists.list_id_of(taking.code)
        if list_id is None:
            raise Invalid(f"There is no list {taking.code}.", fix="Scan the number of a list, or take the next one.")
        commands.take_list(ctx.keyed("named"), TakeList(list_id))
    mine = queries_offline.lists_on(ctx.actor_id, taking.device, ctx.now, site_id=site_id)
    for one in mine:
        if one.lease_until - ctx.now < RENEW_BELOW and queries_offline.is_open(one.list_id):
            commands.take_list(ctx.keyed(f"keep:{one.list_id}"), TakeList(one.list_id))
    return {"lists": [queries_offline.along(one.list_id, frozenset({site_id})) for one in mine]}


ALONG = [queries_offline.held_on]
OFFLINE_URLS = [path("scan/pick/along", along_view("fulfilment.pick", _take), name="scan_pick_along")]
