"""Whose matter a hold is, and a policy for each cause of which others than the warehouse must be asked."""

from django.db import migrations, models

FIRST_POLICIES = """
WITH first AS (
    INSERT INTO approvals_policy (kind, code, version, name, is_active, effective_from, reason)
    SELECT 'inspection.release', p.code, 1, p.name, true, '1970-01-01', 'Comes with Flowrack'
    FROM (VALUES
        ('supplier', 'What a supplier caused'),
        ('carrier', 'What a carrier caused'),
        ('paper', 'A paper is missing or wrong'),
        ('customer', 'What a customer asked for')
    ) AS p(code, name)
    WHERE NOT EXISTS (
        SELECT FROM approvals_policy known WHERE known.kind = 'inspection.release' AND known.code = p.code)
    RETURNING id, code
), conditions AS (
    INSERT INTO approvals_policycondition (policy_id, line_no, field, operator, value)
    SELECT id, 1, 'cause', '=', code FROM first
)
INSERT INTO approvals_policystep (policy_id, line_no, sequence, roles, needed, deadline_hours, escalation_role)
SELECT id, 1, 1, CASE code WHEN 'customer' THEN ARRAY['sales_manager'] ELSE ARRAY['purchasing_manager'] END, 1, NULL, ''
FROM first;
"""
CAUSES = ["quality", "supplier", "carrier", "paper", "customer", "system"]


class Migration(migrations.Migration):
    dependencies = [("inspection", "0004_release_roles")]

    operations = [
        migrations.AddField(
            model_name="hold",
            name="cause",
            field=models.CharField(
                choices=[(cause, cause) for cause in CAUSES], db_default="quality", default="quality", max_length=8
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(condition=models.Q(("cause__in", CAUSES)), name="hold_cause_known"),
        ),
        migrations.RunSQL(FIRST_POLICIES, migrations.RunSQL.noop),
    ]
