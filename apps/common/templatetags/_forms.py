"""Forms: plain Django forms and hand-written fields look and behave the same.

Each field has a label, a line of help, and its error beside it, tied by `aria-describedby`; what
was typed stays.
"""

from collections.abc import Iterable
from typing import Any

from django.forms import BoundField, CheckboxInput, RadioSelect
from django.template import TemplateSyntaxError

from apps.common.errors import DomainError
from apps.common.templatetags._library import register

BUTTONS = ("primary", "quiet", "danger")
Option = tuple[str, str]
Group = tuple[str, list[Option]]  # a heading and its options, as Django's choices write groups


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, help: str = "", **more: object) -> dict[str, Any]:
    """A field of a Django form; other keyword arguments become attributes of its control."""
    line = help or bound.help_text
    identity = bound.id_for_label or bound.auto_id
    attributes: dict[str, Any] = {"class": "c-input", **_dashed(more)}
    described = _described(identity, help=line, error=bool(bound.errors))
    if described:
        attributes["aria-describedby"] = described
    if bound.errors:
        attributes["aria-invalid"] = "true"
    kind = type(bound.field.widget)
    shape = "line"
    if issubclass(kind, CheckboxInput):
        shape, attributes["class"] = "tick", "c-tick"
    elif issubclass(kind, RadioSelect):
        shape = "group"
        del attributes["class"]
    control = bound.as_widget(attrs=attributes)
    shown = {"id": identity, "label": bound.label, "help": line, "errors": list(bound.errors)}
    return {**shown, "control": control, "shape": shape, "required": bound.field.required}


@register.inclusion_tag("components/input.html")
def text_input(
    name: str,
    label: str,
    value: object = "",
    error: object = None,
    *,
    help: str = "",
    type: str = "text",
    required: bool = True,
    **attributes: object,
) -> dict[str, Any]:
    """A hand-written line of input; `error` is a `DomainError`, a text or nothing."""
    shown = {"name": name, "label": label, "value": value, "type": type}
    return {**shown, **_around(name, error=error, help=help, required=required, more=attributes)}


@register.inclusion_tag("components/textarea.html")
def text_area(
    name: str,
    label: str,
    value: object = "",
    error: object = None,
    *,
    help: str = "",
    rows: int = 4,
    required: bool = True,
    **attributes: object,
) -> dict[str, Any]:
    """A hand-written field for sentences."""
    shown = {"name": name, "label": label, "value": value, "rows": rows}
    return {**shown, **_around(name, error=error, help=help, required=required, more=attributes)}


@register.inclusion_tag("components/choice.html")
def choice(
    name: str,
    label: str,
    options: Iterable[Option | Group],
    value: object = "",
    error: object = None,
    *,
    help: str = "",
    blank: str = "",
    required: bool = True,
    **attributes: object,
) -> dict[str, Any]:
    """A hand-written choice of one. `options` are (value, words), as `TextChoices.choices` gives,
    or (heading, options); `blank` words a first option without value."""
    shown: dict[str, Any] = {"name": name, "label": label, "value": str(value), "blank": blank}
    shown["groups"] = [_group(option) for option in options]
    return {**shown, **_around(name, error=error, help=help, required=required, more=attributes)}


@register.inclusion_tag("components/code.html")
def code_input(
    error: object = None,
    *,
    label: str = "Code from your authenticator app",
    name: str = "code",
    help: str = "Six digits. Each code works once.",
    autofocus: bool = False,
    digits_only: bool = True,
) -> dict[str, Any]:
    """The one-time code that a decision asks for. Never keeps what was typed: codes work once."""
    shown = {"name": name, "label": label, "autofocus": autofocus, "digits_only": digits_only}
    return {**shown, **_around(name, error=error, help=help, required=True, more={})}


@register.inclusion_tag("components/form_errors.html")
def form_errors(source: object) -> dict[str, Any]:
    """What is wrong with a form as a whole: a Django form, or a `DomainError` naming no field."""
    if isinstance(source, DomainError):
        return {"errors": [] if source.field else [source.message]}
    non_field = getattr(source, "non_field_errors", None)
    return {"errors": list(non_field()) if callable(non_field) else []}


@register.inclusion_tag("components/button.html")
def button(
    words: str,
    *,
    kind: str = "primary",
    url: str = "",
    icon: str = "",
    name: str = "",
    value: object = "",
    confirm: str = "",
    key: str = "",
) -> dict[str, object]:
    """A link when it has a `url`, else the submit button of the form around it."""
    _check_kind(kind)
    shown = {"words": words, "kind": kind, "url": url, "icon": icon, "name": name}
    return {**shown, "value": value, "confirm": confirm, "key": key}


@register.inclusion_tag("components/post_button.html", takes_context=True)
def post_button(
    context: dict[str, Any],
    words: str,
    url: str,
    *,
    kind: str = "quiet",
    icon: str = "",
    confirm: str = "",
    key: str = "",
    **hidden: object,
) -> dict[str, object]:
    """A whole POST form with one button; other keyword arguments become hidden fields."""
    _check_kind(kind)
    shown = {"words": words, "kind": kind, "action": url, "icon": icon, "confirm": confirm}
    return {**shown, "key": key, "hidden": hidden, "csrf_token": context.get("csrf_token")}


def _group(option: Option | Group) -> tuple[str, list[Option]]:
    first, rest = option
    return (first, rest) if isinstance(rest, list) else ("", [(first, rest)])


def _check_kind(kind: str) -> None:
    if kind not in BUTTONS:
        raise TemplateSyntaxError(f"{kind!r} is no button: use {', '.join(BUTTONS)}")


def _around(
    name: str,
    *,
    error: object,
    help: str,
    required: bool,
    more: dict[str, object],
) -> dict[str, Any]:
    words = _error_words(name, error)
    identity = f"id_{name}"
    return {
        "id": identity,
        "help": help,
        "errors": [words] if words else [],
        "required": required,
        "described": _described(identity, help=help, error=bool(words)),
        "attributes": _dashed(more),
    }


def _dashed(attributes: dict[str, object]) -> dict[str, object]:
    return {key.replace("_", "-"): value for key, value in attributes.items()}


def _error_words(name: str, error: object) -> str:
    if isinstance(error, DomainError):
        return error.message if error.field == name else ""
    if isinstance(error, dict):
        return str(error.get(name, "") or "")
    return str(error or "")


def _described(identity: str, *, help: object, error: bool) -> str:
    parts = [f"{identity}-help"] if help else []
    return " ".join(parts + ([f"{identity}-error"] if error else []))
