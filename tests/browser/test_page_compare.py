"""One prompt to several models on the page: the proxy they answer through is the tests' upstream."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from support.browser import violations
from support.page import ACME, ROUTES, World
from support.upstream import Upstream

SCRIPT = "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"


def ask(page: Page, *models: str, prompt: str = "hello") -> None:
    form = page.get_by_role("form", name="Comparison")
    for at, model in enumerate(models):
        if at > 1:
            form.get_by_role("button", name="Add a model").click()
        form.get_by_label(f"Model {at + 1}", exact=True).select_option(model)
    form.get_by_label("Prompt", exact=True).fill(prompt)
    form.get_by_role("button", name="Ask").click()


def test_a_fast_a_failing_and_a_slow_model_side_by_side(asked: World, upstream: Upstream) -> None:
    upstream.behave("beta", status=429)
    upstream.behave("zed", seconds=30, pieces=3, text="word ")
    page = asked.visit().open("compare")
    ask(page, "alpha", "beta", "zed")
    alpha, beta, zed = (page.locator(f"article[data-model={name}]") for name in ("alpha", "beta", "zed"))
    expect(alpha.locator(".titled > span > .pill")).to_have_text("done")
    expect(alpha.locator(".answer").last).to_contain_text("model=alpha")
    for fact in ("First token", "Total", "5 in, 7 out", "$0.000019"):
        expect(alpha.locator(".numbers")).to_contain_text(fact)
    expect(beta).to_contain_text("beta fails on demand")
    expect(zed.locator(".answer").last).to_contain_text("word")  # streamed: most of it is 30 s away
    zed.get_by_role("button", name="Stop").click()
    expect(zed.locator(".titled > span > .pill")).to_have_text("stopped")
    expect(page.get_by_role("button", name="Stop all")).to_be_hidden()
    assert asked.target() == "alpha"
    assert asked.history() == [], "no route was touched"


def test_all_can_be_stopped_and_asked_again(asked: World, upstream: Upstream) -> None:
    for model in ("alpha", "beta"):
        upstream.behave(model, delay=30)
    page = asked.visit().open("compare")
    ask(page, "alpha", "beta")
    page.get_by_role("button", name="Stop all").click()
    expect(page.locator("article .titled > span > .pill")).to_have_text(["stopped", "stopped"])
    upstream.reset()
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("article .titled > span > .pill")).to_have_text(["done", "done"])


def test_parameters_reach_every_model(asked: World, upstream: Upstream) -> None:
    page = asked.visit().open("compare")
    form = page.get_by_role("form", name="Comparison")
    form.get_by_text("Parameters", exact=True).click()
    form.get_by_label("Temperature").fill("0.5")
    form.get_by_label("Other parameters").fill('{"stop": ["END"]}')
    ask(page, "alpha", "beta")
    expect(page.locator("article .titled > span > .pill")).to_have_text(["done", "done"])
    assert [(one["body"]["temperature"], one["body"]["stop"]) for one in upstream.requests()] == [(0.5, ["END"])] * 2


@pytest.mark.parametrize(
    ("models", "prompt", "said"),
    [
        (("alpha", "alpha"), "hello", "alpha is chosen twice"),
        (("alpha", ""), "hello", "Choose at least two models"),
        (("alpha", "beta"), "  ", "Write a prompt"),
        (("alpha", "beta"), "x" * 1_000_000, "at most 524288 bytes"),
    ],
)
def test_what_cannot_be_asked_is_said_in_place(
    asked: World, upstream: Upstream, models: tuple[str, ...], prompt: str, said: str
) -> None:
    page = asked.visit().open("compare")
    ask(page, *models, prompt=prompt)
    expect(page.locator("#section-compare .wrong").first).to_contain_text(said)
    assert upstream.requests() == []


def test_an_answer_is_kept_until_it_is_taken_away(asked: World, upstream: Upstream) -> None:
    upstream.behave("alpha", text=SCRIPT, pieces=1)
    page = asked.visit(permissions=["clipboard-read", "clipboard-write"]).open("compare")
    ask(page, "alpha", "beta", prompt=SCRIPT)
    page.get_by_role("button", name="Keep the answer of Alpha").click()
    page.get_by_role("button", name="Copy the answer of Alpha").click()
    expect(page.get_by_role("button", name="Copied the answer of Alpha")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == SCRIPT
    page.reload()
    kept = page.get_by_role("region", name="Saved answer of alpha")
    expect(kept).to_have_text(SCRIPT)
    assert page.evaluate("window.ran") is None
    page.get_by_role("button", name="Remove the saved answer of alpha").click()
    expect(kept).to_have_count(0)


def test_the_fastest_and_the_cheapest_are_marked_and_can_be_taken(asked: World, upstream: Upstream) -> None:
    upstream.behave("gamma", delay=1.0)
    page = asked.visit().open("compare")
    ask(page, "beta", "gamma")
    beta, gamma = (page.locator(f"article[data-model={name}]") for name in ("beta", "gamma"))
    expect(gamma.locator(".titled > span > .pill")).to_have_text("done")
    expect(beta.locator(".wins .pill")).to_have_text(["fastest", "cheapest"])
    expect(gamma.locator(".wins .pill")).to_have_count(0)
    gamma.get_by_role("button", name="Use it… Gamma").click()
    page.get_by_role("dialog").get_by_role("button", name="Switch active to it").click()
    expect(page.locator(".toast")).to_contain_text("active → Gamma")
    assert asked.target() == "gamma"


def test_nobody_wins_against_one_that_failed(asked: World, upstream: Upstream) -> None:
    upstream.behave("gamma", status=429)
    page = asked.visit().open("compare")
    ask(page, "beta", "gamma")
    expect(page.locator("article .titled > span > .pill")).to_have_text(["done", "failed"])
    expect(page.locator(".wins .pill")).to_have_count(0)


def test_a_system_prompt_goes_first(asked: World, upstream: Upstream) -> None:
    page = asked.visit().open("compare")
    form = page.get_by_role("form", name="Comparison")
    form.get_by_text("Instructions", exact=True).first.click()
    form.get_by_label("Instructions").fill("Be brief.")
    ask(page, "alpha", "beta")
    expect(page.locator("article .titled > span > .pill")).to_have_text(["done", "done"])
    for request in upstream.requests():
        assert [one["role"] for one in request["body"]["messages"]] == ["system", "user"]


def test_figures_line_up_below_answers_of_different_length(asked: World, upstream: Upstream) -> None:
    upstream.behave("alpha", text="long " * 200, pieces=1)
    upstream.behave("gamma", status=429)
    page = asked.visit(viewport={"width": 1440, "height": 900}).open("compare")
    ask(page, "alpha", "beta", "gamma")
    expect(page.locator("article .titled > span > .pill")).to_have_text(["done", "done", "failed"])
    tops = page.locator("article:has(.numbers div) .numbers").evaluate_all(
        "all => all.map(one => Math.round(one.getBoundingClientRect().top))"
    )
    assert len(tops) == 2
    assert len(set(tops)) == 1, tops


def test_by_keyboard_alone(asked: World) -> None:
    page = asked.visit().open("compare")
    page.get_by_label("Prompt", exact=True).focus()
    page.keyboard.type("hello")
    page.keyboard.press("Control+Enter")
    expect(page.locator("article .titled > span > .pill")).to_have_text(["done", "done"])
    expect(page.locator("#section-compare [role=status]")).to_contain_text("answered in")


def test_a_proxy_that_does_not_run(build: Callable[..., World]) -> None:
    page = build({"acme": ACME}, ROUTES, MODELCTL_PROXY="http://127.0.0.1:9").visit().open("compare")
    ask(page, "alpha", "beta")
    expect(page.locator("article .wrong")).to_contain_text(["does not answer", "does not answer"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_for_everyone_and_every_screen(asked: World, upstream: Upstream, scheme: str, width: int) -> None:
    upstream.behave("beta", status=429)
    upstream.behave("zed", text="w" * 400, pieces=1)
    page = asked.visit(color_scheme=scheme, viewport={"width": width, "height": 900}).open("compare")
    ask(page, "alpha", "beta", "zed")
    page.get_by_role("button", name="Keep the answer of Zed").click()
    page.get_by_text("Parameters", exact=True).click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert violations(page) == []
