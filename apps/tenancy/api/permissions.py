"""The gate has asked the route's policy; DRF only confirms that it did."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:  # DRF's views load this class while they are being loaded themselves
    from rest_framework.views import APIView


class RoutePolicy(BasePermission):
    """No call that did not pass the gate."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return bool(request._request.__dict__.get("gate_passed"))
