"""Links to packs over the API: asked for with a fresh code, taken with range requests."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import services as accounts
from apps.accounts.api.serializers import CodeSerializer
from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.evidence import selectors
from apps.evidence.downloads import services
from apps.evidence.downloads.binding import bound_to
from apps.evidence.downloads.models import MOST_USES, DownloadGrant
from apps.evidence.downloads.selectors import list_links
from apps.evidence.handing_over import hand_over
from apps.tenancy.identity import acting

BYTES = OpenApiResponse(OpenApiTypes.BINARY)
RANGE = OpenApiParameter(
    "Range", str, OpenApiParameter.HEADER, description="One range of bytes, as in RFC 9110."
)


class GivenLinkSerializer(serializers.Serializer[Any]):
    """A link, told once. It works for this token or session alone, until it expires."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    expires_at = serializers.DateTimeField()
    most_uses = serializers.IntegerField()


class LinkSerializer(serializers.ModelSerializer[DownloadGrant]):
    """A link that was given: to whom, how often it was used, whether it still works."""

    holder = serializers.CharField(source="holder.name")

    class Meta:
        model = DownloadGrant
        fields = (
            "id", "holder", "granted_at", "expires_at", "uses", "last_used_at", "revoked_at",
        )  # fmt: skip
        read_only_fields = fields


class ShownLinkSerializer(serializers.Serializer[Any]):
    """A link and the word for how it stands."""

    link = LinkSerializer(source="grant")
    is_alive = serializers.BooleanField()
    words = serializers.CharField()


class PackDownload(APIView):
    """Ask for a link to a pack."""

    @extend_schema(
        operation_id="packs_download", request=CodeSerializer, responses={201: GivenLinkSerializer}
    )
    def post(self, request: Request, pack_id: UUID) -> Response:
        """Give a link, against a fresh code. It expires and is bound to who asks."""
        asked = read_body(CodeSerializer, request)
        actor, now = acting(request._request), database_now()
        pack = selectors.get_pack_for(actor=actor, pack_id=pack_id)
        factor = accounts.prove(
            user=actor, code=asked["code"], decision=services.DOWNLOAD,
            subject=pack.sha256, now=now,
        )  # fmt: skip
        grant, secret = services.grant_download(
            actor=actor,
            pack_id=pack_id,
            factor=factor,
            bound_to=bound_to(request._request),
            now=now,
        )
        given = {
            "id": grant.pk,
            "url": reverse("evidence:api-link", args=[secret]),
            "expires_at": grant.expires_at,
            "most_uses": MOST_USES,
        }
        return Response(GivenLinkSerializer(given).data, status=201)


class PackLinks(APIView):
    """Who was given links to a pack."""

    @extend_schema(operation_id="packs_links_list", responses=ShownLinkSerializer(many=True))
    def get(self, request: Request, pack_id: UUID) -> Response:
        pack = selectors.get_pack_for(actor=acting(request._request), pack_id=pack_id)
        links = list_links(pack, now=database_now())
        return Response(ShownLinkSerializer(links, many=True).data)


class LinkRevoke(APIView):
    """Withdraw a link before it expires."""

    @extend_schema(operation_id="packs_links_revoke", request=None, responses=LinkSerializer)
    def post(self, request: Request, pack_id: UUID, grant_id: UUID) -> Response:
        grant = services.revoke(
            actor=acting(request._request), pack_id=pack_id, grant_id=grant_id, now=database_now()
        )
        return Response(LinkSerializer(grant).data)


class WhateverIsAccepted(BaseContentNegotiation):
    """A file is a PDF, whatever the caller would rather have; only errors are rendered."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class LinkFile(APIView):
    """The file behind a link, whole or one range of it; an interrupted download can go on."""

    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        operation_id="packs_links_take",
        parameters=[RANGE],
        responses={(200, "application/pdf"): BYTES, (206, "application/pdf"): BYTES},
    )
    def get(self, request: Request, secret: str) -> HttpResponseBase:
        return hand_over(request._request, secret=secret)
