"""`config check` and `config diff`, as an administrator uses them before a reload."""

import signal

import pytest

from gateway import eventually, run
from test_tls import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def check(tmp_path, text, **options):
    (tmp_path / "propylon.yaml").write_text(text)
    return run("config", "check", "propylon.yaml", cwd=tmp_path, LLMAAS_API_KEY="sk-of-the-upstream", **options)


def test_all_errors_are_reported_beside_one_of_syntax(tmp_path):
    outcome = check(
        tmp_path,
        "listen: 8080\ntiers:\n  student: { models: [*] }\n  staff: { weight: 0 }\nlimits:\n  body_timeout: 1y\n\tx: 1\n"
        "metering: { retention: 1y }\n",
    )
    assert outcome.returncode == 3 and outcome.stdout == ""
    places = [line.split(": error: ")[0] for line in outcome.stderr.splitlines()]
    assert places == [
        f"propylon.yaml:{place}" for place in ("1:9", "3:23", "4:20", "6:17", "7:1", "8:24")
    ], outcome.stderr
    assert "did you mean 127.0.0.1:8080?" in outcome.stderr and "did you mean 365d?" in outcome.stderr


def test_files_and_models_are_looked_at(tmp_path):
    (tmp_path / "key.pem").write_text("no key\n")
    outcome = check(
        tmp_path,
        "listen: { address: 127.0.0.1:0, tls: { certificate: none.pem, key: key.pem } }\n"
        "models: { aliases: { gpt-4o: gpt-oss:12b } }\n",
    )
    assert outcome.returncode == 3
    lines = outcome.stderr.splitlines()
    assert lines[0].startswith("propylon.yaml:1:53: error: listen.tls.certificate: the file none.pem cannot be opened")
    assert lines[1].startswith("propylon.yaml:2:30: warning: models.aliases.gpt-4o:")
    assert lines[1].endswith("did you mean gpt-oss:120b?")


def test_a_certificate_is_valid_and_has_its_key(tmp_path, authority):
    certificate, key = authority.sign("localhost")
    text = f"listen: {{ address: 127.0.0.1:0, tls: {{ certificate: {certificate}, key: KEY }} }}\n"
    outcome = check(tmp_path, text.replace("KEY", str(key)))
    assert (outcome.returncode, outcome.stderr) == (0, "")
    outcome = check(tmp_path, text.replace("KEY", str(authority.sign("other")[1])))
    assert outcome.returncode == 3 and "does not belong to the certificate" in outcome.stderr


def test_diff_with_the_running_gateway(start):
    gateway = start("tiers: { student: { weight: 1 } }\nteams: { red: { tier: student } }\n")
    gateway.create_key("ada", "--tier", "student")
    assert gateway.run("config", "diff").stdout == "The running gateway has this configuration.\n"
    gateway.configure("tiers: { student: { weight: 5 } }\ndefault_tier: student\nteams: { red: { tier: tier-1 } }\n")
    lines = gateway.run("config", "diff").stdout.splitlines()
    assert lines[:3] == [
        "default_tier: monthly -> student",
        "tiers.student.weight: 1 -> 5",
        "teams.red.tier: student -> tier-1",
    ]
    assert lines[3].startswith("affects 1 key of the tier student: ") and lines[3].endswith(" (ada)")
    gateway.signal(signal.SIGHUP)
    assert eventually(lambda: gateway.run("config", "diff").stdout.startswith("The running gateway has this"))


def test_diff_without_a_gateway(tmp_path):
    outcome = run("config", "diff", cwd=tmp_path)
    assert outcome.returncode == 1 and "no gateway answers on 127.0.0.1:8081" in outcome.stderr
