"""A FIFO layer says whether it is open, so that taking from it changes no index: its row can stay on its page."""

from pathlib import Path

from django.db import migrations, models
from django.db.models.lookups import GreaterThan

SQL = Path(__file__).resolve().parent.parent / "sql"


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for name in ("guards", "cost", "plain"):
            cursor.execute((SQL / f"{name}.sql").read_text())


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0014_cells_to_pick_from"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="layer",
            name="layer_open",
        ),
        migrations.AddField(
            model_name="layer",
            name="is_open",
            field=models.GeneratedField(
                db_persist=True, expression=GreaterThan(models.F("units_left"), 0), output_field=models.BooleanField()
            ),
        ),
        migrations.AddIndex(
            model_name="layer",
            index=models.Index(condition=models.Q(("is_open", True)), fields=["book", "id"], name="layer_open"),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
