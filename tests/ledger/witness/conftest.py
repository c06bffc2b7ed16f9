"""A log with a key, and a witness over HTTP that was told of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.ledger import note
from apps.ledger.merkle import consistency_path, hashes_of, leaf_hash, root_of
from apps.ledger.note import Checkpoint, Verifier
from apps.ledger.witness import submission
from apps.ledger.witness.judge import Judge
from apps.ledger.witness.logs import LogFile
from apps.ledger.witness.memory import Memory
from apps.ledger.witness.serve import WitnessServer


@dataclass
class Key:
    """A key in memory that signs notes."""

    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


@dataclass
class Log:
    """A small log of numbered entries, under one name."""

    origin: str = "log.example/one"
    key: Key = field(default_factory=Key)
    word: str = "entry"

    def leaves(self, size: int) -> list[bytes]:
        return [leaf_hash(f"{self.word} {number}".encode()) for number in range(size)]

    def checkpoint(self, size: int) -> str:
        text = Checkpoint(self.origin, size, root_of(self.leaves(size))).text
        return note.sign(text, name=self.origin, keys=[self.key])

    def path(self, old: int, new: int) -> Sequence[bytes]:
        return consistency_path(hashes_of(self.leaves(new)), old, new)

    def submission(self, old: int, new: int) -> bytes:
        return submission.write(old, self.path(old, new), self.checkpoint(new))

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.origin, self.key.public)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def log_file(log: Log, tmp_path: Path) -> LogFile:
    path = tmp_path / "logs"
    path.write_text(f"# whom we believe\n{log.verifier}\n")
    return LogFile(path)


@pytest.fixture
def judge(log_file: LogFile, tmp_path: Path) -> Iterator[Judge]:
    memory = Memory(tmp_path / "witness.sqlite")
    yield Judge("witness.example/w1", memory, log_file, lambda: datetime.now(UTC))
    memory.close()


@pytest.fixture
def server(judge: Judge) -> Iterator[WitnessServer]:
    with WitnessServer("127.0.0.1", 0, judge) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join(timeout=5)
