"""The verifier passes a whole pack, and finds and places whatever was done to one."""

import base64
import json
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from apps.evidence.pack import canonical, manifest
from apps.evidence.pack.annexes import assemble
from apps.evidence.pack.build import build_pack, build_unsigned
from apps.evidence.pack.content import Annex
from apps.evidence.pack.events import write_events
from apps.evidence.pack.manifest import KeyInMemory
from apps.evidence.pack.pki import LocalAuthority
from apps.evidence.pack.render import render
from apps.evidence.pack.seal import PadesSealer
from apps.evidence.verify.report import Exit, Report
from apps.evidence.verify.run import verify
from tests.evidence import made_up
from tests.evidence.conftest import turn

PROJECT = Path(__file__).resolve().parents[2]
Tamper = Callable[[tuple[Annex, ...]], tuple[Annex, ...]]


def run_cli(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "apps.evidence.verify", *map(str, arguments)],
        capture_output=True, text=True, cwd=PROJECT, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def dishonest(sealer: PadesSealer, signer: KeyInMemory) -> Callable[[Tamper], Report]:
    """A sealer that seals whatever it is given: the files are changed before the seal is set."""

    def sealed_after(tamper: Tamper) -> Report:
        content = made_up.content()
        lists = write_events(made_up.bodies(6))
        root = sealer.root_fingerprint
        files = assemble(
            content, extra=(made_up.policy_annex(),), events=lists, signer=signer, seal_root=root
        )
        pdf = render(content, files=tamper(files), events=6, merkle_root=lists.root, seal_root=root)
        return verify(sealer.seal(pdf))

    return sealed_after


def changed(name: str, change: Callable[[bytes], bytes]) -> Tamper:
    return lambda files: tuple(
        replace(file, data=change(file.data)) if file.name == name else file for file in files
    )


def relisted(signer: KeyInMemory, *tampers: Tamper) -> Tamper:
    """Change files and then sign a manifest that lists the changed ones: an insider's forgery."""

    def tamper(files: tuple[Annex, ...]) -> tuple[Annex, ...]:
        for one in tampers:
            files = one(files)
        body, envelope = files[:-1], json.loads(files[-1].data)
        stated = json.loads(base64.b64decode(envelope["payload"]))["predicate"]
        about = {key: value for key, value in stated.items() if key not in ("events", "files")}
        payload = manifest.statement(
            body,
            events=stated["events"]["count"],
            root=bytes.fromhex(stated["events"]["root"]),
            about=about,
        )
        return (*body, replace(files[-1], data=manifest.envelope(payload, signer=signer)))

    return tamper


def failure(report: Report) -> tuple[Exit, str, str]:
    step = next(step for step in report.steps if step.outcome == "failed")
    return report.exit_code, step.said, step.where


def test_a_whole_pack_passes_and_says_what_it_did_not_prove(pack_file: Path) -> None:
    done = run_cli(pack_file)
    assert done.returncode == 0, done.stdout
    assert "GOOD: the pack is as it was sealed." in done.stdout
    assert "the root belongs to the organisation" in done.stdout
    assert "Root (SHA-256): " in done.stdout


