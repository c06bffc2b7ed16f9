"""The gate has asked the route's policy; DRF only confirms that it did."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class RoutePolicy(BasePermission):
    """No call that did not pass the gate."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request._request.__dict__.get("gate_passed"))
