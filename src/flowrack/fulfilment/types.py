"""What fulfilment is asked, answers and tells: waves, picks, short picks and cartons."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from flowrack.shared.errors import FlowrackError, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class ReleaseOrders:
    """Give the promised units of orders to pickers as one wave. Stage 0 = the site's first staging location.

    `line_ids` are the lines that go (empty = all); `wave_id` names a wave on the floor that they join (0 = a new one).
    `cut_off_at` is when the truck of a new wave leaves (None = nobody said: it never slips).
    """

    site_id: int
    order_ids: list[int]
    staging_id: int = 0
    line_ids: list[int] = field(default_factory=list)
    wave_id: int = 0
    cut_off_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CutOffSeen:
    """By which cut-off orders could leave: on the site's clock, and by which service."""

    at: datetime
    service: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """An order that was not released, and why."""

    order_id: int
    number: str
    why: str


@dataclass(frozen=True, slots=True)
class Released:
    """The wave: its number, the picks in walking order, what was left out, planned cartons, and its pick lists."""

    wave_id: int
    number: str
    pick_ids: list[int]
    units: int
    order_ids: list[int]
    skipped: list[Skipped]
    cartons: int = 0
    list_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Pick:
    """Units taken for one pick line into a tote (LPN; 0 = loose on the staging location). Units 0 = all of it."""

    pick_id: int
    units: int = 0
    tote_id: int = 0


@dataclass(frozen=True, slots=True)
class ConfirmPicks:
    """Picks that were made; a scan sends one."""

    picks: list[Pick]


@dataclass(frozen=True, slots=True)
class Picked:
    """The pick lines that are done, their units, and the ids of the lines that keep what was left."""

    pick_ids: list[int]
    units: list[int]
    rest_ids: list[int]
    posting_id: int


@dataclass(frozen=True, slots=True)
class ShortPick:
    """Fewer units were found than the pick asks for."""

    pick_id: int
    found_units: int
    reason: str
    tote_id: int = 0


@dataclass(frozen=True, slots=True)
class ShortPicked:
    """What was taken, the new picks of the same list, and what waits for stock again.

    So many units come from another bin; `instead_units` of other items stand for `replaced_units`. `unseen_units` more
    stand in the books of the bin and are in doubt with those that were not found.
    """

    pick_id: int
    units: int
    elsewhere_ids: list[int]
    elsewhere_units: int
    waiting_units: int
    instead_units: int = 0
    replaced_units: int = 0
    unseen_units: int = 0


@dataclass(frozen=True, slots=True)
class UndoPick:
    """Put a pick back where it came from."""

    pick_id: int


@dataclass(frozen=True, slots=True)
class PickUndone:
    """The pick is open again."""

    pick_id: int
    units: int


@dataclass(frozen=True, slots=True)
class RecallOrders:
    """Take orders back from the pickers: what is not picked yet stays promised but leaves the wave (0 = any)."""

    order_ids: list[int]
    reason: str
    wave_id: int = 0


@dataclass(frozen=True, slots=True)
class AskPutBack:
    """Put what is picked of an order, and in no carton, back into its bins.

    `then_cancel`: when the last of it is back, the order is cancelled for this reason.
    """

    order_id: int
    then_cancel: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PutBackAsked:
    """The picks that the floor is to put back, and their units."""

    order_id: int
    pick_ids: list[int]
    units: int


@dataclass(frozen=True, slots=True)
class Recalled:
    """Picks that were called back."""

    pick_ids: list[int]
    units: int


@dataclass(frozen=True, slots=True)
class PackLine:
    """Units of one order line (and lot) that go into the carton, from a tote (0 = loose)."""

    line_id: int
    units: int
    lot_id: int = 0
    from_lpn_id: int = 0


