"""Decisions about a load: what may go on now, what may travel together, what is missing. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flowrack.shared import hazmat

RULE = "shipping.load.1"
LOOSE = 0
NAMED = 3
CITED = hazmat.CITATION
NOT_ADVICE = (
    "Limited quantities (LQ) are left out of the table. It is a transport rule and no legal advice: a person who is"
    " trained for it decides."
)
APART = {
    "X": "may not be loaded or transported together",
    "*": "may travel together only as their compatibility groups allow, which are not known here",
    "O": "may travel together only if separated so that, should packages leak, they cannot mix",
}


@dataclass(frozen=True, slots=True)
class Content:
    """Staged units on a plate (`lpn_id` 0 = loose) for an order of a load, with what the truck must know of them.

    Of a transfer, `order_id` is 0 and `order` its number.
    """

    stop_no: int
    order_id: int
    order: str
    customer: str
    lpn_id: int
    code: str
    kind: str
    item_id: int
    sku: str
    hazard: str
    units: int
    weight_g: int
    volume_ml: int
    location: str
    inner_id: int = 0
    packed_g: int = 0
    transfer_id: int = 0


Key = tuple[int, int, int]  # LPN, and where the goods are loose the order or the transfer


@dataclass(slots=True)
class Plate:
    """What is carried onto the truck in one go: a pallet, a carton, a tote, or loose goods of an order or transfer."""

    key: Key
    code: str
    kind: str
    location: str
    stops: set[int] = field(default_factory=set)
    orders: dict[int, str] = field(default_factory=dict)
    transfers: dict[int, str] = field(default_factory=dict)
    customers: set[str] = field(default_factory=set)
    hazards: dict[str, str] = field(default_factory=dict)
    units: int = 0
    weight_g: int = 0
    volume_ml: int = 0
    inner: set[int] = field(default_factory=set)

    @property
    def stop_no(self) -> int:
        """The stop for which it is; of several the first."""
        return min(self.stops)

    @property
    def name(self) -> str:
        """As a person calls it."""
        return self.code or f"loose goods of {self.numbers[0]}"

    @property
    def numbers(self) -> list[str]:
        """The orders and transfers whose goods are on it."""
        return [*self.orders.values(), *self.transfers.values()]


TOTE = "tote"
PACK_FIRST = "Pack it first. Where totes leave as they are, How trucks are loaded says so."


def is_unpacked(plate: Plate, *, takes_totes: bool) -> bool:
    """Whether a plate is a picking tote that no truck of the site takes: what is in it is packed first."""
    return plate.kind == TOTE and not takes_totes


def key_of(lpn_id: int, order_id: int, transfer_id: int = LOOSE) -> Key:
    """How a plate is told apart from others: by its LPN, loose goods by whose they are."""
    return (lpn_id, LOOSE, LOOSE) if lpn_id else (LOOSE, order_id, transfer_id)


def plates(contents: Iterable[Content]) -> dict[Key, Plate]:
    """Contents gathered by what carries them, in the order in which they come."""
    found: dict[Key, Plate] = {}
    for one in contents:
        key = key_of(one.lpn_id, one.order_id, one.transfer_id)
        plate = found.setdefault(key, Plate(key, one.code, one.kind if one.lpn_id else "loose", one.location))
        plate.stops.add(one.stop_no)
        (plate.transfers if one.transfer_id else plate.orders)[one.transfer_id or one.order_id] = one.order
        plate.customers.add(one.customer)
        if one.hazard:
            plate.hazards.setdefault(one.hazard, one.sku)
        if not one.packed_g:
            plate.weight_g += one.weight_g
        elif one.inner_id not in plate.inner:
            plate.weight_g += one.packed_g
        if one.inner_id:
            plate.inner.add(one.inner_id)
        plate.units += one.units
        plate.volume_ml += one.volume_ml
    return found


def out_of_turn(stop_no: int, waiting: Iterable[Plate]) -> list[Plate]:
    """What should go on first: plates of later stops, which are unloaded last and so stand deepest."""
    return sorted((p for p in waiting if p.stop_no > stop_no), key=lambda p: (-p.stop_no, p.name))


@dataclass(frozen=True, slots=True)
class Pair:
    """Goods of two hazard classes and what the table says of them."""

    one: str
    one_sku: str
    other: str
    other_sku: str
    cell: str

    @property
    def sentence(self) -> str:
        """The rule as a sentence, with its citation."""
        return (
            f"Class {self.one} ({self.one_sku}) and class {self.other} ({self.other_sku}) {APART[self.cell]}:"
            f" {CITED}, cell {self.cell}."
        )


def pairs(new: Mapping[str, str], aboard: Mapping[str, str]) -> list[Pair]:
    """Pairs that may not simply travel together, the strictest first: new goods with each other and with the truck."""
    found: dict[tuple[str, str], Pair] = {}
    for one, one_sku in sorted(new.items()):
        for other, other_sku in {**aboard, **new}.items():
            cell = hazmat.cell(one, other)
            first, second = sorted((one, other))
            if cell != hazmat.FREE and one != other and (first, second) not in found:
                found[first, second] = Pair(one, one_sku, other, other_sku, cell)
    return sorted(found.values(), key=lambda p: (-hazmat.STRICTNESS[p.cell], p.one, p.other))


def hazards_of(some: Iterable[Plate]) -> dict[str, str]:
    """Hazard classes and divisions on plates, each with an item that has it."""
    found: dict[str, str] = {}
    for plate in some:
        for hazard, sku in plate.hazards.items():
            found.setdefault(hazard, sku)
    return found


def two_trucks(of_orders: Sequence[tuple[str, Mapping[str, str]]]) -> list[str]:
    """The orders that must go on another truck, so that no forbidden pair is left: later ones give way."""
    aboard: dict[str, str] = {}
    away: list[str] = []
    for number, hazards in of_orders:
        if any(pair.cell != hazmat.SEPARATED for pair in pairs(hazards, aboard)):
            away.append(number)
        else:
            aboard.update(hazards)
    return away


def too_much(weight_g: int, volume_ml: int, max_weight_g: int, max_volume_ml: int) -> str:
    """What the truck cannot take, as a sentence; empty when it can, or when its limits are not known."""
    words = []
    if max_weight_g and weight_g > max_weight_g:
        words.append(f"{weight_g / 1000:,.0f} kg of {max_weight_g / 1000:,.0f} kg")
    if max_volume_ml and volume_ml > max_volume_ml:
        words.append(f"{volume_ml / 10**6:,.1f} m³ of {max_volume_ml / 10**6:,.1f} m³")
    return f"Too much for the truck: {' and '.join(words)}." if words else ""


def listed(names: Collection[str]) -> str:
    """A few names, and how many more."""
    shown = list(names)[:NAMED]
    return ", ".join(shown) + (f" and {len(names) - NAMED:,} more" if len(names) > NAMED else "")


def belongs(order: str, customer: str, load: str, door: str, *, is_this: bool) -> str:
    """Where goods of an order go, as the way out for who holds them; `is_this`: the truck before them."""
    if is_this:
        return "Its other goods go on this truck: pack them apart first."
    if load:
        return f"{order} goes on {load}" + (f" at door {door}." if door else ", which has no door yet.")
    return f"{order}{f' for {customer}' if customer else ''} is on no truck: leave it in staging."


STILL_MINUTES = 20


def so_long(minutes: int) -> str:
    """Minutes in words: 45 min, 2 h 19 min."""
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60} min"


def stuck(
    *, state: str, has_door: bool, waiting: int, to_come: int, minutes_left: int | None, still_minutes: int
) -> str:
    """What keeps a truck, as a sentence: the first thing that a lead must do something about; empty when there is none.

    `minutes_left` to the carrier's cut-off, `still_minutes` since the last plate went on.
    """
    late = minutes_left is not None and minutes_left < 0
    is_live = state in ("open", "loading")
    is_still = state == "loading" and waiting > 0 and still_minutes >= STILL_MINUTES
    reasons = (
        (state == "closed", "Closed, and has not left its door"),
        (is_live and late, f"The cut-off was {so_long(-(minutes_left or 0))} ago"),
        (is_live and not has_door, "Has no door"),
        (is_live and to_come > 0, f"{to_come:,} units are not staged yet"),
        (is_still, f"Nothing was loaded for {so_long(still_minutes)}"),
        (state == "loading" and not waiting, "All is on: close it"),
    )
    return next((words for holds, words in reasons if holds), "")
