"""Asking carriers' own systems. It takes its time, so it is done before a command and never within one: the answers are
given to `keep_carrier_answers`, and the choice reads them there."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from django.db import connection

from flowrack.carriers import queries, queries_live, queries_try
from flowrack.carriers.adapter import Adapter, NoAnswer, RateGiven, RatesAsked
from flowrack.carriers.adapter_http import Door, HttpAdapter
from flowrack.carriers.queries_live import AccountRow
from flowrack.carriers.rules_choice import Case
from flowrack.carriers.rules_live import FAILURES, Outcome
from flowrack.carriers.rules_rates import Destination, Parcel, Tariff
from flowrack.carriers.types_live import AllowedHost, AnswersKept, KeepAnswers, LiveAnswer, ServiceRate
from flowrack.platform.runner import Context
from flowrack.shared.errors import NotFound

AT_ONCE = 8  # calls at the same time
Given = TypeVar("Given")
Keep = Callable[[Context, KeepAnswers], AnswersKept]


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of an account, for services by their codes."""

    account: AccountRow
    digest: str
    asked: RatesAsked
    services: dict[str, int]


@dataclass(slots=True)
class _Watch:
    """Failures in a row of each account while calls are under way; one that failed too often is left alone at once."""

    ends: int  # ms
    failures: dict[int, int]
    lock: threading.Lock = field(default_factory=threading.Lock)

    def stops(self, account: AccountRow) -> bool:
        """Whether no further call is made."""
        return _ms() > self.ends or self.failures[account.id] >= account.break_after

    def heard(self, account: AccountRow, outcome: str) -> None:
        """A call ended."""
        with self.lock:
            self.failures[account.id] = self.failures[account.id] + 1 if outcome in FAILURES else 0


def _ms() -> int:
    return time.monotonic_ns() // 1_000_000


def adapter_of(account: AccountRow, hosts: Sequence[AllowedHost]) -> Adapter:
    """The system of an account; secret and path of its authority are read from the environment for this call."""
    secret = os.environ.get(account.secret_env, "")
    authority = os.environ.get(account.ca_env, "") if account.ca_env else None
    door = Door(
        account.address, account.account_no, account.currency, account.timeout_ms, account.tries, hosts, secret,
        authority,
    )  # fmt: skip
    return HttpAdapter(door)


def ask_carriers(ctx: Context, cases: Sequence[Case], sites: dict[int, str], keep: Keep, *, budget_ms: int) -> int:
    """Ask every carrier that is switched on for the goods of cases, and keep what they answer; how many were asked.

    What was answered a while ago is not asked again. One query where no carrier is switched on. What does not fit into
    the budget is priced by the rate cards.
    """
    accounts = [one for one in queries_live.accounts_on() if not one.breaker.is_open(ctx.now)] if cases else []
    if not accounts:
        return 0
    questions = _questions(ctx, accounts, cases, sites)
    if not questions:
        return 0
    answers = answered(questions, queries_live.hosts(), budget_ms)
    keep(ctx.keyed("live"), KeepAnswers(answers))
    return len(answers)


def _questions(
    ctx: Context, accounts: Sequence[AccountRow], cases: Sequence[Case], sites: dict[int, str]
) -> list[_Question]:
    """One question for equal goods, of each account with services in force."""
    digests = {queries_live.digest_of_case(case): case for case in cases}
    known = queries_live.fresh(sorted(digests), ctx.now)
    tariffs: dict[int, list[Tariff]] = {}
    for one in queries.tariffs(ctx.now.date()):
        tariffs.setdefault(one.carrier_id, []).append(one)
    found = []
    for account in accounts:
        services = {one.code: one.service_id for one in tariffs.get(account.carrier_id, [])}
        for digest, case in digests.items():
            if services and (account.id, digest) not in known:
                asked = RatesAsked(
                    sites[case.site_id], case.origin_country, case.to, case.parcels, case.ready_at.date(),
                    tuple(sorted(services)),
                )  # fmt: skip
                found.append(_Question(account, digest, asked, services))
    return found


