"""globex-eu: a smaller, tidier org, for showing that tenants stay apart."""

from apps.sandbox.org import OrgSpec
from apps.sandbox.seed.acme import GRANTS as ACME_GRANTS
from apps.sandbox.seed.plans import (
    ADMINISTRATOR,
    API_ONLY,
    STANDARD,
    App,
    Customer,
    Grants,
    Person,
    Plan,
    Tokens,
)

SPEC = OrgSpec(
    key="globex",
    name="globex-eu",
    pod="Rk000",
    instance="FRA12",
    country="FR",
    city="Paris",
    time_zone="Europe/Paris",
    daily_api_requests=15_000,
)

PEOPLE = (
    Person(alias="clef", first="Camille", last="Lefèvre", profile=ADMINISTRATOR,
           title="Administrator", department="IT"),
    Person(alias="rnagy", first="Réka", last="Nagy", profile=STANDARD,
           title="Service agent", department="Service"),
    Person(alias="svc-bailiwick", first="", last="svc-bailiwick", profile=API_ONLY,
           title="Governance console", department="Integrations"),
    Person(alias="svc-llm-sync", first="", last="svc-llm-sync", profile=API_ONLY,
           title="Case text to the language model", department="Integrations"),
)  # fmt: skip

GRANTS = (
    ACME_GRANTS[0],
    Grants(
        name="LLM_Case_Summary",
        label="LLM case summary",
        description="Reads cases and writes back one summary field",
        permissions=("ApiEnabled",),
        objects={"Case": "RE"},
        editable_fields=("Case.LLM_Summary__c",),
        assigned_to=("svc-llm-sync",),
        apps=("Case Summariser",),
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
        client_credentials_as="svc-bailiwick",
        tokens=(Tokens(alias="svc-bailiwick", count=1, last_used=0.5, age=20),),
    ),
    App(
        name="Case Summariser",
        external=True,
        admin_only=True,
        scopes=("API",),
        description="Sends case text to the self-hosted model",
        client_credentials_as="svc-llm-sync",
        tokens=(Tokens(alias="svc-llm-sync", count=2, last_used=0.2, age=20),),
    ),
    App(
        name="Data Loader",
        scopes=("api", "refresh_token"),
        description="The desktop import tool",
        tokens=(Tokens(alias="clef", count=2, last_used=12, age=80),),
    ),
)

CUSTOMERS = (
    Customer(name="Brasserie du Canal", city="Lille", country="France",
             industry="Manufacturing", domain="canal.example.com",
             people=(("Noé", "Fontaine", "Owner", "+33 1 99 00 12 41"),)),
    Customer(name="Duna Gépgyár Kft", city="Győr", country="Hungary",
             industry="Manufacturing", domain="duna-gepgyar.example.org",
             people=(("Zsófia", "Kovács", "Sales", "+44 1632 960 171"),)),
)  # fmt: skip

PLAN = Plan(
    people=PEOPLE,
    grants=GRANTS,
    apps=APPS,
    customers=CUSTOMERS,
    cases=8,
    jwt_user="svc-bailiwick",
)
