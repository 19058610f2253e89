"""The life of a planned move, of a transfer between sites, and of a version of the putaway rules."""

from __future__ import annotations

from enum import StrEnum


class PlanState(StrEnum):
    """Where a planned move stands."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


# (state, action) -> next state. Anything absent is refused; the picture in the docs is drawn from this.
TRANSITIONS: dict[tuple[PlanState, str], PlanState] = {
    (PlanState.OPEN, "confirm_part"): PlanState.OPEN,
    (PlanState.OPEN, "confirm"): PlanState.DONE,
    (PlanState.OPEN, "cancel"): PlanState.CANCELLED,
}


class TransferState(StrEnum):
    """Where a transfer stands."""

    PLANNED = "planned"
    RELEASED = "released"
    STAGED = "staged"
    ON_THE_WAY = "on_the_way"
    RECEIVED = "received"
    SHORT = "short"
    CANCELLED = "cancelled"


TRANSFER_TRANSITIONS: dict[tuple[TransferState, str], TransferState] = {
    (TransferState.PLANNED, "change"): TransferState.PLANNED,
    (TransferState.PLANNED, "release"): TransferState.RELEASED,
    (TransferState.PLANNED, "cancel"): TransferState.CANCELLED,
    (TransferState.RELEASED, "change"): TransferState.RELEASED,
    (TransferState.RELEASED, "stage_part"): TransferState.RELEASED,
    (TransferState.RELEASED, "stage_rest"): TransferState.STAGED,
    (TransferState.RELEASED, "end_staging"): TransferState.STAGED,
    (TransferState.RELEASED, "cancel"): TransferState.CANCELLED,
    (TransferState.STAGED, "leave"): TransferState.ON_THE_WAY,
    (TransferState.STAGED, "cancel"): TransferState.CANCELLED,
    (TransferState.ON_THE_WAY, "receive_part"): TransferState.ON_THE_WAY,
    (TransferState.ON_THE_WAY, "receive_rest"): TransferState.RECEIVED,
    (TransferState.ON_THE_WAY, "claim"): TransferState.SHORT,
    (TransferState.SHORT, "found"): TransferState.ON_THE_WAY,
}


class ClaimState(StrEnum):
    """Where a claim for what is missing of a transfer stands. Asked: somebody must allow the loss first; refused:
    nobody did, or more arrived meanwhile, and nothing was given up."""

    ASKED = "asked"
    REFUSED = "refused"
    OPEN = "open"
    CREDITED = "credited"
    REJECTED = "rejected"
    FOUND = "found"


CLAIM_TRANSITIONS: dict[tuple[ClaimState, str], ClaimState] = {
    (ClaimState.ASKED, "open"): ClaimState.OPEN,
    (ClaimState.ASKED, "refused"): ClaimState.REFUSED,
    (ClaimState.OPEN, "credited"): ClaimState.CREDITED,
    (ClaimState.OPEN, "rejected"): ClaimState.REJECTED,
    (ClaimState.OPEN, "found"): ClaimState.FOUND,
    (ClaimState.REJECTED, "found"): ClaimState.FOUND,
}


class RuleState(StrEnum):
    """Where a version of the putaway rules stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"
    DROPPED = "dropped"


RULE_TRANSITIONS: dict[tuple[RuleState, str], RuleState] = {
    (RuleState.DRAFT, "write"): RuleState.DRAFT,
    (RuleState.DRAFT, "simulate"): RuleState.DRAFT,
    (RuleState.DRAFT, "activate"): RuleState.ACTIVE,
    (RuleState.DRAFT, "discard"): RuleState.DROPPED,
    (RuleState.ACTIVE, "retire"): RuleState.RETIRED,
}
