"""The admin API does what its own description says, whatever a client sends."""

import json
import pathlib
import random
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

import pytest

CALLS = 12  # of each operation


@pytest.fixture(scope="module")
def admin(gateway):
    return f"http://127.0.0.1:{gateway.admin_port}"


def call(base, method, path, body=None, headers=()):
    """The status, the headers and the body of a request."""
    request = urllib.request.Request(base + path, method=method, headers=dict(headers))
    if body is not None:
        request.data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request.add_header("content-type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.fixture(scope="module")
def document(admin):
    status, _, body = call(admin, "GET", "/admin/v1/openapi.json")
    assert status == 200
    return json.loads(body)


def fault(schema, value):
    """What is wrong with `value`, by the part of JSON Schema that the description uses; None for nothing."""
    if "anyOf" in schema:
        faults = [fault(one, value) for one in schema["anyOf"]]
        return None if None in faults else faults
    kinds = {
        "string": str, "array": list, "object": dict, "boolean": bool, "null": type(None), "integer": int, "number": (int, float),
    }
    kind = schema.get("type")
    if kind and (not isinstance(value, kinds[kind]) or kind in ("integer", "number") and isinstance(value, bool)):
        return f"{value!r} is no {kind}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{value!r} is none of {schema['enum']}"
    if kind == "string" and not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return f"{value!r} has another length"
    if kind == "integer" and not schema["minimum"] <= value <= schema["maximum"]:
        return f"{value!r} is out of range"
    if kind == "array":
        if len(value) > schema.get("maxItems", len(value)):
            return "too many elements"
        return next((found for one in value if (found := fault(schema["items"], one))), None)
    if kind == "object":
        properties, further = schema.get("properties", {}), schema.get("additionalProperties", {})
        if missing := set(schema.get("required", [])) - set(value):
            return f"{missing} is missing"
        for name, one in value.items():
            if name not in properties and further is False:
                return f"{name} is unknown"
            if found := fault(properties.get(name, further), one):
                return f"{name}: {found}"
    return None


TEXTS = ["", "a", "0", "ada", "+50%", "month", "24h", "2999-01-01", "\u0000", "\u202e", "é" * 150, "x" * 5000, "'; DROP TABLE keys", "%", "../x"]


def value(schema, chance):
    """A value of `schema`, mostly."""
    if chance.random() < 0.1:
        return chance.choice([None, True, -1, 1.5, 10**30, [], {}, "x", [[[]]], {"a": 1}])
    if "anyOf" in schema:
        return value(chance.choice(schema["anyOf"]), chance)
    if "enum" in schema:
        return chance.choice(schema["enum"])
    match schema.get("type"):
        case "string":
            return chance.choice(TEXTS)
        case "integer":
            return chance.choice([schema["minimum"], schema["maximum"], 5])
        case "array":
            return [value(schema["items"], chance) for _ in range(chance.randrange(3))]
        case "object":
            names = [name for name in schema.get("properties", {}) if name in schema.get("required", []) or chance.random() < 0.3]
            return {name: value(schema["properties"][name], chance) for name in names}
        case "boolean":
            return chance.choice([True, False])
        case _:
            return None


def operations(document):
    return [
        (path, method.upper(), operation)
        for path, item in sorted(document["paths"].items()) for method, operation in sorted(item.items())
    ]


def check(document, operation, status, headers, body):
    """The response is one that the description has."""
    kind = headers["content-type"].split(";")[0]
    success, response = next((key, value) for key, value in operation["responses"].items() if key != "default")
    if status == int(success):
        media = response["content"]
        assert kind in media
        if schema := media[kind].get("schema"):
            assert fault(schema, json.loads(body)) is None
    else:
        assert 400 <= status < 500, body
        assert kind == "application/json"
        assert fault(document["components"]["schemas"]["Error"], json.loads(body)) is None


def test_every_operation_answers_as_described(admin, document, gateway):
    """Random values of the declared forms, and some of no form: a documented response to each, and no failure of the gateway."""
    chance = random.Random(15)
    keys = [gateway.json("keys", "create", "--name", f"fuzzed {number}", "--json")["id"] for number in range(3)]
    found = {}
    for path, method, operation in operations(document):
        # A reload is the same each time, and reads files.
        for _ in range(1 if operation["operationId"] == "reload" else CALLS):
            name = chance.choice([*keys, "fuzzed 1", "nobody", *TEXTS[1:]])
            target = path.replace("{id}", urllib.parse.quote(name, safe=""))
            query = {
                one["name"]: value(one["schema"], chance)
                for one in operation["parameters"] if one["in"] == "query" and chance.random() < 0.4
            }
            if query:
                target += "?" + urllib.parse.urlencode(query)
            body = None
            if "requestBody" in operation:
                body = value(operation["requestBody"]["content"]["application/json"]["schema"], chance)
            headers = {"if-match": chance.choice(['"1"', "*", "x", 'W/"1"'])} if chance.random() < 0.2 else {}
            status, fields, text = call(admin, method, target, body, headers)
            check(document, operation, status, fields, text)
            found.setdefault(operation["operationId"], set()).add(status)
    # The values reach further than the first check: most operations succeed now and then.
    assert sum(1 for statuses in found.values() if statuses & {200, 201}) > len(found) * 0.6, found


def test_schemathesis_agrees_with_the_description(start):
    """Its coverage, fuzzing and stateful phases, with and without the token."""
    gateway = start(token="a-token-for-schemathesis")
    found = subprocess.run(
        [
            pathlib.Path(sys.executable).with_name("schemathesis"), "--config-file", pathlib.Path(__file__).with_name("schemathesis.toml"),
            "run", f"http://127.0.0.1:{gateway.admin_port}/admin/v1/openapi.json",
            "--header", "Authorization: Bearer a-token-for-schemathesis", "--checks", "all",
            # A revoked key is still shown: its usage is.
            "--exclude-checks", "use_after_free", "--max-examples", "15", "--seed", "15", "--warnings", "off", "--no-color",
        ],
        cwd=gateway.folder, text=True, capture_output=True, timeout=240,
    )
    assert found.returncode == 0, found.stdout[-8000:] + found.stderr[-2000:]
    assert gateway.process.poll() is None


def test_other_methods_are_refused(admin, document):
    for path, item in document["paths"].items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {method.upper() for method in item}:
            status, headers, body = call(admin, method, path.replace("{id}", "nobody"))
            assert status == 405, (method, path)
            allowed = {"GET": {"GET", "HEAD"}}
            expected = set().union(*(allowed.get(one.upper(), {one.upper()}) for one in item))
            assert set(headers["allow"].split(", ")) == expected
            assert json.loads(body)["error"]["code"] == "method_not_allowed"


def test_bytes_of_a_body_are_read_or_refused(admin):
    chance = random.Random(16)
    for _ in range(60):
        body = bytes(chance.choice(b'{}[]":,\\u0 -9eE.ntf\xff\x00\xc3') for _ in range(chance.randrange(1, 400)))
        status, _, text = call(admin, "POST", "/admin/v1/keys", body)
        assert status == 400, text


def test_both_faces_are_one_service(admin, gateway):
    """What the command line does, the API shows, and the other way round; both are in the audit log."""
    made = gateway.json("keys", "create", "--name", "two faces", "--team", "everybody", "--json")
    status, headers, body = call(admin, "GET", "/admin/v1/keys/two%20faces")
    assert status == 200 and json.loads(body) == gateway.json("keys", "show", "two faces", "--json")
    status, _, body = call(admin, "PATCH", f"/admin/v1/keys/{made['id']}", {"tier": "narrow"}, {"if-match": headers["etag"]})
    assert status == 200
    assert gateway.json("keys", "show", made["id"], "--json")["tier"] == "narrow"
    assert call(admin, "PATCH", f"/admin/v1/keys/{made['id']}", {"tier": "monthly"}, {"if-match": headers["etag"]})[0] == 412
    log = gateway.json("audit", "--key", "two faces", "--json")
    assert [entry["action"] for entry in log] == ["key.update", "key.create"]
    assert log[0]["from"] == "127.0.0.1" and log[0]["by"] == "anonymous"
    assert log[1]["from"] == "cli" and log[1]["by"].startswith("local:")
    assert log[0]["before"] == {"tier": "monthly"} and log[0]["after"] == {"tier": "narrow"}


def test_keys_are_imported(gateway, tmp_path):
    file = tmp_path / "keys.csv"
    file.write_text('name,tier,models\nimported 1,narrow,"gpt-oss:*"\nimported 2,,\n')
    trial = gateway.run("keys", "import", str(file), "--dry-run")
    assert trial.returncode == 0 and "sk-ppl-" not in trial.stdout and "2 created" in trial.stderr
    made = gateway.json("keys", "import", str(file), "--json")
    assert [one["change"] for one in made] == ["created", "created"]
    assert gateway.status_of(made[0]["key"]) == 200
    assert [one["change"] for one in gateway.json("keys", "import", str(file), "--json")] == ["unchanged", "unchanged"]
    file.write_text("name,tier\nimported 3,narrow\nimported 1,nowhere\n")
    failed = gateway.run("keys", "import", str(file))
    assert failed.returncode == 2 and "line 3" in failed.stderr and "nothing was imported" in failed.stderr
    assert gateway.run("keys", "show", "imported 3").returncode == 1


def test_a_new_key_has_its_limits_at_once(admin, gateway):
    for number in range(5):
        name = f"brand new {number}"
        identifier = gateway.json("keys", "create", "--name", name, "--tier", "narrow", "--json")["id"]
        assert gateway.json("limits", name, "--json") == gateway.json("limits", identifier, "--json")
        assert call(admin, "GET", f"/admin/v1/limits/brand%20new%20{number}")[0] == 200
