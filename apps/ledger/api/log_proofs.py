"""Proofs over the tenant's log, the keys that signed it, and who outside holds it."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.errors import Invalid, NotFound
from apps.common.scope import current_tenant_id
from apps.ledger import proofs
from apps.ledger.anchoring import reading
from apps.ledger.api.answers import ALWAYS_ASK, TEXT, LogView, answer
from apps.ledger.api.log import NOTE, newest
from apps.ledger.merkle import consistency_path
from apps.ledger.models import Anchor
from apps.ledger.note import Verifier
from apps.ledger.proofs import tlog_proof
from apps.ledger.selectors import get_event
from apps.ledger.signing import checkpoint_keys


class InclusionProof(LogView):
    """A C2SP tlog-proof that an event, by id or by position, is in the newest signed log."""

    @extend_schema(
        operation_id="ledger_log_proof_inclusion",
        parameters=[OpenApiParameter("event", UUID), OpenApiParameter("index", int)],
        responses=NOTE,
    )
    def get(self, request: Request) -> HttpResponseBase:
        given = request.query_params
        if ("event" in given) == ("index" in given):
            raise Invalid("Give either `event`, an id, or `index`, a position.", field="event")
        if "event" in given:
            event = get_event(event_id=_uuid(given["event"]))
            text = proofs.inclusion_of(event, newest())
        else:
            checkpoint = newest()
            text = proofs.inclusion_at(
                _whole(request, "index", most=checkpoint.size - 1), checkpoint
            )
        return answer(request, text.encode(), TEXT, caching=ALWAYS_ASK)


class GlobalProof(LogView):
    """A C2SP tlog-proof that the tenant's newest anchored checkpoint is in the log of logs: the
    entry is the text of that checkpoint, which `/anchors` gives beside it."""

    @extend_schema(operation_id="ledger_log_proof_global", responses=NOTE)
    def get(self, request: Request) -> HttpResponseBase:
        found = reading.holding()
        if found is None:
            raise NotFound("This tenant's log is not in the log of logs yet.")
        text = tlog_proof(found.leaf.idx, found.path, reading.cosigned(found.root))
        return answer(request, text.encode(), TEXT, caching=ALWAYS_ASK)


class ConsistencySerializer(serializers.Serializer[Any]):
    """`path` is PROOF(from, D[to]) of RFC 6962, 2.1.2, each hash in base64."""

    to = serializers.IntegerField()
    path = serializers.ListField(child=serializers.CharField())

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.IntegerField(), **super().get_fields()}


class ConsistencyProof(LogView):
    """A proof that the log of `to` entries, or the newest, only adds to that of `from`."""

    @extend_schema(
        operation_id="ledger_log_proof_consistency",
        parameters=[OpenApiParameter("from", int, required=True), OpenApiParameter("to", int)],
        responses=ConsistencySerializer,
    )
    def get(self, request: Request) -> Response:
        size = newest().size
        new = _whole(request, "to", most=size) if "to" in request.query_params else size
        old = _whole(request, "from", most=new)
        path = consistency_path(proofs.hash_reader(size), old, new)
        return Response({"from": old, "to": new, "path": [_text(each) for each in path]})


class KeySerializer(serializers.Serializer[Any]):
    """A verifier key (C2SP signed-note) and the time in which it signed."""

    verifier = serializers.CharField()
    from_at = serializers.DateTimeField()
    until_at = serializers.DateTimeField(allow_null=True)


class KeysSerializer(serializers.Serializer[Any]):
    """`log` signs this tenant's checkpoints, `log_of_logs` the global ones."""

    log = KeySerializer(many=True)
    log_of_logs = KeySerializer(many=True)
    witnesses = serializers.ListField(child=serializers.CharField())


class LogKeys(LogView):
    """Every key that ever signed the tenant's log. Compare it by another way than this one."""

    @extend_schema(operation_id="ledger_log_keys", responses=KeysSerializer)
    def get(self, request: Request) -> Response:
        origin = f"{settings.LEDGER_ORIGIN}/ledger"
        return Response(
            {
                "log": _keys(f"{origin}/{current_tenant_id()}"),
                "log_of_logs": _keys(origin),
                "witnesses": [each.partition(" ")[2].strip() for each in settings.LEDGER_WITNESSES],
            }
        )


class AnchorSerializer(serializers.Serializer[Anchor]):
    """`size` is that of the global checkpoint; `proof` is base64, its form follows from `kind`."""

    size = serializers.IntegerField()
    kind = serializers.CharField()
    place = serializers.CharField()
    at = serializers.DateTimeField()
    proof = serializers.SerializerMethodField()

    def get_proof(self, anchor: Anchor) -> str:
        return _text(bytes(anchor.proof))


class AnchorProblemSerializer(serializers.Serializer[Any]):
    """What stands in the way of an anchor or of a signature; `code` is stable."""

    kind = serializers.CharField()
    place = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    words = serializers.CharField()
    retryable = serializers.BooleanField()
    at = serializers.DateTimeField()


class AnchorsSerializer(serializers.Serializer[Any]):
    """The newest 50 anchors. `entry` is the tenant's checkpoint that they hold, as signed."""

    entry = serializers.CharField(allow_blank=True)
    anchors = AnchorSerializer(many=True)
    problems = AnchorProblemSerializer(many=True)


class LogAnchors(LogView):
    """Who outside holds the log of logs, and so this tenant's log, and what went wrong there."""

    @extend_schema(operation_id="ledger_log_anchors", responses=AnchorsSerializer)
    def get(self, request: Request) -> Response:
        found = reading.holding()
        problems = reading.open_problems()
        return Response(
            {
                "entry": found.checkpoint.note if found else "",
                "anchors": [AnchorSerializer(each).data for each in reading.recent_anchors()],
                "problems": AnchorProblemSerializer(problems, many=True).data,
            }
        )


def _keys(origin: str) -> list[dict[str, Any]]:
    return [
        {
            "verifier": str(Verifier(origin, key.public)),
            "from_at": key.from_at,
            "until_at": key.until_at,
        }
        for key in checkpoint_keys().public_history()
    ]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _uuid(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        raise Invalid("`event` is the id of an event, a UUID.", field="event") from None


def _whole(request: Request, name: str, *, most: int) -> int:
    written = request.query_params.get(name, "")
    if not written.isascii() or not written.isdecimal() or len(written) > 19:
        raise Invalid(f"Give `{name}` as a whole number.", field=name)
    if int(written) > most:
        raise Invalid(f"`{name}` is at most {most} in the signed log.", field=name)
    return int(written)
