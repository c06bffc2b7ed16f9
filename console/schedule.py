"""What the scheduler starts by itself, and how often."""

from datetime import timedelta
from typing import Any

from celery.schedules import crontab

EVERY_TASK: dict[str, dict[str, Any]] = {
    "watch-ledger": {"task": "ledger.watch_tenants", "schedule": timedelta(minutes=1)},
    "drain-spool": {"task": "ledger.drain_spool", "schedule": timedelta(minutes=1)},
    "make-ledger-partitions": {"task": "ledger.make_partitions", "schedule": timedelta(days=1)},
    "resume-work-on-keys": {"task": "custody.sweep_tenants", "schedule": timedelta(minutes=1)},
    "end-overdue-grants": {"task": "breakglass.sweep_tenants", "schedule": timedelta(seconds=5)},
    "finish-changes": {"task": "changes.sweep_tenants", "schedule": timedelta(minutes=1)},
    "refresh-tokens": {"task": "crm.sweep_tenants", "schedule": timedelta(seconds=60)},
    "look-at-posture": {"task": "posture.sweep_tenants", "schedule": timedelta(minutes=1)},
    "take-event-logs": {
        "task": "crm.look_for_event_logs_of_tenants",
        "schedule": timedelta(minutes=5),
    },
    "keep-event-logs": {
        "task": "crm.keep_event_logs_of_tenants",
        "schedule": crontab(hour=3, minute=20),
    },
    "resume-stalled-revocations": {
        "task": "reviews.sweep_tenants",
        "schedule": timedelta(minutes=1),
    },
    "check-controls": {"task": "evidence.check_tenants", "schedule": crontab(hour=2, minute=40)},
    "verify-ledgers": {"task": "ledger.verify_tenants", "schedule": crontab(hour=2, minute=0)},
    "resume-stalled-runs": {"task": "sync.sweep_tenants", "schedule": timedelta(seconds=60)},
}
