"""The words of approvals: kinds of documents, what is submitted, policies, verdicts, events and refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from flowrack.shared.errors import FlowrackError, Invalid

Fact = Decimal | int | bool | str | None


@dataclass(frozen=True, slots=True)
class FactKind:
    """A fact that conditions of a kind may look at; `kind` is money, percent, days, number, flag or text."""

    name: str
    label: str
    kind: str = "number"


NO_END_DAYS = 999  # a fact of kind days that has no end

# What every document has, whatever its kind.
AMOUNT = FactKind("amount", "amount", "money")
DAY_TOTAL = FactKind("day_total", "total of the requester that day", "money")
WEEK_TOTAL = FactKind("week_total", "total of the requester with this partner in 7 days", "money")
TOTALS = (DAY_TOTAL, WEEK_TOTAL)
COMMON_FACTS = (AMOUNT, *TOTALS)


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document that asks for approval. `url_name` opens one by its id; `verb` says what approving does.

    `view` is the permission that shows such documents with their money; who asked, is asked or decided sees them
    anyhow. `has_amount` is False where none is about money. `undone` tells of approved documents which of them are not
    done as approved after all, and why; decisions by `undone_rule` say so later.
    """

    code: str
    label: str
    facts: tuple[FactKind, ...] = ()
    url_name: str = ""
    verb: str = "Approve"
    view: str = "approvals.view"
    undone: Callable[[Sequence[str]], list[str]] | None = None
    undone_rule: str = ""
    has_amount: bool = True

    def fact(self, name: str) -> FactKind | None:
        """The fact of this name, if documents of this kind have it."""
        return next((f for f in (*COMMON_FACTS, *self.facts) if f.name == name), None)


KINDS: dict[str, DocumentKind] = {}


def register(kind: DocumentKind) -> None:
    """Make a kind of document known; called once by its stage."""
    KINDS[kind.code] = kind


@dataclass(frozen=True, slots=True)
class Change:
    """One line of before and after, as an approver sees it; `needs` is the permission without which nobody does."""

    label: str
    field: str
    before: str
    after: str
    is_exception: bool = False
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A document that asks: what it is about, the facts for the policies, the content that is approved, and how it is
    shown. `site_id` 0 = it counts at every site: then only roles held everywhere decide. `writer_ids` wrote it and may
    not approve it either."""

    kind: str
    subject: str
    site_id: int
    amount: Decimal
    content: Mapping[str, Any]
    summary: str
    requester_id: int
    writer_ids: tuple[int, ...] = ()
    currency: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    sentence: str = ""
    reason: str = ""
    partner: str = ""
    partner_name: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a submission: approved at once (or before), or waiting; `why` says which policies ask, and for what
    (empty when the same content was submitted before)."""

    subject: str
    state: str
    request_id: int
    number: str
    content_hash: str
    why: str = field(default="", compare=False)

    @property
    def is_approved(self) -> bool:
        """Whether the document may bind now."""
        return self.state == "approved"


@dataclass(frozen=True, slots=True)
class Condition:
    """Field, operator (>, >=, <, <=, =, !=) and value; flags are yes or no."""

    field: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """Who is asked: any of the roles, how many people, within how many hours, and who may after that."""

    sequence: int
    roles: tuple[str, ...]
    needed: int = 1
    deadline_hours: int | None = None
    escalation_role: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """A version of a policy as the engine reads it."""

    policy_id: int
    kind: str
    code: str
    version: int
    name: str
    conditions: tuple[Condition, ...]
    steps: tuple[PolicyStep, ...]


@dataclass(frozen=True, slots=True)
class WritePolicy:
    """A new version of a policy (or the first of a new one); `effective_from` None = from now on.

    `is_active` False ends the policy from then on.
    """

    kind: str
    code: str
    name: str
    conditions: list[Condition]
    steps: list[PolicyStep]
    reason: str
    is_active: bool = True
    effective_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class PolicyWritten:
    """The version that was written."""

    policy_id: int
    code: str
    version: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A request and the content hash that the approver saw."""

    request_id: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Decide:
    """One verdict, approve or reject, on one or many requests."""

    requests: list[Seen]
    verdict: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DecidedRequest:
    """A request after a verdict, or after it was approved or rejected."""

    request_id: int
    number: str
    document: str
    subject: str
    state: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class VerdictsGiven:
    """Where the requests stand now, in the order of the request."""

    requests: list[DecidedRequest]


@dataclass(frozen=True, slots=True)
class Delegate:
    """Let a person stand in for another; no kinds = all kinds. `from_id` None = for oneself."""

    to_id: int
    until: datetime
    begins_at: datetime | None = None
    from_id: int | None = None
    kinds: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Delegated:
    """The delegation."""

    delegation_id: int


@dataclass(frozen=True, slots=True)
class RevokeDelegation:
    """End a delegation now."""

    delegation_id: int


@dataclass(frozen=True, slots=True)
class Escalate:
    """Open overdue steps to their escalation role."""

    step_ids: list[int]


@dataclass(frozen=True, slots=True)
class Escalated:
    """The steps that were escalated."""

    step_ids: list[int]


@dataclass(frozen=True, slots=True)
class ApprovalsDecided:
    """People approved or rejected requests."""

    requests: list[DecidedRequest]
    kind: str = "approvals.decided"


class ContentChanged(FlowrackError):
    """What asks for approval is not what was seen."""

    code = "content_changed"
    status = 412


class NotYourStep(FlowrackError):
    """Nobody asked you: none of your roles is asked now."""

    code = "not_your_step"
    status = 403


class ApprovalNeeded(FlowrackError):
    """A policy asks: this is not done at once; the policy is named."""

    code = "approval_needed"
    status = 409


class RejectedBefore(FlowrackError):
    """This very content was rejected."""

    code = "rejected_before"
    status = 409


class ReasonMissing(Invalid):
    """A rejection needs a reason."""

    code = "reason_missing"


class BadPolicy(Invalid):
    """A policy that cannot work as it stands."""

    code = "bad_policy"


class BadDelegation(Invalid):
    """A delegation that cannot be."""

    code = "bad_delegation"
