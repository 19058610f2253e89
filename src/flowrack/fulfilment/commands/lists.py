"""Pick lists: taken by a person and a device for a while, given back, taken over."""

from __future__ import annotations

from datetime import datetime, timedelta

from flowrack.devices import queries_places as devices
from flowrack.fulfilment import locks, queries_lists, queries_policies, steps_lists, steps_totes
from flowrack.fulfilment.locks import LockedList
from flowrack.fulfilment.states import LIST_TRANSITIONS, ListState
from flowrack.fulfilment.types import WrongTote
from flowrack.fulfilment.types_lists import (
    CartTaken,
    CartUsed,
    ChangeTote,
    ListClosed,
    ListIsTaken,
    ListNotFound,
    ListReturned,
    ListTaken,
    NextListTaken,
    ReturnList,
    TakeList,
    TakeNextList,
    ToteChanged,
    UseCart,
)
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import Invalid
from flowrack.shared.refs import ref

LIST = "fulfilment.list"
LONGEST_LEASE_SECONDS = 24 * 3_600


def _locked(ctx: Context, list_id: int) -> LockedList:
    found = locks.pick_list(list_id)
    if found is None or not ctx.may("fulfilment.pick", found.site_id):
        raise ListNotFound("There is no such pick list.", fix="See the pick lists of the wave.")
    return found


def _is_with_another(ctx: Context, found: LockedList) -> bool:
    """Whether a colleague, or another device of this person, has the list and was heard of in time."""
    if found.state != ListState.TAKEN or found.lease_until is None or found.lease_until <= ctx.now:
        return False
    return (found.taken_by_id, found.device) != (ctx.actor_id, ctx.device)


@command(permission="fulfilment.pick", result=ListTaken, is_small=lambda req: True)
def take_list(ctx: Context, req: TakeList) -> ListTaken:
    """Take a pick list for a while: nobody else is offered it. Picking goes on with the lease by itself.

    Taking a list that one has keeps it for longer. A lease that is over binds nobody. Refuses with ListNotFound,
    ListClosed, OtherSite when the device works elsewhere, or ListIsTaken when a colleague or another device has it and
    `take_over` was not said.
    """
    _check_lease(req.lease_seconds)
    found = _locked(ctx, req.list_id)
    devices.refuse_other_site(ctx.device, found.site_id, found.number)
    if (ListState(found.state), "take") not in LIST_TRANSITIONS:
        raise ListClosed(f"{found.number} is {found.state}: nothing of it is left to pick.", fix="Take the next list.")
    with_another = _is_with_another(ctx, found)
    if with_another and not req.take_over:
        who = "You have" if found.taken_by_id == ctx.actor_id else f"{found.taken_by} has"
        on = f" on {found.device}" if found.device else ""
        raise ListIsTaken(
            f"{who} {found.number}{on}.",
            fix="Take it over, or take another list.",
            taken_by=found.taken_by,
            device=found.device,
        )
    until = _lease_until(ctx, found, req.lease_seconds)
    if not found.is_walked:
        steps_lists.walk_now(found.list_id, found.site_id)
    steps_lists.take(ctx, found.list_id, until)
    ctx.subject = ref(LIST, found.list_id)
    other = found.taken_by_id or 0
    return ListTaken(found.list_id, found.number, until, other if with_another and other != ctx.actor_id else 0)


def _lease_until(ctx: Context, found: LockedList, seconds: int) -> datetime:
    if seconds:
        return ctx.now + timedelta(seconds=seconds)
    return ctx.now + timedelta(minutes=queries_policies.policy_of(found.site_id, found.zone_id).lease_minutes)


@command(permission="fulfilment.pick", result=ListReturned, is_small=lambda req: True)
def return_list(ctx: Context, req: ReturnList) -> ListReturned:
    """Give a list back with what is not picked yet; what is in totes stays there. `park` says that somebody must look.

    Who may release waves may give back a colleague's list: its device is dead, or the person went home. Refuses with
    ListNotFound, ListClosed when it is with nobody, or ListIsTaken when it is with somebody else by now.
    """
    found = _locked(ctx, req.list_id)
    if found.state != ListState.TAKEN:
        raise ListClosed(f"{found.number} is {found.state}: nobody has it.", fix="Take the next list.")
    is_lead = ctx.may("fulfilment.release", found.site_id)
    if found.taken_by_id != ctx.actor_id and _is_with_another(ctx, found) and not is_lead:
        raise ListIsTaken(f"{found.taken_by} has {found.number}.", fix="Only who has a list gives it back.")
    state = LIST_TRANSITIONS[ListState.TAKEN, "park" if req.park else "return"]
    left = steps_lists.give_back(found.list_id, state)
    ctx.subject = ref(LIST, found.list_id)
    return ListReturned(found.list_id, state, left)


