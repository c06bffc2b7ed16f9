"""Asking, signing and ending over the API: the same services as the pages."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.breakglass import models as breakglass
from apps.breakglass import policies, selectors, services
from apps.breakglass.api.serializers import (
    ApproveIn,
    CodeIn,
    DenyIn,
    RequestIn,
    RequestOut,
    TokenOut,
)
from apps.breakglass.services.deciding import APPROVE_DECISION
from apps.breakglass.services.elevation import REVEAL_DECISION
from apps.common.api.pagination import KeysetPagination
from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.tenancy.views import acting


class Requests(APIView):
    """The tenant's requests; POST drafts one and submits it."""

    @extend_schema(operation_id="emergency_requests_list", responses=RequestOut(many=True))
    def get(self, request: Request) -> Response:
        actor = acting(request._request)
        rows = selectors.list_requests(actor=actor)
        rows = rows.select_related("policy").prefetch_related("approvals")
        pages = KeysetPagination()
        found = pages.paginate_queryset(rows, request, view=self)
        shown = RequestOut(found, many=True, context={"actor": actor})
        return pages.get_paginated_response(shown.data)

    @extend_schema(
        operation_id="emergency_requests_create", request=RequestIn, responses={201: RequestOut}
    )
    def post(self, request: Request) -> Response:
        actor, now = acting(request._request), database_now()
        asked = read_body(RequestIn, request)
        with transaction.atomic():
            draft = services.draft_request(
                actor=actor,
                connection_id=asked["connection"],
                scope=asked["scope"],
                networks=asked["networks"],
                duration=timedelta(minutes=asked["minutes"]),
                justification=asked["justification"],
                case_reference=asked["case_reference"],
                now=now,
            )
            services.submit_request(actor=actor, request_id=draft.pk, now=now)
        return _show(actor, draft.pk, status=201)


class OneRequest(APIView):
    """One request."""

    @extend_schema(operation_id="emergency_requests_read", responses=RequestOut)
    def get(self, request: Request, request_id: UUID) -> Response:
        return _show(acting(request._request), request_id)


class Approve(APIView):
    """Sign a request with a fresh code, over the content hash that was read."""

    @extend_schema(
        operation_id="emergency_requests_approve", request=ApproveIn, responses=RequestOut
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        actor, signed = acting(request._request), read_body(ApproveIn, request)
        asked = selectors.get_request_for(actor=actor, request_id=request_id)
        policies.may_approve(actor=actor, request=asked, role=signed["role"]).require()
        factor = _prove(actor, signed["code"], APPROVE_DECISION, signed["content_hash"])
        services.approve(
            actor=actor,
            request_id=request_id,
            role=signed["role"],
            factor=factor,
            now=database_now(),
            address=request.META.get("REMOTE_ADDR", ""),
        )
        return _show(actor, request_id)


class Deny(APIView):
    """Refuse a request, with a reason."""

    @extend_schema(operation_id="emergency_requests_deny", request=DenyIn, responses=RequestOut)
    def post(self, request: Request, request_id: UUID) -> Response:
        actor, said = acting(request._request), read_body(DenyIn, request)
        services.deny(actor=actor, request_id=request_id, reason=said["reason"], now=database_now())
        return _show(actor, request_id)


class Withdraw(APIView):
    """Take one's own request back."""

    @extend_schema(operation_id="emergency_requests_withdraw", request=None, responses=RequestOut)
    def post(self, request: Request, request_id: UUID) -> Response:
        actor = acting(request._request)
        services.withdraw(actor=actor, request_id=request_id, now=database_now())
        return _show(actor, request_id)


class End(APIView):
    """End the access now: the next call with its token is refused.

    Where nothing can be written it is stopped: refused as well, and ended once that can be written.
    """

    @extend_schema(operation_id="emergency_requests_end", request=None, responses=RequestOut)
    def post(self, request: Request, request_id: UUID) -> Response:
        actor = acting(request._request)
        services.end_or_stop(actor=actor, request_id=request_id, now=database_now())
        return _show(actor, request_id)


class Reveal(APIView):
    """Show the emergency token to the account that asked, once."""

    @extend_schema(operation_id="emergency_requests_reveal", request=CodeIn, responses=TokenOut)
    def post(self, request: Request, request_id: UUID) -> Response:
        actor, given = acting(request._request), read_body(CodeIn, request)
        asked = selectors.get_request_for(actor=actor, request_id=request_id)
        policies.may_reveal(actor=actor, request=asked).require()
        factor = _prove(actor, given["code"], REVEAL_DECISION, asked.content_hash)
        text = services.reveal(
            actor=actor, request_id=request_id, factor=factor, now=database_now()
        )
        return Response({"token": text}, headers={"Cache-Control": "no-store"})


def _prove(actor: User, code: str, decision: str, subject: str) -> FreshFactor:
    return accounts.prove(
        user=actor, code=code, decision=decision, subject=subject, now=database_now()
    )


def _show(actor: User, request_id: UUID, *, status: int = 200) -> Response:
    found: breakglass.Request = selectors.get_request_for(actor=actor, request_id=request_id)
    return Response(RequestOut(found, context={"actor": actor}).data, status=status)
