"""Pick lists for devices and other systems."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from flowrack.fulfilment import commands, queries_lists
from flowrack.fulfilment import types_lists as words
from flowrack.fulfilment.types_lists import DeviceList, ListReturned, ListTaken, ReturnList, TakeList
from flowrack.locations import queries as places
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shared.errors import NotFound

router = Router(tags=["fulfilment"])


class TakeListIn(Schema):
    """For how long (0 = as the rule of the zone says), and whether from a colleague who has it."""

    take_over: bool = False
    lease_seconds: int = Field(0, ge=0, le=86_400)


class ReturnListIn(Schema):
    """Free for the next one, or parked."""

    park: bool = False


class NextListIn(Schema):
    """Where: a site, and a zone of it (0 = any)."""

    site_id: BigId
    zone_id: int = Field(0, ge=0, le=2**62)
    lease_seconds: int = Field(0, ge=0, le=86_400)


class UseCartIn(Schema):
    """The code on the cart."""

    cart: str = Field(max_length=40)


class ToteFullIn(Schema):
    """The tote that is full."""

    tote_id: BigId


class PickCartIn(Schema):
    """A cart: the code on it and how many totes it takes."""

    code: str = Field(max_length=40)
    positions: int = Field(ge=-(10**9), le=10**9)


class PickCartsIn(Schema):
    """All carts of a site."""

    carts: list[PickCartIn] = Field(max_length=1_000)


class PickRuleIn(Schema):
    """How a site (zone 0) or a zone is picked: discrete, cluster, batch or zone. Limits 0: none.

    The rest of a short pick comes from `bins`, from bins and then `substitutes`, or has to `wait`.
    """

    zone_id: int = Field(0, ge=0, le=2**62)
    method: str = Field("cluster", max_length=20)
    positions: int = Field(8, ge=-(10**9), le=10**9)
    max_lines: int = Field(60, ge=-(10**9), le=10**9)
    max_volume_ml: int = Field(0, ge=-(2**62), le=2**62)
    max_weight_g: int = Field(0, ge=-(2**62), le=2**62)
    scan_bin: bool = False
    scan_item: bool = True
    scan_lot: bool = False
    scan_qty: bool = False
    scan_tote: bool = True
    aisle_limit: int = Field(0, ge=-(10**9), le=10**9)
    lease_minutes: int = Field(60, ge=-(10**9), le=10**9)
    consolidation_id: int = Field(0, ge=0, le=2**62)
    at_short: str = Field("bins", max_length=20)


class PickRulesIn(Schema):
    """All rules of a site."""

    rules: list[PickRuleIn] = Field(max_length=1_000)


class SwapLotIn(Schema):
    """The lot that is in the picker's hand."""

    lot: str = Field(max_length=60)


def _sites(request: HttpRequest) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites("fulfilment.view") if caller else frozenset()


def _see(request: HttpRequest, site_id: int) -> None:
    """Refuse with NotFound where the caller may not look, or there is no such site."""
    sites = _sites(request)
    if 0 not in sites and site_id not in sites:
        raise NotFound("There is no such site.", fix="See the list of sites.")
    places.site(site_id)


@router.get("/pick-lists", response=PageOut[words.ListHead])
@requires("fulfilment.view")
def pick_lists(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> dict[str, Any]:
    """Pick lists of the sites that the caller may see."""
    rows = queries_lists.heads(_sites(request), after_id=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.post("/pick-lists/next", response=words.NextListTaken)
def take_next(request: HttpRequest, body: NextListIn) -> words.NextListTaken:
    """Take the list that is best begun now."""
    req = words.TakeNextList(body.site_id, body.zone_id, body.lease_seconds)
    return commands.take_next_list(context_from(request), req)


@router.post("/pick-lists/{int:list_id}/cart", response=words.CartUsed)
def use_cart(request: HttpRequest, list_id: BigId, body: UseCartIn) -> words.CartUsed:
    """Pick a list with a cart."""
    return commands.use_cart(context_from(request), words.UseCart(list_id, body.cart))


@router.post("/pick-lists/{int:list_id}/full", response=words.ToteChanged)
def tote_full(request: HttpRequest, list_id: BigId, body: ToteFullIn) -> words.ToteChanged:
    """A tote on the cart is full: the next pick of its order takes another one."""
    return commands.change_tote(context_from(request), words.ChangeTote(list_id, body.tote_id))


@router.get("/sites/{int:site_id}/pick-rules", response=list[PickRuleIn])
@requires("fulfilment.view")
def pick_rules(request: HttpRequest, site_id: BigId) -> Any:
    """The rules by which a site is picked."""
    _see(request, site_id)
    return queries_lists.rules_of(site_id)


@router.put("/sites/{int:site_id}/pick-rules", response=words.PickRulesSet)
def set_pick_rules(request: HttpRequest, site_id: BigId, body: PickRulesIn) -> words.PickRulesSet:
    """Say how a site is picked, in place of what was said before."""
    req = words.SetPickRules(site_id, [words.PickRule(**rule.dict()) for rule in body.rules])
    return commands.set_pick_rules(context_from(request), req)


@router.get("/sites/{int:site_id}/carts", response=list[PickCartIn])
@requires("fulfilment.view")
def carts(request: HttpRequest, site_id: BigId) -> Any:
    """The carts of a site."""
    _see(request, site_id)
    return queries_lists.carts(site_id)


@router.put("/sites/{int:site_id}/carts", response=words.CartsSet)
def set_carts(request: HttpRequest, site_id: BigId, body: PickCartsIn) -> words.CartsSet:
    """Say which carts a site has, in place of what was said before."""
    req = words.SetCarts(site_id, [words.CartOf(cart.code, cart.positions) for cart in body.carts])
    return commands.set_carts(context_from(request), req)


@router.get("/pick-lists/{int:list_id}", response=DeviceList)
@requires("fulfilment.view")
def pick_list(request: HttpRequest, list_id: BigId) -> DeviceList:
    """A pick list with its lines, items, codes and totes."""
    return queries_lists.device_list(list_id, _sites(request))


@router.post("/pick-lists/{int:list_id}/take", response=ListTaken)
def take(request: HttpRequest, list_id: BigId, body: TakeListIn) -> ListTaken:
    """Take a list, keep it for longer, or take it over."""
    return commands.take_list(context_from(request), TakeList(list_id, body.take_over, body.lease_seconds))


@router.post("/pick-lists/{int:list_id}/return", response=ListReturned)
def give_back(request: HttpRequest, list_id: BigId, body: ReturnListIn) -> ListReturned:
    """Give a list back with what is not picked yet."""
    return commands.return_list(context_from(request), ReturnList(list_id, body.park))


@router.post("/picks/{int:pick_id}/lot", response=words.LotSwapped)
def swap_lot(request: HttpRequest, pick_id: BigId, body: SwapLotIn) -> words.LotSwapped:
    """Pick another lot of the item from the same bin, where the customer and the dates allow it."""
    return commands.swap_lot(context_from(request), words.SwapLot(pick_id, body.lot))
