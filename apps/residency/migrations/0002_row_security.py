"""Shut residency's tables to their tenant; published policy versions never change."""

from django.db import migrations

from apps.common.rls import isolate

FREEZE = """
CREATE FUNCTION residency_policy_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'published' THEN
        RAISE EXCEPTION 'policy version % is published: % refused', OLD.number, TG_OP
            USING ERRCODE = '55000';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER residency_policy_frozen BEFORE UPDATE OR DELETE ON residency_policyversion
    FOR EACH ROW EXECUTE FUNCTION residency_policy_frozen();

CREATE FUNCTION residency_rule_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    versions uuid[] := CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.version_id]
        WHEN 'DELETE' THEN ARRAY[OLD.version_id]
        ELSE ARRAY[OLD.version_id, NEW.version_id] END;
BEGIN
    IF EXISTS (SELECT 1 FROM residency_policyversion
               WHERE id = ANY (versions) AND state = 'published') THEN
        RAISE EXCEPTION 'rules of a published policy version: % refused', TG_OP
            USING ERRCODE = '55000';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER residency_rule_frozen BEFORE INSERT OR UPDATE OR DELETE ON residency_flowrule
    FOR EACH ROW EXECUTE FUNCTION residency_rule_frozen();
"""
THAW = """
DROP TRIGGER residency_rule_frozen ON residency_flowrule;
DROP FUNCTION residency_rule_frozen();
DROP TRIGGER residency_policy_frozen ON residency_policyversion;
DROP FUNCTION residency_policy_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("residency", "0001_initial"), ("tenancy", "0002_row_security")]

    operations = [
        isolate("residency_zone"),
        isolate("residency_fieldclass"),
        isolate("residency_policyversion"),
        isolate(
            "residency_flowrule",
            refs={
                "version_id": "residency_policyversion",
                "destination_zone_id": "residency_zone",
            },
        ),
        migrations.RunSQL(FREEZE, THAW),
    ]
