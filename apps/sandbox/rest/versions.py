"""The versions that the org serves and the root of each."""

import re

from apps.sandbox.errors import ApiError, not_found
from apps.sandbox.oauth.tokens import identity_url
from apps.sandbox.rest.context import Context
from apps.sandbox.wire import Answer

OLDEST, NEWEST = 31, 67
_VERSION = re.compile(r"v(\d+)\.0")
_SEASONS = ("Spring", "Summer", "Winter")
_SPRING_21 = 51


def version_list() -> Answer:
    return Answer(body=[_version(number) for number in range(OLDEST, NEWEST + 1)])


def _version(number: int) -> dict[str, str]:
    cycle, season = divmod(number - _SPRING_21, len(_SEASONS))
    year = 21 + cycle + (1 if _SEASONS[season] == "Winter" else 0)
    return {
        "label": f"{_SEASONS[season]} '{year:02d}",
        "url": f"/services/data/v{number}.0",
        "version": f"{number}.0",
    }


def check_version(text: str) -> None:
    """Raises ApiError 410 for a retired version and 404 for one that never was."""
    match = _VERSION.fullmatch(text)
    if match is None or int(match[1]) > NEWEST:
        raise not_found()
    if int(match[1]) < OLDEST:
        raise ApiError(410, "UNSUPPORTED_API_VERSION", "This API version has been retired.")


def root(context: Context) -> Answer:
    names = ("tooling", "composite", "sobjects", "query", "queryAll", "limits")
    body = {name: f"{context.base}/{name}" for name in names}
    body["identity"] = identity_url(context.org, context.session.user)
    return Answer(body=body)
