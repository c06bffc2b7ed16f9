"""The kinds of findings that a look at a snapshot reports."""

from apps.posture.findings.kinds import Kind, register_kinds

BEYOND = "scopes.beyond-approved"
UNDECLARED = "scopes.beyond-purpose"
MISSING = "scopes.not-granted"
NO_BASELINE = "scopes.no-baseline"
UNKNOWN = "scopes.unknown"
BLIND = "scopes.console-sees-own-only"
ANY_ADDRESS = "scopes.any-address"
OUTSIDE_ZONE = "scopes.outside-zone-ranges"
ADDRESSES_UNKNOWN = "scopes.addresses-unknown"
PROFILE_OUTSIDE = "accounts.login-ranges-outside-zone"
TRUSTED_OUTSIDE = "scopes.trusted-ranges-outside-zone"
GRANTED_BEYOND = "scopes.granted-beyond-purpose"
REACH_UNKNOWN = "scopes.reach-unknown"
UNENCRYPTED = "fields.restricted-not-encrypted"
ENCRYPTION_UNKNOWN = "fields.encryption-unknown"
NEVER_EXPIRES = "scopes.never-expires"
UNUSED = "scopes.unused"
OUTSIDE = "scopes.used-beyond-purpose"
TOOL = "scopes.integration-tool"
STRANGER = "scopes.app-not-in-inventory"
DANGEROUS = "accounts.dangerous-permission"
UNREAD = "accounts.permissions-unknown"
REAPPEARED = "accounts.access-reappeared"

register_kinds(
    Kind(BEYOND, "An app holds scopes beyond what was approved", "SCP-3"),
    Kind(UNDECLARED, "An app holds scopes beyond its declared purpose", "SCP-3"),
    Kind(MISSING, "An app lacks scopes that were approved", "SCP-3"),
    Kind(NO_BASELINE, "Nobody approved an app's scopes", "SCP-3"),
    Kind(UNKNOWN, "Scopes that the org does not tell", "SCP-1"),
    Kind(BLIND, "The console sees only its own rows of an org", "SCP-1"),
    Kind(ANY_ADDRESS, "An app may be used from any address", "SCP-5"),
    Kind(OUTSIDE_ZONE, "An app's ranges reach outside its zone", "SCP-5"),
    Kind(ADDRESSES_UNKNOWN, "From where apps may be used is unknown", "SCP-5"),
    Kind(PROFILE_OUTSIDE, "Integrations may sign in from outside the zone", "SCP-5"),
    Kind(TRUSTED_OUTSIDE, "The org trusts addresses outside its zone", "SCP-5"),
    Kind(GRANTED_BEYOND, "An app can reach more than its declared purpose needs", "SCP-3"),
    Kind(REACH_UNKNOWN, "What apps with a purpose can reach is unknown", "SCP-3"),
    Kind(UNENCRYPTED, "A restricted field is not encrypted", "SCP-9"),
    Kind(ENCRYPTION_UNKNOWN, "Whether restricted fields are encrypted is unknown", "SCP-9"),
    Kind(NEVER_EXPIRES, "An app's refresh tokens never expire", "SCP-1"),
    Kind(UNUSED, "An app that nobody used holds access", "SCP-1"),
    Kind(OUTSIDE, "An app touched objects beyond its declared purpose", "SCP-3"),
    Kind(TOOL, "An integration tool reaches the org", "SCP-8"),
    Kind(STRANGER, "A client that the inventory does not know", "SCP-8"),
    Kind(DANGEROUS, "An account holds a far-reaching permission", "SCP-2"),
    Kind(UNREAD, "An account's permissions could not be read", "SCP-2"),
    Kind(REAPPEARED, "Revoked access was given again", "SCP-4"),
)
LOOKED_FOR = frozenset(
    {
        BEYOND, UNDECLARED, MISSING, NO_BASELINE, UNKNOWN, BLIND, ANY_ADDRESS, OUTSIDE_ZONE,
        ADDRESSES_UNKNOWN, NEVER_EXPIRES, TOOL, STRANGER, DANGEROUS, UNREAD, REAPPEARED,
        REACH_UNKNOWN, ENCRYPTION_UNKNOWN,
    }
)  # fmt: skip
# What only a look can tell that got its answer: the part of a snapshot's `beside`, by kind.
READ_BESIDE = {
    PROFILE_OUTSIDE: "login_ranges",
    TRUSTED_OUTSIDE: "trusted_ranges",
    GRANTED_BEYOND: "objects_given",
    UNENCRYPTED: "fields",
}
# What only logs can tell: looked for in full where they cover the whole window.
SEEN_IN_LOGS = frozenset({UNUSED, OUTSIDE})
