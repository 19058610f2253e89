"""A quote may be held longer, as often as the limits of the customer's tier allow."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("promise", "0002_safety_changes")]

    operations = [
        migrations.AddField(
            model_name="quote",
            name="extended",
            field=models.IntegerField(db_default=0, default=0, help_text="how often it was held longer"),
        ),
        migrations.AddField(
            model_name="quotelimits",
            name="extensions",
            field=models.IntegerField(
                db_default=1, default=1, help_text="how often a quote may last so long once more"
            ),
        ),
        migrations.AddConstraint(
            model_name="quotelimits",
            constraint=models.CheckConstraint(
                condition=models.Q(("extensions__gte", 0)), name="promise_limit_extensions"
            ),
        ),
    ]
