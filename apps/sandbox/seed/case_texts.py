"""Subjects and descriptions of cases; every person, number and account in them is invented."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CaseText:
    """`{name}`, `{email}`, `{phone}` and `{company}` are filled with the contact's."""

    subject: str
    description: str
    type: str
    reason: str


CASE_TEXTS = (
    CaseText(
        subject="Termination clause of the framework contract",
        description="{name} asks which notice period applies to the framework contract of "
        "{company}. The signed copy names six weeks, the annex names three months. Please answer "
        "to {email} before Friday; call {phone} if the annex cannot be found.",
        type="Question",
        reason="Contract",
    ),
    CaseText(
        subject="Invoice paid twice",
        description="{company} paid the last invoice twice and wants the surplus back to IBAN "
        "DE89 3704 0044 0532 0130 00. {name} ({email}) attached both bank statements.",
        type="Problem",
        reason="Invoice",
    ),
    CaseText(
        subject="Request for all data held about a person",
        description="{name} requests access under Article 15 GDPR to everything stored about "
        "them, including notes of calls. Identity was checked by telephone on {phone}. Deadline "
        "is one month from receipt. Reply to {email}.",
        type="Request",
        reason="Data protection",
    ),
    CaseText(
        subject="Delivery stands at the wrong warehouse",
        description="The shipment for {company} was delivered to the old address. {name} asks "
        "for a new date and says that the driver did not call {phone} as agreed.",
        type="Problem",
        reason="Delivery",
    ),
    CaseText(
        subject="Liability after the water damage",
        description="{name} of {company} holds us liable for goods spoilt in storage and sends "
        "a list of damages of 18,400 euros. Their counsel will write separately. Contact {email}.",
        type="Request",
        reason="Contract",
    ),
    CaseText(
        subject="Change of the signatory",
        description="From next month {name} signs for {company}. The power of attorney is "
        "attached; the passport copy must not be stored. New number {phone}, mail {email}.",
        type="Request",
        reason="Contract",
    ),
    CaseText(
        subject="Reminder received in error",
        description="{name} received a second reminder although {company} paid on time. Please "
        "stop the dunning run and confirm by mail to {email}.",
        type="Problem",
        reason="Invoice",
    ),
    CaseText(
        subject="Erase the contact of a former employee",
        description="{company} asks us to erase the data of a colleague who left, formerly "
        "reachable at {email}. {name} wants written confirmation under Article 17 GDPR.",
        type="Request",
        reason="Data protection",
    ),
    CaseText(
        subject="Which sub-processors see our tickets",
        description="{name} wants the current list of sub-processors and asks whether ticket "
        "texts of {company} are shown to a language model, and where it runs.",
        type="Question",
        reason="Data protection",
    ),
    CaseText(
        subject="Non-disclosure agreement for the pilot",
        description="{name} returned the draft with changes to clauses 4 and 7. {company} wants "
        "the term cut to two years. Call {phone} to settle the wording.",
        type="Question",
        reason="Contract",
    ),
)
