"""The scan as people run it: folders, zips, exit codes, SARIF."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from apps.posture.scan import sources
from apps.posture.scan.command import CLEAN, FINDINGS, UNREADABLE, main

CALLING = "class A { void go() { r.setEndpoint('https://api.openai.com'); } }"


@pytest.fixture
def org(tmp_path: Path) -> Path:
    """A folder with one class that calls out, and things that are to be left alone."""
    for path, text in (
        ("force-app/main/classes/A.cls", CALLING),
        ("force-app/main/classes/A.cls-meta.xml", "<ApexClass/>"),
        ("node_modules/x/classes/B.cls", CALLING),
        (".git/classes/C.cls", CALLING),
    ):
        file = tmp_path / "org" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "org/loop").symlink_to(tmp_path / "org")
    return tmp_path / "org"


def test_findings_clean_and_unreadable_have_exit_codes_of_their_own(
    org: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clean = tmp_path / "clean/classes"
    clean.mkdir(parents=True)
    (clean / "A.cls").write_text("class A { }")

    assert main([str(org)]) == FINDINGS
    assert "A.cls:1:23: error: Apex A.cls calls OpenAI" in capsys.readouterr().out
    assert main([str(clean)]) == CLEAN
    assert main([str(tmp_path / "nowhere")]) == UNREADABLE
    assert main([str(tmp_path / "clean/classes/A.cls")]) == UNREADABLE
    (tmp_path / "empty").mkdir()
    assert main([str(tmp_path / "empty")]) == UNREADABLE


def test_a_zip_says_what_its_folder_says(org: Path, tmp_path: Path) -> None:
    archive = tmp_path / "org.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("unpackaged/classes/A.cls", CALLING)
        zipped.writestr("../../etc/B.cls", CALLING)

    assert main([str(archive), "--sarif", str(tmp_path / "out.sarif")]) == FINDINGS

    results = json.loads((tmp_path / "out.sarif").read_text())["runs"][0]["results"]
    places = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results]
    assert places == ["etc/B.cls", "unpackaged/classes/A.cls"]


def test_a_file_too_large_to_read_is_reported_and_the_rest_is_read(
    org: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sources, "LARGEST_FILE", 100)
    (org / "force-app/main/classes/Huge.cls").write_text("x" * 101)

    assert main([str(org)]) == FINDINGS

    said = capsys.readouterr().out
    assert "Huge.cls:1:1: note: it is larger than" in said
    assert "A.cls:1:23: error" in said


def test_a_sarif_file_that_cannot_be_written_is_told_after_the_findings(
    org: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(org), "--sarif", str(tmp_path / "no/out.sarif")]) == UNREADABLE

    said = capsys.readouterr()
    assert "calls OpenAI" in said.out
    assert "out.sarif could not be written: No such file or directory." in said.err


def test_a_damaged_zip_is_said_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = tmp_path / "org.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("classes/A.cls", CALLING * 100)
    data = bytearray(archive.read_bytes())
    data[60] ^= 0xFF
    archive.write_bytes(bytes(data))

    assert main([str(archive)]) == FINDINGS
    assert "it cannot be unpacked" in capsys.readouterr().out


def test_the_management_command_needs_no_database(org: Path) -> None:
    command = [sys.executable, "manage.py", "scan", str(org)]
    env = {"PATH": "/usr/bin:/bin", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}

    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)

    assert done.returncode == FINDINGS, done.stderr
    assert "calls OpenAI" in done.stdout
