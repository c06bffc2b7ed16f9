"""Proposing, approving and undoing changes over the API: the same services as the pages."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.changes import policies, selectors, services
from apps.changes.models import Proposal
from apps.changes.services.deciding import hash_of_preflight
from apps.common.api.pagination import KeysetPagination
from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.tenancy.views import acting

FIELDS = (
    "id", "kind", "target", "target_name", "base", "wanted", "content_hash", "revision",
    "reason", "author_id", "state", "checks", "outcome", "proposed_at", "decided_at",
    "applied_at", "finished_at",
)  # fmt: skip


class ProposalIn(serializers.Serializer[None]):
    """What shall change, to what, and why.

    `networks` (CIDR) are for the networks of a token, `settings` for connections and endpoints:
    those that change, by name. A baseline and the flow policy take neither: proposed is what the
    org grants now, and the draft. `secrets` go in and never come out.
    """

    kind = serializers.ChoiceField(choices=Proposal.Kind.choices)
    target = serializers.CharField(max_length=120)
    networks = serializers.ListField(child=serializers.CharField(max_length=60), required=False)
    settings = serializers.DictField(child=serializers.CharField(max_length=400), required=False)
    secrets = serializers.DictField(
        child=serializers.CharField(max_length=16_000), required=False, write_only=True
    )
    reason = serializers.CharField(max_length=400)


class ApproveChangeIn(serializers.Serializer[None]):
    """A fresh code over the content and the consequences that were read."""

    code = serializers.CharField(max_length=20)
    content_hash = serializers.CharField(max_length=64)
    seen = serializers.CharField(max_length=64)


class RefuseChangeIn(serializers.Serializer[None]):
    """Why not."""

    reason = serializers.CharField(max_length=400)


class GoBackIn(serializers.Serializer[None]):
    """A fresh code, and why."""

    code = serializers.CharField(max_length=20)
    reason = serializers.CharField(max_length=400)


class ProposalOut(serializers.ModelSerializer[Proposal]):
    """A proposed change as its readers may see it."""

    base = serializers.DictField(read_only=True)
    wanted = serializers.DictField(read_only=True)
    checks = serializers.ListField(child=serializers.DictField(), read_only=True)

    class Meta:
        model = Proposal
        fields = FIELDS
        read_only_fields = fields


class ProposalDetailOut(serializers.ModelSerializer[Proposal]):
    """One change with what it would do to known callers; `seen` names that for the approval."""

    base = serializers.DictField(read_only=True)
    wanted = serializers.DictField(read_only=True)
    checks = serializers.ListField(child=serializers.DictField(), read_only=True)
    preflight = serializers.DictField(read_only=True)
    seen = serializers.CharField(read_only=True, default="")

    class Meta:
        model = Proposal
        fields = (*FIELDS, "preflight", "seen")
        read_only_fields = fields

    def to_representation(self, proposal: Proposal) -> dict[str, Any]:
        ahead = services.preflight_now(proposal, now=database_now())
        return {
            **super().to_representation(proposal),
            "preflight": ahead,
            "seen": hash_of_preflight(ahead),
        }


class Proposals(APIView):
    """The tenant's changes, newest first; POST proposes one."""

    @extend_schema(operation_id="changes_list", responses=ProposalOut(many=True))
    def get(self, request: Request) -> Response:
        rows = selectors.list_proposals(actor=acting(request._request))
        pages = KeysetPagination()
        found = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(ProposalOut(found, many=True).data)

    @extend_schema(
        operation_id="changes_propose", request=ProposalIn, responses={201: ProposalDetailOut}
    )
    def post(self, request: Request) -> Response:
        given = read_body(ProposalIn, request)
        wanted = dict(given.get("settings", {}))
        if "networks" in given:
            wanted["networks"] = given["networks"]
        made = services.propose(
            actor=acting(request._request),
            kind=given["kind"],
            target=given["target"],
            wanted=wanted,
            secrets=given.get("secrets", {}),
            reason=given["reason"],
            now=database_now(),
        )
        return Response(ProposalDetailOut(made).data, status=201)


class OneProposal(APIView):
    """One change with its preflight."""

    @extend_schema(operation_id="changes_read", responses=ProposalDetailOut)
    def get(self, request: Request, proposal_id: UUID) -> Response:
        return Response(ProposalDetailOut(_found(request, proposal_id)).data)


class ApproveProposal(APIView):
    """Approve with a fresh code over the content hash."""

    @extend_schema(
        operation_id="changes_approve", request=ApproveChangeIn, responses=ProposalDetailOut
    )
    def post(self, request: Request, proposal_id: UUID) -> Response:
        given, found = read_body(ApproveChangeIn, request), _found(request, proposal_id)
        actor = acting(request._request)
        policies.may_approve(actor, found).require()
        factor = _prove(actor, given["code"], services.APPROVE_DECISION, given["content_hash"])
        done = services.approve(
            actor=actor,
            proposal_id=found.pk,
            factor=factor,
            seen=given["seen"],
            now=database_now(),
        )
        return Response(ProposalDetailOut(done).data)


class RefuseProposal(APIView):
    """Refuse with a reason."""

    @extend_schema(
        operation_id="changes_refuse", request=RefuseChangeIn, responses=ProposalDetailOut
    )
    def post(self, request: Request, proposal_id: UUID) -> Response:
        given, found = read_body(RefuseChangeIn, request), _found(request, proposal_id)
        done = services.refuse(
            actor=acting(request._request),
            proposal_id=found.pk,
            reason=given["reason"],
            now=database_now(),
        )
        return Response(ProposalDetailOut(done).data)


class WithdrawProposal(APIView):
    """Its author takes it back."""

    @extend_schema(operation_id="changes_withdraw", request=None, responses=ProposalDetailOut)
    def post(self, request: Request, proposal_id: UUID) -> Response:
        actor, found = acting(request._request), _found(request, proposal_id)
        done = services.withdraw(actor=actor, proposal_id=found.pk, now=database_now())
        return Response(ProposalDetailOut(done).data)


class GoBack(APIView):
    """Back to the last good configuration."""

    @extend_schema(operation_id="changes_go_back", request=GoBackIn, responses=ProposalDetailOut)
    def post(self, request: Request, proposal_id: UUID) -> Response:
        given, found = read_body(GoBackIn, request), _found(request, proposal_id)
        actor = acting(request._request)
        policies.may_go_back(actor, found).require()
        factor = _prove(actor, given["code"], services.GO_BACK_DECISION, found.content_hash)
        done = services.go_back(
            actor=actor,
            proposal_id=found.pk,
            reason=given["reason"],
            factor=factor,
            now=database_now(),
        )
        return Response(ProposalDetailOut(done).data)


def _found(request: Request, proposal_id: UUID) -> Proposal:
    return selectors.get_proposal_for(actor=acting(request._request), proposal_id=proposal_id)


def _prove(actor: User, code: str, decision: str, subject: str) -> FreshFactor:
    return accounts.prove(
        user=actor, code=code, decision=decision, subject=subject, now=database_now()
    )
