"""What follows from the floor: carriers are chosen at release and when orders are packed; departures become EDI 856."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.carriers import commands_live as carriers
from flowrack.fulfilment.types import CartonPacked, CartonsPacked, WaveReleased
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.sales.types import UnitsCancelled
from flowrack.sales.types_sites import LinesMoved
from flowrack.shipping import (
    commands,
    queries_carriers,
    queries_messages,
    queries_planned,  # noqa: F401 - makes itself known to promise
    rules_behind,
)
from flowrack.shipping.live import WORKER_MS, ask_for_orders
from flowrack.shipping.types_carriers import ChooseCarriers, EndChoices
from flowrack.shipping.types_loads import LeftBehind
from flowrack.shipping.types_proofs import NoticeMade, WriteNoticeMessage


@subscriber("fulfilment.wave_released")
def choose_at_release(ctx: Context, message: OutboxMessage) -> None:
    """The planned cartons of a wave get their carriers."""
    event = message.as_type(WaveReleased)
    ask_for_orders(ctx, event.order_ids, carriers.keep_carrier_answers, budget_ms=WORKER_MS)
    commands.choose_carriers(ctx, ChooseCarriers(event.order_ids, event.wave_id))


@subscriber("fulfilment.cartons_packed")
def choose_when_packed(ctx: Context, message: OutboxMessage) -> None:
    """With the last carton of a place, the real weights decide: once for all cartons of a command."""
    _choose_packed(ctx, message.as_type(CartonsPacked).order_ids)


@subscriber("fulfilment.carton_packed")
def choose_when_packed_before_an_upgrade(ctx: Context, message: OutboxMessage) -> None:
    """Cartons packed by the version before, whose events were not delivered when it stopped, get their carriers too."""
    _choose_packed(ctx, [message.as_type(CartonPacked).order_id])


def _choose_packed(ctx: Context, order_ids: list[int]) -> None:
    ask_for_orders(ctx, order_ids, carriers.keep_carrier_answers, budget_ms=WORKER_MS, only_packed=True)
    commands.choose_carriers(ctx, ChooseCarriers(order_ids, only_packed=True))


@subscriber("shipping.left_behind")
def choose_for_rest(ctx: Context, message: OutboxMessage) -> None:
    """What a truck left behind goes as a shipment of its own: smaller than what was chosen for, and later."""
    event = message.as_type(LeftBehind)
    order_ids = sorted({one.order_id for one in event.plates if one.order_id})
    if order_ids:
        ask_for_orders(ctx, order_ids, carriers.keep_carrier_answers, budget_ms=WORKER_MS)
        stayed = rules_behind.stayed(event.number, event.reason)
        commands.choose_carriers(ctx, ChooseCarriers(order_ids, stayed=stayed))


@subscriber("sales.units_cancelled")
def end_of_cancelled(ctx: Context, message: OutboxMessage) -> None:
    """Nobody takes an order that was cancelled."""
    _end(ctx, message.as_type(UnitsCancelled).order_ids)


@subscriber("sales.lines_moved")
def end_of_moved(ctx: Context, message: OutboxMessage) -> None:
    """Who was to take an order from one site does not take it from another."""
    _end(ctx, [message.as_type(LinesMoved).order_id])


def _end(ctx: Context, order_ids: Sequence[int]) -> None:
    over = queries_carriers.choices_over(order_ids)
    if over:
        commands.end_choices(ctx, EndChoices(sorted(over)))


@subscriber("shipping.notice_made")
def write_message(ctx: Context, message: OutboxMessage) -> None:
    """A customer whose system has ids for an envelope gets the notice as EDI 856."""
    event = message.as_type(NoticeMade)
    if queries_messages.may_be_written(event.shipment_id):
        commands.write_notice_message(ctx, WriteNoticeMessage(event.shipment_id))
