"""The words of the allocation rules: a rule set as data, the commands around its versions, events and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from flowrack.shared.errors import FlowrackError, Invalid

RULE_SET = "allocation.rule_set"
SHIPPED = 0  # the id and the version of the rule set that comes with Flowrack

SEMANTICS = ("guarantee", "keep", "share", "improve", "hold", "release")
MAY_LOSE = ("share", "hold", "release")  # classes whose promises a run may take back
LIFE_ORDERS = ("fefo", "fifo")
QUOTA_KINDS = ("protect", "limit")
KEEP = "keep"
PROMISES = (KEEP, "rank")  # what was promised for a day is kept, or the rank alone decides
BEST = "best"
FULL_RUNS = ("rank", BEST)  # what a full run shares out by: rank alone, or the best total value where it is more
MOST_SECONDS = 600
SITE_ORDERS = ("nearest", "cheapest", "ordered")
FILTERS = (
    "tiers",
    "customers",
    "families",
    "channels",
    "order_types",
    "contracts",
)  # lists; an empty one lets all pass
OF_CLAIM = dict(zip(FILTERS, ("tier", "customer", "family", "channel", "order_type", "contract"), strict=True))
ANY_CONTRACT = "any"  # in a list of contracts: every order that stands under one
FACTORS = ("tier", "date", "margin", "age", "consolidation", "whole")
MOST_WEIGHT = 1_000
FULL = 100  # percent; also the points of a factor at its best


@dataclass(frozen=True, slots=True)
class Weights:
    """What a point of each factor counts in the score of a class; each factor gives 0 to 100 points."""

    tier: int = 0
    date: int = 0
    margin: int = 0
    age: int = 0
    consolidation: int = 0
    whole: int = 0


@dataclass(frozen=True, slots=True)
class ClassRule:
    """A hard class: which claims belong to it, what a run may do with them, and how they are scored among themselves.

    Customers and families are ids; channels, order types and contracts are codes. An empty filter lets all pass. Days
    count from today: `wanted_from` 0, `wanted_to` 3 are orders wanted today and on the next three days; what is overdue
    counts as wanted today. Margin is in percent of the price. Goods of the class have `life_days` of remaining life at
    least, even if the customer and the rule set ask for less.
    """

    name: str
    semantics: str = "keep"
    tiers: tuple[str, ...] = ()
    customers: tuple[int, ...] = ()
    families: tuple[int, ...] = ()
    wanted_from: int | None = None
    wanted_to: int | None = None
    margin_from: int | None = None
    margin_to: int | None = None
    age_from: int | None = None
    weights: Weights = field(default_factory=Weights)
    horizon_days: int | None = None
    channels: tuple[str, ...] = ()
    order_types: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    life_days: int | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """A share of an item's stock at the site that is kept for claims (protect), or that they may have at most (limit).

    `percent` of what can be promised of each item. From `starts_on` it decays day by day to nothing on `ends_on`: what
    was not used is free again by itself. Without an end it stays as it is.
    """

    name: str
    kind: str
    percent: int
    tiers: tuple[str, ...] = ()
    customers: tuple[int, ...] = ()
    families: tuple[int, ...] = ()
    starts_on: date | None = None
    ends_on: date | None = None
    channels: tuple[str, ...] = ()
    order_types: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SupplyRule:
    """In which order the lots of an item are offered.

    `fefo`: dated lots first, soonest expiry first, then by arrival; `fifo`: by arrival. `full_packs`: whole pallets and
    cases before loose units. `one_lot`: one lot that covers the line before several. `pick_face_only`: nothing from
    the reserve. `min_life_days` is asked for even if the customer asks for less.
    """

    order: str = "fefo"
    full_packs: bool = False
    one_lot: bool = False
    pick_face_only: bool = False
    min_life_days: int = 0


@dataclass(frozen=True, slots=True)
class SitePreference:
    """From which sites orders of some customers, or to some regions, ship: in this order, then from the others.

    Customers and sites are ids, regions those of addresses. An empty filter lets all pass. `is_only`: from no others.
    """

    name: str
    sites: tuple[int, ...]
    customers: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()
    is_only: bool = False


@dataclass(frozen=True, slots=True)
class SiteRule:
    """From which site orders ship that any site may send; the company decides it for all its sites.

    `order`: the site with the fewest days on the way first (nearest), with the least freight (cheapest), or the one
    that the order names (ordered). The first preference that an order passes goes before that. Another site is looked
    at when a line would be more than `late_days` days late from the first. Then the least sum decides: freight,
    `split_cost` of money for each site more that sends goods of the order (0 = a split costs nothing), and
    `late_percent` of the price of what is late for each day.
    """

    order: str = "nearest"
    split_cost: Decimal = Decimal(0)
    late_days: int = 0
    late_percent: int = 1
    preferences: tuple[SitePreference, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSet:
    """By which rules stock is promised. What comes with Flowrack is this with nothing changed: one class, no scores.

    `fairness_percent`: of an item's free stock one customer gets at most so much while others of the class wait.
    `horizon_days`: stock is promised at most so many days before it is wanted; None = at once. `date_days`: how many
    days away a requested date has no urgency left in the score. `promises`: "keep" leaves stock to lines and quotes
    that were promised a day which could not be kept without it; "rank" shares out by rank alone. `full_runs` go by
    "rank", or by the "best" total value where an exact solver finds more; it has `solver_seconds` a part of a run.
    """

    classes: tuple[ClassRule, ...] = (ClassRule("All orders"),)
    quotas: tuple[Quota, ...] = ()
    supply: SupplyRule = field(default_factory=SupplyRule)
    fairness_percent: int = FULL
    horizon_days: int | None = None
    date_days: int = 28
    promises: str = KEEP
    full_runs: str = "rank"
    solver_seconds: int = 30
    sites: SiteRule = field(default_factory=SiteRule)


@dataclass(frozen=True, slots=True)
class InForce:
    """The rule set that decides at a site now: its version row (0 = shipped) and its rules."""

    rule_set_id: int
    version: int
    rules: RuleSet

    @property
    def rule(self) -> str:
        """How decisions name it."""
        return f"allocation v{self.version}" if self.rule_set_id else "allocation/1"

    @property
    def said(self) -> str:
        """How sentences name it."""
        return f"rules version {self.version}" if self.rule_set_id else "the rules as shipped"


@dataclass(frozen=True, slots=True)
class WriteRuleSet:
    """A new draft for a site (0 = the company), or a changed draft."""

    site_id: int
    name: str
    rules: RuleSet
    note: str = ""
    rule_set_id: int = 0


@dataclass(frozen=True, slots=True)
class RuleSetSaved:
    """The version as it stands now, and what about it should be looked at again though it is allowed."""

    rule_set_id: int
    site_id: int
    version: int
    state: str
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ActivateRuleSet:
    """Ask that a draft decides from now on, in the place of version `instead_of` (0 = the shipped rules).

    `untried_because` says why it was not tried, as it is now, on today's orders and on history; who approves reads it.
    """

    rule_set_id: int
    instead_of: int
    untried_because: str = ""


@dataclass(frozen=True, slots=True)
class ApplyRuleSet:
    """People decided on a draft."""

    rule_set_id: int
    state: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class RuleSetAsked:
    """What came of asking: waiting, with the number of the approval, or active at once."""

    rule_set_id: int
    version: int
    state: str
    approval: str


@dataclass(frozen=True, slots=True)
class EndRuleSet:
    """Drop a draft, or end an active version: then the company's rules count again, or the shipped ones."""

    rule_set_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class RuleSetActivated:
    """Event: a site (0 = the company) promises stock by another version."""

    site_id: int
    rule_set_id: int
    version: int
    kind: str = "allocation.rules_activated"


class BadRuleSet(Invalid):
    """Rules that make no sense, or that contradict each other: every pair is named."""

    code = "bad_allocation_rules"


class RuleSetNotDraft(FlowrackError):
    """The version is no draft any more."""

    code = "allocation_rules_not_draft"


class RuleSetMoved(FlowrackError):
    """Somebody else activated another version in the meantime."""

    code = "allocation_rules_moved"
