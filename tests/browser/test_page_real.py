"""The page before two real LiteLLM workers: what is clicked is what the next request gets."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from support.browser import Visit
from support.catalog_files import provider_on, write_catalog
from support.litellm_stack import Stack
from support.models import MODELS, SETTINGS, key_of, variables
from support.proxy import MASTER_KEY
from support.serve_process import ControlPlane
from support.waiting import wait_until

FACTS = {"mode": "chat", "context_window": 8000, "supports_tools": True}
OURS = {name: {key: one for key, one in part.items() if key != "callbacks"} for name, part in SETTINGS.items()}


class Real:
    """A control plane on a catalog in git, before the session's two workers, and a browser before it."""

    def __init__(self, folder: Path, stack: Stack, browser: Browser) -> None:
        self.stack, self.browser, self.folder = stack, browser, folder
        world = provider_on("os.environ/UPSTREAM_BASE", dict.fromkeys(MODELS, FACTS))
        lost = {**world, "api_key": "os.environ/KEY_THAT_NOBODY_SET", "models": {"keyless": FACTS}}
        self.catalog = write_catalog(
            folder, {"world": world, "lost": lost}, {"active": {"target": "alpha"}}, proxy=OURS
        )
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        env = {**variables(stack.upstream.url, stack.aimock.url), "MODELCTL_PROXY": stack.proxy.url}
        self.plane = ControlPlane(folder, self.catalog, stack.state, {**env, "LITELLM_MASTER_KEY": MASTER_KEY}).start()
        wait_until(lambda: self.plane.http.get("/readyz").status_code == 200, "the workers run the catalog", 20)
        self.visits: list[Visit] = []

    def page(self, section: str = "models") -> Page:
        self.visits.append(Visit(self.browser, self.plane.url))
        return self.visits[-1].open(section)

    def answers(self, model: str = "active") -> set[str]:
        """What each worker says."""
        return {client.chat(model).text for client in self.stack.clients}

    def stop(self) -> None:
        try:
            while self.visits:
                self.visits.pop().close()
        finally:
            self.plane.stop()


@pytest.fixture
def real(stack: Stack, browser: Browser, tmp_path: Path) -> Iterator[Real]:
    made = Real(tmp_path, stack, browser)
    yield made
    made.stop()


def said(model: str) -> set[str]:
    return {f"model={model} key={key_of('alpha')};"}  # the provider's one key


def test_a_click_and_the_next_chat_is_answered_by_the_other_model(real: Real) -> None:
    page, second = real.page(), real.page()
    assert real.answers() == said("alpha")
    page.locator('.row[data-key="world/beta"]').click()
    expect(page.locator(".toast").last).to_contain_text("2 of 2 workers run it")
    assert real.answers() == said("beta")
    expect(second.locator('.row[data-key="world/beta"]')).to_have_class("row current")
    page.locator(".toast").last.get_by_role("button", name="Undo").click()
    wait_until(lambda: real.answers() == said("alpha"), "both workers are back")


def test_an_open_stream_ends_where_it_began_though_somebody_clicks(real: Real) -> None:
    real.stack.upstream.behave("alpha", seconds=2.0, pieces=4)
    page = real.page()
    streams = [client.stream("active") for client in real.stack.clients]
    page.locator('.row[data-key="world/gamma"]').click()
    expect(page.locator(".toast").last).to_contain_text("2 of 2 workers run it")
    assert real.answers() == said("gamma")
    assert [(stream.rest(), stream.complete) for stream in streams] == [(next(iter(said("alpha"))) * 4, True)] * 2


def test_a_variable_that_the_workers_miss_is_shown_and_refused(real: Real) -> None:
    page = real.page()
    row = page.locator('.row[data-key="lost/keyless"]')
    expect(row).to_contain_text("KEY_THAT_NOBODY_SET is not set")
    row.click()
    expect(page.get_by_role("dialog")).to_contain_text("KEY_THAT_NOBODY_SET is not set on the workers")
    assert real.answers() == said("alpha")


def test_from_the_form_to_an_answer_and_a_diff(real: Real) -> None:
    page = real.page("custom")
    page.get_by_role("button", name="Add a model").click()
    form = page.get_by_role("form", name="Custom model")
    form.locator("[name=provider]").select_option("world")
    form.locator("[name=id]").fill("tuned")
    form.locator(".model-fields [name=context_window]").fill("32000")
    expect(form.locator(".verdict").first).to_contain_text("Ready to save.")
    expect(form.locator(".diff")).to_contain_text("+context_window: 32000")
    form.get_by_role("button", name="Save model").click()
    expect(page.get_by_role("region", name="world/tuned is saved")).to_contain_text("2 of 2 workers run it")
    asked = {client.chat("tuned").text.partition(" ")[0] for client in real.stack.clients}
    assert asked == {"model=tuned"}
    assert (real.catalog / "providers" / "world" / "tuned.yaml").read_text() == "context_window: 32000\n"


@pytest.mark.parametrize("name", ["curl", "Python"])
def test_what_connect_shows_is_pasted_and_answers(real: Real, name: str) -> None:
    shown = real.page("connect").get_by_label(name, exact=True).inner_text()
    command = ["bash", "-c", shown] if name == "curl" else [sys.executable, "-c", shown]
    env = {**os.environ, "LITELLM_MASTER_KEY": MASTER_KEY, "NO_PROXY": "127.0.0.1,localhost"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert next(iter(said("alpha"))) in done.stdout, done.stdout + done.stderr


def test_a_conversation_follows_the_route(real: Real) -> None:
    page = real.page("chat")
    form, answers = page.get_by_role("form", name="Chat"), page.locator(".chat article")
    for model in ("alpha", "beta"):
        real.plane.select(model)
        expect(form.locator("option:checked")).to_contain_text(f"(now {model})")
        form.get_by_label("Message").fill("hello")
        form.get_by_role("button", name="Send").click()
        expect(answers.last.locator(".pill")).to_have_text("done")
        expect(answers.last.locator(".answer").last).to_contain_text(f"model={model} ")


def test_the_end_of_the_control_plane_is_seen_and_survived(real: Real) -> None:
    page = real.page()
    page.locator('.row[data-key="world/beta"]').click()
    expect(page.locator(".toast").last).to_contain_text("2 of 2 workers run it")
    real.plane.process.kill()
    expect(page.locator("#connection")).not_to_have_attribute("data-state", "live")
    assert real.answers() == said("beta")
    real.plane.start()
    page.locator("#connection[data-state=live]").wait_for(timeout=30_000)
    assert real.answers() == said("beta")
    assert real.plane.current()["model_id"] == "beta"
