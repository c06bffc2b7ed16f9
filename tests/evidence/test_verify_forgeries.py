"""A pack that was wrong before it was sealed is found out, and the place is named."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from apps.evidence.pack import canonical, manifest
from apps.evidence.pack.annexes import assemble
from apps.evidence.pack.build import build_unsigned
from apps.evidence.pack.content import Annex
from apps.evidence.pack.events import write_events
from apps.evidence.pack.manifest import KeyInMemory
from apps.evidence.pack.render import render
from apps.evidence.pack.seal import PadesSealer
from apps.evidence.verify.report import Exit, Report
from apps.evidence.verify.run import verify
from tests.evidence import made_up
from tests.evidence.reading import failure

Tamper = Callable[[tuple[Annex, ...]], tuple[Annex, ...]]


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
