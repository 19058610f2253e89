import django.contrib.postgres.indexes
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Companies are found by a part of their name without reading all of them."""

    dependencies = [("parties", "0002_own_company")]

    operations = [
        TrigramExtension(),
        migrations.AddIndex(
            model_name="party",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["name"], name="party_name_part", opclasses=["gin_trgm_ops"]
            ),
        ),
    ]