def test_a_given_root_settles_whose_seal_it_is(
    pack_file: Path, root_file: Path, authority: LocalAuthority
) -> None:
    done = run_cli(pack_file, "--trust", root_file, "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["good"]) == (0, True)
    assert said["roots_sha256"] == [authority.root_fingerprint]
    assert not any("root belongs" in line for line in said["not_proved"])


def test_a_seal_of_another_authority_is_not_trusted(pack: bytes, tmp_path: Path) -> None:
    other = LocalAuthority.open(tmp_path / "other", wrap=turn, unwrap=turn, now=made_up.NOW)
    root = x509.Certificate.load(other.certificate("root").public_bytes(Encoding.DER))
    assert verify(pack, trusted=[root]).exit_code == Exit.TRUST


def test_the_verifier_runs_without_django(pack_file: Path) -> None:
    code = (
        "import sys; sys.modules['django'] = None\n"
        "from apps.evidence.verify.__main__ import main\n"
        f"sys.exit(main([{str(pack_file)!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def gap_of(pack: bytes) -> tuple[int, int]:
    start = pack.index(b"/Contents <") + len(b"/Contents ")
    return start, pack.index(b">", start)


def regions(pack: bytes) -> dict[str, range]:
    start, end = gap_of(pack)
    signature = start + len(pack[start:end].rstrip(b"0"))
    return {
        "header": range(0, 16),
        "pages and annexes": range(16, start),
        "opening bracket": range(start, start + 1),
        "signature": range(start + 1, signature),
        "padding": range(signature, end),
        "closing bracket": range(end, end + 1),
        "after the signature": range(end + 1, len(pack) - 64),
        "cross-reference and end": range(len(pack) - 64, len(pack)),
    }


@pytest.mark.parametrize(
    "region",
    [
        "header", "pages and annexes", "opening bracket", "signature", "padding",
        "closing bracket", "after the signature", "cross-reference and end",
    ],
)  # fmt: skip
def test_one_changed_byte_is_found_wherever_it_is(pack: bytes, region: str) -> None:
    places = regions(pack)[region]
    chance = random.Random(region)
    for place in sorted(chance.sample(places, min(12, len(places)))):
        for turned in (0x01, 0x20):
            bad = bytearray(pack)
            bad[place] ^= turned
            assert verify(bytes(bad)).exit_code != Exit.GOOD, f"byte {place} xor {turned}"


def test_a_change_of_case_in_the_signature_is_placed_to_the_byte(pack: bytes) -> None:
    start, end = gap_of(pack)
    place = next(p for p in range(start + 40, end) if chr(pack[p]) in "ABCDEF")
    bad = bytearray(pack)
    bad[place] ^= 0x20
    assert failure(verify(bytes(bad))) == (
        Exit.SIGNATURE, "the space around the signature was changed", f"byte {place:,}",
    )  # fmt: skip


def test_a_changed_timestamp_is_told_apart_from_a_changed_seal(pack: bytes) -> None:
    start, end = gap_of(pack)
    last = start + len(pack[start:end].rstrip(b"0")) - 1  # the token's signature ends the CMS
    place = next(p for p in range(last - 40, last) if chr(pack[p]) in "2468")
    bad = bytearray(pack)
    bad[place] ^= 0x01
    assert failure(verify(bytes(bad)))[:2] == (
        Exit.TIMESTAMP, "the timestamp does not belong to this seal",
    )  # fmt: skip


def test_bytes_added_at_the_end_are_found_and_counted(pack: bytes) -> None:
    kind, said, where = failure(verify(pack + b"\n"))
    assert (kind, said) == (Exit.SIGNATURE, "1 bytes were added after the signature")
    assert where == f"bytes {len(pack):,} to {len(pack):,}"


def test_a_changed_annex_is_named_even_though_the_seal_is_broken_too(pack: bytes) -> None:
    stream = pack.index(b"/application#2fjsonl")
    place = pack.index(b"stream\n", stream) + 60
    bad = bytearray(pack)
    bad[place] ^= 0x10
    report = verify(bytes(bad))
    assert report.exit_code == Exit.SIGNATURE
    assert any("events.jsonl" in step.where for step in report.steps if step.name == "Files")


@pytest.mark.parametrize("keep", [0, 4, 9, 1000, 50_000, -1, -300])
def test_a_cut_off_file_is_refused_in_words(pack: bytes, keep: int) -> None:
    assert verify(pack[:keep]).exit_code != Exit.GOOD


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"%PDF-1.7\n" + b"\xff" * 5000, b"PK\x03\x04" + b"\0" * 100]
)
def test_what_is_no_pack_is_unreadable_and_leaves_no_traceback(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(data)
    done = run_cli(path)
    assert done.returncode == Exit.UNREADABLE
    assert "Traceback" not in done.stdout + done.stderr


def test_a_missing_file_is_said_in_words(tmp_path: Path) -> None:
    done = run_cli(tmp_path / "none.pdf")
    assert done.returncode == Exit.UNREADABLE
    assert "cannot be read" in done.stderr


def test_an_unsealed_pdf_fails_as_signature(signer: KeyInMemory) -> None:
    pdf = build_unsigned(
        made_up.content(), annexes=(), events=[], signer=signer, seal_root="00" * 32
    )
    assert failure(verify(pdf))[0] == Exit.SIGNATURE


def test_an_untouched_pack_from_the_same_steps_passes(
    dishonest: Callable[[Tamper], Report],
) -> None:
    assert dishonest(lambda files: files).exit_code == Exit.GOOD


def test_an_annex_changed_before_the_seal_is_named(dishonest: Callable[[Tamper], Report]) -> None:
    kind, said, where = failure(dishonest(changed("policy.json", lambda data: data + b" ")))
    assert (kind, said) == (Exit.ANNEX, "the content differs from the manifest")
    assert where.startswith("policy.json")


def test_an_annex_taken_away_is_named(dishonest: Callable[[Tamper], Report]) -> None:
    without: Tamper = lambda files: tuple(f for f in files if f.name != "policy.json")  # noqa: E731
    assert failure(dishonest(without)) == (
        Exit.ANNEX, "this file is listed but not attached", "policy.json",
    )  # fmt: skip


def test_an_annex_slipped_in_is_named(dishonest: Callable[[Tamper], Report]) -> None:
    more = Annex(name="extra.txt", mime="text/plain", data=b"trust me", description="")
    kind, said, where = failure(dishonest(lambda files: (*files, more)))
    assert (kind, said) == (Exit.ANNEX, "this file is attached but not listed")
    assert where.startswith("extra.txt")


def test_a_manifest_signed_by_nobody_is_refused(dishonest: Callable[[Tamper], Report]) -> None:
    def forge(data: bytes) -> bytes:
        envelope = json.loads(data)
        envelope["signatures"][0]["sig"] = "A" * 86 + "=="
        return canonical.dumps(envelope)

    kind, said, _ = failure(dishonest(changed(manifest.MANIFEST_NAME, forge)))
    assert (kind, said) == (Exit.MANIFEST, "the manifest's signature does not match")


def test_an_event_that_differs_from_its_leaf_is_placed_to_the_line(
    dishonest: Callable[[Tamper], Report], signer: KeyInMemory
) -> None:
    edit = changed("events.jsonl", lambda data: data.replace(b'"counter":3', b'"counter":4'))
    kind, said, where = failure(dishonest(relisted(signer, edit)))
    assert (kind, said) == (Exit.EVENT, "the event differs from its leaf")
    assert where.startswith("events.jsonl line 4, bytes ")


def test_an_event_left_out_with_its_leaf_breaks_the_tree(
    dishonest: Callable[[Tamper], Report], signer: KeyInMemory
) -> None:
    fewer = write_events(list(made_up.bodies(6))[:5])
    report = dishonest(
        relisted(
            signer,
            changed("events.jsonl", lambda _: fewer.jsonl),
            changed("events.csv", lambda _: fewer.csv),
        )
    )
    assert failure(report)[:2] == (Exit.ROOT, "6 events stated, 5 found")


def test_events_in_another_order_break_the_tree(
    dishonest: Callable[[Tamper], Report], signer: KeyInMemory
) -> None:
    turned = write_events(list(made_up.bodies(6))[::-1])
    report = dishonest(
        relisted(
            signer,
            changed("events.jsonl", lambda _: turned.jsonl),
            changed("events.csv", lambda _: turned.csv),
        )
    )
    assert failure(report)[:2] == (Exit.ROOT, "the tree over the events has another root")


def test_a_spreadsheet_that_says_otherwise_is_placed_to_the_row(
    dishonest: Callable[[Tamper], Report], signer: KeyInMemory
) -> None:
    edit = changed("events.csv", lambda data: data.replace(b"user:0003", b"user:0009"))
    assert failure(dishonest(relisted(signer, edit))) == (
        Exit.EVENT, "the spreadsheet differs from the events", "events.csv row 5",
    )  # fmt: skip


def test_a_summary_that_names_another_tenant_is_found(
    dishonest: Callable[[Tamper], Report], signer: KeyInMemory
) -> None:
    edit = changed("summary.json", lambda data: data.replace(b"Acme Legal", b"Umbrella"))
    kind, said, _ = failure(dishonest(relisted(signer, edit)))
    assert (kind, said) == (Exit.MANIFEST, "manifest and summary differ in tenant")


def test_a_file_hidden_outside_the_list_of_attachments_is_found(
    sealer: PadesSealer, signer: KeyInMemory
) -> None:
    pdf = build_unsigned(
        made_up.content(),
        annexes=(),
        events=made_up.bodies(2),
        signer=signer,
        seal_root=sealer.root_fingerprint,
    )
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    stream = writer.add_object(generic.StreamObject(stream_data=b"hidden"))
    carrier = generic.DictionaryObject(  # type: ignore[no-untyped-call]
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Filespec"),
            generic.pdf_name("/EF"): generic.DictionaryObject({generic.pdf_name("/F"): stream}),  # type: ignore[no-untyped-call]
        }
    )
    writer.root[generic.pdf_name("/Aside")] = writer.add_object(carrier)
    writer.update_root()  # type: ignore[no-untyped-call]
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    kind, said, where = failure(verify(sealer.seal(out.getvalue())))
    assert (kind, said) == (Exit.ANNEX, "a file is attached outside the list of attachments")
    assert where.startswith("PDF object ")


def test_the_ledgers_own_proofs_ride_along_and_are_said_to_be_unexamined(
    sealer: PadesSealer, signer: KeyInMemory
) -> None:
    names = ("checkpoint.txt", "proof-1.txt")
    extra = [Annex(name=n, mime="text/plain", data=b"x", description="") for n in names]
    pdf = build_pack(made_up.content(), annexes=extra, events=[], signer=signer, sealer=sealer)
    report = verify(pdf)
    assert report.exit_code == Exit.GOOD, report.steps
    assert any("checkpoint and proofs" in line for line in report.not_proved)
