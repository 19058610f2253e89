"""The first policies for POs: another person approves; the others are written down but ask nobody until switched on."""

from django.db import migrations

FORWARD = """
WITH first AS (
    INSERT INTO approvals_policy (kind, code, version, name, is_active, effective_from, reason)
    SELECT 'purchasing.po', p.code, 1, p.name, p.is_active, '1970-01-01', 'Comes with Flowrack'
    FROM (VALUES
        ('another-person', 'Another person approves', true),
        ('above-25000', 'Above 25,000 the controller approves too', false),
        ('split-orders', 'More than 25,000 to one supplier in a week', false),
        ('price-rise', 'A price up more than 10 %', false),
        ('new-supplier', 'The first order with a supplier', false),
        ('long-cover', 'More than 180 days of cover', false)
    ) AS p(code, name, is_active)
    ON CONFLICT (kind, code, version) DO NOTHING
    RETURNING id, code
), conditions AS (
    INSERT INTO approvals_policycondition (policy_id, line_no, field, operator, value)
    SELECT first.id, 1, c.field, c.operator, c.value
    FROM first JOIN (VALUES
        ('above-25000', 'amount', '>', '25000'),
        ('split-orders', 'week_total', '>', '25000'),
        ('price-rise', 'price_up_pct', '>', '10'),
        ('new-supplier', 'new_supplier', '=', 'yes'),
        ('long-cover', 'cover_days', '>', '180')
    ) AS c(code, field, operator, value) ON c.code = first.code
)
INSERT INTO approvals_policystep (policy_id, line_no, sequence, roles, needed, deadline_hours, escalation_role)
SELECT first.id, 1, 1,
       CASE first.code WHEN 'another-person' THEN ARRAY['purchasing_manager', 'finance_controller']
                       ELSE ARRAY['finance_controller'] END,
       1, CASE first.code WHEN 'another-person' THEN NULL ELSE 24 END, ''
FROM first;
"""


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0002_guards"), ("approvals", "0002_guards")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
