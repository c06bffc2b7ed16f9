"""The matrix, purposes, service accounts and ending access over the API."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import services as accounts
from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.common.errors import NotFound
from apps.crm import selectors as crm
from apps.posture import policies, selectors
from apps.posture.api import shapes
from apps.posture.api.serializers import BaselineConfirmationSerializer as CodeSerializer
from apps.posture.matrix import advice_of, lines_of_app, observation_of
from apps.posture.models import Revocation
from apps.posture.purposes import services as purposes
from apps.posture.revocations import reading, steps
from apps.posture.revocations.planning import Plan, plan_for_account, plan_for_app
from apps.posture.scopes.seeing import accounts_of
from apps.posture.scopes.showing import fields_of_purpose, ranges_of, reach_of_app
from apps.tenancy.views import acting


class AppMatrix(APIView):
    """One app's scopes: declared, approved, granted and used side by side."""

    @extend_schema(operation_id="apps_matrix", responses=shapes.MatrixSerializer)
    def get(self, request: Request, app_id: UUID) -> Response:
        app = selectors.get_app_for(actor=acting(request._request), app_id=app_id)
        found = selectors.compare_app(app, now=database_now())
        ranges, fence = ranges_of(app, found.purpose)
        told = {
            "words": found.words,
            "advice": advice_of(found),
            "observation": observation_of(found),
            "objects_beyond_purpose": found.objects_beyond,
            "lines": lines_of_app(found),
            "zone_ranges": fence.words,
            "ranges": ranges,
            "reaches": reach_of_app(app, found.purpose),
            "restricted_fields": fields_of_purpose(app, found.purpose),
        }
        return Response(shapes.MatrixSerializer(told).data)


class PurposeList(APIView):
    """What an app was declared to be for, newest first; proposing another."""

    @extend_schema(operation_id="purposes_list", responses=shapes.PurposeSerializer(many=True))
    def get(self, request: Request, app_id: UUID) -> Response:
        app = selectors.get_app_for(actor=acting(request._request), app_id=app_id)
        rows = selectors.list_purposes(app.snapshot.connection, app.app_key)[:50]
        return Response(shapes.PurposeSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="purposes_propose",
        request=shapes.ProposedPurposeSerializer,
        responses={201: shapes.PurposeSerializer},
    )
    def post(self, request: Request, app_id: UUID) -> Response:
        given = read_body(shapes.ProposedPurposeSerializer, request)
        actor = acting(request._request)
        app = selectors.get_app_for(actor=actor, app_id=app_id)
        for name in purposes.LISTS:
            given[name] = purposes.names_in(",".join(given[name]), field=name)
        made = purposes.propose_purpose(actor=actor, app=app, now=database_now(), **given)
        return Response(shapes.PurposeSerializer(made).data, status=201)


class PurposeApproval(APIView):
    """Puts a proposed purpose into force, against a fresh code of somebody else."""

    @extend_schema(
        operation_id="purposes_approve",
        request=CodeSerializer,
        responses=shapes.PurposeSerializer,
    )
    def post(self, request: Request, purpose_id: UUID) -> Response:
        given = read_body(CodeSerializer, request)
        actor, now = acting(request._request), database_now()
        found = selectors.get_purpose_for(actor=actor, purpose_id=purpose_id)
        policies.may_approve_purpose(actor, found).require()
        factor = accounts.prove(
            user=actor,
            code=given["code"],
            decision=purposes.DECISION,
            subject=found.content_hash,
            now=now,
        )
        done = purposes.approve_purpose(actor=actor, purpose=found, factor=factor, now=now)
        return Response(shapes.PurposeSerializer(done).data)


class PurposeRefusal(APIView):
    """Ends a proposed purpose; what was in force stays so."""

    @extend_schema(operation_id="purposes_refuse", request=None, responses=shapes.PurposeSerializer)
    def post(self, request: Request, purpose_id: UUID) -> Response:
        actor = acting(request._request)
        found = selectors.get_purpose_for(actor=actor, purpose_id=purpose_id)
        done = purposes.refuse_purpose(actor=actor, purpose=found, now=database_now())
        return Response(shapes.PurposeSerializer(done).data)


class AccountList(APIView):
    """Service accounts of an org's latest snapshot, the far-reaching first."""

    @extend_schema(
        operation_id="service_accounts_list", responses=shapes.AccountSerializer(many=True)
    )
    def get(self, request: Request, connection_id: UUID) -> Response:
        org = crm.get_connection_for(actor=acting(request._request), connection_id=connection_id)
        snapshot = crm.latest_snapshot(org)
        if snapshot is None:
            raise NotFound("This org has no snapshot yet. Take one first.")
        return Response([shapes.AccountSerializer(each).data for each in accounts_of(snapshot)])


class AccountRevocation(APIView):
    """Ends all access of an account that its snapshot shows, against a fresh code."""

    @extend_schema(
        operation_id="service_accounts_revoke",
        request=CodeSerializer,
        responses={202: shapes.RevocationSerializer},
    )
    def post(self, request: Request, account_id: UUID) -> Response:
        row = reading.get_account_for(actor=acting(request._request), account_id=account_id)
        return _revoke(request, plan_for_account(row))


class AppRevocation(APIView):
    """Ends all tokens of an app that its snapshot shows, against a fresh code."""

    @extend_schema(
        operation_id="apps_revoke",
        request=CodeSerializer,
        responses={202: shapes.RevocationSerializer},
    )
    def post(self, request: Request, app_id: UUID) -> Response:
        app = selectors.get_app_for(actor=acting(request._request), app_id=app_id)
        return _revoke(request, plan_for_app(app))


class RevocationDetail(APIView):
    """How far a revocation is: proven only once a later read showed every grant gone."""

    @extend_schema(operation_id="revocations_read", responses=shapes.RevocationSerializer)
    def get(self, request: Request, revocation_id: UUID) -> Response:
        actor = acting(request._request)
        found = reading.get_revocation_for(actor=actor, revocation_id=revocation_id)
        return Response(_told(found))


def _revoke(request: Request, plan: Plan) -> Response:
    given = read_body(CodeSerializer, request)
    actor, now = acting(request._request), database_now()
    policies.may_revoke(actor, plan.connection).require()
    factor = accounts.prove(
        user=actor,
        code=given["code"],
        decision=steps.DECISION,
        subject=plan.content_hash,
        now=now,
    )
    begun = steps.begin_revocation(actor=actor, plan=plan, factor=factor, now=now)
    return Response(_told(begun), status=202)


def _told(found: Revocation) -> dict[str, Any]:
    counts = {"counts": reading.counts_of(found)}
    return {**shapes.RevocationSerializer(found).data, **counts}
