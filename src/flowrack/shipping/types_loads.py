"""What loading trucks is asked, answers and tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid, NotFound

LOAD = "shipping.load"


class StopOrder(StrEnum):
    """What happens when goods go on before those of a later stop: nothing, a warning, a reason is asked, or no."""

    FREE = "free"
    WARN = "warn"
    REASON = "reason"
    REFUSE = "refuse"


class PastCutOff(StrEnum):
    """What happens when a truck is closed after its carrier's cut-off."""

    WARN = "warn"
    REFUSE = "refuse"


class CarrierElse(StrEnum):
    """What happens when orders go on a truck of another carrier than was chosen: it is told, asked why, or refused."""

    WARN = "warn"
    REASON = "reason"
    REFUSE = "refuse"


class Behind(StrEnum):
    """Why goods did not go on their truck."""

    NO_ROOM = "no_room"
    DAMAGED = "damaged"
    NOT_FOUND = "not_found"
    NOT_READY = "not_ready"
    KEPT_APART = "kept_apart"
    CUSTOMER = "customer"


BEHIND_WORDS = {
    Behind.NO_ROOM: "No room",
    Behind.DAMAGED: "Damaged",
    Behind.NOT_FOUND: "Not found",
    Behind.NOT_READY: "Not ready",
    Behind.KEPT_APART: "Must travel apart",
    Behind.CUSTOMER: "Customer asked",
}
CALLED_OFF = "called_off"  # no answer of a person: the truck that was due did not go
WHY_BEHIND = {**{str(code): words for code, words in BEHIND_WORDS.items()}, CALLED_OFF: "Truck called off"}


@dataclass(frozen=True, slots=True)
class LoadPolicy:
    """How a site loads. A site without a row of its own has these."""

    stop_order: str = StopOrder.WARN
    past_cut_off: str = PastCutOff.WARN
    needs_seal: bool = True
    needs_signature: bool = False
    answer_hours: int = 24
    proof_years: int = 7
    carrier_else: str = CarrierElse.REASON
    takes_totes: bool = False


@dataclass(frozen=True, slots=True)
class SetLoadPolicy:
    """How a site loads from now on."""

    site_id: int
    policy: LoadPolicy


@dataclass(frozen=True, slots=True)
class LoadPolicySet:
    """The site whose policy it is."""

    site_id: int


@dataclass(frozen=True, slots=True)
class Truck:
    """What is known of a truck: door, carrier, trailer, driver, cut-off, what it can take (0 = not said).

    `carrier_reason`: why it takes orders for which another carrier was chosen.
    """

    door_id: int = 0
    carrier_id: int = 0
    trailer: str = ""
    driver: str = ""
    cut_off_at: datetime | None = None
    max_weight_g: int = 0
    max_volume_ml: int = 0
    carrier_reason: str = ""


@dataclass(frozen=True, slots=True)
class TransferStop:
    """A staged transfer on a truck; `after_orders` of its orders are delivered before it (-1 = all of them)."""

    transfer_id: int
    after_orders: int = -1


@dataclass(frozen=True, slots=True)
class PlanLoad:
    """Orders and transfers that leave on one truck, in the order of delivery: the first is unloaded first."""

    site_id: int
    order_ids: list[int]
    truck: Truck = field(default_factory=Truck)
    transfers: list[TransferStop] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LoadPlanned:
    """The load, and what somebody should know of it (goods that must be separated, too heavy)."""

    load_id: int
    number: str
    stops: int
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class ChangeLoad:
    """All orders and transfers of a load anew, in the order of delivery, and its truck.

    None says nothing of transfers: right for a load that has none.
    """

    load_id: int
    order_ids: list[int]
    truck: Truck
    transfers: list[TransferStop] | None = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StartLoad:
    """The truck stands at its door: loading begins. A door here replaces the planned one."""

    load_id: int
    door_id: int = 0


@dataclass(frozen=True, slots=True)
class LoadStarted:
    """The load that is at its door."""

    load_id: int
    number: str
    door: str


@dataclass(frozen=True, slots=True)
class LoadPlate:
    """One pallet, carton or tote goes on (`plate` is its code), or loose goods of an order or transfer (its number).

    `reason` is why it goes on out of turn, `separation` how goods that may not mix are kept apart, `along` whether a
    device that had the truck along tells of it.
    """

    load_id: int
    plate: str
    reason: str = ""
    separation: str = ""
    along: bool = False


