"""What acme-prod's flows and code call by name: credentials and a registered service."""

import json

from apps.sandbox.seed.build import Builder

_OPENAPI = {
    "openapi": "3.0.1",
    "info": {"title": "Case summaries", "version": "1"},
    "servers": [{"url": "https://api.anthropic.com"}],
    "paths": {"/v1/messages": {"post": {"operationId": "summarise", "responses": {}}}},
}


def add_credentials(builder: Builder) -> None:
    """A named credential of the old kind, one of the new, and a service behind it."""
    _legacy(builder)
    parameters = [
        _parameter("Url", "Url", "https://api.anthropic.com"),
        _parameter("ExternalCredential", "Authentication", None, credential="Claude"),
        _parameter("anthropic-version", "HttpHeader", "2023-06-01"),
    ]
    whole = {
        "allowMergeFieldsInBody": False,
        "allowMergeFieldsInHeader": True,
        "calloutStatus": "Enabled",
        "generateAuthorizationHeader": False,
        "label": "Claude",
        "namedCredentialParameters": parameters,
        "namedCredentialType": "SecuredEndpoint",
    }
    named = {"DeveloperName": "Claude", "MasterLabel": "Claude", "FullName": "Claude"}
    options = {"CalloutOptionsAllowMergeFieldsInHeader": True}
    credential = builder.add("NamedCredential", {**named, **options, "Metadata": whole})
    _external(builder)
    _service(builder, credential["Id"])


def _legacy(builder: Builder) -> None:
    endpoint = "https://payroll.example.de"
    whole = {
        "allowMergeFieldsInBody": False,
        "allowMergeFieldsInHeader": False,
        "endpoint": endpoint,
        "generateAuthorizationHeader": True,
        "label": "Payroll",
        "namedCredentialType": "Legacy",
        "principalType": "NamedUser",
        "protocol": "Password",
    }
    named = {"DeveloperName": "Payroll", "MasterLabel": "Payroll", "FullName": "Payroll"}
    options = {"CalloutOptionsGenerateAuthorizationHeader": True, "PrincipalType": "NamedUser"}
    builder.add("NamedCredential", {**named, **options, "Endpoint": endpoint, "Metadata": whole})


def _parameter(
    name: str, kind: str, value: str | None, *, credential: str | None = None
) -> dict[str, object]:
    return {
        "certificate": None,
        "externalCredential": credential,
        "parameterName": name,
        "parameterType": kind,
        "parameterValue": value,
        "sequenceNumber": None,
    }


def _external(builder: Builder) -> None:
    header = {
        "parameterGroup": "DefaultGroup",
        "parameterName": "x-api-key",
        "parameterType": "AuthHeader",
        "parameterValue": "{!$Credential.Claude.ApiKey}",
        "sequenceNumber": 1,
    }
    whole = {
        "authenticationProtocol": "Custom",
        "description": None,
        "externalCredentialParameters": [header],
        "label": "Claude",
    }
    named = {"DeveloperName": "Claude", "MasterLabel": "Claude", "FullName": "Claude"}
    builder.add(
        "ExternalCredential", {**named, "AuthenticationProtocol": "Custom", "Metadata": whole}
    )


def _service(builder: Builder, credential_id: str) -> None:
    name, schema = "CaseSummaries", json.dumps(_OPENAPI)
    whole = {
        "label": "Case summaries",
        "namedCredentialReference": "Claude",
        "registrationProviderType": "Custom",
        "schema": schema,
        "schemaType": "OpenApi3",
        "serviceBinding": None,
        "status": "Complete",
    }
    values = {
        "DeveloperName": name,
        "MasterLabel": "Case summaries",
        "NamedCredential": "Claude",
        "NamedCredentialReferenceId": credential_id,
        "RegistrationProviderType": "Custom",
        "Schema": schema,
        "SchemaType": "OpenApi3",
        "Status": "complete",
        "FullName": name,
        "Metadata": whole,
    }
    builder.add("ExternalServiceRegistration", values)
