"""A Chromium to drive with playwright: the system's, else one from npm, so that nobody needs root for the suite."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from support.node import node_folder

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
PACKAGE = Path(__file__).parent.parent / "browser"
AXE = Path(__file__).parent.parent / "node" / "node_modules" / "axe-core" / "axe.min.js"
UNPACK = "const { default: it } = await import('@sparticuz/chromium'); console.log(await it.executablePath());"
# No sandbox: CI containers run as root without user namespaces, and every page here is our own.
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none")


def chromium() -> str:
    """The path of an executable; MODELCTL_CHROMIUM names one. Installs one into `tests/browser` where there is none."""
    named = os.environ.get("MODELCTL_CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or _from_npm()


def _from_npm() -> str:
    folder = node_folder()
    env = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    if not (PACKAGE / "node_modules").is_dir():
        subprocess.run([folder / "npm", "ci"], cwd=PACKAGE, env=env, check=True, capture_output=True, timeout=300)
    command = [folder / "node", "--input-type=module", "-e", UNPACK]
    done = subprocess.run(command, cwd=PACKAGE, env=env, check=True, capture_output=True, text=True, timeout=120)
    return done.stdout.strip().splitlines()[-1]


@contextmanager
def launched() -> Iterator[Browser]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """One person with one browser profile. Remembers what must not happen: errors, and requests to elsewhere."""

    def __init__(self, browser: Browser, url: str, **options: object) -> None:
        self.url = url
        self.context: BrowserContext = browser.new_context(base_url=url, **options)  # type: ignore[arg-type]
        self.context.set_default_timeout(10_000)
        self.wrong: list[str] = []
        self.context.on("console", self._console)
        self.context.on("weberror", lambda error: self.wrong.append(f"threw: {error.error}"))
        self.context.on("request", self._request)

    def open(self, section: str = "models") -> Page:
        """A new tab with the page, live."""
        page = self.context.new_page()
        page.goto(f"/#{section}")
        page.locator("#connection[data-state=live]").wait_for()
        return page

    def _console(self, message: ConsoleMessage) -> None:
        # The browser logs every answer of 4xx and every refused connection; those that a test provokes are no fault.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.wrong.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.wrong.append(f"asked {request.url}")

    def close(self) -> None:
        self.context.close()
        assert not self.wrong, self.wrong


def violations(page: Page) -> list[str]:
    """What axe-core finds on the page as it is now: `rule: where` for each."""
    # Through the debugger's door, not a script element: the page's policy would refuse that, as it should.
    page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def busiest(page: Page, do: Callable[[], object]) -> float:
    """The longest task of the page's main thread while `do` runs, in ms of its own CPU time: what a busy machine
    does meanwhile does not count."""
    browser = page.context.browser
    assert browser is not None
    browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
    try:
        do()
    finally:
        events = json.loads(browser.stop_tracing())["traceEvents"]
    names = [one for one in events if one.get("name") == "thread_name" and one["args"]["name"] == "CrRendererMain"]
    main = {(one["pid"], one["tid"]) for one in names}
    tasks = [one for one in events if "RunTask" in str(one.get("name")) and (one["pid"], one["tid"]) in main]
    assert tasks, "nothing was traced"
    return max(one.get("tdur", 0) for one in tasks) / 1000
