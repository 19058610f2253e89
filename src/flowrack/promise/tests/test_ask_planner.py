from datetime import date

import pytest
from tests.cast import ADA, CY, KIM, bearer, ctx, signed_in

from flowrack.platform import decisions, sql
from flowrack.promise import commands_questions as commands
from flowrack.promise.tests import given
from flowrack.promise.types import AskRefused
from flowrack.promise.types_questions import AskPlanner, QuestionRefused
from flowrack.shared.errors import NotPermitted
from flowrack.shared.refs import ref

pytestmark = pytest.mark.django_db
FIELDS = {"customer": "ACME", "item": "V-200", "quantity": "400", "wanted_on": "", "pack": "", "site": ""}


def ask(units: int = 400, note: str = "they would take two deliveries", key: str | None = None):
    return commands.ask_planner(ctx(KIM, key), AskPlanner(given.question(units, wanted_on=given.WED), note))


def test_the_case_goes_along():
    at = given.house(100)
    done = ask(key="k")
    assert ask(key="k") == done
    row = sql.fetch_one(
        "SELECT q.number, q.site_id, q.units, q.wanted_on, q.note, q.state, q.told, q.asked_by_id "
        "FROM promise_plannerquestion q"
    )
    told = (
        "All on one day: 100 of 400 can be there by Wed 4 Mar; 300 units have no supply within the next half year.\n"
        "Earliest split: 100 of 400 can be there by Wed 4 Mar; 300 units have no supply within the next half year.\n"
        "With substitute: V-200 has no substitute."
    )
    assert row == (
        done.number, at.site, 400, date(2026, 3, 4), "they would take two deliveries", "open", told, KIM.id,
    )  # fmt: skip
    [why] = decisions.why(ref("promise.question", done.question_id))
    some = "100 of 400 can be there by Wed 4 Mar."
    assert why.sentence == f"Nobody can say. {some} 300 units of V-200 have no supply that counts."
    assert why.detail["case"]["asks"][0]["units"] == 400


def test_nonsense_and_people_who_may_not_leave_no_trace():
    given.house(100)
    with pytest.raises(QuestionRefused):
        ask(note="x" * 501)
    with pytest.raises(AskRefused):
        ask(units=0)
    with pytest.raises(NotPermitted):
        commands.ask_planner(ctx(CY), AskPlanner(given.question(400)))
    assert sql.fetch_value("SELECT count(*) FROM promise_plannerquestion") == 0


def test_one_click_where_no_answer_does_and_the_answer_comes_back(client):
    given.house(100)
    kim, ada = signed_in(KIM), signed_in(ADA)
    assert "Ask planner" in kim.get("/promise?q=400 x V-200 acme").content.decode()
    assert "Ask planner" not in kim.get("/promise?q=40 x V-200 acme").content.decode()
    assert kim.post("/promise/questions/ask", {**FIELDS, "idempotency_key": "a"}).status_code == 303
    key = sql.fetch_value("SELECT id FROM promise_plannerquestion")
    page = ada.get(f"/promise/questions/{key}").content.decode()
    assert "V-200 has no substitute." in page and "not yet" in page
    assert "ACME" in ada.get("/promise/questions").content.decode()
    url = f"/promise/questions/{key}/answer"
    assert ada.post(url, {"answer": " ", "idempotency_key": "b"}).status_code == 422
    assert ada.post(url, {"answer": "300 come by air on Friday.", "idempotency_key": "c"}).status_code == 303
    assert "300 come by air on Friday." in kim.get("/promise").content.decode()
    assert "300 come by air" not in ada.get("/promise").content.decode()
    rows = client.get("/api/v1/promises/questions?state=answered", headers=bearer(KIM)).json()["items"]
    assert [(row["id"], row["answer"]) for row in rows] == [(key, "300 come by air on Friday.")]
