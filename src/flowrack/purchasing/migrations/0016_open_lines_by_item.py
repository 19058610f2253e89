"""What is still coming of an item is found without the lines of all its past orders."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0015_version_writers")]
    operations = [
        migrations.AddIndex(
            "poline",
            models.Index(
                name="po_line_open",
                fields=["item"],
                condition=Q(received_units__lt=F("units") - F("short_units")),
            ),
        ),
    ]
