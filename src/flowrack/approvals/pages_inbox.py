"""What the inbox draws: the list with its marks, and one request with what speaks for and against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from flowrack.approvals import queries_pages as queries
from flowrack.approvals import rules
from flowrack.approvals.queries_pages import ChangeLine, RequestRecord, RequestRow, Sight, StepLine
from flowrack.approvals.steps import role_names
from flowrack.approvals.types import KINDS, DecidedRequest, DocumentKind
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.http import now
from flowrack.platform.lookup import read_id
from flowrack.platform.web.format import duration, moment
from flowrack.platform.web.viewer import Viewer, viewer_of
from flowrack.shared.refs import key_of

SOON = timedelta(hours=4)
MOST_FACTS = 7
PAGE = 50
TABS = (("", "To approve"), ("mine", "Asked by me"), ("decided", "Decided"))


@dataclass(frozen=True, slots=True)
class Line:
    """A request in the list."""

    row: RequestRow
    mark: str
    due: str
    is_current: bool
    url: str

    @property
    def has_amount(self) -> bool:
        """Whether documents of its kind are about money."""
        kind = KINDS.get(self.row.kind)
        return kind is None or kind.has_amount


def inbox(request: HttpRequest) -> dict[str, Any]:
    """Everything that the page shows."""
    viewer, at = viewer_of(request), now()
    may_decide = viewer.may("approvals.decide")
    tab = request.GET.get("tab", "")
    tab = tab if tab in dict(TABS) and (may_decide or tab) else ("" if may_decide else "mine")
    eyes = queries.sight(viewer.user.pk, lambda permission: _sites(viewer, permission))
    part = _part(request, viewer, eyes, tab, at)
    rows = part.rows
    chosen = read_id(request.GET.get("request", "") or request.POST.get("ids", ""))
    current = chosen or (rows[0].id if rows else 0)
    asked = _asked(viewer, part, tab, current, at)
    record = queries.request(current, eyes, is_asked=asked is not None) if current else None
    return {
        "tab": tab,
        "tabs": [(code, label, part.waiting if code == "" else None) for code, label in TABS if may_decide or code],
        "lines": [_line(row, part, current, at) for row in rows],
        "part": part,
        "is_chosen": bool(chosen),
        "may_batch": may_decide and tab == "",
        "stands_in_for": queries.stands_in_for(viewer.user.pk, at) if may_decide else [],
        "record": record,
        **(_detail(record, viewer, eyes, asked, at) if record else {}),
    }


def _sites(viewer: Viewer, permission: str) -> list[int]:
    return sorted(viewer.grants.get(permission, ()))


@dataclass(frozen=True, slots=True)
class Part:
    """The requests that one page of a tab shows; `waiting` is how many wait for the person's verdict in all."""

    tab: str
    page: int
    rows: list[RequestRow]
    waiting: int
    has_more: bool

    @property
    def first(self) -> int:
        """The place of the first of them."""
        return (self.page - 1) * PAGE + 1

    @property
    def last(self) -> int:
        """The place of the last of them."""
        return self.first + len(self.rows) - 1

    def url(self, page: int = 0, request_id: int = 0) -> str:
        """The address of a page of the tab, or of a request on it."""
        page = page or self.page
        names = [("tab", self.tab), ("page", page if page > 1 else ""), ("request", request_id or "")]
        return "?" + urlencode([(name, value) for name, value in names if value])

    @property
    def previous(self) -> str:
        """The address of the page before; "" on the first."""
        return self.url(self.page - 1) if self.page > 1 else ""

    @property
    def next(self) -> str:
        """The address of the next page; "" on the last."""
        return self.url(self.page + 1) if self.has_more else ""


def _part(request: HttpRequest, viewer: Viewer, eyes: Sight, tab: str, at: datetime) -> Part:
    """What the asked page of a tab shows. A page that is not there any more, for what was on it is decided, is the
    first."""
    page = min(max(read_id(request.GET.get("page", "")), 1), 10_000)
    sites = _sites(viewer, "approvals.decide")
    if tab == "":
        found = queries.waiting_for(viewer.user.pk, at, site_ids=sites, offset=(page - 1) * PAGE, limit=PAGE)
        if page > 1 and not found.rows:
            page, found = 1, queries.waiting_for(viewer.user.pk, at, site_ids=sites, limit=PAGE)
        return Part(tab, page, found.rows, found.total, page * PAGE < found.total)
    waiting = (
        queries.waiting_for(viewer.user.pk, at, site_ids=sites, limit=1).total if viewer.may("approvals.decide") else 0
    )
    rows = queries.requests(
        eyes,
        is_mine=tab == "mine",
        states=[] if tab == "mine" else ["approved", "rejected"],
        offset=(page - 1) * PAGE,
        limit=PAGE + 1,
    )
    return Part(tab, page, rows[:PAGE], waiting, len(rows) > PAGE)


def _asked(viewer: Viewer, part: Part, tab: str, current: int, at: datetime) -> RequestRow | None:
    """The request that is open, if this person's verdict is asked for."""
    if not current or not viewer.may("approvals.decide"):
        return None
    if tab == "" and (found := next((row for row in part.rows if row.id == current), None)):
        return found
    sites = _sites(viewer, "approvals.decide")
    return next(iter(queries.to_decide(viewer.user.pk, at, site_ids=sites, request_id=current)), None)


def _line(row: RequestRow, part: Part, current: int, at: datetime) -> Line:
    place = part.url(request_id=row.id)
    due = _short(row.due_at if row.state == "waiting" else row.ended_at, at)
    return Line(row, mark(row, at), due, row.id == current, place)


