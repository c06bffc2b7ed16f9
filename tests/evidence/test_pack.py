"""A pack is whole, readable by foreign tools, the same each time, and refuses no evidence."""

import importlib
import subprocess
from dataclasses import replace
from datetime import date
from io import BytesIO
from operator import methodcaller
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from apps.evidence.pack.build import build_unsigned
from apps.evidence.pack.content import Annex, Bar, Chart, Finding, Period, Section, Table
from apps.evidence.pack.drawing import draw
from apps.evidence.pack.errors import ContentRefused, PackError, RendererMissing
from apps.evidence.pack.manifest import KeyInMemory
from tests.evidence import made_up

ROOT = "ab" * 32


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def unsigned(signer: KeyInMemory, **changes: object) -> bytes:
    return build_unsigned(
        made_up.content(**changes),
        annexes=(),
        events=made_up.bodies(5),
        signer=signer,
        seal_root=ROOT,
    )


def text_of(pdf: bytes, tmp_path: Path) -> str:
    path = tmp_path / "text.pdf"
    path.write_bytes(pdf)
    return run("pdftotext", "-layout", path, "-").stdout


@pytest.mark.parametrize("tool", ["pdfsig"], indirect=True)
def test_pdfsig_finds_the_whole_document_signed(tool: str, pack_file: Path) -> None:
    said = run(tool, pack_file).stdout
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "Not total document signed" not in said


@pytest.mark.parametrize("tool", ["qpdf"], indirect=True)
def test_qpdf_finds_no_fault(tool: str, pack_file: Path) -> None:
    checked = run(tool, "--check", pack_file)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "No syntax or stream encoding errors" in checked.stdout


@pytest.mark.parametrize("tool", ["pdfdetach"], indirect=True)
def test_every_annex_can_be_taken_out_by_a_foreign_tool(
    tool: str, pack_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert run(tool, "-saveall", "-o", out, pack_file).returncode == 0
    assert {path.name for path in out.iterdir()} == {
        "events.jsonl", "events.csv", "summary.json", "policy.json",
        "manifest-key.pem", "manifest.dsse.json", "oscal-assessment-results.json",
    }  # fmt: skip
    assert (out / "policy.json").read_bytes() == made_up.policy_annex().data


def test_the_pack_is_tagged_pdf_a_3_and_lists_each_annex_once(signer: KeyInMemory) -> None:
    root = PdfFileReader(BytesIO(unsigned(signer))).root
    assert root["/MarkInfo"]["/Marked"]
    assert b'pdfaid:part="3"' in root["/Metadata"].data
    assert b'pdfaid:conformance="A"' in root["/Metadata"].data
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    listed = [spec.get_object()["/F"] for spec in root["/AF"]]
    assert len(listed) == len(set(listed)) == 6


def test_each_annex_bears_its_own_media_type_and_relationship(signer: KeyInMemory) -> None:
    root = PdfFileReader(BytesIO(unsigned(signer))).root
    specs = {spec["/F"]: spec for spec in map(methodcaller("get_object"), root["/AF"])}
    events = specs["events.jsonl"]
    assert events["/EF"]["/F"]["/Subtype"] == "/application/jsonl"
    assert events["/AFRelationship"] == "/Data"
    assert specs["events.csv"]["/AFRelationship"] == "/Alternative"


def test_the_same_content_gives_the_same_bytes(signer: KeyInMemory) -> None:
    assert unsigned(signer) == unsigned(signer)


def test_the_cover_says_the_worst_result_and_what_was_left_out(
    signer: KeyInMemory, tmp_path: Path
) -> None:
    text = text_of(unsigned(signer), tmp_path)
    cover = " ".join(text.split("\f", 1)[0].split())
    assert "✕ Not in order" in cover
    assert "3 subjects: 1 not in order, 1 unknown, 1 in order." in cover
    assert "Contract Copilot holds the scope full" in cover
    assert "1 item could not be included" in cover
    assert "Acme Legal Services GmbH" in cover
    assert "page 1 of" in cover
    assert "1 September 2026 to 20 November 2026" in cover


def test_exceptions_stand_before_what_was_checked_and_the_worst_comes_first(
    signer: KeyInMemory, tmp_path: Path
) -> None:
    text = text_of(unsigned(signer), tmp_path)
    assert text.index("BG-0415: rotation") < text.index("Two distinct approvers")
    assert text.index("Contract Copilot holds") < text.index("acme-hr: scopes could not")


def test_a_gap_never_adds_up_to_good() -> None:
    whole = made_up.content(sections=(made_up.model_calls(),), not_included=())
    assert whole.result == "good"
    assert made_up.content(sections=(made_up.model_calls(),)).result == "unknown"


def test_a_section_cannot_say_better_than_what_is_inside_it() -> None:
    with pytest.raises(ContentRefused, match="although something inside it is worse"):
        Section(
            heading="Apps", summary="All well", result="attention",
            exceptions=(Finding(what="Not read", result="unknown"),),
        )  # fmt: skip


def test_hostile_text_is_shown_as_text(signer: KeyInMemory, tmp_path: Path) -> None:
    hostile = (
        "<script>alert(1)</script>", '<img src="http://example.test/x.png">', "{{ title }}",
        "user\u202egnp.exe", "مرحبا بالعالم", "=cmd|'/c calc'!A1", "x" * 10_000,
    )  # fmt: skip
    section = Section(
        heading="<b>Names</b> & \u202ecodes",
        summary="Text as it was typed by others.",
        result="good",
        tables=(Table(caption="Typed", columns=("Text",), rows=tuple((t,) for t in hostile)),),
    )
    text = text_of(unsigned(signer, sections=(section,), not_included=()), tmp_path)
    assert "<script>alert(1)</script>" in text
    assert "<b>Names</b> & [U+202E]codes" in text
    assert "{{ title }}" in text
    assert "user[U+202E]gnp.exe" in text
    assert "9,400 more characters in summary.json" in " ".join(text.split())


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x9f", "\ud800", "\uffff"])
def test_what_cannot_be_printed_is_refused_by_name(sign: str) -> None:
    with pytest.raises(ContentRefused, match=r"table 'Typed' row 1: character 3 is U\+"):
        Table(caption="Typed", columns=("Text",), rows=((f"ab{sign}c",),))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Table(caption="t", columns=("a",), rows=(("x",),) * 501), "at most 500"),
        (lambda: Table(caption="t", columns=("a", "b"), rows=(("x",),)), "number of cells"),
        (lambda: Period(first=date(2026, 2, 1), last=date(2026, 1, 1)), "before the first"),
        (lambda: made_up.content(sections=()), "at least one"),
        (
            lambda: made_up.content(generated_at=made_up.NOW.replace(tzinfo=None)),
            "needs a time zone",
        ),
        (
            lambda: Annex(name="proofs/1.txt", mime="text/csv", data=b"", description=""),
            "lower-case letters",
        ),
        (
            lambda: Annex(name="../x", mime="text/csv", data=b"", description=""),
            "lower-case letters",
        ),
    ],
)
def test_content_that_is_no_evidence_is_refused(make: object, said: str) -> None:
    with pytest.raises(ContentRefused, match=said):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[1]", "not a JSON object"),
        (b'{"b":1,"a":2}', "canonical"),
        (b'{"a":1,"a":1}', "canonical"),
        (b'{"a": 1}', "canonical"),
        (b'{"a":1.0}', "canonical"),
        (b"\xff", "not readable"),
    ],
)
def test_an_event_that_is_not_canonical_json_is_refused_by_number(
    signer: KeyInMemory, body: bytes, said: str
) -> None:
    with pytest.raises(ContentRefused, match=f"event 2: .*{said}"):
        build_unsigned(
            made_up.content(), annexes=(), events=[b"{}", body], signer=signer, seal_root=ROOT
        )


