"""What gunicorn's workers do beside serving: `gunicorn console.wsgi --config python:console.web`"""

from typing import Any


def post_worker_init(worker: Any) -> None:
    """Tell the ledger, every minute, which events this process saw committed."""
    from apps.ledger.receipts import start_telling  # noqa: PLC0415  apps are loaded by now

    start_telling("web")
