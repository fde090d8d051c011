"""Traces and metrics for an OpenTelemetry collector, read by the parser of opentelemetry-proto."""

import signal
import time

import httpx
import openai
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector import Collector, attributes
from gateway import eventually

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector():
    collector = Collector()
    yield collector
    collector.close()


def configuration(collector, members=""):
    return f'telemetry: {{ endpoint: "{collector.base}", headers: {{ x-scope-orgid: team }}{members} }}\n'


def spans(collector, count):
    """The spans, once there are `count` of them besides those of `create_key`, which asks for an unknown path."""
    found = []

    def look():
        found[:] = [(span, resource) for span, resource in collector.spans
                    if attributes(span).get("url.path") != "/nothing"]
        return len(found) >= count

    assert eventually(look) and len(found) == count, f"{len(found)} spans of {count}"
    return found


def test_a_stream_in_a_trace(start, collector):
    before = time.time_ns()
    gateway = start(configuration(collector))
    identifier, key = gateway.create_key("traced", "--team", "red")
    chunks = gateway.openai(key).chat.completions.create(
        model="sandbox:tokens=7", messages=HELLO, stream=True, user="user-zoe",
        extra_headers={"traceparent": PARENT, "tracestate": "vendor=1"},
    )
    for chunk in chunks:
        pass
    (server, resource), (client, _) = spans(collector, 2)
    assert server.trace_id == client.trace_id == bytes.fromhex(PARENT.split("-")[1])
    assert server.parent_span_id == bytes.fromhex(PARENT.split("-")[2])
    assert client.parent_span_id == server.span_id != client.span_id
    assert (server.kind, client.kind) == (Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT)
    assert server.flags == 0x301 and client.flags == 0x101
    assert before < server.start_time_unix_nano <= client.start_time_unix_nano
    assert client.start_time_unix_nano < client.end_time_unix_nano == server.end_time_unix_nano < time.time_ns()
    assert (server.name, client.name) == ("POST /v1/chat/completions", "chat sandbox:tokens=7")
    facts = attributes(server)
    assert facts["http.request.method"] == "POST" and facts["http.response.status_code"] == 200
    assert facts["propylon.key.id"] == identifier and facts["propylon.team"] == "red"
    assert gateway.json("usage", "request", facts["propylon.request.id"], "--json")
    facts = attributes(client)
    assert facts["gen_ai.operation.name"] == "chat" and facts["gen_ai.request.stream"] is True
    assert facts["gen_ai.request.model"] == "sandbox:tokens=7" and facts["gen_ai.usage.output_tokens"] == 7
    assert 0 < facts["gen_ai.response.time_to_first_chunk"] < 20
    assert server.status.code == client.status.code == Status.STATUS_CODE_UNSET
    about = attributes(resource)
    assert about["service.name"] == "propylon" and about["service.version"] and about["service.instance.id"]
    assert collector.arrivals[0].headers["x-scope-orgid"] == "team"
    text = str([arrival.body for arrival in collector.arrivals])
    for forbidden in (key, "PROMPT-MARKER", "user-zoe", "the gateway stands before"):
        assert forbidden not in text


def test_a_trace_that_begins_here(start, collector):
    gateway = start(configuration(collector))
    _, key = gateway.create_key("traced")
    response = httpx.get(f"{gateway.url}/v1/models", headers={"authorization": f"Bearer {key}"})
    (server, _), (client, _) = spans(collector, 2)
    assert server.parent_span_id == b""
    assert server.trace_id.hex() == response.headers["x-request-id"].replace("-", "")
    assert (server.name, client.name) == ("GET /v1/models", "GET /v1/models")
    assert "gen_ai.operation.name" not in attributes(client)


def test_the_upstream_is_told(start, collector, recorder):
    gateway = start(configuration(collector), upstream=recorder.url)
    _, key = gateway.create_key("traced")
    headers = {"authorization": f"Bearer {key}", "traceparent": PARENT, "tracestate": "vendor=1"}
    httpx.get(f"{gateway.url}/v1/models", headers=headers)
    _, (client, _) = spans(collector, 2)
    sent = recorder.arrivals[0].headers
    assert sent["traceparent"] == f"00-{client.trace_id.hex()}-{client.span_id.hex()}-01"
    assert sent["tracestate"] == "vendor=1"


