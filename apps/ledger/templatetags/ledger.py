"""The path of a thing, for its own page: `{% load ledger %}{% ledger_path pack %}`."""

from typing import Any

from django import template
from django.db import models

from apps.common import powers
from apps.ledger import registry, selectors
from apps.ledger.names import names_of
from apps.ledger.spool.marks import mark_of

register = template.Library()
LONGEST = 50


@register.inclusion_tag("ledger/path.html", takes_context=True)
def ledger_path(context: dict[str, Any], target: models.Model) -> dict[str, Any]:
    """What was recorded about `target`, oldest first; links for those who may read the ledger."""
    rows = list(selectors.list_path_of(target)[:LONGEST])
    names = names_of(row.actor for row in rows)
    steps = [
        {
            "row": row,
            "words": registry.words_for(row.action),
            "who": names[row.actor],
            "spooled": mark_of(row),
        }
        for row in rows
    ]
    held: frozenset[str] = getattr(context.get("request"), "powers", frozenset())
    return {"steps": steps, "may_read": powers.READ_LEDGER in held}
