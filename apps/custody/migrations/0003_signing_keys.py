"""Signing keys of the installation: the serving role reads them and may have a first one made."""

import uuid

import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

ROLE = settings.DATABASE_APP_ROLE
FIRST = "custody_first_signing_key(uuid, text, text, bytea, jsonb, text, text)"


class Migration(migrations.Migration):
    dependencies = [("custody", "0002_row_security")]

    operations = [
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("purpose", models.CharField(max_length=60)),
                ("version", models.PositiveIntegerField()),
                (
                    "algorithm",
                    models.CharField(
                        choices=[
                            ("ed25519", "Ed25519 (RFC 8032)"),
                            ("ecdsa-p256", "ECDSA P-256 with SHA-256 (FIPS 186-5)"),
                        ],
                        max_length=20,
                    ),
                ),
                ("public", models.BinaryField()),
                ("wraps", models.JSONField(default=list)),
                ("token_provider", models.CharField(default="", max_length=40)),
                ("token_label", models.CharField(default="", max_length=120)),
                ("active_from", models.DateTimeField()),
                ("active_until", models.DateTimeField(null=True)),
                (
                    "made_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("purpose", "version"), name="signing_version_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("active_until__isnull", True),
                            ("active_until__gt", models.F("active_from")),
                            _connector="OR",
                        ),
                        name="signing_key_ends_after_it_begins",
                    ),
                ]
            },
        ),
        migrations.RunSQL(
            f"""
            REVOKE INSERT, UPDATE, DELETE ON custody_signingkey FROM {ROLE};
            CREATE FUNCTION custody_first_signing_key(
                new_id uuid, for_purpose text, with_algorithm text, public_half bytea,
                wrapped jsonb, in_provider text, under_label text
            ) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
                INSERT INTO public.custody_signingkey (
                    id, purpose, version, algorithm, public, wraps, token_provider, token_label,
                    active_from
                )
                SELECT new_id, for_purpose, 1, with_algorithm, public_half, wrapped, in_provider,
                       under_label, clock_timestamp()
                WHERE NOT EXISTS (
                    SELECT FROM public.custody_signingkey WHERE purpose = for_purpose
                )
                ON CONFLICT (purpose, version) DO NOTHING
            $$;
            REVOKE ALL ON FUNCTION {FIRST} FROM PUBLIC;
            GRANT EXECUTE ON FUNCTION {FIRST} TO {ROLE};
            """,
            f"DROP FUNCTION {FIRST}; GRANT INSERT, UPDATE, DELETE ON custody_signingkey TO {ROLE};",
        ),
    ]
