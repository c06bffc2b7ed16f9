"""The acts that may be recorded, each with the sentence that people read."""

_actions: dict[str, str] = {}


def register(actions: dict[str, str]) -> None:
    """Declare an app's actions: `app.noun.past_tense` to words for people."""
    for action, words in actions.items():
        if action.count(".") != 2:
            raise ValueError(f"{action!r} is not of the form app.noun.past_tense")
        if _actions.get(action, words) != words:
            raise ValueError(f"{action!r} is registered twice with different words")
        _actions[action] = words


def is_registered(action: str) -> bool:
    """Whether some app declared this action."""
    return action in _actions


def words_for(action: str) -> str:
    """The sentence people read; the action's own name when an old entry's was retired."""
    return _actions.get(action, action)


def all_actions() -> dict[str, str]:
    """Every declared action with its words."""
    return dict(_actions)
