"""Whether the events stand in the organisation's signed ledger, and at which positions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from apps.evidence.pack.positions import (
    CHECKPOINT_NAME,
    KEYS_NAME,
    PROOF_NAME,
    MalformedProof,
    read_proof,
)
from apps.ledger.cover import Run, Subtree, root_from_cover
from apps.ledger.merkle import BadProof
from apps.ledger.note import BadNote, Checkpoint, Verifier, check

from .attachments import Attached
from .events import Events
from .report import Exit, Problem

FILES = (CHECKPOINT_NAME, PROOF_NAME, KEYS_NAME)


@dataclass(frozen=True)
class InLedger:
    """What the proof came to. `keys` are the verifier keys that the pack itself named; `believed`
    those that its signatures were judged by."""

    checkpoint: Checkpoint
    stretches: int
    unpositioned: int
    keys: tuple[str, ...]
    believed: tuple[Verifier, ...]


def is_proved(attached: Attached) -> bool:
    """Whether the pack brings any of the ledger's files."""
    return any(name in attached.places for name in FILES)


def check_ledger(
    attached: Attached, events: Events, trusted: Sequence[Verifier]
) -> tuple[str, InLedger]:
    """Check the checkpoint's signature and that events and cover give its root.

    `trusted` are keys obtained by another way; without them those attached are believed.
    """
    keys = _keys(_file(attached, KEYS_NAME))
    believed = tuple(trusted) or keys
    checkpoint = _checkpoint(_file(attached, CHECKPOINT_NAME), believed)
    _require_own_log(checkpoint, events)
    size, ranges, cover, loose = _proof(_file(attached, PROOF_NAME))
    if size != checkpoint.size:
        raise _problem(f"the proof is for {size:,} events, the checkpoint for {checkpoint.size:,}")
    if sum(end - start for start, end in ranges) + loose != len(events.leaves):
        raise _problem("the positions are not as many as the events")
    runs, taken = [], 0
    for start, end in ranges:
        runs.append(Run(start, events.leaves[taken : taken + end - start]))
        taken += end - start
    try:
        root = root_from_cover(runs, cover, size)
    except BadProof as error:
        raise _problem(str(error)) from error
    if root != checkpoint.root:
        raise _problem("the events do not lead to the root that the checkpoint signs")
    found = InLedger(checkpoint, len(ranges), loose, tuple(map(str, keys)), believed)
    return _words(ranges, found), found


def _words(ranges: Sequence[tuple[int, int]], found: InLedger) -> str:
    count = sum(end - start for start, end in ranges)
    log = f"the signed ledger {found.checkpoint.origin} of {found.checkpoint.size:,} events"
    if not ranges:
        return f"no event of this pack has a position in {log}"
    first, last = ranges[0][0], ranges[-1][1] - 1
    if len(ranges) == 1:
        where = f"at positions {first:,} to {last:,}; none between is missing"
    else:
        where = f"in {len(ranges):,} stretches between positions {first:,} and {last:,}"
    loose = f"; {found.unpositioned:,} more have no position" if found.unpositioned else ""
    return f"{count:,} events stand in {log}, {where}{loose}"


def _keys(data: bytes) -> tuple[Verifier, ...]:
    try:
        return tuple(Verifier.parse(str(each["vkey"])) for each in json.loads(data)["keys"])
    except (ValueError, KeyError, TypeError) as error:
        raise _problem(f"the keys cannot be read ({error})", KEYS_NAME) from error


def _checkpoint(data: bytes, keys: Sequence[Verifier]) -> Checkpoint:
    try:
        return Checkpoint.parse(check(data.decode("utf-8"), keys).text)
    except (BadNote, ValueError) as error:
        raise _problem(str(error), CHECKPOINT_NAME) from error


def _require_own_log(checkpoint: Checkpoint, events: Events) -> None:
    """The log's name ends in its tenant; events of another tenant cannot stand in it."""
    tenant = checkpoint.origin.rpartition("/")[2]
    if events.tenants - {tenant}:
        raise _problem("the ledger is not that of the tenant whose events these are")


def _proof(data: bytes) -> tuple[int, list[tuple[int, int]], list[Subtree], int]:
    try:
        return read_proof(data)
    except MalformedProof as error:
        raise _problem(str(error)) from error


def _file(attached: Attached, name: str) -> bytes:
    if name not in attached.files:
        raise _problem("is missing or cannot be unpacked", name)
    return attached.files[name]


def _problem(said: str, where: str = PROOF_NAME) -> Problem:
    return Problem(Exit.LEDGER, said, where)
