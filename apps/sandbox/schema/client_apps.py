"""What belongs to an external client app beside its OAuth settings and policies."""

from apps.sandbox.schema.fields import SObject, audited, choice, flag, identity, reference, text

_OWNER = reference("ExternalClientApplicationId", "ExternalClientApplication")
_SETTINGS = reference("ExtlClntAppOauthSettingsId", "ExtlClntAppOauthSettings")
_NAMED = (
    identity(),
    flag("IsDeleted"),
    text("DeveloperName", 80, name_field=True),
    text("Language", 40),
    text("MasterLabel", 80),
)

POLICIES = SObject(
    name="ExtlClntAppPlcyCnfg",
    prefix="0xP",
    label="External Client App Policies Configuration",
    plural="External Client App Policies Configurations",
    reading_needs="ViewSetup",
    fields=(
        *_NAMED,
        *audited(),
        _OWNER,
        flag("IsEnabled"),
        choice("OauthPluginStatus", "Enabled", "Disabled"),
        text("StartPage", 40),
        text("StartUrl"),
    ),
)
CONSUMER = SObject(
    name="ExtlClntAppOauthConsumer",
    prefix="0xQ",
    label="External Client App OAuth Consumer",
    plural="External Client App OAuth Consumers",
    reading_needs="ViewSetup",
    fields=(*_NAMED, *audited(), _OWNER, _SETTINGS),
)
IP_RANGE = SObject(
    name="ExtlClntAppOauthIpRange",
    prefix="0xR",
    label="External Client App OAuth IP Range",
    plural="External Client App OAuth IP Ranges",
    reading_needs="ViewSetup",
    fields=(
        identity(),
        flag("IsDeleted"),
        _SETTINGS,
        text("StartIpAddress", 45),
        text("EndIpAddress", 45),
        text("Description"),
        *audited(),
    ),
)
CLIENT_APPS = (CONSUMER, IP_RANGE, POLICIES)
