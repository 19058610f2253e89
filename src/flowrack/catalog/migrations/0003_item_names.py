import django.contrib.postgres.indexes
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Items are found by a part of their name without reading all of them."""

    dependencies = [("catalog", "0002_guards")]

    operations = [
        TrigramExtension(),
        migrations.AddIndex(
            model_name="item",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["name"], name="item_name_part", opclasses=["gin_trgm_ops"]
            ),
        ),
    ]
