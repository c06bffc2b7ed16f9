"""Who may come in: profiles, permission sets, networks, sessions, providers, guests, apps."""

import pytest

from tests.posture.scan.made_up import RANDOM, scanned, told, xml


def login_range(first: str, last: str) -> str:
    ends = f"<endAddress>{last}</endAddress><startAddress>{first}</startAddress>"
    return f"<loginIpRanges>{ends}</loginIpRanges>"


ALL, OFFICE = login_range("0.0.0.0", "255.255.255.255"), login_range("192.0.2.0", "192.0.2.255")
POWER = (
    "<userPermissions><enabled>true</enabled><name>ModifyAllData</name></userPermissions>"
    "<userPermissions><enabled>false</enabled><name>AuthorApex</name></userPermissions>"
)


def profile(*inside: str) -> list[tuple[str, int]]:
    return told(scanned({"profiles/Ops.profile-meta.xml": xml("Profile", "\n".join(inside))}))


def test_a_profile_with_power_over_all_data_and_no_login_ranges_is_found_at_its_line() -> None:
    assert profile("<custom>true</custom>", POWER) == [
        ("dangerous-permission", 4),
        ("profile-no-ip-limit", 4),
    ]


def test_login_ranges_limit_a_profile_unless_they_hold_every_address() -> None:
    assert profile(OFFICE, POWER) == [("dangerous-permission", 4)]
    assert profile(ALL, POWER) == [("profile-no-ip-limit", 3), ("dangerous-permission", 4)]
    assert profile("<userPermissions/>") == []


def test_a_standard_profile_weighs_less_for_nobody_can_change_what_it_gives() -> None:
    inside = f"<custom>false</custom>{POWER}"
    report = scanned({"profiles/Admin.profile": xml("Profile", inside)})
    assert {found.level for found in report.findings} == {"note"}


def test_guests_that_call_the_api_or_do_more_than_read_are_found() -> None:
    inside = (
        "<userLicense>Guest User License</userLicense>",
        "<objectPermissions><allowEdit>true</allowEdit><object>Case</object></objectPermissions>",
        "<objectPermissions><allowRead>true</allowRead><object>Faq__c</object></objectPermissions>",
        "<userPermissions><enabled>true</enabled><name>ApiEnabled</name></userPermissions>",
    )
    assert profile(*inside) == [("guest-access", 4), ("guest-access", 6)]


@pytest.mark.parametrize(
    ("access", "level"), [("Read", "warning"), ("Edit", "error"), ("", "error")]
)
def test_records_shared_with_guests_weigh_by_what_guests_may_do(access: str, level: str) -> None:
    rule = (
        f"<sharingGuestRules><fullName>Open</fullName><accessLevel>{access}</accessLevel>"
        "<sharedTo><guestUser>Site</guestUser></sharedTo></sharingGuestRules>"
        "<sharingCriteriaRules><fullName>Team</fullName></sharingCriteriaRules>"
    )
    report = scanned({"sharingRules/Case.sharingRules": xml("SharingRules", rule)})
    assert [(found.level, found.subject) for found in report.findings] == [(level, "Open")]


@pytest.mark.parametrize(
    ("first", "last", "level"),
    [
        ("192.0.2.0", "192.0.2.255", []),
        ("0.0.0.0", "255.255.255.255", ["error"]),
        ("1.0.0.0", "255.255.255.255", ["error"]),
        ("52.0.0.0", "55.255.255.255", ["warning"]),
        ("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ["error"]),
        ("192.0.2.0", "nonsense", []),
    ],
)
def test_a_trusted_range_weighs_by_its_width(first: str, last: str, level: list[str]) -> None:
    ranges = f"<ipRanges><end>{last}</end><start>{first}</start></ipRanges>"
    inside = f"<networkAccess>{ranges}</networkAccess>"
    report = scanned({"settings/Security.settings": xml("SecuritySettings", inside)})
    assert [found.level for found in report.findings] == level


def test_loose_sessions_are_told_by_setting_and_what_a_file_lacks_is_not_judged() -> None:
    inside = (
        "<sessionSettings>\n<lockSessionsToIp>false</lockSessionsToIp>\n"
        "<enforceIpRangesEveryRequest>false</enforceIpRangesEveryRequest>\n</sessionSettings>"
    )
    report = scanned({"settings/Security.settings": xml("SecuritySettings", inside)})
    assert [(found.subject, found.level, found.place.line) for found in report.findings] == [
        ("lockSessionsToIp", "note", 4),
        ("enforceIpRangesEveryRequest", "warning", 5),
    ]
    assert not scanned({"settings/Security.settings": xml("SecuritySettings", "")}).findings


def test_a_sign_in_provider_is_read_for_its_secret_and_endpoints() -> None:
    def read(secret: str) -> list[tuple[str, int]]:
        inside = (
            "<authorizeUrl>https://id.acme.fr/auth</authorizeUrl>\n"
            f"<consumerKey>key</consumerKey>\n<consumerSecret>{secret}</consumerSecret>\n"
            "<sendSecretInApis>true</sendSecretInApis>\n<tokenUrl>https://id.acme.fr/token</tokenUrl>"
        )
        report = scanned({"authproviders/Staff.authprovider": xml("AuthProvider", inside)})
        assert RANDOM not in repr(report)
        assert [(each.host, each.called) for each in report.addresses] == [
            ("id.acme.fr", False),
            ("id.acme.fr", True),
        ]
        return told(report)

    loose = [("secret-exposed", 6), ("egress-outside", 7)]
    assert read(RANDOM) == [("secret", 5), *loose]
    assert read("Placeholder_Value") == loose


@pytest.mark.parametrize(
    ("policy", "level"),
    [
        ("Enforce", []),
        ("Bypass", ["warning"]),
        ("Bypass_2factor", ["warning"]),
        ("Enforce_RelaxRefresh", ["note"]),
    ],
)
def test_an_external_client_app_that_relaxes_addresses_is_found(
    policy: str, level: list[str]
) -> None:
    inside = f"<ipRelaxationPolicyType>{policy}</ipRelaxationPolicyType>"
    root = "ExtlClntAppOauthConfigurablePolicies"
    report = scanned({"extlClntAppOauthPolicies/A.ecaOauthPlcy": xml(root, inside)})
    assert [found.level for found in report.findings] == level


def test_apps_that_everybody_may_authorise_and_secrets_that_apis_tell_are_found() -> None:
    files = {
        "P.ecaOauthPlcy": xml(
            "ExtlClntAppOauthConfigurablePolicies",
            "<permittedUsersPolicyType>AllSelfAuthorized</permittedUsersPolicyType>"
            "<refreshTokenPolicyType>Infinite</refreshTokenPolicyType>",
        ),
        "Q.connectedApp": xml(
            "ConnectedApp",
            "<ipRanges><end>192.0.2.9</end><start>192.0.2.1</start></ipRanges><oauthConfig>"
            f"<consumerSecret>{RANDOM}</consumerSecret><isAdminApproved>false</isAdminApproved>"
            "</oauthConfig>",
        ),
        "R.ecaGlblOauth": xml(
            "ExtlClntAppGlobalOauthSettings", f"<consumerSecret>{RANDOM}</consumerSecret>"
        ),
        "settings/ExternalClientApp.settings": xml(
            "ExternalClientAppSettings",
            "<enableConsumerSecretApiAccess>true</enableConsumerSecretApiAccess>",
        ),
    }
    assert [found.rule_id for found in scanned(files).findings] == [
        "app-self-authorized",
        "app-token-forever",
        "secret",
        "app-self-authorized",
        "secret",
        "secret-exposed",
    ]
