"""How the org reaches other systems: named and external credentials, external services.

Object reference: NamedCredential. Tooling API reference: ExternalCredential,
ExternalServiceRegistration.
"""

from apps.sandbox.schema.fields import (
    SObject,
    audited,
    choice,
    flag,
    identity,
    metadata,
    reference,
    text,
)

NAMED_CREDENTIAL = SObject(
    name="NamedCredential",
    prefix="0XA",
    label="Named Credential",
    plural="Named Credentials",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        text("DeveloperName", 80, name_field=True),
        text("MasterLabel", 80),
        text("NamespacePrefix", 15),
        text("Description"),
        text("Endpoint"),
        text("PrincipalType", 40),
        flag("CalloutOptionsGenerateAuthorizationHeader"),
        flag("CalloutOptionsAllowMergeFieldsInHeader"),
        flag("CalloutOptionsAllowMergeFieldsInBody"),
        *metadata(),
        *audited(),
    ),
)
EXTERNAL_CREDENTIAL = SObject(
    name="ExternalCredential",
    prefix="0pr",
    label="External Credential",
    plural="External Credentials",
    reading_needs="ViewSetup",
    tooling=True,
    fields=(
        identity(),
        text("DeveloperName", 80, name_field=True),
        text("MasterLabel", 80),
        text("NamespacePrefix", 15),
        text("Description"),
        choice("AuthenticationProtocol", "AwsSv4", "Basic", "Custom", "NoAuthentication", "Oauth"),
        *metadata(),
        *audited(),
    ),
)
EXTERNAL_SERVICE = SObject(
    name="ExternalServiceRegistration",
    prefix="0gj",
    label="External Service",
    plural="External Services",
    reading_needs="ViewSetup",
    tooling=True,
    fields=(
        identity(),
        text("DeveloperName", 80, name_field=True),
        text("MasterLabel", 80),
        text("NamespacePrefix", 15),
        text("Description"),
        text("NamedCredential", 80),
        reference("NamedCredentialReferenceId", "NamedCredential"),
        text("RegistrationProviderType", 40),
        text("Schema", 1_000_000, type="textarea"),
        choice("SchemaType", "OpenApi", "OpenApi3"),
        text("SchemaUrl", type="url"),
        text("SchemaAbsoluteUrl", type="url"),
        choice("Status", "complete", "incomplete"),
        *metadata(),
        *audited(),
    ),
)
CREDENTIALS = (EXTERNAL_CREDENTIAL, EXTERNAL_SERVICE, NAMED_CREDENTIAL)
