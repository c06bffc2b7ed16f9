"""Everything that the ledger can tell of has words that people read."""

from django.apps import apps
from django.db.models.constants import LOOKUP_SEP

from apps.custody.fields import SealedField
from apps.ledger import registry


def test_every_model_has_words_for_the_ledgers_pages() -> None:
    """A new model needs a line in `things=` of its app's actions.py: what do people call it?"""
    models = {
        model._meta.label_lower
        for config in apps.get_app_configs()
        if config.name.startswith("apps.") and config.label != "sandbox"
        for model in config.get_models()
    }
    unnamed = models - set(registry.all_things())
    assert len(models) > 20
    assert not unnamed, f"say what people call these, in their app's actions.py: {unnamed}"


def test_every_action_stands_under_the_words_of_an_area() -> None:
    grouped = registry.actions_by_area()
    assert {action for _, rows in grouped for action, _ in rows} == set(registry.all_actions())
    apps_without_words = {app.capitalize() for app in ("breakglass", "llm", "crm")}
    assert not apps_without_words & {area for area, _ in grouped}


def test_what_lists_name_things_by_is_a_column_that_rests_in_the_clear() -> None:
    columns = registry.all_columns_of_names()
    assert columns.keys() <= registry.all_things().keys()
    for thing, column in columns.items():
        model = apps.get_model(thing)
        *ways, last = column.split(LOOKUP_SEP)
        for way in ways:
            model = model._meta.get_field(way).related_model
        assert not isinstance(model._meta.get_field(last), SealedField)