def answered(questions: Sequence[_Question], hosts: Sequence[AllowedHost], budget_ms: int) -> list[LiveAnswer]:
    """The answers in the order of the questions; several calls at a time, the first of one that failed alone."""
    assert not connection.in_atomic_block, "carriers are asked outside of transactions"
    ids = {one.account.id for one in questions}
    start = {one.account.id: min(one.account.failures, one.account.break_after - 1) for one in questions}
    watch = _Watch(_ms() + budget_ms, start)
    first = {account_id: next(q for q in questions if q.account.id == account_id) for account_id in sorted(ids)}
    probes = {id(q): _one(q, hosts, watch) for q in first.values() if q.account.failures}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rest = pool.map(lambda q: probes.get(id(q)) or _one(q, hosts, watch), questions)
        return list(rest)


def _one(question: _Question, hosts: Sequence[AllowedHost], watch: _Watch) -> LiveAnswer:
    account = question.account
    if watch.stops(account):
        return _answer(question, Outcome.SKIPPED, "there was no time left to ask", 0, 0, None)
    began = _ms()
    outcome, words, status, rates = Outcome.OK, "", 0, None
    try:
        rates = adapter_of(account, hosts).rates(question.asked)
    except NoAnswer as no:
        outcome, words, status = no.outcome, no.words, no.status
    watch.heard(account, outcome)
    return _answer(question, outcome, words, status, _ms() - began, rates)


def _answer(
    question: _Question, outcome: Outcome, words: str, status: int, took_ms: int, rates: list[RateGiven] | None
) -> LiveAnswer:
    """Every service that was asked about has a row: its price, or none."""
    given = {one.service: one for one in rates or []}
    rows = [
        ServiceRate(service_id, given[code].total, given[code].days) if code in given else ServiceRate(service_id, None)
        for code, service_id in sorted(question.services.items())
    ]
    said = words or f"{len(given)} of {len(rows)} services priced"
    return LiveAnswer(question.account.id, "rates", question.digest, str(outcome), said, status, took_ms, rows)


def called(account: AccountRow, purpose: str, ask: Callable[[Adapter], Given]) -> tuple[LiveAnswer, Given | None]:
    """One call that is no question for prices: how it ended, and what was given. One query before it."""
    hosts = queries_live.hosts()
    assert not connection.in_atomic_block, "carriers are asked outside of transactions"
    began, outcome, words, status, given = _ms(), Outcome.OK, "answered", 0, None
    try:
        given = ask(adapter_of(account, hosts))
    except NoAnswer as no:
        outcome, words, status = no.outcome, no.words, no.status
    return LiveAnswer(account.id, purpose, "", str(outcome), words, status, _ms() - began), given


def tried(account_id: int, now: datetime) -> LiveAnswer:
    """One call that a person starts, whether or not the account is switched on: the price of a parcel of 1 kg within
    the country of the first site. Some ten queries before the call."""
    account, sites = queries_live.account_row(account_id), queries_try.sites()
    if not sites:
        raise NotFound("There is no site from which goods could leave.", fix="Set a site up first.")
    site = sites[0]
    services = {one.code: one.service_id for one in queries.tariffs(now.date()) if one.carrier_id == account.carrier_id}
    parcel = Parcel(1_000, (300, 200, 150))
    to = Destination(site.country, "", "", is_residential=False)
    asked = RatesAsked(site.name, site.country, to, (parcel,), now.date(), tuple(sorted(services)))
    assert not connection.in_atomic_block, "carriers are asked outside of transactions"
    watch = _Watch(_ms() + account.timeout_ms * account.tries, {account.id: 0})
    found = _one(_Question(account, "", asked, services), queries_live.hosts(), watch)
    return replace(found, purpose="test")
