"""Days on which goods leave sites: what the days of orders are worked out from."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from flowrack.platform.fields import named


class SendDay(models.Model):
    """A day on which a site sends goods to a region ("" = any other), and the weekdays that they are on the way.

    The weekdays `off` after it count as none on the way: public holidays of its carrier. Who orders after `until`
    without naming a day has what leaves on the next one. Written by the stage that knows hours, closed days and
    services. A site of which nothing is written sends goods Monday to Friday, a weekday on the way; so does every
    site beyond the last day that is written.
    """

    site = named("locations.Site")
    region = models.CharField(max_length=120, default="", db_default="")
    on = models.DateField()
    days = models.SmallIntegerField(help_text="weekdays on the way, by the fastest service")
    off = ArrayField(
        models.DateField(), default=list, db_default=[], help_text="public holidays of the carrier in the 60 days after"
    )
    until = models.TimeField(null=True, help_text="the last cut-off of the day, by the clock of the site")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="sales_send_day_once", fields=["site", "region", "on"]),
            models.CheckConstraint(name="sales_send_day_not_negative", condition=Q(days__gte=0)),
        ]
