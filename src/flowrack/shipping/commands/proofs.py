"""Proofs of delivery: who took a shipment, when, where, signed and photographed."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flowrack.platform import numbers, photos
from flowrack.platform.runner import Context, command
from flowrack.sales.types import ORDER
from flowrack.shared.refs import ref
from flowrack.shipping import locks, queries_loads, queries_proofs, rules_proofs, states, steps_proofs
from flowrack.shipping.states import ShipmentState
from flowrack.shipping.steps_departures import SHIPMENT
from flowrack.shipping.types import ShipmentNotFound
from flowrack.shipping.types_proofs import (
    BadProof,
    DeliveryProved,
    DeliveryTold,
    Kept,
    NotTakenLine,
    Outcome,
    ProveDelivery,
)


@command(permission="shipping.prove", result=DeliveryProved)
def prove_delivery(ctx: Context, req: ProveDelivery) -> DeliveryProved:
    """Keep the proof of how a shipment was handed over, once; its hash covers it and the proof before it.

    Emits shipping.delivery_proved, from which what was not taken is announced as a return. Refuses with BadProof,
    naming everything that does not hold together, PhotoRefused, or WrongState when it has not left or is proved.
    """
    held = locks.shipments([req.shipment_id]).get(req.shipment_id)
    known = queries_proofs.to_prove(req.shipment_id)
    if held is None or known is None or not ctx.may("shipping.view", known.site_id):
        raise ShipmentNotFound("There is no such shipment.", fix="Open the list of shipments.")
    ctx.require("shipping.prove", known.site_id)
    action = "refuse" if req.outcome == Outcome.REFUSED else "prove"
    state = states.advance(ShipmentState(held.state), action, number=known.number)
    assert known.shipped_at is not None, "what has left says when"
    if known.at_door:
        raise BadProof(
            f"{known.number} is on {known.at_door}, which has not left its door.", fix="Let the truck leave first."
        )
    sent = {line.line_id: line for line in queries_proofs.sent_lines(req.shipment_id)}
    units = {line_id: line.units for line_id, line in sent.items()}
    bad = rules_proofs.faults(req, units, shipped_at=known.shipped_at, now=ctx.now)
    if bad:
        raise BadProof(bad[0].message, lines=bad, fix=bad[0].fix)
    photos.refuse_missing([digest for digest in (req.signature, *req.photos) if digest])
    lines = [(one.shipment_line_id, one.units, str(one.reason)) for one in req.not_taken]
    if req.outcome == Outcome.REFUSED:
        lines = [(line_id, count, str(Kept.REFUSED)) for line_id, count in units.items()]
    last_no, previous = steps_proofs.claim_chain(known.site_id)
    number = numbers.next_number("POD")
    content = rules_proofs.content_of(
        number=number, shipment=known.number, req=req, lines=lines, recorded_by=ctx.actor_id
    )
    digest = rules_proofs.fingerprint(previous, content)
    kept = rules_proofs.retention(
        is_watched=known.is_watched,
        happened_on=req.happened_at.astimezone(ZoneInfo(known.timezone)).date(),
        years=queries_loads.policy(known.site_id).proof_years,
    )
    proof_id = steps_proofs.write_proof(
        ctx, req, number=number, site_id=known.site_id, lines=lines, kept=kept, link=(last_no + 1, previous, digest)
    )
    steps_proofs.deliver(req.shipment_id, state, req.happened_at)
    told = [NotTakenLine(sent[line_id].order_line_id, count, reason) for line_id, count, reason in lines]
    ctx.emit(DeliveryTold(proof_id, req.shipment_id, known.number, known.site_id, req.outcome, known.order_ids, told))
    ctx.subject = ref(SHIPMENT, req.shipment_id)
    ctx.about(ORDER, known.order_ids)
    return DeliveryProved(proof_id, number, req.shipment_id, digest, kept[1])
