"""Decisions of inspection, free of the database: how many to look at, whether a lot passes, what comes next."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from flowrack.inspection.types import CheckKind, DefectClass, Mode, NewCheck, SetPlan, Severity
from flowrack.shared import sampling
from flowrack.shared.errors import BadLine

SAMPLING_RULE = "sampling.iso2859 v1"
REDUCE_SCORE = 30
WINDOW = 5
PASSES, FAILS, UNDECIDED = "passes", "fails", "open"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """An inspection plan as decisions need it; plan_id 0 stands for no plan: every unit is inspected."""

    plan_id: int = 0
    version: int = 0
    level: str = "II"
    aql: Decimal = Decimal("1.0")
    aql_minor: Decimal | None = None
    tighten_after: int = 2
    skip_after: int = 0
    skip_one_in: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """What earlier lots of a supplier and item say.

    `recent` are the last outcomes under the present severity, oldest first, A accepted and R rejected; `accepted_run`
    counts accepted lots in a row whatever the severity.
    """

    severity: Severity = Severity.NORMAL
    recent: str = ""
    score: int = 0
    accepted_run: int = 0
    tightened_rejects: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """What to look at and how to judge it; of minor defects only where the plan has an AQL of their own."""

    mode: Mode
    letter: str
    units: int
    accept: int
    reject: int
    accept_minor: int | None
    reject_minor: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Defects:
    """Defective units by class."""

    critical: int = 0
    major: int = 0
    minor: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a lot fared: passed or not, in the gap between the numbers, and at the next stricter AQL."""

    is_accepted: bool
    is_between: bool = False
    passes_stricter: bool = False


def sample_of(*, lot: int, plan: PlanRow, history: History, draw: str) -> Sample:
    """How many units of a lot to look at. `draw` names the lot, so that a skip can be repeated."""
    if not plan.plan_id:
        return Sample(Mode.ALL, "", lot, 0, 1, None, None, "No plan covers these goods, so every unit is inspected.")
    if history.severity is Severity.DISCONTINUED:
        return Sample(
            Mode.ALL, "", lot, 0, 1, None, None,
            f"Sampling is discontinued after {WINDOW} lots were rejected under tightened inspection: every unit is"
            " inspected.",
        )  # fmt: skip
    if is_skipped(plan=plan, history=history, draw=draw):
        return Sample(
            Mode.SKIP, "", 0, 0, 1, None, None,
            f"{history.accepted_run} lots in a row were accepted, so one lot in {plan.skip_one_in} is inspected; this"
            " one was not drawn.",
        )  # fmt: skip
    found = sampling.sampling(lot=lot, level=plan.level, aql=plan.aql, severity=history.severity)
    accept_minor = reject_minor = None
    if plan.aql_minor is not None:
        minor = sampling.sampling(lot=lot, level=plan.level, aql=plan.aql_minor, severity=history.severity).plan
        accept_minor, reject_minor = minor.accept, minor.reject
    size = "the lot is no larger than the sample, so all" if found.is_all else "look at"
    sentence = (
        f"Lot of {lot}, level {plan.level}, AQL {plan.aql.normalize():f}, {history.severity}: letter {found.letter},"
        f" {size} {found.plan.sample}; up to {found.plan.accept} defective pass, {found.plan.reject} reject."
    )
    return Sample(
        Mode.ALL if found.is_all else Mode.SAMPLE, found.letter, found.plan.sample, found.plan.accept,
        found.plan.reject, accept_minor, reject_minor, sentence,
    )  # fmt: skip


class Judged(Protocol):
    """What says how a lot is judged: an inspection, as its table or its row has it."""

    @property
    def mode(self) -> str: ...
    @property
    def letter(self) -> str: ...
    @property
    def sample_units(self) -> int: ...
    @property
    def accept(self) -> int: ...
    @property
    def reject(self) -> int: ...
    @property
    def accept_minor(self) -> int | None: ...
    @property
    def reject_minor(self) -> int | None: ...


