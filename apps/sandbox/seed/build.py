"""Turning a plan into records."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from apps.sandbox.oauth.consumers import SCOPE_OF_FLAG, Consumer, save_consumer
from apps.sandbox.org import Org, Record
from apps.sandbox.schema.permissions import PERMISSIONS
from apps.sandbox.seed.apps import connected_app, oauth_policy
from apps.sandbox.seed.plans import ADMINISTRATOR, API_ONLY, STANDARD, App, Grants, Person, Tokens
from apps.sandbox.times import days_before

_LICENCES = {
    ADMINISTRATOR: "Salesforce",
    STANDARD: "Salesforce",
    API_ONLY: "Salesforce Integration",
}
_PROFILE_PERMISSIONS: dict[str, tuple[str, ...]] = {
    ADMINISTRATOR: tuple(each for each in PERMISSIONS if each != "ApiUserOnly"),
    STANDARD: ("ApiEnabled",),
    API_ONLY: ("ApiEnabled", "ApiUserOnly"),
}
_OBJECTS = ("Account", "Contact", "Case")
_LETTERS = {"C": "Create", "R": "Read", "E": "Edit", "D": "Delete"}
_FOUNDED_DAYS = 1500


@dataclass(kw_only=True)
class Builder:
    """The ids of what has been built so far, by the names the plan uses."""

    org: Org
    now: datetime
    certificate: str
    profiles: dict[str, str] = field(default_factory=dict)
    profile_sets: dict[str, str] = field(default_factory=dict)
    users: dict[str, Record] = field(default_factory=dict)
    apps: dict[str, str] = field(default_factory=dict)

    def add(self, sobject: str, values: Record, *, age: float = _FOUNDED_DAYS) -> Record:
        aged = {"CreatedDate": days_before(self.now, age)} if age else {}
        return self.org.insert(sobject, aged | values, now=self.now)

    def organization(self) -> None:
        spec = self.org.spec
        record = self.org.draft("Organization", {}, now=self.now) | {
            "Id": spec.id,
            "Name": spec.name,
            "City": spec.city,
            "Country": spec.country,
            "PrimaryContact": "Marta Lindqvist",
            "DefaultLocaleSidKey": "en_IE",
            "TimeZoneSidKey": spec.time_zone,
            "LanguageLocaleKey": "en_US",
            "FiscalYearStartMonth": 1,
            "UiSkin": "Theme3",
            "SignupCountryIsoCode": spec.country,
            "OrganizationType": "Enterprise Edition",
            "InstanceName": spec.instance,
            "CreatedDate": days_before(self.now, _FOUNDED_DAYS),
        }
        self.org.store.put("sobject:Organization", spec.id, record)

    def licences_and_profiles(self) -> None:
        licences = {}
        for name, total in (("Salesforce", 120), ("Salesforce Integration", 10)):
            values = {"Name": name, "MasterLabel": name, "Status": "Active", "TotalLicenses": total}
            values["LicenseDefinitionKey"] = "SFDC" if name == "Salesforce" else "INTEGRATION"
            licences[name] = self.add("UserLicense", values)["Id"]
        for profile, licence in _LICENCES.items():
            self._profile(profile, licences[licence])

    def _profile(self, name: str, licence_id: str) -> None:
        flags = {f"Permissions{each}": True for each in _PROFILE_PERMISSIONS[name]}
        values = {"Name": name, "UserLicenseId": licence_id, "UserType": "Standard"}
        told = {"FullName": name, "Metadata": _definition_of(name)}
        profile = self.add("Profile", values | flags | told)
        self.profiles[name] = profile["Id"]
        own = {"IsOwnedByProfile": True, "ProfileId": profile["Id"], "Type": "Profile"}
        label = "00e" + hashlib.sha256(name.encode()).hexdigest()[:12]
        named = {"Name": f"X{label}", "Label": label}
        permission_set = self.add("PermissionSet", own | named | flags)
        self.profile_sets[name] = permission_set["Id"]
        if name == STANDARD:
            for each in _OBJECTS:
                self._object_permissions(permission_set["Id"], each, "CRE")

    def person(self, person: Person) -> None:
        name = " ".join(part for part in (person.first, person.last) if part)
        handle = person.alias if person.profile == API_ONLY else _handle(person)
        address = f"{handle}@{self.org.spec.domain}"
        seen = person.days_since_login
        user = self.add(
            "User",
            {
                "Username": address,
                "Email": address,
                "FirstName": person.first or None,
                "LastName": person.last,
                "Name": name,
                "Alias": person.alias[:8],
                "Title": person.title,
                "Department": person.department,
                "CompanyName": self.org.spec.name,
                "IsActive": person.active,
                "TimeZoneSidKey": self.org.spec.time_zone,
                "LocaleSidKey": "en_IE",
                "LanguageLocaleKey": "en_US",
                "ProfileId": self.profiles[person.profile],
                "UserType": "Standard",
                "LastLoginDate": None if seen is None else days_before(self.now, seen),
                "NumberOfFailedLogins": 0,
            },
            age=900,
        )
        self.users[person.alias] = user
        self.add("UserLogin", {"UserId": user["Id"]}, age=0)
        self._assign(self.profile_sets[person.profile], user)
        if seen is not None:
            self._past_logins(user, seen)

    def _past_logins(self, user: Record, seen: float) -> None:
        addresses = ("198.51.100.24", "198.51.100.31", "203.0.113.77")
        for number in range(3):
            self.add(
                "LoginHistory",
                {
                    "UserId": user["Id"],
                    "LoginTime": days_before(self.now, seen + number),
                    "LoginType": "Remote Access 2.0",
                    "SourceIp": addresses[number],
                    "Status": "Success",
                    "Application": "Bailiwick Console" if number else "Data Loader",
                    "CountryIso": self.org.spec.country,
                    "TlsProtocol": "TLS 1.3",
                    "ApiType": "REST API",
                    "ApiVersion": "62.0",
                    "OptionsIsPost": True,
                },
            )

    def application(self, app: App) -> None:
        app_id = self._external(app) if app.external else self._connected(app)
        self.apps[app.name] = app_id
        kind = "ExternalClientApplication" if app.external else "ConnectedApplication"
        item = self.add(
            "AppMenuItem",
            {
                "Name": app.developer_name,
                "Label": app.name,
                "Type": kind,
                "ApplicationId": app_id,
            },
        )
        runner = self.users.get(app.client_credentials_as, {})
        save_consumer(
            self.org,
            Consumer(
                key="3MVG9" + _derived(self.org, "key", app.name),
                secret=_derived(self.org, "secret", app.name).upper(),
                app_id=app_id,
                app_name=app.name,
                scopes=tuple(scope.lower() for scope in app.scopes),
                admin_approved_only=app.admin_only,
                certificate=self.certificate if app.signs_jwt else "",
                client_credentials_user=runner.get("Username", ""),
                rotates_refresh_tokens=app.rotates,
            ),
        )
        for tokens in app.tokens:
            self.tokens(app.name, item["Id"], tokens)

    def _connected(self, app: App) -> str:
        values = {
            "Name": app.name,
            "OptionsAllowAdminApprovedUsersOnly": app.admin_only,
            "RefreshTokenValidityPeriod": None,
            "FullName": app.developer_name,
            "Metadata": connected_app(app, domain=self.org.spec.domain),
        }
        return str(self.add("ConnectedApplication", values)["Id"])

    def _external(self, app: App) -> str:
        named = {"DeveloperName": app.developer_name, "MasterLabel": app.name, "Language": "en_US"}
        parent = self.add(
            "ExternalClientApplication",
            named
            | {
                "ContactEmail": f"crm-team@{self.org.spec.domain}",
                "Description": app.description,
                "DistributionState": "Local",
                "Version": "1.0",
            },
            age=200,
        )
        flags = {f"OauthScopes{flag}": True for flag in app.scopes if flag in SCOPE_OF_FLAG}
        belongs = named | {"ExternalClientApplicationId": parent["Id"]}
        settings = self.add("ExtlClntAppOauthSettings", belongs | flags, age=200)
        runner = self.users.get(app.client_credentials_as, {})
        part = {"ExtlClntAppOauthSettingsId": settings["Id"]}
        policy = oauth_policy(app, runs_as=runner.get("Username"))
        self.add("ExtlClntAppOauthPlcyCnfg", belongs | part | policy, age=200)
        self.add("ExtlClntAppOauthConsumer", belongs | part, age=200)
        enabled = {"IsEnabled": True, "OauthPluginStatus": "Enabled"}
        self.add("ExtlClntAppPlcyCnfg", belongs | enabled, age=200)
        if app.address_range:
            first, last = app.address_range
            limits = {"StartIpAddress": first, "EndIpAddress": last}
            self.add("ExtlClntAppOauthIpRange", part | limits, age=200)
        return str(parent["Id"])

    def tokens(self, app_name: str, item_id: str, tokens: Tokens) -> None:
        user = self.users[tokens.alias]
        rows = [
            token_values(
                app_name=app_name,
                user_id=user["Id"],
                item_id=item_id,
                created=days_before(self.now, tokens.age - number),
                used=days_before(self.now, tokens.last_used + number * 3),
                uses=(number + 1) * 17,
            )
            for number in range(tokens.count)
        ]
        self.org.insert_many("OauthToken", rows, now=self.now)

    def grants(self, grants: Grants) -> None:
        flags = {f"Permissions{each}": True for each in grants.permissions}
        named = {"Name": grants.name, "Label": grants.label, "Description": grants.description}
        kind = {"IsCustom": True, "Type": "Regular"}
        parent = self.add("PermissionSet", named | kind | flags, age=300)["Id"]
        for sobject, letters in grants.objects.items():
            self._object_permissions(parent, sobject, letters)
        for full_name in grants.editable_fields:
            values = {"Field": full_name, "SobjectType": full_name.split(".")[0]}
            allowed = {"PermissionsRead": True, "PermissionsEdit": True}
            self.add("FieldPermissions", {"ParentId": parent} | values | allowed, age=0)
        for alias in grants.assigned_to:
            self._assign(parent, self.users[alias])
        for app in grants.apps:
            app_id = self.apps[app]
            external = app_id.startswith("0xI")
            kind_of_app = "ExternalClientApplication" if external else "ConnectedApplication"
            entity = {"SetupEntityId": app_id, "SetupEntityType": kind_of_app}
            self.add("SetupEntityAccess", {"ParentId": parent} | entity, age=0)

    def _assign(self, permission_set_id: str, user: Record) -> None:
        values = {"PermissionSetId": permission_set_id, "AssigneeId": user["Id"]}
        self.add("PermissionSetAssignment", values | {"IsActive": True}, age=0)

    def _object_permissions(self, parent: str, sobject: str, letters: str) -> None:
        flags = {f"Permissions{_LETTERS[letter]}": True for letter in letters}
        values = {"ParentId": parent, "SobjectType": sobject}
        self.add("ObjectPermissions", values | flags, age=300)

    def group(self) -> None:
        """One permission set group, so that reviews meet access that is not assigned directly."""
        names = {"DeveloperName": "Service_AI", "MasterLabel": "Service AI", "Status": "Updated"}
        group = self.add("PermissionSetGroup", names | {"Language": "en_US"}, age=150)
        member = self.org.first("PermissionSet", Name="LLM_Case_Summary")
        if member:
            belongs = {"PermissionSetGroupId": group["Id"], "PermissionSetId": member["Id"]}
            self.add("PermissionSetGroupComponent", belongs, age=150)
            assignee = {"AssigneeId": self.users["svc-llm-sync"]["Id"], "IsActive": True}
            values = assignee | {"PermissionSetGroupId": group["Id"]}
            self.add("PermissionSetAssignment", values, age=0)


def token_values(
    *, app_name: str, user_id: str, item_id: str, created: str, used: str, uses: int
) -> Record:
    """An OauthToken as the platform keeps it; AccessToken holds the refresh token."""
    return {
        "AccessToken": "5Aep861" + secrets.token_urlsafe(48).replace("-", "."),
        "UserId": user_id,
        "RequestToken": None,
        "CreatedDate": created,
        "AppName": app_name,
        "LastUsedDate": used,
        "UseCount": uses,
        "DeleteToken": secrets.token_hex(20),
        "AppMenuItemId": item_id,
    }


def _derived(org: Org, purpose: str, app_name: str) -> str:
    """The same text for the same app each time this org is seeded, and unlike any other org's."""
    seed = f"{org.setting('admin_key')}/{purpose}/{app_name}"
    return hashlib.sha256(seed.encode()).hexdigest()


def _definition_of(profile: str) -> Record:
    """A profile as the Tooling API tells it whole; the API-only people sign in from one network."""
    held = [{"enabled": True, "name": name} for name in _PROFILE_PERMISSIONS[profile]]
    network = {"startAddress": "198.51.100.0", "endAddress": "198.51.100.255"}
    return {
        "custom": profile == API_ONLY,
        "userLicense": _LICENCES[profile],
        "loginIpRanges": [network] if profile == API_ONLY else [],
        "userPermissions": held,
    }


def _handle(person: Person) -> str:
    plain = {"á": "a", "è": "e", "é": "e", " ": ""}
    name = f"{person.first}.{person.last}".lower()
    return "".join(plain.get(char, char) for char in name)
