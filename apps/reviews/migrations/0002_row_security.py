"""Shut reviews to their tenant; freeze what was judged; keep history; guard the closed state."""

from django.db import migrations

from apps.common.rls import append_only, isolate

FROZEN_ITEM = (
    "tenant_id",
    "campaign_id",
    "position",
    "kind",
    "subject_ref",
    "subject_name",
    "subject_person",
    "subject_is_integration",
    "subject_is_active",
    "target_ref",
    "label",
    "handle",
    "fingerprint",
    "dangerous",
    "paths",
    "granted_at",
    "last_used_at",
    "use_count",
    "risk",
    "risk_reason",
    "suggestion",
    "suggestion_reason",
    "change",
    "protected",
)
FROZEN_CAMPAIGN = (
    "tenant_id",
    "connection_id",
    "snapshot_id",
    "snapshot_hash",
    "opened_by_id",
    "opened_at",
    "due_at",
)


def frozen(table, columns):
    """Refuse to change these columns, and to delete the row."""
    before = ", ".join(f'OLD."{column}"' for column in columns)
    after = ", ".join(f'NEW."{column}"' for column in columns)
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION {table}_keep_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' OR ROW({before}) IS DISTINCT FROM ROW({after}) THEN
                RAISE EXCEPTION '{table}: what was judged is frozen' USING ERRCODE = '55000';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON "{table}"
            FOR EACH ROW EXECUTE FUNCTION {table}_keep_frozen();
        ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER {table}_frozen;
        """,
        f'DROP TRIGGER {table}_frozen ON "{table}"; DROP FUNCTION {table}_keep_frozen();',
    )


CLOSED_NEEDS_PROOF = migrations.RunSQL(
    """
    CREATE FUNCTION reviews_campaign_needs_proof() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.state = 'closed' AND EXISTS (
            SELECT 1 FROM reviews_item WHERE campaign_id = NEW.id
            AND decision = 'revoke' AND remediation <> 'verified_gone'
        ) THEN
            RAISE EXCEPTION 'reviews_campaign: a revocation is not proven' USING ERRCODE = '55000';
        END IF;
        IF NEW.state = 'closed_with_exceptions' AND EXISTS (
            SELECT 1 FROM reviews_item WHERE campaign_id = NEW.id
            AND remediation IN ('queued', 'executed')
        ) THEN
            RAISE EXCEPTION 'reviews_campaign: a revocation is under way' USING ERRCODE = '55000';
        END IF;
        IF OLD.state IN ('closed', 'closed_with_exceptions', 'cancelled') THEN
            RAISE EXCEPTION 'reviews_campaign: an ended review stays as it is'
                USING ERRCODE = '55000';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER reviews_campaign_proof BEFORE UPDATE ON reviews_campaign
        FOR EACH ROW EXECUTE FUNCTION reviews_campaign_needs_proof();
    ALTER TABLE reviews_campaign ENABLE ALWAYS TRIGGER reviews_campaign_proof;
    """,
    """
    DROP TRIGGER reviews_campaign_proof ON reviews_campaign;
    DROP FUNCTION reviews_campaign_needs_proof();
    """,
)


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0001_initial"),
        ("crm", "0002_row_security"),
        ("tenancy", "0002_row_security"),
    ]

    operations = [
        isolate(
            "reviews_campaign",
            refs={"connection_id": "crm_connection", "snapshot_id": "crm_snapshot"},
        ),
        isolate("reviews_item", refs={"campaign_id": "reviews_campaign"}),
        isolate("reviews_decision", refs={"item_id": "reviews_item"}),
        append_only("reviews_decision"),
        frozen("reviews_item", FROZEN_ITEM),
        frozen("reviews_campaign", FROZEN_CAMPAIGN),
        CLOSED_NEEDS_PROOF,
    ]
