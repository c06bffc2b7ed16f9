"""Shut changes to their tenant, and let the database refuse what the code should never do.

A proposal moves along `states.TRANSITIONS` only and is never deleted; what was decided about
cannot change without going back to *proposed*. An approval is voided at most.
"""

from django.db import migrations

from apps.common.rls import isolate

MOVES = (
    ("proposed", "approved"),
    ("proposed", "refused"),
    ("proposed", "withdrawn"),
    ("approved", "applying"),
    ("approved", "proposed"),
    ("approved", "refused"),
    ("applying", "applied"),
    ("applying", "refused"),
    ("applied", "verified"),
    ("applied", "rolled_back"),
    ("verified", "rolled_back"),
)
CONTENT = ("kind", "target", "base", "wanted", "content_hash", "reason", "author_id")
GIVEN = ("id", "tenant_id", "proposal_id", "by_id", "person_id", "author_person", "content_hash",
         "sealed_preflight", "factor_id", "at")  # fmt: skip
PAIRS = ", ".join(f"('{old}', '{new}')" for old, new in MOVES)


def _row(names: tuple[str, ...], row: str) -> str:
    return f"({', '.join(f'{row}.{name}' for name in names)})"


PROPOSAL = f"""
CREATE FUNCTION changes_proposal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a proposed change stays' USING ERRCODE = '55000';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN ({PAIRS}) THEN
        RAISE EXCEPTION 'proposed change: % cannot become %', OLD.state, NEW.state
            USING ERRCODE = '55000';
    END IF;
    IF (OLD.state <> 'proposed' OR NEW.state <> 'proposed')
        AND {_row(CONTENT, "NEW")} IS DISTINCT FROM {_row(CONTENT, "OLD")} THEN
        RAISE EXCEPTION 'what was decided about cannot change' USING ERRCODE = '55000';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER changes_proposal_guarded BEFORE UPDATE OR DELETE ON changes_proposal
    FOR EACH ROW EXECUTE FUNCTION changes_proposal_guard();
ALTER TABLE changes_proposal ENABLE ALWAYS TRIGGER changes_proposal_guarded;
"""
UNGUARD_PROPOSAL = """
DROP TRIGGER changes_proposal_guarded ON changes_proposal;
DROP FUNCTION changes_proposal_guard();
"""
APPROVAL = f"""
CREATE FUNCTION changes_approval_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL
        AND {_row(GIVEN, "NEW")} IS NOT DISTINCT FROM {_row(GIVEN, "OLD")} THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an approval is voided at most, never changed: % refused', TG_OP
        USING ERRCODE = '55000';
END $$;
CREATE TRIGGER changes_approval_guarded BEFORE UPDATE OR DELETE ON changes_approval
    FOR EACH ROW EXECUTE FUNCTION changes_approval_guard();
ALTER TABLE changes_approval ENABLE ALWAYS TRIGGER changes_approval_guarded;
"""
UNGUARD_APPROVAL = """
DROP TRIGGER changes_approval_guarded ON changes_approval;
DROP FUNCTION changes_approval_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("changes", "0001_initial"),
        ("accounts", "0004_row_security"),
        ("tenancy", "0002_row_security"),
    ]

    operations = [
        isolate("changes_proposal"),
        isolate(
            "changes_approval",
            refs={"proposal_id": "changes_proposal", "factor_id": "accounts_freshfactor"},
        ),
        isolate("changes_configuration", refs={"proposal_id": "changes_proposal"}),
        migrations.RunSQL(PROPOSAL, UNGUARD_PROPOSAL),
        migrations.RunSQL(APPROVAL, UNGUARD_APPROVAL),
    ]
