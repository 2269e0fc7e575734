"""The provider has switched this model off.

LiteLLM's price map gives the date, or the map has dropped the model altogether: LiteLLM deletes what is retired, so
modelctl keeps its own list of models that earlier releases knew. Requests fail with the provider's error, and a name
without a prefix does not even become a deployment. In a catalog, `lifecycle` says what is meant: a retired model is
listed, with its successor, but not rendered.

Before:

    litellm_params:
      model: anthropic/claude-3-haiku-20240307

After:

    litellm_params:
      model: anthropic/claude-haiku-4-5
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check import mentions
from modelctl.check.entry import Entry
from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject
from modelctl.litellm_spec.known_keys import Retired
from modelctl.litellm_spec.price_map import facts_of

SEVERITY = "warning"
EMITTED_BY = "modelctl.state.routes"


def entries(subject: Subject) -> Iterator[Found]:
    today = subject.today.isoformat()
    for entry in subject.entries:
        if subject.kind == "config" and (date := entry.retires) and date <= today:
            text = _ended(entry.model, date, by_map=True)
            heir = _successor(entry, gone(entry), today)
            yield Found(f"{text}{_heir(heir)}", entry.at("litellm_params", "model", value=True), _use(heir))
        elif entry.once and not entry.stated and (found := gone(entry)):
            heir = _successor(entry, found, today)
            text = f"{_why(found, entry.model)}{_heir(heir)}; requests to it will fail"
            yield Found(text, entry.at("litellm_params", "model", value=True), _use(heir))


def models(subject: Subject) -> Iterator[Found]:
    """Of a catalog: a day that has passed although the author's status does not say so."""
    for model in subject.models:
        retires, written = model.model.lifecycle.get("retires"), model.written.lifecycle
        if not retires or retires > subject.today.isoformat():
            continue
        status = written.status if written else None
        if status != "retired" and not (written and written.render):
            shown = "it is still rendered" if status else "it is listed, but not rendered"
            text = _ended(model.key, retires, by_map=not (written and written.retires))
            hint = f'lifecycle: {{status: retired, retires: "{retires}"}} (or `render: true` to keep it)'
            yield Found(f"{text}: {shown}", Spot(model.document, (*model.path, "lifecycle")), hint)


def whole(subject: Subject) -> Iterator[Found]:
    """Of a catalog: names of models that are listed, but not rendered."""
    for mention in mentions.unknown(subject) if subject.catalog else ():
        if subject.catalog and (offers := subject.catalog.names.offers(mention.name)):
            heir = offers[0].model.lifecycle.get("successor")
            known = heir and subject.catalog.names.known(heir)
            text = f"{mention.words} `{mention.name}`, which is retired and not rendered ({offers[0].place})"
            hint = f"use its successor `{heir}`" if known else "`lifecycle: {render: true}` on it renders it"
            yield Found(text, mention.spot, hint, mention.severity)


def _ended(model: str, date: str, *, by_map: bool = False) -> str:
    source = ", by LiteLLM's price map" if by_map else ""
    return f"the provider retired `{model}` on {date}{source}"


def gone(entry: Entry) -> Retired | None:
    """The entry's model, if nobody serves it any more as far as LiteLLM's maps tell."""
    found = entry.once
    return None if found is None or found.why in ("delisted", "renamed") else found


def _why(found: Retired, model: str) -> str:
    if found.date:
        return _ended(model, found.date)
    return f"LiteLLM no longer lists `{model}` (last seen in {found.last})"


def _successor(entry: Entry, found: Retired | None, today: str) -> str | None:
    """What to use in its place; not what is retired by now itself."""
    heir = entry.successor or (found.successor if found else None)
    ends = facts_of(heir).retires if heir else None
    return heir if ends is None or ends > today else None


def _heir(heir: str | None) -> str:
    return f" (successor: `{heir}`)" if heir else ""


def _use(heir: str | None) -> str | None:
    return f"its successor is `{heir}`" if heir else None
