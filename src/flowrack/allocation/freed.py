"""Stock became free: the one list of the events that say so, for every stage that gives it to somebody.

A stage says `@freed.subscriber` on a function in its subscribers, and is called for each site and its items of which
units may be free again, whatever freed them. What frees stock in a new way gets its row here, and all hear of it;
`tests/architecture/test_freed.py` reads from the source who frees stock and tells nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps

from flowrack.allocation import queries_modes, queries_rules
from flowrack.allocation.types import PromiseTakenBack
from flowrack.allocation.types_overrides import OverridesOver
from flowrack.inbound.types import ReceivedEvent
from flowrack.inspection.types import DecidedEvent, JudgedLine, ReleasedEvent
from flowrack.platform import outbox
from flowrack.platform.outbox import Handler, OutboxMessage
from flowrack.platform.runner import Context
from flowrack.sales.types import LineUnitsChanged, UnitsCancelled
from flowrack.sales.types_changes import LotsGivenBack
from flowrack.sales.types_sites import LinesMoved
from flowrack.storage.types import PutAway, QualityChanged, StockAdjusted, StockMoved
from flowrack.storage.types_transfer_plans import TransferChanged

AVAILABLE = "available"
OVERRIDES_OVER = "allocation.overrides_ended"


@dataclass(frozen=True, slots=True)
class Freed:
    """Items of which units may be free at a site, and what freed them, in words."""

    site_id: int
    item_ids: list[int]
    cause: str
    kind: str  # of the event that says so


Reader = Callable[[OutboxMessage], Iterable[tuple[int, Iterable[int]]]]  # sites and their items


def subscriber(handler: Callable[[Context, Freed], None]) -> Callable[[Context, Freed], None]:
    """Call the function for each site at which an event may have freed units, with a key of its own for the site."""
    for kind in CAUSES:
        outbox.subscriber(kind)(_hearing(handler, kind))
    return handler


def _hearing(handler: Callable[[Context, Freed], None], kind: str) -> Handler:
    cause, read = CAUSES[kind]

    @wraps(handler)
    def hear(ctx: Context, message: OutboxMessage) -> None:
        for site_id, item_ids in read(message):
            items = sorted(set(item_ids))
            if items:
                handler(ctx.keyed(f"free-{site_id}"), Freed(site_id, items, cause, kind))

    return hear


def _put_away(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    event = message.as_type(PutAway)
    yield event.site_id, (line.item_id for line in event.lines)


def _received(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    """Goods that stand in their bin at once; at the dock they are not free yet."""
    event = message.as_type(ReceivedEvent)
    yield event.site_id, (one.item_id for one in event.lines if one.location_id and one.quality == AVAILABLE)


def _moved(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    event = message.as_type(StockMoved)
    yield event.site_id, event.item_ids


def _not_sent(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    """Stock that was kept for another site."""
    event = message.as_type(TransferChanged)
    if event.freed:
        yield event.site_id, event.item_ids


def _made_available(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    event = message.as_type(QualityChanged)
    if event.quality == AVAILABLE:
        yield event.site_id, event.item_ids


def _adjusted(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    event = message.as_type(StockAdjusted)
    yield event.site_id, event.item_ids


def _counted(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    """Counting lies downstream: its event is read as it stands."""
    yield message.body["site_id"], (one["item_id"] for one in message.body["variances"] if one["units"] > 0)


def _found(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    """Fulfilment lies downstream: its events are read as they stand."""
    yield message.body["site_id"], message.body["item_ids"]


def _returned(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    """What customers sent back and was put into a bin. Returns lie downstream."""
    yield message.body["site_id"], (one["item_id"] for one in message.body["splits"] if one["verdict"] == "restock")


def _filled(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    """A pick face was filled: free for who promises from faces alone. Replenishment lies downstream."""
    if queries_rules.in_force(message.body["site_id"]).rules.supply.pick_face_only:
        yield message.body["site_id"], (one["item_id"] for one in message.body["lines"])


def _released(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    event = message.as_type(ReleasedEvent)
    yield event.site_id, _sellable(event.lines)


def _judged(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    event = message.as_type(DecidedEvent)
    yield event.site_id, _sellable(event.lines)


def _sellable(lines: Iterable[JudgedLine]) -> Iterator[int]:
    return (line.item_id for line in lines if line.quality == AVAILABLE)


def _cancelled(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    """Units that were promised, also those of a substitute that was taken back."""
    event = message.as_type(UnitsCancelled)
    if event.unpromised_units:
        yield from queries_modes.items_of(event.line_ids).items()


def _wanted_fewer(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    """Fewer units of a line: some may have been promised, and if none were, fewer wait."""
    event = message.as_type(LineUnitsChanged)
    if event.units < event.units_before:
        yield from queries_modes.items_of([event.line_id]).items()


def _too_old(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    """Lots that would not live long enough any more on the day on which an order is wanted now."""
    yield from queries_modes.items_of(message.as_type(LotsGivenBack).line_ids).items()


def _taken_back(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    """A person took promises back, or a run did and nobody at the site got all of it."""
    event = message.as_type(PromiseTakenBack)
    if event.is_free:
        yield from queries_modes.items_of(event.line_ids).items()


def _overrides_over(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    """What was given by hand went back."""
    event = message.as_type(OverridesOver)
    yield event.site_id, event.item_ids


def _left_for_elsewhere(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    """What lines had at the site from which they do not ship any more."""
    event = message.as_type(LinesMoved)
    if event.unpromised_units and event.from_site_id != event.site_id:
        yield event.from_site_id, (item for items in queries_modes.items_of(event.line_ids).values() for item in items)


def _quoted(message: OutboxMessage) -> Iterator[tuple[int, Iterable[int]]]:
    """The promise stage lies downstream."""
    for site_id, item_ids in message.body.get("freed", {}).items():
        yield int(site_id), item_ids


CAUSES: dict[str, tuple[str, Reader]] = {
    "storage.put_away": ("goods were put away", _put_away),
    "inbound.received": ("goods were received", _received),
    "storage.moved": ("stock was moved", _moved),
    "storage.transfer_changed": ("a transfer was changed or called off", _not_sent),
    "storage.quality_changed": ("a hold was released", _made_available),
    "storage.adjusted": ("stock was found or lost", _adjusted),
    "counting.posted": ("a count found stock", _counted),
    "fulfilment.short_found": ("a picker found what was short", _found),
    "fulfilment.doubts_ended": ("what a picker did not find is in doubt no more", _found),
    "fulfilment.lot_freed": ("a picker took another lot", _found),
    "returns.disposed": ("a return was restocked", _returned),
    "replenishment.refilled": ("a pick face was filled", _filled),
    "inspection.released": ("goods were released", _released),
    "inspection.decided": ("an inspection passed", _judged),
    "sales.units_cancelled": ("an order was cancelled", _cancelled),
    "sales.line_changed": ("a customer wants fewer", _wanted_fewer),
    "sales.lots_given_back": ("a customer wants it later, or goods that keep for longer", _too_old),
    "sales.lines_moved": ("an order ships from another site now", _left_for_elsewhere),
    "allocation.promise_taken_back": ("promises were taken back", _taken_back),
    OVERRIDES_OVER: ("an override is over", _overrides_over),
    "promise.quote_ended": ("a quote was given back", _quoted),
}
