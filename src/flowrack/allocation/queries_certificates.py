"""Reads of certificates: what a line's decision looked at, the claims around it, replay, and then against now."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from typing import Any

from flowrack.allocation import queries_rules, reasons
from flowrack.allocation.reasons import Words
from flowrack.allocation.rules import Share
from flowrack.allocation.rules_certificates import Context as Told
from flowrack.allocation.rules_certificates import replay, unpack_group
from flowrack.allocation.rules_decide import Decision, Inputs, decide
from flowrack.allocation.rules_rank import Points, Ranked, class_of, points_of
from flowrack.allocation.rules_told import with_rivals
from flowrack.allocation.types_rules import InForce, RuleSet
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.sales.types import LINE
from flowrack.shared.refs import key_of, ref

KIND = "allocation"
MARGIN = ("margin",)  # what roles without sight of margins are not shown
AROUND = 7  # claims ahead and behind that are shown


@dataclass(frozen=True, slots=True)
class Stored:
    """A certificate as it is stored."""

    id: int
    command_id: int
    site_id: int
    rule_set_id: int
    version: int
    decided_at: datetime
    inputs: bytes
    inputs_hash: bytes
    result_hash: bytes


_STORED = """
    SELECT c.id, c.command_id, c.site_id, c.rule_set_id, coalesce(v.version, 0), c.decided_at, c.inputs, c.inputs_hash,
           c.result_hash
    FROM allocation_certificate c LEFT JOIN allocation_rulesetversion v ON v.id = c.rule_set_id
"""


def stored(command_ids: Sequence[int]) -> dict[int, list[Stored]]:
    """Certificates by the command that decided, one for each site. One query."""
    found: dict[int, list[Stored]] = {}
    for row in sql.fetch_all(
        _STORED + "WHERE c.command_id = ANY(%s::bigint[]) ORDER BY c.command_id, c.site_id", (list(command_ids),)
    ):
        found.setdefault(row[1], []).append(_stored(row))
    return found


def _stored(row: tuple[Any, ...]) -> Stored:
    return Stored(*row[:6], *map(bytes, row[6:]))


@dataclass(frozen=True, slots=True)
class ClaimThen:
    """A claim beside the one that is explained: its rank, score and what it got."""

    rank: int
    line_id: int
    order_id: int
    number: str
    tier: str
    class_name: str
    score: int
    points: Points
    wanted: int
    got: int
    is_ours: bool


@dataclass(frozen=True, slots=True)
class SupplyThen:
    """A lot that was there: units that were free, that the line took, and the rule by which it was passed over."""

    lot: str
    expires_on: date | None
    free: int
    took: int
    passed: str


@dataclass(frozen=True, slots=True)
class Before:
    """A line that ranks before the one that is explained, and the units that it asked for."""

    line_id: int
    number: str
    units: int


@dataclass(slots=True)
class CertificateView:
    """The decision about one line, in full, as it was."""

    line_id: int
    decided_at: datetime
    rule: str
    inputs_hash: str
    rank: int
    of: int
    class_name: str
    semantics: str
    wanted: int
    got: int
    sentence: str
    supply: list[SupplyThen]
    claims: list[ClaimThen]
    detail: dict[str, Any]
    coming: str = ""
    shows_score: bool = True
    factors: list[str] = field(default_factory=list)
    before: list[Before] = field(default_factory=list)


@dataclass(slots=True)
class _Case:
    """A line's group of a certificate, decided again."""

    one: Stored
    force: InForce
    inputs: Inputs
    told: Told
    decision: Decision
    at: int

    @property
    def share(self) -> Share:
        return self.decision.shares[self.at]


