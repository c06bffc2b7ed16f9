"""Flows and components of acme-prod, some of which talk to the outside."""

from typing import Any

from apps.sandbox.org import Record
from apps.sandbox.seed.build import Builder

_WIDGET = """import { LightningElement, api } from 'lwc';

export default class CaseAssistant extends LightningElement {
    @api recordId;
    async ask(text) {
        const answer = await fetch('https://api.mistral.ai/v1/chat/completions', {
            method: 'POST',
            body: JSON.stringify({ messages: [{ role: 'user', content: text }] })
        });
        return answer.json();
    }
}
"""
_WIDGET_HTML = """<template>
    <lightning-textarea label="Ask about this case"></lightning-textarea>
</template>
"""
_WIDGET_XML = """<?xml version="1.0" encoding="UTF-8"?>
<LightningComponentBundle xmlns="http://soap.sforce.com/2006/04/metadata">
    <apiVersion>60.0</apiVersion>
    <isExposed>true</isExposed>
</LightningComponentBundle>
"""
_AURA = """<aura:component implements="flexipage:availableForAllPageTypes">
    <iframe src="https://status.example.fi/board" title="Service status"></iframe>
</aura:component>
"""
_AURA_CONTROLLER = """({
    refresh : function(component) {
        component.set("v.loaded", true);
    }
})
"""
_PAGE = """<apex:page controller="CaseReader">
    <script src="https://cdn.example.se/charts.js"></script>
    <apex:outputText value="{!open.size}"/>
</apex:page>
"""


def add_components(builder: Builder) -> None:
    """A flow of two versions, one that is off, a Lightning and an Aura component, a page."""
    calling = {"name": "Summarise", "actionType": "externalService", "label": "Summarise"}
    action = calling | {"actionName": "CaseSummaries.summarise"}
    _flow(builder, "Summarise_Case", "Summarise case", active=[{}, {"actionCalls": [action]}])
    _flow(builder, "Old_Export", "Old export", active=[], draft={"actionCalls": []})
    _lightning(builder)
    _aura(builder)
    page = {"Name": "OpenCases", "MasterLabel": "Open cases", "Markup": _PAGE}
    builder.add("ApexPage", {**page, "ControllerType": "1", "ControllerKey": "CaseReader"})


def _flow(
    builder: Builder,
    name: str,
    label: str,
    *,
    active: list[dict[str, Any]],
    draft: dict[str, Any] | None = None,
) -> None:
    """The last of `active` is the version in force; those before it are obsolete."""
    named = {"DeveloperName": name, "MasterLabel": label, "FullName": name}
    definition = builder.add("FlowDefinition", named)
    versions: list[Record] = []
    for number, body in enumerate([*active, *([draft] if draft is not None else [])], start=1):
        status = "Draft" if number > len(active) else "Obsolete"
        status = "Active" if number == len(active) else status
        versions.append(_version(builder, definition, number, status, body))
    in_force = versions[len(active) - 1]["Id"] if active else None
    told = {"activeVersionNumber": len(active) or None, "description": None, "masterLabel": label}
    values = {"ActiveVersionId": in_force, "LatestVersionId": versions[-1]["Id"], "Metadata": told}
    builder.org.update("FlowDefinition", definition["Id"], values, now=builder.now)


def _version(
    builder: Builder, definition: Record, number: int, status: str, body: dict[str, Any]
) -> Record:
    label = definition["MasterLabel"]
    whole = {
        "actionCalls": [],
        "apexPluginCalls": [],
        "apiVersion": 60,
        "assignments": [],
        "decisions": [],
        "formulas": [],
        "label": label,
        "processType": "AutoLaunchedFlow",
        "recordLookups": [],
        "runInMode": None,
        "start": {"object": "Case", "triggerType": "RecordAfterSave"},
        "status": status,
        "variables": [],
    }
    values = {
        "DefinitionId": definition["Id"],
        "MasterLabel": label,
        "ProcessType": "AutoLaunchedFlow",
        "Status": status,
        "VersionNumber": number,
        "FullName": f"{definition['DeveloperName']}-{number}",
        "Metadata": whole | body,
    }
    return builder.add("Flow", values)


def _lightning(builder: Builder) -> None:
    name = "caseAssistant"
    bundle = builder.add(
        "LightningComponentBundle",
        {
            "DeveloperName": name,
            "MasterLabel": "Case assistant",
            "IsExposed": True,
            "FullName": name,
            "Metadata": {"apiVersion": 60, "isExposed": True, "masterLabel": "Case assistant"},
        },
    )
    files = (("js", _WIDGET), ("html", _WIDGET_HTML), ("js-meta.xml", _WIDGET_XML))
    for suffix, source in files:
        values = {
            "LightningComponentBundleId": bundle["Id"],
            "FilePath": f"lwc/{name}/{name}.{suffix}",
            "Format": suffix.rpartition(".")[2],
            "Source": source,
        }
        builder.add("LightningComponentResource", values)


def _aura(builder: Builder) -> None:
    named = {"DeveloperName": "StatusBoard", "MasterLabel": "Status board"}
    bundle = builder.add("AuraDefinitionBundle", named)
    belongs = {"AuraDefinitionBundleId": bundle["Id"]}
    markup = {"DefType": "COMPONENT", "Format": "XML", "Source": _AURA}
    builder.add("AuraDefinition", belongs | markup)
    controller = {"DefType": "CONTROLLER", "Format": "JS", "Source": _AURA_CONTROLLER}
    builder.add("AuraDefinition", belongs | controller)