@command(permission="fulfilment.pick", result=NextListTaken, is_small=lambda req: True)
def take_next_list(ctx: Context, req: TakeNextList) -> NextListTaken:
    """Take the list that is best begun now: the first to leave, then the nearest, not in an aisle full of people.

    Answers with list 0 when none waits. Of two people who ask at once each gets another list. Refuses with OtherSite
    when the device works elsewhere.
    """
    ctx.require("fulfilment.pick", req.site_id)
    devices.refuse_other_site(ctx.device, req.site_id, "This work")
    _check_lease(req.lease_seconds)
    found = locks.next_list(req.site_id, req.zone_id, actor_id=ctx.actor_id, now=ctx.now)
    if found is None:
        return NextListTaken(0, "")
    list_id, number, is_crowded = found
    locked = _locked(ctx, list_id)
    if not locked.is_walked:
        steps_lists.walk_now(list_id, req.site_id)
    steps_lists.take(ctx, list_id, _lease_until(ctx, locked, req.lease_seconds))
    ctx.subject = ref(LIST, list_id)
    return NextListTaken(list_id, number, is_crowded)


@command(permission="fulfilment.pick", result=CartUsed, is_small=lambda req: True)
def use_cart(ctx: Context, req: UseCart) -> CartUsed:
    """Pick a list with a cart. Refuses with ListNotFound, or CartTaken when another list at work is on the cart, it
    has fewer places than the list has orders, or the site has no such cart.
    """
    found = _locked(ctx, req.list_id)
    if found.state != ListState.TAKEN or _is_with_another(ctx, found):
        raise ListClosed(f"{found.number} is not with you.", fix="Take it first.")
    cart = locks.cart(found.site_id, req.cart.strip().upper())
    if cart is None:
        raise CartTaken(f"This site has no cart {req.cart[:20]}.", fix="Scan the code on the cart.")
    other = queries_lists.list_on_cart(cart.cart_id, but=found.list_id, now=ctx.now)
    if other:
        raise CartTaken(f"{cart.code} is at work with {other}.", fix="Take another cart.")
    needed = len(queries_lists.totes(found.list_id))
    if needed > cart.positions:
        has = "1 place" if cart.positions == 1 else f"{cart.positions} places"
        raise CartTaken(f"{cart.code} has {has}, {found.number} needs {needed}.", fix="Take a larger cart.")
    steps_lists.set_cart(found.list_id, cart.cart_id)
    ctx.subject = ref(LIST, found.list_id)
    return CartUsed(found.list_id, cart.cart_id, cart.code)


@command(permission="fulfilment.pick", result=ToteChanged, is_small=lambda req: True)
def change_tote(ctx: Context, req: ChangeTote) -> ToteChanged:
    """A tote is full: it leaves the cart, and the next pick of its order asks for another one.

    Refuses with ListNotFound, ListIsTaken, or WrongTote when the tote does not stand on the list's cart.
    """
    found = _locked(ctx, req.list_id)
    if _is_with_another(ctx, found):
        raise ListIsTaken(f"{found.taken_by} has {found.number}.", fix="Take it over first.", taken_by=found.taken_by)
    if not steps_totes.follow(found.list_id, req.tote_id):
        raise WrongTote(f"This tote does not stand on the cart of {found.number}.", fix="Scan a tote of the cart.")
    ctx.subject = ref(LIST, found.list_id)
    return ToteChanged(found.list_id, req.tote_id)


def _check_lease(seconds: int) -> None:
    if not 0 <= seconds <= LONGEST_LEASE_SECONDS:
        raise Invalid("A list is taken for at most 24 hours.", fix=f"Ask for at most {LONGEST_LEASE_SECONDS} seconds.")
