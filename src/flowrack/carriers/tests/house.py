"""A carrier with a ground and an air service and its rate card, for the tests of this stage. Prices are invented."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.cast import OZ, PAM, ctx

from flowrack.carriers import commands
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
    RateCardSaved,
    WriteRateCard,
)
from flowrack.parties import commands as parties
from flowrack.parties.types import CreateParty, PartyFields, SaveCarrierService

FROM = date(2026, 1, 1)


def d(text: str) -> Decimal:
    """A decimal."""
    return Decimal(text)


GROUND = CardServiceOf(
    "GROUND",
    divisor=5_000,
    step_g=1_000,
    max_parcel_g=30_000,
    max_length_mm=1_750,
    dock_minutes=20,
    hazards=[CardHazardOf("2.1", True), CardHazardOf("3")],
    transits=[CardTransitOf("1", 1), CardTransitOf("2", 2)],
    rates=[
        CardRateOf("1", 5_000, d("6.40")),
        CardRateOf("1", 30_000, d("6.40"), d("0.55"), 5_000),
        CardRateOf("2", 30_000, d("14.25")),
    ],
    surcharges=[CardSurchargeOf("oversize", d("9.50"), True, False, 1_200)],
)
AIR = CardServiceOf(
    "AIR",
    mode="air",
    divisor=5_000,
    step_g=500,
    transits=[CardTransitOf("1", 1), CardTransitOf("2", 1)],
    rates=[CardRateOf("1", 30_000, d("5.90")), CardRateOf("2", 30_000, d("19.00"))],
)
CARD = CardOf(
    FROM,
    "2026",
    [GROUND, AIR],
    [CardLaneOf("1", country="GB"), CardLaneOf("2", country="GB", postcode_from="IV", postcode_to="KW")],
    [CardFuelOf(FROM, d("10"))],
)


def carrier(code: str = "NORTH", services: tuple[str, ...] = ("GROUND", "AIR")) -> int:
    """A carrier with services."""
    made = parties.create_party(ctx(PAM), CreateParty(code, PartyFields(f"{code.title()} Freight", is_carrier=True)))
    for service in services:
        parties.save_carrier_service(ctx(PAM), SaveCarrierService(made.party_id, service, f"{service.title()} service"))
    return made.party_id


def draft(card: CardOf = CARD, code: str = "NORTH") -> RateCardSaved:
    """A draft of the carrier's rate card, written by Pam."""
    return commands.write_rate_card(ctx(PAM), WriteRateCard(code, card))


def in_force(card: CardOf = CARD, code: str = "NORTH") -> RateCardSaved:
    """The same, approved by Oz."""
    return commands.approve_rate_card(ctx(OZ), ApproveRateCard(draft(card, code).card_id))
