"""A Chromium to drive with playwright: the system's, else one from npm, so that nobody needs root for the suite."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True)
class PageWork:
    """What the page's main thread did, in counts that no busy machine changes."""

    calls: int  # of functions of the page's scripts
    styled: int  # elements whose style was worked out again
    laid_out: int  # objects that layout had to look at again


def work_of(page: Page, do: Callable[[], object]) -> PageWork:
    """The work while `do` runs, as the browser's own profiler and trace count it."""
    profiler = page.context.new_cdp_session(page)
    profiler.send("Profiler.enable")
    profiler.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": False})
    browser = page.context.browser
    assert browser is not None
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    try:
        do()
    finally:
        events = json.loads(browser.stop_tracing())["traceEvents"]
        scripts = profiler.send("Profiler.takePreciseCoverage")["result"]
        profiler.detach()
    calls = sum(function["ranges"][0]["count"] for script in scripts for function in script["functions"])
    styled = [one["args"].get("elementCount", 0) for one in events if one.get("name") == "UpdateLayoutTree"]
    layouts = [one["args"] for one in events if one.get("name") == "Layout" and "beginData" in one.get("args", {})]
    dirty = [each["beginData"]["dirtyObjects"] for each in layouts]
    assert styled, "nothing was traced"
    return PageWork(calls, sum(styled), sum(dirty))
