"""Pages of questions to the planner: asking with one click, the list, and the question with its case and answer."""

from __future__ import annotations

from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Choice, Column, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.platform.web.viewer import viewer_of
from flowrack.promise import commands_questions as commands
from flowrack.promise import queries_questions
from flowrack.promise.forms import read_question
from flowrack.promise.queries_questions import QuestionRow
from flowrack.promise.types_questions import (
    PLANNER_QUESTION,
    AnswerQuestion,
    AskPlanner,
    PlannerAsked,
    QuestionNotFound,
    WithdrawQuestion,
)
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

VIEW, ASK, ANSWER = "promise.view", commands.ASK, commands.ANSWER
TITLE = "Questions to the planner"
MARKS = {"open": "warn", "answered": "ok", "withdrawn": "wait"}

QUESTIONS = ListPage(
    name="promise.questions",
    title=TITLE,
    noun=("question", "questions"),
    permission=VIEW,
    rows=queries_questions.question_page,
    columns=[
        Column("number", "Question", kind="code", sort="id", link=lambda r: reverse("promise_question", args=[r.id])),
        Column("customer", "Customer", sort=True),
        Column("sku", "Item", kind="code", sort=True),
        Column("units", "Units", kind="number", sort=True),
        Column("wanted_on", "Wanted at the door", kind="date", sort=True),
        Column("state", "State", kind="state", marks=MARKS),
        Column("note", "Note", wide=True),
        Column("answer", "Answer", wide=True),
        Column("asked_by", "Asked by", sort=True),
        Column("asked_at", "Asked", kind="datetime", sort=True),
        Column("ended_by", "Answered by", hidden=True),
        Column("site", "Site", kind="code", hidden=True),
    ],
    filters=[
        Choice("state", "State", [(state, state) for state in MARKS], promoted=True),
        DateRange("wanted_on", "Wanted at the door"),
    ],
    tabs=[Tab("Open", "state=open"), Tab("Answered", "state=answered"), Tab("All", "view=all")],
    sort="id",
    search="Question, customer, item or words",
    empty=Empty(
        "No questions",
        "Where no answer to “When can I have it?” does, one click there asks the planner.",
        "Ask",
        "promise_ask",
        VIEW,
    ),
)


def _question(request: HttpRequest, question_id: int) -> QuestionRow:
    found = queries_questions.question(question_id, viewer_of(request).grants.get(VIEW, frozenset()))
    if found is None:
        raise QuestionNotFound("There is no such question.", fix="Look at the list of questions.")
    return found


@page(VIEW, methods=("GET", "HEAD"))
def question(request: HttpRequest, question_id: int) -> HttpResponse:
    """A question: what was asked, the answer that stood there, and what the planner says."""
    row = _question(request, question_id)
    asked = {"customer": row.customer_code, "item": row.sku, "quantity": row.units, "wanted_on": row.wanted_on or ""}
    actions = [Do("Ask again now", f"{reverse('promise_ask')}?{urlencode(asked)}", VIEW, post=False)]
    if row.state == "open":
        args = [row.id]
        actions.insert(
            0, Do("Answer", reverse("promise_question_answer", args=args), ANSWER, primary=True, post=False, key="a")
        )
        if row.asked_by_id == viewer_of(request).user.pk:
            actions.append(Do("Take it back", reverse("promise_question_withdraw", args=args), ASK))
    lines = [tuple(line.partition(": ")[::2]) for line in row.told.split("\n") if line]
    told = Table(
        "The answer that was there",
        [
            Column("option", "Option", value=lambda r: r[0]),
            Column("words", "What it meant", wide=True, value=lambda r: r[1]),
        ],
        lines,
    )
    record = Record(
        title=row.number,
        subtitle=f"{row.units:,} of {row.sku}{f' for {row.customer}' if row.customer else ''}",
        subject=ref(PLANNER_QUESTION, row.id),
        site_id=row.site_id,
        state=row.state,
        marks=MARKS,
        back=(TITLE, reverse("promise_questions")),
        facts=[
            Fact("Wanted at the door", row.wanted_on or "as soon as possible", "date" if row.wanted_on else "text"),
            Fact("Asked by", row.asked_by, note=row.asked_at),
            Fact("Note", row.note or "none"),
            Fact("Answer", row.answer or "not yet", note=row.ended_by, tone="" if row.answer else "warn"),
        ],
        actions=actions,
        tables=[told],
        why=[ref(PLANNER_QUESTION, row.id)],
    )
    return render_record(request, record)


@page(ASK, methods=("POST",))
def ask_planner(request: HttpRequest) -> HttpResponse:
    """Put the question to the planner, with the case."""

    def to(done: PlannerAsked) -> str:
        return reverse("promise_question", args=[done.question_id])

    req = AskPlanner(read_question(request.POST), request.POST.get("note", ""))
    return perform(request, commands.ask_planner, req, to=to, toast=lambda done: f"{done.number} waits for a planner")


class AnswerForm(forms.Form):
    """What can be done."""

    answer = forms.CharField(
        label="Answer",
        max_length=commands.TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Who asked sees it on the promise page.",
    )


@page(ANSWER)
def answer(request: HttpRequest, question_id: int) -> HttpResponse:
    """Answer a question."""
    row = _question(request, question_id)
    form = AnswerForm(request.POST or None)
    url = reverse("promise_question", args=[question_id])

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        sub = f"{row.units:,} of {row.sku}{f' for {row.customer}' if row.customer else ''}. {row.note}"
        return render_form(
            request, form, title=f"Answer {row.number}", verb="Answer", refusal=refusal, back=(row.number, url), sub=sub
        )

    if request.method != "POST" or not form.is_valid():
        return drawn()
    req = AnswerQuestion(question_id, form.cleaned_data["answer"])
    return perform(request, commands.answer_question, req, to=url, toast="Answered", again=drawn)


@page(ASK, methods=("POST",))
def withdraw(request: HttpRequest, question_id: int) -> HttpResponse:
    """Take one's own question back."""
    req = WithdrawQuestion(question_id)
    return perform(
        request, commands.withdraw_question, req, to=reverse("promise_question", args=[question_id]), toast="Taken back"
    )


NAV = [NavItem("Outbound", TITLE, "promise_questions", permission=VIEW, order=14, section="Orders")]

urlpatterns = [
    path("promise/questions", QUESTIONS.view, name="promise_questions"),
    path("promise/questions/ask", ask_planner, name="promise_ask_planner"),
    path("promise/questions/<int:question_id>", question, name="promise_question"),
    path("promise/questions/<int:question_id>/answer", answer, name="promise_question_answer"),
    path("promise/questions/<int:question_id>/withdraw", withdraw, name="promise_question_withdraw"),
]