def _cases(asked: Sequence[tuple[Sequence[Stored], int]]) -> dict[tuple[int, int], _Case]:
    """The groups of lines, each in one of some certificates of one command, decided again: by command and line.

    A query, and one for each rule set.
    """
    found = {
        (one.command_id, line_id): (one, group)
        for certificates, line_id in asked
        for one in certificates
        if (group := unpack_group(one.inputs, line_id)) is not None
    }
    rules = {key: queries_rules.decided_rules(key) for key in sorted({one.rule_set_id for one, _ in found.values()})}
    orders = {claim.order_id for _, group in found.values() for claim in group[0].claims}
    numbers = numbers_of(sorted(orders)) if orders else {}
    cases = {}
    for key, (one, (inputs, told)) in found.items():
        inputs.claims = [claim._replace(number=numbers.get(claim.order_id, "")) for claim in inputs.claims]
        decision = decide(rules[one.rule_set_id], inputs)
        at = next(n for n, share in enumerate(decision.shares) if share.claim.line_id == key[1])
        force = InForce(one.rule_set_id, one.version, rules[one.rule_set_id])
        cases[key] = _Case(one, force, inputs, told, decision, at)
    return cases


def numbers_of(order_ids: Sequence[int]) -> dict[int, str]:
    """The number of each order. One query."""
    return dict(sql.fetch_all("SELECT id, number FROM sales_order WHERE id = ANY(%s::bigint[])", (list(order_ids),)))


def is_certified(line_id: int) -> bool:
    """Whether a certificate tells why the line got what it got. One query."""
    return bool(
        sql.fetch_value(
            """
            SELECT EXISTS (
                SELECT FROM platform_decision d JOIN allocation_certificate c ON c.command_id = d.command_id
                WHERE d.subject = 'sales.line:' || %s::bigint AND d.kind = 'allocation'
            )
            """,
            (line_id,),
        )
    )


def why(line_id: int) -> list[DecisionRow]:
    """The decisions about an order line, newest first, those of runs in full. Four queries and more."""
    return with_details(decisions.why(ref(LINE, line_id)))


def with_details(rows: Sequence[DecisionRow]) -> list[DecisionRow]:
    """Decisions of allocation with what their certificates hold. Three queries, and one for each rule set.

    Others, and those from before there were certificates, stay as they are.
    """
    mine = {(row.command_id, key_of(row.subject)) for row in rows if row.kind == KIND and not row.detail}
    certificates = stored(sorted({command_id for command_id, _ in mine})) if mine else {}
    cases = _cases([(certificates[command_id], line_id) for command_id, line_id in mine if command_id in certificates])
    return [
        replace(row, detail=_detail(cases[key]))
        if row.kind == KIND and not row.detail and (key := (row.command_id, key_of(row.subject))) in cases
        else row
        for row in rows
    ]


def _detail(case: _Case) -> dict[str, Any]:
    told = with_rivals(case.decision, case.told, case.force.rules, case.inputs.today)
    ground = next(islice(told, case.at, None))
    body = reasons.detail(ground, Words(case.told.held, case.told.incoming))
    rank = f"{case.at + 1} of {len(case.decision.shares)}"
    return {**body, "rank": rank, "inputs": case.one.inputs_hash.hex()[:16]}


def certificate_of(line_id: int, *, shows_margin: bool, command_id: int = 0) -> CertificateView | None:
    """The newest certificate of a line (or that of one command), in full; None when there is none. Five queries."""
    rows = sql.fetch_all(
        """
        SELECT d.command_id, d.sentence FROM platform_decision d
        WHERE d.subject = 'sales.line:' || %s::bigint AND d.kind = 'allocation'
          AND (%s::bigint = 0 OR d.command_id = %s::bigint)
          AND EXISTS (SELECT FROM allocation_certificate c WHERE c.command_id = d.command_id)
        ORDER BY d.id DESC LIMIT 1
        """,
        (line_id, command_id, command_id),
    )
    if not rows:
        return None
    command, sentence = rows[0]
    case = _cases([(stored([command])[command], line_id)]).get((command, line_id))
    return None if case is None else _view(case, sentence, shows_margin=shows_margin)


