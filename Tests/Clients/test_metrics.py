"""`GET /metrics`, read by the strict parsers of Prometheus' own client, and by promtool where the machine has it."""

import os
import shutil
import subprocess
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

HELLO = [{"role": "user", "content": "Hello"}]
PROMTOOL = os.environ.get("PROMTOOL") or shutil.which("promtool")


def page(gateway):
    response = urllib.request.urlopen(f"http://127.0.0.1:{gateway.admin_port}/metrics")
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return response.read().decode()


def families(gateway):
    """The families of the page, by name, each with all its samples."""
    found = {}
    for family in text_string_to_metric_families(page(gateway)):
        assert family.name not in found and family.documentation and family.type in ("counter", "gauge", "histogram")
        found[family.name] = family.samples
    return found


def test_every_series_is_read(start):
    gateway = start("metrics: { keys: 5 }\n")
    identifier, key = gateway.create_key("measured")
    client = gateway.openai(key)
    for _ in range(2):
        client.chat.completions.create(model="sandbox:tokens=5", messages=HELLO)
    client.embeddings.create(model="granite-embedding:278m", input="a")
    found = families(gateway)
    for name, samples in found.items():
        assert name.startswith("propylon_")
        for sample in samples:
            assert sample.value >= 0, sample
            assert len(set(sample.labels)) == len(sample.labels)
    durations = [sample for sample in found["propylon_request_duration_seconds"]
                 if sample.labels["endpoint"] == "chat/completions"]
    buckets = [sample.value for sample in durations if sample.name.endswith("_bucket")]
    assert buckets == sorted(buckets) and buckets[-1] == 2
    assert [sample.value for sample in durations if sample.name.endswith("_count")] == [2]
    mine = {sample.labels.get("direction"): sample.value for sample in found["propylon_key_tokens"]
            if sample.labels["key"] == identifier}
    assert mine["output"] == 10 and mine["input"] > 0
    assert [sample.value for sample in found["propylon_key_requests"] if sample.labels["key"] == identifier] == [3]


def test_no_number_of_keys_and_models_makes_more_series(start):
    gateway = start("metrics: { models: 3, keys: 2 }\n")
    keys = [gateway.create_key(f"key-{number}")[1] for number in range(5)]
    for number, key in enumerate(keys):
        client = gateway.openai(key)
        for model in range(2):
            client.chat.completions.create(model=f"sandbox:tokens={10 * number + model + 1}", messages=HELLO)
    found = families(gateway)
    requests = {sample.labels["key"]: sample.value for sample in found["propylon_key_requests"]}
    assert len(requests) == 3 and requests["other"] == 6 and sum(requests.values()) == 10
    models = {sample.labels["model"] for sample in found["propylon_tokens"]}
    assert len(models) == 4 and "other" in models


def test_promtool_has_nothing_to_say(start):
    gateway = start("metrics: { keys: 5 }\n")
    _, key = gateway.create_key("measured")
    gateway.openai(key).chat.completions.create(model='sandbox:tokens=1', messages=HELLO)
    text = page(gateway)
    # Without promtool its rules: a help for each, units in full, no type in a name, counters that end in `_total`.
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            assert name.endswith("_total") == (kind == "counter"), line
            assert not any(word in name.split("_") for word in ("gauge", "counter", "histogram", "ms", "milliseconds")), line
    if PROMTOOL:
        outcome = subprocess.run([PROMTOOL, "check", "metrics"], input=text, text=True, capture_output=True)
        assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")
