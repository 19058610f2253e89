"""Everybody who ever wrote what a document says is kept with it: who wrote it may not approve it."""

import django.contrib.postgres.fields
from django.db import migrations, models

# Older documents know only who wrote them first and last.
FORWARD = """
CREATE FUNCTION purchasing_keeps_writers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    known bigint[] := coalesce(NEW.writer_ids, '{}') || (to_jsonb(NEW) ->> TG_ARGV[0])::bigint || NEW.changed_by_id;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        known := known || OLD.writer_ids;
    END IF;
    NEW.writer_ids := ARRAY(SELECT DISTINCT w FROM unnest(known) AS w WHERE w IS NOT NULL ORDER BY w);
    RETURN NEW;
END $$;
ALTER TABLE purchasing_agreement DISABLE TRIGGER agreement_frozen_after_draft;
UPDATE purchasing_agreement SET writer_ids = ARRAY[created_by_id, changed_by_id];
ALTER TABLE purchasing_agreement ENABLE TRIGGER agreement_frozen_after_draft;
UPDATE purchasing_po SET writer_ids = ARRAY[created_by_id, changed_by_id];
UPDATE purchasing_requisition SET writer_ids = ARRAY[requested_by_id, changed_by_id];
CREATE TRIGGER agreement_keeps_writers
    BEFORE INSERT OR UPDATE OF created_by_id, changed_by_id, writer_ids ON purchasing_agreement
    FOR EACH ROW EXECUTE FUNCTION purchasing_keeps_writers('created_by_id');
CREATE TRIGGER po_keeps_writers
    BEFORE INSERT OR UPDATE OF created_by_id, changed_by_id, writer_ids ON purchasing_po
    FOR EACH ROW EXECUTE FUNCTION purchasing_keeps_writers('created_by_id');
CREATE TRIGGER requisition_keeps_writers
    BEFORE INSERT OR UPDATE OF requested_by_id, changed_by_id, writer_ids ON purchasing_requisition
    FOR EACH ROW EXECUTE FUNCTION purchasing_keeps_writers('requested_by_id');
"""
BACK = """
DROP TRIGGER requisition_keeps_writers ON purchasing_requisition;
DROP TRIGGER po_keeps_writers ON purchasing_po;
DROP TRIGGER agreement_keeps_writers ON purchasing_agreement;
DROP FUNCTION purchasing_keeps_writers();
"""


def _writers(model: str) -> migrations.AddField:
    return migrations.AddField(
        model_name=model,
        name="writer_ids",
        field=django.contrib.postgres.fields.ArrayField(
            base_field=models.BigIntegerField(),
            default=list,
            help_text="all who wrote it, kept by a trigger",
            size=None,
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0012_allowed_units")]
    operations = [
        _writers("agreement"),
        _writers("po"),
        _writers("requisition"),
        migrations.RunSQL(FORWARD, BACK),
    ]
