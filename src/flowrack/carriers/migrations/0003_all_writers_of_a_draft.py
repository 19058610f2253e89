"""All who wrote at a draft, so that none of them approves it."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("carriers", "0002_guides_of_choices"),
    ]

    operations = [
        migrations.AddField(
            model_name="ratecard",
            name="writers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                db_default=[],
                default=list,
                help_text="all who wrote at the draft",
                size=None,
            ),
        ),
        migrations.RunSQL("UPDATE carriers_ratecard SET writers = ARRAY[written_by_id]::bigint[]", ""),
    ]
