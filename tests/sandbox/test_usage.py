"""The Connect REST inventory of OAuth use."""

import pytest

from tests.sandbox.client import OrgClient, log_in_as_app

USAGE = "/apps/oauth/usage"


def app_id(org: OrgClient, name: str) -> str:
    apps = org.get(USAGE).json()["apps"]
    return str(next(each for each in apps if each["developerName"] == name)["identifier"])


def count(org: OrgClient, name: str) -> int:
    soql = f"SELECT COUNT() FROM OauthToken WHERE AppName = '{name}'"
    return int(org.query(soql).json()["totalSize"])


def test_apps_users_and_tokens_are_listed(org: OrgClient) -> None:
    loader = app_id(org, "Data_Loader")
    users = org.get(f"{USAGE}/{loader}/users").json()
    assert list(users) == ["currentPageUrl", "nextPageUrl", "users"]
    weber = next(each for each in users["users"] if each["username"].startswith("jonas.weber"))
    tokens = org.get(weber["revocationUrl"]).json()["tokens"]
    assert len(tokens) == 5
    assert sum(each["useCount"] for each in tokens) == weber["useCount"]


def test_pages_are_linked(org: OrgClient) -> None:
    first = org.get(USAGE, params={"pageSize": "3"}).json()
    second = org.get(first["nextPageUrl"]).json()
    third = org.get(second["nextPageUrl"]).json()
    assert [len(page["apps"]) for page in (first, second, third)] == [3, 3, 2]
    assert third["nextPageUrl"] is None


def test_one_token_is_revoked(org: OrgClient) -> None:
    heroku = app_id(org, "Heroku_Sync")
    user = org.get(f"{USAGE}/{heroku}/users").json()["users"][0]
    token = org.get(user["revocationUrl"]).json()["tokens"][0]
    assert org.send("DELETE", token["revocationUrl"]).status_code == 204
    assert count(org, "Heroku Sync") == 4
    assert org.send("DELETE", token["revocationUrl"]).status_code == 404


def test_revoking_an_app_ends_its_sessions_and_no_others(org: OrgClient) -> None:
    heroku = log_in_as_app(org.sandbox, "Heroku Sync")
    path = f"{USAGE}/{app_id(org, 'Heroku_Sync')}/tokens"
    assert org.send("DELETE", path).status_code == 204
    assert heroku.get("/sobjects").status_code == 401
    assert (count(org, "Heroku Sync"), count(org, "Data Loader")) == (0, 17)


def test_revoking_a_users_tokens_leaves_the_others(org: OrgClient) -> None:
    loader = app_id(org, "Data_Loader")
    users = org.get(f"{USAGE}/{loader}/users").json()["users"]
    org.send("DELETE", users[0]["revocationUrl"])
    assert len(org.get(f"{USAGE}/{loader}/users").json()["users"]) == len(users) - 1


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_user_without_the_permission_is_refused(org: OrgClient, method: str) -> None:
    heroku = log_in_as_app(org.sandbox, "Heroku Sync")
    path = f"{USAGE}/{app_id(org, 'Data_Loader')}/004/tokens"
    answer = heroku.send(method, path)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS")
    assert count(org, "Data Loader") == 17


def test_an_unknown_app_is_not_found(org: OrgClient) -> None:
    assert org.get(f"{USAGE}/0H4000000000001/users").status_code == 404
