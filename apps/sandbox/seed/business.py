"""Accounts, contacts and cases of the seeded org."""

from apps.sandbox.org import Record
from apps.sandbox.seed.build import Builder
from apps.sandbox.seed.case_texts import CASE_TEXTS
from apps.sandbox.seed.plans import Customer
from apps.sandbox.times import days_before

_STATUSES = ("New", "Closed", "Working", "Closed", "Escalated", "Closed")
_PRIORITIES = ("Medium", "High", "Low")
_CONSENTS = ("Newsletter;Model training", None, "Surveys", "Newsletter", "Model training")
_ORIGINS = ("Email", "Web", "Phone")


def add_customers(builder: Builder, customers: tuple[Customer, ...]) -> list[Record]:
    """Add the accounts and answer with all their contacts."""
    contacts: list[Record] = []
    owner = next(iter(builder.users.values()))["Id"]
    for number, customer in enumerate(customers, start=1):
        account = builder.add(
            "Account",
            {
                "Name": customer.name,
                "Type": "Customer",
                "BillingCity": customer.city,
                "BillingCountry": customer.country,
                "Industry": customer.industry,
                "Website": f"https://www.{customer.domain}",
                "ERP_Number__c": f"ERP-{number:04d}",
                "OwnerId": owner,
            },
            age=800,
        )
        for each in customer.people:
            consent = _CONSENTS[len(contacts) % len(_CONSENTS)]
            contacts.append(_contact(builder, account, customer, each, consent))
    return contacts


def _contact(
    builder: Builder,
    account: Record,
    customer: Customer,
    person: tuple[str, str, str, str],
    consent: str | None,
) -> Record:
    first, last, title, phone = person
    mailbox = f"{first}.{last}".lower().replace(" ", "-")
    ascii_mailbox = mailbox.translate(str.maketrans("éáíóúüñ", "eaiouun"))
    return builder.add(
        "Contact",
        {
            "AccountId": account["Id"],
            "FirstName": first,
            "LastName": last,
            "Name": f"{first} {last}",
            "Title": title,
            "Phone": phone,
            "Email": f"{ascii_mailbox}@{customer.domain}",
            "MailingCity": customer.city,
            "MailingCountry": customer.country,
            "OwnerId": account["OwnerId"],
            "Consent_Purposes__c": consent,
        },
        age=700,
    )


def add_cases(builder: Builder, contacts: list[Record], count: int) -> None:
    """Add cases in turn over all contacts and texts; every second one is closed."""
    rows = [_case(builder, contacts[n % len(contacts)], n) for n in range(count)]
    builder.org.insert_many("Case", rows, now=builder.now)


def _case(builder: Builder, contact: Record, number: int) -> Record:
    text = CASE_TEXTS[number % len(CASE_TEXTS)]
    account = builder.org.record("Account", contact["AccountId"]) or {}
    filled = {
        "name": contact["Name"],
        "email": contact["Email"],
        "phone": contact["Phone"],
        "company": account.get("Name", ""),
    }
    status = _STATUSES[number % len(_STATUSES)]
    closed = status == "Closed"
    created = 90 - number * 2
    return {
        "CaseNumber": f"{builder.org.store.add('id', 'CaseNumber', 1):08d}",
        "AccountId": contact["AccountId"],
        "ContactId": contact["Id"],
        "SuppliedName": contact["Name"],
        "SuppliedEmail": contact["Email"],
        "SuppliedPhone": contact["Phone"],
        "SuppliedCompany": account.get("Name"),
        "ContactEmail": contact["Email"],
        "ContactPhone": contact["Phone"],
        "Subject": text.subject,
        "Description": text.description.format(**filled),
        "Type": text.type,
        "Reason": text.reason,
        "Status": status,
        "IsClosed": closed,
        "ClosedDate": days_before(builder.now, max(created - 3, 0.1)) if closed else None,
        "Priority": _PRIORITIES[number % len(_PRIORITIES)],
        "Origin": _ORIGINS[number % len(_ORIGINS)],
        "IsEscalated": status == "Escalated",
        "OwnerId": account.get("OwnerId"),
        "Matter_Number__c": f"M-2026-{number + 1:04d}",
        "CreatedDate": days_before(builder.now, max(created, 0.5)),
    }
