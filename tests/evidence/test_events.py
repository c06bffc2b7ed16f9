"""The event lists keep every byte, disarm formulas, and add up to the RFC 6962 root."""

import csv
import io
import json
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.evidence.pack import canonical
from apps.evidence.pack.events import iterate_lines, split_line, write_csv, write_events
from apps.ledger.merkle import leaf_hash, root_of
from tests.evidence import made_up

# RFC 6962 test vectors of the certificate-transparency project: roots of the first n inputs.
_INPUTS = [
    "", "00", "10", "2021", "3031", "40414243",
    "5051525354555657", "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize("size", sorted(_ROOTS))
def test_the_root_agrees_with_the_published_vectors(size: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(text)) for text in _INPUTS[:size]]
    assert root_of(leaves).hex() == _ROOTS[size]


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert root_of([]) == sha256(b"").digest()


def test_every_body_comes_back_byte_for_byte() -> None:
    bodies = [canonical.dumps({"text": '","leaf":"' + "0" * 64 + '"}\n\u2028é😀'}), b"{}"]
    bodies += list(made_up.bodies(5))
    lists = write_events(bodies)
    read = [split_line(line) for line in iterate_lines(lists.jsonl)]
    assert [body for body, _ in read] == bodies
    assert all(leaf == leaf_hash(body).hex().encode() for body, leaf in read)
    assert all(isinstance(json.loads(line), dict) for line in lists.jsonl.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\u00a0=1",
        "\uff1d1",
        "|x",
        "%x",
    ],
)
def test_no_cell_opens_a_formula(text: str) -> None:
    lists = write_events([canonical.dumps({"action": text, text: "name"})])
    rows = list(csv.reader(io.StringIO(lists.csv.decode("utf-8-sig"), newline="")))
    assert "'" + text in rows[0]
    assert "'" + text in rows[1]


def test_a_spreadsheet_row_is_named_by_its_line_and_leaf() -> None:
    body = canonical.dumps({"recorded_at": "2026-01-01", "action": "a.b.c", "n": -5, "x": [1]})
    rows = list(csv.reader(io.StringIO(write_events([body]).csv.decode("utf-8-sig"))))
    assert rows == [
        ["line", "recorded_at", "action", "n", "x", "leaf"],
        ["1", "2026-01-01", "a.b.c", "-5", "[1]", leaf_hash(body).hex()],
    ]


def test_a_name_that_comes_late_has_its_column_in_every_row() -> None:
    bodies = [canonical.dumps({"action": "a"}), canonical.dumps({"action": "b", "n": {"x": 1.5}})]
    lists = write_events(bodies)
    rows = list(csv.reader(io.StringIO(lists.csv.decode("utf-8-sig"))))
    assert [row[:3] for row in rows] == [
        ["line", "action", "n"],
        ["1", "a", ""],
        ["2", "b", '{"x":1.5}'],
    ]
    assert lists.csv == write_csv(lists.jsonl, {"action", "n"})


@given(st.lists(st.dictionaries(st.text("ab"), st.text(st.characters(codec="utf-8"))), min_size=1))
def test_a_spreadsheet_is_what_the_csv_module_would_write(events: list[dict[str, str]]) -> None:
    lists = write_events(map(canonical.dumps, events))
    rows = list(csv.reader(io.StringIO(lists.csv.decode("utf-8-sig"), newline="")))
    again = io.StringIO(newline="")
    csv.writer(again, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    assert again.getvalue().encode("utf-8") == lists.csv.removeprefix(b"\xef\xbb\xbf")


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=8,
)  # fmt: skip


@settings(deadline=None)  # time says nothing here, and machines are busy
@given(st.dictionaries(st.text(st.characters(codec="utf-8")), _VALUES))
def test_canonical_bytes_are_accepted_and_any_other_spelling_refused(value: dict) -> None:  # type: ignore[type-arg]
    raw = canonical.dumps(value)
    assert canonical.dumps(canonical.load_object(raw)) == raw
    with pytest.raises(canonical.NotCanonical):
        canonical.load_object(raw + b" ")
