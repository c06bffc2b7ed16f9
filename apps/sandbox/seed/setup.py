"""More set-up of acme-prod that a posture scan looks at."""

from apps.sandbox.seed.build import Builder

_CHARTS = """window.drawn = function (name) {
    fetch('https://metrics.example.se/collect', { method: 'POST', body: name });
};
"""
_MADE_UP_KEY = (
    "sk-ant-" + "api03-Qm4Zt8Vb2Xc6Nw9Lk3Jh7Gf5"
)  # in two parts: nobody's, but of the form

_SECURITY = {
    "enableRequireHttpsConnection": True,
    "networkAccess": {"ipRanges": [{"start": "192.0.2.0", "end": "192.0.2.255"}]},
    "sessionSettings": {
        "enforceIpRangesEveryRequest": False,
        "lockSessionsToDomain": True,
        "lockSessionsToIp": False,
    },
}


def add_setup(builder: Builder) -> None:
    """An outbound message, labels, a script, a package, settings and a custom metadata record."""
    endpoint = "https://erp.example.de/cases"
    whole = {
        "apiVersion": 60,
        "endpointUrl": endpoint,
        "fields": ["CaseNumber", "Id", "Subject"],
        "includeSessionId": False,
        "integrationUser": f"erp@{builder.org.spec.domain}",
        "name": "Tell the ERP",
        "useDeadLetterQueue": False,
    }
    named = {"Name": "Tell_the_ERP", "EntityDefinitionId": "Case"}
    told = {"FullName": "Case.Tell_the_ERP", "Metadata": whole}
    builder.add("WorkflowOutboundMessage", named | told)
    help_text = {"Name": "Help", "MasterLabel": "Help", "Value": "See https://help.example.fr."}
    builder.add("ExternalString", help_text | {"Language": "en_US"})
    script = {"Name": "charts", "ContentType": "text/javascript", "CacheControl": "Public"}
    resource = builder.add("StaticResource", script | {"FullName": "charts"})
    builder.org.store.put("static_resource", resource["Id"], {"body": _CHARTS})
    package = builder.add("SubscriberPackage", {"Name": "Heroku Connect"}, age=0)
    builder.add("InstalledSubscriberPackage", {"SubscriberPackageId": package["Id"]}, age=0)
    builder.add("ConnectedAppSettings", {"Metadata": {"enableAdminApprovedAppsOnly": False}}, age=0)
    record = {"DeveloperName": "Companies", "MasterLabel": "Companies", "Is_Active__c": True}
    values = {"Base_Url__c": "https://enrich.example.us", "Api_Key__c": _MADE_UP_KEY}
    builder.add("Enrichment__mdt", record | values, age=0)
    builder.add("SecuritySettings", {"Metadata": _SECURITY}, age=0)
    hub = "https://signin.example.fr/oauth2"
    urls = {"AuthorizeUrl": f"{hub}/authorize", "TokenUrl": f"{hub}/token"}
    named = {"DeveloperName": "Staff_Directory", "FriendlyName": "Staff directory"}
    builder.add("AuthProvider", named | urls | {"ProviderType": "OpenIdConnect"})
