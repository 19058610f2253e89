"""What may be picked of an item is found without the cells that its totes and cartons left behind."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("ledger", "0013_seen_not_plain")]
    operations = [
        migrations.AddIndex(
            "cell",
            models.Index(name="cell_to_pick_from", fields=["item"], condition=Q(state__in=["reserve", "forward_pick"])),
        ),
    ]
