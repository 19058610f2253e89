"""Questions to the planner, for other systems."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from flowrack.locations import queries as places
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.promise import commands_questions as commands
from flowrack.promise import queries_questions
from flowrack.promise.api_shapes import QuestionIn
from flowrack.promise.types import Question
from flowrack.promise.types_questions import (
    AnswerQuestion,
    AskPlanner,
    PlannerAsked,
    QuestionEnded,
    WithdrawQuestion,
)

router = Router(tags=["promise"])
UNKNOWN_SITE = -1


class PlannerQuestionIn(QuestionIn):
    """A question whose answer does not do, for the planner."""

    note: str = Field("", max_length=500)


class PlannerAskedOut(Schema):
    """The question that now waits for a planner."""

    question_id: int
    number: str


class PlannerQuestionOut(Schema):
    """A question to the planner, the answer that was there, and what the planner says."""

    id: int
    number: str
    site_id: int
    customer: str
    sku: str
    units: int
    wanted_on: date | None
    note: str
    told: str
    state: str
    asked_by: str
    asked_at: datetime
    answer: str
    ended_by: str
    ended_at: datetime | None


class PlannerAnswerIn(Schema):
    """What the planner says."""

    answer: str = Field(max_length=1_000)


class QuestionEndedOut(Schema):
    """How the question stands now."""

    question_id: int
    state: str


@router.post("/promises/questions", response={201: PlannerAskedOut})
def ask(request: HttpRequest, body: PlannerQuestionIn) -> Status[PlannerAsked]:
    """Put a question that no answer settles to the planner, with the case."""
    site_id = {s.code: s.site_id for s in places.sites()}.get(body.site, UNKNOWN_SITE) if body.site else 0
    asked = Question(body.customer, body.item, body.quantity, body.pack, body.wanted_on, site_id)
    return Status(201, commands.ask_planner(context_from(request), AskPlanner(asked, body.note)))


@router.get("/promises/questions", response=PageOut[PlannerQuestionOut])
@requires("promise.view")
def questions(
    request: HttpRequest, response: HttpResponse, state: str = "", cursor: str = "", limit: int = LIMIT
) -> dict[str, Any]:
    """Questions to the planner at the sites that the caller may see, in order of id."""
    caller = caller_of(request)
    allowed = caller.sites("promise.view") if caller else frozenset()
    rows = queries_questions.questions_after(after_id(cursor), allowed, state=state, limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.post("/promises/questions/{int:question_id}/answer", response=QuestionEndedOut)
def answer(request: HttpRequest, question_id: BigId, body: PlannerAnswerIn) -> QuestionEnded:
    """Say what can be done."""
    return commands.answer_question(context_from(request), AnswerQuestion(question_id, body.answer))


@router.post("/promises/questions/{int:question_id}/withdraw", response=QuestionEndedOut)
def withdraw(request: HttpRequest, question_id: BigId) -> QuestionEnded:
    """Take one's own question back."""
    return commands.withdraw_question(context_from(request), WithdrawQuestion(question_id))
