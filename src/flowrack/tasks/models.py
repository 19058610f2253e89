"""Tables of the tasks kernel."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from flowrack.platform.fields import UnitsField, named
from flowrack.tasks.states import TaskState

# A task's columns in the order of types.TaskRow, for hand-written SQL with the alias t.
COLUMNS = (
    "t.id, t.kind, t.origin, t.site_id, t.zone_id, t.from_location_id, t.to_location_id, t.lpn_id, t.item_id, t.units, "
    "t.priority, t.due_at, t.standard_seconds, t.sequence, t.state, t.lease_token, t.leased_by_id, t.lease_until"
)


class Task(models.Model):
    """Work for a person on the floor; leased to a device while somebody does it."""

    kind = models.CharField(max_length=20)
    origin = models.CharField(max_length=80, help_text="the document that wants it, e.g. fulfilment.pick:17")
    site = named("locations.Site")
    zone = models.ForeignKey("locations.Zone", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    from_location = named("locations.Location", null=True)
    to_location = named("locations.Location", null=True)
    lpn = named("locations.Lpn", default=0)
    item = named("catalog.Item", null=True)
    units = UnitsField(default=0)
    priority = models.SmallIntegerField(default=5)
    due_at = models.DateTimeField(null=True)
    standard_seconds = models.IntegerField(default=30)
    sequence = models.BigIntegerField(default=0, help_text="place in the walk where the work begins")
    end_sequence = models.BigIntegerField(default=0, help_text="place in the walk where it ends")
    state = models.CharField(max_length=10, default=TaskState.OPEN, db_default=TaskState.OPEN)
    lease_token = models.UUIDField(null=True)
    leased_by = models.ForeignKey(
        "platform.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    lease_until = models.DateTimeField(null=True)
    device = models.CharField(max_length=80, default="", db_default="")
    reason = models.CharField(max_length=200, default="", db_default="", help_text="why it was set aside or cancelled")
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(
        "platform.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="task_state_known", condition=Q(state__in=list(TaskState))),
            models.CheckConstraint(
                name="task_leased_has_lease",
                condition=~Q(state="leased")
                | Q(lease_token__isnull=False, leased_by__isnull=False, lease_until__isnull=False),
            ),
            models.CheckConstraint(
                name="task_open_has_no_lease",
                condition=~Q(state="open") | Q(lease_token=None, leased_by=None, lease_until=None),
            ),
            models.CheckConstraint(
                name="task_ended_says_when",
                condition=Q(state__in=["open", "leased"], finished_at=None)
                | (~Q(state__in=["open", "leased"]) & Q(finished_at__isnull=False)),
            ),
            models.CheckConstraint(name="task_priority_1_to_9", condition=Q(priority__gte=1, priority__lte=9)),
            models.CheckConstraint(
                name="task_amounts_not_negative", condition=Q(units__gte=0, standard_seconds__gte=0)
            ),
        ]
        indexes = [
            models.Index(name="task_open_walk", fields=["site", "priority", "sequence"], condition=Q(state="open")),
            models.Index(name="task_leases", fields=["site", "lease_until"], condition=Q(state="leased")),
            models.Index(name="task_of_origin", fields=["origin"]),
            models.Index(name="task_last_of_person", fields=["finished_by", "-finished_at"], condition=Q(state="done")),
        ]


class Capacity(models.Model):
    """Hands: people for a kind of task in a zone (none = the whole site) on a weekday and shift."""

    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+")
    zone = models.ForeignKey("locations.Zone", on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=20)
    weekday = models.SmallIntegerField(help_text="0 = Monday")
    shift = models.CharField(max_length=20)
    starts_at = models.TimeField(null=True, help_text="by the site's clock; empty = when the site opens")
    people = models.IntegerField()
    hours = models.DecimalField(max_digits=4, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="capacity_once",
                fields=["site", "zone", "kind", "weekday", "shift"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="capacity_weekday", condition=Q(weekday__gte=0, weekday__lte=6)),
            models.CheckConstraint(name="capacity_possible", condition=Q(people__gte=0, hours__gte=0, hours__lte=24)),
        ]