def _view(case: _Case, sentence: str, *, shows_margin: bool) -> CertificateView:
    share, ranked = case.share, case.decision.ranked[case.at]
    its_class = class_of(case.force.rules, ranked.class_no)
    item_id = share.claim.item_id
    rivals = [n for n, s in enumerate(case.decision.shares) if s.claim.item_id == item_id]
    here = rivals.index(case.at)
    near = rivals[max(here - AROUND, 0) : here + AROUND + 1]
    weights = its_class.weights
    factors = [name for name in Points._fields if getattr(weights, name) and (shows_margin or name not in MARGIN)]
    return CertificateView(
        line_id=share.claim.line_id,
        decided_at=case.one.decided_at,
        rule=case.force.rule,
        inputs_hash=case.one.inputs_hash.hex(),
        rank=here + 1,
        of=len(rivals),
        class_name=its_class.name,
        semantics=its_class.semantics,
        wanted=share.claim.units,
        got=share.units,
        sentence=sentence,
        supply=_supply(case, share),
        claims=[_claim(case, n, place + 1, n == case.at) for place, n in enumerate(rivals) if n in near],
        detail=_detail(case),
        coming=case.told.incoming.get(item_id, ""),
        shows_score=shows_margin or not weights.margin,
        factors=factors,
        before=[Before(c.line_id, c.number, c.units) for c in (case.decision.shares[n].claim for n in rivals[:here])],
    )


def _supply(case: _Case, share: Share) -> list[SupplyThen]:
    took = {take.pool.pool_id: take.units for take in share.takes}
    passed = {reject.pool.pool_id: reject.rule for reject in share.rejects}
    return [
        SupplyThen(pool.lot_code, pool.expires_on, pool.free, took.get(pool.pool_id, 0), passed.get(pool.pool_id, ""))
        for pool in case.inputs.pools
        if pool.item_id == share.claim.item_id
    ]


def _claim(case: _Case, n: int, rank: int, is_ours: bool) -> ClaimThen:
    ranked: Ranked = case.decision.ranked[n]
    share = case.decision.shares[n]
    rules = case.force.rules
    return ClaimThen(
        rank,
        share.claim.line_id,
        share.claim.order_id,
        share.claim.number,
        share.claim.tier,
        class_of(rules, ranked.class_no).name,
        ranked.score,
        points_of(share.claim, today=case.inputs.today.toordinal(), date_days=rules.date_days),
        share.claim.units,
        share.units,
        is_ours,
    )


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many stored certificates and lines gave the same again, and the commands of those that did not."""

    certificates: int
    lines: int
    identical: int
    identical_lines: int
    others: list[int]


def replay_run(run_id: int) -> Replayed:
    """Decide all parts of a run again, from their certificates alone."""
    rows = sql.fetch_all("SELECT id, lines FROM allocation_certificate WHERE run_id = %s ORDER BY id", (run_id,))
    return _replay(rows)


def replay_lines(count: int, seed: int) -> Replayed:
    """Decide so many random lines again: each line of each certificate is as likely as any other."""
    rows = sql.fetch_all("SELECT id, lines FROM allocation_certificate ORDER BY id")
    if not rows:
        return Replayed(0, 0, 0, 0, [])
    chosen = random.Random(seed).choices([row[0] for row in rows], weights=[row[1] for row in rows], k=count)
    wanted: dict[int, int] = {}
    for certificate_id in chosen:
        wanted[certificate_id] = wanted.get(certificate_id, 0) + 1
    return _replay(sorted(wanted.items()))


def _replay(wanted: Sequence[tuple[int, int]]) -> Replayed:
    rules: dict[int, RuleSet] = {}
    identical = lines = same_lines = 0
    others: list[int] = []
    for certificate_id, count in wanted:
        row = sql.fetch_one(_STORED + "WHERE c.id = %s", (certificate_id,))
        assert row is not None, "certificates are never deleted"
        one = _stored(row)
        if one.rule_set_id not in rules:
            rules[one.rule_set_id] = queries_rules.decided_rules(one.rule_set_id)
        lines += count
        if replay(one.inputs, rules[one.rule_set_id]) == one.result_hash:
            identical += 1
            same_lines += count
        else:
            others.append(one.command_id)
    return Replayed(len(wanted), lines, identical, same_lines, others)
