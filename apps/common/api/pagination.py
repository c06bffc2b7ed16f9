"""Lists page by key, never by offset: stable under inserts, and nothing is counted."""

from rest_framework.pagination import CursorPagination


class KeysetPagination(CursorPagination):
    """Newest first unless the view says otherwise; `page_size` up to 200."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "-id"
