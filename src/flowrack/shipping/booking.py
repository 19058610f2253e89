"""Booking a shipment with its carrier's own system, calling it off, asking where it is: calls outside of transactions,
of which a command then keeps what came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

from flowrack.carriers import asking, queries, queries_choices, queries_live, rules_bookings
from flowrack.carriers.adapter import Adapter, BookingAsked
from flowrack.carriers.asking import Keep
from flowrack.carriers.queries_live import AccountRow, BookingRow
from flowrack.carriers.rules_bookings import Consignee, Ends
from flowrack.carriers.rules_live import Outcome
from flowrack.carriers.rules_rates import Parcel
from flowrack.carriers.types_live import BookingOf, CallOff, KeepAnswers, TrackingOf
from flowrack.platform.importing import store_file
from flowrack.platform.runner import Context
from flowrack.shared.money import to_money
from flowrack.shipping import queries as shipments
from flowrack.shipping import queries_bookings, queries_carriers
from flowrack.shipping.queries import ShipmentRow
from flowrack.shipping.queries_bookings import BookedRow
from flowrack.shipping.types_bookings import (
    AddressIncomplete,
    CarrierSaysNo,
    EndBooking,
    KeepBooking,
    KeepCallOffs,
    KeepTracking,
    NotBookable,
    NotToEnd,
)

MAY = "shipping.ship"


def account_for(shipment: ShipmentRow) -> AccountRow | None:
    """The system of the carrier that was chosen for all orders of a shipment, if it is asked. Three queries."""
    chosen = queries_choices.latest_of(shipments.order_ids_of(shipment.id)).values()
    services = {one.service_id for one in chosen}
    if len(services) != 1 or None in services:
        return None
    [service_id] = services
    carrier_id = queries_carriers.carrier_of_service(service_id or 0)
    return next((one for one in queries_live.accounts_on() if one.carrier_id == carrier_id), None)


def book(ctx: Context, shipment: ShipmentRow, keep: Keep) -> KeepBooking:
    """Book the shipment. One that is booked calls nobody: the command answers a repeated request, and refuses another.

    Refuses with NotBookable, AddressIncomplete or CarrierSaysNo.
    """
    ctx.require(MAY, shipment.site_id)
    known = queries_live.booking_of(shipment.number)
    if known is not None:
        total = to_money(known.total) if known.total is not None else None
        expected = to_money(known.expected) if known.expected is not None else None
        was = BookingOf(
            known.booking, known.tracking, total, known.label, known.label_kind, expected, known.price_words
        )
        return KeepBooking(shipment.id, known.account_id, known.service_id, known.service[:80], was)
    account = account_for(shipment)
    if shipment.state not in ("open", "shipped") or account is None:
        said = f"{shipment.number} is over, or its chosen carrier has no system that is asked."
        raise NotBookable(said, fix="Book it with the carrier, and note the tracking reference.")
    order_ids = shipments.order_ids_of(shipment.id)
    latest = queries_choices.latest_of(order_ids)[order_ids[0]]
    kept = queries_choices.case_of(latest.choice_id)
    parcels = _parcels(shipment, order_ids)
    if not parcels:
        said = f"Nothing of {shipment.number} is packed, or planned to be."
        raise NotBookable(said, fix="Pack its orders first, or book it with the carrier.")
    times = queries_live.bookings_of(shipment.number)
    code = next(t.code for t in queries.tariffs(ctx.now.date()) if t.service_id == latest.service_id)
    whither = _whither(shipment, order_ids[0])
    asked = BookingAsked(
        f"{shipment.number}/{times + 1}" if times else shipment.number, code,
        queries_carriers.site_codes()[shipment.site_id], kept.case.origin_country, whither.to, whither.name,
        (*whither.lines, whither.city), parcels, latest.leaves_on or ctx.now.date(),
    )  # fmt: skip
    given = _given(ctx, account, "book", lambda system: system.book(asked), keep)
    label = store_file(given.label, f"label-{shipment.number}") if given.label else ""
    chosen = queries_bookings.chosen_for(order_ids)
    of = BookingOf(
        given.booking, given.tracking, given.total, label, given.label_kind,
        to_money(sum((one.freight for one in chosen), Decimal(0))) if chosen else None,
        rules_bookings.price_words(given.total, chosen, parcels, whither.to),
    )  # fmt: skip
    carrier = f"{latest.carrier} {latest.service}"[:80]
    return KeepBooking(shipment.id, account.id, latest.service_id or 0, carrier, of)


def _whither(shipment: ShipmentRow, order_id: int) -> Consignee:
    """Who gets the goods, and where. Refuses with AddressIncomplete: a carrier would fetch them, and find nobody."""
    found = queries_bookings.consignee(order_id)
    lacking = rules_bookings.lacking(found)
    if lacking:
        what = " and ".join([", ".join(lacking[:-1]), lacking[-1]] if len(lacking) > 1 else lacking)
        said = f"{shipment.number} cannot be booked: the address of {found.name} lacks {what}."
        raise AddressIncomplete(said, fix="Complete the address of the customer, then book again.")
    return found


def _parcels(shipment: ShipmentRow, order_ids: Sequence[int]) -> tuple[Parcel, ...]:
    """All that goes with a shipment: what left with it, before that what is packed and planned of all its orders."""
    if shipment.shipped_at is not None:
        return tuple(queries_carriers.parcels_left(shipment.id))
    found = queries_carriers.parcels_of(order_ids)
    return tuple(parcel for order_id in order_ids for parcel in found.get(order_id, []))


def cancel(ctx: Context, shipment: ShipmentRow, keep: Keep) -> EndBooking:
    """Call the booking off with the carrier. Refuses with CarrierSaysNo."""
    ctx.require(MAY, shipment.site_id)
    booked = queries_live.booking_of(shipment.number)
    if booked is None:
        return EndBooking(shipment.id)  # a repeated request is answered, another refused, by the command
    account = queries_live.account_row(booked.account_id)
    _given(ctx, account, "cancel", partial(_off, booked.booking), keep)
    return EndBooking(shipment.id)


def track(ctx: Context, shipment: ShipmentRow, keep: Keep) -> KeepTracking:
    """Ask the carrier where the goods are. Refuses with NotBookable or CarrierSaysNo."""
    ctx.require(MAY, shipment.site_id)
    booked = _booked(shipment)
    account = queries_live.account_row(booked.account_id)
    said = _given(ctx, account, "track", lambda system: system.track(booked.tracking), keep)
    return KeepTracking(shipment.id, TrackingOf(said.state, said.at, said.place, said.signed_by))


def call_off(ctx: Context, booked: Sequence[BookedRow], keep: Keep) -> KeepCallOffs:
    """Tell carriers that bookings count no more: a later choice replaced them. No failure of one carrier keeps the
    others; of one who does not answer the rest waits for the next time."""
    found, answers, silent = [], [], set()
    for one in booked:
        if one.account_id in silent:
            continue
        account = queries_live.account_row(one.account_id)
        answer, _ = asking.called(account, "cancel", partial(_off, one.booking))
        answers.append(answer)
        found.append(CallOff(one.id, answer.outcome, answer.words))
        if answer.outcome not in (Outcome.OK, Outcome.REFUSED):
            silent.add(one.account_id)
    keep(ctx.keyed("call"), KeepAnswers(answers))
    return KeepCallOffs(found)


def call_off_one(ctx: Context, row: BookedRow, keep: Keep) -> KeepCallOffs:
    """The same for one booking that a person names. Refuses with NotToEnd where nothing waits for that."""
    ctx.require("shipping.choose", row.site_id)
    if row.standing not in (Ends.WAITING, Ends.REFUSED):
        raise NotToEnd(f"{row.booking} of {row.carrier} does not wait for its end.", fix="Look at its shipment again.")
    return call_off(ctx, [row], keep)


def _off(number: str, system: Adapter) -> bool:
    system.cancel(number)
    return True


def _booked(shipment: ShipmentRow) -> BookingRow:
    found = queries_live.booking_of(shipment.number)
    if found is None:
        raise NotBookable(f"{shipment.number} is not booked.", fix="Book it first.")
    return found


def _given(
    ctx: Context,
    account: AccountRow,
    purpose: str,
    ask: Callable[[Adapter], asking.Given],
    keep: Keep,
) -> asking.Given:
    """What the carrier gave; the call is kept whatever came of it. Refuses with CarrierSaysNo."""
    answer, given = asking.called(account, purpose, ask)
    keep(ctx.keyed("call"), KeepAnswers([answer]))
    if given is None:
        raise CarrierSaysNo(f"{account.carrier}: {answer.words}.", fix="Try again, or book it with the carrier.")
    return given
