"""A discrepancy knows the move by which its goods came in without an order, and how many of them went back."""

from django.db import migrations, models
from django.db.models import F, Q

# The lines of a blind count were written in the order of their moves.
NAME_MOVES = """
    UPDATE inbound_discrepancy d SET move_id = m.id
    FROM (
        SELECT id, posting_id, row_number() OVER (PARTITION BY posting_id ORDER BY id) AS n
        FROM inbound_discrepancy WHERE kind = 'no_po' AND posting_id > 0 AND receipt_line_id IS NULL
    ) AS k
    JOIN (
        SELECT id, posting_id, row_number() OVER (PARTITION BY posting_id ORDER BY id) AS n
        FROM ledger_move
        WHERE units > 0 AND posting_id IN (SELECT posting_id FROM inbound_discrepancy WHERE kind = 'no_po')
    ) AS m ON m.posting_id = k.posting_id AND m.n = k.n
    WHERE d.id = k.id;
    UPDATE inbound_discrepancy SET sent_units = units WHERE state = 'sent_back';
"""


class Migration(migrations.Migration):
    dependencies = [("inbound", "0011_held_lines"), ("ledger", "0014_cells_to_pick_from")]

    operations = [
        migrations.AddField(
            model_name="discrepancy",
            name="move_id",
            field=models.BigIntegerField(
                db_default=0, default=0, help_text="by which goods without an order came in; 0 for all others"
            ),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="sent_units",
            field=models.BigIntegerField(
                db_default=0, default=0, help_text="of goods without an order: went back to the supplier"
            ),
        ),
        migrations.RunSQL(NAME_MOVES, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="discrepancy",
            constraint=models.CheckConstraint(
                name="discrepancy_sent_within_units",
                condition=Q(sent_units__gte=0, sent_units__lte=F("units")),
            ),
        ),
    ]
