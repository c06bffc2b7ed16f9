"""Data keys change without downtime: new version, resealing in batches, other providers."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from apps.accounts.models import FreshFactor, User
from apps.breakglass.models import Request
from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied
from apps.common.keyring import CannotOpen
from apps.custody import resealing, rewrapping, sealing
from apps.custody.models import DataKey, KeyWork
from apps.custody.providers.base import KeysUnavailable
from apps.ledger.models import Event
from apps.llm.models import Endpoint
from tests.breakglass.conftest import factor_for, make_emergency
from tests.cast import Cast
from tests.custody.conftest import Configure
from tests.custody.things import make_endpoints, settle
from tests.fakes.vault import FakeVault

PURPOSE = "llm"


def prove(person: User, decision: str, subject: str) -> FreshFactor:
    return factor_for(person, subject, decision)


def rotate(cast: Cast, purpose: str = PURPOSE) -> KeyWork:
    return resealing.rotate_data_key(
        actor=cast.alice,
        purpose=purpose,
        factor=prove(cast.alice, resealing.ROTATE_DECISION, purpose),
        now=database_now(),
    )


def finish(work: KeyWork) -> KeyWork:
    while resealing.reseal_batch(work.pk):
        pass
    settle(work)
    resealing.reseal_batch(work.pk)
    work.refresh_from_db()
    return work


def key_ids() -> set[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute("select substring(api_key from 1 for 16) from llm_endpoint")
        return {uuid.UUID(bytes=bytes(row[0])) for row in cursor.fetchall()}


def test_old_values_are_resealed_in_batches_and_the_old_key_is_retired(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "BATCH", 2)
    with cast.at_acme():
        made = make_endpoints(cast, 5)
        work = rotate(cast)
        assert (work.total, work.done) == (5, 0)
        assert resealing.reseal_batch(work.pk)
        work.refresh_from_db()
        assert work.done == 2  # a worker killed here has lost nothing
        assert len(key_ids()) == 2
        finished = finish(work)
        assert (finished.state, finished.done, finished.kept) == ("finished", 5, 0)
        newest = DataKey.objects.get(purpose=PURPOSE, version=2)
        assert key_ids() == {newest.pk}
        assert DataKey.objects.get(purpose=PURPOSE, version=1).retired_at is not None
        opened = {str(each.api_key) for each in Endpoint.objects.all()}
        assert opened == {f"key-{each.pk}" for each in made}
        actions = set(Event.objects.values_list("action", flat=True))
        assert {"custody.key.rotated", "custody.key.retired"} <= actions


def test_new_values_are_sealed_under_the_new_key_at_once(cast: Cast) -> None:
    with cast.at_acme():
        make_endpoints(cast, 1)
        rotate(cast)
        sealed = sealing.seal_value(b"x", purpose=PURPOSE, place="p")
        newest = DataKey.objects.get(purpose=PURPOSE, version=2)
        assert uuid.UUID(bytes=sealed[:16]) == newest.pk


def test_a_value_that_the_database_freezes_keeps_its_key(cast: Cast) -> None:
    """The reason of a submitted emergency request is what people sign."""
    emergency = make_emergency(cast)
    with cast.at_acme():
        pending = emergency.pending()
        work = finish(rotate(cast, "breakglass"))
        assert (work.state, work.kept) == ("finished", 1)
        assert DataKey.objects.get(purpose="breakglass", version=1).retired_at is None
        assert Request.objects.get(pk=pending.pk).justification == pending.justification


def test_only_one_rotation_of_a_key_runs_at_a_time(cast: Cast) -> None:
    with cast.at_acme():
        make_endpoints(cast, 1)
        rotate(cast)
        with pytest.raises(Conflict, match="already"), transaction.atomic():
            rotate(cast)
        with pytest.raises(IntegrityError), transaction.atomic():
            KeyWork.objects.create(purpose=PURPOSE)


def test_only_those_who_manage_keys_rotate_them(cast: Cast) -> None:
    with cast.at_acme():
        make_endpoints(cast, 1)
    with cast.at_acme("bob") as bob:
        factor = prove(bob, resealing.ROTATE_DECISION, PURPOSE)
        with pytest.raises(Denied):
            resealing.rotate_data_key(actor=bob, purpose=PURPOSE, factor=factor, now=database_now())
        assert DataKey.objects.filter(purpose=PURPOSE).count() == 1


def test_a_second_provider_is_added_to_old_keys_and_the_first_taken_away(
    cast: Cast, configure: Configure, vault: FakeVault
) -> None:
    options = {"VAULT_URL": vault.url, "VAULT_TOKEN": vault.token, "VAULT_KEY": "console"}
    with cast.at_acme():
        configure("local")
        sealed = sealing.seal_value(b"x", purpose="test", place="p")
        row = DataKey.objects.get(purpose="test")
        configure("local", "vault", **options)
        assert row.pk in rewrapping.list_stale()
        vault.answers_with = 503
        assert not rewrapping.rewrap_data_key(row.pk)
        vault.answers_with = 0
        configure("local", "vault", **options)
        assert rewrapping.rewrap_data_key(row.pk)
        row.refresh_from_db()
        assert [each["provider"] for each in row.wraps] == ["local", "vault"]
        assert row.pk not in rewrapping.list_stale()
        configure("vault", "old=local", **options)
        row.wraps = [{**row.wraps[0], "provider": "gone"}, row.wraps[1]]
        row.save()
        configure("vault", **options)
        assert rewrapping.rewrap_data_key(row.pk)
        row.refresh_from_db()
        assert [each["provider"] for each in row.wraps] == ["vault"]
        sealing.forget()
        assert sealing.open_value(sealed, purpose="test", place="p") == b"x"
        assert Event.objects.filter(action="custody.key.rewrapped").count() == 2


def test_a_new_key_encryption_key_takes_rewrapping_only(
    cast: Cast, configure: Configure, hsm_options: dict[str, str]
) -> None:
    with cast.at_acme():
        configure("pkcs11", **hsm_options)
        sealed = sealing.seal_value(b"x", purpose="test", place="p")
        row = DataKey.objects.get(purpose="test")
        configure("pkcs11", **{**hsm_options, "PKCS11_KEY": "kek-2"})
        assert rewrapping.rewrap_data_key(row.pk)
        row.refresh_from_db()
        assert [each["key_id"] for each in row.wraps] == ["kek-2"]
        sealing.forget()
        assert sealing.open_value(sealed, purpose="test", place="p") == b"x"


def test_losing_the_ordinary_providers_leaves_emergency_keys_working(
    cast: Cast, configure: Configure, vault: FakeVault
) -> None:
    options = {"VAULT_URL": vault.url, "VAULT_TOKEN": vault.token, "VAULT_KEY": "console"}
    with cast.at_acme():
        configure("vault", emergency=("emergency=local",), **options)
        ordinary = sealing.seal_value(b"x", purpose="test", place="p")
        emergency = sealing.seal_value(b"y", purpose="custody.tokens", place="p")
        providers = {
            row.purpose: [each["provider"] for each in row.wraps] for row in DataKey.objects.all()
        }
        assert providers["test"] == ["vault"]
        assert providers["custody.tokens"] == ["emergency"]
        vault.answers_with = 503
        sealing.forget()
        with pytest.raises(KeysUnavailable):
            sealing.open_value(ordinary, purpose="test", place="p")
        assert sealing.key_of(emergency, purpose="custody.tokens")


def test_a_wrap_of_one_key_does_not_open_as_another(cast: Cast) -> None:
    with cast.at_acme():
        sealing.seal_value(b"x", purpose="one", place="p")
        sealing.seal_value(b"x", purpose="two", place="p")
        one, two = DataKey.objects.get(purpose="one"), DataKey.objects.get(purpose="two")
        one.wraps = two.wraps
        with pytest.raises(CannotOpen):
            sealing.open_key(one)


def test_a_works_second_pass_waits_for_the_last_writers(cast: Cast) -> None:
    with cast.at_acme():
        make_endpoints(cast, 1)
        work = rotate(cast)
        resealing.reseal_batch(work.pk)
        work.refresh_from_db()
        assert work.state == KeyWork.State.SETTLING
        assert work.settles_at is not None
        assert work.settles_at - database_now() > timedelta(seconds=sealing.REMEMBER_S)
        assert work.pk not in resealing.list_unfinished()
