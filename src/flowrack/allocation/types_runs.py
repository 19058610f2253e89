"""Full runs in parts, runs for items, and the certificates: requests, answers and refusals."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.shared.errors import FlowrackError, NotFound

RUN = "allocation.run"


@dataclass(frozen=True, slots=True)
class StartRun:
    """Promise stock to every open line of a site (0 = every site where the person may), as a job in parts."""

    site_id: int = 0


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run and its job."""

    run_id: int
    job_id: int
    lines: int


@dataclass(frozen=True, slots=True)
class PlanRun:
    """Cut a run into parts: items that hang together, some thousand lines each."""

    run_id: int


@dataclass(frozen=True, slots=True)
class Part:
    """Items that are decided in one transaction, at every site of the run, and about how many lines want them."""

    item_ids: list[int]
    lines: int


@dataclass(frozen=True, slots=True)
class RunPlanned:
    """The parts in their order: asked again, the same."""

    parts: list[Part]


@dataclass(frozen=True, slots=True)
class AllocateItems:
    """Promise what is free of items at a site (0 = each where one may) to all lines that wait for them, in rank order.

    With a run this is a part of it: every line gets its certificate. Without one only lines that gain or lose are
    written, which is what a receipt or a cancellation needs.
    """

    site_id: int
    item_ids: list[int]
    run_id: int = 0


@dataclass(frozen=True, slots=True)
class ItemsAllocated:
    """What came of it: lines looked at, units promised, what waits still, and how many lines gained or lost."""

    lines: int
    units: int
    waiting_lines: int
    waiting_units: int
    changed_lines: int = 0


@dataclass(frozen=True, slots=True)
class KeepPlan:
    """What the solver found for a part of a run at a site: the worth by rank and with lines that stand back (cents,
    tier B twice, tier A four times), and the units to which each of them does."""

    run_id: int
    part: int
    site_id: int
    lines: int
    programs: int
    unsolved: int
    worth_by_rank: int
    worth: int
    line_ids: list[int]
    units: list[int]


@dataclass(frozen=True, slots=True)
class PlanKept:
    """So many lines stand back."""

    lines: int


@dataclass(frozen=True, slots=True)
class FinishRun:
    """All parts of a run are done."""

    run_id: int


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run has ended."""

    run_id: int


class NoSuchRun(NotFound):
    """There is no such run."""

    code = "no_such_allocation_run"


class NothingOpen(FlowrackError):
    """No open order line waits where a run was asked for."""

    code = "nothing_open"
