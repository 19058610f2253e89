"""Turns the kernel's SQL refusals (SQLSTATE FR001, JSON detail) into typed ones with a sentence for every bad line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import DatabaseError

from flowrack.ledger import types
from flowrack.shared.errors import BadLine, FlowrackError

REFUSED = "FR001"

BAD_MOVES = {
    "item": ("item", "There is no item {id}.", "Check the item."),
    "source": ("source", "There is no location {id} to take from.", "Check the location."),
    "target": ("target", "There is no location {id} to put into.", "Check the location."),
    "lpn": ("lpn", "There is no such license plate for {sku}.", "Scan its label again."),
    "owner": ("owner", "There is no party {id} to own {sku}.", "Check the owner."),
    "lot": ("lot", "Lot {id} is not a lot of {sku}.", "Scan the lot of this item."),
    "units": ("units", "{units} units of {sku} cannot be moved.", "Move one unit or more."),
    "same_place": ("target", "{sku} would leave {location} and arrive at the same place.", "Scan another place."),
    "between_sites": ("target", "{sku} cannot jump from {location} to another site.", "Use a transfer order."),
    "lot_required": ("lot", "{sku} is tracked by lot or serial and none was given.", "Scan the lot or serial."),
    "lot_unwanted": ("lot", "{sku} is not tracked by lot, but one was given.", "Leave the lot out."),
}


def _bad_move(line: dict[str, Any]) -> BadLine:
    field, message, fix = BAD_MOVES[line["what"]]
    return BadLine(line["line"], field, message.format(**line), fix)


def _short(line: dict[str, Any]) -> BadLine:
    lot = f" lot {line['lot']}" if line.get("lot") else ""
    held = f", {line['reserved']} of them reserved" if line.get("reserved") else ""
    return BadLine(
        line["line"],
        "units",
        f"{line['wanted']} of {line['sku']}{lot} wanted from {line['location']}, which holds {line['on_hand']}{held}.",
        f"Take at most {line['free']}, or count the bin." if line["free"] > 0 else "Take it from another bin.",
    )


def _promised(line: dict[str, Any]) -> BadLine:
    named = ", ".join(f"{c['units']} for {c['ref']}" for c in (line["commitments"] or [])[:5])
    return BadLine(
        line["line"],
        "units",
        f"{line['committed']} of {line['allocatable']} units of {line['sku']} are promised: {named}.",
        "Release some of these promises first.",
    )


def _not_free(line: dict[str, Any]) -> BadLine:
    return BadLine(
        line["line"],
        "units",
        f"{line['wanted']} of {line.get('sku') or 'this item'} wanted, {line.get('free') or 0} free.",
        "Claim what is free, or wait for more.",
    )


def _nothing_claimed(line: dict[str, Any]) -> BadLine:
    return BadLine(
        line["line"], "ref", f"{line['ref']} does not hold {line['wanted']} units.", "Read its claims again."
    )


def _serial(line: dict[str, Any]) -> BadLine:
    return BadLine(
        line["line"], "lot", f"Serial {line['lot']} is already in stock at {line['location']}.", "Check the serial."
    )


def _lpn(line: dict[str, Any]) -> BadLine:
    return BadLine(
        0,
        "lpn",
        f"{line['lpn']} stands at {line['elsewhere']}; it cannot also stand at {line['location']}.",
        "Move all of it, or take the units off the pallet.",
    )


def _cost(line: dict[str, Any]) -> BadLine:
    return BadLine(
        line["line"], "value", f"{line['sku']} comes in without a cost.", "Give its cost or a standard cost."
    )


def _over_return(line: dict[str, Any]) -> BadLine:
    return BadLine(
        line["line"],
        "units",
        f"{line['units']} of {line['sku']} would come back, {line['sent']} were sent, {line['back']} are back already.",
        f"Return at most {max(line['sent'] - line['back'], 0)}.",
    )


def _used(line: dict[str, Any]) -> BadLine:
    return BadLine(
        line["line"], "value", "What came in was used since, its cost can no longer be taken back.", "Return it."
    )


Refuse = tuple[type[FlowrackError], str, Callable[[dict[str, Any]], BadLine]]
REFUSALS: dict[str, Refuse] = {
    "bad_move": (types.BadMove, "This cannot be moved.", _bad_move),
    "insufficient_stock": (types.InsufficientStock, "There is not enough free stock.", _short),
    "committed_stock": (types.CommittedStock, "This stock is promised.", _promised),
    "not_free": (types.NotFree, "There is not enough free stock to claim.", _not_free),
    "nothing_claimed": (types.NothingClaimed, "The claim does not hold so much.", _nothing_claimed),
    "serial_taken": (types.SerialTaken, "A serial number can be in one place only.", _serial),
    "lpn_elsewhere": (types.LpnElsewhere, "An LPN stands at one place only.", _lpn),
    "cost_missing": (types.CostMissing, "A cost is missing.", _cost),
    "over_return": (types.OverReturn, "More would come back than was sent.", _over_return),
    "already_reversed": (types.AlreadyReversed, "This was undone before.", _used),
    "already_used": (types.AlreadyReversed, "This cannot be reversed exactly any more.", _used),
    "value_mismatch": (types.AlreadyReversed, "The value in the books does not allow this.", _used),
}


def refusal_of(error: DatabaseError) -> FlowrackError | None:
    """The typed refusal behind a database error of the kernel's functions; None for any other error."""
    cause = error.__cause__
    if not isinstance(cause, psycopg.Error) or cause.sqlstate != REFUSED:
        return None
    detail = json.loads(cause.diag.message_detail or "{}")
    lines: list[dict[str, Any]] = detail["lines"] or []
    if detail["code"] == "bad_move" and lines and all(line["what"] == "lot_required" for line in lines):
        return types.LotRequired("A lot or serial is missing.", lines=[_bad_move(line) for line in lines])
    kind, sentence, render = REFUSALS[detail["code"]]
    bad = [render(line) for line in lines]
    if len(bad) == 1:
        sentence = bad[0].message
    return kind(sentence, lines=bad, fix=bad[0].fix if len(bad) == 1 else "", facts=lines)
