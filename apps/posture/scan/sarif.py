"""A report as SARIF 2.1.0 (OASIS), for code hosts and scanners' viewers."""

import json
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from .findings import Finding, Report
from .rules import RULES, Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
HOME = "https://bailiwick.localhost/"


def to_sarif(report: Report, *, version: str) -> str:
    """The document as text. All rules are listed: a clean report tells what was looked for."""
    order = {rule_id: number for number, rule_id in enumerate(RULES)}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "Bailiwick metadata scan",
                "semanticVersion": version,
                "rules": [_rule(rule) for rule in RULES.values()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, order) for finding in report.findings],
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "warning", "message": {"text": f"{path}: {why}"}}
                    for path, why in report.unread
                ],
            }
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "help": {"text": rule.fix},
        "defaultConfiguration": {"level": rule.level},
        "properties": {"tags": ["security", rule.control]},
    }


def _result(finding: Finding, order: dict[str, int]) -> dict[str, Any]:
    place = finding.place
    return {
        "ruleId": finding.rule_id,
        "ruleIndex": order[finding.rule_id],
        "level": finding.level,
        "message": {"text": finding.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(place.path), "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": place.line, "startColumn": place.column},
                }
            }
        ],
        "partialFingerprints": {"bailiwick/v1": _fingerprint(finding)},
    }


def _fingerprint(finding: Finding) -> str:
    """The same finding in the next scan, though lines have moved."""
    said = "\n".join((finding.rule_id, finding.place.path, finding.message))
    return sha256(said.encode()).hexdigest()
