import pytest
from tests.cast import ADA, KIM, ctx

from flowrack.platform import sql
from flowrack.promise import commands_questions as commands
from flowrack.promise.tests import given
from flowrack.promise.tests.test_ask_planner import ask
from flowrack.promise.types_questions import (
    AnswerQuestion,
    QuestionNotFound,
    QuestionOver,
    QuestionRefused,
    WithdrawQuestion,
)
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def state():
    return sql.fetch_one("SELECT q.state, q.answer, q.ended_by_id FROM promise_plannerquestion q")


def test_the_planner_answers_once():
    given.house(100)
    asked = ask()
    with pytest.raises(QuestionRefused):
        commands.answer_question(ctx(ADA), AnswerQuestion(asked.question_id, "  "))
    with pytest.raises(NotPermitted):
        commands.answer_question(ctx(KIM), AnswerQuestion(asked.question_id, "Yes."))
    assert state() == ("open", "", None)
    done = commands.answer_question(ctx(ADA, "k"), AnswerQuestion(asked.question_id, " By air on Friday. "))
    assert commands.answer_question(ctx(ADA, "k"), AnswerQuestion(asked.question_id, " By air on Friday. ")) == done
    assert state() == ("answered", "By air on Friday.", ADA.id)
    with pytest.raises(QuestionOver):
        commands.answer_question(ctx(ADA), AnswerQuestion(asked.question_id, "No."))
    with pytest.raises(QuestionOver):
        commands.withdraw_question(ctx(KIM), WithdrawQuestion(asked.question_id))
    with pytest.raises(QuestionNotFound):
        commands.answer_question(ctx(ADA), AnswerQuestion(asked.question_id + 1, "No."))
    assert state() == ("answered", "By air on Friday.", ADA.id)
