"""Whether a rate card makes sense: every bad line, before anything is kept, and all that lacks before it prices. Pure.

A draft may be built up piece by piece; what is complete is asked for at its approval.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from flowrack.carriers.rules_rates import Basis, Extra, Mode
from flowrack.carriers.types import CardOf, CardServiceOf
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_money

WEEKDAYS = range(1, 8)
CLASSES = frozenset("123456789")
MOST_MONEY = Decimal(1_000_000)
MOST = 2**31 - 1


def check_card(card: CardOf, services: Mapping[str, int], sites: Collection[str]) -> list[BadLine]:
    """All that is wrong with a card, with the known services of its carrier and our sites."""
    bad: list[BadLine] = []
    seen: set[str] = set()
    for n, one in enumerate(card.services, 1):
        if one.service not in services:
            said = f"The carrier has no service “{one.service}”."
            bad.append(BadLine(n, "service", said, "Add it to the carrier first, or correct the code."))
        if one.service in seen:
            bad.append(BadLine(n, "service", f"“{one.service}” is named twice.", "Keep one of the two."))
        seen.add(one.service)
        bad += _check_service(n, one)
        bad += _check_rates(n, one)
    bad += _check_lanes(card, sites)
    bad += _twice("fuels", "from_on", (fuel.from_on for fuel in card.fuels))
    bad += [
        BadLine(n, "percent", f"{fuel.percent} % is no fuel percentage.", "Use 0 to 200.")
        for n, fuel in enumerate(card.fuels, 1)
        if not 0 <= fuel.percent <= 200
    ]
    bad += [
        BadLine(n, "postcode_from", "The first postcode is behind the last.", "Swap them.")
        for n, far in enumerate(card.remotes, 1)
        if far.postcode_from > far.postcode_to
    ]
    return bad


def gaps(card: CardOf) -> list[BadLine]:
    """What a card lacks before it may price: services, rates, places and days for every zone."""
    bad: list[BadLine] = []
    if not card.services:
        bad.append(BadLine(0, "services", "The rate card has no service.", "Add one of the carrier's services."))
    if not card.lanes:
        bad.append(BadLine(0, "lanes", "The rate card says of no place to which zone it belongs.", "Add places."))
    zones = {lane.zone for lane in card.lanes}
    for n, one in enumerate(card.services, 1):
        rated, timed = {rate.zone for rate in one.rates}, {way.zone for way in one.transits}
        if not one.rates:
            bad.append(BadLine(n, "rates", f"“{one.service}” has no rates.", "Give each zone its weight breaks."))
        for zone in sorted(rated - zones):
            bad.append(BadLine(n, "zone", f"No place belongs to zone “{zone}”.", "Say which do, or correct the zone."))
        for zone in sorted(rated - timed):
            said = f"Nobody says how many days “{one.service}” takes to zone “{zone}”."
            bad.append(BadLine(n, "transits", said, "Give the zone its days."))
    return bad


def _check_service(n: int, one: CardServiceOf) -> list[BadLine]:
    bad: list[BadLine] = []
    if one.mode not in list(Mode):
        bad.append(BadLine(n, "mode", f"“{one.mode}” is no way to travel.", "Use ground or air."))
    if one.basis not in list(Basis):
        bad.append(BadLine(n, "basis", f"“{one.basis}” is no basis.", "Use parcel, shipment or pallet."))
    if not 1 <= one.step_g <= MOST:
        bad.append(BadLine(n, "step_g", "Billable weight is rounded up to 1 g or more.", "Write 1000 for whole kg."))
    limits = ("divisor", "max_parcel_g", "max_length_mm", "max_girth_mm", "min_pallets", "dock_minutes")
    bad += [
        BadLine(n, name, "Below nothing, or too much.", "Use 0 for none.")
        for name in limits
        if not 0 <= getattr(one, name) <= MOST
    ]
    if not 0 <= one.minimum <= MOST_MONEY:
        bad.append(BadLine(n, "minimum", "No amount for a minimum.", "Use 0 for none."))
    for name in ("goes_on", "delivers_on"):
        days = getattr(one, name)
        if not days or not all(day in WEEKDAYS for day in days):
            bad.append(BadLine(n, name, "Not weekdays.", "Name at least one of 1 (Monday) to 7 (Sunday)."))
    for hazard in one.hazards:
        if not (hazard.hazard[:1] in CLASSES and (len(hazard.hazard) == 1 or hazard.hazard[1:2] == ".")):
            bad.append(BadLine(n, "hazards", f"“{hazard.hazard}” is no hazard class.", "Write 2, or a division: 2.1."))
    for extra in one.surcharges:
        if extra.cause not in list(Extra):
            bad.append(BadLine(n, "surcharges", f"“{extra.cause}” causes no surcharge.", f"Use {', '.join(Extra)}."))
        if not 0 <= extra.amount <= MOST_MONEY:
            bad.append(BadLine(n, "surcharges", "No amount for a surcharge.", "Use 0 or more."))
        limited = extra.over_length_mm or extra.over_girth_mm or extra.over_weight_g
        if extra.cause == Extra.OVERSIZE and not limited:
            said = "A surcharge for oversize says from which length, girth or weight."
            bad.append(BadLine(n, "surcharges", said, "Fill in one of the three."))
    return bad


def _check_rates(n: int, one: CardServiceOf) -> list[BadLine]:
    """The rates and days of a service: no break twice, no amount below nothing."""
    bad: list[BadLine] = []
    breaks = [(rate.zone, rate.upto_g) for rate in one.rates]
    for zone, upto_g in sorted({pair for pair in breaks if breaks.count(pair) > 1}):
        said = f"“{one.service}” has two rates to zone {zone} up to {upto_g:,} g."
        bad.append(BadLine(n, "rates", said, "Keep one of the two."))
    for rate in one.rates:
        is_sane = 0 < rate.upto_g <= MOST and 0 <= rate.over_g <= MOST and rate.zone
        if not (is_sane and 0 <= rate.price <= MOST_MONEY and 0 <= rate.per_kg <= MOST_MONEY):
            said = f"The rate of zone {rate.zone} up to {rate.upto_g:,} g makes no sense."
            bad.append(BadLine(n, "rates", said, "Name a zone, a weight above 0 and amounts of 0 or more."))
        elif rate.over_g >= rate.upto_g:
            said = f"The rate of zone {rate.zone} up to {rate.upto_g:,} g charges kg above {rate.over_g:,} g only."
            bad.append(BadLine(n, "rates", said, "Let it begin below the end of the break."))
    zones = [way.zone for way in one.transits]
    if len(zones) != len(set(zones)):
        bad.append(BadLine(n, "transits", f"“{one.service}” has days for a zone twice.", "Keep one of the two."))
    if any(not 0 <= way.days <= 90 or not way.zone for way in one.transits):
        bad.append(BadLine(n, "transits", "Days on the way that make no sense.", "Use 0 to 90."))
    return bad


def _check_lanes(card: CardOf, sites: Collection[str]) -> list[BadLine]:
    bad: list[BadLine] = []
    for n, lane in enumerate(card.lanes, 1):
        if not lane.zone:
            bad.append(BadLine(n, "zone", "A place needs a zone.", "Name it as the rates do."))
        if lane.origin_site and lane.origin_site not in sites:
            bad.append(BadLine(n, "origin_site", f"There is no site “{lane.origin_site}”.", "Check the code."))
        for name in ("origin_country", "country"):
            code = getattr(lane, name)
            if code and not (len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()):
                bad.append(BadLine(n, name, f"“{code}” is no country.", "Use two capitals, such as GB."))
        if lane.postcode_from and lane.postcode_to and lane.postcode_from > lane.postcode_to:
            bad.append(BadLine(n, "postcode_from", "The first postcode is behind the last.", "Swap them."))
    bad += _twice("lanes", "zone", (replace(lane, zone="") for lane in card.lanes))
    return bad


def _twice(what: str, field: str, values: Iterable[object]) -> list[BadLine]:
    seen: list[object] = []
    bad = []
    for n, value in enumerate(values, 1):
        if value in seen:
            bad.append(BadLine(n, field, f"The same row stands twice among the {what}.", "Keep one of the two."))
        seen.append(value)
    return bad


def with_change(card: CardOf, valid_from: date, change_pct: Decimal) -> CardOf:
    """The same card from another day on, its amounts more or less by a percentage, each rounded to the cent."""
    share = 1 + change_pct / 100

    def changed(amount: Decimal) -> Decimal:
        return to_money(amount * share)

    services = [
        replace(
            one,
            minimum=changed(one.minimum),
            rates=[replace(r, price=changed(r.price), per_kg=changed(r.per_kg)) for r in one.rates],
            surcharges=[replace(s, amount=changed(s.amount)) for s in one.surcharges],
        )
        for one in card.services
    ]
    return replace(card, valid_from=valid_from, services=services)
