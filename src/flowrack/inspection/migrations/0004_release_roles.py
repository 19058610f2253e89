"""What is a matter of quality is asked of quality control as well, what is a matter of money of finance.

Only where nobody has written another version of the policies that come along.
"""

from django.db import migrations

NEXT_VERSIONS = """
WITH asked AS (
    SELECT * FROM (VALUES
        ('defect', ARRAY['qc_inspector', 'warehouse_manager']),
        ('expired', ARRAY['qc_inspector', 'warehouse_manager']),
        ('regulated', ARRAY['qc_inspector', 'warehouse_manager']),
        ('value', ARRAY['finance_controller', 'warehouse_manager']),
        ('day', ARRAY['finance_controller', 'warehouse_manager'])
    ) AS a(code, roles)
), next AS (
    INSERT INTO approvals_policy (kind, code, version, name, is_active, effective_from, reason)
    SELECT p.kind, p.code, 2, p.name, true, '1970-01-02', 'Comes with Flowrack'
    FROM approvals_policy p JOIN asked ON asked.code = p.code
    WHERE p.kind = 'inspection.release' AND p.version = 1 AND p.reason = 'Comes with Flowrack'
      AND NOT EXISTS (SELECT FROM approvals_policy n WHERE (n.kind, n.code) = (p.kind, p.code) AND n.version > 1)
    ON CONFLICT (kind, code, version) DO NOTHING
    RETURNING id, code
), conditions AS (
    INSERT INTO approvals_policycondition (policy_id, line_no, field, operator, value)
    SELECT n.id, c.line_no, c.field, c.operator, c.value
    FROM next n
    JOIN approvals_policy p ON p.kind = 'inspection.release' AND p.code = n.code AND p.version = 1
    JOIN approvals_policycondition c ON c.policy_id = p.id
)
INSERT INTO approvals_policystep (policy_id, line_no, sequence, roles, needed, deadline_hours, escalation_role)
SELECT n.id, 1, 1, asked.roles, 1, NULL, '' FROM next n JOIN asked ON asked.code = n.code;
"""


class Migration(migrations.Migration):
    dependencies = [("inspection", "0003_hold_places")]

    operations = [migrations.RunSQL(NEXT_VERSIONS, migrations.RunSQL.noop)]
