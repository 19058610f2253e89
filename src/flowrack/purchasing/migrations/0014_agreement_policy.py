"""The first policy for supplier agreements: another person approves."""

from django.db import migrations

FORWARD = """
WITH first AS (
    INSERT INTO approvals_policy (kind, code, version, name, is_active, effective_from, reason)
    VALUES ('purchasing.agreement', 'another-person', 1, 'Another person approves', true, '1970-01-01',
            'Comes with Flowrack')
    ON CONFLICT (kind, code, version) DO NOTHING
    RETURNING id
)
INSERT INTO approvals_policystep (policy_id, line_no, sequence, roles, needed, deadline_hours, escalation_role)
SELECT id, 1, 1, ARRAY['purchasing_manager', 'finance_controller'], 1, NULL, '' FROM first;
"""


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0013_writers"), ("approvals", "0003_every_site")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
