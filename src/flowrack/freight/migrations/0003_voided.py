"""Charges that the carrier credited in whole, and may bill anew."""

from django.db import migrations, models
from django.db.models import Q

CAUSES = ["matched", "twice", "not_ours", "not_chosen", "weight", "zone", "surcharge", "price"]
STATES = ["matched", "open", "accepted", "disputed", "credited", "voided"]


class Migration(migrations.Migration):
    dependencies = [("freight", "0002_released")]

    operations = [
        migrations.RemoveConstraint(model_name="charge", name="freight_charge_known"),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=Q(cause__in=CAUSES, state__in=STATES), name="freight_charge_known"
            ),
        ),
    ]
