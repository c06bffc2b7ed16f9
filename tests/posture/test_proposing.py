"""The least permission set: what was seen, no more than is given, in a form that deploys."""

import csv
import io
import re
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from django.urls import reverse

from apps.common.clock import database_now
from apps.crm.eventlogs.usage import ObjectUse, Usage
from apps.posture.scopes.proposing import Proposal, permission_set_xml, propose
from apps.posture.scopes.reaching import Reach
from tests.cast import Cast
from tests.posture.governed import make_governed

XML = "{http://soap.sforce.com/2006/04/metadata}"


def proposed(used: list[ObjectUse], **reach: Any) -> Proposal:
    now = database_now()
    usage = Usage(
        since=now, until=now, observed=((now, now),), apps=(), attributed_share=None, words=""
    )
    return propose(usage, used, Reach(**reach), user_id="005Ma00000000001", watched=["Case"])


@pytest.mark.django_db
def test_each_object_gets_what_its_own_calls_need_and_no_more_than_is_given() -> None:
    used = [
        ObjectUse("Account", ("GET",), 9),
        ObjectUse("Case", ("GET", "PATCH"), 5),
        ObjectUse("", ("POST",), 3),
    ]
    found = proposed(
        used,
        objects={"Account": "CRED", "Case": "RE", "Contact": "R"},
        fields={"Case.Subject": "RE", "Account.Phone": "RE"},
    )
    assert [(line.name, line.enough, line.surplus) for line in found.lines] == [
        ("Account", "R", "CED"), ("Case", "RE", ""), ("Contact", "", "R"),
    ]  # fmt: skip
    assert found.needed[0].fields == (("Account.Phone", "R"),)  # edited only with its object
    assert "3 of its calls name no object" in found.unknown
    assert "Fields of Account were not read" in found.unknown


@pytest.mark.django_db
def test_who_reaches_everything_gets_what_the_calls_could_need() -> None:
    found = proposed(
        [ObjectUse("Case", ("PATCH",), 1)], objects={"Case": "R"}, everything=("Modify All Data",)
    )
    assert found.lines[0].enough == "CRE"  # an upsert may create
    assert found.everything == ("Modify All Data",)


@pytest.mark.django_db
def test_the_xml_is_a_permission_set_with_its_elements_in_order() -> None:
    root = fromstring(
        permission_set_xml(
            proposed(
                [ObjectUse("Case", ("DELETE",), 1)],
                objects={"Case": "CREDVM"},
                fields={"Case.A<b": "RE"},
            )
        )
    )
    names = [each.tag.removeprefix(XML) for each in root]
    assert root.tag == f"{XML}PermissionSet" and names == sorted(names)
    [given] = root.findall(f"{XML}objectPermissions")
    flags = {each.tag.removeprefix(XML): each.text for each in given}
    assert flags == {
        "allowCreate": "false", "allowDelete": "true", "allowEdit": "true", "allowRead": "true",
        "modifyAllRecords": "false", "object": "Case", "viewAllRecords": "false",
    }  # fmt: skip
    assert root.find(f"{XML}userPermissions/{XML}name").text == "ApiEnabled"
    assert len(root.find(f"{XML}description").text) <= 255


@pytest.mark.django_db
def test_it_is_shown_beside_what_is_given_and_taken_away_as_xml_and_csv(cast: Cast) -> None:
    with cast.at_acme():
        world = make_governed(cast, seen_days=91)
    client = cast.client("alice")
    page = client.get(reverse("posture:service-account", args=[world.account.pk]))
    words = re.sub(r"\s+", " ", page.content.decode())
    assert "Matter__c" in words and "Modify All Data and View All Data would go, too" in words
    address = reverse("posture:proposed-set", args=[world.account.pk])
    sheet = client.get(address, {"as": "csv"})
    rows = list(csv.reader(io.StringIO(sheet.content.decode())))
    assert rows[0] == ["what", "name", "given", "enough", "would go"]
    assert ["permission", "Modify All Data", "yes", "", "yes"] in rows
    assert "attachment" in sheet["Content-Disposition"]
    assert cast.client("mallory").get(address).status_code == 404
