"""Lists page by key, never by offset: stable under inserts, and nothing is counted."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class KeysetPagination(CursorPagination):
    """In the order in which the selector gave the rows; `page_size` up to 200.

    That order names columns only and ends with one that tells equal rows apart.
    """

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_ordering(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> tuple[str, ...]:
        """DRF's default is one order for all lists, whatever the selector said."""
        return tuple(map(str, queryset.query.order_by)) or ("-id",)
