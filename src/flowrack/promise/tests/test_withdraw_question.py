import pytest
from tests.cast import ADA, KIM, LOU, ctx

from flowrack.platform import sql
from flowrack.promise import commands_questions as commands
from flowrack.promise.tests import given
from flowrack.promise.tests.test_ask_planner import ask
from flowrack.promise.types_questions import AnswerQuestion, QuestionNotFound, QuestionOver, WithdrawQuestion
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_only_who_asked_takes_a_question_back():
    given.house(100)
    asked = ask()
    with pytest.raises(QuestionNotFound):
        commands.withdraw_question(ctx(LOU), WithdrawQuestion(asked.question_id))
    with pytest.raises(NotPermitted):
        commands.withdraw_question(ctx(ADA), WithdrawQuestion(asked.question_id))
    assert sql.fetch_value("SELECT q.state FROM promise_plannerquestion q") == "open"
    assert commands.withdraw_question(ctx(KIM), WithdrawQuestion(asked.question_id)).state == "withdrawn"
    with pytest.raises(QuestionOver):
        commands.answer_question(ctx(ADA), AnswerQuestion(asked.question_id, "Yes."))
    assert sql.fetch_one("SELECT q.state, q.answer, q.ended_by_id FROM promise_plannerquestion q") == (
        "withdrawn", "", KIM.id,
    )  # fmt: skip
