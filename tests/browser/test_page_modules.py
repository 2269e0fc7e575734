"""No module is found out about late: all that the page imports is named in what is served, section by section."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from playwright.sync_api import Route, expect

from modelctl.web.sections import SECTIONS
from support.page import World

CLASSIC = {"web/theme.js"}  # runs before the first paint; it imports nothing


class Served(HTMLParser):
    """The modules that the page's HTML names: for its first view, and for each further section."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.first: list[str] = []
        self.later: dict[str, list[str]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "link" and told.get("rel") == "modulepreload":
            self.first.append(told["href"])
        if "data-section" in told:
            self.later[told["data-section"]] = told["data-modules"].split()


def asked(world: World, section: str) -> list[str]:
    """The scripts that a browser asks for until the section is there."""
    page = world.visit().context.new_page()
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if request.resource_type == "script" else None)
    page.goto(f"{world.plane.url}/#{section}")
    page.locator("#connection[data-state=live]").wait_for()
    expect(page.locator(f"#section-{section} h1")).to_be_attached()
    return [url.removeprefix(f"{world.plane.url}/") for url in seen]


def test_the_first_view_asks_for_exactly_what_is_preloaded(world: World) -> None:
    served = Served(world.plane.http.get("/").text)
    assert {"web/app.js", "web/models.js", "web/row.js", "clients/model-client.js"} <= set(served.first)
    assert sorted(asked(world, "models")) == sorted({*served.first, *CLASSIC})


@pytest.mark.parametrize("section", [each.id for each in SECTIONS])
def test_a_section_asks_for_exactly_what_its_link_names(world: World, section: str) -> None:
    served = Served(world.plane.http.get("/").text)
    assert not set(served.first) & set(served.later[section]), "nothing is named twice"
    assert sorted(asked(world, section)) == sorted({*served.first, *CLASSIC, *served.later[section]})


def test_what_a_section_needs_is_asked_for_at_once(world: World) -> None:
    """The links stand in the head before the first of the section's modules has answered."""
    served = Served(world.plane.http.get("/").text)
    page = world.visit().open()
    held: list[Route] = []
    page.route("**/web/custom.js", lambda route: held.append(route))
    page.get_by_role("link", name="Custom models").click()
    expect(page.locator('link[rel=modulepreload][href="web/custom-form.js"]')).to_be_attached()
    links = page.locator("link[rel=modulepreload]").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert links == [*served.first, *served.later["custom"]]
    for each in held:
        each.continue_()
    expect(page.get_by_role("button", name="Add a model")).to_be_visible()
