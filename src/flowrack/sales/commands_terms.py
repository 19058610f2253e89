"""The terms of one order, while the customer's own stay."""

from __future__ import annotations

from flowrack.platform.runner import Context, command
from flowrack.sales import locks, queries, queries_entry, rules_terms, states, steps_changes, steps_terms
from flowrack.sales.types import ORDER
from flowrack.sales.types_changes import ChangeRefused, OrderChanged, OrderChangedEvent, SetOrderTerms
from flowrack.shared.refs import ref


@command(permission="sales.change", result=OrderChanged)
def set_order_terms(ctx: Context, req: SetOrderTerms) -> OrderChanged:
    """Give an order that has not left other terms: shipments, backorders, substitutes, life and lots.

    Promises of lots that would not live long enough are given back. Emits sales.order_changed. Refuses with
    ChangeRefused, naming every bad field, with WrongState and with OrderNotFound.
    """
    locks.lines_of_order(req.order_id)
    head = steps_changes.read_head(ctx, req.order_id)
    ctx.require("sales.change", head.site_id)
    states.advance(states.OrderState(head.state), "change")
    order = queries.access_order(req.order_id, frozenset({head.site_id}))
    before = queries.terms_of(order)
    bad = rules_terms.faults(req.terms, policy=head.policy, shipments=order.shipments)
    if bad:
        raise ChangeRefused(bad[0].message, lines=bad, fix=bad[0].fix)
    changed = rules_terms.changed(before, req.terms)
    if not changed:
        raise ChangeRefused("Nothing is different.", fix="Change one of the terms.")
    steps_terms.write(req.order_id, req.terms, rules_terms.own(queries_entry.usual_of(head.customer_id), req.terms))
    lost = 0
    if req.terms.life_days > before.life_days:
        wanted = {req.order_id: (head.requested_on, req.terms.life_days)}
        lost = sum(steps_changes.give_back_too_old(ctx, wanted).values())
    ctx.emit(OrderChangedEvent(req.order_id, changed, req.reason.strip()))
    ctx.subject = ref(ORDER, req.order_id)
    return OrderChanged(req.order_id, changed, lost)
