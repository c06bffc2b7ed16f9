"""A pack's OSCAL document is accepted by an implementation that is not ours."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from trestle.oscal.assessment_results import AssessmentResults

from apps.evidence.pack.content import CheckResult, ControlResult, PackContent
from apps.evidence.pack.oscal import OSCAL_NAME, oscal_bytes
from apps.evidence.verify.attachments import take_out
from apps.evidence.verify.document import open_document
from tests.evidence import made_up


def control(name: str, result: str) -> ControlResult:
    check = CheckResult(
        name=f"{name}.check",
        question="Does it hold?",
        result=result,  # type: ignore[arg-type]
        sentence="Read and compared.",
        at=made_up.NOW,
    )
    return ControlResult(id=name, title=f"Control {name}", result=check.result, checks=(check,))


@pytest.fixture
def content() -> PackContent:
    controls = (control("BRK-1", "good"), control("BRK-2", "danger"), control("LED-1", "unknown"))
    return made_up.content(
        control_results=controls, controls=tuple(each.id for each in controls), subject="BG-0412"
    )


def test_trestle_reads_it_and_finds_what_the_pack_says(
    content: PackContent, tmp_path: Path
) -> None:
    path = tmp_path / "results.json"
    path.write_bytes(oscal_bytes(content, (made_up.policy_annex(),)))
    read = AssessmentResults.oscal_read(path)
    assert isinstance(read, AssessmentResults)
    findings = read.results[0].findings or []
    states = {each.target.target_id: each.target.status for each in findings if each.target.status}
    assert str(states["BRK-1"].state.value) == "satisfied"
    assert str(states["BRK-2"].state.value) == "not-satisfied"
    assert "Unknown" in str(states["LED-1"].remarks)


def test_trestles_command_finds_it_valid(content: PackContent, tmp_path: Path) -> None:
    given = tmp_path / "given.json"
    given.write_bytes(oscal_bytes(content, (made_up.policy_annex(),)))
    place = tmp_path / "workspace"
    place.mkdir()
    trestle = [sys.executable, "-m", "trestle"]
    for command in (
        ["init", "--local"],
        ["import", "-f", str(given), "-o", "pack"],
        ["validate", "-t", "assessment-results", "-n", "pack"],
    ):
        done = subprocess.run(
            [*trestle, *command], cwd=place, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_annex_is_linked_by_its_hash_and_the_same_pack_gives_the_same_ids(
    content: PackContent,
) -> None:
    first = oscal_bytes(content, (made_up.policy_annex(),))
    assert first == oscal_bytes(content, (made_up.policy_annex(),))
    links = json.loads(first)["assessment-results"]["back-matter"]["resources"][1]["rlinks"]
    assert links[0]["href"] == "policy.json"
    assert len(links[0]["hashes"][0]["value"]) == 64


def test_a_sealed_pack_carries_it(pack: bytes) -> None:
    _, document = open_document(pack)
    _, attached = take_out(document)
    told = json.loads(attached.files[OSCAL_NAME])["assessment-results"]
    names = {each["title"] for each in told["back-matter"]["resources"]}
    assert {"events.jsonl", "summary.json", "policy.json"} <= names
