"""What everyone must remember, enumerated: files, tables, actions, tasks and routes."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from apps.common import powers
from apps.common.models import TenantOwned
from apps.common.routes import PASSWORD_ONLY, PUBLIC, VERIFIED
from apps.ledger import registry
from console.celery import app
from tests.architecture.routes import METHODS, Route, all_routes

ROOT = Path(settings.BASE_DIR)
SOURCES = [
    path
    for folder in ("apps", "console", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "migrations" not in path.parts
]
LONGEST_FILE, LONGEST_FUNCTION = 500, 60
ONE_FILE = {"apps/ledger/verify.py": 720}  # all that an auditor has to carry, in one piece
KNOWN_POLICIES = {PUBLIC, PASSWORD_ONLY, VERIFIED, *powers.WORDS}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_files_stay_small() -> None:
    lines = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in SOURCES}
    assert {
        name: count for name, count in lines.items() if count > ONE_FILE.get(name, LONGEST_FILE)
    } == {}


def test_functions_stay_small() -> None:
    lines = {
        f"{name_of(path)}:{node.lineno} {node.name}": _lines(node)
        for path in SOURCES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: count for name, count in lines.items() if count > LONGEST_FUNCTION} == {}


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _tenant_tables() -> list[str]:
    return sorted(
        model._meta.db_table for model in apps.get_models() if issubclass(model, TenantOwned)
    )


def test_every_tenant_table_is_shut_in_the_database(db: None) -> None:
    tables = _tenant_tables()
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class"
            " where relname = any(%s) and relrowsecurity and relforcerowsecurity",
            [tables],
        )
        shut = {name for (name,) in cursor.fetchall()}
    assert tables and set(tables) - shut == set(), "call rls.isolate in a migration"


@pytest.mark.parametrize("table", _tenant_tables())
def test_no_foreign_key_can_leave_the_tenant(db: None, table: str) -> None:
    """Each reference from one tenant table to another has a twin that includes the tenant."""
    model = next(m for m in apps.get_models() if m._meta.db_table == table)
    targets = {
        field.column
        for field in model._meta.concrete_fields
        if field.is_relation
        and isinstance(field.related_model, type)
        and issubclass(field.related_model, TenantOwned)
    }
    with connection.cursor() as cursor:
        cursor.execute(_TWINS, [table])
        guarded = {column for (column,) in cursor.fetchall()}
    assert targets <= guarded, f"{table}: add refs to rls.isolate for {targets - guarded}"


_TWINS = """
    select a.attname from pg_constraint c
    join pg_class t on t.oid = c.conrelid
    join unnest(c.conkey) k on true
    join pg_attribute a on a.attrelid = t.oid and a.attnum = k
    where c.contype = 'f' and t.relname = %s and array_length(c.conkey, 1) = 2
"""


def _recorded_actions() -> Iterator[tuple[str, str]]:
    for path in SOURCES:
        if path.parts[len(ROOT.parts)] != "apps":
            continue
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.keyword) or node.arg != "action":
                continue
            if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
                yield name_of(path), node.value.value


def test_every_recorded_action_is_registered() -> None:
    unknown = [
        (where, action)
        for where, action in _recorded_actions()
        if action.count(".") == 2 and not registry.is_registered(action)
    ]
    assert unknown == []


def test_every_registered_action_is_recorded_somewhere() -> None:
    """An action that nothing records is a promise without proof."""
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in SOURCES
        if path.name != "actions.py" and "apps" in path.parts
    )
    assert [action for action in registry.all_actions() if f'"{action}"' not in text] == []


def _enqueued() -> Iterator[tuple[str, str]]:
    for path in SOURCES:
        for node in ast.walk(tree_of(path)):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) == "enqueue"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                yield name_of(path), str(node.args[0].value)


def test_every_enqueued_task_exists() -> None:
    app.loader.import_default_modules()
    assert [row for row in _enqueued() if row[1] not in app.tasks] == []
    scheduled = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    assert [name for name in scheduled if name not in app.tasks] == []


@pytest.mark.parametrize("route", list(all_routes()), ids=str)
def test_every_route_names_a_policy(route: Route) -> None:
    named = {route.policy(method) for method in METHODS} - {None}
    assert named, f"{route}: register it with apps.common.routes.route(…, policy=…)"
    assert named <= KNOWN_POLICIES, f"{route}: {named - KNOWN_POLICIES} is no policy"


def test_no_model_orders_its_rows_by_itself() -> None:
    """An order of a model's own sorts each query, also those that count or join; selectors say."""
    own = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
    assert len(own) > 50
    assert [model._meta.label for model in own if model._meta.ordering] == []
