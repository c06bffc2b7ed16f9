"""Let the database refuse what the code should never do to a request or a signature.

A request moves along `states.TRANSITIONS` only, so that terminal states never reopen; from
submission on, what was signed cannot change; nothing is deleted once it was submitted. A signature
can be voided, once, and is otherwise never changed.
"""

from django.db import migrations

MOVES = (
    ("draft", "pending"),
    ("draft", "withdrawn"),
    ("pending", "active"),
    ("pending", "denied"),
    ("pending", "withdrawn"),
    ("pending", "expired"),
    ("active", "ending"),
    ("ending", "rotating"),
    ("rotating", "closed"),
    ("rotating", "rotation_failed"),
    ("rotation_failed", "rotating"),
)
SIGNED = (
    "tenant_id",
    "requester_id",
    "requester_person",
    "connection_id",
    "policy_id",
    "scope",
    "networks",
    "duration",
    "justification",
    "case_reference",
    "content_hash",
    "submitted_at",
    "expires_at",
)
SET_ONCE = ("token_id", "activated_at", "deadline_at", "ended_at", "closed_at", "decided_at")


def _row(names: tuple[str, ...], row: str) -> str:
    return f"({', '.join(f'{row}.{name}' for name in names)})"


PAIRS = ", ".join(f"('{old}', '{new}')" for old, new in MOVES)
REOPENED = " OR ".join(
    f"(OLD.{name} IS NOT NULL AND NEW.{name} IS DISTINCT FROM OLD.{name})" for name in SET_ONCE
)

REQUEST = f"""
CREATE FUNCTION breakglass_request_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'an emergency request begins as a draft' USING ERRCODE = '55000';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN
            RAISE EXCEPTION 'a submitted emergency request stays' USING ERRCODE = '55000';
        END IF;
        RETURN OLD;
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN ({PAIRS}) THEN
        RAISE EXCEPTION 'emergency request: % cannot become %', OLD.state, NEW.state
            USING ERRCODE = '55000';
    END IF;
    IF OLD.state <> 'draft' AND {_row(SIGNED, "NEW")} IS DISTINCT FROM {_row(SIGNED, "OLD")} THEN
        RAISE EXCEPTION 'what was submitted for signature cannot change' USING ERRCODE = '55000';
    END IF;
    IF {REOPENED} THEN
        RAISE EXCEPTION 'a moment of an emergency request is set once' USING ERRCODE = '55000';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER breakglass_request_guarded BEFORE INSERT OR UPDATE OR DELETE ON breakglass_request
    FOR EACH ROW EXECUTE FUNCTION breakglass_request_guard();
ALTER TABLE breakglass_request ENABLE ALWAYS TRIGGER breakglass_request_guarded;
"""
UNGUARD_REQUEST = """
DROP TRIGGER breakglass_request_guarded ON breakglass_request;
DROP FUNCTION breakglass_request_guard();
"""

GIVEN = (
    "id",
    "tenant_id",
    "request_id",
    "by_id",
    "person_id",
    "role",
    "content_hash",
    "factor_id",
    "at",
    "expires_at",
)
APPROVAL = f"""
CREATE FUNCTION breakglass_approval_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL
        AND {_row(GIVEN, "NEW")} IS NOT DISTINCT FROM {_row(GIVEN, "OLD")} THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a signature is voided at most, never changed: % refused', TG_OP
        USING ERRCODE = '55000';
END $$;
CREATE TRIGGER breakglass_approval_guarded BEFORE UPDATE OR DELETE ON breakglass_approval
    FOR EACH ROW EXECUTE FUNCTION breakglass_approval_guard();
ALTER TABLE breakglass_approval ENABLE ALWAYS TRIGGER breakglass_approval_guarded;
"""
UNGUARD_APPROVAL = """
DROP TRIGGER breakglass_approval_guarded ON breakglass_approval;
DROP FUNCTION breakglass_approval_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("breakglass", "0002_row_security")]

    operations = [
        migrations.RunSQL(REQUEST, UNGUARD_REQUEST),
        migrations.RunSQL(APPROVAL, UNGUARD_APPROVAL),
    ]
