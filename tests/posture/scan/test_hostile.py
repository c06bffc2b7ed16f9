"""Files that nobody wrote: deep, endless, broken. A scan ends, says what it left, and goes on."""

import io
import os
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.posture.scan import effort, sources
from apps.posture.scan.command import FINDINGS, UNREADABLE, main
from apps.posture.scan.run import MOST_OF_A_FILE
from tests.posture.scan.made_up import OPENAI_KEY, scanned, told, xml

MANY = 20_000
CALL = "r.setEndpoint('https://api.openai.com/v1');"


def cls(body: str) -> dict[str, str]:
    return {"classes/A.cls": f"public class A {{ void go() {{ {body} }} }}"}


DEEP = {
    "twenty thousand added texts": cls(
        "String s = 'https://api.openai.com'" + " + 'x'" * MANY + "; r.setEndpoint(s);"
    ),
    "brackets in Apex": cls("x = " + "(" * MANY + "1" + ")" * MANY + ";"),
    "classes in classes": {"classes/A.cls": "class A { " * 9_000 + "}" * 9_000},
    "brackets in JavaScript": {"lwc/a/a.js": "export default\n" + "[\n" * MANY + "]\n" * MANY},
    "elements in XML": {"flows/F.flow": "<Flow>" + "<a>" * MANY + "</a>" * MANY + "</Flow>"},
    "tags in a page": {"pages/P.page": "<apex:page>" + "<div>" * MANY + "</apex:page>"},
    "gigabytes of the parser's": cls("String s = " + "<a " * MANY),
    "what ends the parser's process": cls("String s = " + "{!" * 500_000),
    "values of one name": cls("".join(f"s = s + {n}; r.setEndpoint(s);" for n in range(3_000))),
}


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort, "LONGEST_S", 1.0)


@pytest.mark.parametrize("kind", DEEP)
def test_what_is_too_much_ends_soon_and_is_told(kind: str) -> None:
    began = time.process_time()

    report = scanned({**DEEP[kind], "classes/Z.cls": cls(CALL)["classes/A.cls"]})

    assert time.process_time() - began < 6
    assert ("classes/Z.cls", "egress-llm") in {
        (found.place.path, found.rule_id) for found in report.findings
    }, "the rest is read"
    is_told = bool(report.unread) or "egress-unknown" in dict(told(report))
    assert is_told, "never silently clean"


def test_a_file_that_is_given_up_is_still_searched_for_addresses_and_secrets() -> None:
    body = f"String k = '{OPENAI_KEY}';\n String u = 'https://api.openai.com'" + "+ 'x'" * MANY

    report = scanned(cls(f"{body};"))

    assert told(report) == [("secret", 1), ("unreadable", 1), ("llm-mentioned", 2)]
    assert OPENAI_KEY not in repr(report)


def test_a_component_on_one_endless_line_is_not_passed_over() -> None:
    line = f"const a='{'x' * 30_000}';fetch('https://api.openai.com/v1',{{k:'{OPENAI_KEY}'}})"

    report = scanned({"lwc/chat/chat.js": line})

    assert told(report) == [("secret", 1), ("llm-mentioned", 1)]


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("classes/A.cls", "class A {\n void a() { insert x; }\n %%% \n}", 3),
        ("lwc/a/a.js", "export default 1;\nconst = = 3;\n", 2),
        ("classes/B.cls", "}}}{{{((", 1),
    ],
)
def test_code_that_does_not_fit_its_grammar_is_unread_from_a_line_on(
    path: str, text: str, line: int
) -> None:
    assert ("unreadable", line) in told(scanned({path: text}))


def test_merge_fields_of_a_page_are_no_error_and_places_stay_right() -> None:
    script = "var id = '{!record.Id}';\nvar all = {!rows};\nfetch('https://in.acme.fr');"

    report = scanned({"pages/P.page": f"<apex:page>\n<script>\n{script}\n</script></apex:page>"})

    assert told(report) == [("egress-outside", 5)]


