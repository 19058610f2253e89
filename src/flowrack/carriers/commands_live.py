"""The door of carriers' own systems: accounts, the hosts that they may name, and what they answered."""

from __future__ import annotations

from flowrack.carriers import locks, queries, queries_live, rules_accounts, steps_live
from flowrack.carriers.types_live import (
    ACCOUNT,
    AccountSaved,
    AnswersKept,
    BadAccount,
    BadHost,
    HostsSet,
    KeepAnswers,
    NoRateCard,
    SaveAccount,
    SetHosts,
    SwitchAccount,
    outcomes,
)
from flowrack.parties import queries as parties
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref


@command(permission="carriers.accounts", result=AccountSaved)
def save_carrier_account(ctx: Context, req: SaveAccount) -> AccountSaved:
    """Say how a carrier's own system is reached. A new one is not asked before somebody switches it on.

    Refuses with BadAccount, naming every bad field, and UnknownParty.
    """
    carrier = parties.by_code([req.carrier], part="carrier")[req.carrier]
    locks.hosts()
    bad = rules_accounts.faults(req.account, queries_live.hosts())
    if req.is_new and queries_live.has_account(carrier.party_id):
        bad.append(BadLine(0, "carrier", f"{req.carrier} has an account.", "Open it from the list, and edit it."))
    if bad:
        raise BadAccount(bad[0].message, lines=bad, fix=bad[0].fix)
    account_id = steps_live.save_account(ctx, carrier.party_id, req.account)
    ctx.subject = ref(ACCOUNT, account_id)
    return AccountSaved(account_id, carrier.party_id, queries_live.account_row(account_id).is_on)


@command(permission="carriers.accounts", result=AccountSaved)
def switch_carrier_account(ctx: Context, req: SwitchAccount) -> AccountSaved:
    """Ask a carrier's system for its prices from now on, or do not; a system that was left alone is asked again.

    Refuses with AccountNotFound, and with NoRateCard: the card says what a service takes, and prices without an answer.
    """
    account = queries_live.account_row(req.account_id)
    locks.accounts([req.account_id])
    if req.is_on and not any(one.carrier_id == account.carrier_id for one in queries.tariffs(ctx.now.date())):
        raise NoRateCard(
            f"{account.carrier} has no rate card in force.",
            fix="Write one and have it approved: it filters the services.",
        )
    steps_live.switch(req.account_id, is_on=req.is_on)
    ctx.subject = ref(ACCOUNT, req.account_id)
    return AccountSaved(req.account_id, account.carrier_id, req.is_on)


@command(permission="carriers.hosts", result=HostsSet)
def set_carrier_hosts(ctx: Context, req: SetHosts) -> HostsSet:
    """Say which hosts accounts of carriers may name. Refuses with BadHost, also for a host that an account names."""
    locks.hosts()
    bad = rules_accounts.host_faults(req.hosts)
    if not bad:
        for carrier, address in queries_live.accounts_at():
            if rules_accounts.host_of(address, req.hosts) is None:
                said = f"The account of {carrier} is at {address}, which would not be allowed."
                bad.append(BadLine(0, "hosts", said, "Keep its host, or change the account first."))
    if bad:
        raise BadHost(bad[0].message, lines=bad, fix=bad[0].fix)
    steps_live.set_hosts(req.hosts)
    return HostsSet(len(req.hosts))


@command(permission="carriers.ask", result=AnswersKept)
def keep_carrier_answers(ctx: Context, req: KeepAnswers) -> AnswersKept:
    """Keep what carriers' systems answered, and leave one alone that failed too often in a row.

    The calls themselves were made before, outside of any transaction. Refuses with AccountNotFound.
    """
    ids = sorted({one.account_id for one in req.answers})
    locks.accounts(ids)
    accounts = {account_id: queries_live.account_row(account_id) for account_id in ids}
    steps_live.keep_calls(ctx, req.answers)
    steps_live.keep_rates(ctx, req.answers, {key: one.answer_minutes for key, one in accounts.items()})
    for account in accounts.values():
        steps_live.move_breaker(ctx, account, outcomes(req.answers, account.id))
    ctx.about(ACCOUNT, ids)
    return AnswersKept(len(req.answers))
