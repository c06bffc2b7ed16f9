"""SARIF 2.1.0: what the standard asks for."""

from pathlib import Path

from sarif_pydantic import Sarif

from apps.posture.scan.command import main
from tests.posture.scan.made_up import OPENAI_KEY

CALLING = "class A { void go() { r.setEndpoint('https://api.openai.com'); } }"


def test_sarif_is_what_the_standard_asks_for_and_holds_no_secret(tmp_path: Path) -> None:
    org = tmp_path / "org/classes"
    org.mkdir(parents=True)
    (org / "A.cls").write_text(CALLING)
    (org / "K.cls").write_text(f"class K {{ String k = '{OPENAI_KEY}'; }}")
    out = tmp_path / "out.sarif"

    main([str(org), "--sarif", str(out)])

    document = Sarif.model_validate_json(out.read_text())
    [run] = document.runs
    assert [result.rule_id for result in run.results or []] == ["egress-llm", "secret"]
    assert OPENAI_KEY not in out.read_text()
