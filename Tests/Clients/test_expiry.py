"""Certificates and keys that expire: told of at the start, by events once each, in the metrics and in the status."""

import subprocess
import urllib.request

import pytest

from gateway import Gateway, eventually
from test_causes import events, page
from test_reload import hang_up
from test_tls import Authority, listen

METRIC = "propylon_certificate_expiry_seconds"
DAY = 86_400


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def certificate(folder, name, days):
    """A certificate that signs itself, valid for `days` from now, and its key."""
    files = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days"]
        + [str(days), "-subj", f"/CN={name}", "-keyout", files[1], "-out", files[0]],
        check=True,
        capture_output=True,
    )
    return files


def expiring(gateway, kind="certificate"):
    return [event for event in events(gateway) if event["kind"].startswith(kind)]


def metrics(gateway):
    text = urllib.request.urlopen(f"http://127.0.0.1:{gateway.admin_port}/metrics").read().decode()
    lines = [line for line in text.splitlines() if line.startswith(METRIC)]
    return {line.split('use="')[1].split('"')[0]: float(line.split()[-1]) for line in lines}


def test_every_file_is_watched(start, tmp_path):
    own, clients, upstream = [certificate(tmp_path, name, days) for name, days in
                              [("own", 5), ("clients", 20), ("upstream", 60)]]  # fmt: skip
    gateway = start(
        f"upstream: {{ base_url: 'https://127.0.0.1:9/v1', api_keys: [upstream-key], ca_file: {upstream[0]} }}\n",
        listen=f"[{listen(own, f', client_ca: {clients[0]}')}]",
        sandbox=False,
    )
    assert eventually(lambda: len(expiring(gateway)) == 2), gateway.log.text
    first, second = sorted(expiring(gateway), key=lambda event: int(event["facts"]["days"]))
    assert (first["subject"], first["facts"]["days"], first["facts"]["certificate"]) == (str(own[0]), "7", "CN=own")
    assert (second["subject"], second["facts"]["days"]) == (str(clients[0]), "21")
    assert {event["kind"] for event in (first, second)} == {"certificate.expiring"}
    assert gateway.log.count(f'"level":"warning".*the certificate in {own[0]} .CN=own. expires on') == 1
    assert str(upstream[0]) not in gateway.log.text
    report = page(gateway, "/admin/v1/status")
    assert [entry["use"] for entry in report["certificates"]] == ["certificate", "client_ca", "ca_file"]
    assert [entry["subject"] for entry in report["certificates"]] == ["CN=own", "CN=clients", "CN=upstream"]
    seconds = metrics(gateway)
    for use, days in [("certificate", 5), ("client_ca", 20), ("ca_file", 60)]:
        assert (days - 1) * DAY < seconds[use] <= days * DAY
    text = gateway.run("status").stdout
    assert f"(CN=own in {own[0]})" in text and "upstream ca_file: expires on" in text
    # A longer certificate ends the trouble, without a restart.
    for target, made in zip(own, certificate(tmp_path, "renewed", 90)):
        target.write_bytes(made.read_bytes())
    hang_up(gateway)
    assert metrics(gateway)["certificate"] > 80 * DAY
    assert len(expiring(gateway)) == 2


def test_an_expired_certificate_is_loud(start, authority):
    files = authority.expired("localhost")
    gateway = start(listen=f"[{listen(files)}]")
    assert gateway.log.count(f'"level":"error".*the certificate in {files[0]} .CN=localhost. has expired on') == 1
    assert eventually(lambda: [event["kind"] for event in expiring(gateway)] == ["certificate.expired"])
    assert expiring(gateway)[0]["severity"] == "error"
    assert metrics(gateway)["certificate"] < 0
    status = gateway.run("status")
    assert status.returncode == 0 and "has expired on" in status.stdout
    check = gateway.run("config", "check")
    assert check.returncode == 3 and "has expired on" in check.stderr


def test_each_notice_is_given_once_also_over_restarts(tmp_path):
    files = certificate(tmp_path, "own", 2)
    for run in range(3):
        gateway = Gateway(tmp_path, listen=f"[127.0.0.1:0, {listen(files)}]")
        gateway.start()
        if run == 0:
            gateway.create_key("near", "--expires", "2d", "--team", "red")
            gateway.create_key("far", "--expires", "30d")
        assert eventually(lambda: len(expiring(gateway, "key")) == 1, 60), gateway.log.text
        if run == 1:
            gateway.process.kill()
            gateway.wait()
        else:
            assert gateway.stop() == 0
        # Every start says it in the log; only the first one gives notice.
        assert gateway.log.count(f"the certificate in {files[0]}") == 1
        assert gateway.log.count('"event":"certificate.expiring"') == (1 if run == 0 else 0)
        assert gateway.log.count("keys expire soon") == (0 if run == 0 else 1)
        assert gateway.log.count('"event":"key.expiring"') == (1 if run == 0 else 0)
    gateway = Gateway(tmp_path, listen=f"[127.0.0.1:0, {listen(files)}]")
    gateway.start()
    assert len(expiring(gateway)) == 1
    event = expiring(gateway, "key")[0]
    assert (event["subject_name"], event["facts"]["days"], event["facts"]["team"]) == ("near", "3", "red")
    report = page(gateway, "/admin/v1/status")
    assert [key["name"] for key in report["expiring_keys"]] == ["near"] and report["expiring_key_count"] == 1
    assert "near (" in gateway.run("status").stdout
    assert gateway.run("keys", "revoke", "near").returncode == 0
    assert eventually(lambda: page(gateway, "/admin/v1/status")["expiring_keys"] == [])
    assert gateway.stop() == 0
