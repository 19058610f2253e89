"""The first policy for allocation rules: another person approves. Certificates are compressed already."""

from django.db import migrations

FORWARD = """
WITH first AS (
    INSERT INTO approvals_policy (kind, code, version, name, is_active, effective_from, reason)
    VALUES ('allocation.rule_set', 'another-person', 1, 'Another person approves', true, '1970-01-01',
            'Comes with Flowrack')
    ON CONFLICT (kind, code, version) DO NOTHING
    RETURNING id
)
INSERT INTO approvals_policystep (policy_id, line_no, sequence, roles, needed, deadline_hours, escalation_role)
SELECT id, 1, 1, ARRAY['sales_manager', 'warehouse_manager'], 1, NULL, '' FROM first;
"""
PACKED = """
ALTER TABLE allocation_certificate ALTER COLUMN inputs SET STORAGE EXTERNAL, ALTER COLUMN result SET STORAGE EXTERNAL;
"""


class Migration(migrations.Migration):
    dependencies = [("allocation", "0004_rule_sets"), ("approvals", "0003_every_site")]
    operations = [
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
        migrations.RunSQL(PACKED, migrations.RunSQL.noop),
    ]
