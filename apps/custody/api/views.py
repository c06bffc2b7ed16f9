"""API tokens over the API: listing, making and ending them, by the page's services."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import services as accounts
from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.custody import selectors, services
from apps.custody.api.serializers import (
    MadeTokenSerializer,
    MakeTokenSerializer,
    TokenSerializer,
)
from apps.custody.models import IssuedToken
from apps.tenancy.views import acting


@extend_schema_view(get=extend_schema(operation_id="tokens_list"))
class Tokens(generics.ListAPIView[IssuedToken]):
    """One's own tokens, newest first; everybody's for those who manage members."""

    serializer_class = TokenSerializer

    def get_queryset(self) -> QuerySet[IssuedToken]:
        return selectors.list_api_tokens_for(acting(self.request._request))

    @extend_schema(
        operation_id="tokens_make",
        description=(
            "Make a token for oneself, against a fresh code, with no more power than one has. "
            "Its text is in this answer and nowhere else."
        ),
        request=MakeTokenSerializer,
        responses={201: MadeTokenSerializer},
    )
    def post(self, request: Request) -> Response:
        actor, now = acting(request._request), database_now()
        given = read_body(MakeTokenSerializer, request)
        name, days, wanted = given["name"], given["days"], frozenset(given["powers"])
        factor = accounts.prove(
            user=actor,
            code=given["code"],
            decision=services.DECISION,
            subject=services.subject_of(name=name, wanted=wanted, days=days),
            now=now,
        )
        token, text = services.make_api_token(
            actor=actor, name=name, wanted=wanted, days=days, factor=factor, now=now
        )
        shown = MadeTokenSerializer({"token": token, "secret": text})
        return Response(shown.data, status=201, headers={"Cache-Control": "no-store"})


class EndToken(APIView):
    """End a token now: the next call with it is refused. Ending it twice changes nothing."""

    @extend_schema(operation_id="tokens_end", request=None, responses=TokenSerializer)
    def post(self, request: Request, token_id: UUID) -> Response:
        token = services.end_api_token(
            actor=acting(request._request), token_id=token_id, now=database_now()
        )
        return Response(TokenSerializer(token).data)
