"""The holidays of the carrier that a choice counted stay with it, so that it comes to the same answer later."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("carriers", "0008_authorities_of_accounts")]

    operations = [
        migrations.AddField(
            "choiceoption",
            "closed_on",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.DateField(),
                db_default=[],
                default=list,
                help_text="holidays of the carrier until the goods arrive",
                size=None,
            ),
        ),
    ]
