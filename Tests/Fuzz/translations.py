"""Random conversations and completions, and the SDKs' own types and accumulators as referees of their translation.

`referees.py` runs these checks. A chat completion is made of parts (reasoning, text, calls), cut into chunks in one of the ways that
servers do, translated by the reader, and read by the SDK: what it accumulates must be the parts that were made.
"""

import json
import random
import typing

import anthropic.lib.streaming._messages as anthropic_stream
import openai.lib.streaming.responses._responses as openai_stream
import pydantic
from anthropic.types import Message, RawMessageStreamEvent
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam, ChatCompletionToolChoiceOptionParam
from openai.types.responses import Response, ResponseStreamEvent

TEXTS = ["", "a", "é", "😀", "\n\"\\", "\u2028", "日本語", "}{", "data: x\n\n", "\x7f", "long " * 40, "\ud7ff", "\ufffd"]
# By name, since a fault in a union of 60 types names them all.
EVENTS = {typing.get_args(kind.model_fields["type"].annotation)[0]: kind for kind in typing.get_args(typing.get_args(ResponseStreamEvent)[0])}
ANY_MESSAGE_EVENT = pydantic.TypeAdapter(RawMessageStreamEvent)
CHAT = {
    "messages": pydantic.TypeAdapter(list[ChatCompletionMessageParam]),
    "tools": pydantic.TypeAdapter(list[ChatCompletionToolParam]),
    "tool_choice": pydantic.TypeAdapter(ChatCompletionToolChoiceOptionParam),
}
TOOLS = [{"type": "function", "name": "plain", "parameters": {"type": "object"}}, {"type": "custom", "name": "patch"},
         {"type": "namespace", "name": "space", "description": "d", "tools": [{"type": "function", "name": "inner"}]}]  # fmt: skip


def text(chance: random.Random) -> str:
    return "".join(chance.choice(TEXTS) for _ in range(chance.randint(0, 4)))


def arguments(chance: random.Random) -> dict:
    return {chance.choice("abé"): chance.choice([1, None, 1.5, [text(chance)], {"x": text(chance)}, text(chance)]) for _ in range(chance.randint(0, 3))}


# Responses: what a completion has, and what a client must read.


def parts(chance: random.Random) -> list[tuple]:
    """The parts of a completion: (kind, text) or ("call", id, name, arguments). Neighbours of one kind are one part."""
    made = []
    for number in range(chance.randint(0, 5)):
        kind = chance.choice(["reasoning_content", "content", "refusal", "call", "call"])
        if kind == "call":
            name = chance.choice(["plain", "patch", "space__inner", "unknown"])
            value = {"input": text(chance)} if name == "patch" else arguments(chance)
            written = json.dumps(value, ensure_ascii=chance.random() < 0.5)
            made.append(("call", f"call_{number}", name, "" if not value and chance.random() < 0.5 else written))
        else:
            value = text(chance)
            if value and (not made or made[-1][0] != kind):
                made.append((kind, value))
    return made


