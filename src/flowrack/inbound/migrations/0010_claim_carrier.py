"""A claim stores the carrier that it asks. Those of before keep the one that they named: the first by name of several."""

import django.db.models.deletion
from django.db import migrations, models

CARRIERS_OF_BEFORE = """
    UPDATE inbound_claim c
    SET carrier_id = (
        SELECT p.id FROM inbound_discrepancy x
        LEFT JOIN inbound_packcount k ON k.posting_id = x.posting_id AND x.posting_id > 0
        JOIN dock_asnline al ON al.id = coalesce(x.asn_line_id, k.asn_line_id)
        JOIN dock_asn a ON a.id = al.asn_id JOIN parties_party p ON p.id = a.carrier_id
        WHERE x.document = c.number ORDER BY p.name, p.id LIMIT 1
    )
    WHERE c.responsible = 'carrier'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dock", "0002_measures"),
        ("inbound", "0009_over_receipts"),
        ("parties", "0003_party_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="claim",
            name="carrier",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.party",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(("carrier", None), ("responsible", "carrier"), _connector="OR"),
                name="claim_names_a_carrier_it_asks",
            ),
        ),
        migrations.RunSQL(CARRIERS_OF_BEFORE, migrations.RunSQL.noop),
    ]