def _short(when: datetime | None, at: datetime) -> str:
    """10:41 today, Fri in the same week or so, else 15 May."""
    if when is None:
        return ""
    local = timezone.localtime(when)
    days = abs((local.date() - timezone.localtime(at).date()).days)
    if days == 0:
        return f"{local:%H:%M}"
    return f"{local:%a}" if days < 7 else f"{local.day} {local:%b}"


def mark(row: RequestRow, at: datetime) -> str:
    """The glyph of a request: blocked when its time is over, at risk when it soon is."""
    if row.state != "waiting":
        return {"approved": "ok", "rejected": "bad"}.get(row.state, "info")
    if row.due_at is None or row.due_at - at > SOON:
        return "wait"
    return "bad" if row.due_at <= at else "warn"


def _detail(
    record: RequestRecord, viewer: Viewer, eyes: Sight, mine: RequestRow | None, at: datetime
) -> dict[str, Any]:
    head = record.head
    kind = KINDS.get(head.kind)
    about = decisions.why(head.subject)  # an escalation names the request, too
    why = next((d for d in about if d.kind == "approval" and d.sentence.startswith(f"{head.number} ")), None)
    facts = [
        (fact.label, rules.told(fact, value), fact.kind == "money" and value != "")
        for name, value in record.facts
        if kind is not None
        and (fact := kind.fact(name)) is not None
        and fact.kind != "text"
        and ((name == "amount" and kind.has_amount) or value.strip("0.") not in ("", "no"))
    ]
    return {
        "kind_label": kind.label if kind else head.kind,
        "verb": kind.verb if kind else "Approve",
        "has_amount": kind is None or kind.has_amount,
        "document_url": _document_url(head),
        "pill": _pill(head, at),
        "facts": [(label[:1].upper() + label[1:], *rest) for label, *rest in facts][:MOST_FACTS],
        "changes": _changes(record.seen_by(lambda permission: _sites(viewer, permission))),
        "why": why,
        "undone": _undone(head, kind, about),
        "steps": [(step, _step_words(step)) for step in record.steps],
        "if_not": [w for step in record.steps if step.state == "open" and (w := _if_not(step, at))],
        "can_decide": mine is not None,
        "for_name": mine.for_name if mine else "",
        "not_asked": "" if mine or head.state != "waiting" else _not_asked(record, viewer),
        "similar": queries.similar(record, eyes),
    }


def _document_url(head: RequestRow) -> str:
    kind = KINDS.get(head.kind)
    try:
        return reverse(kind.url_name, args=[key_of(head.subject)]) if kind and kind.url_name else ""
    except NoReverseMatch:
        return ""


def _pill(head: RequestRow, at: datetime) -> tuple[str, str]:
    """(glyph, words) beside the title."""
    if head.state != "waiting":
        return mark(head, at), head.state
    if head.due_at is None:
        return "wait", "waiting"
    if head.due_at <= at:
        return "bad", f"overdue for {duration(at - head.due_at)}"
    return mark(head, at), f"due {moment(head.due_at)}, in {duration(head.due_at - at)}"


def _changes(seen: Sequence[ChangeLine]) -> list[tuple[str, Any]]:
    """Before and after; the label stands only on the first of its lines."""
    shown: list[tuple[str, Any]] = []
    last = ""
    for change in seen:
        shown.append(("" if change.label == last else change.label, change))
        last = change.label
    return shown


def _step_words(step: StepLine) -> str:
    who = role_names(step.roles)
    if step.escalated_at is not None:
        who = f"{who} or {role_names([step.escalation_role])}"
    return f"{step.needed} of {who}" if step.needed > 1 else who


def _if_not(step: StepLine, at: datetime) -> str:
    if step.due_at is None:
        return ""
    if step.escalated_at is not None:
        return f"It was due {moment(step.due_at)}, so {role_names([step.escalation_role])} may decide as well."
    when = "At the next look" if step.due_at <= at else f"At {moment(step.due_at)}"
    if step.escalation_role:
        return f"{when} {role_names([step.escalation_role])} may decide as well."
    return f"It is due {moment(step.due_at)} and goes on waiting after that."


def _not_asked(record: RequestRecord, viewer: Viewer) -> str:
    """Why somebody who looks at a waiting request cannot decide it."""
    if record.head.requester_id == viewer.user.pk:
        return "You asked for it, so somebody else decides."
    if any(str(viewer.user) in (v.given_by, v.given_for) for v in record.verdicts):
        return "You had your part in it. It waits for others."
    return f"It waits for {role_names(record.head.asks)}."


def told(done: Sequence[DecidedRequest], verdict: str) -> str:
    """The toast after a verdict."""
    undone = [words for kind in KINDS.values() if kind.undone for words in kind.undone(_approved(done, kind.code))]
    but = "".join(f", but {words}" for words in undone)
    if len(done) > 1:
        return f"{len(done)} {'approved' if verdict == 'approve' else 'rejected'}{but}"
    if verdict == "reject":
        return "Rejected"
    return f"Approved{but}" if done[0].state == "approved" else "Approved, others follow"


def _approved(done: Sequence[DecidedRequest], kind: str) -> list[str]:
    return [one.subject for one in done if one.document == kind and one.state == "approved"]


def _undone(head: RequestRow, kind: DocumentKind | None, about: Sequence[DecisionRow]) -> str:
    """Why an approved document was not done as approved; "" where it was."""
    if kind is None or not kind.undone_rule or head.state != "approved" or head.ended_at is None:
        return ""
    said = [d for d in about if d.rule == kind.undone_rule and d.decided_at and d.decided_at >= head.ended_at]
    return said[-1].sentence if said else ""
