"""`<model-selector>` and the client module, in a page of another origin: as a front end of somebody else uses them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from support.browser import violations
from support.catalog_files import write_catalog
from support.page import ACME, ROUTES, ZETA, World

HOST = """<!doctype html><html lang="en"><title>somebody else's</title><main><h1>Chat</h1>
<script type="module">
  import { createModelClient } from "URL/clients/model-client.js";
  import "URL/clients/model-selector.js";
  Object.assign(window, { createModelClient, heard: [] });
  for (const name of ["change", "error"]) document.addEventListener(name, (event) => heard.push([name, event.detail]));
</script>
<model-selector server="URL" route="active"></model-selector>
<model-selector server="URL" route="active" native label="Plain"></model-selector></main></html>"""


class Foreign(ThreadingHTTPServer):
    """Somebody else's front end, on an origin of its own."""

    def __init__(self) -> None:
        self.page = b""
        foreign = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(foreign.page)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        super().__init__(("127.0.0.1", 0), Handler)
        self.origin = f"http://localhost:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def foreign() -> Iterator[Foreign]:
    server = Foreign()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def module_world(tmp_path_factory: pytest.TempPathFactory, browser: Browser, foreign: Foreign) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("selector")
    catalog = write_catalog(folder, {"acme": ACME, "zeta": ZETA}, ROUTES)
    world = World(folder, browser, catalog, {"MODELCTL_CORS_ORIGINS": foreign.origin})
    foreign.page = HOST.replace("URL", world.plane.url).encode()
    yield world
    world.stop()


@pytest.fixture
def world(module_world: World) -> World:
    module_world.reset()
    return module_world


@pytest.fixture
def host(world: World, browser: Browser, foreign: Foreign) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(foreign.origin)
    expect(page.locator("model-selector").first.locator("button")).to_contain_text("Alpha")
    yield page
    context.close()


def heard(page: Page) -> list[Any]:
    return list(page.evaluate("heard.map(([name, detail]) => [name, detail.target ?? detail.code])"))


def test_it_picks_by_keyboard_and_tells(world: World, host: Page) -> None:
    button = host.locator("model-selector").first.locator("button")
    button.focus()
    host.keyboard.press("Enter")
    host.keyboard.type("zeta")
    host.keyboard.press("Enter")
    expect(button).to_contain_text("Zed")
    expect(button).to_be_focused()
    host.wait_for_function("heard.length > 0")
    assert heard(host) == [["change", "zed"]]
    assert world.target() == "zed"


def test_a_refusal_is_an_error_event_and_is_taken_back(world: World, host: Page) -> None:
    selector = host.locator("model-selector").first
    selector.locator("button").click()
    selector.get_by_role("option", name="Beta").click()
    host.wait_for_function("heard.length > 0")
    assert heard(host) == [["error", "refused"]]
    expect(selector.locator("button")).to_contain_text("Alpha")
    assert world.target() == "alpha"


def test_it_follows_what_others_do_and_offers_only_the_routes_kind(world: World, host: Page) -> None:
    world.plane.select("gamma")
    selector = host.locator("model-selector").first
    expect(selector.locator("button")).to_contain_text("Gamma")
    selector.locator("button").click()
    expect(selector.get_by_role("option")).to_have_count(5)
    expect(selector.get_by_role("option", selected=True)).to_contain_text("Gamma")
    selector.evaluate("one => one.route = 'search'")
    expect(selector.get_by_role("option")).to_have_count(1)


def test_the_plain_select_does_the_same(world: World, host: Page) -> None:
    plain = host.get_by_label("Plain")
    plain.select_option(label="Zed")
    host.wait_for_function("heard.length > 0")
    assert heard(host) == [["change", "zed"]]
    expect(plain.locator("option:checked")).to_have_text("Zed")
    expect(host.locator("model-selector").first.locator("button")).to_contain_text("Zed")


