"""Named and external credentials, remote sites, trusted sites and external services.

Metadata API: https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_namedcredential.htm
"""

import json
from pathlib import PurePosixPath

from apps.posture.scan.context import Context
from apps.posture.scan.findings import Place
from apps.posture.scan.xmltree import Node

_PLAIN_PARAMETERS = frozenset({"HttpHeader", "AuthHeader", "AuthParameter", "SigningCertificate"})


def read_named_credential(root: Node, path: str, context: Context) -> None:
    """Its address is one that anything in the org may call by name."""
    name = _name(path)
    source = f"Named credential {name}"
    url = root.value("endpoint")
    where = root.find("endpoint") or root
    for parameter in root.all("namedCredentialParameters"):
        if parameter.value("parameterType") == "Url":
            url, where = parameter.value("parameterValue"), parameter
    if url:
        context.credentials[name.lower()] = url
        context.calls(url, _place(where, path), source=source)
        context.check_tool([name, root.value("label")], _place(root, path), source=source)
    anonymous = root.value("principalType") == "Anonymous"
    if root.value("protocol") == "NoAuthentication" and anonymous:
        said = f"{source} calls out without signing in."
        context.report.add("credential-open", _place(root.find("protocol") or root, path), said)
    _read_parameters(root, "namedCredentialParameters", path, context, source)
    for tag in ("password", "oauthToken", "awsAccessSecret", "oauthRefreshToken"):
        if (found := root.find(tag)) is not None and found.text and "*" not in found.text:
            said = f"{source} holds a secret in `{tag}`."
            context.report.add("secret", _place(found, path), said, subject=tag)


def read_external_credential(root: Node, path: str, context: Context) -> None:
    """Its parameters may hold a secret in the clear, and where it fetches tokens."""
    source = f"External credential {_name(path)}"
    for parameter in root.all("externalCredentialParameters"):
        value = parameter.find("parameterValue")
        if value is not None and value.text.startswith("http"):
            context.calls(value.text, _place(value, path), source=source)
    _read_parameters(root, "externalCredentialParameters", path, context, source)


def read_remote_site(root: Node, path: str, context: Context) -> None:
    """An address that Apex may call, when the site is active."""
    source = f"Remote site {_name(path)}"
    if root.value("isActive").lower() == "false":
        context.mentions(root.value("url"), _place(root, path), source=source)
        return
    context.calls(root.value("url"), _place(root.find("url") or root, path), source=source)
    if root.value("disableProtocolSecurity").lower() == "true":
        where = root.find("disableProtocolSecurity") or root
        said = f"{source} allows encrypted pages to call unencrypted addresses."
        context.report.add("site-insecure", _place(where, path), said)


def read_trusted_site(root: Node, path: str, context: Context) -> None:
    """An address that pages may load from or connect to, when it is active."""
    source = f"Trusted site {_name(path)}"
    connects = root.value("isApplicableToConnectSrc").lower() != "false"
    active = root.value("isActive").lower() != "false"
    report = context.calls if connects and active else context.mentions
    report(root.value("endpointUrl"), _place(root.find("endpointUrl") or root, path), source=source)


def read_external_service(root: Node, path: str, context: Context) -> None:
    """An interface that flows may call, through a named credential or at its schema's address."""
    source, place = f"External service {_name(path)}", _place(root, path)
    if credential := root.value("namedCredential") or root.value("namedCredentialReference"):
        context.callouts.append((place, credential))
        context.services[_name(path).lower()] = credential.lower()
    for tag in ("schemaUrl", "serviceBinding"):
        if root.value(tag).startswith("http"):
            context.mentions(root.value(tag), _place(root.find(tag) or root, path), source=source)
    if (schema := root.find("schema")) is not None:
        for url in _servers(schema.text):
            context.mentions(url, _place(schema, path), source=source)


def _servers(schema: str) -> list[str]:
    """Servers that an OpenAPI description in JSON names: `servers` (3.x), `host` (2.0)."""
    try:
        told = json.loads(schema)
    except (ValueError, RecursionError):
        return []
    if not isinstance(told, dict):
        return []
    listed = told.get("servers")
    servers = listed if isinstance(listed, list) else []
    urls = [each.get("url") for each in servers if isinstance(each, dict)]
    if isinstance(told.get("host"), str):
        urls.append(f"https://{told['host']}")
    return [url for url in urls if isinstance(url, str) and url.startswith("http")]


def _read_parameters(root: Node, tag: str, path: str, context: Context, source: str) -> None:
    for parameter in root.all(tag):
        if parameter.value("parameterType") not in _PLAIN_PARAMETERS:
            continue
        value = parameter.find("parameterValue")
        if value is not None:
            name = parameter.value("parameterName")
            context.check_secret(name, value.text, _place(value, path), source=source)


def _name(path: str) -> str:
    return PurePosixPath(path).name.partition(".")[0]


def _place(node: Node, path: str) -> Place:
    return Place(path, node.line, node.column)