@pytest.mark.parametrize("name", ["events.csv", "manifest.dsse.json"])
def test_an_annex_cannot_take_the_name_of_a_file_the_pack_writes(
    signer: KeyInMemory, name: str
) -> None:
    annex = Annex(name=name, mime="text/csv", data=b"", description="")
    with pytest.raises(ContentRefused, match="writes this file itself"):
        build_unsigned(
            made_up.content(), annexes=(annex,), events=[], signer=signer, seal_root=ROOT
        )


def test_nothing_is_ever_fetched_while_drawing() -> None:
    html = '<html lang="en"><title>x</title><img src="http://127.0.0.1:9/x.png" alt="x"></html>'
    with pytest.raises(PackError, match="may not load"):
        draw(html, "", files=(), at=made_up.NOW)


def test_a_machine_without_pango_is_told_what_to_install(
    signer: KeyInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_pango(_name: str) -> None:
        raise OSError("cannot load library 'libgobject-2.0-0'")

    monkeypatch.setattr(importlib, "import_module", without_pango)
    with pytest.raises(RendererMissing, match="install libpango"):
        unsigned(signer)


def test_the_structure_tells_readers_of_screens_what_is_what(signer: KeyInMemory) -> None:
    """Headings, tables with headers, figures with words: what PDF/A-3a asks of tags."""
    bars = (Bar(label="Done", value=3, result="good"), Bar(label="Failed", value=1))
    charts = (
        Chart(caption="Events by day", bars=bars, upright=True),
        Chart(caption="Runs", bars=bars),
    )
    section = replace(made_up.emergency_access(), charts=charts)
    pdf = PdfFileReader(BytesIO(unsigned(signer, sections=(section,), language="de")))
    kinds: dict[str, list[str]] = {}
    waiting = [pdf.root["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop()
        kinds.setdefault(str(node.get("/S", "")), []).append(str(node.get("/Alt", "")))
        inside = node.get("/K", [])
        children = [inside[n] for n in range(len(inside))] if isinstance(inside, list) else [inside]
        waiting += [child for child in children if isinstance(child, dict)]
    assert {"/Document", "/H1", "/H2", "/Table", "/TR", "/TH", "/TD", "/Figure"} <= set(kinds)
    assert any(alt.startswith("Events by day") for alt in kinds["/Figure"])
    assert all(kinds["/Figure"]), "a figure without words"
    assert pdf.root["/Lang"] == "de"
