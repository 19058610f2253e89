"""What customer service asks the planner about a promise, and what the planner says."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.promise.types import Question
from flowrack.shared.errors import FlowrackError, Invalid, NotFound

PLANNER_QUESTION = "promise.question"


@dataclass(frozen=True, slots=True)
class AskPlanner:
    """A question whose answer does not do, and what the planner should know: the case goes along."""

    question: Question
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlannerAsked:
    """The question that now waits for a planner."""

    question_id: int
    number: str


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """What the planner says."""

    question_id: int
    answer: str


@dataclass(frozen=True, slots=True)
class WithdrawQuestion:
    """Nobody needs an answer any more."""

    question_id: int


@dataclass(frozen=True, slots=True)
class QuestionEnded:
    """How the question stands now."""

    question_id: int
    state: str


@dataclass(frozen=True, slots=True)
class PlannerAskedEvent:
    """Event: a planner was asked about a promise."""

    question_id: int
    kind: str = "promise.planner_asked"


@dataclass(frozen=True, slots=True)
class QuestionEndedEvent:
    """Event: the planner answered, or the question was withdrawn."""

    question_id: int
    state: str
    kind: str = "promise.question_ended"


class QuestionNotFound(NotFound):
    """There is no such question to a planner, or not for you."""

    code = "question_not_found"


class QuestionOver(FlowrackError):
    """The question was answered or withdrawn already."""

    code = "question_over"


class QuestionRefused(Invalid):
    """What was written makes no sense; every bad field is named."""

    code = "question_refused"
