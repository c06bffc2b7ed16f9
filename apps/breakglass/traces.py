"""Where the ledger tells of an emergency: beside the request stand its token and its signatures."""

import re
from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from apps.breakglass.models import Request
from apps.ledger.kin import MOST_TRACES, Trace, find_kin_with

RECORD_ID = re.compile(r"[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?")


def find(thing: str) -> Iterator[Trace]:
    """The token of a request; the requests whose scope names a record, where they read it."""
    if RECORD_ID.fullmatch(thing):
        rows = Request.objects.annotate(asked=Cast("scope", TextField()))
        named = rows.filter(asked__contains=thing).order_by("-created_at")
        for request_id in named.values_list("pk", flat=True)[:MOST_TRACES]:
            yield Trace(str(request_id), naming=thing)
        return
    try:
        request = Request.objects.filter(Q(pk=UUID(thing))).first()
    except ValueError:
        return
    if request is not None and request.token_id is not None:
        yield Trace(str(request.token_id))


find_kin_with(find)
