"""The first policies for requisitions: another person approves; the other is written down but asks nobody yet."""

from django.db import migrations

FORWARD = """
WITH first AS (
    INSERT INTO approvals_policy (kind, code, version, name, is_active, effective_from, reason)
    SELECT 'purchasing.requisition', p.code, 1, p.name, p.is_active, '1970-01-01', 'Comes with Flowrack'
    FROM (VALUES
        ('another-person', 'Another person approves', true),
        ('covered', 'Units that are coming already', false)
    ) AS p(code, name, is_active)
    ON CONFLICT (kind, code, version) DO NOTHING
    RETURNING id, code
), conditions AS (
    INSERT INTO approvals_policycondition (policy_id, line_no, field, operator, value)
    SELECT id, 1, 'covered_units', '>', '0' FROM first WHERE code = 'covered'
)
INSERT INTO approvals_policystep (policy_id, line_no, sequence, roles, needed, deadline_hours, escalation_role)
SELECT id, 1, 1,
       CASE code WHEN 'another-person' THEN ARRAY['purchasing_manager', 'warehouse_manager']
                 ELSE ARRAY['finance_controller'] END,
       1, NULL, ''
FROM first;
"""


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0007_requisitions"), ("approvals", "0002_guards")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
