"""A scan from the file in someone's hand to the report on the page."""

import pytest
from playwright.sync_api import expect

from tests.cast import Cast
from tests.e2e import look
from tests.e2e.visiting import Visit
from tests.posture.scan.made_up import xml
from tests.posture.scans.zips import BAD_XML, CALLS_OPENAI, HOLDS_KEY, QUIET, ask, run, zipped
from tests.reviews.made_up import make_connection

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CLASSES = "force-app/main/default/classes"
SITE = (
    "<RemoteSiteSetting><isActive>true</isActive>"
    "<url>http://rates.kurse.example.ch</url></RemoteSiteSetting>"
)
BEFORE = {
    f"{CLASSES}/Ask.cls": CALLS_OPENAI.replace("api.openai.com", "crm-tools.example.fr"),
    f"{CLASSES}/Quiet.cls": QUIET,
}
PROFILE = xml(
    "Profile",
    "<custom>true</custom>\n<userPermissions><enabled>true</enabled><name>ModifyAllData</name>"
    "</userPermissions>",
)
GUESTS = xml(
    "SharingRules",
    "<sharingGuestRules><fullName>Faq_for_all</fullName><accessLevel>Read</accessLevel>"
    "</sharingGuestRules>",
)
NOW = {
    f"{CLASSES}/Ask.cls": CALLS_OPENAI,
    f"{CLASSES}/Keyed.cls": HOLDS_KEY,
    f"{CLASSES}/Quiet.cls": QUIET,
    "force-app/main/default/remoteSiteSettings/Rates.remoteSite-meta.xml": SITE,
    "force-app/main/default/profiles/Integration.profile-meta.xml": PROFILE,
    "force-app/main/default/sharingRules/Faq__c.sharingRules-meta.xml": GUESTS,
    "force-app/main/default/namedCredentials/Old.namedCredential-meta.xml": BAD_XML,
}


def test_an_operator_uploads_metadata_and_reads_where_data_can_go(
    visit: Visit, stage: Cast
) -> None:
    with stage.at_acme():
        connection = make_connection()
    page = visit.as_person(stage, "bob")
    page.goto(visit.url("posture:scans"))
    look.keep(page, "scans-none")
    run(stage, ask(stage, zipped(BEFORE), connection=connection))
    page.goto(visit.url("posture:scans"))
    page.get_by_label("Metadata (.zip)").set_input_files(
        {"name": "acme-prod.zip", "mimeType": "application/zip", "buffer": zipped(NOW)}
    )
    page.get_by_label("Org it belongs to").select_option(label="acme-prod")
    page.get_by_role("button", name="Scan it").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    look.keep(page, "scan-waiting")
    with stage.at_acme():
        scan = connection.scans.get(state="queued")
    run(stage, scan)
    expect(page.get_by_role("heading", name="Where data can go")).to_be_visible()
    expect(page.get_by_text("api.openai.com").first).to_be_visible()
    look.keep(page, "scan")
    page.goto(visit.url("posture:scans"))
    look.keep(page, "scans")
