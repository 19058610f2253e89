"""The ledger's words: places, moves, claims, postings and the refusals of the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid

NO_LOT = 0
NO_LPN = 0
OWN = 1  # our own company's row among the parties


class Quality(StrEnum):
    """What stock is fit for; only available stock can be promised."""

    AVAILABLE = "available"
    INSPECTION = "inspection"
    QUARANTINE = "quarantine"
    DAMAGED = "damaged"
    HOLD = "hold"
    EXPIRED = "expired"


class State(StrEnum):
    """Where stock stands in the flow: its quality, or else the role of the zone it lies in."""

    RECEIVING = "receiving"
    INSPECTION = "inspection"
    QUARANTINE = "quarantine"
    RESERVE = "reserve"
    FORWARD_PICK = "forward_pick"
    STAGED = "staged"
    IN_TRANSIT = "in_transit"
    RETURN_REVIEW = "return_review"
    DAMAGED = "damaged"
    HOLD = "hold"
    EXPIRED = "expired"


STATES = tuple(State)
ALLOCATABLE = (State.RESERVE, State.FORWARD_PICK)


class Account(StrEnum):
    """The account role of a location: a move between two of them is a journal entry."""

    INVENTORY = "inventory"
    IN_TRANSIT = "in_transit"
    GRNI = "grni"
    COGS = "cogs"
    ADJUSTMENT = "adjustment"
    SCRAP = "scrap"
    OPENING = "opening"
    VARIANCE = "variance"
    CLEARING = "clearing"


class Claim(StrEnum):
    """What a move does to the claims of its demand.

    pick: uses up the reservation on the source cell and the commitment on the pool, reserves the units at the target.
    carry: takes the reservation along from the source cell to the target cell (packing, loading).
    ship: uses up the reservation on the source cell; nothing is left.
    unpick: the reverse of a pick: uses up the reservation at the source, commits the units and reserves them at target.
    issue: uses up the commitment on the pool alone: free units of the cell leave, without pick or staging.
    """

    NONE = ""
    PICK = "pick"
    CARRY = "carry"
    SHIP = "ship"
    UNPICK = "unpick"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True)
class Place:
    """Where and in what quality: a location, the LPN on it (0 = loose) and the quality of the stock."""

    location_id: int
    lpn_id: int = NO_LPN
    quality: str = "available"


@dataclass(frozen=True, slots=True)
class Move:
    """So many units of one item (and lot, and owner) from one place to another, for a reason.

    `value` is the money that goes along: required when stock enters from outside (unless the item has a standard
    cost) and on value-only moves (units 0); left out on issues, which the kernel costs by the item's method.
    `origin` says which record caused it, `demand` and `claim` which reservation it uses (see Claim).
    `of_move` names the earlier move that this one undoes in part: a customer return comes back at the cost with which
    that issue left (and never more units than it had), a return to the supplier takes what is left of that
    receipt's FIFO layer, and the rest from the oldest.
    """

    item_id: int
    units: int
    source: Place
    target: Place
    reason: str
    lot_id: int = NO_LOT
    owner_id: int = OWN
    value: Decimal | None = None
    origin: str = ""
    demand: str = ""
    claim: Claim = Claim.NONE
    of_move: int = 0


@dataclass(frozen=True, slots=True)
class Posting:
    """A batch that was posted: its id, the ids of its moves and their values, in the order of the request."""

    posting_id: int
    move_ids: list[int]
    values: list[Decimal]


@dataclass(frozen=True, slots=True)
class PoolClaim:
    """Units of a pool (item, lot, site, owner) for one demand, such as "sales.line:991"."""

    item_id: int
    site_id: int
    units: int
    ref: str
    lot_id: int = NO_LOT
    owner_id: int = OWN


@dataclass(frozen=True, slots=True)
class CellClaim:
    """Units of one cell for one demand."""

    cell_id: int
    units: int
    ref: str


class LedgerRefusal(FlowrackError):
    """Base of the kernel's refusals; `lines` names every bad move, counted from 1."""

    code = "ledger_refused"
    status = 409


class BadMove(Invalid):
    """A move that makes no sense: same place twice, unknown item or place, no units and no value."""

    code = "bad_move"


class InsufficientStock(LedgerRefusal):
    """There are not so many free units at the source."""

    code = "insufficient_stock"


class CommittedStock(LedgerRefusal):
    """The move would take promised stock; the commitments are named in `details`."""

    code = "committed_stock"


class LotRequired(LedgerRefusal):
    """The item is tracked by lot or serial and the move names none."""

    code = "lot_required"


class SerialTaken(LedgerRefusal):
    """A serial number would be in stock twice, or more than one unit of it."""

    code = "serial_taken"


class LpnElsewhere(LedgerRefusal):
    """An LPN would stand in two places."""

    code = "lpn_elsewhere"


class CostMissing(LedgerRefusal):
    """Stock enters without a value and its item has no standard cost."""

    code = "cost_missing"


class OverReturn(LedgerRefusal):
    """More units would come back than the issue took out."""

    code = "over_return"


class NotFree(LedgerRefusal):
    """A pool or cell has not so many free units as were claimed."""

    code = "not_free"


class NothingClaimed(LedgerRefusal):
    """A release of more than the demand holds."""

    code = "nothing_claimed"


class AlreadyReversed(LedgerRefusal):
    """The posting was reversed before, or cannot be reversed exactly any more."""

    code = "already_reversed"
