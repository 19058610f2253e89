"""A promise at risk says when its goods arrive, where the departure that is planned for them tells it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("allocation", "0019_life_of_classes")]

    operations = [
        migrations.AddField(
            model_name="promiseexception",
            name="arrives_on",
            field=models.DateField(help_text="when they arrive then; empty = nobody said", null=True),
        ),
        migrations.AddField(
            model_name="promiseexception",
            name="days_late",
            field=models.IntegerField(help_text="of the arrival; empty = by the day on which they leave", null=True),
        ),
    ]
