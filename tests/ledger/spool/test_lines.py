"""A spool's bytes prove who wrote them, and tell which number was touched."""

import uuid
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.ledger.spool.lines import Header, Line, chain, read, signed_bytes

Lines = list[bytes]
KEY = Ed25519PrivateKey.generate()


def written(count: int = 5, signer: Ed25519PrivateKey = KEY) -> bytes:
    public = KEY.public_key().public_bytes_raw().hex()
    header = Header(uuid.uuid4(), uuid.uuid4(), public, "web-1", "2026-11-22T02:14:00+00:00")
    lines, head = [header.line()], header.start()
    for number in range(1, count + 1):
        body = b'{"event":%d}' % number
        after = chain(head, number, body)
        lines.append(Line(number, head, body, signer.sign(signed_bytes(after))).raw())
        head = after
    return b"\n".join(lines) + b"\n"


def test_what_was_written_is_read_back() -> None:
    found = read(written())
    assert [line.number for line in found.lines] == [1, 2, 3, 4, 5]
    assert (found.faults, found.torn) == ([], 0)


def test_the_last_signature_proves_all_bodies_from_the_bodies_alone() -> None:
    found = read(written())
    assert found.header
    head = found.header.start()
    for line in found.lines:
        head = chain(head, line.number, line.body)
    KEY.public_key().verify(found.lines[-1].signature, signed_bytes(head))


def _swap(lines: Lines) -> Lines:
    lines[2], lines[3] = lines[3], lines[2]
    return lines


TAMPERED: dict[str, tuple[Callable[[Lines], Lines], list[tuple[int, str]], list[int]]] = {
    "a body changed": (
        lambda ls: [*ls[:2], ls[2].replace(b"event", b"EVENT"), *ls[3:]],
        [(2, "wrong_signature")],
        [1, 3, 4, 5],
    ),
    "a number changed": (
        lambda ls: [*ls[:2], ls[2].replace(b'"n":2', b'"n":9'), *ls[3:]],
        [(2, "wrong_signature")],
        [1, 3, 4, 5],
    ),
    "a line removed": (lambda ls: [*ls[:3], *ls[4:]], [(3, "missing")], [1, 2, 4, 5]),
    "two removed": (lambda ls: [ls[0], *ls[3:]], [(1, "missing"), (2, "missing")], [3, 4, 5]),
    "a line of nonsense": (
        lambda ls: [*ls[:3], b"nonsense", *ls[4:]],
        [(3, "unreadable")],
        [1, 2, 4, 5],
    ),
    "a line twice": (lambda ls: [*ls[:3], *ls[2:]], [(2, "out_of_order")], [1, 2, 2, 3, 4, 5]),
    "two lines swapped": (_swap, [(2, "missing"), (2, "out_of_order")], [1, 3, 2, 4, 5]),
    "a header of nonsense": (lambda ls: [b"{}", *ls[1:]], [(0, "unreadable")], []),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_tampered_with_is_located(name: str) -> None:
    tamper, faults, numbers = TAMPERED[name]
    found = read(b"\n".join(tamper(written().splitlines())) + b"\n")
    assert [(fault.number, fault.reason) for fault in found.faults] == faults
    assert [line.number for line in found.lines] == numbers


def test_a_line_of_another_chain_is_told() -> None:
    mine, other = written().splitlines(), written().splitlines()
    found = read(b"\n".join([*mine[:3], other[3], *mine[4:]]) + b"\n")
    assert [(fault.number, fault.reason) for fault in found.faults] == [
        (3, "broken_chain"),
        (4, "broken_chain"),
    ]


def test_another_keys_lines_are_none() -> None:
    found = read(written(signer=Ed25519PrivateKey.generate()))
    assert found.lines == [] and len(found.faults) == 5


def test_every_cut_is_a_torn_end_and_no_fault() -> None:
    data = written(2)
    first = data.index(b"\n") + 1
    second = data.index(b"\n", first) + 1
    for end in range(len(data)):
        found = read(data[:end])
        assert not found.faults
        whole = [first <= end, second - 1 <= end, len(data) - 1 <= end]
        assert len(found.lines) == max(0, sum(whole) - 1)


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe\n[]\n", b'{"v":1}\n', b"[" * 5000 + b"\n"])
def test_nonsense_is_read_without_falling_over(data: bytes) -> None:
    assert read(data).lines == []
