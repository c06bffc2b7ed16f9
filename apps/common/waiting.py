"""Pages that wait for a worker: they ask for themselves again until there is something to show."""

from django.http import HttpRequest, HttpResponse


def is_asking_again(request: HttpRequest) -> bool:
    """Whether a waiting page asks, by htmx, whether there is news."""
    return request.method == "GET" and "HX-Request" in request.headers


def still_waits() -> HttpResponse:
    """Nothing to show yet: htmx leaves the page as it is and asks again."""
    return HttpResponse(status=204)


def come_again() -> HttpResponse:
    """There is news: the page is to load itself anew."""
    return HttpResponse(headers={"HX-Refresh": "true"})
