"""Asking the planner about a promise that does not do: the case goes along, a text comes back."""

from __future__ import annotations

from flowrack.platform import decisions, numbers, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.promise import locks, queries, queries_ask, reasons, rules, states_questions
from flowrack.promise.states_questions import QuestionState
from flowrack.promise.types import RULE
from flowrack.promise.types_questions import (
    PLANNER_QUESTION,
    AnswerQuestion,
    AskPlanner,
    PlannerAsked,
    PlannerAskedEvent,
    QuestionEnded,
    QuestionEndedEvent,
    QuestionNotFound,
    QuestionRefused,
    WithdrawQuestion,
)
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref

ASK, ANSWER = "promise.ask_planner", "promise.answer"
NOTE, TEXT = 500, 1_000  # characters


@command(permission="promise.ask_planner", result=PlannerAsked, is_small=lambda req: True)
def ask_planner(ctx: Context, req: AskPlanner) -> PlannerAsked:
    """Put a question that the answer does not settle to the planner, with the answer and all that it was decided from.

    Emits promise.planner_asked. Refuses with AskRefused, and with QuestionRefused for a note that is too long.
    """
    asked = queries_ask.understand(req.question, ctx.now, site_ids=ctx.grants.get(ASK, frozenset()))
    note = req.note.strip()
    if len(note) > NOTE:
        fault = BadLine(0, "note", "The note is too long.", f"Use {NOTE} letters at most.")
        raise QuestionRefused("This cannot be asked.", lines=[fault])
    ask = asked.ask
    case = queries.case_of([ask], ctx.now)
    found = rules.answer(case, ask)
    told = [reasons.told(case, ask, option) for option in found.options]
    [number] = numbers.next_numbers("PQ", 1)
    site_id = next((part.site_id for option in found.options for part in option.parts), ask.site_ids[0])
    question_id = int(
        sql.fetch_value(
            """
            INSERT INTO promise_plannerquestion (number, site_id, customer_id, item_id, units, wanted_on, note, told,
                                                 state, asked_by_id, asked_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'open', %s, %s) RETURNING id
            """,
            (
                *(number, site_id, asked.who.customer_id, ask.item_id, ask.units, ask.wanted_on, note),
                *("\n".join(told), ctx.actor_id, ctx.now),
            ),
        )
    )
    ctx.subject = ref(PLANNER_QUESTION, question_id)
    sentence = f"{' '.join(reasons.headline(found))}"[:1000]
    detail = {"case": case, "answer": reasons.digest(found)}
    decisions.record(ctx, [DecisionRow("planner_question", ctx.subject, sentence, RULE, detail)])
    ctx.emit(PlannerAskedEvent(question_id))
    return PlannerAsked(question_id, number)


@command(permission="promise.answer", result=QuestionEnded, is_small=lambda req: True)
def answer_question(ctx: Context, req: AnswerQuestion) -> QuestionEnded:
    """Say what can be done about a question. Emits promise.question_ended; refuses with QuestionOver,
    QuestionNotFound, and QuestionRefused for an answer that is empty or too long."""
    text = req.answer.strip()
    if not 0 < len(text) <= TEXT:
        said = "The answer is missing." if not text else "The answer is too long."
        fault = BadLine(0, "answer", said, f"Write what can be done, in {TEXT:,} letters at most.")
        raise QuestionRefused("This is no answer.", lines=[fault])
    site_id, state, _ = _locked(req.question_id)
    ctx.require(ANSWER, site_id)
    return _end(ctx, req.question_id, states_questions.advance(state, "answer"), text)


@command(permission="promise.ask_planner", result=QuestionEnded, is_small=lambda req: True)
def withdraw_question(ctx: Context, req: WithdrawQuestion) -> QuestionEnded:
    """Take a question back that one asked oneself. Emits promise.question_ended; refuses with QuestionOver and
    QuestionNotFound."""
    site_id, state, asked_by = _locked(req.question_id)
    ctx.require(ASK, site_id)
    if asked_by != ctx.actor_id:
        raise QuestionNotFound("Somebody else asked this.", fix="Only who asked takes a question back.")
    return _end(ctx, req.question_id, states_questions.advance(state, "withdraw"), "")


def _locked(question_id: int) -> tuple[int, QuestionState, int]:
    found = locks.question(question_id)
    if found is None:
        raise QuestionNotFound("There is no such question.", fix="Look at the list of questions.")
    return found[0], QuestionState(found[1]), found[2]


def _end(ctx: Context, question_id: int, state: QuestionState, answer: str) -> QuestionEnded:
    sql.execute(
        "UPDATE promise_plannerquestion SET state = %s, answer = %s, ended_by_id = %s, ended_at = %s WHERE id = %s",
        (state, answer, ctx.actor_id, ctx.now, question_id),
    )
    ctx.subject = ref(PLANNER_QUESTION, question_id)
    ctx.emit(QuestionEndedEvent(question_id, state))
    return QuestionEnded(question_id, state)
