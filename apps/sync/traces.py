"""Where the ledger tells of a record or a prompt: in the events of the runs that handled it."""

import re
from collections.abc import Iterator

from django.db.models import Q

from apps.ledger.kin import MOST_TRACES, Trace, find_kin_with
from apps.sync.models import RunItem

ID_OR_FINGERPRINT = re.compile(r"[a-zA-Z0-9]{15,18}|[0-9a-f]{64}")


def find(thing: str) -> Iterator[Trace]:
    """Runs that settled the Salesforce record of this id, or sent the prompt of this fingerprint.

    The event of a record bears the instant at which its row was kept.
    """
    if not ID_OR_FINGERPRINT.fullmatch(thing):
        return
    items = RunItem.objects.filter(Q(record_id=thing) | Q(fingerprint=thing)).order_by("-at")
    for run_id, at in items.values_list("run_id", "at")[:MOST_TRACES]:
        yield Trace(str(run_id), at=at)


find_kin_with(find)
