"""Shut emergency access to its tenant."""

from django.db import migrations

from apps.common.rls import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [
        ("breakglass", "0001_initial"),
        ("tenancy", "0002_row_security"),
        ("accounts", "0004_row_security"),
        ("custody", "0002_row_security"),
        ("crm", "0002_row_security"),
    ]

    operations = [
        isolate("breakglass_emergencypolicy"),
        append_only("breakglass_emergencypolicy"),
        isolate(
            "breakglass_request",
            refs={
                "connection_id": "crm_connection",
                "policy_id": "breakglass_emergencypolicy",
                "token_id": "custody_issuedtoken",
            },
        ),
        isolate(
            "breakglass_approval",
            refs={"request_id": "breakglass_request", "factor_id": "accounts_freshfactor"},
        ),
    ]
