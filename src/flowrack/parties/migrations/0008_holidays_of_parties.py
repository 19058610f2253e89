"""Carriers keep public holidays as suppliers do: the country stands with the company, whatever parts it plays."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parties", "0007_residential")]

    operations = [
        migrations.AddField(
            "party",
            "holidays_of",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="country whose public holidays it keeps",
                max_length=2,
            ),
        ),
        migrations.RunSQL(
            "UPDATE parties_party p SET holidays_of = t.holidays_of FROM parties_supplierterms t WHERE t.party_id = p.id",
            "UPDATE parties_supplierterms t SET holidays_of = p.holidays_of FROM parties_party p WHERE p.id = t.party_id",
        ),
        migrations.RemoveField("supplierterms", "holidays_of"),
    ]