def test_axe_finds_nothing_in_it(host: Page) -> None:
    host.locator("model-selector").first.locator("button").click()
    expect(host.get_by_role("option").first).to_be_visible()
    assert violations(host) == []


OPTIMISTIC = """async ([base, answer]) => {
  let release;
  const gate = new Promise((resolve) => (release = resolve));
  const slow = async (url, init) => {
    if (init.method !== "POST") return fetch(url, init);
    await gate;
    if (answer === "broken") throw new TypeError("no network");
    return fetch(url, init);
  };
  const client = createModelClient({ baseUrl: base, fetch: slow });
  await client.load();
  const target = () => client.getSnapshot().routes.find((one) => one.route === "active");
  const seen = [target().target];
  const asked = client.select({ modelId: "zed", provider: "zeta" }).then(() => "done", (error) => error.code);
  seen.push(target().target, target().pending);
  release();
  seen.push(await asked, target().target, target().pending ?? false);
  return seen;
}"""


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        ("fine", ["alpha", "zed", True, "done", "zed", False]),
        ("broken", ["alpha", "zed", True, "unreachable", "alpha", False]),
    ],
)
def test_a_selection_shows_at_once_and_goes_when_it_fails(
    world: World, host: Page, answer: str, seen: list[Any]
) -> None:
    assert host.evaluate(OPTIMISTIC, [world.plane.url, answer]) == seen


LISTENING = """async (base) => {
  const client = createModelClient({ baseUrl: base });
  const same = client.getSnapshot() === client.getSnapshot();
  let calls = 0;
  await new Promise((resolve) => {
    const leave = client.subscribe(() => {
      calls++;
      if (client.getSnapshot().connection === "live") leave(), resolve();
    });
  });
  const kept = client.getSnapshot().providers;
  await client.load();
  return [same, calls > 0, client.getSnapshot().connection, kept === client.getSnapshot().providers];
}"""


def test_snapshots_are_stable_and_the_last_listener_ends_the_stream(world: World, host: Page) -> None:
    assert host.evaluate(LISTENING, world.plane.url) == [True, True, "idle", True]


PARSE = """async ([base, pieces]) => {
  const { parser } = await import(`${base}/clients/model-events.js`);
  const parse = parser();
  return pieces.flatMap((piece) => parse(piece));
}"""


@pytest.mark.parametrize(
    "pieces",
    [
        ['event: a\r\ndata: {"x": 1}\r\n\r\n'],
        ["event: a\r", '\ndata: {"x"', ": 1}\r\n\r", "\n"],
        [": ping\n\n", 'event: a\ndata: {"x":\ndata: 1}\n\n', "data: not json\n\n", ": ping"],
    ],
)
def test_events_survive_being_cut_anywhere(world: World, host: Page, pieces: list[str]) -> None:
    assert host.evaluate(PARSE, [world.plane.url, pieces]) == [{"event": "a", "data": {"x": 1}}]


MISFITS = """async (base) => {
  const { misfit } = await import(`${base}/clients/model-facts.js`);
  const [providers, routes] = await Promise.all(
    ["models/list", "routes"].map(async (path) => (await fetch(`${base}/${path}`)).json()));
  const models = providers.flatMap((each) => each.models);
  const pair = (route, { provider, id }, why) => [route.route, provider, id, why];
  return routes.flatMap((route) => models.map((model) => pair(route, model, misfit(model, route))));
}"""


def test_what_the_list_foretells_is_what_the_server_says(world: World, host: Page) -> None:
    """`misfit` repeats the rules of routes.refusals in JavaScript; here they are held together."""
    world.fleet.say("w1", unset=("ZETA_KEY",))
    expect(host.locator("model-selector").first).to_be_visible()
    foretold = host.evaluate(MISFITS, world.plane.url)
    assert len(foretold) == 14
    for route, provider, model, why in foretold:
        answer = world.plane.select(model, provider=provider, route=route, dry_run=True)
        assert (answer.status_code == 409) == (why is not None), (route, model, why, answer.json())
