"""How far a full run, or rules on the open orders of a site, are from the best: requests, answers and refusals."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.shared.errors import FlowrackError


@dataclass(frozen=True, slots=True)
class MeasureGap:
    """Hold a run against the best, or (run 0) a version of the rules on the open lines of a site, as a job.

    Site 0: of every site for which the version counts.
    """

    run_id: int = 0
    rule_set_id: int = 0
    site_id: int = 0


@dataclass(frozen=True, slots=True)
class GapAsked:
    """The look that was begun, and its job."""

    gap_id: int
    job_id: int


@dataclass(frozen=True, slots=True)
class KeepGap:
    """What the job found: lines, and the worth that was reached and that is possible at best, in cents."""

    gap_id: int
    lines: int
    reached: int
    best: int


@dataclass(frozen=True, slots=True)
class GapKept:
    """It is kept."""

    gap_id: int


class NothingDecided(FlowrackError):
    """A run has decided nothing yet that could be held against the best."""

    code = "nothing_decided"
