"""Code and addresses of acme-prod, as a posture scan finds them in many an org."""

from typing import Any

from apps.sandbox.seed.build import Builder

_COPILOT = """public without sharing class ContractCopilot {
    public static String draft(List<Case> rows) {
        HttpRequest asked = new HttpRequest();
        asked.setEndpoint('https://api.openai.com/v1/chat/completions');
        asked.setMethod('POST');
        asked.setBody(JSON.serialize(rows));
        return new Http().send(asked).getBody();
    }
}
"""
_QUIET = """public with sharing class CaseReader {
    public static List<Case> open() {
        return [SELECT Id, Subject FROM Case WHERE IsClosed = false WITH USER_MODE];
    }
}
"""
_TRIGGER = """trigger CaseDrafts on Case (after update) {
    ContractCopilot.draft(Trigger.new);
}
"""


def add_metadata(builder: Builder) -> None:
    """Two classes, a trigger, and what the org allows calls to."""
    for name, body in (("ContractCopilot", _COPILOT), ("CaseReader", _QUIET)):
        builder.add("ApexClass", _code(name, body))
    on_case = {"TableEnumOrId": "Case", "UsageAfterUpdate": True}
    builder.add("ApexTrigger", _code("CaseDrafts", _TRIGGER) | on_case)
    remote = {"SiteName": "OpenAI", "EndpointUrl": "https://api.openai.com", "IsActive": True}
    told = {"disableProtocolSecurity": False, "isActive": True, "url": remote["EndpointUrl"]}
    builder.add("RemoteProxy", {**remote, "FullName": "OpenAI", "Metadata": told})
    site = {"DeveloperName": "Maps", "EndpointUrl": "https://maps.example.fr", "IsActive": True}
    told = {"context": "All", "endpointUrl": site["EndpointUrl"], "isActive": True}
    told["isApplicableToConnectSrc"] = True
    shown = {"IsApplicableToConnectSrc": True, "FullName": "Maps", "Metadata": told}
    builder.add("CspTrustedSite", {**site, "MasterLabel": "Maps", **shown})


def _code(name: str, body: str) -> dict[str, Any]:
    told = {"apiVersion": 60, "packageVersions": [], "status": "Active", "urls": None}
    shown = {"Name": name, "Body": body, "Status": "Active", "IsValid": True}
    return {**shown, "LengthWithoutComments": len(body), "FullName": name, "Metadata": told}
