"""Tables of approvals."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from flowrack.approvals.states import LIVE, RequestState, StepState
from flowrack.platform.fields import MoneyField


class Policy(models.Model):
    """One version of a policy; never edited, replaced by the next version from its time on."""

    kind = models.CharField(max_length=40, help_text="the kind of document, e.g. purchasing.po")
    code = models.SlugField(max_length=40, db_index=False)
    version = models.IntegerField()
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True, help_text="false: from here on it asks nobody")
    effective_from = models.DateTimeField()
    reason = models.CharField(max_length=200)
    written_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(name="policy_version_once", fields=["kind", "code", "version"]),
            models.CheckConstraint(name="policy_version_positive", condition=Q(version__gte=1)),
        ]


class PolicyCondition(models.Model):
    """A condition of a version; all must hold for it to ask."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="conditions")
    line_no = models.SmallIntegerField()
    field = models.CharField(max_length=40)
    operator = models.CharField(max_length=2)
    value = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="policy_condition_operator", condition=Q(operator__in=[">", ">=", "<", "<=", "=", "!="])
            )
        ]


class PolicyStep(models.Model):
    """Whom a version asks: any of the roles, at a place in the sequence."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="steps")
    line_no = models.SmallIntegerField()
    sequence = models.SmallIntegerField()
    roles = ArrayField(models.CharField(max_length=40))
    needed = models.SmallIntegerField(default=1)
    deadline_hours = models.IntegerField(null=True)
    escalation_role = models.CharField(max_length=40, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="policy_step_asks_somebody", condition=Q(sequence__gte=1, needed__gte=1)),
            models.CheckConstraint(name="policy_step_has_roles", condition=~Q(roles=[])),
        ]


class Request(models.Model):
    """One document of one content that asked for approval."""

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80, help_text="the document, e.g. purchasing.po:17")
    site = models.ForeignKey(
        "locations.Site", on_delete=models.PROTECT, related_name="+", null=True, help_text="empty = every site"
    )
    amount = MoneyField()
    currency = models.CharField(max_length=3, default="")
    partner = models.CharField(max_length=80, default="", help_text="with whom, e.g. parties.party:4")
    partner_name = models.CharField(max_length=160, default="")
    summary = models.CharField(max_length=200)
    sentence = models.TextField(default="")
    reason = models.CharField(max_length=400, default="", help_text="why the requester wants it")
    content = models.TextField(help_text="canonical JSON of what is approved")
    content_hash = models.CharField(max_length=64)
    requester = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    barred_ids = ArrayField(models.BigIntegerField(), help_text="requester and writers: may not decide")
    state = models.CharField(max_length=10, choices=[(s, s) for s in RequestState], default=RequestState.WAITING)
    submitted_at = models.DateTimeField()
    submitted_on = models.DateField(help_text="business day at the site")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=400, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="approval_state_known", condition=Q(state__in=list(RequestState))),
            models.CheckConstraint(
                name="approval_ended_says_when",
                condition=Q(state="waiting", ended_at=None) | (~Q(state="waiting") & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="approval_requester_is_barred", condition=Q(barred_ids__contains=[F("requester_id")])
            ),
            models.UniqueConstraint(
                name="approval_one_live_per_document",
                fields=["subject", "kind"],
                condition=Q(state__in=[str(s) for s in LIVE]),
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "-id"]),
            models.Index(name="approval_waiting", fields=["site"], condition=Q(state="waiting")),
            models.Index(name="approval_of_day", fields=["requester", "kind", "submitted_on"]),
            models.Index(name="approval_of_partner", fields=["partner", "kind", "-id"]),
        ]


class RequestFact(models.Model):
    """A fact as it was when the document asked; empty = not known."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="facts")
    name = models.CharField(max_length=40)
    value = models.CharField(max_length=80)


class RequestChange(models.Model):
    """A line of before and after."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="changes")
    line_no = models.IntegerField()
    label = models.CharField(max_length=200)
    field = models.CharField(max_length=60)
    before = models.CharField(max_length=200)
    after = models.CharField(max_length=200)
    is_exception = models.BooleanField()
    needs = models.CharField(max_length=60, default="", help_text="permission without which nobody sees it")


class Step(models.Model):
    """A step of a request: whom it asks, how many have approved, until when."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="steps")
    sequence = models.SmallIntegerField()
    roles = ArrayField(models.CharField(max_length=40))
    needed = models.SmallIntegerField()
    given = models.SmallIntegerField(db_default=0)
    state = models.CharField(max_length=6, choices=[(s, s) for s in StepState])
    deadline_hours = models.IntegerField(null=True)
    escalation_role = models.CharField(max_length=40, default="")
    policy_ids = ArrayField(models.BigIntegerField())
    opened_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="approval_step_given_within_needed", condition=Q(given__gte=0, given__lte=F("needed"))
            ),
            models.CheckConstraint(
                name="approval_step_done_when_given",
                condition=Q(state="done", given=F("needed")) | (~Q(state="done") & Q(given__lt=F("needed"))),
            ),
            models.CheckConstraint(
                name="approval_step_open_says_since", condition=Q(state="ahead") | Q(opened_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(
                name="approval_overdue",
                fields=["due_at"],
                condition=Q(state="open", escalated_at=None) & ~Q(escalation_role=""),
            )
        ]


class Verdict(models.Model):
    """One person's approval or rejection; append-only."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="verdicts", db_index=False)
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=8)
    given_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    given_for = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    delegation = models.ForeignKey("Delegation", on_delete=models.PROTECT, related_name="+", null=True)
    content_hash = models.CharField(max_length=64)
    reason = models.CharField(max_length=400, default="")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="verdict_once_per_hand", fields=["request", "given_by"]),
            models.UniqueConstraint(name="verdict_once_per_right", fields=["request", "given_for"]),
            models.CheckConstraint(name="verdict_known", condition=Q(verdict__in=["approve", "reject"])),
            models.CheckConstraint(name="verdict_reject_has_reason", condition=~Q(verdict="reject", reason="")),
            models.CheckConstraint(
                name="verdict_for_another_by_delegation",
                condition=Q(given_by=F("given_for"), delegation=None)
                | (~Q(given_by=F("given_for")) & Q(delegation__isnull=False)),
            ),
        ]


class Delegation(models.Model):
    """A person stands in for another for a while."""

    from_person = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    to_person = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    begins_at = models.DateTimeField()
    until = models.DateTimeField()
    kinds = ArrayField(models.CharField(max_length=40), default=list, help_text="empty = every kind")
    written_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="delegation_to_another", condition=~Q(from_person=F("to_person"))),
            models.CheckConstraint(name="delegation_has_an_end", condition=Q(until__gt=F("begins_at"))),
        ]
