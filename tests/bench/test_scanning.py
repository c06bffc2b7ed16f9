"""What a metadata scan costs: files a second and peak memory on a thousand Apex classes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.report import record

pytestmark = pytest.mark.bench

CLASSES, METHODS = 1_000, 12
METHOD = """
    /** Reads the open cases of account {number}, and asks about them. */
    public List<Case> read{number}(Id account, Map<String, Object> asked) {{
        List<Case> found = [SELECT Id, Subject FROM Case WHERE AccountId = :account WITH USER_MODE];
        for (Case each : found) {{
            if (each.Subject != null && each.Subject.startsWith('M-{number}')) {{
                asked.put(each.Id + '/{number}', new List<String>{{ each.Subject, 'open' }});
            }}
        }}
        return found;
    }}
"""
CALL = """
    public void send{number}(String body) {{
        HttpRequest asked = new HttpRequest();
        asked.setEndpoint('https://tool{number}.example.fr/v1');
        asked.setBody(body);
    }}
"""
# Run apart, so that the peak is the scan's own.
MEASURE = """
import json, sys, time
from pathlib import Path
from apps.posture.scan.run import scan
from tests.bench.memory import peak_mib
began = time.perf_counter()
report = scan(Path(sys.argv[1]))
seconds = time.perf_counter() - began
print(json.dumps([report.files, len(report.addresses), seconds, peak_mib()]))
"""


def make_repository(root: Path, *, classes: int) -> None:
    """Classes of some 150 lines, as many as asked for; every tenth makes a call."""
    folder = root / "force-app/main/default/classes"
    folder.mkdir(parents=True)
    for number in range(classes):
        methods = "".join(METHOD.format(number=each) for each in range(METHODS))
        call = "" if number % 10 else CALL.format(number=number)
        text = f"public with sharing class Made{number} {{{methods}{call}}}\n"
        (folder / f"Made{number}.cls").write_text(text)


def measured(root: Path) -> tuple[int, int, float, float]:
    """Files, addresses, seconds and MiB at the peak of one scan in a process of its own."""
    run = [sys.executable, "-c", MEASURE, str(root)]
    told = subprocess.run(run, capture_output=True, check=True, text=True).stdout
    files, addresses, seconds, peak = json.loads(told)
    return files, addresses, seconds, peak


def test_files_a_second_and_memory(tmp_path: Path) -> None:
    make_repository(tmp_path / "few", classes=CLASSES // 10)
    make_repository(tmp_path / "many", classes=CLASSES)

    _, _, _, few = measured(tmp_path / "few")
    files, addresses, seconds, many = measured(tmp_path / "many")

    assert (files, addresses) == (CLASSES, CLASSES // 10)
    assert many < 1.5 * few, "memory grows with the number of files"
    record("posture", "metadata scan, 1,000 Apex classes", files / seconds, "files/s")
    record("posture", "metadata scan, peak memory", many, "MiB")
    record("posture", "metadata scan, peak memory of a tenth", few, "MiB")
