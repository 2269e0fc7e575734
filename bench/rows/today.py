"""What an edit costs without us: LiteLLM is restarted, and is ready when it gives the new answer."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

import yaml

from bench.book import Book
from bench.measure import Result, Setting, clock, spread
from modelctl.pipeline import build
from modelctl.state.router_config import resolve_routes
from support.models import variables
from support.proxy import PlainProxy
from support.upstream import Upstream
from support.waiting import wait_until

WHAT = "today: edit, restart LiteLLM, until it is ready (one worker, 1,000 models)"


def restart(setting: Setting) -> Iterator[Result]:
    folder = setting.folder / "today"
    upstream = Upstream(folder)
    desired = build(Book(folder, 1000, "os.environ/UPSTREAM_BASE").catalog).desired
    assert desired is not None
    config = resolve_routes(desired, {}).config()
    config["litellm_settings"] = {"drop_params": False}
    file = folder / "config.yaml"
    file.write_text(yaml.dump(config, Dumper=yaml.CSafeDumper))
    proxy = PlainProxy(folder / "proxy", file, env=variables(upstream.url, upstream.url)).start()
    took = []
    try:
        for number in range(setting.count(3, 1)):
            config["model_list"][0]["model_name"] = f"new-{number}"
            file.write_text(yaml.dump(config, Dumper=yaml.CSafeDumper))
            with clock() as seconds:
                proxy.restart()
                wait_until(lambda number=number: proxy.client.chat(f"new-{number}").ok, "the new answer", 60)
            took.append(seconds())
    finally:
        proxy.stop()
        upstream.stop()
    yield Result(WHAT, "", median(took), "s", len(took), beside="no target: what we replace", details=spread(took))