@dataclass(frozen=True, slots=True)
class Pack:
    """Pack what was verified into a new carton with its own SSCC. No contents = all that is staged for the order.

    `carton_type` is the code of the carton that was taken; empty = nobody said. `planned_type` is the one that was
    proposed when it was packed: it counts where the release has planned none. `checked` says how the contents were
    checked (see Checked); empty = not told.
    """

    order_id: int
    contents: list[PackLine] = field(default_factory=list)
    kind: str = "carton"
    weight_g: int = 0
    carton_type: str = ""
    planned_type: str = ""
    checked: str = ""


@dataclass(frozen=True, slots=True)
class PackOrders:
    """Cartons to pack; the pack station sends one."""

    cartons: list[Pack]


@dataclass(frozen=True, slots=True)
class PackedCarton:
    """A carton that is closed and labelled."""

    carton_id: int
    lpn_id: int
    sscc: str
    order_id: int
    units: int


@dataclass(frozen=True, slots=True)
class Packed:
    """The cartons, in the order of the request."""

    cartons: list[PackedCarton]


@dataclass(frozen=True, slots=True)
class UnpackCarton:
    """Open a carton again: its contents go back, loose, to the staging location."""

    carton_id: int


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The carton is void."""

    carton_id: int
    units: int


@dataclass(frozen=True, slots=True)
class StagedUnits:
    """Picked units of an order line that stand on the staging location, loose or on an LPN."""

    line_id: int
    order_id: int
    item_id: int
    lot_id: int
    owner_id: int
    cell_id: int
    location_id: int
    lpn_id: int
    quality: str
    units: int


@dataclass(frozen=True, slots=True)
class WaveReleased:
    """Event: a wave was given to pickers."""

    wave_id: int
    number: str
    site_id: int
    order_ids: list[int]
    pick_ids: list[int]
    kind: str = "fulfilment.wave_released"


@dataclass(frozen=True, slots=True)
class PicksConfirmed:
    """Event: goods were picked."""

    site_id: int
    order_ids: list[int]
    pick_ids: list[int]
    units: list[int]
    kind: str = "fulfilment.picks_confirmed"


@dataclass(frozen=True, slots=True)
class PicksCalledBack:
    """Event: open picks of these items were taken from the floor."""

    site_id: int
    item_ids: list[int]
    kind: str = "fulfilment.picks_called_back"


@dataclass(frozen=True, slots=True)
class PickShort:
    """Event: a bin held less than the ledger says; counting opens a count of it."""

    site_id: int
    location_id: int
    item_id: int
    lot_id: int
    pick_id: int
    order_line_id: int
    expected_units: int
    found_units: int
    reason: str
    instead_item_ids: list[int] = field(default_factory=list)
    kind: str = "fulfilment.pick_short"


@dataclass(frozen=True, slots=True)
class CartonsPacked:
    """Event: cartons were packed, by one command; whose they are."""

    order_ids: list[int]
    carton_ids: list[int]
    kind: str = "fulfilment.cartons_packed"


@dataclass(frozen=True, slots=True)
class CartonPacked:
    """Event of 0.1 and before: a carton was packed. Nothing emits it; those not delivered at an upgrade are heard."""

    site_id: int
    order_id: int
    carton_id: int
    lpn_id: int
    sscc: str
    kind: str = "fulfilment.carton_packed"


class NothingToRelease(FlowrackError):
    """None of the orders has promised units that could be picked."""

    code = "nothing_to_release"


class WaveGone(FlowrackError):
    """The wave that orders were to join is over, or is not there."""

    code = "wave_gone"


class NoStaging(FlowrackError):
    """The site has no staging location."""

    code = "no_staging"


class PickNotFound(NotFound):
    """There is no such pick."""

    code = "pick_not_found"


class PickClosed(FlowrackError):
    """Somebody has done, shortened or called back this pick."""

    code = "pick_closed"


class PickTooMany(Invalid):
    """More units than the pick asks for."""

    code = "pick_too_many"


class WrongTote(FlowrackError):
    """The tote already holds goods of another order."""

    code = "wrong_tote"


class AlreadyPacked(FlowrackError):
    """The picked goods are in a carton or have left."""

    code = "already_packed"


class NotStaged(FlowrackError):
    """So many units of the line are not staged there."""

    code = "not_staged"
