"""What every process of a host does about its spool, once a minute and at its end.

A spool lies on the disk of the host that wrote it, so it is drained there: by any process that
serves, by the scheduled task where it runs, or by `manage.py ledger_spool --drain`.
"""

import logging

from django.conf import settings
from django.db import DatabaseError

from apps.common.scope import scoped
from apps.ledger.errors import NotRecorded
from apps.ledger.models import Receipt
from apps.ledger.spool import draining, preparing, writing

log = logging.getLogger(__name__)


def mind_spool() -> draining.Drained:
    """Prepare, drain, and tell of files that are gone. What fails is logged and tried again."""
    if not settings.LEDGER_SPOOL:
        return draining.Drained()
    try:
        preparing.prepare_host()
        done = draining.drain_host()
        tell_vanished()
    except (NotRecorded, DatabaseError, OSError) as failure:
        log.warning("the spool waits: %s", type(failure).__name__)
        return draining.Drained()
    return done


def tell_vanished() -> None:
    """Acknowledge what this process spooled into files that are gone: the ledger misses by number
    what no drain has recorded (`completeness.py`)."""
    for tenant_id, spool, number in writing.take_vanished():
        if number:
            with scoped(tenant_id=tenant_id):
                Receipt.objects.create(
                    source_id=spool, name="spool", acknowledged=[[1, number]], ends=True
                )
