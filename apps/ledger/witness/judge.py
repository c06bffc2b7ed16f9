"""Whether a witness cosigns: the order of checks and the answers of C2SP tlog-witness."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.ledger import note
from apps.ledger.merkle import EMPTY_ROOT, BadProof, check_consistency
from apps.ledger.note import BadNote, Verifier
from apps.ledger.witness.cosignature import Witness, cosign
from apps.ledger.witness.memory import Decision, Memory, Seen
from apps.ledger.witness.submission import Malformed, Submission, read

TEXT, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: str
    kind: str = TEXT


class Refused(Exception):
    """A no, as the answer to send."""

    def __init__(self, status: int, words: str, kind: str = TEXT) -> None:
        super().__init__(words)
        self.answer = Answer(status, f"{words}\n", kind)


@dataclass(frozen=True)
class Judge:
    """One witness. `logs` gives, by origin, the keys that it was told to believe."""

    name: str
    memory: Memory
    logs: Callable[[], Mapping[str, Sequence[Verifier]]]
    clock: Callable[[], datetime]

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return self.memory.key

    @property
    def witness(self) -> Witness:
        """How others know this witness."""
        return Witness(self.name, self._key.public_key().public_bytes_raw())

    def add_checkpoint(self, body: bytes) -> Answer:
        """Cosign a checkpoint that continues the last one, or say why not."""
        try:
            asked = read(body)
            self._require_signed(asked)
            if asked.old > asked.checkpoint.size:
                raise Refused(400, "the old size is greater than the size of the checkpoint")
            with self.memory.deciding(asked.checkpoint.origin) as decision:
                return Answer(200, self._cosigned(asked, decision))
        except Malformed as error:
            return Answer(400, f"{error}\n")
        except Refused as no:
            return no.answer

    def _require_signed(self, asked: Submission) -> None:
        verifiers = self.logs().get(asked.checkpoint.origin)
        if not verifiers:
            raise Refused(404, "this witness does not know the log")
        try:
            note.check(asked.note, verifiers)
        except BadNote as error:
            raise Refused(403, str(error)) from error

    def _cosigned(self, asked: Submission, decision: Decision) -> str:
        last = decision.last or Seen(0, EMPTY_ROOT, "")
        if asked.old != last.size:
            raise Refused(409, str(last.size), SIZE)
        new = asked.checkpoint
        try:
            if new.size == 0 and new.root != EMPTY_ROOT:
                raise BadProof("an empty log has the root of nothing")
            check_consistency(last.size, new.size, last.root, new.root, asked.path)
        except BadProof as error:
            raise Refused(422, str(error)) from error
        signature = cosign(new.text, name=self.name, key=self._key, at=self.clock())
        full = note.add(f"{new.text}\n", [signature])
        lines = full.removeprefix(f"{new.text}\n")
        decision.keep(Seen(new.size, new.root, asked.note + lines))
        return lines
