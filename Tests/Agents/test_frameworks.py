"""Frameworks finish a tool loop: the model calls a function, gets its result and answers. Each in the dialects that it speaks,
streamed and not; the ledger agrees with the upstream's bill."""

import asyncio

import agents
import anthropic
import langchain.agents
import openai
import pydantic_ai
import pytest
from gateway import TIMEOUT
from langchain_anthropic import ChatAnthropic
from langchain_openai import ChatOpenAI
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

QUESTION = 'PROMPT-MARKER What does it mean?\ncall look_up {"word": "ruisseau ▶"}'
MEANING = "a place to play; ▶ 'quoted' \"twice\"\n"
LIMITS = {"max_retries": 0, "timeout": TIMEOUT}
ENDPOINTS = {"chat": "chat/completions", "responses": "responses", "messages": "messages"}

agents.set_tracing_disabled(True)


class Dictionary:
    """The tool: a dictionary that notes which words were looked up."""

    def __init__(self):
        self.words = []

        async def look_up(word: str) -> str:
            """Looks up a word.

            Args:
                word: The word.
            """
            self.words.append(word)
            return MEANING

        self.look_up = look_up


def openai_client(account):
    return openai.AsyncOpenAI(base_url=account.url, api_key=account.key, **LIMITS)


def anthropic_client(account):
    return anthropic.AsyncAnthropic(base_url=account.gateway.url, api_key=account.key, **LIMITS)


# Each takes an account, the dialect, whether to stream and the tool; it returns the text of the answer.


async def openai_agents(account, dialect, streams, tool):
    form = {"chat": agents.OpenAIChatCompletionsModel, "responses": agents.OpenAIResponsesModel}[dialect]
    agent = agents.Agent(
        name="reader",
        instructions="Look words up.",
        model=form(model=account.model, openai_client=openai_client(account)),
        tools=[agents.function_tool(tool)],
    )
    if not streams:
        return (await agents.Runner.run(agent, QUESTION)).final_output
    run = agents.Runner.run_streamed(agent, QUESTION)
    deltas = [
        event.data.delta
        async for event in run.stream_events()
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta"
    ]
    assert "".join(deltas) == run.final_output
    return run.final_output


async def anthropic_sdk(account, dialect, streams, tool):
    runner = anthropic_client(account).beta.messages.tool_runner(
        model=account.model,
        max_tokens=1000,
        messages=[{"role": "user", "content": QUESTION}],
        tools=[anthropic.beta_async_tool(tool)],
        stream=streams,
    )
    text = ""
    async for message in runner:
        if streams:
            deltas = [event.text async for event in message if event.type == "text"]
            message = await message.get_final_message()
        text = "".join(block.text for block in message.content if block.type == "text")
        assert not streams or "".join(deltas) == text
    return text


async def pydantic(account, dialect, streams, tool):
    if dialect == "messages":
        model = AnthropicModel(account.model, provider=AnthropicProvider(anthropic_client=anthropic_client(account)))
    else:
        form = {"chat": OpenAIChatModel, "responses": OpenAIResponsesModel}[dialect]
        model = form(account.model, provider=OpenAIProvider(openai_client=openai_client(account)))
    agent = pydantic_ai.Agent(model, instructions="Look words up.", tools=[tool])
    if not streams:
        return (await agent.run(QUESTION)).output
    async with agent.run_stream(QUESTION) as run:
        return "".join([delta async for delta in run.stream_text(delta=True)])


async def langchain_agent(account, dialect, streams, tool):
    if dialect == "messages":
        model = ChatAnthropic(model=account.model, base_url=account.gateway.url, api_key=account.key, **LIMITS)
    else:
        model = ChatOpenAI(
            model=account.model, base_url=account.url, api_key=account.key,
            use_responses_api=dialect == "responses", stream_usage=True, **LIMITS,
        )  # fmt: skip
    agent = langchain.agents.create_agent(model, [tool], system_prompt="Look words up.")
    question = {"messages": [{"role": "user", "content": QUESTION}]}
    if not streams:
        return (await agent.ainvoke(question))["messages"][-1].text
    pieces = [piece async for piece, _ in agent.astream(question, stream_mode="messages")]
    return "".join(piece.text for piece in pieces if piece.type == "AIMessageChunk")


RUNS = [
    (openai_agents, ["chat", "responses"]),
    (anthropic_sdk, ["messages"]),
    (pydantic, ["chat", "responses", "messages"]),
    (langchain_agent, ["chat", "responses", "messages"]),
]


@pytest.fixture(scope="module")
def run():
    """Runs a coroutine, all on one loop: LangChain's models share their connections."""
    with asyncio.Runner() as runner:
        yield lambda work: runner.run(asyncio.wait_for(work, TIMEOUT))


@pytest.mark.parametrize("streams", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize(
    ("framework", "dialect"),
    [pytest.param(each, dialect, id=f"{each.__name__}-{dialect}") for each, dialects in RUNS for dialect in dialects],
)
def test_tool_loop(account, run, framework, dialect, streams):
    dictionary = Dictionary()
    text = run(framework(account, dialect, streams, dictionary.look_up))
    assert dictionary.words == ["ruisseau ▶"]
    assert len(text.split()) == 64
    row = account.used(ENDPOINTS[dialect], requests=2)
    assert row["completion_tokens"] > 64
