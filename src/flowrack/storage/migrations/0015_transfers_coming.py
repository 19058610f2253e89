from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("storage", "0014_losses_ask")]

    operations = [
        migrations.RemoveIndex(model_name="transfer", name="transfer_on_the_way"),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                name="transfer_coming", fields=["to_site"], condition=Q(state__in=["staged", "on_the_way"])
            ),
        ),
    ]
