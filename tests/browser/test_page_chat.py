"""A conversation on the page: with a model, with what a route points to; what was sent is what the proxy received."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from support.browser import violations
from support.page import World
from support.upstream import Upstream

SCRIPT = "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"
ANSWER = """# Plan

First **mix**, then `bake`:

- flour
- eggs
  - two

```py
print('**raw**')
```

| a | b |
|---|---|
| 1 | 2 |
"""
LINKS = "[away](https://example.org/) ![seen](https://example.org/x.png) [no](javascript:alert(1))"


def form(page: Page) -> Locator:
    return page.get_by_role("form", name="Chat")


def say(page: Page, text: str) -> None:
    form(page).get_by_label("Message").fill(text)
    form(page).get_by_role("button", name="Send").click()


def states(page: Page) -> Locator:
    return page.locator(".chat article .titled .pill")


def sent(upstream: Upstream) -> list[tuple[str, list[tuple[str, str]]]]:
    """Of each request, the model and the messages."""
    bodies = [one["body"] for one in upstream.requests()]
    return [(body["model"], [(each["role"], each["content"]) for each in body["messages"]]) for body in bodies]


def test_a_conversation_with_one_model_holds_what_was_said_before(asked: World, upstream: Upstream) -> None:
    upstream.behave("gamma", text="I am gamma", pieces=1)
    page = asked.visit().open("chat")
    form(page).get_by_label("Model or route").select_option("gamma")
    say(page, "hello")
    expect(states(page)).to_have_text(["done"])
    expect(page.get_by_role("region", name="Answer of Gamma")).to_have_text("I am gamma")
    expect(form(page).get_by_label("Message")).to_have_value("")
    say(page, "and then?")
    expect(states(page)).to_have_text(["done", "done"])
    first, second = sent(upstream)
    assert first == ("gamma", [("user", "hello")])
    assert second == ("gamma", [("user", "hello"), ("assistant", "I am gamma"), ("user", "and then?")])
    assert asked.history() == [], "no route was touched"


def test_a_route_asks_the_model_that_it_points_to_now(asked: World, upstream: Upstream) -> None:
    page = asked.visit().open("chat")
    which = form(page).get_by_label("Model or route")
    which.select_option(label="active (now Alpha)")
    form(page).locator("summary").click()
    form(page).get_by_label("Instructions").fill("Be brief.")
    say(page, "one")
    expect(states(page)).to_have_text(["done"])
    asked.plane.select("zed", actor="ana")
    expect(which.locator("option:checked")).to_have_text("active (now Zed)")
    say(page, "two")
    expect(states(page)).to_have_text(["done", "done"])
    (one, messages), (two, _) = sent(upstream)
    assert (one, two) == ("alpha", "zed")
    assert messages == [("system", "Be brief."), ("user", "one")]


def test_a_new_chat_forgets(asked: World, upstream: Upstream) -> None:
    page = asked.visit().open("chat")
    say(page, "a secret")
    expect(states(page)).to_have_text(["done"])
    form(page).get_by_role("button", name="New chat").click()
    expect(page.locator(".chat li")).to_have_count(0)
    expect(form(page).get_by_label("Message")).to_be_focused()
    say(page, "hello")
    expect(states(page)).to_have_text(["done"])
    assert sent(upstream)[-1][1] == [("user", "hello")]


def test_what_failed_can_be_sent_again_and_is_not_in_the_conversation(asked: World, upstream: Upstream) -> None:
    upstream.behave("alpha", status=429)
    page = asked.visit().open("chat")
    say(page, "hello")
    expect(states(page)).to_have_text(["failed"])
    expect(page.locator(".chat")).to_contain_text("alpha fails on demand")
    expect(form(page).get_by_label("Message")).to_have_value("hello")
    upstream.reset()
    form(page).get_by_role("button", name="Send").click()
    expect(states(page)).to_have_text(["failed", "done"])
    assert [messages for _, messages in sent(upstream)] == [[("user", "hello")]]


def test_a_long_answer_is_stopped_and_what_came_is_kept(asked: World, upstream: Upstream) -> None:
    upstream.behave("alpha", seconds=60, pieces=3, text="word ")
    page = asked.visit().open("chat")
    say(page, "hello")
    expect(page.locator(".chat .answer").last).to_contain_text("word")
    form(page).get_by_role("button", name="Stop", exact=True).click()
    expect(states(page)).to_have_text(["stopped"])
    expect(form(page).get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    upstream.reset()
    say(page, "go on")
    expect(states(page)).to_have_text(["stopped", "done"])
    assert [role for role, _ in sent(upstream)[-1][1]] == ["user", "assistant", "user"]


def test_a_new_chat_while_an_answer_comes_ends_it(asked: World, upstream: Upstream) -> None:
    upstream.behave("alpha", seconds=60, pieces=3, text="word ")
    page = asked.visit().open("chat")
    say(page, "hello")
    expect(page.locator(".chat .answer").last).to_contain_text("word")
    form(page).get_by_role("button", name="New chat").click()
    expect(form(page).get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    upstream.reset()
    say(page, "anew")
    expect(states(page)).to_have_text(["done"])
    assert sent(upstream)[-1][1] == [("user", "anew")]


def test_by_keyboard_alone(asked: World) -> None:
    page = asked.visit().open("chat")
    form(page).get_by_label("Message").focus()
    page.keyboard.press("Control+Enter")
    expect(form(page).get_by_role("alert")).to_have_text("Write a message")
    page.keyboard.type("hello")
    page.keyboard.press("Control+Enter")
    expect(states(page)).to_have_text(["done"])
    page.keyboard.type("again")  # the field has kept the focus
    expect(form(page).get_by_label("Message")).to_have_value("again")


def test_only_what_can_answer_is_offered(asked: World) -> None:
    for name in ("w1", "w2"):
        asked.fleet.say(name, unset=("ZETA_KEY",))
    which = form(asked.visit().open("chat")).get_by_label("Model or route")
    expect(which.locator("option[value=zed]")).to_have_text("Zed (ZETA_KEY is not set)")
    expect(which.locator("option[value=zed]")).to_be_disabled()
    expect(which.locator("option", has_text="Vectors")).to_have_count(0)
    expect(which.locator("option", has_text="Elder")).to_have_count(0)
    expect(which.locator("optgroup[label=Routes] option")).to_have_text(["active (now Alpha)"])


def test_an_answer_is_shown_as_its_author_meant_it(asked: World, upstream: Upstream) -> None:
    upstream.behave("alpha", text=ANSWER, pieces=1)
    page = asked.visit().open("chat")
    say(page, "hello")
    expect(states(page)).to_have_text(["done"])
    answer = page.get_by_role("region", name="Answer of Alpha")
    expect(answer.locator(".heading")).to_have_text("Plan")
    expect(answer.locator("strong")).to_have_text("mix")
    expect(answer.locator("p code")).to_have_text("bake")
    expect(answer.locator("ul ul li")).to_have_text("two")
    expect(answer.locator("pre")).to_have_text("print('**raw**')")
    expect(answer.locator("td")).to_have_text(["1", "2"])
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_for_everyone_and_every_screen(asked: World, upstream: Upstream, scheme: str, width: int) -> None:
    upstream.behave("alpha", text=f"{SCRIPT}\n\n{LINKS} {'w' * 400}", pieces=1)
    page = asked.visit(color_scheme=scheme, viewport={"width": width, "height": 900}).open("chat")
    say(page, SCRIPT)
    expect(states(page)).to_have_text(["done"])
    expect(page.get_by_role("region", name="Answer of Alpha")).to_contain_text(SCRIPT)
    expect(page.locator(".chat .asked-for")).to_have_text(SCRIPT)
    assert page.evaluate("window.ran") is None
    assert page.locator(".chat img").count() == 0, "what a model names is not loaded"
    assert page.locator(".chat a").evaluate_all("all => all.map(one => one.href)") == [
        "https://example.org/",
        "https://example.org/x.png",
    ]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert violations(page) == []
