"""The auditor takes a signed pack home and checks it without the console."""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from console.dev.paths import PROJECT
from tests.e2e.folk import Folk

CHECKER = [sys.executable, "-m", "apps.evidence.verify"]


def enter(folk: Folk) -> Page:
    """Otto audits two tenants: he chooses one, looks into the other and comes back."""
    page = folk.page("auditor")
    expect(page.get_by_role("heading", level=1)).to_have_text("Where do you want to work?")
    folk.keep(page, "choose-tenant")
    page.get_by_role("button", name="Globex Health").click()
    expect(page.get_by_label("You are here")).to_contain_text("Globex Health")
    page.locator("summary", has_text="Tenant").click()
    page.get_by_role("button", name="Work in Acme Legal").click()
    expect(page.get_by_label("You are here")).to_contain_text("Acme Legal")
    return page


def download(folk: Folk, to: Path) -> Path:
    """Made while the page watches, handed over for a code."""
    page = enter(folk)
    page.goto(folk.visit.url("evidence:packs"))
    folk.keep(page, "packs-empty")
    page.get_by_label("What is it for?").fill("The main job")
    page.get_by_role("button", name="Make the pack").click()
    expect(page.get_by_role("button", name="Download the PDF")).to_be_visible(timeout=60_000)
    folk.keep(page, "pack")
    folk.sign_decision(page, "auditor")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the PDF").click()
    path = to / "pack.pdf"
    waiting.value.save_as(path)
    page.goto(folk.visit.url("evidence:packs"))
    folk.keep(page, "packs")
    return path


def check(path: Path) -> None:
    """The checker accepts it, and refuses a copy with one byte changed."""
    code, words = _verify(path)
    assert code == 0, words
    pdf = path.read_bytes()
    middle = len(pdf) // 2
    damaged = path.with_name("damaged.pdf")
    damaged.write_bytes(pdf[:middle] + bytes([pdf[middle] ^ 1]) + pdf[middle + 1 :])
    code, words = _verify(damaged)
    assert code != 0, words


def _verify(path: Path) -> tuple[int, str]:
    done = subprocess.run(
        [*CHECKER, str(path)], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr
