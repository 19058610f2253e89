"""Asking for a version of the allocation rules, two versions side by side, and rules as files."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.allocation import commands_rules, queries_own, queries_rules, queries_trials, reasons_trials
from flowrack.allocation.forms_rules import AskForm, FileForm
from flowrack.allocation.pages_trials import sees_margin, sites_of
from flowrack.allocation.queries_rules import AS_SHIPPED, RuleSetRow, called, told_version
from flowrack.allocation.rules_compare import changes_of
from flowrack.allocation.rules_file import MOST_CHARACTERS, file_text, read_file
from flowrack.allocation.types_rules import ActivateRuleSet, BadRuleSet, RuleSet, WriteRuleSet
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import currency_symbol
from flowrack.platform.web.record import Record, Table, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.shared.errors import BadLine, FlowrackError


@page("allocation.rules")
def ask(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Ask that a draft decides: what trials came to, and why it was not tried where it was not."""
    row = queries_rules.visible(rule_set_id, sites_of(request))
    own = queries_own.own_in_force(row.site_id) or queries_rules.SHIPPED_RULES
    count = queries_trials.counting(row.id, row.site_id, row.rules)
    missing = reasons_trials.missing(count.found, count.trials)
    changes = reasons_trials.changes(count.found, count.figures, currency_symbol())
    may_see = all(sees_margin(request, trial.site_ids) for trial in count.found.values())
    form = AskForm(request.POST or None)
    if not missing:
        del form.fields["untried_because"]
    not_tried = f"{missing} Try it, or say why not." if missing else ""
    here = reverse("allocation_rules_one", args=[row.id])

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        sub = " ".join(part for part in (reasons_trials.told(count.found, count.figures), not_tried) if part)
        return render_form(
            request, form, title=f"Ask for version {called(row)}, {row.name}", verb="Ask for approval",
            refusal=refusal, back=(f"Version {row.version}", here), sub=sub, hidden={"instead_of": own.rule_set_id},
            template="allocation/ask_rules.html", changes=[one for one in changes if may_see or not one.needs],
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    posted = request.POST.get("instead_of", "")
    instead_of = int(posted) if posted.isdigit() and len(posted) < 19 else -1
    return perform(
        request,
        commands_rules.ask_rule_set,
        ActivateRuleSet(rule_set_id, instead_of, form.cleaned_data.get("untried_because", "")),
        to=here,
        toast=lambda done: f"{done.approval} asks" if done.state == "asked" else "In force",
        again=drawn,
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two versions."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Other:
    """A version to compare with."""

    id: int
    version: str
    name: str
    site: str
    state: str
    of: int


OTHER_COLUMNS = [
    Column(
        "version", "Version",
        link=lambda r: f"{reverse('allocation_rules_compare', args=[r.of])}?with={r.id}",
    ),
    Column("name", "Name"),
    Column("site", "Where", kind="code"),
    Column("state", "State"),
]  # fmt: skip


def _beside(row: RuleSetRow) -> int:
    """What a version is held against by itself: what is in force where it would decide; that one against the version
    before it; 0 = the rules as shipped."""
    force = queries_rules.in_force(row.site_id).rule_set_id
    return force if force != row.id else row.instead_of or 0


@page("allocation.view", methods=("GET", "HEAD"))
def compare_two(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """What differs between a version and another one: the one in force where none is named, 0 = as shipped."""
    sites = sites_of(request)
    row = queries_rules.visible(rule_set_id, sites)
    asked = request.GET.get("with", "")
    other_id = int(asked) if asked.isdigit() and len(asked) < 19 else _beside(row)
    other = queries_rules.visible(other_id, sites) if other_id else None
    name = told_version(other)
    changes = changes_of(other.rules if other else RuleSet(), row.rules, queries_rules.codes())
    columns = [
        Column("what", "What"),
        Column("before", f"{name[:1].upper()}{name[1:]}", wide=True),
        Column("after", f"{told_version(row)[:1].upper()}{told_version(row)[1:]}", wide=True),
    ]
    others = [
        Other(one.id, called(one), one.name, one.site, one.state, row.id)
        for one in queries_rules.rule_sets(sites)
        if one.id != row.id
    ]
    others.append(Other(0, "as shipped", AS_SHIPPED, "every site", "", row.id))
    record = Record(
        title=f"Version {called(row)}",
        subtitle=f"{row.name} beside {name}",
        subject="",
        site_id=row.site_id or None,
        back=(f"Version {row.version}", reverse("allocation_rules_one", args=[row.id])),
        tables=[
            Table("Differences", columns, [Difference(*change) for change in changes], empty="Both say the same."),
            Table("Compare with", OTHER_COLUMNS, others),
        ],
    )
    return render_record(request, record)


@page("allocation.view", methods=("GET", "HEAD"))
def as_file(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """A version as a file: the text that `flowrack replay --policy` and the import read."""
    row = queries_rules.visible(rule_set_id, sites_of(request))
    text = file_text(row.name, row.note, row.rules, queries_rules.codes())
    name = f"allocation-rules-{row.site.replace(' ', '-').lower()}-v{row.version}.txt"
    return HttpResponse(
        text,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@page("allocation.rules")
def from_file(request: HttpRequest) -> HttpResponse:
    """A new draft from a file."""
    form = FileForm(request.POST or None, request.FILES or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="Allocation rules from a file", verb="Save draft", refusal=refusal,
            back=("Allocation rules", reverse("allocation_rules")), sub="A draft; nothing is promised by it.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    raw = form.cleaned_data["file"].read(MOST_CHARACTERS + 1)
    found = read_file(raw.decode("utf-8", errors="replace"), queries_rules.codes())
    bad = list(found.bad)
    if len(raw) > MOST_CHARACTERS:
        bad = [BadLine(0, "file", "The file is too large to be rules.", f"{MOST_CHARACTERS:,} characters at most.")]
    if bad:
        response = drawn(BadRuleSet(f"Line {bad[0].line}: {bad[0].message}", lines=bad, fix=bad[0].fix))
        response.status_code = BadRuleSet.status
        return response
    data = form.cleaned_data
    req = WriteRuleSet(data["site_id"], data["name"] or found.name, found.rules, found.note)
    return perform(
        request,
        commands_rules.write_rule_set,
        req,
        to=lambda saved: reverse("allocation_rules_one", args=[saved.rule_set_id]),
        toast=lambda saved: " ".join([f"Version {saved.version} saved.", *saved.warnings[:3]]),
        again=drawn,
    )


urlpatterns = [
    path("allocation/rules/import", from_file, name="allocation_rules_import"),
    path("allocation/rules/<int:rule_set_id>/ask", ask, name="allocation_rules_ask"),
    path("allocation/rules/<int:rule_set_id>/compare", compare_two, name="allocation_rules_compare"),
    path("allocation/rules/<int:rule_set_id>/file", as_file, name="allocation_rules_file"),
]
