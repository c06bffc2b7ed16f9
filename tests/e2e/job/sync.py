"""Open cases are summarised inside the org's zone; outside it nothing leaves."""

from typing import Any

import requests
from playwright.sync_api import Page, expect

from tests.e2e.folk import Folk

COMPLETIONS = "/v1/chat/completions"


def inside(folk: Folk) -> list[str]:
    """A job to Frankfurt. Answers the ids of the records that were written back."""
    page = folk.page("operator")
    page.goto(folk.visit.url("sync:jobs"))
    folk.keep(page, "sync-empty")
    _make(
        page,
        folk,
        "Case summaries",
        "Frankfurt models",
        says="Would run, masked",
        picture="sync-new",
    )
    page.get_by_role("button", name="Start a run").click()
    expect(page.get_by_text("summarised and written back")).to_be_visible(timeout=60_000)
    assert any(path == COMPLETIONS for path in _calls(folk, 0))
    folk.keep(page, "sync-done")
    copies = page.get_by_role("button", name="Copy the record's id").all()
    return [button.get_attribute("data-copy") or "" for button in copies]


def outside(folk: Folk) -> None:
    """The same job to Virginia is refused, and the endpoint there was asked for nothing."""
    page, before = folk.page("operator"), _calls(folk, -1)
    _make(
        page,
        folk,
        "Summaries abroad",
        "Virginia models",
        says="Would be refused",
        picture="sync-abroad",
    )
    page.get_by_role("button", name="Start a run").click()
    expect(page.get_by_text("Refused by the rule")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Who can change it", exact=True)).to_be_visible()
    after = _calls(folk, -1)
    assert [path for path in after if path == COMPLETIONS] == []
    assert len(after) == len(before)
    folk.keep(page, "sync-refused")
    page.goto(folk.visit.url("sync:jobs"))
    folk.keep(page, "sync-jobs")


def _make(page: Page, folk: Folk, name: str, endpoint: str, *, says: str, picture: str) -> None:
    page.goto(folk.visit.url("sync:create"))
    page.get_by_label("Name").fill(name)
    _choose(page, "From org", "acme-prod")
    page.get_by_label("Second field").fill("Description")
    page.get_by_label("Third field").fill("SuppliedEmail")
    _choose(page, "To endpoint", endpoint)
    expect(page.get_by_text(says, exact=False).first).to_be_visible()
    folk.keep(page, picture)
    page.get_by_role("button", name="Make the job").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def _choose(page: Page, label: str, words: str) -> None:
    """The option that begins with these words, whatever the list says about it besides."""
    options = page.get_by_label(label).locator("option").all_inner_texts()
    [wanted] = [each for each in options if each.startswith(words)]
    page.get_by_label(label).select_option(label=wanted)


def _calls(folk: Folk, number: int) -> list[str]:
    """Paths a model endpoint was asked for, by its own count."""
    org = folk.house.org
    answer = requests.get(
        f"{org.model_urls[number]}/_sandbox/requests",
        headers={"X-Sandbox-Admin": org.admin_key},
        verify=org.ca,
        timeout=10,
    )
    calls: list[dict[str, Any]] = answer.json()["requests"]
    return [str(call["path"]) for call in calls]
