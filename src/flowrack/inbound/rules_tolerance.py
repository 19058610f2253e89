"""What a tolerance says about a counted line: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from flowrack.inbound.types_discrepancies import Kind, Outcome

RULE = "inbound.tolerance.1"
STRICTNESS = [Outcome.ACCEPT, Outcome.FLAG, Outcome.HOLD, Outcome.REFUSE]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """One version of what is tolerated; see SetTolerance. Id 0 is the house rule, for when no row fits."""

    tolerance_id: int = 0
    version: int = 0
    over_pct: Decimal | None = None
    over_units: int | None = None
    under_pct: Decimal | None = None
    under_units: int | None = None
    early_days: int | None = None
    late_days: int | None = None
    min_life_days: int = 0
    on_over: str = Outcome.REFUSE
    on_under: str = Outcome.FLAG
    on_early: str = Outcome.FLAG
    on_late: str = Outcome.FLAG
    on_short_dated: str = Outcome.FLAG

    @property
    def name(self) -> str:
        """How a reason names it."""
        return f"tolerance {self.tolerance_id}, version {self.version}" if self.tolerance_id else "the house rule"


HOUSE = Tolerance()


@dataclass(frozen=True, slots=True)
class Counted:
    """A counted share of a PO line: `before` units had come, `line_over_units` more than ordered were agreed."""

    sku: str
    ordered: int
    before: int
    units: int
    line_over_units: int
    due_on: date
    today: date
    expires_on: date | None = None
    removal_days: int = 0  # before expiry, when the item leaves the pick face
    allowed_units: int = 0  # more, by approval


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as expected: how many units, what to do, and why in a sentence."""

    kind: Kind
    units: int
    outcome: Outcome
    sentence: str


def share_of(units: int, pct: Decimal | None, cap: int | None, otherwise: int) -> int:
    """Units that a percentage and a cap allow, part units dropped; `otherwise` when neither is set."""
    allowed = [] if pct is None else [int((Decimal(units) * pct / 100).to_integral_value(rounding=ROUND_FLOOR))]
    if cap is not None:
        allowed.append(cap)
    return min(allowed) if allowed else otherwise


def judge(counted: Counted, tolerance: Tolerance) -> list[Finding]:
    """What is not as expected of a count. Cumulative: in whatever portions units come, the same ones are over."""
    return [
        *_over(counted, tolerance),
        *_day(counted, tolerance),
        *_life(counted, tolerance),
    ]


def _over(c: Counted, t: Tolerance) -> list[Finding]:
    allowed = min(share_of(c.ordered, t.over_pct, t.over_units, c.line_over_units), c.line_over_units)
    allowed += c.allowed_units
    total = c.before + c.units
    over = min(c.units, max(0, total - c.ordered))
    beyond = min(c.units, max(0, total - c.ordered - allowed))
    found = []
    if over > beyond:
        sentence = f"{c.sku}: {total - beyond} of {c.ordered} ordered, {allowed} over are tolerated by {t.name}."
        found.append(Finding(Kind.OVER, over - beyond, Outcome.ACCEPT, sentence))
    if beyond:
        sentence = f"{c.sku}: {total} of {c.ordered} ordered, only {allowed} over are tolerated by {t.name}."
        found.append(Finding(Kind.OVER, beyond, Outcome(t.on_over), sentence))
    return found


def _day(c: Counted, t: Tolerance) -> list[Finding]:
    early = (c.due_on - c.today).days
    if t.early_days is not None and early > t.early_days:
        sentence = f"{c.sku} came {early} days early; {t.early_days} are tolerated by {t.name}."
        return [Finding(Kind.EARLY, c.units, Outcome(t.on_early), sentence)]
    if t.late_days is not None and -early > t.late_days:
        sentence = f"{c.sku} came {-early} days late; {t.late_days} are tolerated by {t.name}."
        return [Finding(Kind.LATE, c.units, Outcome(t.on_late), sentence)]
    return []


def _life(c: Counted, t: Tolerance) -> list[Finding]:
    """Expired goods are held; so are those that would have to leave the pick face on the day they came."""
    if c.expires_on is None:
        return []
    life = (c.expires_on - c.today).days
    if life < 0:
        return [Finding(Kind.EXPIRED, c.units, Outcome.HOLD, f"{c.sku} expired on {c.expires_on}.")]
    if life < max(c.removal_days, 1):
        outcome = max(Outcome(t.on_short_dated), Outcome.HOLD, key=STRICTNESS.index)
        sentence = f"{c.sku} has {life} days left; it leaves the pick face {max(c.removal_days, 1)} days before expiry."
        return [Finding(Kind.SHORT_DATED, c.units, outcome, sentence)]
    if life < t.min_life_days:
        sentence = f"{c.sku} has {life} days left; {t.min_life_days} are asked for by {t.name}."
        return [Finding(Kind.SHORT_DATED, c.units, Outcome(t.on_short_dated), sentence)]
    return []


def missing(*, sku: str, ordered: int, missing_units: int, line_under_units: int, tolerance: Tolerance) -> Finding:
    """What units that will not come any more mean: tolerated, or what the tolerance says."""
    allowed = share_of(ordered, tolerance.under_pct, tolerance.under_units, line_under_units)
    if missing_units <= allowed:
        sentence = f"{sku}: {missing_units} of {ordered} are missing, {allowed} are tolerated by {tolerance.name}."
        return Finding(Kind.SHORT, missing_units, Outcome.ACCEPT, sentence)
    sentence = f"{sku}: {missing_units} of {ordered} are missing, only {allowed} are tolerated by {tolerance.name}."
    return Finding(Kind.SHORT, missing_units, Outcome(tolerance.on_under), sentence)


def worst(findings: list[Finding]) -> Outcome:
    """The strictest outcome; accept when nothing is wrong."""
    return max((f.outcome for f in findings), key=STRICTNESS.index, default=Outcome.ACCEPT)


def faults(tolerance: Tolerance) -> list[tuple[str, str]]:
    """(field, sentence) for what makes no sense."""
    bad = []
    for name in ("over_pct", "under_pct"):
        pct = getattr(tolerance, name)
        if pct is not None and not 0 <= pct < 100:
            bad.append((name, f"{pct} % is no tolerance: use 0 to 99."))
    for name in ("over_units", "under_units", "early_days", "late_days", "min_life_days"):
        number = getattr(tolerance, name)
        if number is not None and not 0 <= number <= 1_000_000:
            bad.append((name, "Use 0 or more."))
    for name in ("on_over", "on_under", "on_early", "on_late", "on_short_dated"):
        if getattr(tolerance, name) not in list(Outcome):
            bad.append((name, f"Use one of: {', '.join(Outcome)}."))
    return bad