def test_refusals_and_failures(start, collector):
    gateway = start(configuration(collector))
    _, key = gateway.create_key("narrow", "--limit", "requests_per_minute=1")
    client = gateway.openai(key, max_retries=0)
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="sandbox:fault=status-500", messages=HELLO)
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model="sandbox", messages=HELLO)
    found = {}
    for span, _ in spans(collector, 3):
        found.setdefault((span.kind, attributes(span)["http.response.status_code"]), span)
    refused, failed = found[Span.SPAN_KIND_SERVER, 429], found[Span.SPAN_KIND_SERVER, 500]
    assert refused.status.code == Status.STATUS_CODE_UNSET
    assert attributes(refused)["propylon.cause"] == "rate_limit_exceeded"
    assert attributes(refused)["propylon.limit"] == "key:requests_per_minute"
    assert failed.status.code == found[Span.SPAN_KIND_CLIENT, 500].status.code == Status.STATUS_CODE_ERROR
    assert attributes(failed)["error.type"] == "upstream_error"


def test_a_collector_out_of_order_is_no_matter_of_requests(start, collector):
    collector.statuses = [503, 503]
    gateway = start(configuration(collector))
    _, key = gateway.create_key("traced")
    assert httpx.get(f"{gateway.url}/v1/models", headers={"authorization": f"Bearer {key}"}).status_code == 200
    assert gateway.log.wait_for("the collector does not take telemetry")
    assert "collector does not take telemetry (traces)" in gateway.run("status").stdout
    spans(collector, 2)
    assert gateway.log.count("the collector does not take telemetry") == 1


def test_metrics_at_the_end_and_switches(start, collector):
    gateway = start(configuration(collector, ", traces: false, metrics: true"))
    _, key = gateway.create_key("measured")
    client = gateway.openai(key)
    for _ in range(3):
        client.chat.completions.create(model="sandbox:tokens=5", messages=HELLO)
    for chunk in client.chat.completions.create(model="sandbox:tokens=9", messages=HELLO, stream=True):
        pass
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="sandbox:fault=status-404", messages=HELLO)
    assert gateway.stop() == 0
    assert collector.spans == []
    points = {name: list(metric.histogram.data_points) for name, metric in collector.metrics.items()}
    assert set(points) == {
        "gen_ai.client.token.usage", "gen_ai.server.request.duration", "gen_ai.server.time_to_first_token",
        "gen_ai.server.time_per_output_token",
    }
    durations = {attributes(point).get("error.type", attributes(point)["gen_ai.request.model"]): point
                 for point in points["gen_ai.server.request.duration"]}
    assert {name: point.count for name, point in durations.items()} == {
        "sandbox:tokens=5": 3, "sandbox:tokens=9": 1, "upstream_rejected": 1,
    }
    for point in durations.values():
        assert len(point.bucket_counts) == len(point.explicit_bounds) + 1 == 15
        assert sum(point.bucket_counts) == point.count and 0 < point.sum < 60
        assert point.start_time_unix_nano < point.time_unix_nano
    output = [point for point in points["gen_ai.client.token.usage"] if attributes(point)["gen_ai.token.type"] == "output"]
    assert sorted(point.sum for point in output) == [9, 15]
    assert all(metric.histogram.aggregation_temporality == 2 for metric in collector.metrics.values())


def test_a_reload_begins_and_ends_it(start, collector):
    gateway = start("")
    _, key = gateway.create_key("traced")
    headers = {"authorization": f"Bearer {key}"}
    httpx.get(f"{gateway.url}/v1/models", headers=headers)
    gateway.configure(configuration(collector, ", sample: 1"))
    gateway.signal(signal.SIGHUP)
    assert gateway.log.wait_for("telemetry.endpoint")
    httpx.get(f"{gateway.url}/v1/models", headers=headers)
    spans(collector, 2)
    gateway.configure("")
    gateway.signal(signal.SIGHUP)
    assert eventually(lambda: gateway.log.count("reloading the configuration") == 2)
    assert eventually(lambda: gateway.log.count("telemetry.endpoint") >= 2)
    httpx.get(f"{gateway.url}/v1/models", headers=headers)
    assert gateway.stop() == 0
    spans(collector, 2)
