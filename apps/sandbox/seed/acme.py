"""acme-prod: a European company with a past, and with the risks that come of one."""

from apps.sandbox.org import OrgSpec
from apps.sandbox.seed.plans import (
    ADMINISTRATOR,
    API_ONLY,
    STANDARD,
    App,
    Customer,
    Grants,
    PastChange,
    PastLogin,
    Person,
    Plan,
    Tokens,
)

SPEC = OrgSpec(
    key="acme",
    name="acme-prod",
    pod="Ma000",
    instance="DEU42",
    country="DE",
    city="Frankfurt am Main",
    time_zone="Europe/Berlin",
    daily_api_requests=114_000,
)


def _service(alias: str, title: str, *, seen: float | None) -> Person:
    return Person(
        alias=alias,
        first="",
        last=alias,
        profile=API_ONLY,
        title=title,
        department="Integrations",
        days_since_login=seen,
    )


PEOPLE = (
    Person(alias="mlindq", first="Marta", last="Lindqvist", profile=ADMINISTRATOR,
           title="CRM platform owner", department="IT", days_since_login=0.3),
    Person(alias="jweber", first="Jonas", last="Weber", profile=ADMINISTRATOR,
           title="Salesforce administrator", department="IT", days_since_login=1.1),
    Person(alias="arahman", first="Aisha", last="Rahman", profile=STANDARD,
           title="Legal counsel", department="Legal", days_since_login=2.4),
    Person(alias="toliv", first="Tomás", last="Oliveira", profile=STANDARD,
           title="Service agent", department="Service", days_since_login=0.2),
    Person(alias="esand", first="Elin", last="Sand", profile=STANDARD,
           title="Service agent", department="Service", days_since_login=0.6),
    Person(alias="ghoff", first="Greta", last="Hoffmann", profile=STANDARD,
           title="HR business partner", department="HR", days_since_login=9.0),
    Person(alias="pdevr", first="Pieter", last="de Vries", profile=STANDARD,
           title="Data analyst (left in March)", department="Analytics",
           active=False, days_since_login=250.0),
    _service("svc-llm-sync", "Case text to the language model", seen=0.1),
    _service("svc-bailiwick", "Governance console", seen=0.5),
    _service("svc-heroku", "Heroku data sync", seen=0.1),
    _service("svc-hr", "HR analytics", seen=41.0),
    _service("svc-loader", "Nightly imports", seen=0.9),
    _service("svc-copilot", "Contract drafting assistant", seen=0.4),
)  # fmt: skip

