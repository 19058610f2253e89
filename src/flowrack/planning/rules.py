"""When to buy and how much: order-up-to levels from demand, lead time and review time. Pure.

Forecasting maths may use floats; they come back to whole units through `whole`.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, sqrt
from statistics import NormalDist

from flowrack.planning.types import Need, Proposal
from flowrack.purchasing.rules import fit_to_agreement


def whole(units: float) -> int:
    """Units are whole; a part of one is one. Noise below a millionth does not count."""
    return max(0, ceil(units - 1e-6))


def safety_stock(*, sd_per_day: float, cover_days: int, service: int) -> float:
    """Stock against the swing of demand over the days that one order must cover."""
    return NormalDist().inv_cdf(service / 100) * sd_per_day * sqrt(cover_days)


def levels(need: Need, *, review_days: int, service: int) -> tuple[int, int, int]:
    """Reorder point, order-up-to level and the safety stock in the latter. Fixed levels of the item win."""
    mean = need.demand_units / need.days
    variance = max(0.0, need.demand_squares / need.days - mean * mean)
    sd = sqrt(variance)
    cover = need.lead_days + review_days
    safety = safety_stock(sd_per_day=sd, cover_days=cover, service=service)
    point = whole(mean * need.lead_days + safety_stock(sd_per_day=sd, cover_days=need.lead_days, service=service))
    up_to = whole(mean * cover + safety)
    if need.fixed_point is not None:
        point = need.fixed_point
    if need.fixed_up_to is not None:
        up_to = need.fixed_up_to
    return point, max(up_to, point), whole(safety)


def propose(need: Need, *, review_days: int, service: int) -> Proposal | None:
    """What to buy of an item: up to its level, in quantities that the supplier takes; None while there is enough.

    It buys when the position would fall below the reorder point before the next review; and always what customers
    already wait for beyond it.
    """
    point, up_to, safety = levels(need, review_days=review_days, service=service)
    mean = need.demand_units / need.days
    until_review = 0 if need.fixed_point is not None else whole(mean * review_days)
    if need.position >= point + until_review and need.position >= 0:
        return None
    if need.fixed_point is not None and need.position >= point:
        return None
    missing = max(up_to - need.position, -need.position)
    if missing <= 0:
        return None
    units = fit_to_agreement(units=missing, moq=need.moq, multiple=need.multiple)
    return Proposal(need, units, point, up_to, safety)


def propose_all(needs: Iterable[Need], *, review_days: int, service: int) -> list[Proposal]:
    """The proposals of a run, by supplier and item."""
    found = [propose(need, review_days=review_days, service=service) for need in needs]
    return sorted((p for p in found if p is not None), key=lambda p: (p.need.supplier_id, p.need.sku))


def sentence(proposal: Proposal, *, review_days: int) -> str:
    """Why so much is proposed, in words."""
    need = proposal.need
    tenths = need.demand_units * 10 // need.days
    pack = f", in multiples of {need.multiple}" if need.multiple > 1 else ""
    return (
        f"{proposal.units} proposed: the position is {need.position} ({need.on_hand} there, {need.on_order} on order, "
        f"{need.promised_and_waiting} asked for), the reorder point {proposal.reorder_point}; up to "
        f"{proposal.order_up_to} for {need.lead_days} days of lead time and {review_days} until the next review at "
        f"{tenths // 10}.{tenths % 10} a day, {proposal.safety} of it safety{pack}."
    )
