"""Words for the codes in an event's data, from where the apps keep them: nothing is said twice.

A code is a choice of a model's field, a permission, one that an app registered, or a decision that
ends in a recorded act.
Events outlive models: what has no words any more is shown as it was recorded.
"""

from functools import lru_cache

from django.apps import apps
from django.db.models import Model

from apps.ledger import registry
from apps.ledger.spool import trouble


@lru_cache(maxsize=1024)
def words_of(key: str, code: str, *, target_type: str, action: str) -> str:
    """What people call `code` under `key` of an event's data; empty when nobody says.

    The target's own field speaks first, then the fields of that name (`end_reason` for `reason`)
    of the acting app, where all that know the code agree.
    """
    if target_type == "spool" and key == "why":
        return trouble.words_of(code)
    own = _said_by(_model(target_type), key, code)
    if len(own) == 1:
        return own.pop()
    said: set[str] = set()
    for model in _models(action.partition(".")[0]):
        said |= _said_by(model, key, code)
    if len(said) == 1:
        return said.pop()
    return registry.words_of_code(code) or registry.words_of_decision(code)


def _model(target_type: str) -> type[Model] | None:
    try:
        return apps.get_model(target_type)
    except (LookupError, ValueError):
        return None


def _models(app: str) -> list[type[Model]]:
    try:
        return list(apps.get_app_config(app).get_models())
    except LookupError:
        return []


def _said_by(model: type[Model] | None, key: str, code: str) -> set[str]:
    if model is None:
        return set()
    found = {
        str(words)
        for field in model._meta.fields
        if field.name == key or field.name.endswith(f"_{key}")
        for value, words in field.flatchoices
        if value == code
    }
    return found | {words for name, words in model._meta.permissions if name == code}
