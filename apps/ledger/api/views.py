"""The ledger over the API: events, and one event with its bytes."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.clock import database_now
from apps.ledger import registry, selectors
from apps.ledger.keyset import page_of
from apps.ledger.models import Event
from apps.ledger.search import Search, read_search


class EventSerializer(serializers.Serializer[Event]):
    """An event as recorded. `body` is its canonical text (RFC 8785), `leaf` its RFC 6962 hash."""

    id = serializers.UUIDField()
    action = serializers.CharField()
    words = serializers.SerializerMethodField()
    thing = serializers.SerializerMethodField()
    actor = serializers.CharField()
    target_type = serializers.CharField()
    target_id = serializers.CharField()
    at = serializers.DateTimeField()
    body = serializers.SerializerMethodField()
    leaf = serializers.SerializerMethodField()

    def get_words(self, event: Event) -> str:
        return registry.words_for(event.action)

    def get_thing(self, event: Event) -> str:
        return registry.thing_words(event.target_type)

    def get_body(self, event: Event) -> str:
        return bytes(event.body).decode()

    def get_leaf(self, event: Event) -> str:
        return bytes(event.leaf).hex()


class EventPageSerializer(serializers.Serializer[Any]):
    """A page; pass `next` as `before` for the older ones, `previous` as `after` for the newer."""

    results = EventSerializer(many=True)
    next = serializers.CharField(allow_blank=True)
    previous = serializers.CharField(allow_blank=True)


class EventList(APIView):
    """Events of the token's tenant, newest first."""

    @extend_schema(
        operation_id="ledger_events_list",
        parameters=[OpenApiParameter(name, str) for name in (*Search.__slots__, "before", "after")],
        responses=EventPageSerializer,
    )
    def get(self, request: Request) -> Response:
        search = read_search(request._request.GET)
        shown = page_of(
            search.events(now=database_now()),
            before=request.query_params.get("before", ""),
            after=request.query_params.get("after", ""),
        )
        results = [EventSerializer(row).data for row in shown.rows]
        return Response({"results": results, "next": shown.older, "previous": shown.newer})


class EventDetail(APIView):
    """One event."""

    @extend_schema(operation_id="ledger_events_read", responses=EventSerializer)
    def get(self, request: Request, event_id: UUID) -> Response:
        return Response(EventSerializer(selectors.get_event(event_id=event_id)).data)
