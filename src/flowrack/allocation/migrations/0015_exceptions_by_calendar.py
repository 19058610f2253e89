"""A promise is at risk too when its day is closed: such an exception is over by the calendar, and not by stock."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("allocation", "0014_channels")]

    operations = [
        migrations.AddField(
            model_name="promiseexception",
            name="by_calendar",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="nothing leaves on the promised day; else the goods come too late",
            ),
        ),
    ]
