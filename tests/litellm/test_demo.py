"""The shipped demo model answers on each way into a real LiteLLM, whole and streamed, without a key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import APIError, OpenAI

from modelctl.api.demo_endpoint import ANSWER, DIMENSIONS, WORDS
from support.api_server import Plane
from support.demo import answered_by, demo_plane
from support.litellm_stack import Stack
from support.proxy import MASTER_KEY

KINDS = ("chat", "messages", "responses")


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    made = demo_plane(tmp_path_factory.mktemp("demo"))
    yield made
    made.stop()


@pytest.fixture
def proxy(stack: Stack, plane: Plane) -> Stack:
    stack.publish(answered_by(plane))
    return stack


@pytest.fixture
def sdk(proxy: Stack) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{proxy.proxy.url}/v1", api_key=MASTER_KEY, max_retries=0) as made:
        yield made


@pytest.mark.parametrize("kind", KINDS)
def test_demo_answers_through_the_route(proxy: Stack, kind: str) -> None:
    answer = (
        proxy.client.ask("active", kind, max_tokens=400) if kind == "messages" else proxy.client.ask("active", kind)
    )
    assert (answer.status, answer.text) == (200, ANSWER)


@pytest.mark.parametrize("kind", KINDS)
def test_demo_streams_word_by_word(proxy: Stack, kind: str) -> None:
    more = {"max_tokens": 400} if kind == "messages" else {}
    stream = proxy.client.stream("active", kind, **more)
    assert stream.text != ANSWER, "the first words are here before the last were written"
    assert (stream.rest(), stream.complete) == (ANSWER, True)
    assert len(stream.pieces) > len(WORDS) / 2


def test_openai_client_reads_each_of_its_ways(sdk: OpenAI) -> None:
    messages = [{"role": "user", "content": "hello"}]
    whole = sdk.chat.completions.create(model="active", messages=messages)  # type: ignore[call-overload]
    assert whole.choices[0].message.content == ANSWER
    assert whole.choices[0].finish_reason == "stop"
    assert whole.usage.completion_tokens == len(WORDS)
    assert sdk.responses.create(model="active", input="hello").output_text == ANSWER
    with sdk.responses.stream(model="active", input="hello") as stream:
        kinds = [event.type for event in stream]
        assert stream.get_final_response().output_text == ANSWER
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert kinds.count("response.output_text.delta") > len(WORDS) / 2
    assert sdk.completions.create(model="active", prompt="hello").choices[0].text == ANSWER
    pieces = [each.choices[0].text for each in sdk.completions.create(model="active", prompt="hello", stream=True)]
    assert "".join(filter(None, pieces)) == ANSWER
    assert len(pieces) > len(WORDS) / 2


def test_usage_is_counted_at_the_end_of_a_stream(sdk: OpenAI) -> None:
    stream = sdk.chat.completions.create(
        model="active", messages=[{"role": "user", "content": "a b c"}], stream=True,
        stream_options={"include_usage": True},
    )  # fmt: skip
    *_, last = list(stream)
    assert last.usage is not None
    assert last.usage.completion_tokens == len(WORDS)


def test_embeddings_are_the_same_for_the_same_text(sdk: OpenAI) -> None:
    first, second, again = (
        each.embedding for each in sdk.embeddings.create(model="demo-embedding", input=["one", "two", "one"]).data
    )
    assert len(first) == DIMENSIONS
    assert first == again != second


def test_a_limit_of_tokens_cuts_the_answer(sdk: OpenAI) -> None:
    answer = sdk.chat.completions.create(
        model="active", messages=[{"role": "user", "content": "hello"}], max_completion_tokens=3
    )
    assert answer.choices[0].message.content == "Hello from modelctl!"
    assert answer.choices[0].finish_reason == "length"


def test_mock_response_of_ones_own_still_answers(stack: Stack, plane: Plane) -> None:
    path = plane.catalog / "providers" / "demo.yaml"
    text = path.read_text()
    path.write_text(f"{text}\n  second: {{supports_tools: true, params: {{mock_response: hello from the second}}}}\n")
    try:
        stack.publish(answered_by(plane))
        assert stack.client.chat("second").text == "hello from the second"
    finally:
        path.write_text(text)


def test_without_a_control_plane_the_failure_names_the_address(proxy: Stack, tmp_path: Path) -> None:
    gone = demo_plane(tmp_path)
    gone.stop()
    proxy.publish(answered_by(gone))
    with (
        OpenAI(base_url=f"{proxy.proxy.url}/v1", api_key=MASTER_KEY, max_retries=0) as sdk,
        pytest.raises(APIError) as met,
    ):
        sdk.chat.completions.create(
            model="demo", messages=[{"role": "user", "content": "hello"}], extra_body={"num_retries": 0}
        )
    assert "connect" in str(met.value).lower()
