"""Find the transfers on the way to a site without those of all years."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("storage", "0009_custody_rates")]

    operations = [
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(name="transfer_on_the_way", fields=["to_site"], condition=Q(state="on_the_way")),
        ),
    ]
