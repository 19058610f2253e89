"""The promise page: one line of input, three answers with what binds them, the days ahead."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import now
from flowrack.platform.web import clock
from flowrack.platform.web.access import page
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import perform, problems_of, render_page
from flowrack.platform.web.viewer import sites_for, viewer_of
from flowrack.promise import (
    commands,
    drawing,
    pages_limits,
    pages_lists,
    pages_move,
    pages_palette,  # noqa: F401 - the palette finds its source here
    pages_questions,
    pages_setup,
    pages_sites,
    pages_sooner,
    queries_ask,
    queries_freight,
    queries_heard,
    queries_kept,
    queries_pages,
    queries_questions,
    reasons,
)
from flowrack.promise.forms import read_question
from flowrack.promise.pages_palette import as_text, typed
from flowrack.promise.queries_ask import Answered
from flowrack.promise.queries_heard import Heard
from flowrack.promise.rules_options import OptionKind
from flowrack.promise.types import AskRefused, PlaceQuote, Question, QuotePlaced
from flowrack.shared.errors import FlowrackError

TITLE = "When can I have it?"
PERMISSION = "promise.view"
DAYS_SHOWN = 28
SHORT = {OptionKind.ONE_DAY: "all on one day", OptionKind.SPLIT: "earliest split", OptionKind.SUBSTITUTE: "substitute"}


@page(PERMISSION, methods=("GET", "HEAD"))
def ask(request: HttpRequest) -> HttpResponse:
    """When can a customer have so many? Answered from live stock, receipts and work."""
    return _drawn(request)


def _drawn(request: HttpRequest, refusal: FlowrackError | None = None) -> HttpResponse:
    data = request.POST if request.method == "POST" else request.GET
    at = now()
    text = data.get("q", "").strip()[:200]
    question = read_question(data) if data.get("item") else None
    meant: Heard = queries_heard.NOTHING
    if question is None and text:
        meant = queries_heard.heard(text, clock.today())
        question = meant.questions[0] if len(meant.questions) == 1 else None
        if question is None:
            refusal = refusal or (_several(meant) if meant.questions else _no_question())
    context: dict[str, Any] = {"text": text, "question": question, "refusal": refusal, "sites": _sites(request)}
    context["several"] = [
        (one.item, name, f"?{urlencode({'q': as_text(one)})}")
        for one, name in zip(meant.questions, meant.names, strict=True)
        if question is None
    ]
    if question is not None:
        try:
            allowed = viewer_of(request).grants.get(PERMISSION, frozenset())
            found = queries_ask.answered(queries_ask.understand(question, at, site_ids=allowed), at)
            context |= _context(found, request)
        except AskRefused as refused:
            context["refusal"] = refusal or refused
            context["several"] = _customers(question, refused)
    if viewer_of(request).may("promise.ask_planner"):
        context["answers"] = queries_questions.answered_for(viewer_of(request).user.pk, at)
    context["doubted"] = queries_kept.doubted_of(viewer_of(request).user.pk, at)
    context["fields"] = _fields(question)
    shown = context["refusal"]
    context["problems"] = problems_of(None, shown) if shown else []
    if not text and question is not None:
        context["text"] = as_text(question)
    return render_page(request, "promise/ask.html", context, status=shown.status if shown else 200)


def _customers(question: Question, refused: AskRefused) -> list[tuple[str, str, str]]:
    """The customers that a name may mean, each with the question for him."""
    if not any(line.field == "customer" for line in refused.lines):
        return []
    meant = queries_heard.customers_like(question.customer)
    return [
        (code, name, f"?{urlencode({'q': as_text(replace(question, customer=code))})}") for code, name in meant.first
    ]


def _no_question() -> AskRefused:
    return AskRefused(
        "This is no question yet.",
        fix="Begin with a quantity and an item, then a day and a customer: 40 x 4711 fri acme.",
    )


def _several(meant: Heard) -> AskRefused:
    return AskRefused(f"{typed(meant.questions[0])} of which of these?", fix="Choose one, or write its code.")


def _sites(request: HttpRequest) -> list[Any]:
    viewer = viewer_of(request)
    held = viewer.grants.get(PERMISSION, frozenset())
    return [s for s in sites_for(viewer) if 0 in held or s.id in held]


def _context(found: Answered, request: HttpRequest) -> dict[str, Any]:
    """What the template shows of an answer."""
    ask_, viewer = found.answer.ask, viewer_of(request)
    news, sentence = reasons.headline(found.answer)
    best = _best(found)
    freights = queries_freight.freights(found) if viewer.may(queries_freight.SEES) else {}
    options = [
        {
            "kind": option.kind,
            "freight": freights.get(str(option.kind)),
            "key": key,
            "name": reasons.NAMES[OptionKind(option.kind)],
            "option": option,
            "is_best": option.kind == best,
            "early": reasons.earlier(ask_, option),
            "meets": bool(option.parts) and ask_.wanted_on is not None and not option.days_late,
            "why_not": "" if option.parts else reasons.not_possible(ask_, option),
            "most": option.most,
            "most_url": _for_most(found, option.most) if option.most else "",
            "bound": reasons.bound_words(option.bound) if option.bound else "",
            "sure": reasons.confidence(option, found.case) if option.parts else "",
            "hangs": any(part.supplies for part in option.parts),
            "split": found.cost_of_split(option),
            "sites": len({part.site_id for part in option.parts}),
            "parts": [{"part": part, "from": reasons.source_of(part)} for part in option.parts],
        }
        for key, option in zip("abc", found.answer.options, strict=False)
    ]
    lead = ask_.site_ids[0]
    for option in found.answer.options:
        if option.kind == best and option.parts:
            lead = option.parts[-1].site_id
    ahead = queries_pages.days_ahead([lead], now(), DAYS_SHOWN)
    asked = found.asked
    return {
        "found": found,
        "who": asked.who,
        "ask": ask_,
        "news": news,
        "sentence": sentence,
        "options": options,
        "alert": reasons.alert(found.answer.overload) if found.answer.overload else "",
        "records": reasons.records_used(found.case, found.answer),
        "left_out": found.left_out(),
        "timeline": drawing.timeline(found.case, found.answer, lead, ahead),
        "may_quote": viewer.may("promise.quote") and asked.who.customer_id is not None,
        "may_ask_planner": viewer.may("promise.ask_planner") and not _does(found),
    }


def _for_most(found: Answered, units: int) -> str:
    """The same question for as many units as there can be."""
    who = found.asked.who
    asked = Question(who.customer_code, who.sku, Decimal(units), wanted_on=found.answer.ask.wanted_on)
    return f"?{urlencode({'q': as_text(asked)})}"


def _fields(question: Question | None) -> dict[str, str]:
    """The question field by field, as the page shows and sends it."""
    if question is None:
        return dict.fromkeys(("customer", "item", "quantity", "pack", "wanted_on", "site"), "")
    return {
        "customer": question.customer,
        "item": question.item,
        "quantity": typed(question),
        "pack": question.pack,
        "wanted_on": question.wanted_on.isoformat() if question.wanted_on else "",
        "site": str(question.site_id or ""),
    }


def _does(found: Answered) -> bool:
    """Whether an option is possible and, where a day is wished, in time for it without asking the customer first."""
    return any(o.parts and not o.days_late and not o.needs_consent for o in found.answer.options)


def _best(found: Answered) -> str:
    """The option to lead with: the first that is in time, whole before split before substitute."""
    possible = [o for o in found.answer.options if o.parts and not o.same_as]
    in_time = [o for o in possible if not o.days_late and not o.needs_consent]
    chosen = (in_time or possible or list(found.answer.options))[0]
    return str(chosen.kind)


@page("promise.quote", methods=("POST",))
def place(request: HttpRequest) -> HttpResponse:
    """Hold an option for the customer."""
    question = read_question(request.POST)
    req = PlaceQuote(question, request.POST.get("option", ""), request.POST.get("override", "")[:200])

    def to(done: QuotePlaced) -> str:
        return reverse("promise_quote", args=[done.quote_id])

    return perform(
        request,
        commands.place_quote,
        req,
        to=to,
        toast=lambda done: f"{done.number} holds {done.units:,}",
        again=lambda refusal: _drawn(request, refusal),
    )


NAV = [
    NavItem("Outbound", TITLE, "promise_ask", permission=PERMISSION, order=12, keys="w", section="Orders"),
    *pages_lists.NAV,
    *pages_sooner.NAV,
    *pages_questions.NAV,
    *pages_setup.NAV,
]

urlpatterns = [
    path("promise", ask, name="promise_ask"),
    path("promise/place", place, name="promise_place"),
    *pages_lists.urlpatterns,
    *pages_move.urlpatterns,
    *pages_sooner.urlpatterns,
    *pages_limits.urlpatterns,
    *pages_questions.urlpatterns,
    *pages_setup.urlpatterns,
    *pages_sites.urlpatterns,
]
