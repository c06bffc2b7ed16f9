"""Keys of persons, which can be destroyed and then never come back."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import apps.common.scope
import apps.custody.fields
from apps.common.rls import isolate

ROLE = settings.DATABASE_APP_ROLE


class Migration(migrations.Migration):
    dependencies = [
        ("custody", "0003_signing_keys"),
        ("tenancy", "0003_others_rows_are_read_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="SubjectKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject", models.CharField(max_length=100)),
                ("secret", apps.custody.fields.SealedTextField(null=True)),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        default=apps.common.scope.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("erased_at__isnull", True)),
                        fields=("tenant", "subject"),
                        name="one_living_key_per_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("erased_at__isnull", False), ("secret__isnull", True)),
                            models.Q(("erased_at__isnull", True), ("secret__isnull", False)),
                            _connector="OR",
                        ),
                        name="subject_key_is_gone_when_erased",
                    ),
                ],
            },
        ),
        isolate("custody_subjectkey"),
        migrations.RunSQL(
            f"""
            REVOKE DELETE ON custody_subjectkey FROM {ROLE};
            CREATE FUNCTION custody_erased_stays_erased() RETURNS trigger
                LANGUAGE plpgsql SET search_path = pg_catalog AS $$
            BEGIN
                RAISE EXCEPTION 'an erased key of a person stays erased' USING ERRCODE = '55000';
            END $$;
            CREATE TRIGGER custody_erased_stays_erased BEFORE UPDATE OR DELETE ON custody_subjectkey
                FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL)
                EXECUTE FUNCTION custody_erased_stays_erased();
            ALTER TABLE custody_subjectkey ENABLE ALWAYS TRIGGER custody_erased_stays_erased;
            """,
            f"""
            DROP TRIGGER custody_erased_stays_erased ON custody_subjectkey;
            DROP FUNCTION custody_erased_stays_erased();
            GRANT DELETE ON custody_subjectkey TO {ROLE};
            """,
        ),
    ]
