"""The record page: header with state, facts, one primary action, then Lines, Why, Timeline, Documents, Audit.

    return render_record(request, Record(
        title=po.number, subtitle=po.supplier, state=po.state, subject=ref("purchasing.po", po.id),
        back=("Purchase orders", reverse("purchasing_pos")),
        facts=[Fact("Due", po.due_on, "date"), Fact("Value", po.value, "money")],
        actions=[Do("Approve", reverse("po_approve", args=[po.id]), "purchasing.approve", primary=True, key="a")],
        tables=[Table("Lines", LINE_COLUMNS, lines, totals={"units": 120})],
        documents=[Document("Order as PDF", url)],
        why=[ref("purchasing.po", po.id), *line_refs],
    ))

`Why` comes from the decisions about the subjects in `why`; `Timeline` and `Audit` from the command records of
`subject`. A stage that wants more overrides the blocks of `patterns/record.html` in its own template.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from flowrack.platform import sql
from flowrack.platform.models import Decision
from flowrack.platform.web import clock
from flowrack.platform.web.columns import Column
from flowrack.platform.web.details import rule_in_words, told
from flowrack.platform.web.format import currency_symbol, moment
from flowrack.platform.web.links import may_open
from flowrack.platform.web.said import named, said
from flowrack.platform.web.viewer import viewer_of

AUDIT_ROWS = 50
STANDING = frozenset({"allocation", "carrier", "cover", "promise", "quote", "refill", "reorder", "sourcing", "wave"})
MOST_ROWS = 500  # of one table on a page


@dataclass(frozen=True, slots=True)
class Fact:
    """One key fact: label, value and a column kind; `note` says more in words or is a time; `tone` bad or warn only for
    an exception."""

    label: str
    value: Any
    kind: str = "text"
    note: str | datetime = ""
    url: str = ""
    tone: str = ""

    @property
    def drawn(self) -> Any:
        """The value as its kind shows it; money with the currency's sign, since no head names it."""
        drawn = Column("value", self.label, kind=self.kind).draw(self.value)
        return f"{currency_symbol()}{drawn}" if self.kind == "money" and drawn else drawn

    @property
    def said(self) -> str:
        """The note; a time by the clock of the page."""
        return moment(self.note) if isinstance(self.note, datetime) else self.note


@dataclass(frozen=True, slots=True)
class Do:
    """An action on the record. `post` sends a form (with key and CSRF) to `url`; otherwise it is a link.

    `confirm` asks first, for what cannot be undone: the sentence; the button repeats verb and object.
    `fields` are hidden values sent along.
    """

    label: str
    url: str
    permission: str = ""
    primary: bool = False
    post: bool = True
    key: str = ""
    confirm: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A file or page that belongs to the record."""

    label: str
    url: str
    note: str = ""
    when: Any = None


@dataclass(frozen=True, slots=True)
class Table:
    """A section with a table: title, columns, rows, optional totals by column key.

    The first rows are drawn, and the page says so when there are more; `of` counts them where not all were read.
    A phone draws each row as a card if `is_cards`.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Any]
    totals: Mapping[str, Any] = field(default_factory=dict)
    empty: str = "Nothing here yet."
    note: str = ""
    of: int = 0
    is_cards: bool = False

    @property
    def count(self) -> int:
        """How many rows there are."""
        return max(self.of, len(self.rows))

    @property
    def cut(self) -> str:
        """What is not shown, in words."""
        shown = min(len(self.rows), MOST_ROWS)
        return f"The first {shown:,} of {self.count:,} are shown." if shown < self.count else ""

    @property
    def slug(self) -> str:
        """The section's anchor."""
        return "-".join(self.title.lower().split())

    @property
    def lines(self) -> list[list[tuple[Column, Any]]]:
        """The cells, row by row."""
        return [[(c, c.cell(r)) for c in self.columns] for r in self.rows[:MOST_ROWS]]

    @property
    def foot(self) -> list[tuple[Column, Any]]:
        """The totals row; empty when there are no totals."""
        if not self.totals or not self.rows:
            return []
        return [(c, c.draw(self.totals[c.key]) if c.key in self.totals else "") for c in self.columns]


@dataclass(slots=True)
class Record:
    """What a record page shows; see the module's text."""

    title: str
    subject: str
    site_id: int | None = None  # where the record is, whose clock it keeps; who may act elsewhere only sees no action
    subtitle: str = ""
    state: Any = ""
    marks: Mapping[str, str] = field(default_factory=dict)
    back: tuple[str, str] | None = None
    previous: str = ""
    next: str = ""
    place: str = ""  # where it stands in the list that it was opened from: "3 of 28"
    facts: Sequence[Fact] = ()
    actions: Sequence[Do] = ()
    tables: Sequence[Table] = ()
    documents: Sequence[Document] = ()
    why: Sequence[str] | Mapping[str, str] = ()  # subjects, or subjects with what people call them
    over: Callable[[str, str], str] | None = None  # why a decision (kind, sentence) is past though none came after it


