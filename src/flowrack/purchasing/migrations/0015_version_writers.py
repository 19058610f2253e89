"""Whoever wrote a version that binds is kept among the writers of its PO, also who approved it at another time."""

from django.db import migrations

FORWARD = """
UPDATE purchasing_po po
SET writer_ids = po.writer_ids || v.writers
FROM (SELECT po_id, array_agg(DISTINCT written_by_id) AS writers FROM purchasing_poversion WHERE state = 'approved'
      GROUP BY po_id) v
WHERE v.po_id = po.id AND NOT v.writers <@ po.writer_ids
"""


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0014_agreement_policy")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
