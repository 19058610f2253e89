"""Versions are never rewritten; a line of an approved PO becomes only what its newest approved version says; POs that
were approved before have their first version; the first policies for changes."""

from django.db import migrations

FORWARD = """
INSERT INTO purchasing_poversion
       (po_id, version_no, origin, state, due_on, supplier_reference, note, override_reason, reason, content_hash,
        written_by_id, written_at, decided_by_id, decided_at, end_reason)
SELECT id, 1, 'order', 'approved', due_on, supplier_reference, note, override_reason, '', content_hash, changed_by_id,
       created_at, approved_by_id, approved_at, ''
FROM purchasing_po WHERE approved_by_id IS NOT NULL ORDER BY id;
INSERT INTO purchasing_poversionline
       (version_id, line_no, item_id, units, unit_cost, over_units, under_units, due_on, expected_on)
SELECT v.id, l.line_no, l.item_id, l.units, l.unit_cost, l.over_units, l.under_units, l.due_on, l.expected_on
FROM purchasing_poversion v JOIN purchasing_poline l ON l.po_id = v.po_id ORDER BY v.id, l.line_no;
SET CONSTRAINTS ALL IMMEDIATE;

CREATE OR REPLACE FUNCTION purchasing_poline_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state FROM purchasing_po WHERE id = OLD.po_id) <> 'draft' THEN
        IF TG_OP = 'UPDATE' AND NEW.po_id = OLD.po_id AND EXISTS (
            SELECT FROM purchasing_poversion v JOIN purchasing_poversionline s ON s.version_id = v.id
            WHERE v.po_id = NEW.po_id AND s.line_no = NEW.line_no AND v.state = 'approved'
              AND v.version_no = (SELECT max(version_no) FROM purchasing_poversion
                                  WHERE po_id = NEW.po_id AND state = 'approved')
              AND (s.item_id, s.units, s.unit_cost, s.over_units, s.under_units, s.due_on, s.expected_on)
                = (NEW.item_id, NEW.units, NEW.unit_cost, NEW.over_units, NEW.under_units, NEW.due_on, NEW.expected_on)
        ) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'PO line % belongs to a PO that is no draft: it is what its approved version says', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'po_line_frozen_after_draft';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
DROP TRIGGER po_line_frozen_after_draft ON purchasing_poline;
CREATE TRIGGER po_line_frozen_after_draft
    BEFORE UPDATE OF item_id, units, unit_cost, over_units, under_units, due_on, expected_on, po_id, line_no
    ON purchasing_poline FOR EACH ROW EXECUTE FUNCTION purchasing_poline_is_frozen();

CREATE FUNCTION purchasing_poline_is_of_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added a JOIN purchasing_po po ON po.id = a.po_id
        WHERE po.state <> 'draft' AND NOT EXISTS (
            SELECT FROM purchasing_poversion v JOIN purchasing_poversionline s ON s.version_id = v.id
            WHERE v.po_id = a.po_id AND s.line_no = a.line_no AND s.item_id = a.item_id AND v.state = 'approved'
              AND (s.units, s.unit_cost, s.due_on, s.expected_on) = (a.units, a.unit_cost, a.due_on, a.expected_on))
    ) THEN
        RAISE EXCEPTION 'a line is added to a PO that is no draft, and no approved version has it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'po_line_frozen_after_draft';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER po_line_added_by_version AFTER INSERT ON purchasing_poline
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION purchasing_poline_is_of_version();

CREATE FUNCTION purchasing_version_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'purchasing_poversion' THEN
        IF OLD.state = 'waiting' AND NEW.state <> 'waiting' AND
           (NEW.id, NEW.po_id, NEW.version_no, NEW.origin, NEW.due_on, NEW.supplier_reference, NEW.note,
            NEW.override_reason, NEW.reason, NEW.content_hash, NEW.written_by_id, NEW.written_at)
         = (OLD.id, OLD.po_id, OLD.version_no, OLD.origin, OLD.due_on, OLD.supplier_reference, OLD.note,
            OLD.override_reason, OLD.reason, OLD.content_hash, OLD.written_by_id, OLD.written_at) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is a record: it is never rewritten', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'po_version_is_kept';
END $$;
CREATE TRIGGER po_version_is_kept BEFORE UPDATE OR DELETE ON purchasing_poversion
    FOR EACH ROW EXECUTE FUNCTION purchasing_version_is_kept();
CREATE TRIGGER po_version_is_kept BEFORE UPDATE OR DELETE ON purchasing_poversionline
    FOR EACH ROW EXECUTE FUNCTION purchasing_version_is_kept();
"""

BACK = """
DROP TRIGGER po_version_is_kept ON purchasing_poversionline;
DROP TRIGGER po_version_is_kept ON purchasing_poversion;
DROP FUNCTION purchasing_version_is_kept();
DROP TRIGGER po_line_added_by_version ON purchasing_poline;
DROP FUNCTION purchasing_poline_is_of_version();
CREATE OR REPLACE FUNCTION purchasing_poline_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state FROM purchasing_po WHERE id = OLD.po_id) <> 'draft' THEN
        RAISE EXCEPTION 'PO line % belongs to a PO that is no draft: item, units and cost cannot change', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'po_line_frozen_after_draft';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
DROP TRIGGER po_line_frozen_after_draft ON purchasing_poline;
CREATE TRIGGER po_line_frozen_after_draft
    BEFORE UPDATE OF item_id, units, unit_cost, over_units, under_units, po_id, line_no ON purchasing_poline
    FOR EACH ROW EXECUTE FUNCTION purchasing_poline_is_frozen();
"""

# What a person asks for needs another person; what the supplier confirmed needs one when it costs more.
POLICIES = """
WITH first AS (
    INSERT INTO approvals_policy (kind, code, version, name, is_active, effective_from, reason)
    SELECT 'purchasing.po_change', p.code, 1, p.name, true, '1970-01-01', 'Comes with Flowrack'
    FROM (VALUES
        ('another-person', 'Another person approves what the buyer changes'),
        ('price-up', 'A price up more than 2 % against what was approved'),
        ('price-up-10', 'A price up more than 10 %: the controller approves too'),
        ('value-up', 'More than 100 on top of what was approved')
    ) AS p(code, name)
    ON CONFLICT (kind, code, version) DO NOTHING
    RETURNING id, code
), conditions AS (
    INSERT INTO approvals_policycondition (policy_id, line_no, field, operator, value)
    SELECT first.id, 1, c.field, c.operator, c.value
    FROM first JOIN (VALUES
        ('another-person', 'by_supplier', '=', 'no'),
        ('price-up', 'price_up_pct', '>', '2'),
        ('price-up-10', 'price_up_pct', '>', '10'),
        ('value-up', 'value_up', '>', '100')
    ) AS c(code, field, operator, value) ON c.code = first.code
)
INSERT INTO approvals_policystep (policy_id, line_no, sequence, roles, needed, deadline_hours, escalation_role)
SELECT first.id, 1, CASE first.code WHEN 'price-up-10' THEN 2 ELSE 1 END,
       CASE first.code WHEN 'price-up-10' THEN ARRAY['finance_controller']
                       ELSE ARRAY['purchasing_manager', 'finance_controller'] END,
       1, CASE first.code WHEN 'price-up-10' THEN 24 END, ''
FROM first;
"""


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0005_versions"), ("approvals", "0002_guards")]
    operations = [migrations.RunSQL(FORWARD, BACK), migrations.RunSQL(POLICIES, migrations.RunSQL.noop)]