_of_later_stages: dict[str, list[Callable[[Record], list[Do]]]] = {}


def record_actions(kind: str, make: Callable[[Record], list[Do]]) -> None:
    """Add a later stage's actions to the records of a kind (what stands before the colon of their subject)."""
    _of_later_stages.setdefault(kind, []).append(make)


def render_record(
    request: HttpRequest,
    record: Record,
    *,
    template: str = "patterns/record.html",
    refusal: Any = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Draw the record; `refusal` puts the banner of a refused action on top."""
    viewer = viewer_of(request)
    clock.at_own_site(record.site_id)
    audit = audit_of([record.subject])
    later = _of_later_stages.get(record.subject.partition(":")[0], ())
    offered = [*record.actions, *(do for make in later for do in make(record))]
    actions = [a for a in offered if viewer.may(a.permission, record.site_id) and may_open(viewer, a.url)]
    more = {
        "record": record,
        "actions": sorted(actions, key=lambda a: a.primary),
        "decisions": decisions_of(
            list(record.why) or [record.subject],
            {record.subject: record.title, **_names(record.why)},
            record.over,
        ),
        "timeline": list(reversed(audit)),
        "audit": audit,
        "refusal": refusal,
        **context,
    }
    return render(request, template, more, status=status)


def _names(why: Sequence[str] | Mapping[str, str]) -> Mapping[str, str]:
    return why if isinstance(why, Mapping) else {}


@dataclass(slots=True)
class Reason:
    """One decision as the page shows it; the same one taken again and again is shown once, with how often. One in whose
    place another came is past: `until` says since when, `then` what it was; or what became of the record says so."""

    about: str
    sentence: str
    kind: str
    rule: str
    detail: Any
    decided_at: Any
    first_at: Any
    times: int = 1
    until: Any = None
    then: str = ""

    @property
    def is_past(self) -> bool:
        """Whether it does not say any more how things stand."""
        return self.until is not None or bool(self.then)

    @property
    def by(self) -> str:
        """The rule in words."""
        return rule_in_words(self.rule)

    @property
    def looked_at(self) -> list[tuple[str, list[str]]]:
        """What it looked at, in words."""
        return told(self.detail)


def decisions_of(
    subjects: Sequence[str],
    names: Mapping[str, str] | None = None,
    over: Callable[[str, str], str] | None = None,
) -> list[Reason]:
    """The latest decisions about these subjects: those that count first, then those that say no longer how things
    stand, because another came in their place or by what `over` says of kind and sentence; newest first. `names` says
    the subjects in people's words."""
    shown: list[Reason] = []
    latest: dict[tuple[str, str], Reason] = {}
    for row in Decision.objects.filter(subject__in=list(subjects)).order_by("-id")[:AUDIT_ROWS]:
        key = row.subject, row.kind.partition(".")[0]  # wave.waits and wave.goes are about one thing
        known = latest.get(key)
        if known is not None and (known.sentence, known.kind, known.rule) == (row.sentence, row.kind, row.rule):
            known.times += 1
            known.first_at = row.decided_at
            continue
        about = (names or {}).get(row.subject) or named(row.subject)
        at = row.decided_at
        latest[key] = Reason(about, row.sentence, row.kind, row.rule, row.detail, at, at)
        if known is not None and key[1] in STANDING:
            latest[key].until = known.first_at
        elif over is not None and key[1] in STANDING:
            latest[key].then = over(key[1], row.sentence)
        shown.append(latest[key])
    return sorted(shown, key=lambda one: one.is_past)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One accepted command about the record."""

    id: int
    what: str
    who: str
    when: Any
    device: str


def audit_of(subjects: Sequence[str]) -> list[AuditRow]:
    """The accepted commands about these subjects, alone or among others, newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT c.id, c.command, u.full_name, c.occurred_at, c.device
        FROM platform_commandrecord c JOIN platform_user u ON u.id = c.actor_id
        WHERE c.id = ANY (ARRAY(
            (SELECT id FROM platform_commandrecord WHERE subject = ANY(%(subjects)s::text[])
             ORDER BY id DESC LIMIT %(limit)s)
            UNION
            (SELECT command_id FROM platform_commandsubject WHERE subject = ANY(%(subjects)s::text[])
             ORDER BY command_id DESC LIMIT %(limit)s)
        ))
        ORDER BY c.id DESC LIMIT %(limit)s
        """,
        {"subjects": [s for s in subjects if s], "limit": AUDIT_ROWS},
    )
    return [AuditRow(key, said(command), who, when, device) for key, command, who, when, device in rows]
