"""Reading a record under emergency access: no session, only the emergency token itself."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.breakglass import services
from apps.breakglass.api.serializers import RecordOut
from apps.breakglass.asking import long_id
from apps.breakglass.services.elevation import Call
from apps.common.clock import database_now
from apps.custody import tokens
from apps.custody.errors import TokenRefused

LONGEST = 200


class Record(APIView):
    """One approved record. Send the emergency token as `Authorization: Bearer …`.

    The route opens no scope of its own: an elevated call holds no transaction while the org
    answers, and its ledger entry is committed before the answer leaves.
    """

    authentication_classes = ()

    @extend_schema(
        operation_id="emergency_records_read",
        parameters=[OpenApiParameter("fields", str, description="Fewer fields, with commas.")],
        responses=RecordOut,
    )
    def get(self, request: Request, object_name: str, record_id: str) -> Response:
        text = _bearer(request)
        tenant_id = tokens.tenant_of(text)
        if tenant_id is None:
            raise TokenRefused("Send the emergency token as Authorization: Bearer ….")
        call = Call(
            text=text,
            address=request.META.get("REMOTE_ADDR", ""),
            object_name=object_name[:LONGEST],
            record_id=record_id[:LONGEST],
            fields=_fields(request),
        )
        now = database_now()
        values = services.read_record(tenant_id=tenant_id, call=call, now=now)
        shown = {"object": object_name, "record": long_id(record_id), "values": values}
        return Response(shown, headers={"Cache-Control": "no-store"})


def _bearer(request: Request) -> str:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else ""


def _fields(request: Request) -> tuple[str, ...]:
    named: str = request.query_params.get("fields", "")
    return tuple(name.strip() for name in named[:4000].split(",") if name.strip())
