"""What the scan looks for: each rule's id, weight, words and what to do about it."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding. `control` is the control of the catalogue that it speaks for."""

    id: str
    level: Level
    title: str
    fix: str
    control: str


_ALL = (
    Rule(
        "egress-llm",
        "error",
        "Data can reach a model provider past the gateway",
        "Send the call to your gateway instead; it decides what may go where.",
        "SCP-6",
    ),
    Rule(
        "egress-outside",
        "warning",
        "Data can leave the org past the gateway",
        "Route the call through your gateway, or record why this address is allowed.",
        "SCP-6",
    ),
    Rule(
        "egress-unknown",
        "note",
        "A call goes to an address that is put together while it runs",
        "Use a named credential, so that the address can be read and reviewed.",
        "SCP-6",
    ),
    Rule(
        "egress-plain-http",
        "warning",
        "An address is reached without encryption",
        "Use https.",
        "LLM-3",
    ),
    Rule(
        "llm-mentioned",
        "warning",
        "The address of a model provider stands in the code",
        "If it is called, send the call to your gateway; if not, remove it.",
        "SCP-6",
    ),
    Rule(
        "secret",
        "error",
        "A secret stands in the metadata",
        "Revoke it where it was issued, and keep its successor in an external credential.",
        "SCP-7",
    ),
    Rule(
        "full-record",
        "error",
        "Whole records are sent out",
        "Send only the fields that the purpose needs.",
        "SCP-3",
    ),
    Rule(
        "without-sharing",
        "warning",
        "Code that reads or writes records ignores sharing rules",
        "Declare the class `with sharing`, or record why it may not be.",
        "SCP-11",
    ),
    Rule(
        "system-mode",
        "note",
        "Code reads or writes fields whatever the user may see",
        "Query WITH USER_MODE, write `as user`, or use Security.stripInaccessible.",
        "SCP-11",
    ),
    Rule(
        "app-full-scope",
        "error",
        "A connected app may ask for everything its user can do",
        "Replace the scope `full` by the scopes that the purpose needs.",
        "SCP-1",
    ),
    Rule(
        "app-no-ip-limit",
        "warning",
        "A connected app works from any address",
        "Enforce IP restrictions, and name the ranges inside its zone.",
        "SCP-5",
    ),
    Rule(
        "app-token-forever",
        "warning",
        "Refresh tokens of a connected app never expire",
        "Give them a lifetime, or end them when they are not used.",
        "CRM-1",
    ),
    Rule(
        "app-self-authorized",
        "note",
        "Users may authorise an app by themselves",
        "Let admin-approved users in only, by permission set.",
        "SCP-1",
    ),
    Rule(
        "credential-open",
        "warning",
        "A named credential calls out without signing in",
        "Give it an external credential with an authentication protocol.",
        "CRM-1",
    ),
    Rule(
        "site-insecure",
        "warning",
        "A remote site allows unencrypted answers to encrypted pages",
        "Turn `disableProtocolSecurity` off.",
        "LLM-3",
    ),
    Rule(
        "field-unencrypted",
        "warning",
        "A restricted field is not encrypted",
        "Encrypt the field with Shield Platform Encryption, or classify it anew.",
        "SCP-9",
    ),
    Rule(
        "api-access-open",
        "warning",
        "Users may connect apps that no admin approved",
        "Turn API access control on, so that only installed and approved apps work.",
        "SCP-1",
    ),
    Rule(
        "integration-tool",
        "note",
        "An integration tool is connected",
        "Add it to the register of processors, with its region and purpose.",
        "SCP-8",
    ),
    Rule(
        "dangerous-permission",
        "warning",
        "A permission set or profile gives power over all data or over apps",
        "Give the least permission set that covers what was used.",
        "SCP-2",
    ),
    Rule(
        "profile-no-ip-limit",
        "warning",
        "People with far-reaching permissions may sign in from any address",
        "Name login IP ranges on the profile, or take its far-reaching permissions away.",
        "SCP-5",
    ),
    Rule(
        "guest-access",
        "warning",
        "Visitors who never signed in reach records",
        "Share only what is meant for everybody, to be read only, and by narrow criteria.",
        "SCP-2",
    ),
    Rule(
        "network-open",
        "warning",
        "The org trusts a very wide range of addresses",
        "Name the ranges of your own networks; inside them nobody is asked to verify who they are.",
        "SCP-5",
    ),
    Rule(
        "session-loose",
        "note",
        "Sessions are held less tightly than the org allows",
        "Turn the setting on under Session Settings, after trying it in a sandbox.",
        "SCP-5",
    ),
    Rule(
        "secret-exposed",
        "note",
        "Secrets of apps and sign-in providers can be read through the API",
        "Turn the setting off; whoever deploys enters the secret by hand.",
        "SCP-7",
    ),
    Rule(
        "unreadable",
        "note",
        "A file could not be read as what it is",
        "Look at it by hand: what it holds is unknown.",
        "SCP-6",
    ),
)
RULES: dict[str, Rule] = {rule.id: rule for rule in _ALL}
