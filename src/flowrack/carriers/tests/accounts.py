"""Accounts of carriers' own systems, for tests."""

from __future__ import annotations

from dataclasses import replace

from tests.cast import PAM, QUIN, ctx

from flowrack.carriers import commands_live
from flowrack.carriers.types_live import AccountOf, AccountSaved, AllowedHost, SaveAccount, SetHosts, SwitchAccount

VARIABLE = "FLOWRACK_CARRIER_NORTH"
ACCOUNT = AccountOf(
    "https://rates.north.example/v1",
    VARIABLE,
    "GBP",
    "A-77",
    timeout_ms=9_000,
    tries=1,
    break_after=2,
    break_seconds=60,
)


def allowed(*hosts: AllowedHost) -> None:
    """The administrator allows hosts."""
    commands_live.set_carrier_hosts(ctx(QUIN), SetHosts(list(hosts)))


def account(port: int = 0, *, is_on: bool = True, **more: object) -> AccountSaved:
    """North's account, at a system on this machine where a port is named; Pam saves it and switches it on."""
    if port:
        allowed(AllowedHost("127.0.0.1", port, is_inside=True))
        more = {"address": f"http://127.0.0.1:{port}/v1", **more}
    else:
        allowed(AllowedHost("rates.north.example", 443))
    made = commands_live.save_carrier_account(
        ctx(PAM),
        SaveAccount("NORTH", replace(ACCOUNT, **more)),  # type: ignore[arg-type]
    )
    return commands_live.switch_carrier_account(ctx(PAM), SwitchAccount(made.account_id, True)) if is_on else made
