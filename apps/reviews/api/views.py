"""Reviews over the API: the same services as the pages."""

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.reviews import selectors, services
from apps.reviews.api import serializers as shapes
from apps.reviews.models import Campaign, Item
from apps.tenancy.views import acting

MOST_CAMPAIGNS, PAGE = 200, 200


class CampaignList(APIView):
    """Reviews of the tenant, newest first; opening one."""

    @extend_schema(operation_id="reviews_list", responses=shapes.CampaignPageSerializer)
    def get(self, request: Request) -> Response:
        rows = selectors.list_campaigns(actor=acting(request._request))[:MOST_CAMPAIGNS]
        return Response({"results": shapes.CampaignSerializer(rows, many=True).data})

    @extend_schema(
        operation_id="reviews_open",
        request=shapes.OpenSerializer,
        responses={201: shapes.StandingSerializer},
    )
    def post(self, request: Request) -> Response:
        given = read_body(shapes.OpenSerializer, request)
        campaign = services.open_campaign(
            actor=acting(request._request),
            snapshot_id=given["snapshot"],
            due_at=given["due_at"],
            name=given["name"],
            start=given["start"],
            now=database_now(),
        )
        return _standing(campaign, status=201)


class CampaignDetail(APIView):
    """One review."""

    @extend_schema(operation_id="reviews_read", responses=shapes.StandingSerializer)
    def get(self, request: Request, campaign_id: UUID) -> Response:
        return _standing(_campaign(request, campaign_id))


class Start(APIView):
    """Let the reviewers decide: for a review that was opened without starting it."""

    @extend_schema(operation_id="reviews_start", request=None, responses=shapes.StandingSerializer)
    def post(self, request: Request, campaign_id: UUID) -> Response:
        actor = acting(request._request)
        return _standing(
            services.start_review(actor=actor, campaign_id=campaign_id, now=database_now())
        )


class Cancel(APIView):
    """Give a review up before it is signed, with a reason. Its decisions stay on record."""

    @extend_schema(
        operation_id="reviews_cancel",
        request=shapes.NoteSerializer,
        responses=shapes.StandingSerializer,
    )
    def post(self, request: Request, campaign_id: UUID) -> Response:
        given = read_body(shapes.NoteSerializer, request)
        actor = acting(request._request)
        return _standing(
            services.cancel_review(
                actor=actor, campaign_id=campaign_id, now=database_now(), **given
            )
        )


class KeepUnchanged(APIView):
    """Keep the undecided low-risk grants that the last review saw unchanged, all together."""

    @extend_schema(
        operation_id="reviews_keep_unchanged", request=None, responses=shapes.KeptSerializer
    )
    def post(self, request: Request, campaign_id: UUID) -> Response:
        actor = acting(request._request)
        kept = services.keep_unchanged(actor=actor, campaign_id=campaign_id, now=database_now())
        return Response({"kept": kept})


class ItemList(APIView):
    """A review's items, riskiest first."""

    @extend_schema(
        operation_id="reviews_items",
        parameters=[OpenApiParameter("after", str)],
        responses=shapes.ItemPageSerializer,
    )
    def get(self, request: Request, campaign_id: UUID) -> Response:
        items = selectors.list_items(_campaign(request, campaign_id))
        after = request.query_params.get("after", "")
        rows, cursor = selectors.items_after(items, after=after, limit=PAGE)
        return Response({"results": shapes.ItemSerializer(rows, many=True).data, "next": cursor})


class ItemDetail(APIView):
    """One item with its history."""

    @extend_schema(operation_id="reviews_item", responses=shapes.ItemDetailSerializer)
    def get(self, request: Request, item_id: UUID) -> Response:
        return _item(selectors.get_item_for(actor=acting(request._request), item_id=item_id))


class Decide(APIView):
    """Decide about an item; deciding again adds to its history."""

    @extend_schema(
        operation_id="reviews_decide",
        request=shapes.DecideSerializer,
        responses=shapes.ItemDetailSerializer,
    )
    def post(self, request: Request, item_id: UUID) -> Response:
        given = read_body(shapes.DecideSerializer, request)
        return _item(
            services.decide(
                actor=acting(request._request), item_id=item_id, now=database_now(), **given
            )
        )


class Retry(APIView):
    """Try a failed revocation again."""

    @extend_schema(
        operation_id="reviews_retry", request=None, responses=shapes.ItemDetailSerializer
    )
    def post(self, request: Request, item_id: UUID) -> Response:
        actor = acting(request._request)
        return _item(services.retry_item(actor=actor, item_id=item_id, now=database_now()))


class Finish(APIView):
    """See what signing would do; sign."""

    @extend_schema(operation_id="reviews_finish_preview", responses=shapes.PreviewSerializer)
    def get(self, request: Request, campaign_id: UUID) -> Response:
        preview = selectors.preview_finish(_campaign(request, campaign_id))
        return Response(shapes.PreviewSerializer(preview).data)

    @extend_schema(
        operation_id="reviews_finish",
        request=shapes.SignSerializer,
        responses=shapes.StandingSerializer,
    )
    def post(self, request: Request, campaign_id: UUID) -> Response:
        given = read_body(shapes.SignSerializer, request)
        actor = acting(request._request)
        return _standing(
            services.sign_review(actor=actor, campaign_id=campaign_id, now=database_now(), **given)
        )


class Close(APIView):
    """Close a review some of whose revocations are not proven."""

    @extend_schema(
        operation_id="reviews_close",
        request=shapes.NoteSerializer,
        responses=shapes.StandingSerializer,
    )
    def post(self, request: Request, campaign_id: UUID) -> Response:
        given = read_body(shapes.NoteSerializer, request)
        actor = acting(request._request)
        return _standing(
            services.close_with_exceptions(
                actor=actor, campaign_id=campaign_id, now=database_now(), **given
            )
        )


def _campaign(request: Request, campaign_id: UUID) -> Campaign:
    return selectors.get_campaign_for(actor=acting(request._request), campaign_id=campaign_id)


def _standing(campaign: Campaign, *, status: int = 200) -> Response:
    told = {"campaign": campaign, "progress": selectors.progress_of(campaign)}
    return Response(shapes.StandingSerializer(told).data, status=status)


def _item(item: Item) -> Response:
    told = {"item": item, "history": selectors.list_decisions(item)}
    return Response(shapes.ItemDetailSerializer(told).data)