def cut(value: str, chance: random.Random) -> list[str]:
    """A text in pieces, which may part the two halves of a surrogate pair."""
    units = value.encode("utf-16-le", "surrogatepass")
    places = sorted({0, len(units), *(2 * chance.randint(0, len(units) // 2) for _ in range(chance.randint(0, 4)))})
    return [units[a:b].decode("utf-16-le", "surrogatepass") for a, b in zip(places, places[1:])]


def stream(made: list[tuple], finish: str, usage: dict, chance: random.Random) -> bytes:
    deltas = []
    calls = [part for part in made if part[0] == "call"]
    for part in made:
        if part[0] != "call":
            deltas += [{part[0]: piece} for piece in cut(part[1], chance)]
            continue
        index = calls.index(part)
        pieces = cut(part[3], chance)
        head = {"index": index, "id": part[1], "type": "function", "function": {"name": part[2], "arguments": ""}}
        deltas.append({"tool_calls": [head]})
        deltas += [{"tool_calls": [{"index": index, "function": {"arguments": piece}}]} for piece in pieces]
    if made and all(part[0] == "call" for part in made) and chance.random() < 0.5:
        deltas = mixed(deltas, chance)
    line_end = chance.choice(["\n", "\r\n"])
    frame = {"id": "chatcmpl", "object": "chat.completion.chunk", "created": 1, "model": "served"}
    chunks = [frame | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in [{"role": "assistant", "content": ""}, *deltas]]
    chunks.append(frame | {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if chance.random() < 0.5:
        chunks.append(frame | {"choices": [], "usage": usage})
    else:
        for chunk in chunks:
            chunk["usage"] = usage
    # A half of a pair has no UTF-8: servers escape it.
    escaped = chance.random() < 0.5
    lines = []
    for chunk in chunks:
        line = json.dumps(chunk, ensure_ascii=escaped)
        try:
            line.encode()
        except UnicodeEncodeError:
            line = json.dumps(chunk)
        lines.append(line)
    return "".join(f"data: {line}{line_end}{line_end}" for line in [*lines, "[DONE]"]).encode()


def mixed(deltas: list[dict], chance: random.Random) -> list[dict]:
    """Fragments of parallel calls in a random order that keeps those of each call, and the beginnings of calls, in theirs."""
    queues = {}
    for delta in deltas:
        queues.setdefault(delta["tool_calls"][0]["index"], []).append(delta)
    order, begun = [], 0
    while any(queues.values()):
        index = chance.choice([i for i, queue in queues.items() if queue and i <= begun])
        begun = max(begun, index + 1)
        order.append(queues[index].pop(0))
    return order


def document(made: list[tuple], finish: str, usage: dict) -> bytes:
    message: dict = {"role": "assistant", "content": None}
    for part in made:
        if part[0] == "call":
            call = {"id": part[1], "type": "function", "function": {"name": part[2], "arguments": part[3]}}
            message.setdefault("tool_calls", []).append(call)
        else:
            message[part[0]] = part[1]
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return json.dumps({"id": "c", "object": "chat.completion", "created": 1, "model": "served", "choices": [choice], "usage": usage}).encode()


def case(api: str, chance: random.Random) -> tuple[bytes, tuple]:
    """A request and a completion for the reader, and what must come of it."""
    finish = chance.choice(["stop", "tool_calls", "length", "content_filter"])
    prompt, cached, completion = chance.randint(1, 99), 0, chance.randint(0, 99)
    cached = chance.randint(0, prompt)
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion,
             "prompt_tokens_details": {"cached_tokens": cached}}  # fmt: skip
    made = parts(chance)
    streams = chance.random() < 0.7
    if not streams:
        order = ["reasoning_content", "content", "refusal", "call"]
        kinds = {part[0]: part for part in made if part[0] != "call"}
        made = [kinds[kind] for kind in order if kind in kinds] + [part for part in made if part[0] == "call"]
    if api == "responses":
        request = {"model": "asked", "input": "hi", "tools": TOOLS}
    else:
        request = {"model": "asked", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}], "thinking": {"type": "adaptive"}}
    completion_bytes = stream(made, finish, usage, chance) if streams else document(made, finish, usage)
    return json.dumps(request).encode() + b"\n" + completion_bytes, (made, finish, usage, streams)


def events(output: bytes) -> list[dict]:
    found = []
    for block in output.decode().split("\n\n")[:-1]:
        name, data = block.split("\n")
        value = json.loads(data.removeprefix("data: "))
        assert name == f"event: {value['type']}", name
        found.append(value)
    return found


def expected_items(made: list[tuple]) -> list[tuple]:
    items = []
    for part in made:
        if part[0] != "call":
            items.append(part)
        elif part[2] == "patch":
            items.append(("custom", part[1], "patch", json.loads(part[3])["input"] if part[3] else ""))
        elif part[2] == "space__inner":
            items.append(("call", part[1], "space/inner", part[3] or "{}"))
        else:
            items.append(("call", part[1], part[2], part[3] or "{}"))
    return items


def read_items(response: Response) -> list[tuple]:
    items = []
    for item in response.output:
        match item.type:
            case "reasoning":
                items.append(("reasoning_content", item.content[0].text))
            case "message":
                part = item.content[0]
                items.append(("refusal", part.refusal) if part.type == "refusal" else ("content", part.text))
            case "function_call":
                namespace = f"{item.namespace}/" if item.namespace else ""
                items.append(("call", item.call_id, namespace + item.name, item.arguments))
            case "custom_tool_call":
                items.append(("custom", item.call_id, item.name, item.input))
    return items


def responses_differ(output: bytes, case: tuple) -> str | None:
    made, finish, usage, streams = case
    cut_off = finish in ("length", "content_filter")
    if streams:
        state = openai_stream.ResponseStreamState(input_tools=openai_stream.omit, text_format=openai_stream.omit)
        seen = events(output)
        if [event["sequence_number"] for event in seen] != list(range(len(seen))):
            return "sequence numbers have gaps"
        for event in seen:
            state.handle_event(EVENTS[event["type"]].model_validate(event))
        if seen[-1]["type"] != ("response.incomplete" if cut_off else "response.completed"):
            return f"the end is {seen[-1]['type']}"
        deltas = "".join(event["delta"] for event in seen if event["type"] == "response.output_text.delta")
        if deltas != "".join(part[1] for part in made if part[0] == "content"):
            return f"the deltas are {deltas!r}"
        value = seen[-1]["response"]
    else:
        value = json.loads(output)
    response = Response.model_validate(value)
    if response.status != ("incomplete" if cut_off else "completed"):
        return f"the status is {response.status}"
    mine, theirs = expected_items(made), read_items(response)
    if cut_off:
        # A call that was cut stays without arguments.
        mine, theirs = [[(i[0], i[-1] if i[-1] != "{}" else "") for i in items] for items in (mine, theirs)]
    if mine != theirs:
        return f"made {mine!r}, read {theirs!r}"
    counts = (response.usage.input_tokens, response.usage.input_tokens_details.cached_tokens, response.usage.output_tokens)
    stated = (usage["prompt_tokens"], usage["prompt_tokens_details"]["cached_tokens"], usage["completion_tokens"])
    return None if counts == stated else f"usage is {counts} and not {stated}"


def messages_differ(output: bytes, case: tuple) -> str | None:
    made, finish, usage, streams = case
    if streams:
        snapshot, buffers = None, {}
        for event in events(output):
            event = ANY_MESSAGE_EVENT.validate_python(event) if event["type"] != "ping" else None
            if event is not None:
                snapshot = anthropic_stream.accumulate_event(event=event, current_snapshot=snapshot, json_bufs=buffers)
        message = snapshot
    else:
        message = Message.model_validate(json.loads(output))
    read = []
    for block in message.content:
        match block.type:
            case "thinking":
                read.append(("reasoning_content", block.thinking))
            case "text":
                read.append(("content", block.text))
            case "tool_use":
                read.append(("call", block.id, block.name, block.input))
    expected = [(p[0], p[1], p[2], json.loads(p[3] or "{}")) if p[0] == "call" else ("content" if p[0] == "refusal" else p[0], p[1]) for p in made]
    if read != expected:
        return f"made {expected!r}, read {read!r}"
    has_calls = any(part[0] == "call" for part in made)
    reasons = {"stop": "tool_use" if has_calls else "end_turn", "tool_calls": "tool_use", "length": "max_tokens", "content_filter": "refusal"}
    if message.stop_reason != reasons[finish]:
        return f"the reason is {message.stop_reason}"
    counts = (message.usage.input_tokens, message.usage.cache_read_input_tokens, message.usage.output_tokens)
    cached = usage["prompt_tokens_details"]["cached_tokens"]
    stated = (usage["prompt_tokens"] - cached, cached, usage["completion_tokens"])
    return None if counts == stated else f"usage is {counts} and not {stated}"


# Requests: random ones, whose chat request must have the types of a chat request.


def responses_request(chance: random.Random) -> bytes:
    def content():
        made = [chance.choice([{"type": "input_text", "text": text(chance)}, {"type": "input_image", "image_url": "data:,", "detail": "low"}]) for _ in range(chance.randint(0, 3))]
        return chance.choice([text(chance), made])

    def item(number):
        call = {"call_id": f"c{number}", "name": chance.choice(["plain", "inner"])}
        return chance.choice([
            {"type": "message", "role": "user", "content": content()},
            {"role": chance.choice(["assistant", "developer", "system"]), "content": chance.choice([text(chance), [{"type": "output_text", "text": text(chance)}]])},
            {"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": text(chance)}]},
            {"type": "function_call", "arguments": json.dumps(arguments(chance)), **call} | chance.choice([{}, {"namespace": "space"}]),
            {"type": "custom_tool_call", "input": text(chance), **call},
            {"type": "function_call_output", "call_id": f"c{chance.randint(0, number)}", "output": content()},
        ])  # fmt: skip

    body = {"model": "m", "input": chance.choice([text(chance), [item(number) for number in range(chance.randint(0, 8))]])}
    options = {"instructions": text(chance), "tools": TOOLS, "temperature": 0.5, "max_output_tokens": 7, "stream": True, "store": False,
               "reasoning": {"effort": "low"}, "parallel_tool_calls": False, "tool_choice": chance.choice(["auto", "none", "required"])}  # fmt: skip
    return json.dumps(body | {name: options[name] for name in options if chance.random() < 0.5}, ensure_ascii=chance.random() < 0.5).encode()


def messages_request(chance: random.Random) -> bytes:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}

    def blocks(*more):
        return [chance.choice([{"type": "text", "text": text(chance)}, *more]) for _ in range(chance.randint(0, 4))]

    def message(number):
        use = {"type": "tool_use", "id": f"t{number}", "name": "plain", "input": arguments(chance)}
        result = {"type": "tool_result", "tool_use_id": f"t{chance.randint(0, number)}", "content": chance.choice([text(chance), blocks(image)])}
        return chance.choice([
            {"role": "user", "content": chance.choice([text(chance), blocks(image, result)])},
            {"role": "assistant", "content": chance.choice([text(chance), blocks(use, {"type": "thinking", "thinking": text(chance), "signature": "s"})])},
            {"role": "system", "content": chance.choice([text(chance), blocks()])},
        ])  # fmt: skip

    body = {"model": "m", "max_tokens": 7, "messages": [message(number) for number in range(chance.randint(0, 8))]}
    options = {"system": chance.choice([text(chance), blocks()]), "stop_sequences": ["x"], "temperature": 0.5, "stream": True,
               "tools": [{"name": "plain", "description": "d", "input_schema": {"type": "object"}}],
               "thinking": {"type": "enabled"}, "metadata": {"user_id": "u"}}  # fmt: skip
    return json.dumps(body | {name: options[name] for name in options if chance.random() < 0.5}, ensure_ascii=chance.random() < 0.5).encode()


def chat_differs(output: bytes) -> str | None:
    """The fault of a chat request by the SDK's types; nothing of an assistant may be empty, and each result follows a call."""
    chat = json.loads(output)
    for name, adapter in CHAT.items():
        if name in chat:
            adapter.validate_python(chat[name])
    for message in chat["messages"]:
        if message["role"] == "assistant" and not message.get("content") and not message.get("tool_calls"):
            return "an assistant's message is empty"
    return None


def cases(kind: str, count: int, chance: random.Random):
    """Inputs for the reader, each with what the check needs."""
    make = {"x": lambda: (responses_request(chance), None), "y": lambda: (messages_request(chance), None),
            "X": lambda: case("responses", chance), "Y": lambda: case("messages", chance)}[kind]  # fmt: skip
    for _ in range(count):
        yield make()


def differs(kind: str, output: bytes, expected) -> str | None:
    try:
        match kind:
            case "X": return responses_differ(output, expected)
            case "Y": return messages_differ(output, expected)
            case _: return chat_differs(output)  # fmt: skip
    except (pydantic.ValidationError, ValueError, RuntimeError, AssertionError) as error:
        return f"{type(error).__name__}: {str(error)[:300]}"
