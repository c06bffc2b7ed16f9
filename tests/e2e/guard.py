"""What a page must never do, noticed while a test drives it."""

from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page, Request, Response

WRONG_INPUT_AND_REFUSALS = frozenset({400, 403, 404, 409, 422, 429})


@dataclass
class Guard:
    """Collects a page's troubles; `check` fails with all of them.

    Chromium also logs every answer of 400 and above to the console. Pages answer wrong input and
    refusals so on purpose, so those lines are left to the check of statuses, which knows them.
    """

    home: str
    troubles: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> Page:
        """Begin to listen."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.troubles.append(f"error in a script: {error}"))
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.on("response", self._response)
        return page

    def check(self) -> None:
        """Fail when anything was noticed, and begin anew."""
        troubles, self.troubles[:] = list(self.troubles), []
        assert not troubles, "\n".join(troubles)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.troubles.append(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.troubles.append(f"request to another host: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a navigation left the page behind
            self.troubles.append(f"request failed: {request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status < 400:
            return
        is_page = response.request.resource_type in {"document", "xhr", "fetch"}
        if not (is_page and response.status in WRONG_INPUT_AND_REFUSALS):
            self.troubles.append(f"{response.status} from {response.url}")
