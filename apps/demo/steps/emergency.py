"""Step 5: emergency access on two signatures; it yields a token, ends by itself, and is dead."""

from typing import Any

import requests

from apps.demo.steps.run import Run
from apps.demo.visitor import StepFailed

WHY = "Single sign-on is down and the hearing in this matter begins at nine."
MINUTES = 1
ENDED = {"closed", "rotation_failed"}


def do(run: Run) -> None:
    """Ask, sign twice, read one record, wait for the end, try the token again."""
    requester = run.person("operator")
    record = run.found["records"][0]
    asked = requester.post(
        "/api/v1/emergency/requests/",
        {
            "connection": run.found["connection"],
            "scope": {"Case": {"fields": ["CaseNumber", "Subject"], "records": [record]}},
            "networks": ["127.0.0.1/32"],
            "minutes": MINUTES,
            "justification": WHY,
            "case_reference": "M-2231",
        },
    )
    path = f"/api/v1/emergency/requests/{asked['id']}/"
    for key, role in (("legal", "legal_approver"), ("it", "it_approver")):
        _sign(run, key, role, path)
    told = requester.get(path)
    if told["state"] != "active":
        raise StepFailed(f"with both signatures the request is {told['state']}")
    token = requester.post(f"{path}reveal/", {"code": requester.code()})["token"]
    answer = _read(run, token, record)
    if answer.status_code != 200:
        raise StepFailed(f"the emergency token was refused: {answer.text[:200]}")
    run.say(f"    active until {told['deadline_at']}; read {sorted(answer.json()['values'])}")
    told = requester.wait_for(path, lambda told: told["state"] in ENDED, patience_s=150)
    if told["state"] != "closed":
        raise StepFailed(f"the end is not proven: {told['state']}")
    answer = _read(run, token, record)
    if answer.status_code != 401:
        raise StepFailed(f"the ended token still gets {answer.status_code}")
    run.say(f"    ended by itself ({told['end_reason']}); the token is refused: {_why(answer)}")


def _sign(run: Run, key: str, role: str, path: str) -> None:
    approver = run.person(key)
    read: dict[str, Any] = approver.get(path)
    approver.post(
        f"{path}approve/",
        {"role": role, "content_hash": read["content_hash"], "code": approver.code()},
    )
    run.say(f"    signed by {approver.user.name} ({role.replace('_', ' ')})")


def _read(run: Run, token: str, record: str) -> requests.Response:
    return requests.get(
        f"{run.console_url}/api/v1/emergency/records/Case/{record}/",
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )


def _why(answer: requests.Response) -> str:
    return str(answer.json()["detail"])
