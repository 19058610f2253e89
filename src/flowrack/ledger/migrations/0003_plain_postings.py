"""The short way of plain postings, and issues straight from the bin."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for name in ("plain", "post", "pools", "claims"):
            cursor.execute((SQL / f"{name}.sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_functions")]
    operations = [
        migrations.AlterField(
            model_name="move",
            name="claim",
            field=models.CharField(
                choices=[
                    ("", ""),
                    ("pick", "pick"),
                    ("carry", "carry"),
                    ("ship", "ship"),
                    ("unpick", "unpick"),
                    ("issue", "issue"),
                ],
                default="",
                max_length=8,
            ),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
