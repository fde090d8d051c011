"""The HTTP cases of Open Responses' acceptance tests (openresponses/openresponses, specification 2026-04-24), by their names there.
Documents and events are validated with types that are generated from the specification. `REFUSED` has the cases that a server
which stores nothing cannot pass; each says so with a 400 that names what it cannot do."""

import json
import subprocess
import sys

import httpx
import openresponses_types.types as specification
import pytest
from gateway import TIMEOUT

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the current weather for a location",
    "parameters": {
        "type": "object",
        "properties": {"location": {"type": "string", "description": "City and state"}},
        "required": ["location"],
    },
}
PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)


def said(role, content):
    return {"type": "message", "role": role, "content": content}


# The line makes the sandbox's model call the tool.
QUESTION = 'What is the weather in San Francisco?\ncall get_weather {"location": "San Francisco, CA"}'
ASKED_FOR_WEATHER = {"input": [said("user", QUESTION)], "tools": [WEATHER]}

# The name of each case, with its request and the type of item that the output must have.
CASES = {
    "basic-response": ({"input": [said("user", "Say hello in three words.")]}, "message"),
    "streaming-response": ({"input": [said("user", "Count from 1 to 5.")], "stream": True}, "message"),
    "system-prompt": ({"input": [said("system", "You are a pirate."), said("user", "Say hello.")]}, "message"),
    "tool-calling": (ASKED_FOR_WEATHER, "function_call"),
    "tool-calling-streaming": (ASKED_FOR_WEATHER | {"stream": True}, "function_call"),
    "image-input": (
        {"input": [said("user", [{"type": "input_text", "text": "Seen?"}, {"type": "input_image", "image_url": PIXEL}])]},
        "message",
    ),
    "multi-turn": (
        {"input": [said("user", "I am Alice."), said("assistant", "Hello Alice!"), said("user", "Who am I?")]},
        "message",
    ),
}

# What each refusal names.
STORED = {"previous_response_id": "resp_1"}
PDF = {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0xLjEK"}
REFUSED = {
    "previous-response-id": (STORED | {"input": "What did I say?"}, "previous_response_id"),
    "function-call-roundtrip": (
        STORED | {"input": [{"type": "function_call_output", "call_id": "call_1", "output": "64 degrees"}]},
        "previous_response_id",
    ),
    "file-input": ({"input": [said("user", [PDF])]}, "files of text"),
    "file-search": (
        {"input": "Look.", "tools": [{"type": "file_search", "vector_store_ids": ["v"]}], "tool_choice": {"type": "file_search"}},
        "file_search",
    ),
    "offline-web-search": (
        {"input": "Look.", "tools": [{"type": "web_search"}], "tool_choice": {"type": "web_search"}},
        "web_search",
    ),
}  # fmt: skip

# The type of the specification for each event, by the name that its `type` must have.
EVENTS = {
    list(form.model_fields["type"].annotation)[0].value: form
    for name, form in vars(specification).items()
    if name.endswith("StreamingEvent")
}


def post(account, body):
    return httpx.post(
        f"{account.url}/responses",
        json={"model": account.model} | body,
        headers={"authorization": f"Bearer {account.key}"},
        timeout=TIMEOUT,
    )


def valid_stream(text):
    """The response of the last event, after each event was validated."""
    events = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
        if fields:
            event = json.loads(fields["data"])
            assert fields["event"] == event["type"]
            # OpenAI says `reasoning_text` where Open Responses says `reasoning`; clients know the former.
            name = event["type"].replace("reasoning_text", "reasoning")
            EVENTS[name].model_validate(event | {"type": name})
            events.append(event)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    return events[-1]["response"], [event["type"] for event in events]


@pytest.mark.parametrize("case", CASES)
def test_case(account, case):
    body, item = CASES[case]
    answer = post(account, body)
    assert answer.status_code == 200, answer.text
    if body.get("stream"):
        response, events = valid_stream(answer.text)
        assert events[0] == "response.created" and events[-1] == "response.completed"
        part = "function_call_arguments" if item == "function_call" else "output_text"
        assert {f"response.{part}.delta", f"response.{part}.done"} <= set(events)
        assert events.count("response.output_item.added") == events.count("response.output_item.done")
    else:
        response = answer.json()
    specification.ResponseResource.model_validate(response)
    assert response["status"] == "completed"
    assert item in [output["type"] for output in response["output"]]
    account.used("responses", requests=1)


def test_function_call_round_trip_with_the_whole_history(account):
    """The stateless form of `function-call-roundtrip`."""
    first = post(account, ASKED_FOR_WEATHER | {"tool_choice": {"type": "function", "name": "get_weather"}}).json()
    call = next(item for item in first["output"] if item["type"] == "function_call")
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": "64 degrees and clear"}
    history = [*ASKED_FOR_WEATHER["input"], *first["output"], result]
    second = post(account, {"input": history, "tools": [WEATHER]}).json()
    specification.ResponseResource.model_validate(second)
    assert second["status"] == "completed"
    assert [item["type"] for item in second["output"]] == ["reasoning", "message"]


@pytest.mark.parametrize("case", REFUSED)
def test_refused_case(account, case):
    body, name = REFUSED[case]
    answer = post(account, body)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert name in answer.json()["error"]["message"]


def test_cases_of_llm_comply(account):
    """Another reading of the specification, with cases of its own. The one that it may warn of is compaction: `/v1/responses/compact`
    shortens conversations that are stored."""
    command = [sys.executable, "-m", "llm_comply.cli", "--json", "--format=open-responses", f"--timeout={TIMEOUT:.0f}"]
    report = subprocess.run(
        [*command, f"--base-url={account.url}", f"--api-key={account.key}", "--model=sandbox"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=3 * TIMEOUT,
    )
    results = json.loads(report.stdout)["results"]
    passed = {each["id"] for each in results if each["status"] == "passed"}
    assert len(passed) >= 11
    assert {each["id"] for each in results if each.get("warnings")} <= {"compact-response"}
    assert {each["id"]: each["errors"] for each in results if each["status"] == "failed"} == {}
