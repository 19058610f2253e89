"""The carriers that take the goods to customers, with rate cards. All names and prices are invented."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from flowrack.carriers.commands import (
    approve_rate_card,
    copy_rate_card,
    set_late_costs,
    set_routing_guide,
    write_rate_card,
)
from flowrack.carriers.types import (
    ApproveRateCard,
    CardFuelOf,
    CardHazardOf,
    CardLaneOf,
    CardOf,
    CardRateOf,
    CardServiceOf,
    CardSurchargeOf,
    CardTransitOf,
    CopyRateCard,
    GuideLineOf,
    SetLateCosts,
    SetRoutingGuide,
    WriteRateCard,
)
from flowrack.integrations.replay.house import House
from flowrack.parties.commands import create_party, save_carrier_service
from flowrack.parties.types import CreateParty, PartyFields, SaveCarrierService

INVENTED = "Invented, as all prices here are"
AGO = timedelta(days=58)  # the sample's carriers were there before its last two months
NEAR = ("FR", "DE", "NL", "BE", "IE", "DK", "LU")
SERVICES = (
    ("NORTHLINE", "Northline Parcels", "PARCEL", "Parcels by road"),
    ("SKYHOP", "Skyhop Express", "AIR", "Express by air"),
    ("BROADHAUL", "Broad Haul", "GROUPAGE", "Groupage by road"),
)


def _rates(zone: str, *breaks: tuple[int, str, str, int]) -> list[CardRateOf]:
    return [CardRateOf(zone, kg * 1_000, Decimal(price), Decimal(per), over) for kg, price, per, over in breaks]


def _transits(*days: int) -> list[CardTransitOf]:
    return [CardTransitOf(zone, n) for zone, n in zip(("HOME", "NEAR", "FAR"), days, strict=True)]


CARDS = {
    "NORTHLINE": CardServiceOf(
        "PARCEL", divisor=5_000, step_g=1_000, max_parcel_g=30_000, max_length_mm=1_750, max_girth_mm=3_000,
        dock_minutes=30, transits=_transits(1, 3, 6),
        hazards=[CardHazardOf("2.1", True), CardHazardOf("3", True), CardHazardOf("8", True), CardHazardOf("9")],
        rates=_rates("HOME", (2, "4.95", "0", 0), (10, "6.80", "0", 0), (30, "6.80", "0.42", 10_000))
        + _rates("NEAR", (10, "14.90", "0", 0), (30, "14.90", "0.95", 10_000))
        + _rates("FAR", (10, "27.50", "0", 0), (30, "27.50", "1.85", 10_000)),
        surcharges=[
            CardSurchargeOf("oversize", Decimal("9.50"), True, False, 1_200),
            CardSurchargeOf("hazard", Decimal("3.20"), True, True),
            CardSurchargeOf("residential", Decimal("2.10"), False, True),
        ],
    ),
    "SKYHOP": CardServiceOf(
        "AIR", mode="air", divisor=5_000, step_g=500, max_parcel_g=70_000, dock_minutes=75, transits=_transits(1, 1, 2),
        rates=_rates("HOME", (5, "11.40", "0", 0), (70, "11.40", "1.10", 5_000))
        + _rates("NEAR", (5, "24.00", "0", 0), (70, "24.00", "2.60", 5_000))
        + _rates("FAR", (5, "46.00", "0", 0), (70, "46.00", "5.90", 5_000)),
        surcharges=[CardSurchargeOf("residential", Decimal("3.50"), False, True)],
    ),
    "BROADHAUL": CardServiceOf(
        "GROUPAGE", basis="shipment", divisor=4_000, step_g=1_000, minimum=Decimal("38.00"), dock_minutes=45,
        transits=_transits(2, 5, 12), hazards=[CardHazardOf(name) for name in ("2", "3", "4", "5", "6", "8", "9")],
        rates=_rates("HOME", (100, "0", "0.36", 0), (500, "0", "0.24", 0), (12_000, "0", "0.17", 0))
        + _rates("NEAR", (100, "0", "0.88", 0), (12_000, "0", "0.49", 0))
        + _rates("FAR", (12_000, "0", "1.45", 0)),
    ),
}  # fmt: skip


def set_up(house: House, at: datetime, ago: timedelta = AGO, *, first: date | None = None) -> None:
    """Three carriers with a card in force each since then (or from a `first` day on), a dearer one that waits for
    finance since yesterday, a customer who flies nothing."""
    when = at - ago
    first = first or date(when.year, when.month, 1)
    lanes = [CardLaneOf("HOME", country="GB"), *(CardLaneOf("NEAR", country=code) for code in NEAR), CardLaneOf("FAR")]
    fuels = [CardFuelOf(first, Decimal("9.5")), CardFuelOf(first + timedelta(days=35), Decimal("11.25"))]
    for carrier, name, service, words in SERVICES:
        key = f"live:freight:{carrier}"
        asked = CreateParty(carrier, PartyFields(name, "GB", is_carrier=True))
        party = house.do(create_party, "data_steward", asked, key=key, at=when)
        way = SaveCarrierService(party.party_id, service, words, CARDS[carrier].transits[0].days)
        house.do(save_carrier_service, "data_steward", way, key=f"{key}:service", at=when)
        card = CardOf(first, INVENTED, [CARDS[carrier]], lanes, fuels)
        done = house.do(write_rate_card, "planner", WriteRateCard(carrier, card), key=f"{key}:card", at=when)
        yes = ApproveRateCard(done.card_id)
        house.do(approve_rate_card, "finance_controller", yes, key=f"{key}:yes", at=when + timedelta(hours=3))
        if carrier == "NORTHLINE":
            dearer = CopyRateCard(done.card_id, date(at.year + 1, 1, 1), Decimal("4.9"))
            house.do(copy_rate_card, "finance_clerk", dearer, key=f"{key}:next", at=at - timedelta(days=1))
    costs = SetLateCosts(Decimal(25), Decimal(10), Decimal(4))
    house.do(set_late_costs, "planner", costs, key="live:freight:late", at=when)
    flies_not = min(code for code, one in house.world.customers.items() if one.tier == "A")
    guide = SetRoutingGuide(flies_not, [GuideLineOf("SKYHOP", "AIR", "barred")])
    house.do(set_routing_guide, "sales_manager", guide, key="live:freight:guide", at=when)
