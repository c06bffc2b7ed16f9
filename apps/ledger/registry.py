"""The acts that may be recorded and the things they are about, with the words people read."""

from collections.abc import Mapping

_actions: dict[str, str] = {}
_areas: dict[str, str] = {}
_things: dict[str, str] = {}
_columns: dict[str, str] = {}
_codes: dict[str, str] = {}


def register(
    actions: Mapping[str, str],
    *,
    area: str = "",
    things: Mapping[str, str] | None = None,
    named: Mapping[str, str] | None = None,
    codes: Mapping[str, str] | None = None,
) -> None:
    """Declare an app's actions: `app.noun.past_tense` to words for people.

    `area` heads them in lists; `things` says what each of the app's models is called
    (`crm.connection` to "org"), and `named` which of its columns every reader of the ledger may see
    as the thing's name (`crm.connection` to `name`). `codes` says what the data of its events means
    by codes that are no choices of a model. Raises `ValueError` for a malformed name or a second
    meaning.
    """
    for action, words in actions.items():
        if action.count(".") != 2:
            raise ValueError(f"{action!r} is not of the form app.noun.past_tense")
        _say_once(_actions, action, words)
        if area:
            _areas[action.partition(".")[0]] = area
    for thing, words in (things or {}).items():
        _say_once(_things, thing, words)
    for thing, column in (named or {}).items():
        _say_once(_columns, thing, column)
    for code, words in (codes or {}).items():
        _say_once(_codes, code, words)


def _say_once(said: dict[str, str], name: str, words: str) -> None:
    if said.setdefault(name, words) != words:
        raise ValueError(f"{name!r} is registered twice with different words")


def is_registered(action: str) -> bool:
    """Whether some app declared this action."""
    return action in _actions


def words_for(action: str) -> str:
    """The sentence people read; the action's own name when an old entry's was retired."""
    return _actions.get(action, action)


def words_of_decision(code: str) -> str:
    """The words of the one act that a decision ends in (`tenancy.member.add` in
    `tenancy.member.added`); empty when no act or more than one begins with its name."""
    found = {words for action, words in _actions.items() if action.startswith(code)}
    return found.pop() if code.count(".") == 2 and len(found) == 1 else ""


def words_of_code(code: str) -> str:
    """What a code in an event's data means; empty when no app says."""
    return _codes.get(code, "")


def thing_words(target_type: str) -> str:
    """What people call a target type; the end of its own name when it was retired."""
    return _things.get(target_type, target_type.rpartition(".")[2])


def column_of_name(target_type: str) -> str:
    """The column that names such a thing; empty for one that lists show by its id."""
    return _columns.get(target_type, "")


def all_columns_of_names() -> dict[str, str]:
    """Every target type that lists show by a name, with the column that holds it."""
    return dict(_columns)


def area_words(app: str) -> str:
    """What heads an app's actions in lists; empty for an app that declared none."""
    return _areas.get(app, "")


def all_actions() -> dict[str, str]:
    """Every declared action with its words."""
    return dict(_actions)


def all_things() -> dict[str, str]:
    """Every declared target type with its words."""
    return dict(_things)


def actions_by_area() -> list[tuple[str, list[tuple[str, str]]]]:
    """Actions grouped under their area's words, both in the order of their words."""
    grouped: dict[str, list[tuple[str, str]]] = {}
    for action, words in _actions.items():
        app = action.partition(".")[0]
        grouped.setdefault(_areas.get(app, app.capitalize()), []).append((action, words))
    return [(area, sorted(grouped[area], key=lambda pair: pair[1])) for area in sorted(grouped)]