def test_a_file_that_repeats_itself_is_cut_and_the_cut_is_told() -> None:
    report = scanned(cls("r.setEndpoint(Unknown.url());\n" * (MOST_OF_A_FILE + 5)))

    assert len(report.findings) == MOST_OF_A_FILE + 1
    assert report.unread == [
        ("classes/A.cls", "it holds more than 1,000 findings: the rest are left out")
    ]


@pytest.mark.parametrize(
    "inside",
    [
        f"<values><field>{'_' * 300_000}x</field><value>abc123DEF456</value></values>",
        f"<values><field>token</field><value>{'&lt;' * 300_000}</value></values>",
        f"<values><field>k</field><value>{'https://a:' * 100_000}</value></values>",
    ],
)
def test_texts_made_to_make_patterns_slow_are_read_at_once(inside: str) -> None:
    began = time.process_time()

    scanned({"customMetadata/A.B.md": xml("CustomMetadata", inside)})

    assert time.process_time() - began < 5


PATHS = ("classes/A.cls", "triggers/A.trigger", "pages/A.page", "flows/A.flow", "lwc/a/a.js")
SETTINGS = ("profiles/A.profile", "sharingRules/A.sharingRules", "authproviders/A.authprovider")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=st.sampled_from(PATHS + SETTINGS), data=st.text(max_size=80), cut=st.integers(0, 300))
def test_no_file_brings_the_scan_down(path: str, data: str, cut: int) -> None:
    whole = xml("Profile", data) if path in SETTINGS else cls(CALL + data)["classes/A.cls"]

    report = scanned({path: whole[:cut].encode("utf-8", "replace").decode()})

    assert report.files == 1


def zipped(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"classes/{name}.cls", data)
    return path


def test_a_bomb_is_never_unpacked_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "LARGEST_FILE", 2**20)
    bomb = zipped(tmp_path / "bomb.zip", A=b"x" * 30 * 2**20, B=b"class B { }")

    assert main([str(bomb)]) == FINDINGS
    assert "classes/A.cls:1:1: note: it is larger than 1 MiB" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "data"),
    [("cut.zip", 40), ("no.zip", None)],
)
def test_a_zip_that_is_broken_or_none_cannot_be_read(
    name: str, data: int | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("classes/A.cls", "class A { }")
    (tmp_path / name).write_bytes(whole.getvalue()[:data] if data else b"no zip at all")

    assert main([str(tmp_path / name)]) == UNREADABLE
    assert "neither a folder nor a zip" in capsys.readouterr().err


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 400), byte=st.integers(0, 255), method=st.sampled_from([0, 8, 12, 14]))
def test_a_zip_with_a_changed_byte_is_read_as_far_as_it_goes(
    at: int, byte: int, method: int
) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        archive.writestr("classes/A.cls", cls(CALL)["classes/A.cls"] * 3)
    data = bytearray(made.getvalue())
    data[at % len(data)] = byte

    try:
        files = list(sources.read_zip(io.BytesIO(data)))
    except sources.CannotRead:
        return
    assert all(file.data is not None or file.trouble for file in files)


def test_names_that_are_no_text_or_steer_a_terminal_are_shown_plain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "org/classes"
    folder.mkdir(parents=True)
    for name in (b"\xff.cls", b"\x1b[31m.cls"):
        Path(os.fsdecode(bytes(folder) + b"/" + name)).write_text(cls(CALL)["classes/A.cls"])

    assert main([str(tmp_path / "org"), "--sarif", str(tmp_path / "out.sarif")]) == FINDINGS

    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert said.count("calls OpenAI") == 2


def test_entities_are_refused_and_links_are_not_followed(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "cccc"><!ENTITY d "&b;&b;&b;">]><Flow><a>&d;</a></Flow>'
    folder = tmp_path / "org/flows"
    folder.mkdir(parents=True)
    (folder / "F.flow").write_text(bomb)
    (tmp_path / "outside.cls").write_text(cls(CALL)["classes/A.cls"])
    (folder / "A.cls").symlink_to(tmp_path / "outside.cls")
    report = tmp_path / "out.sarif"

    assert main([str(tmp_path / "org"), "--sarif", str(report)]) == FINDINGS
    assert "which is refused" in report.read_text()
    assert "openai" not in report.read_text()
