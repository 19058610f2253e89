"""Carriers' own systems for other systems: accounts, their breakers and calls, a call to try one, hosts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router, Schema

from flowrack.carriers import asking, commands_live, queries_live
from flowrack.carriers.queries_live import AccountCallsRow, AccountRow
from flowrack.carriers.types_live import (
    AccountSaved,
    AllowedHost,
    HostsSet,
    KeepAnswers,
    SaveAccount,
    SetHosts,
    SwitchAccount,
)
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import context_from, now, requires

router = Router(tags=["carriers"])


class SwitchIn(Schema):
    """Whether it is asked."""

    is_on: bool


class TriedPriceOut(Schema):
    """The price of a service; none = it is not offered."""

    service_id: int
    total: Decimal | None
    days: int | None


class TriedOut(Schema):
    """How a call ended that was made to try the system."""

    outcome: str
    words: str
    status: int
    took_ms: int
    rates: list[TriedPriceOut]


@router.get("/carrier-accounts", response=PageOut[AccountRow])
@requires("carriers.view")
def carrier_accounts(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> Any:
    """Accounts of carriers' systems by id."""
    rows = queries_live.accounts_after(after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.get("/carrier-accounts/{int:account_id}", response=AccountCallsRow)
@requires("carriers.view")
def carrier_account(request: HttpRequest, account_id: BigId) -> AccountCallsRow:
    """One account with its last calls."""
    return queries_live.account_calls(account_id, limit=50)


@router.put("/carrier-accounts", response=AccountSaved)
@requires("carriers.accounts")
def save_carrier_account(request: HttpRequest, body: Body[SaveAccount]) -> AccountSaved:
    """The account of a carrier, anew or as it should be."""
    return commands_live.save_carrier_account(context_from(request), body)


@router.post("/carrier-accounts/{int:account_id}/switch", response=AccountSaved)
@requires("carriers.accounts")
def switch_carrier_account(request: HttpRequest, account_id: BigId, body: SwitchIn) -> AccountSaved:
    """Ask the system from now on, or do not."""
    return commands_live.switch_carrier_account(context_from(request), SwitchAccount(account_id, body.is_on))


@router.post("/carrier-accounts/{int:account_id}/tests", response=TriedOut)
@requires("carriers.accounts")
def try_carrier_account(request: HttpRequest, account_id: BigId) -> Any:
    """Ask for the price of one parcel of 1 kg; the call is kept among the others."""
    answer = asking.tried(account_id, now())
    commands_live.keep_carrier_answers(context_from(request), KeepAnswers([answer]))
    return answer


@router.get("/carrier-hosts", response=list[AllowedHost])
@requires("carriers.hosts")
def carrier_hosts(request: HttpRequest) -> list[AllowedHost]:
    """The hosts that accounts may name."""
    return queries_live.hosts()


@router.put("/carrier-hosts", response=HostsSet)
@requires("carriers.hosts")
def set_carrier_hosts(request: HttpRequest, body: Body[SetHosts]) -> HostsSet:
    """All allowed hosts, in place of those before."""
    return commands_live.set_carrier_hosts(context_from(request), body)
