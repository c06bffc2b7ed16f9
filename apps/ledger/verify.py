"""Check an export of a ledger without the system that made it.

    python -m apps.ledger.verify EXPORT [--key VKEY]... [--since OLD_CHECKPOINT]...
                                        [--tsa-root ROOT.pem]... [--json]

This one file, Python 3.11 and the `cryptography` package are all it takes; no connection, no
database. Formats: RFC 6962 tree; C2SP signed-note, tlog-checkpoint, tlog-tiles, tlog-cosignature;
RFC 3161 timestamps. Exit codes: 0 good, 2 usage, 3 unreadable, 4 signature, 5 entry or tree,
6 consistency, 7 gap, 8 timestamp, 9 manifest. All checks run even after one failed, because a
later one may say where; the code is that of the first failure.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

READ, SIGNATURE, TREE, CONSISTENCY, GAP, TIMESTAMP, MANIFEST = range(3, 10)
BLOCK, TILE, HASH, NAMED, COSIGNATURE = 65_536, 256, 32, 20, 4
SOURCE = re.compile(rb'"source":\{"id":"([0-9a-f-]{36})","seq":(\d+)\}')
ROTATED = b'"action":"custody.signing_key.rotated"'
SPOOLED = b'"spooled":{'  # kept in an emergency while the ledger could not be written
WRAPPED = b'{"seq":'  # a body that is no line of text is written {"seq":…,"body":"<base64>"}
SLACK = timedelta(minutes=5)
sha256 = hashlib.sha256
Certs = Sequence[x509.Certificate]
Der = tuple[int, bytes, bytes]


class Unreadable(Exception):
    """The export, or a file given beside it, cannot be read at all."""


@dataclass
class Report:
    """What was proved, what failed (exit code and words), and what nobody may conclude."""

    size: int = 0
    root: str = ""
    proved: list[str] = field(default_factory=list)
    failed: list[tuple[int, str]] = field(default_factory=list)
    not_proved: list[str] = field(default_factory=list)

    @property
    def code(self) -> int:
        return self.failed[0][0] if self.failed else 0

    def fail(self, code: int, *words: str) -> None:
        """Name the first twenty and count the others."""
        more = [f"… and {len(words) - NAMED:,} more"] if len(words) > NAMED else []
        self.failed += [(code, each) for each in [*words[:NAMED], *more]]


# --- signed notes ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A verifier key `name+hash+base64(kind, public)`, and when it signed where that is known."""

    name: str
    kind: int
    public: bytes
    since: str = ""
    until: str = ""

    @classmethod
    def read(cls, vkey: str, since: str | None = "", until: str | None = "") -> "Key":
        try:
            name, number, rest = vkey.strip().split("+", 2)
            raw = base64.b64decode(rest, validate=True)
            key = cls(name, raw[0], raw[1:], since or "", until or "")
            if len(key.public) != HASH or key.number(name).hex() != number:
                raise ValueError
        except (ValueError, IndexError):
            raise Unreadable(f"{vkey[:60]!r} is no verifier key name+hash+base64") from None
        return key

    def number(self, name: str) -> bytes:
        return sha256(name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def hands_over(self, data: dict[str, Any]) -> bool:
        """Whether it signed for the key that an entry calls the next: others can write entries."""
        said = f"bailiwick/signing-key/v1\n{data['public']}\n{data['before_until']}\n".encode()
        public = ed25519.Ed25519PublicKey.from_public_bytes(self.public)
        with suppress(InvalidSignature):
            public.verify(bytes.fromhex(data["signature"]), said)
            return True
        return False

    def signed_in(self, at: str) -> bool:
        """Whether it was in use then, give or take what clocks differ by; yes when nobody knows."""
        if not at:
            return True
        said = (at, self.since or at, self.until or at)
        moment, since, until = map(datetime.fromisoformat, said)
        return since - SLACK <= moment <= until + SLACK


@dataclass(frozen=True)
class Note:
    """A C2SP signed note; a checkpoint when its first lines are origin, size and root."""

    text: str
    signatures: tuple[tuple[str, bytes], ...]

    @classmethod
    def read(cls, raw: bytes, what: str) -> "Note":
        try:
            text, _, tail = raw.decode().rpartition("\n\n")
            lines = [line.removeprefix("\u2014 ").split(" ") for line in tail.splitlines()]
            signed = tuple((name, base64.b64decode(b64, validate=True)) for name, b64 in lines)
        except ValueError:
            signed = ()
        if not signed or not text:
            raise Unreadable(f"{what} is no signed note")
        return cls(text + "\n", signed)

    @property
    def origin(self) -> str:
        return self.text.split("\n", 1)[0]

    @property
    def checkpoint(self) -> tuple[int, bytes]:
        try:
            _, size, root = self.text.split("\n")[:3]
            return int(size), base64.b64decode(root, validate=True)
        except ValueError:
            raise Unreadable(f"the note of {self.origin} is no checkpoint") from None

    def signers(self, keys: Sequence[Key], name: str) -> list[Key]:
        """The keys that signed under this name; raises when a known key's signature is wrong."""
        good = []
        for signer, signature in self.signatures:
            for key in keys:
                if signer == name and signature[:4] == key.number(name):
                    self._require(key, signature[4:])
                    good.append(key)
        return good

    def _require(self, key: Key, signature: bytes) -> None:
        said = self.text.encode()
        if key.kind == COSIGNATURE:  # a witness also signs when it looked
            said = b"cosignature/v1\ntime %d\n" % int.from_bytes(signature[:8]) + said
            signature = signature[8:]
        ed25519.Ed25519PublicKey.from_public_bytes(key.public).verify(signature, said)


def leaf_hashes(bodies: Sequence[bytes]) -> list[bytes]:
    """RFC 6962 §2.1: leaves."""
    return [sha256(b"\0" + body).digest() for body in bodies]


def levels_over(leaves: list[bytes]) -> list[list[bytes]]:
    """RFC 6962 §2.1: the hashes of all complete subtrees over these leaves, level by level."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        pairs = iter(levels[-1])
        levels.append([sha256(b"\1" + a + b).digest() for a, b in zip(pairs, pairs, strict=False)])
    return levels


def fold(parts: Sequence[bytes]) -> bytes:
    """The root over complete subtrees, given from the largest to the smallest."""
    root = parts[-1] if parts else sha256(b"").digest()
    for part in reversed(parts[:-1]):
        root = sha256(b"\1" + part + root).digest()
    return root


def parts_of(levels: list[list[bytes]], count: int) -> list[bytes]:
    """The complete subtrees, largest first, over the first `count` leaves."""
    sizes = [level for level in reversed(range(count.bit_length())) if count >> level & 1]
    return [levels[level][(count >> level) - 1] for level in sizes]


class Tree:
    """Fed in blocks of 65,536 leaves; keeps one hash of each and the roots that are wanted."""

    def __init__(self, wanted: set[int]) -> None:
        self.wanted, self.roots, self.blocks = wanted, {0: fold([])}, list[bytes]()

    def feed(self, levels: list[list[bytes]]) -> None:
        start, count = len(self.blocks) * BLOCK, len(levels[0])
        edge = parts_of(levels_over(self.blocks), len(self.blocks))
        for size in self.wanted:
            if start < size <= start + count:
                self.roots[size] = fold(edge + parts_of(levels, size - start))
        self.blocks += levels[16] if count == BLOCK else []


def check_path(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether an inclusion path leads from leaf to root (RFC 9162 §2.1.3.2)."""
    node, last = leaf, size - 1
    for step in path:
        if last == 0:
            return False
        if index & 1 or index == last:
            node = sha256(b"\1" + step + node).digest()
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            node = sha256(b"\1" + node + step).digest()
        index, last = index >> 1, last >> 1
    return last == 0 and index == 0 and node == root


def tile_path(level: int, index: int, width: int) -> str:
    """`tile/<level>/x001/234`, with `.p/<width>` when it is not full (C2SP tlog-tiles)."""
    text = f"{index % 1000:03d}"
    while index := index // 1000:
        text = f"x{index % 1000:03d}/{text}"
    return f"tile/{level}/{text}" + (f".p/{width}" if width < TILE else "")


# --- the export -----------------------------------------------------------------------------------


class Export:
    """The files of an export, and the checks of them."""

    def __init__(self, place: Path, given: Sequence[Key] = (), since: Sequence[Note] = ()) -> None:
        self.place, self.given, self.since = place, given, since
        self.note = Note.read(self.file("checkpoint"), "checkpoint")
        self.size, self.root = self.note.checkpoint
        self.report = Report(self.size, self.root.hex())
        self.manifest, self.known = self.json("manifest.json"), self.json("keys.json")
        self.first = int(self.manifest["first"])
        self.keys = [Key.read(k["key"], k["from"], k["until"]) for k in self.known["log"]]
        if given:
            self.keys = [k for k in self.keys if k.public in {g.public for g in given}]
            self.keys += [g for g in given if g.public not in {k.public for k in self.keys}]
        older = [json.loads(line) for line in self.file("checkpoints.jsonl").splitlines()]
        self.older = [(Note.read(o["note"].encode(), "a checkpoint"), o["at"]) for o in older]
        self.anchor = self.json("anchors/leaf.json", default={})
        if self.anchor:
            self.older.append((Note.read(self.anchor["note"].encode(), "anchors/leaf.json"), ""))
        sizes = {self.size, *(n.checkpoint[0] for n in (*since, *(n for n, _ in self.older)))}
        self.said, self.kept = Tree(sizes), Tree(sizes)
        self.altered = list[tuple[int, bytes, bytes, bytes]]()
        self.gaps, self.tiles, self.numbers = list[str](), list[str](), set[tuple[str, int]]()
        self.rotations, self.spooled = list[tuple[int, bytes]](), 0

    def file(self, name: str) -> bytes:
        try:
            return (self.place / name).read_bytes()
        except OSError as error:
            raise Unreadable(f"{self.place / name} cannot be read: {error.strerror}") from None

    def json(self, name: str, *, default: Any = None) -> Any:
        there = default is None or (self.place / name).is_file()
        return json.loads(self.file(name)) if there else default

    def check(self, tsa_roots: Certs) -> Report:
        """Everything, in the order of the exit codes' weight."""
        self.name()
        self.receipts = self.json("sources.json", default=[])
        for block in range(-(-self.size // BLOCK)):
            self.block(block)
        self.upper_tiles()
        for position, body in self.rotations if self.given else ():
            with suppress(ValueError, KeyError, TypeError):  # what it says, others check
                self.follow(position, json.loads(body))
        self.signature(self.note, "the checkpoint", self.manifest["at"])
        self.judge()
        self.prefixes()
        self.sources()
        self.anchors(tsa_roots)
        self.files()
        if self.spooled:
            words = "entries came by a host's spool, as they say: their own times are that host's"
            self.report.not_proved.append(f"when all was done: {self.spooled:,} {words}")
        if not self.given:
            self.report.not_proved.append("that the keys are the organisation's: give --key")
        return self.report

    def follow(self, position: int, event: dict[str, Any]) -> None:
        """Trust a key by an entry that names it, under a checkpoint of the key before it."""
        data, origin = event["data"], self.note.origin
        if (event["actor"], data["purpose"]) != ("service:custody", "ledger.checkpoint"):
            return
        old = [k for k in self.keys if k.public.hex() == data["before"]]
        old = [replace(k, until=data["before_until"]) for k in old[:1] if k.hands_over(data)]
        for note, at in [*self.older, (self.note, self.manifest["at"])] if old else ():
            size, root = note.checkpoint
            covers = position < size <= self.size and root == self.said.roots[size]
            if covers and note.origin == origin and old[0].signed_in(at) and self.by(note, old):
                new = Key(origin, old[0].kind, bytes.fromhex(data["public"]), event["at"])
                ours = (old[0].public, new.public)
                self.keys = [k for k in self.keys if k.public not in ours] + [*old, new]
                words = f"key {data['public'][:16]} is trusted through {data['before'][:16]}, which"
                words += f" signed {size:,} entries; event {event['event_id']} among them says so"
                return self.report.proved.append(words)

    def by(self, note: Note, keys: Sequence[Key]) -> bool:
        try:
            return bool(note.signers(keys, self.note.origin))
        except InvalidSignature:
            return False

    def name(self) -> None:
        """One key may sign many logs: only its name tells whose, or the name of the log of logs."""
        origin, named = self.note.origin, {key.name for key in self.given}
        if named and not named & {origin, origin.rpartition("/")[0]}:
            words = f"the log is {origin}, the keys given are of {', '.join(sorted(named))}"
            self.report.fail(SIGNATURE, words)

    def signature(self, note: Note, what: str, at: str = "", keys: Sequence[Key] = ()) -> bool:
        try:
            signers = note.signers(keys or self.keys, note.origin)
        except InvalidSignature:
            self.report.fail(SIGNATURE, f"{what}: the signature does not match the text")
            return False
        if not signers:
            self.report.fail(SIGNATURE, f"{what}: signed by no trusted key")
        elif not any(key.signed_in(at) for key in signers):
            self.report.fail(SIGNATURE, f"{what}: signed at {at} by a key not in use then")
        elif note is self.note:
            names = " and ".join(key.public.hex()[:16] for key in signers)
            words = f"{what} over {self.size:,} entries of {note.origin} is signed by {names}"
            self.report.proved.append(words)
        return bool(signers)

    def tile(self, level: int, start: int, count: int) -> bytes:
        """The hashes of `count` nodes from `start`, the first of a tile; zeros when missing."""
        name = tile_path(level, start // TILE, count)
        data = self.file(name) if (self.place / name).is_file() else b""
        if len(data) != count * HASH:
            self.tiles.append(f"{name} is missing or too short")
            return bytes(count * HASH)
        return data

    def lines(self, block: int, count: int) -> tuple[list[bytes], bytes]:
        """The bodies of a block, one a line, empty where there is none; and the file's bytes."""
        name = f"entries/{block:06d}.jsonl"
        if not (self.place / name).is_file():
            return [b""] * count, b""
        raw = self.file(name)
        lines = raw.removesuffix(b"\n").split(b"\n")
        if len(lines) != count:
            self.gaps.append(f"{name} has {len(lines):,} lines, not {count:,}")
            lines = (lines + [b""] * count)[:count]
        for i, line in enumerate(lines) if WRAPPED in raw else ():
            if line.startswith(WRAPPED):
                lines[i] = base64.b64decode(json.loads(line)["body"])
        return lines, raw

    def block(self, block: int) -> None:
        """Hash 65,536 entries, and hold the result against the leaves that the tiles keep."""
        start, count = block * BLOCK, min(BLOCK, self.size - block * BLOCK)
        lines, raw = self.lines(block, count)
        tiles = (self.tile(0, start + i, min(TILE, count - i)) for i in range(0, count, TILE))
        kept = b"".join(tiles)
        stored = [kept[i : i + HASH] for i in range(0, len(kept), HASH)]
        leaves = leaf_hashes(lines)
        for i in (i for i, line in enumerate(lines) if not line) if b"" in lines else ():
            leaves[i] = stored[i]  # so that the tree goes on
            if start + i >= self.first:
                self.gaps.append(f"the entry at position {start + i:,} is missing")
        levels = below = levels_over(leaves)
        if leaves != stored:
            below = levels_over(stored)
            rows = zip(range(start, start + count), lines, leaves, stored, strict=True)
            self.altered += [row for row in rows if row[2] != row[3]]
        self.said.feed(levels)
        self.kept.feed(below)
        nodes = (tree[8] if count >= TILE else [] for tree in (levels, below))
        self.tile_row(1, start >> 8, *nodes)
        for i, line in enumerate(lines) if ROTATED in raw else ():
            self.rotations += [(start + i, line)] if ROTATED in line else []
        self.spooled += sum(SPOOLED in line for line in lines) if SPOOLED in raw else 0
        found = SOURCE.findall(raw) if self.receipts else []
        self.numbers.update((source.decode(), int(number)) for source, number in found)

    def upper_tiles(self) -> None:
        level, said, kept = 2, self.said.blocks, self.kept.blocks
        while said:
            self.tile_row(level, 0, said, kept)
            said, kept = ((levels_over(row)[8:9] or [[]])[0] for row in (said, kept))
            level += 1

    def tile_row(self, level: int, start: int, said: list[bytes], kept: list[bytes]) -> None:
        """Hold a level's tiles against the nodes made from entries, or else from leaves."""
        span = int(TILE**level)
        for i in range(0, len(said), TILE):
            row, other = said[i : i + TILE], kept[i : i + TILE]
            stored = self.tile(level, start + i, len(row))
            for j, (mine, theirs) in enumerate(zip(row, other, strict=True)):
                at = (start + i + j) * span
                if any(stored) and stored[j * HASH : (j + 1) * HASH] not in (mine, theirs):
                    name = tile_path(level, (start + i) // TILE, len(row))
                    words = f"{name}, hash {j}: not the root of entries {at:,} to {at + span - 1:,}"
                    self.tiles.append(words)

    def judge(self) -> None:
        """Entries, tiles or checkpoint: when one was changed, the two others agree."""
        report, size = self.report, self.size
        report.fail(GAP, *self.gaps)
        by_entries = self.said.roots[size] == self.root
        if by_entries and not self.gaps:
            what = f" (bodies from position {self.first:,} on)" if self.first else ""
            report.proved.append(f"{size:,} entries without a gap give the signed root{what}")
        if by_entries:
            words = "tile/0: another leaf at position"
            report.fail(TREE, *(f"{words} {p:,}" for p, *_ in self.altered))
        elif self.altered:
            tiles_too = "" if self.kept.roots[size] == self.root else ", nor do the tiles"
            report.fail(TREE, f"the entries do not give the signed root{tiles_too}")
            homes = {theirs: position for position, _, _, theirs in self.altered}
            report.fail(TREE, *(displaced(row, homes) for row in self.altered))
        else:
            report.fail(
                TREE, "entries and tiles agree: the checkpoint's size or root is not theirs"
            )
        report.fail(TREE, *self.tiles)
        for row in self.json("rows.json", default=[]):  # what the exporter saw in the database
            if row["code"] not in range(READ, MANIFEST + 1):
                raise Unreadable(f"rows.json: {row['code']!r} is no code of a failure")
            report.fail(row["code"], str(row["words"]))
        if self.first:
            words = f"what the {self.first:,} pruned entries said; that they were there is proved"
            report.not_proved.append(words)

    def prefixes(self) -> None:
        """Each older checkpoint is the root over the first entries of this log."""
        before, given = len(self.report.failed), [(note, "") for note in self.since]
        for note, at in [*self.older, *given]:
            self.prefix(note, at)
        count = len(self.older) + len(given)
        if count and len(self.report.failed) == before:
            self.report.proved.append(f"{count:,} older checkpoints are beginnings of this log")
        if not given:
            words = "that nobody was shown another history: give --since, a checkpoint kept before"
            self.report.not_proved.append(words)

    def prefix(self, note: Note, at: str) -> None:
        size, root = note.checkpoint
        what, report = f"the checkpoint of size {size:,}", self.report
        if note.origin != self.note.origin:
            report.fail(CONSISTENCY, f"{what} is of another log, {note.origin}")
        elif self.signature(note, what, at) and size > self.size:
            report.fail(CONSISTENCY, f"{what} is ahead: this log ends at {self.size:,}")
        elif size <= self.size and root not in (self.said.roots[size], self.kept.roots[size]):
            report.fail(CONSISTENCY, f"{what} had other entries: the log was forked or rewritten")

    def sources(self) -> None:
        """Numbers that a source's receipts acknowledge and that no entry carries."""
        if not self.receipts or self.first:
            why = "entries were pruned" if self.first else "there are no receipts"
            self.report.not_proved.append(f"that no source lost an event: {why}")
            return
        told = [(r, a, b) for r in self.receipts for a, b in r["ranges"]]
        longest = max((b - a for _, a, b in told), default=0)
        if longest >= self.size:  # more than there are entries: do not even list them
            self.report.fail(GAP, f"a source has receipts for {longest + 1:,} events")
            return
        wanted = [(r, number) for r, a, b in told for number in range(a, b + 1)]
        lost = [(r, n) for r, n in wanted if (r["source"], n) not in self.numbers]
        self.report.fail(GAP, *(f"source {r['name']} {r['source']} lost {n:,}" for r, n in lost))
        if not lost:
            words = f"the {len(wanted):,} events that sources have receipts for are here"
            self.report.proved.append(words)

    def files(self) -> None:
        """The manifest has the hash of every file and is signed with the log's key."""
        before, listed = len(self.report.failed), self.manifest["files"]
        note = Note.read(self.file("manifest.note"), "manifest.note")
        digest = sha256(self.file("manifest.json")).hexdigest()
        said = f"{self.note.origin}/export\nsha256 {digest}\n"
        if note.text != said or not self.by(note, self.keys):
            self.report.fail(MANIFEST, "manifest.json is not the one that was signed")
        there = {str(f.relative_to(self.place)) for f in self.place.rglob("*") if f.is_file()}
        for name in sorted(set(listed) | there - {"manifest.json", "manifest.note"}):
            if name not in there:
                self.report.fail(MANIFEST, f"{name} is in the manifest and missing")
            elif name not in listed:
                self.report.fail(MANIFEST, f"{name} is not in the manifest")
            elif sha256(self.file(name)).hexdigest() != listed[name]:
                self.report.fail(MANIFEST, f"{name} is not the file that was exported")
        if len(self.report.failed) == before:
            self.report.proved.append(f"{len(listed):,} files are those of the signed manifest")

    def anchors(self, roots: Certs) -> None:
        """The log of logs holds this log's checkpoint, and others outside saw the log of logs."""
        report, proof = self.report, self.anchor
        if not proof:
            report.not_proved.append("that anybody outside saw this log: it has no anchors")
            return
        note = Note.read(self.file("anchors/checkpoint"), "anchors/checkpoint")
        (size, root), (said, _) = note.checkpoint, self.older[-1]
        path = [base64.b64decode(step) for step in proof["path"]]
        leaf = leaf_hashes([said.text.encode()])[0]
        if not self.signature(note, "the log of logs"):
            return
        if note.origin != self.note.origin.rpartition("/")[0]:
            report.fail(SIGNATURE, f"{note.origin} is not the log of logs over this one")
        elif not check_path(leaf, proof["index"], size, path, root):
            report.fail(TREE, f"anchors/leaf.json does not lead to the log of logs ({size:,})")
        else:
            words = f"the first {said.checkpoint[0]:,} entries are in the log of logs of {size:,}"
            report.proved.append(words)
        self.witnesses(note)
        self.timestamps(note, roots)

    def witnesses(self, note: Note) -> None:
        for key in [Key.read(witness) for witness in self.known["witnesses"]]:
            try:
                if note.signers([key], key.name):
                    self.report.proved.append(f"witness {key.name} saw it, if the key is its own")
            except InvalidSignature:
                self.report.fail(SIGNATURE, f"the cosignature of witness {key.name} is wrong")

    def timestamps(self, note: Note, roots: Certs) -> None:
        stamped = self.file("anchors/checkpoint.stamped")
        if Note.read(stamped, "anchors/checkpoint.stamped").text != note.text:
            self.report.fail(TIMESTAMP, "anchors/checkpoint.stamped is not the log of logs")
        wanted = sha256(stamped).digest()
        tokens = sorted((self.place / "anchors").glob("*.tsr"))
        for token in tokens:
            try:
                at, service, trusted = read_token(token.read_bytes(), wanted, roots)
            except (ValueError, IndexError, InvalidSignature, UnsupportedAlgorithm) as error:
                self.report.fail(TIMESTAMP, f"{token.name}: {error or 'its signature is wrong'}")
                continue
            words = f"it existed at {at:%Y-%m-%d %H:%M:%S} UTC, says {service} ({token.name})"
            if trusted:
                self.report.proved.append(words)
            elif roots:
                self.report.fail(TIMESTAMP, f"{token.name}: {service} is under no root given")
            else:
                self.report.not_proved.append(f"that {words}: give --tsa-root")
        if not tokens:
            self.report.not_proved.append("when it existed: there are no timestamps")


# --- timestamps (RFC 3161, RFC 5652) --------------------------------------------------------------

DIGESTS: dict[bytes, hashes.HashAlgorithm] = {  # NIST 2.16.840.1.101.3.4.2.x
    b"\x60\x86\x48\x01\x65\x03\x04\x02" + bytes([i]): kind
    for i, kind in enumerate((hashes.SHA256(), hashes.SHA384(), hashes.SHA512()), 1)
}
MOST_CERTIFICATES = 8  # those that issue each other are tried in every order
PKCS9 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09"
TAILS = (b"\x10\x01\x04", b"\x04", b"\x10\x02\x2f")
TST_INFO, MESSAGE_DIGEST, SIGNING_CERTIFICATE = (PKCS9 + tail for tail in TAILS)
PSS = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"


def der(data: bytes) -> list[Der]:
    """The values in DER bytes: tag, content, and the whole."""
    values, at = [], 0
    while at < len(data):
        length, start = data[at + 1], at + 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(data[at + 2 : start])
        if start + length > len(data):
            raise ValueError("it is cut off or not DER")
        values.append((data[at], data[start : start + length], data[at : start + length]))
        at = start + length
    return values


def read_token(raw: bytes, digest: bytes, roots: Certs) -> tuple[datetime, str, bool]:
    """When a service saw `digest`, which, and whether a root given stands over it.

    Raises `ValueError` or `InvalidSignature` when the token is not about it or not signed.
    """
    outer = der(der(raw)[0][1])
    outer = der(outer[1][1]) if outer[0][0] == 0x30 else outer  # a response holds the token
    signed = der(der(outer[1][1])[0][1])
    kind, content = der(signed[2][1])
    info = der(content[1])[0][1]
    stamp = der(der(info)[0][1])
    if kind[1] != TST_INFO or der(stamp[2][1])[1][1] != digest:
        raise ValueError("it is not about this log of logs")
    certificates = [x509.load_der_x509_certificate(each[2]) for each in der(signed[3][1])]
    signer = signer_of(der(der(signed[-1][1])[0][1]), info, certificates)
    at = datetime.strptime(stamp[4][1].decode()[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    if len(certificates) > MOST_CERTIFICATES:
        raise ValueError(f"it brings more than {MOST_CERTIFICATES} certificates")
    trusted = leads_to(signer, [*certificates, *roots], roots, at)
    return at, signer.subject.rfc4514_string(), trusted


def signer_of(row: list[Der], info: bytes, certificates: Certs) -> x509.Certificate:
    """The certificate that signed the stamp, over attributes that bind content and certificate."""
    kind = DIGESTS[der(row[2][1])[0][1]]
    pairs = [der(each[1]) for each in der(row[3][1])]
    attributes = {pair[0][1]: der(pair[1][1])[0] for pair in pairs}
    if attributes[MESSAGE_DIGEST][1] != hashlib.new(kind.name, info).digest():
        raise ValueError("its content is not what was signed")
    bound = der(der(der(attributes[SIGNING_CERTIFICATE][1])[0][1])[0][1])
    name = next(content for tag, content, _ in bound if tag == 0x04)
    signer = next((c for c in certificates if c.fingerprint(hashes.SHA256()) == name), None)
    if signer is None:
        raise ValueError("the certificate of its signer is not in it")
    usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    if x509.oid.ExtendedKeyUsageOID.TIME_STAMPING not in usage:
        raise ValueError("its signer may not give timestamps")
    said, signature, key = b"\x31" + row[3][2][1:], row[5][1], signer.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        pss = padding.PSS(padding.MGF1(kind), padding.PSS.DIGEST_LENGTH)
        scheme = pss if der(row[4][1])[0][1] == PSS else padding.PKCS1v15()
        key.verify(signature, said, scheme, kind)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, said, ec.ECDSA(kind))
    else:
        raise ValueError("its kind of key is not known here")
    return signer


def leads_to(one: x509.Certificate, all_: Certs, roots: Certs, at: datetime, far: int = 6) -> bool:
    """Whether a chain of valid authorities leads from a certificate to a root."""
    if not one.not_valid_before_utc <= at <= one.not_valid_after_utc or not far:
        return False
    issuers = (other for other in all_ if issued(other, one))
    return one in roots or any(leads_to(other, all_, roots, at, far - 1) for other in issuers)


def issued(issuer: x509.Certificate, one: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(issuer)
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return issuer != one and basic.ca


def named(body: bytes) -> str:
    try:
        return f"event {json.loads(body)['event_id']}"
    except (ValueError, KeyError, TypeError):
        return "an entry that is no event"


def displaced(row: tuple[int, bytes, bytes, bytes], homes: dict[bytes, int]) -> str:
    position, line, mine, _ = row
    home = f": it belongs at position {homes[mine]:,}" if mine in homes else ""
    return f"{named(line)} at position {position:,} is not what was signed{home}"


READING_FAILS = (
    OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError,
)  # fmt: skip


def shown(words: str) -> str:
    """What a terminal shows and does not obey: an export's words may come from anybody."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)


def verify(
    place: Path, *, keys: Sequence[str] = (), since: Sequence[Path] = (), roots: Sequence[Path] = ()
) -> Report:
    """Check an export; raises `Unreadable` when there is nothing to judge."""
    try:
        given = [Key.read(key) for key in keys]
        older = [Note.read(path.read_bytes(), str(path)) for path in since]
        trusted = [c for path in roots for c in x509.load_pem_x509_certificates(path.read_bytes())]
        return Export(place, given, older).check(trusted)
    except READING_FAILS as error:
        raise Unreadable(f"not written as an export is: {type(error).__name__} {error}") from error


def main() -> int:
    """Read the arguments, check, and say the result in words or JSON."""
    parser = argparse.ArgumentParser(prog="apps.ledger.verify", description=str(__doc__))
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("export", type=Path)
    for option, kind in (("--key", str), ("--since", Path), ("--tsa-root", Path)):
        parser.add_argument(option, action="append", default=[], type=kind)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    try:
        report = verify(asked.export, keys=asked.key, since=asked.since, roots=asked.tsa_root)
    except Unreadable as error:
        report = Report(failed=[(READ, str(error))])
    if asked.json:
        print(json.dumps({"code": report.code, **vars(report)}))
        return report.code
    said = [f"[{code}] {words}" for code, words in report.failed]
    told = {"FAILED": said, "Proved": report.proved, "Not proved": report.not_proved}
    for title, lines in told.items():
        print(
            *([f"{title}:"] + [f"  - {shown(line)}" for line in lines] if lines else []), sep="\n"
        )
    print(f"\n{'NOT GOOD' if report.code else 'Good'} (exit code {report.code})")
    return report.code


if __name__ == "__main__":
    sys.exit(main())