GRANTS = (
    Grants(
        name="Bailiwick_Console",
        label="Bailiwick Console",
        description="Reads set-up and revokes access for the governance console",
        permissions=(
            "ApiEnabled",
            "ViewSetup",
            "CustomizeApplication",
            "ManageUsers",
            "AssignPermissionSets",
            "ManageRemoteAccess",
            "ViewEventLogFiles",
            "EventLogReadAccess",
        ),
        objects={"Account": "R", "Contact": "R", "Case": "CRE"},
        editable_fields=("Case.LLM_Summary__c",),
        assigned_to=("svc-bailiwick",),
        apps=("Bailiwick Console",),
    ),
    Grants(
        name="LLM_Sync_Legacy",
        label="LLM Sync (legacy)",
        description="Granted during the pilot, to be narrowed afterwards",
        permissions=("ApiEnabled", "ModifyAllData", "ViewAllData"),
        objects={"Account": "CRED", "Contact": "CRED", "Case": "CRED"},
        assigned_to=("svc-llm-sync",),
    ),
    Grants(
        name="LLM_Case_Summary",
        label="LLM case summary",
        description="Reads cases and writes back one summary field",
        permissions=("ApiEnabled",),
        objects={"Case": "RE", "Account": "R"},
        editable_fields=("Case.LLM_Summary__c",),
        assigned_to=("svc-llm-sync",),
        apps=("Case Summariser",),
    ),
    Grants(
        name="Contract_Copilot_Runtime",
        label="Contract Copilot runtime",
        description="Drafts contract letters from cases and matters",
        permissions=("ApiEnabled", "ExecutePromptTemplates"),
        objects={"Account": "R", "Contact": "R", "Case": "R"},
        assigned_to=("svc-copilot", "arahman"),
        apps=("Contract Copilot",),
    ),
    Grants(
        name="HR_Insights_Access",
        label="HR Insights access",
        description="Reads people data for HR reports",
        permissions=("ApiEnabled", "ExportReport"),
        objects={"Contact": "R"},
        assigned_to=("svc-hr", "ghoff"),
    ),
    Grants(
        name="Data_Loader_Users",
        label="Data Loader users",
        description="Bulk import and hard delete",
        permissions=("ApiEnabled", "BulkApiHardDelete"),
        objects={"Account": "CRED", "Contact": "CRED", "Case": "CRE"},
        assigned_to=("svc-loader", "jweber"),
        apps=("Nightly Import",),
    ),
    Grants(
        name="Heroku_Sync",
        label="Heroku Sync",
        description="Copies accounts and contacts to the customer portal",
        permissions=("ApiEnabled",),
        objects={"Account": "CRE", "Contact": "CRE", "Case": "R"},
        assigned_to=("svc-heroku",),
    ),
)

APPS = (
    App(
        name="Bailiwick Console",
        external=True,
        admin_only=True,
        signs_jwt=True,
        scopes=("API", "REFRESH_TOKEN", "OFFLINE_ACCESS"),
        description="Governance of access by apps, people and models",
        address_range=("198.51.100.0", "198.51.100.255"),
        client_credentials_as="svc-bailiwick",
        tokens=(Tokens(alias="svc-bailiwick", count=1, last_used=0.5, age=60),),
    ),
    App(
        name="Contract Copilot",
        external=True,
        admin_only=True,
        scopes=("API", "FULL", "REFRESH_TOKEN", "OFFLINE_ACCESS", "EINSTEIN_GPT_API"),
        description="Drafts contract letters; approved for api and refresh_token",
        client_credentials_as="svc-copilot",
        tokens=(
            Tokens(alias="svc-copilot", count=4, last_used=0.4, age=120),
            Tokens(alias="arahman", count=3, last_used=2.4, age=90),
            Tokens(alias="toliv", count=2, last_used=33, age=100),
        ),
    ),
    App(
        name="Case Summariser",
        external=True,
        admin_only=True,
        scopes=("API", "REFRESH_TOKEN", "OFFLINE_ACCESS", "SFAP_API"),
        description="Sends case text to the self-hosted model",
        client_credentials_as="svc-llm-sync",
        tokens=(Tokens(alias="svc-llm-sync", count=5, last_used=0.1, age=45),),
    ),
    App(
        name="Data Loader",
        scopes=("api", "refresh_token", "web"),
        description="The desktop import tool",
        tokens=(
            Tokens(alias="jweber", count=5, last_used=6, age=400),
            Tokens(alias="mlindq", count=3, last_used=55, age=380),
            Tokens(alias="svc-loader", count=4, last_used=0.9, age=200),
            Tokens(alias="pdevr", count=5, last_used=250, age=500),
        ),
    ),
    App(
        name="HR Insights",
        scopes=("full", "refresh_token"),
        description="People analytics of an outside vendor",
        rotates=False,
        tokens=(
            Tokens(alias="svc-hr", count=4, last_used=41, age=300),
            Tokens(alias="ghoff", count=3, last_used=9, age=210),
            Tokens(alias="pdevr", count=2, last_used=260, age=410),
        ),
    ),
    App(
        name="Heroku Sync",
        scopes=("api", "refresh_token", "offline_access"),
        description="Copies records to the customer portal",
        rotates=False,
        client_credentials_as="svc-heroku",
        tokens=(Tokens(alias="svc-heroku", count=5, last_used=0.1, age=700),),
    ),
    App(
        name="Nightly Import",
        external=True,
        admin_only=True,
        scopes=("API",),
        description="Imports orders from the ERP each night",
        client_credentials_as="svc-loader",
        tokens=(Tokens(alias="svc-loader", count=3, last_used=0.9, age=180),),
    ),
    App(
        name="Sales Dashboard",
        scopes=("api", "web", "refresh_token", "chatter_api"),
        description="Wall display of the sales floor, nobody's for a year",
        tokens=(
            Tokens(alias="esand", count=4, last_used=130, age=420),
            Tokens(alias="toliv", count=4, last_used=145, age=430),
            Tokens(alias="mlindq", count=3, last_used=390, age=440),
        ),
    ),
)

