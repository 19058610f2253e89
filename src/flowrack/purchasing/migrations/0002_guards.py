"""What was approved cannot be rewritten; room on the page for the running count of received units."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION purchasing_poline_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state FROM purchasing_po WHERE id = OLD.po_id) <> 'draft' THEN
        RAISE EXCEPTION 'PO line % belongs to a PO that is no draft: item, units and cost cannot change', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'po_line_frozen_after_draft';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER po_line_frozen_after_draft
    BEFORE UPDATE OF item_id, units, unit_cost, over_units, under_units, po_id, line_no ON purchasing_poline
    FOR EACH ROW EXECUTE FUNCTION purchasing_poline_is_frozen();
CREATE TRIGGER po_line_kept_after_draft BEFORE DELETE ON purchasing_poline
    FOR EACH ROW EXECUTE FUNCTION purchasing_poline_is_frozen();
ALTER TABLE purchasing_poline SET (fillfactor = 75);
"""

BACK = """
ALTER TABLE purchasing_poline RESET (fillfactor);
DROP TRIGGER po_line_kept_after_draft ON purchasing_poline;
DROP TRIGGER po_line_frozen_after_draft ON purchasing_poline;
DROP FUNCTION purchasing_poline_is_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
