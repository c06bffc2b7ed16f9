"""The logs that a witness was told to believe: a file with one verifier key per line."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from apps.ledger.note import Verifier


@dataclass(frozen=True)
class LogFile:
    """Read anew for each submission, so that a new key of a log is known at once."""

    path: Path

    def __call__(self) -> Mapping[str, Sequence[Verifier]]:
        """Keys by origin. A file that is not there yet names none; `BadNote` for a wrong line."""
        found: dict[str, list[Verifier]] = defaultdict(list)
        for line in self._lines():
            verifier = Verifier.parse(line)
            found[verifier.name].append(verifier)
        return found

    def _lines(self) -> list[str]:
        if not self.path.exists():
            return []
        lines = map(str.strip, self.path.read_text(encoding="utf-8").splitlines())
        return [line for line in lines if line and not line.startswith("#")]