@dataclass(frozen=True, slots=True)
class PlateLoaded:
    """What went on, for which stop, and how far the truck is; `warning` is said aloud."""

    load_id: int
    plate: str
    stop_no: int
    customer: str
    units: int
    loaded: int
    total: int
    warning: str


@dataclass(frozen=True, slots=True)
class TakeOff:
    """A plate (or an order's loose goods) comes off the truck again; `along` as with LoadPlate."""

    load_id: int
    plate: str
    along: bool = False


@dataclass(frozen=True, slots=True)
class TakenOff:
    """What came off, and how far the truck is."""

    load_id: int
    plate: str
    loaded: int
    total: int


@dataclass(frozen=True, slots=True)
class SignLoad:
    """The driver's name and signature (the digest of a kept picture) for what is on the truck."""

    load_id: int
    signed_by: str
    signature: str


@dataclass(frozen=True, slots=True)
class LoadSigned:
    """The load that is signed for."""

    load_id: int


@dataclass(frozen=True, slots=True)
class CloseLoad:
    """The truck is closed and sealed: what is on it is issued. This cannot be undone.

    `behind` says why goods of it stay here; needed when some do.
    """

    load_id: int
    seal: str = ""
    behind: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class LeftPlate:
    """Goods that stayed behind; of a transfer, `order` is its number and order_id 0.

    What was not staged stands on no plate: `plate` is empty.
    """

    order_id: int
    order: str
    plate: str
    units: int
    transfer_id: int = 0
    is_staged: bool = True


@dataclass(frozen=True, slots=True)
class LoadClosed:
    """The shipments and transfers that left with the truck, and what did not; posting 0 = it took no order."""

    load_id: int
    number: str
    shipment_ids: list[int]
    numbers: list[str]
    units: int
    posting_id: int
    behind: list[LeftPlate]
    warning: str
    transfers: list[str] = field(default_factory=list)
    transfer_posting_id: int = 0


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """Event: goods of orders did not go on their truck; they are still promised, staged or not."""

    load_id: int
    number: str
    site_id: int
    reason: str
    plates: list[LeftPlate]
    kind: str = "shipping.left_behind"


@dataclass(frozen=True, slots=True)
class LeaveDoor:
    """The truck has left its door."""

    load_id: int


@dataclass(frozen=True, slots=True)
class DoorLeft:
    """The load whose truck is gone."""

    load_id: int


@dataclass(frozen=True, slots=True)
class CancelLoad:
    """The truck does not go; its orders are free for another."""

    load_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class LoadCancelled:
    """The orders and transfers are free."""

    load_id: int
    order_ids: list[int]
    transfer_ids: list[int] = field(default_factory=list)


class LoadNotFound(NotFound):
    """There is no such load."""

    code = "load_not_found"


class LoadRefused(Invalid):
    """The load cannot be planned like this; every bad line is named."""

    code = "load_refused"


class DoorTaken(FlowrackError):
    """Another truck is being loaded at the door."""

    code = "door_taken"


class OnOtherLoad(FlowrackError):
    """The order is on another load."""

    code = "on_other_load"


class WrongTruck(FlowrackError):
    """The goods belong on another truck, or on none."""

    code = "wrong_truck"


class OutOfTurn(FlowrackError):
    """Goods of a later stop must go on first."""

    code = "out_of_turn"


class NotTogether(FlowrackError):
    """Hazardous goods that may not travel together, or only kept apart."""

    code = "not_together"


class AlreadyLoaded(FlowrackError):
    """The plate is on the truck."""

    code = "already_loaded"


class NotLoaded(FlowrackError):
    """The plate is not on the truck."""

    code = "not_loaded"


class ScannedTooLate(FlowrackError):
    """A device tells of a plate after its truck was closed."""

    code = "scanned_too_late"


class NotWhole(FlowrackError):
    """Goods of the load stay behind and nobody said why."""

    code = "not_whole"


class CannotClose(FlowrackError):
    """The truck lacks its seal, its signature, or any goods."""

    code = "cannot_close"


class OtherCarrier(FlowrackError):
    """Another carrier was chosen for orders of the load, and the site does not let them go like this."""

    code = "other_carrier"


class PastTheCutOff(FlowrackError):
    """The carrier's cut-off is over."""

    code = "past_cut_off"
