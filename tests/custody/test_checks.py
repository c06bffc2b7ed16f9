"""What is misconfigured about keys is said before anything is sealed; old wraps are taken along."""

import base64
import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from pytest_django.fixtures import Settings

from apps.common.scope import scoped
from apps.custody import checks, envelope, providers
from apps.custody.models import DataKey
from tests.cast import make_cast
from tests.custody.conftest import Configure
from tests.custody.owning import as_owner

BEFORE, AFTER = [("custody", "0004_subject_keys")], [("custody", "0005_two_providers")]


def found() -> list[str | None]:
    return [message.id for message in checks.key_providers_are_whole(None)]


def test_the_usual_settings_are_whole(configure: Configure) -> None:
    configure("local")
    assert found() == []


@pytest.mark.parametrize(
    ("names", "emergency", "said"),
    [
        ((), ("emergency=local",), "custody.E001"),
        (("pkcs11",), ("emergency=local",), "custody.E002"),
        (("abacus",), ("emergency=local",), "custody.E002"),
        (("local",), ("local",), "custody.E003"),
    ],
)
def test_what_cannot_work_is_named(
    configure: Configure, names: tuple[str, ...], emergency: tuple[str, ...], said: str
) -> None:
    configure(*names, emergency=emergency)
    assert said in found()


def test_production_keeps_keys_in_a_file_only_when_told_to(
    configure: Configure, settings: Settings
) -> None:
    configure("local")
    settings.PRODUCTION, settings.CUSTODY_ALLOW_KEYRING_FILE = True, False
    assert found() == ["custody.E004"]
    settings.CUSTODY_ALLOW_KEYRING_FILE = True
    assert found() == []


def test_the_command_says_which_providers_work(configure: Configure) -> None:
    configure("local", "kms", KMS_KEY="k", KMS_REGION="r", KMS_ENDPOINT="http://127.0.0.1:9")
    said = StringIO()
    with pytest.raises(CommandError, match="do not work: kms"):
        call_command("custody_check", stdout=said)
    assert "local, for all keys: wraps, opens, and binds to place" in said.getvalue()


def test_keys_wrapped_once_before_are_taken_along(transactional_db: None) -> None:
    with as_owner():
        MigrationExecutor(connection).migrate(BEFORE)
        tenant, row = make_tenant(), uuid.uuid4()
        wrap = envelope.wrap_by(providers.providers_for("test")[0], bytes(32), place="p")
        with scoped(tenant_id=tenant), connection.cursor() as cursor:
            cursor.execute(
                "insert into custody_datakey"
                " (id, tenant_id, purpose, version, provider, key_id, wrapped)"
                " values (%s, %s, 'test', 1, %s, %s, %s)",
                [row, tenant, wrap.provider, wrap.key_id, wrap.data],
            )
            cursor.execute("set constraints all immediate")
        MigrationExecutor(connection).migrate(AFTER)
        with scoped(tenant_id=tenant):
            kept = DataKey.objects.get(pk=row)
            assert base64.b64decode(kept.wraps[0]["wrapped"]) == wrap.data
            known = map(envelope.Wrap.from_json, kept.wraps)
            assert envelope.unwrap(known, place="p") == bytes(32)


def make_tenant() -> uuid.UUID:
    return make_cast().acme.pk
