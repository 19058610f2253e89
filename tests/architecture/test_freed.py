"""Who frees stock says so: every way from the ledger up to a command makes an event that is listed as a cause."""

from __future__ import annotations

import ast
from functools import cache

from flowrack.allocation import freed
from tests.architecture.who_frees import Function, functions, read, silent

UNCOMMITS = ["flowrack.ledger.steps.uncommit"]
POSTS = ["flowrack.ledger.steps.post", "flowrack.ledger.steps.reverse"]
# What gives promises back and frees nothing for others, and why.
GIVES_BACK_TO_NOBODY = {
    "flowrack.allocation.steps_displacement.move": "what others give goes to the urgent order at once",
    "flowrack.fulfilment.commands.shorts.short_pick": "what is not found is in doubt: it is for nobody",
}
# What posts goods of which no more can be promised afterwards than before, and why.
FREES_NOTHING = {
    "flowrack.allocation.commands_cross_docks.stage_cross_docks": "goods at the door belong to an order",
    "flowrack.allocation.commands_cross_docks.undo_cross_dock": "goods at the dock are free when they are put away",
    "flowrack.costing.commands.approve_revaluation": "moves value alone",
    "flowrack.costing.commands.post_late_cost": "moves value alone",
    "flowrack.costing.commands.set_standard_cost": "moves value alone",
    "flowrack.fulfilment.commands.packing.pack_orders": "goods of an order stay its own",
    "flowrack.fulfilment.commands.packing.unpack_carton": "goods of an order stay its own",
    "flowrack.fulfilment.commands.picking.confirm_picks": "goods of an order stay its own",
    "flowrack.fulfilment.commands.repacking.repack_units": "goods of an order stay its own",
    "flowrack.fulfilment.commands.sorting.sort_units": "goods of an order stay its own",
    "flowrack.fulfilment.commands.shorts.short_pick": "what is found is picked, the rest is for nobody",
    "flowrack.inbound.commands.return_to_supplier": "goods leave",
    "flowrack.inbound.steps_corrections.price_anew": "moves value alone",
    "flowrack.inbound.steps_corrections.send_out": "goods leave",
    "flowrack.inbound.steps_blind.quarantine": "goods that nobody ordered are for nobody until somebody decides",
    "flowrack.inbound.steps_take_back.take_back": "a receipt that did not happen: goods leave",
    "flowrack.returns.steps.receive": "what came back is free when it is restocked",
    "flowrack.storage.steps_opening.post_opening": "loaded before a site works; full runs promise it",
}


@cache
def ours() -> dict[str, Function]:
    return read()


def test_whoever_gives_promises_back_says_that_stock_is_free() -> None:
    assert silent(ours(), UNCOMMITS, freed.CAUSES, GIVES_BACK_TO_NOBODY) == []


def test_whoever_posts_goods_that_can_be_promised_says_so() -> None:
    assert silent(ours(), POSTS, freed.CAUSES, FREES_NOTHING) == []


def test_what_is_excused_is_there_and_needs_it() -> None:
    excused = [(UNCOMMITS, GIVES_BACK_TO_NOBODY), (POSTS, FREES_NOTHING)]
    for roots, named in excused:
        assert set(named) <= set(ours())
        for name in named:
            assert silent(ours(), roots, freed.CAUSES, set(named) - {name}), name


TOY = {
    "flowrack.one.types": "class Freed:\n    kind: str = 'one.freed'\nclass Other:\n    kind: str = 'one.other'\n",
    "flowrack.one.steps": "def give(ctx): pass\n",
    "flowrack.two.steps": "from flowrack.one.steps import give\ndef give_two(ctx):\n    give(ctx)\n",
    "flowrack.two.commands": """
from flowrack.one.types import Freed, Other
from flowrack.two import steps
@command(permission="two.give")
def tells(ctx):
    steps.give_two(ctx)
    _tell(ctx)
def _tell(ctx):
    ctx.emit(Freed())
@command(permission="two.give")
def tells_something_else(ctx):
    steps.give_two(ctx)
    ctx.emit(Other())
def nobody_calls(ctx):
    steps.give_two(ctx)
""",
}


def test_a_command_that_frees_stock_and_tells_nobody_is_found() -> None:
    toy = functions({name: ast.parse(text) for name, text in TOY.items()})
    up = "flowrack.two.steps.give_two < flowrack.one.steps.give"
    assert silent(toy, ["flowrack.one.steps.give"], ["one.freed"], []) == [
        f"flowrack.two.commands.nobody_calls < {up}",
        f"flowrack.two.commands.tells_something_else < {up}",
    ]
    assert silent(toy, ["flowrack.one.steps.give"], ["one.freed"], ["flowrack.two.steps.give_two"]) == []