CUSTOMERS = (
    Customer(name="Nordlicht Logistik GmbH", city="Hamburg", country="Germany",
             industry="Logistics", domain="nordlicht.example.com",
             people=(("Hanna", "Petersen", "Head of contracts", "+49 30 23125 011"),
                     ("Malte", "Brandt", "Accounts payable", "+49 30 23125 012"))),
    Customer(name="Kanzlei Rosenthal & Partner", city="Berlin", country="Germany",
             industry="Legal", domain="rosenthal-law.example.org",
             people=(("Miriam", "Rosenthal", "Partner", "+49 30 23125 021"),
                     ("David", "Krüger", "Associate", "+49 30 23125 022"))),
    Customer(name="Ateliers Beaulieu SA", city="Lyon", country="France",
             industry="Manufacturing", domain="beaulieu.example.com",
             people=(("Lucie", "Moreau", "Purchasing", "+33 1 99 00 12 31"),
                     ("Étienne", "Garnier", "Data protection officer", "+33 1 99 00 12 32"))),
    Customer(name="Fjordkraft Energi AS", city="Bergen", country="Norway",
             industry="Energy", domain="fjordkraft-energi.example.org",
             people=(("Ingrid", "Solberg", "Operations", "+44 1632 960 141"),)),
    Customer(name="Clínica Mirador", city="Valencia", country="Spain",
             industry="Health", domain="mirador.example.com",
             people=(("Carmen", "Ibáñez", "Practice manager", "+44 1632 960 151"),
                     ("Rafael", "Soto", "Physician", "+44 1632 960 152"))),
    Customer(name="Van Houten Textiel BV", city="Utrecht", country="Netherlands",
             industry="Manufacturing", domain="vanhouten-textiel.example.org",
             people=(("Sanne", "van Houten", "Director", "+44 1632 960 161"),)),
)  # fmt: skip

CHANGES = (
    PastChange(
        days=290,
        alias="jweber",
        action="PermSetAssign",
        display="Permission set LLM Sync (legacy) assigned to svc-llm-sync",
    ),
    PastChange(
        days=240,
        alias="mlindq",
        action="deactivateduser",
        display="Deactivated user Pieter de Vries",
    ),
    PastChange(
        days=11,
        alias="jweber",
        action="changedExternalClientApplication",
        display="Changed OAuth scopes of external client app Contract Copilot: added full",
    ),
)
REFUSED_LOGINS = (
    PastLogin(
        days=7,
        alias="pdevr",
        app="Data Loader",
        status="User is Inactive",
        address="203.0.113.140",
    ),
    PastLogin(
        days=3,
        alias="svc-hr",
        app="HR Insights",
        status="Restricted IP",
        address="192.0.2.66",
    ),
)

PLAN = Plan(
    people=PEOPLE,
    grants=GRANTS,
    apps=APPS,
    customers=CUSTOMERS,
    cases=40,
    jwt_user="svc-bailiwick",
    changes=CHANGES,
    refused_logins=REFUSED_LOGINS,
)