def sample_in(n: Judged) -> Sample:
    """The sample that an inspection was opened with."""
    return Sample(Mode(n.mode), n.letter, n.sample_units, n.accept, n.reject, n.accept_minor, n.reject_minor, "")


def is_skipped(*, plan: PlanRow, history: History, draw: str) -> bool:
    """Whether skip-lot passes this lot by: the supplier qualified, and the draw says so."""
    if plan.skip_one_in < 2 or history.accepted_run < max(plan.skip_after, 1):
        return False
    if history.severity not in (Severity.NORMAL, Severity.REDUCED):
        return False
    drawn = int.from_bytes(hashlib.sha256(draw.encode()).digest()[:8]) % plan.skip_one_in
    return drawn != 0


def defects(results: Sequence[tuple[DefectClass, int, int]]) -> Defects:
    """Defective units by class from (class, unit or 0 for a tally, units): a unit counts once in its class."""
    units: dict[DefectClass, set[int]] = {c: set() for c in DefectClass}
    tally: dict[DefectClass, int] = dict.fromkeys(DefectClass, 0)
    for kind, unit_no, count in results:
        if unit_no and count:
            units[kind].add(unit_no)
        else:
            tally[kind] += count
    found = {kind: len(units[kind]) + tally[kind] for kind in DefectClass}
    return Defects(found[DefectClass.CRITICAL], found[DefectClass.MAJOR], found[DefectClass.MINOR])


def outlook(*, sample: Sample, tested: int, found: Defects, unmeasured: int = 0) -> str:
    """Whether the lot passes, fails, or too little was tested to say. A lot that failed stays failed.

    `unmeasured` counts the checks of the list that want a value of each unit of the sample and do not have it yet.
    """
    if found.critical or found.major >= sample.reject:
        return FAILS
    if sample.reject_minor is not None and found.minor >= sample.reject_minor:
        return FAILS
    return PASSES if tested >= sample.units and not unmeasured else UNDECIDED


def outcome(*, sample: Sample, found: Defects, lot: int, plan: PlanRow, severity: Severity) -> Outcome:
    """How the lot fared, as the switching rules need it; `sample` was tested in full or failed before."""
    accepted = outlook(sample=sample, tested=sample.units, found=found) == PASSES
    between = accepted and found.major > sample.accept
    stricter = False
    tighter = sampling.stricter_aql(plan.aql) if plan.plan_id else None
    if accepted and tighter is not None and severity is Severity.NORMAL:
        stricter = (
            found.major <= sampling.sampling(lot=lot, level=plan.level, aql=tighter, severity="normal").plan.accept
        )
    return Outcome(accepted, between, stricter)


def after_lot(history: History, result: Outcome, *, accept: int, tighten_after: int) -> tuple[History, str]:
    """The history after one more lot, and why the severity changed (empty when it did not).

    `accept` is the acceptance number of the lot's plan. Lots that were skipped or sorted never come here.
    """
    run = history.accepted_run + 1 if result.is_accepted else 0
    recent = (history.recent + ("A" if result.is_accepted else "R"))[-WINDOW:]
    now = replace(history, recent=recent, accepted_run=run)
    if history.severity is Severity.NORMAL:
        return _after_normal(now, result, accept=accept, tighten_after=tighten_after)
    if history.severity is Severity.TIGHTENED:
        return _after_tightened(now, result)
    if history.severity is Severity.REDUCED and (not result.is_accepted or result.is_between):
        cause = "a lot was rejected" if not result.is_accepted else "a lot fell between the numbers"
        return replace(now, severity=Severity.NORMAL, recent="", score=0), f"{cause} under reduced inspection"
    return now, ""


