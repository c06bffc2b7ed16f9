"""The parser against generated queries, and the small rules beside it."""

import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.sandbox.errors import ApiError
from apps.sandbox.ids import make_id, normal_id, to_18
from apps.sandbox.soql import tree
from apps.sandbox.soql.dates import range_of
from apps.sandbox.soql.filter import like_pattern
from apps.sandbox.soql.parse import parse
from apps.sandbox.wire import render_json

RESERVED = {"select", "from", "where", "not", "null", "true", "false"}
names = st.text(string.ascii_letters, min_size=1, max_size=12).filter(
    lambda name: name.lower() not in RESERVED
)
texts = st.text(max_size=30)
spaces = st.sampled_from([" ", "  ", "\n", "\t "])


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def any_case(word: str) -> st.SearchStrategy[str]:
    return st.sampled_from([word.lower(), word.upper(), word.title()])


@given(fields=st.lists(names, min_size=1, max_size=5), source=names, gap=spaces, data=st.data())
def test_keywords_are_read_in_any_case_and_spacing(
    fields: list[str], source: str, gap: str, data: st.DataObject
) -> None:
    select, from_ = data.draw(any_case("select")), data.draw(any_case("from"))
    query = parse(f"{select}{gap}{', '.join(fields)}{gap}{from_}{gap}X{source}")
    assert [item.path.text for item in query.items if isinstance(item, tree.Column)] == fields
    assert query.source.text == f"X{source}"


@given(text=texts)
def test_any_text_survives_quoting(text: str) -> None:
    query = parse(f"SELECT Id FROM Case WHERE Subject = {quoted(text)}")
    assert query.where == tree.Compare(tree.Path(("Subject",), 1, 27), "=", text)


@given(limit=st.integers(0, 50000), offset=st.integers(0, 2000))
def test_limit_and_offset_are_read_back(limit: int, offset: int) -> None:
    query = parse(f"SELECT Id FROM Case ORDER BY Id DESC NULLS LAST LIMIT {limit} OFFSET {offset}")
    assert (query.limit, query.offset) == (limit, offset)
    assert query.order[0].descending
    assert query.order[0].nulls_last


@given(seconds=st.integers(0, 4_000_000_000))
def test_a_datetime_is_read_back(seconds: int) -> None:
    whole = datetime.fromtimestamp(seconds, UTC)
    query = parse(f"SELECT Id FROM Case WHERE CreatedDate > {whole:%Y-%m-%dT%H:%M:%SZ}")
    assert isinstance(query.where, tree.Compare)
    assert query.where.value == whole


@given(text=st.text(max_size=60))
def test_nonsense_is_refused_and_never_breaks_the_parser(text: str) -> None:
    try:
        parse(text)
    except ApiError as error:
        assert error.code == "MALFORMED_QUERY"
        assert "ERROR at Row:" in error.message or "invalid value" in error.message


@given(prefix=st.integers(0, 60))
def test_a_query_cut_short_is_told_where(prefix: int) -> None:
    whole = "SELECT Id, Name FROM Account WHERE Name = 'x' ORDER BY Name"
    text = whole[:prefix]
    try:
        parse(text)
    except ApiError as error:
        assert error.message.startswith(f"\n{text}\n")


@given(text=texts)
def test_like_finds_the_text_it_was_made_of(text: str) -> None:
    escaped = "".join(f"\\{char}" if char in "%_\\" else char for char in text)
    assert like_pattern(escaped).fullmatch(text)
    assert like_pattern(f"%{escaped}%").fullmatch(f"before {text} after")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("SELECT Id, FROM Account", "unexpected token: 'FROM'"),
        ("SELECT Id FROM", "unexpected token: '<EOF>'"),
        ("FOO", "unexpected token: 'FOO'"),
        ("SELECT Id FROM Case WHERE A = 1 AND B = 2 OR C = 3", "unexpected token: 'OR'"),
    ],
)
def test_a_mistake_is_named(text: str, line: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse(text)
    assert caught.value.message.endswith(line)


@given(number=st.integers(1, 10**9), pod=st.sampled_from(["Ma000", "Rk000", "aBcDe"]))
def test_both_lengths_of_an_id_mean_the_same(number: int, pod: str) -> None:
    long = make_id("500", pod=pod, number=number)
    assert len(long) == 18
    assert normal_id(long[:15]) == long


def test_the_checksum_is_the_platforms() -> None:
    assert to_18("0012300000bVTq1") == "0012300000bVTq1AAG"
    assert to_18("0057e00000RmwSW") == "0057e00000RmwSWAAZ"


@given(days=st.integers(0, 400))
def test_the_last_days_begin_that_many_days_ago_and_end_with_today(days: int) -> None:
    now = datetime(2026, 3, 17, 16, 21, tzinfo=UTC)
    first, after = range_of(tree.DateLiteral("LAST_N_DAYS", days), now=now)
    assert first == datetime(2026, 3, 17, tzinfo=UTC) - timedelta(days=days)
    assert after == datetime(2026, 3, 18, tzinfo=UTC)


def test_months_cross_the_year() -> None:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    first, after = range_of(tree.DateLiteral("LAST_MONTH", None), now=now)
    assert (first.year, first.month, after.month) == (2025, 12, 1)


def test_an_unknown_date_literal_is_refused() -> None:
    with pytest.raises(ApiError):
        range_of(tree.DateLiteral("SOMEDAY", None), now=datetime(2026, 1, 5, tzinfo=UTC))


def test_spaced_json_is_written_as_the_platform_writes_it() -> None:
    value = {"id": "1", "success": True, "errors": [], "more": [{"a": None}, {"b": {}}]}
    assert render_json(value, pretty=True) == (
        '{\n  "id" : "1",\n  "success" : true,\n  "errors" : [ ],\n'
        '  "more" : [ {\n    "a" : null\n  }, {\n    "b" : { }\n  } ]\n}'
    )
