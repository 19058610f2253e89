"""What a truck that came was due for is kept, also when it gets another door or time."""

from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [("dock", "0002_measures")]

    operations = [
        migrations.RemoveIndex(model_name="appointment", name="appointment_by_start"),
        migrations.AddField(
            model_name="appointment",
            name="due_at",
            field=models.DateTimeField(
                help_text="when its slot began as the truck came; the slot may move later", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(Coalesce("due_at", models.F("slot__startswith")), name="appointment_by_due"),
        ),
    ]
