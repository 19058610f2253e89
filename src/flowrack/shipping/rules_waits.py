"""What an order waits for, in words, in each state between entry and departure. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flowrack.allocation.rules_coming import Coming, in_words

# What an order can wait for, in the order of the flow, and how people call it.
KINDS = {
    "hold": "release of a hold",
    "reservation": "reservation",
    "stock": "stock",
    "wave": "wave",
    "picker": "picker",
    "packer": "packer",
    "carrier": "carrier",
}


@dataclass(frozen=True, slots=True)
class Lacking:
    """The line that lacks most of an order that waits for stock, how many lines lack some, and what comes next."""

    line_id: int
    line_no: int
    sku: str
    units: int
    lines: int
    wanted: int = 0
    promised_on: date | None = None  # the day to come on which the line leaves as it was told
    coming: Coming | None = None


@dataclass(frozen=True, slots=True)
class InStock:
    """Units of an order whose stock is at hand, how many of them are free for it now, and why the line that lacks most
    of the others does not get them."""

    line_id: int
    free: int
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Unproved:
    """The first carton of an order that no truck takes as it is, why, and how many more there are."""

    carton_id: int
    sscc: str
    lacks: str
    more: int = 0


@dataclass(frozen=True, slots=True)
class OrderStands:
    """How an order stands in each stage, as far as it waits there."""

    order_id: int
    number: str
    kinds: tuple[str, ...]
    hold: str = ""
    waiting: int = 0
    reserved: int = 0  # and given to no picker
    to_pick: int = 0
    of_picks: int = 0
    wave_id: int = 0
    wave: str = ""
    short_units: int = 0
    short_wave: str = ""
    picked: int = 0
    packed: int = 0
    shipment_id: int = 0
    shipment: str = ""
    carrier: str = ""
    lacking: Lacking | None = None
    in_stock: InStock | None = None  # where nothing is lacking and somebody read it
    promised: int = 0  # of those that wait
    terms: str = ""  # why the customer does not take what is there as it is
    unproved: Unproved | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing that an order waits for: its kind, the words, and the document where it can be solved."""

    kind: str
    words: str
    at: str  # "holds", "line", "order", "wave", "carton" or "shipment"
    id: int


def waits_of(order: OrderStands) -> list[Wait]:
    """All that an order waits for, the earliest stage first."""
    return [_TOLD[kind](order) for kind in order.kinds]


def _hold(order: OrderStands) -> Wait:
    return Wait(
        "hold", f"release of its hold: {order.hold.rstrip('.')}" if order.hold else "release of its hold", "holds", 0
    )


def _reservation(order: OrderStands) -> Wait:
    units = f"{order.waiting:,} unit{'' if order.waiting == 1 else 's'}"
    told = f", {order.promised:,} of them promised" if 0 < order.promised < order.waiting else ""
    told = ", all promised" if order.promised and order.promised == order.waiting else told
    return Wait("reservation", f"reservation: {units} not reserved yet{told}", "order", order.order_id)


def _stock(order: OrderStands) -> Wait:
    short = f"; {order.short_units:,} were not found in {order.short_wave}" if order.short_units else ""
    one = order.lacking
    if one is None:
        return _in_stock(order, short)
    more = f", and {one.lines - 1:,} more line{'s' if one.lines > 2 else ''}" if one.lines > 1 else ""
    of = f" of {one.wanted:,}" if one.wanted > one.units else ""
    said = f"line {one.line_no}, item {one.sku}: {one.units:,}{of} missing, {_coming(one)}{more}{short}"
    return Wait("stock", said, "line", one.line_id)


def _coming(line: Lacking) -> str:
    """The day that the line was promised, for its promise need not hang on what comes next; what is overdue always."""
    one = line.coming
    if one is None:
        return "none on order"
    if line.promised_on is not None and not one.is_overdue:
        return f"promised to leave {line.promised_on.day} {line.promised_on:%b}"
    if one.on is None or one.has_left:
        return in_words(one)
    day = f"{one.on.day} {one.on:%b}"
    return f"{one.number} is overdue since {day}" if one.is_overdue else f"next delivery {day} ({one.number})"


def _in_stock(order: OrderStands, short: str) -> Wait:
    """All that it waits for is in stock: free, or kept from it."""
    found = order.in_stock
    if found is None:
        return Wait(
            "stock", f"stock: {order.waiting:,} units, all in stock but not reserved{short}", "order", order.order_id
        )
    if not found.cause:
        said = f"stock: {order.waiting:,} units, all free now but not reserved{short}"
        return Wait("stock", said, "order", order.order_id)
    free = f", {found.free:,} free now but not reserved" if found.free else ""
    return Wait(
        "stock", f"stock: {order.waiting:,} units{free}; {found.cause.rstrip('.')}{short}", "line", found.line_id
    )


def _wave(order: OrderStands) -> Wait:
    said = f"wave: {order.reserved:,} reserved, none of them with a picker"
    if order.terms:
        said = f"wave: {order.reserved:,} reserved, but {order.terms}"
    return Wait("wave", said, "order", order.order_id)


def _picker(order: OrderStands) -> Wait:
    said = f"picker: {order.to_pick:,} of {order.of_picks:,} still to pick in {order.wave}"
    return Wait("picker", said, "wave", order.wave_id)


def _packer(order: OrderStands) -> Wait:
    return Wait("packer", f"packer: {order.picked - order.packed:,} picked and not packed", "order", order.order_id)


def of_carton(one: Unproved) -> str:
    """What keeps a carton in the house, as the order's page and the list of what was left behind say it."""
    more = f" (and {one.more:,} more)" if one.more else ""
    return f"no truck takes carton {one.sscc}{more}: {one.lacks}"


def _carrier(order: OrderStands) -> Wait:
    if order.unproved is not None:
        said = f"carrier: {order.packed:,} packed, but {of_carton(order.unproved)}"
        return Wait("carrier", said, "carton", order.unproved.carton_id)
    if order.shipment_id:
        who = order.carrier or "carrier"
        return Wait("carrier", f"{who}: {order.shipment} is ready to leave", "shipment", order.shipment_id)
    held = f", but {order.terms}" if order.terms else ""
    return Wait("carrier", f"carrier: {order.packed:,} packed, not on a shipment yet{held}", "order", order.order_id)


_TOLD = {
    "hold": _hold,
    "reservation": _reservation,
    "stock": _stock,
    "wave": _wave,
    "picker": _picker,
    "packer": _packer,
    "carrier": _carrier,
}
