"""A witness's cosignature (C2SP tlog-witness, the log's side)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError

from apps.common.trust import open_session
from apps.ledger import note
from apps.ledger.anchoring.outside import AnchorFailed, Contradicted, Held
from apps.ledger.anchoring.rootlog import Signed
from apps.ledger.merkle import BadProof, Hashes, check_consistency, consistency_path
from apps.ledger.models.anchors import AnchorKind
from apps.ledger.note import BadNote, Checkpoint, Verifier
from apps.ledger.witness.cosignature import Witness, read_lines
from apps.ledger.witness.submission import write

TIMEOUT = (5.0, 15.0)  # seconds to connect, seconds between two bytes
MOST_BYTES = 100_000
_REFUSALS = {
    400: "the witness could not read the submission",
    403: "the witness knows this log under another key",
    404: "the witness was not told of this log",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, read."""

    status: int
    text: str


@dataclass(frozen=True)
class WitnessAnchor:
    """`ours` gives the keys of the log of logs, past ones included."""

    url: str
    witness: Witness
    ours: Callable[[], Sequence[Verifier]]
    kind: AnchorKind = AnchorKind.WITNESS

    @property
    def place(self) -> str:
        return self.witness.name[:200]

    def hold(self, signed: Signed, hashes: Hashes, *, last: int, now: datetime) -> Held:
        """Submit from `last`; a witness that remembers another size is asked once more from it."""
        answer = self._submit(signed, hashes, min(last, signed.size))
        if answer.status == 409:
            answer = self._submit(signed, hashes, self._told(answer, signed, hashes))
        if answer.status == 200:
            return self._held(signed, answer)
        if answer.status in {409, 422}:
            self._require_no_contradiction(signed, hashes)
        words = _REFUSALS.get(answer.status, f"the witness answered {answer.status}")
        retryable = answer.status not in _REFUSALS
        raise AnchorFailed("witness-refused", words, retryable=retryable)

    def _submit(self, signed: Signed, hashes: Hashes, old: int) -> Reply:
        try:
            path = consistency_path(hashes, old, signed.size)
        except LookupError as error:
            raise AnchorFailed("log-damaged", str(error), retryable=False) from error
        return self._call("POST", "/add-checkpoint", write(old, path, signed.note))

    def _told(self, answer: Reply, signed: Signed, hashes: Hashes) -> int:
        """The size that the witness cosigned last."""
        written = answer.text.strip()
        if not written.isdecimal() or len(written) > 19:
            raise AnchorFailed("witness-odd", "the witness told no size", retryable=True)
        if int(written) > signed.size:
            self._require_no_contradiction(signed, hashes)
            words = "the witness tells of a longer log and shows no checkpoint signed by it"
            raise AnchorFailed("witness-odd", words, retryable=True)
        return int(written)

    def _require_no_contradiction(self, signed: Signed, hashes: Hashes) -> None:
        """Raise `Contradicted` when the witness shows a checkpoint that we signed and do not hold.

        Its word alone would let a witness stop us.
        """
        seen = self._monitored(Checkpoint.parse(note.parse(signed.note).text).origin)
        if seen is None:
            return
        if seen.size > signed.size:
            raise Contradicted(
                "shrunk",
                f"The witness {self.place} holds our signature over {seen.size} entries of the log"
                f" of logs; the database has {signed.size}: an older state has been put back.",
            )
        try:
            path = consistency_path(hashes, seen.size, signed.size)
            check_consistency(seen.size, signed.size, seen.root, signed.root, path)
        except (BadProof, LookupError) as error:
            raise Contradicted(
                "forked",
                f"The witness {self.place} holds our signature over {seen.size} entries of the log"
                " of logs that are not those in the database.",
            ) from error

    def _monitored(self, origin: str) -> Checkpoint | None:
        place = sha256(origin.encode()).hexdigest()
        answer = self._call("GET", f"/{place}/checkpoint")
        if answer.status != 200:
            return None
        try:
            checkpoint = Checkpoint.parse(note.check(answer.text, self.ours()).text)
        except BadNote:
            return None
        return checkpoint if checkpoint.origin == origin else None

    def _held(self, signed: Signed, answer: Reply) -> Held:
        text = note.parse(signed.note).text
        try:
            good = read_lines(text, answer.text, [self.witness])
        except BadNote as error:
            raise AnchorFailed("witness-odd", str(error), retryable=True) from error
        times = [at for each in good if (at := self.witness.time_of(text, each))]
        if not times:
            words = "the witness's cosignature is not that of its key"
            raise AnchorFailed("witness-bad", words, retryable=False)
        lines = note.add(f"{text}\n", good).removeprefix(f"{text}\n")
        return Held(lines.encode(), max(times))

    def _call(self, method: str, path: str, body: bytes | None = None) -> Reply:
        """One exchange: no proxies or netrc of the machine, no redirects, bounded in size."""
        with open_session(extra_ca=settings.EXTRA_CA_FILE) as session:
            try:
                with session.request(
                    method,
                    f"{self.url.rstrip('/')}{path}",
                    data=body,
                    timeout=TIMEOUT,
                    allow_redirects=False,
                    stream=True,
                ) as answer:
                    return _read(answer)
            except (requests.RequestException, HTTPError) as error:
                words = "the witness could not be reached"
                raise AnchorFailed("witness-missing", words, retryable=True) from error


def _read(answer: requests.Response) -> Reply:
    found = answer.raw.read(MOST_BYTES + 1, decode_content=True)
    if len(found) > MOST_BYTES:
        raise AnchorFailed("witness-odd", "the witness's answer is too large", retryable=True)
    return Reply(answer.status_code, found.decode(errors="replace"))
