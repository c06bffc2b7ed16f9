"""Code and addresses of acme-prod, as a posture scan finds them in many an org."""

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
        builder.add("ApexClass", {"Name": name, "Body": body, "Status": "Active"})
    builder.add("ApexTrigger", {"Name": "CaseDrafts", "Body": _TRIGGER, "Status": "Active"})
    remote = {"SiteName": "OpenAI", "EndpointUrl": "https://api.openai.com", "IsActive": True}
    builder.add("RemoteProxy", remote)
    site = {"DeveloperName": "Maps", "EndpointUrl": "https://maps.example.fr", "IsActive": True}
    builder.add("CspTrustedSite", {**site, "IsApplicableToConnectSrc": True})
    named = {"DeveloperName": "Payroll", "Endpoint": "https://payroll.example.de"}
    builder.add("NamedCredential", {**named, "PrincipalType": "NamedUser"})
