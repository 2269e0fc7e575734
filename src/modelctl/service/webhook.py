"""Posts short messages to one address, in a thread of its own: a server that hangs or fails holds nobody up.

The address is a secret: it stands in no message, log line or status.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx

TIMEOUT_S = 5.0
PAUSES_S = (1.0, 5.0)  # before the second and the third try
MOST_WAITING = 100
_AGAIN = frozenset({408, 425, 429})  # worth another try, as are all from 500 on


class Webhook:
    """`trouble` says what stands in the way; None while what was sent last was taken."""

    def __init__(self, timeout_s: float = TIMEOUT_S, pauses_s: Sequence[float] = PAUSES_S) -> None:
        self.trouble: str | None = None
        self.lost = 0  # since the last that was taken
        self.sent, self.lost_in_all = 0, 0
        self._timeout, self._pauses = timeout_s, pauses_s
        self._waiting: queue.Queue[tuple[str, str]] = queue.Queue(MOST_WAITING)
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def send(self, url: str, text: str) -> None:
        """Comes back at once; what does not fit is lost, and counted."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="webhook", daemon=True)
            self._thread.start()
        try:
            self._waiting.put_nowait((url, text))
        except queue.Full:
            self._lose()

    def _lose(self) -> None:
        self.lost += 1
        self.lost_in_all += 1

    def close(self) -> None:
        self._ended.set()

    def _run(self) -> None:
        with httpx.Client(timeout=self._timeout, follow_redirects=False) as client:
            while not self._ended.is_set():
                try:
                    url, text = self._waiting.get(timeout=0.5)
                except queue.Empty:
                    continue
                self._deliver(client, url, text)

    def _deliver(self, client: httpx.Client, url: str, text: str) -> None:
        why, again = self._once(client, url, text)
        for pause in self._pauses if again else ():
            if self._ended.wait(pause):
                return
            why, again = self._once(client, url, text)
            if not again:
                break
        self.trouble = why
        if why is None:
            self.lost, self.sent = 0, self.sent + 1
        else:
            self._lose()

    def _once(self, client: httpx.Client, url: str, text: str) -> tuple[str | None, bool]:
        """What went wrong, and whether another try may help."""
        if urlsplit(url).scheme not in ("http", "https"):
            return "its address is none of http or https", False
        try:
            with client.stream("POST", url, json={"text": text}) as answer:
                status = answer.status_code
        except httpx.TimeoutException:
            return f"it does not answer within {self._timeout:g} s", True
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return f"it cannot be reached ({type(error).__name__})", not isinstance(
                error, (httpx.InvalidURL, ValueError)
            )
        if status < 300:
            return None, False
        return f"it answers {status}", status >= 500 or status in _AGAIN
