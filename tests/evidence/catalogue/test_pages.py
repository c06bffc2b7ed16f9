"""The catalogue as people and programs read it."""

import pytest
from django.test import Client

from apps.common.clock import database_now
from apps.evidence.catalogue import services
from apps.evidence.catalogue.models import CheckRun
from apps.evidence.catalogue.registry import Check as Made
from apps.evidence.catalogue.registry import Outcome, all_checks
from apps.ledger import selectors as ledger
from tests.cast import Cast

WRONG = "The lighthouse is dark."


@pytest.fixture
def checked(cast: Cast) -> None:
    """Every check is good, but one about endpoints is broken and one about zones unknown."""

    def answer(each: Made) -> Made:
        outcomes = {
            "endpoints-answer": Outcome("danger", WRONG),
            "zones-published": Outcome("unknown", "Nobody can tell."),
        }
        found = outcomes.get(each.name, Outcome("good", "As it should be."))
        return Made(each.control, each.name, each.question, each.proof, lambda now: found)

    with cast.at_acme("otto") as otto:
        run = services.request_run(actor=otto, now=database_now())
    services.run_checks(
        tenant_id=cast.acme.pk,
        run_id=run.pk,
        checks=[answer(each) for each in all_checks().values()],
        now=database_now(),
    )


@pytest.fixture
def otto(cast: Cast) -> Client:
    return cast.client("otto")


def test_before_any_check_everything_is_unknown(otto: Client) -> None:
    answer = otto.get("/controls/")
    assert answer.status_code == 200
    assert b"every control is unknown" in answer.content
    assert answer.context["counts"]["good"] == 0


@pytest.mark.usefixtures("checked")
def test_what_is_broken_comes_first(otto: Client) -> None:
    answer = otto.get("/controls/")
    assert answer.context["counts"]["danger"] == 1
    first = answer.content.index(WRONG.encode())
    assert first < answer.content.index(b"As it should be.")


@pytest.mark.usefixtures("checked")
@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("result=danger", ["LLM-1"]),
        ("result=unknown", ["RES-1"]),
        ("requirement=nis2:23(4)(a)", ["INC-2"]),
        ("requirement=rmf:GOVERN-1.6&result=good", ["SCP-1", "SCP-6"]),
    ],
)
def test_filters_show_what_fits(otto: Client, query: str, ids: list[str]) -> None:
    areas = otto.get(f"/controls/?{query}").context["areas"]
    shown = [each.control.id for area in areas for each in (*area.checked, *area.planned)]
    assert shown == ids
    listed = otto.get(f"/api/v1/controls/?{query}").json()
    assert [each["id"] for each in listed] == ids


@pytest.mark.parametrize(
    ("query", "field"), [("result=fine", "result"), ("requirement=gdpr:99", "requirement")]
)
def test_a_filter_that_does_not_exist_is_named(otto: Client, query: str, field: str) -> None:
    assert otto.get(f"/controls/?{query}").status_code == 422
    answer = otto.get(f"/api/v1/controls/?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


@pytest.mark.usefixtures("checked")
def test_a_control_tells_its_checks_and_whom_it_serves(otto: Client) -> None:
    answer = otto.get("/controls/one/?id=LLM-1")
    assert WRONG in answer.content.decode()
    assert "Art. 21(2)(i)" in answer.content.decode()
    [change] = answer.context["changes"]
    assert (change.before, change.result) == (None, "danger")


def test_a_control_without_checks_is_unknown_and_says_so(otto: Client) -> None:
    answer = otto.get("/controls/one/?id=INC-2")
    assert b"No check looks at this control yet" in answer.content


@pytest.mark.parametrize(
    "path", ["/controls/one/", "/controls/one/?id=XYZ-1", "/controls/framework/?code=hipaa"]
)
def test_what_the_catalogue_does_not_know_is_not_found(otto: Client, path: str) -> None:
    assert otto.get(path).status_code == 404


@pytest.mark.parametrize("code", ["gdpr", "nis2", "rmf", "iso"])
def test_a_law_lists_its_requirements_with_controls(otto: Client, code: str) -> None:
    served = otto.get(f"/controls/framework/?code={code}").context["served"]
    assert served and all(each.standings for each in served)


@pytest.mark.usefixtures("checked")
def test_the_api_tells_planned_from_implemented(otto: Client) -> None:
    listed = {each["id"]: each for each in otto.get("/api/v1/controls/").json()}
    assert (listed["INC-2"]["status"], listed["INC-2"]["result"]) == ("planned", "unknown")
    assert listed["LLM-1"]["checks"][0]["sentence"] == WRONG
    assert {"GDPR", "NIS2"} <= {each["framework"] for each in listed["CRM-1"]["requirements"]}


def test_checks_are_run_from_the_page_and_that_is_recorded(cast: Cast, otto: Client) -> None:
    assert otto.post("/controls/run/").status_code == 302
    assert b"being run" in otto.get("/controls/").content
    assert otto.post("/api/v1/controls/run/").status_code == 409
    with cast.at_acme():
        assert CheckRun.objects.count() == 1
        assert ledger.list_events(action="evidence.checks.requested").count() == 1


@pytest.mark.parametrize("name", ["bob", "rita"])
def test_it_takes_the_power_to_see_it(cast: Cast, name: str) -> None:
    client = cast.client(name)
    for answer in (
        client.get("/controls/"),
        client.get("/api/v1/controls/"),
        client.post("/controls/run/"),
    ):
        assert answer.status_code == 403
