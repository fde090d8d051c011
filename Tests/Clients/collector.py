"""An OpenTelemetry collector: a recorder whose requests the parser of opentelemetry-proto reads."""

import base64
import json

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from recorder import Recorder

MESSAGES = {"/v1/traces": ExportTraceServiceRequest, "/v1/metrics": ExportMetricsServiceRequest}
IDS = {"traceId": 16, "spanId": 8, "parentSpanId": 8}
NUMBERS = {"kind", "code", "aggregationTemporality"}


def parse(path, body):
    """The message in `body`. OTLP writes ids in hexadecimal and enumerations as numbers, unlike protobuf's own JSON; every other
    difference, such as an unknown field, is an error."""

    def convert(name, value):
        if isinstance(value, list):
            return [convert(name, element) for element in value]
        if isinstance(value, dict):
            return {name: convert(name, member) for name, member in value.items()}
        assert name not in NUMBERS or isinstance(value, int), f"{name} is no number"
        return encode(name, value) if name in IDS else value

    def encode(name, text):
        data = bytes.fromhex(text)
        assert len(data) == IDS[name] and any(data), f"{name} is {text}"
        return base64.b64encode(data).decode()

    return json_format.ParseDict(convert("", json.loads(body)), MESSAGES[path]())


def attributes(owner):
    """The attributes of a span, a point or a resource, by name; each is there once."""
    found = {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in owner.attributes}
    assert len(found) == len(owner.attributes)
    return found


class Collector(Recorder):
    """`statuses` are those of the next answers; after them all are 200."""

    def __init__(self):
        super().__init__()
        self.statuses, self._taken = [], []
        self.base = self.url.removesuffix("/v1")
        self.answer = self._answer

    def _answer(self, arrival):
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self._taken.append(arrival)
        return status, {"content-type": "application/json"}, b"{}"

    def messages(self, path):
        """The messages that were taken, in order."""
        assert all(arrival.headers["content-type"] == "application/json" for arrival in self._taken)
        return [parse(path, arrival.body) for arrival in list(self._taken) if arrival.target == path]

    @property
    def spans(self):
        """All spans so far, each with its resource."""
        return [
            (span, resource.resource) for message in self.messages("/v1/traces")
            for resource in message.resource_spans for scope in resource.scope_spans for span in scope.spans
        ]

    @property
    def metrics(self):
        """The metrics of the last message with any, by name."""
        return {
            metric.name: metric for message in self.messages("/v1/metrics")[-1:]
            for resource in message.resource_metrics for scope in resource.scope_metrics for metric in scope.metrics
        }
