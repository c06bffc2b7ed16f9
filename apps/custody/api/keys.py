"""Keys over the API: how they stand; rotating them, the own key, erasing a person's details."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import services as accounts
from apps.accounts.api.serializers import CodeSerializer
from apps.accounts.models import FreshFactor, User
from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.custody import keylists, outer, owning, resealing, subjects
from apps.tenancy.views import acting


class KeyOut(serializers.Serializer[Any]):
    """A purpose's newest data key: who can open it, never the key."""

    purpose = serializers.CharField()
    version = serializers.IntegerField()
    providers = serializers.ListField(child=serializers.CharField())
    own = serializers.BooleanField()
    stale = serializers.BooleanField()
    since = serializers.DateTimeField()


class OwnKeyOut(serializers.Serializer[Any]):
    """The organisation's own key, without the key."""

    version = serializers.IntegerField()
    kind = serializers.CharField()
    revoked_at = serializers.DateTimeField(allow_null=True)


class KeysOut(serializers.Serializer[Any]):
    """All of it."""

    keys = KeyOut(many=True)
    own = OwnKeyOut(allow_null=True)


class RotateIn(CodeSerializer):
    """Which key; a fresh code."""

    purpose = serializers.CharField(max_length=60)


class SupplyIn(CodeSerializer):
    """32 random bytes in base64 or the ARN of a KMS key; a fresh code."""

    key = serializers.CharField(max_length=300)


class Keys(APIView):
    """How the organisation's keys stand."""

    @extend_schema(operation_id="keys_read", responses=KeysOut)
    def get(self, request: Request) -> Response:
        return _show()


class Rotate(APIView):
    """Rotate one purpose's key; old values are resealed in the background."""

    @extend_schema(operation_id="keys_rotate", request=RotateIn, responses=KeysOut)
    def post(self, request: Request) -> Response:
        actor, given = acting(request._request), read_body(RotateIn, request)
        factor = _prove(actor, given["code"], resealing.ROTATE_DECISION, given["purpose"])
        resealing.rotate_data_key(
            actor=actor, purpose=given["purpose"], factor=factor, now=database_now()
        )
        return _show()


class SupplyOwnKey(APIView):
    """Supply, replace or restore the organisation's own key."""

    @extend_schema(operation_id="keys_own_supply", request=SupplyIn, responses=KeysOut)
    def post(self, request: Request) -> Response:
        actor, given = acting(request._request), read_body(SupplyIn, request)
        factor = _prove(actor, given["code"], owning.DECISION, "supply")
        owning.supply_key(actor=actor, given=given["key"], factor=factor, now=database_now())
        return _show()


class RevokeOwnKey(APIView):
    """Revoke the own key: what it protects is unreadable until the same key is supplied."""

    @extend_schema(operation_id="keys_own_revoke", request=CodeSerializer, responses=KeysOut)
    def post(self, request: Request) -> Response:
        actor, given = acting(request._request), read_body(CodeSerializer, request)
        factor = _prove(actor, given["code"], owning.DECISION, "revoke")
        owning.revoke_key(actor=actor, factor=factor, now=database_now())
        return _show()


class ErasePerson(APIView):
    """Destroy the key of a person's sealed details. Nothing brings them back."""

    @extend_schema(operation_id="persons_erase", request=CodeSerializer, responses={204: None})
    def post(self, request: Request, key_id: UUID) -> Response:
        actor, given = acting(request._request), read_body(CodeSerializer, request)
        person = keylists.get_person(key_id=key_id)
        factor = _prove(actor, given["code"], subjects.ERASE_DECISION, str(key_id))
        subjects.erase_subject(
            actor=actor, subject=person.subject, factor=factor, now=database_now()
        )
        return Response(status=204)


def _show() -> Response:
    return Response(KeysOut({"keys": keylists.list_keys(), "own": outer.current()}).data)


def _prove(actor: User, code: str, decision: str, subject: str) -> FreshFactor:
    return accounts.prove(
        user=actor, code=code, decision=decision, subject=subject, now=database_now()
    )
