"""Step 7: the auditor downloads a signed pack; the checker needs neither console nor network."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from apps.demo.steps.run import Run
from apps.demo.visitor import StepFailed

CHECKER = [sys.executable, "-m", "apps.evidence.verify"]


def do(run: Run) -> None:
    """Make, download, check; then change one byte of a copy and see the check fail."""
    auditor = run.person("auditor")
    today = datetime.now(UTC).date().isoformat()
    asked = auditor.post("/api/v1/packs/", {"title": "The main job", "first": today, "last": today})
    told = auditor.wait_for(
        f"/api/v1/packs/{asked['id']}/",
        lambda told: told["state"] not in {"queued", "building"},
        patience_s=120,
    )
    if told["state"] != "ready":
        raise StepFailed(f"the pack could not be made: {told['trouble']}")
    link = auditor.post(f"/api/v1/packs/{asked['id']}/download/", {"code": auditor.code()})
    pdf = auditor.download(link["url"])
    run.packs.mkdir(parents=True, exist_ok=True)
    path = run.packs / f"pack-{asked['id']}.pdf"
    path.write_bytes(pdf)
    run.found["pack"] = path
    code, words = _check(path)
    if code != 0:
        raise StepFailed(f"the checker refused the pack (exit {code}):\n{words}")
    run.say(f"    {told['event_count']} ledger events inside; the checker says it is good")
    _expect_damage_to_show(run, path, pdf)


def _expect_damage_to_show(run: Run, path: Path, pdf: bytes) -> None:
    copy = path.with_suffix(".damaged")
    middle = len(pdf) // 2
    copy.write_bytes(pdf[:middle] + bytes([pdf[middle] ^ 1]) + pdf[middle + 1 :])
    code, words = _check(copy)
    copy.unlink()
    if code == 0:
        raise StepFailed("the checker accepted a pack with one byte changed")
    failed = next((line.strip() for line in words.splitlines() if "FAIL" in line), "")
    run.say(f"    with one byte changed it exits {code}: {failed}")


def _check(path: Path) -> tuple[int, str]:
    done = subprocess.run([*CHECKER, str(path)], capture_output=True, text=True, check=False)  # noqa: S603
    return done.returncode, done.stdout + done.stderr
