"""Attacks on the caller's address: headers that claim another, with and without a proxy."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from apps.common.proxies import CallerAddress

PROXIES = ["10.0.0.0/8", "::1/128"]


def _seen(peer: str, forwarded: str) -> str:
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    return CallerAddress(_tell)(request).content.decode()


def _tell(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.META["REMOTE_ADDR"])


def test_without_a_named_proxy_nobody_is_believed() -> None:
    assert _seen("203.0.113.9", "192.0.2.1") == "203.0.113.9"


@pytest.mark.parametrize(
    ("peer", "forwarded", "counts"),
    [
        ("10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("10.1.2.3", "192.0.2.1, 203.0.113.9", "203.0.113.9"),  # the left one is the caller's claim
        ("10.1.2.3", "192.0.2.1, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
        ("203.0.113.7", "192.0.2.1", "203.0.113.7"),  # came past the proxy
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("10.1.2.3", "192.0.2.1, nonsense", ""),
        ("10.1.2.3", "10.1.2.3", ""),
        ("", "203.0.113.9", ""),
    ],
)
def test_behind_named_proxies_the_first_stranger_from_the_right_counts(
    settings: Settings, peer: str, forwarded: str, counts: str
) -> None:
    settings.PROXIES = PROXIES
    assert _seen(peer, forwarded) == counts
