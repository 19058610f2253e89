"""Writes of rate cards, guides and the price of lateness, inside somebody's command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal

from flowrack.carriers.models import (
    CardFuel,
    CardHazard,
    CardLane,
    CardRate,
    CardRemote,
    CardService,
    CardSurcharge,
    CardTransit,
    GuideLine,
    LateCost,
    RateCard,
)
from flowrack.carriers.states import CardState
from flowrack.carriers.types import CardOf, CardServiceOf, GuideLineOf
from flowrack.platform import sql
from flowrack.platform.runner import Context

# Whoever changed a draft by a file has written at it, and is not the one to approve it.
WRITTEN = (
    "UPDATE carriers_ratecard c SET written_by_id = current_setting('flowrack.writer')::bigint, written_at = now(),"
    " writers = c.writers || current_setting('flowrack.writer')::bigint"
    " WHERE c.id IN (SELECT s.card_id FROM {stage} s WHERE NOT s.bad)"
)
INNER = ("hazards", "transits", "rates", "surcharges", "service")


def new_draft(ctx: Context, carrier_id: int, version: int, card: CardOf) -> int:
    """The head of a new version."""
    made = RateCard.objects.create(
        carrier_id=carrier_id, version=version, name=card.name, valid_from=card.valid_from, written_by_id=ctx.actor_id,
        written_at=ctx.now, writers=[ctx.actor_id],
    )  # fmt: skip
    return made.pk


def rewrite_draft(ctx: Context, card_id: int, card: CardOf) -> None:
    """The draft begins anew: its head as it should be, nothing in it. Whoever wrote at it before stays a writer."""
    RateCard.objects.filter(pk=card_id).update(
        name=card.name, valid_from=card.valid_from, written_by_id=ctx.actor_id, written_at=ctx.now
    )
    sql.execute("UPDATE carriers_ratecard SET writers = writers || %s::bigint WHERE id = %s", (ctx.actor_id, card_id))
    for table in (CardService, CardLane, CardFuel, CardRemote):
        table.objects.filter(card_id=card_id).delete()


def fill(card_id: int, card: CardOf, services: Mapping[str, int], sites: Mapping[str, int]) -> None:
    """All rows of a version. A fixed number of statements."""
    names = [f.name for f in fields(CardServiceOf) if f.name not in INNER]
    made = CardService.objects.bulk_create(
        CardService(
            card_id=card_id,
            service_id=services[one.service],
            code=one.service,
            **{name: getattr(one, name) for name in names},
        )
        for one in card.services
    )
    pairs = list(zip(made, card.services, strict=True))
    CardHazard.objects.bulk_create(
        CardHazard(card_service=row, hazard=h.hazard, limited_only=h.limited_only)
        for row, of in pairs
        for h in of.hazards
    )
    CardTransit.objects.bulk_create(
        CardTransit(card_service=row, zone=t.zone, days=t.days) for row, of in pairs for t in of.transits
    )
    CardRate.objects.bulk_create(
        CardRate(card_service=row, zone=r.zone, upto_g=r.upto_g, price=r.price, per_kg=r.per_kg, over_g=r.over_g)
        for row, of in pairs
        for r in of.rates
    )
    CardSurcharge.objects.bulk_create(
        CardSurcharge(card_service=row, line_no=n, **{f.name: getattr(s, f.name) for f in fields(s)})
        for row, of in pairs
        for n, s in enumerate(of.surcharges, 1)
    )
    CardLane.objects.bulk_create(
        CardLane(
            card_id=card_id,
            origin_site_id=sites.get(lane.origin_site),
            **{f.name: getattr(lane, f.name) for f in fields(lane) if f.name != "origin_site"},
        )
        for lane in card.lanes
    )
    CardFuel.objects.bulk_create(CardFuel(card_id=card_id, from_on=f.from_on, percent=f.percent) for f in card.fuels)
    CardRemote.objects.bulk_create(
        CardRemote(card_id=card_id, **{f.name: getattr(far, f.name) for f in fields(far)}) for far in card.remotes
    )


def name_writer(ctx: Context) -> None:
    """Say to the statements of an import, for this transaction, who writes. One statement."""
    sql.fetch_value("SELECT set_config('flowrack.writer', %s, true)", (str(ctx.actor_id),))


def approve(ctx: Context, card_id: int) -> None:
    """The version prices from its day on."""
    RateCard.objects.filter(pk=card_id).update(
        state=CardState.APPROVED, approved_by_id=ctx.actor_id, approved_at=ctx.now
    )


def end(card_id: int, state: CardState, reason: str, at: datetime) -> None:
    """The version is withdrawn or dropped."""
    RateCard.objects.filter(pk=card_id).update(state=state, ended_at=at, end_reason=reason)


def set_guide(customer_id: int, lines: Sequence[tuple[int, GuideLineOf]]) -> None:
    """The guide of a customer, in place of the one before."""
    GuideLine.objects.filter(customer_id=customer_id).delete()
    GuideLine.objects.bulk_create(
        GuideLine(customer_id=customer_id, service_id=service_id, rule=line.rule, account=line.account.strip())
        for service_id, line in lines
    )


def set_late_costs(amounts: Mapping[str, Decimal]) -> None:
    """What a day of lateness counts, by tier. One statement."""
    LateCost.objects.bulk_create(
        [LateCost(tier=tier, amount=amount) for tier, amount in sorted(amounts.items())],
        update_conflicts=True,
        unique_fields=["tier"],
        update_fields=["amount"],
    )