def _after_normal(now: History, result: Outcome, *, accept: int, tighten_after: int) -> tuple[History, str]:
    rejected = now.recent.count("R")
    if rejected >= tighten_after:
        fresh = replace(now, severity=Severity.TIGHTENED, recent="", score=0, tightened_rejects=0)
        return fresh, f"{rejected} of the last {len(now.recent)} lots were rejected"
    if not result.is_accepted:
        return replace(now, score=0), ""
    gained = 2 if accept < 2 else 3
    score = now.score + gained if accept < 2 or result.passes_stricter else 0
    if score >= REDUCE_SCORE:
        return replace(now, severity=Severity.REDUCED, recent="", score=0), f"the switching score reached {score}"
    return replace(now, score=score), ""


def _after_tightened(now: History, result: Outcome) -> tuple[History, str]:
    if not result.is_accepted:
        rejects = now.tightened_rejects + 1
        if rejects >= WINDOW:
            fresh = replace(now, severity=Severity.DISCONTINUED, recent="", tightened_rejects=rejects)
            return fresh, f"{rejects} lots were rejected under tightened inspection"
        return replace(now, tightened_rejects=rejects), ""
    if now.recent.endswith("A" * WINDOW):
        return replace(now, severity=Severity.NORMAL, recent="", score=0, tightened_rejects=0), (
            f"{WINDOW} lots in a row were accepted"
        )
    return now, ""


def is_outside(measured: Decimal, *, low: Decimal | None, high: Decimal | None) -> bool:
    """Whether a measured value breaks its limits; a value on a limit is good."""
    return (low is not None and measured < low) or (high is not None and measured > high)


def plan_faults(req: SetPlan) -> list[BadLine]:
    """What is wrong with a plan in itself; line 0 is the plan, others its checks."""
    bad = []
    if req.level not in sampling.LEVELS:
        bad.append(BadLine(0, "level", f"“{req.level}” is no inspection level.", f"Use {', '.join(sampling.LEVELS)}."))
    for name, aql in (("aql", req.aql), ("aql_minor", req.aql_minor)):
        if aql is not None and aql not in sampling.aqls():
            near = min(sampling.aqls(), key=lambda known: abs(known - aql))
            bad.append(BadLine(0, name, f"The tables have no AQL {aql}.", f"The nearest is {near}."))
    if not 1 <= req.tighten_after <= WINDOW:
        bad.append(BadLine(0, "tighten_after", "Tighten after 1 to 5 rejected lots.", "Usual are 2."))
    if req.skip_one_in < 0 or req.skip_one_in == 1 or req.skip_one_in > 10 or req.skip_after < 0:
        bad.append(BadLine(0, "skip_one_in", "Inspect one lot in 2 to 10.", "Leave it empty to inspect every lot."))
    for i, check in enumerate(req.checks, start=1):
        bad += _check_faults(i, check)
    return bad


def _check_faults(i: int, check: NewCheck) -> list[BadLine]:
    bad = []
    if not check.name.strip():
        bad.append(BadLine(i, "name", "A check needs a name.", "Say what is looked at."))
    if check.kind == CheckKind.MEASURE and check.low is None and check.high is None:
        bad.append(BadLine(i, "low", f"“{check.name}” is measured but has no limit.", "Give at least one limit."))
    if check.low is not None and check.high is not None and check.low > check.high:
        bad.append(BadLine(i, "low", f"The limits of “{check.name}” are the wrong way round.", "Swap them."))
    return bad


def split_faults(*, lot: int, released: int, held: int, damaged: int) -> str:
    """Why the parts of a split are wrong; empty when they add up."""
    if min(released, held, damaged) < 0:
        return "No part can be less than nothing."
    if released + held + damaged != lot:
        return f"{released} released, {held} held and {damaged} damaged are {released + held + damaged}, not {lot}."
    return ""


def most_specific(scopes: Mapping[int, tuple[int, int, int, int]]) -> int:
    """The plan whose scope says most: item before family before supplier before site; the newer on a tie. 0 = none.

    `scopes` gives (item, family, supplier, site) of each plan that covers the goods.
    """

    def weight(plan_id: int) -> tuple[int, int]:
        item, family, supplier, site = (1 if key else 0 for key in scopes[plan_id])
        return (8 * item + 4 * family + 2 * supplier + site, plan_id)

    return max(scopes, key=weight, default=0)
