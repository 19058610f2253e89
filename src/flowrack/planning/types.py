"""The words of planning: what is proposed to be bought, for which reasons, and the refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from flowrack.purchasing.types_cover import Cover
from flowrack.shared.errors import FlowrackError, Invalid
from flowrack.shared.quantity import Units

RULE = "planning.order_up_to/1"


@dataclass(frozen=True, slots=True)
class ProposeOrders:
    """Look at the items of a site (of some suppliers, or of all) and draft POs for what runs low.

    `review_days` is how long it takes until somebody looks again; `service` the share of cycles without a stock-out,
    in percent, that safety stock is sized for.
    """

    site_id: int
    supplier_ids: list[int] = field(default_factory=list)
    review_days: int = 7
    service: int = 95


@dataclass(frozen=True, slots=True)
class ProposedPo:
    """A draft that was written."""

    po_id: int
    number: str
    supplier_id: int
    lines: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Proposed:
    """The drafts of a run, and how many items were looked at."""

    pos: list[ProposedPo]
    items: int


@dataclass(frozen=True, slots=True)
class Need:
    """An item at a site with all that decides whether and how much to buy. Demand is that of the last `days` days.

    `on_order` is all that comes until a day, whatever document says so: the `covers`.
    """

    item_id: int
    sku: str
    supplier_id: int
    on_hand: int
    on_order: int
    promised_and_waiting: int
    demand_units: int
    demand_squares: int
    days: int
    lead_days: int
    moq: int
    multiple: int
    fixed_point: int | None
    fixed_up_to: int | None
    until: date = date.max
    covers: tuple[Cover, ...] = ()

    @property
    def position(self) -> int:
        """What is there and on order, less what customers still wait for."""
        return self.on_hand + self.on_order - self.promised_and_waiting


@dataclass(frozen=True, slots=True)
class Proposal:
    """So many units of an item to buy, with the levels that said so."""

    need: Need
    units: int
    reorder_point: int
    order_up_to: int
    safety: int


@dataclass(frozen=True, slots=True)
class Propose:
    """Fill the worklist of a site: the same figures as `ProposeOrders`, but a person decides what becomes a draft."""

    site_id: int
    supplier_ids: list[int] = field(default_factory=list)
    review_days: int = 7
    service: int = 95


@dataclass(frozen=True, slots=True)
class ProposalsMade:
    """How many items were looked at, and the proposals."""

    items: int
    proposal_ids: list[int]


@dataclass(frozen=True, slots=True)
class ProposalToOrder:
    """An open proposal; units other than proposed, if wanted."""

    proposal_id: int
    units: Units | None = None


@dataclass(frozen=True, slots=True)
class OrderProposals:
    """Turn proposals into draft POs, one for each supplier and site."""

    proposals: list[ProposalToOrder]
    override_reason: str = ""
    cover_reason: str = ""


@dataclass(frozen=True, slots=True)
class Drafted:
    """The drafts that proposals became."""

    po_ids: list[int]
    numbers: list[str]


@dataclass(frozen=True, slots=True)
class RequestProposals:
    """Turn proposals into requisitions, one for each site: for those who may not order themselves."""

    proposals: list[ProposalToOrder]
    reason: str
    cover_reason: str = ""


@dataclass(frozen=True, slots=True)
class Requested:
    """The requisitions that proposals became."""

    requisition_ids: list[int]
    numbers: list[str]


@dataclass(frozen=True, slots=True)
class DismissProposals:
    """Proposals that nobody wants, with the reason."""

    proposal_ids: list[int]
    reason: str


@dataclass(frozen=True, slots=True)
class Dismissed:
    """How many were dismissed."""

    count: int


@dataclass(frozen=True, slots=True)
class OrdersProposed:
    """Event: planning drafted POs."""

    site_id: int
    po_ids: list[int]
    kind: str = "planning.orders_proposed"


class BadPlan(Invalid):
    """A run that makes no sense."""

    code = "bad_plan"


class ProposalGone(FlowrackError):
    """The proposal is not open any more."""

    code = "proposal_gone"
    status = 409
