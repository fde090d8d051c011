"""`backup` beside a gateway under load, and `restore`."""

import json
import os
import threading
import urllib.request

import openai

from gateway import run


def identifiers(folder):
    """The ids of all requests in the ledger of the data folder `folder`."""
    outcome = run("usage", "export", "--data", str(folder))
    assert outcome.returncode == 0, outcome.stderr
    return {json.loads(line)["request_id"] for line in outcome.stdout.splitlines()}


def test_what_was_answered_is_in_the_copy(start, tmp_path):
    gateway = start()
    _, key = gateway.create_key("ada")
    client = openai.OpenAI(base_url=gateway.url + "/v1", api_key=key, max_retries=0)
    answered, ending = [], threading.Event()

    def work():
        while not ending.is_set():
            response = client.chat.completions.with_raw_response.create(
                model="gpt-oss:120b", messages=[{"role": "user", "content": "Hello"}]
            )
            answered.append(response.headers["x-request-id"])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(3):
            while len(answered) < 50 * (number + 1):
                ending.wait(0.01)
            before = set(answered)
            outcome = gateway.run("backup", str(tmp_path / f"copy{number}"))
            assert outcome.returncode == 0, outcome.stderr
            outcome = run("restore", str(tmp_path / f"copy{number}"), "--data", str(tmp_path / f"restored{number}"))
            assert outcome.returncode == 0, outcome.stderr
            assert before <= identifiers(tmp_path / f"restored{number}")
    finally:
        ending.set()
        for thread in threads:
            thread.join()
    # A gateway that runs keeps its folder; one that has ended gives it up.
    outcome = gateway.run("restore", str(tmp_path / "copy0"), "--force")
    assert outcome.returncode == 1 and "another gateway" in outcome.stderr
    assert gateway.stop() == 0
    assert set(answered) <= identifiers(gateway.folder / "data")
    outcome = gateway.run("restore", str(tmp_path / "copy0"))
    assert outcome.returncode == 1 and "has a ledger" in outcome.stderr
    assert gateway.run("restore", str(tmp_path / "copy0"), "--force").returncode == 0
    assert identifiers(gateway.folder / "data") == identifiers(tmp_path / "restored0")
    (replaced,) = [name for name in os.listdir(gateway.folder / "data") if name.startswith("replaced-")]
    assert set(answered) <= identifiers(gateway.folder / "data" / replaced)
    # The restored keys work.
    gateway.start()
    assert gateway.status_of(key) == 200


def test_a_download_is_a_backup(start, tmp_path):
    gateway = start(token="an-admin-token")
    _, key = gateway.create_key("ada")
    client = openai.OpenAI(base_url=gateway.url + "/v1", api_key=key, max_retries=0)
    for _ in range(5):
        client.chat.completions.create(model="gpt-oss:120b", messages=[{"role": "user", "content": "Hello"}])
    request = urllib.request.Request(
        f"http://127.0.0.1:{gateway.admin_port}/admin/v1/backup", headers={"authorization": "Bearer an-admin-token"}
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        assert response.headers["content-type"] == "application/vnd.sqlite3"
        (tmp_path / "copy").write_bytes(response.read())
    outcome = run("restore", str(tmp_path / "copy"), "--data", str(tmp_path / "restored"))
    assert outcome.returncode == 0, outcome.stderr
    (entry,) = [one for one in gateway.json("audit", "--json") if one["action"] == "backup.download"]
    assert entry["by"] == "admin" and entry["after"] == {"bytes": str((tmp_path / "copy").stat().st_size)}
    assert not [name for name in os.listdir(gateway.folder / "data") if name.startswith("download")]
    assert gateway.stop() == 0
    reports = []
    for folder in (gateway.folder / "data", tmp_path / "restored"):
        outcome = run("usage", "--by", "key,model,endpoint", "--format", "json", "--data", str(folder))
        reports.append(json.loads(outcome.stdout))
    assert reports[0] == reports[1]
    assert sum(row["requests"] for row in reports[0] if row["endpoint"] == "chat/completions") == 5


def test_refusals(tmp_path):
    outcome = run("backup", "copy", "--data", "none", cwd=tmp_path)
    assert outcome.returncode == 1 and "there is no ledger" in outcome.stderr
    (tmp_path / "text").write_text("no database")
    outcome = run("restore", "text", "--data", "none", cwd=tmp_path)
    assert outcome.returncode == 1 and "damaged" in outcome.stderr
    assert os.listdir(tmp_path) == ["text"]
