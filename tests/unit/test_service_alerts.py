"""Alerts by a webhook: what is told, once, in which words, and what becomes of a server that hangs or fails."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from modelctl.errors import Problem
from modelctl.service import Service
from modelctl.service.alerts import Alerts
from modelctl.service.webhook import MOST_WAITING, Webhook
from modelctl.state import alerting
from modelctl.state.alerting import Alert
from modelctl.state.selection import HistoryEntry
from support.api_server import ACME, make_service, report, settings_for, write_catalog
from support.counts import Clock
from support.waiting import wait_until

AT = 1_800_000_000.0  # 15 January 2027
PATH = "/hooks/very-secret-path"
SECRET = "a-key-that-nobody-may-see"


@dataclass
class Receiver:
    """Takes what is posted. `statuses` are answered in turn, the last again and again; None: it hangs."""

    statuses: list[int | None] = field(default_factory=lambda: [200])
    seen: list[str] = field(default_factory=list)
    tries: int = 0

    def __post_init__(self) -> None:
        receiver, self.over = self, threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                status = receiver.statuses[min(receiver.tries, len(receiver.statuses) - 1)]
                receiver.tries += 1
                if status is None:
                    receiver.over.wait(30)
                    return
                if status < 300:
                    receiver.seen.append(body["text"])
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}{PATH}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


@dataclass
class Telling:
    service: Service
    folder: Path
    url: str
    clock: Clock = field(default_factory=lambda: Clock(AT))
    patience_s: float = 10.0

    def begin(self, **environ: str) -> None:
        """As a control plane that has just started."""
        self.webhook = Webhook(timeout_s=self.patience_s, pauses_s=(0.01, 0.01))
        told = self.folder / "alerts.json"
        self.alerts = Alerts(
            self.service, self.webhook, told, "shop", url=self.url or None, environ=environ, clock=self.clock
        )
        self.alerts.turn()

    def say(self, text: str, who: str = "guard") -> None:
        """As if a guard had nowhere to go."""
        self.service.noted[who] = (Problem("guard-without-fallback", text, severity="warning"),)
        self.alerts.turn()

    @property
    def trouble(self) -> str:
        self.alerts.turn()
        return " ".join(problem.message for problem in self.service.noted["alerts"])


@pytest.fixture
def telling(tmp_path: Path, receiver: Receiver) -> Iterator[Telling]:
    catalog = write_catalog(tmp_path)
    service = make_service(catalog)
    service.publish()
    made = Telling(service, settings_for(catalog).state, receiver.url)
    made.begin()
    yield made
    made.webhook.close()
    service.store.close()


def moved(service: Service, reason: str = "5 of 20 calls failed") -> None:
    head = service.store.head()
    entry = HistoryEntry("select", AT, "guard", "active", "fast", "slow", reason)
    service.store.commit(head.version, entries=[entry])


def test_what_a_guard_did_is_told_once_over_a_restart_too(telling: Telling, receiver: Receiver) -> None:
    moved(telling.service)
    telling.alerts.turn()
    wait_until(lambda: receiver.seen, "it arrives")
    telling.begin()
    telling.say("nothing is fit")
    wait_until(lambda: len(receiver.seen) == 2, "the next arrives")
    assert receiver.seen == [
        "shop: guard: route `active` fast -&gt; slow: 5 of 20 calls failed",
        "shop: nothing is fit",
    ]


def test_what_stands_is_told_again_only_once_it_was_over(telling: Telling, receiver: Receiver) -> None:
    for text in ("one", "one", "two", "one"):
        telling.say(text)
    wait_until(lambda: len(receiver.seen) == 3, "all arrive")
    assert receiver.seen == ["shop: one", "shop: two", "shop: one"]


def test_a_nack_is_told_and_a_silent_worker_once(telling: Telling, receiver: Receiver) -> None:
    report(telling.service.store, error="LiteLLM refuses `slow`")
    telling.alerts.turn()
    wait_until(lambda: receiver.seen, "it arrives")
    assert "1 of 1 worker are not well: LiteLLM refuses `slow`" in receiver.seen[0]
    texts = {f"silent for {seconds} s" for seconds in (11, 12, 13)}
    problems = [[Problem("worker-refuses", text)] for text in texts]
    assert len({tuple(alerting.standing(None, [], each, telling.clock.today)) for each in problems}) == 1


def test_a_model_that_retires_within_thirty_days_is_told(tmp_path: Path, receiver: Receiver) -> None:
    dated = ACME.replace("slow: {", "slow: {lifecycle: {retires: 2027-02-01, successor: fast}, ")
    service = make_service(write_catalog(tmp_path, providers_acme=dated))
    service.publish()
    made = Telling(service, tmp_path / ".modelctl", receiver.url, Clock(AT))
    made.begin()
    wait_until(lambda: receiver.seen, "it arrives")
    made.webhook.close()
    service.store.close()
    assert receiver.seen == ["shop: `slow` retires on 2027-02-01; use `fast` instead"]


def test_the_catalog_says_where_and_about_what(tmp_path: Path, receiver: Receiver) -> None:
    proxy = "alerts: {webhook: os.environ/ALERTS_URL, about: [nack]}\n"
    service = make_service(write_catalog(tmp_path, proxy=proxy))
    assert service.publish().verdict == "published", service.problems
    made = Telling(service, tmp_path / ".modelctl", "")
    made.begin()
    assert made.trouble == "alerts go nowhere: ALERTS_URL is not set for the control plane"
    made.begin(ALERTS_URL=receiver.url)
    made.say("a guard, of which nobody wants to know")
    report(service.store, error="a refusal")
    made.alerts.turn()
    wait_until(lambda: receiver.seen, "it arrives")
    made.webhook.close()
    service.store.close()
    assert [text for text in receiver.seen if "guard" in text] == []


def test_no_secret_and_no_markup_is_sent(telling: Telling, receiver: Receiver) -> None:
    telling.begin(ACME_KEY=SECRET)
    telling.say(f"{SECRET} {telling.url} <!channel> sk-abcdefghijklmnopqrstuvwxyz & more\nlines")
    wait_until(lambda: receiver.seen, "it arrives")
    assert receiver.seen == ["shop: *** *** &lt;!channel&gt; *** &amp; more lines"]


@pytest.mark.parametrize(
    ("statuses", "tries", "said"),
    [
        ([500], 3, "it answers 500; 1 were lost"),
        ([404], 1, "it answers 404; 1 were lost"),
        ([302], 1, "it answers 302; 1 were lost"),
        ([None], 3, "it does not answer within 1 s; 1 were lost"),
    ],
)
def test_tries_are_bounded_and_the_status_says_what_became_of_them(
    telling: Telling, receiver: Receiver, statuses: list[int | None], tries: int, said: str
) -> None:
    receiver.statuses = statuses
    if None in statuses:  # it hangs
        telling.webhook.close()
        telling.patience_s = 1.0
        telling.begin()
    telling.say("something")
    trouble = wait_until(lambda: telling.trouble, "it is told", 30)
    assert trouble == f"the webhook for alerts takes nothing: {said}"
    assert (receiver.tries, PATH in trouble) == (tries, False)
    receiver.statuses = [200]
    telling.say("something else")
    wait_until(lambda: not telling.trouble, "it is well again")
    assert receiver.seen == ["shop: something else"]


def test_a_server_that_mends_itself_gets_it_after_all(telling: Telling, receiver: Receiver) -> None:
    receiver.statuses = [503, 429, 200]
    telling.say("something")
    wait_until(lambda: receiver.seen, "the third try arrives")
    assert telling.trouble == ""


def test_an_address_where_nobody_is(telling: Telling, receiver: Receiver) -> None:
    receiver.stop()
    telling.say("something")
    trouble = wait_until(lambda: telling.trouble, "it is told")
    assert trouble == "the webhook for alerts takes nothing: it cannot be reached (ConnectError); 1 were lost"


def test_what_waits_is_bounded_and_nobody_waits_for_it(receiver: Receiver) -> None:
    receiver.statuses, webhook = [None], Webhook(timeout_s=30)
    webhook.send(receiver.url, "the first hangs")
    wait_until(lambda: receiver.tries, "it is under way")
    for number in range(MOST_WAITING + 10):
        webhook.send(receiver.url, f"number {number}")
    assert webhook.lost == 10
    webhook.close()


def test_a_store_that_counts_from_the_beginning_again_repeats_nothing() -> None:
    old = HistoryEntry("select", AT, "guard", "active", "a", "b", version=4)
    told, found = alerting.news(alerting.AlertsTold(40), 5, [old], [])
    assert (told.version, found) == (5, [])
    assert alerting.news(alerting.AlertsTold(3), 5, [old], [])[1] == [Alert("guard", "guard: route `active` a -> b")]
