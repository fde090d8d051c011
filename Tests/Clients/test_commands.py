"""The command line: help, exit statuses, valid and invalid configurations."""

import pathlib
import re
import shutil
import signal
import subprocess

import openai
import pytest

from gateway import BINARY, Lines, environment, run

COMMANDS = [
    [],
    ["serve"],
    ["keys"],
    ["keys", "create"],
    ["keys", "list"],
    ["keys", "show"],
    ["keys", "rotate"],
    ["keys", "revoke"],
    ["keys", "set"],
    ["usage"],
    ["config"],
    ["config", "check"],
    ["config", "show"],
    ["config", "diff"],
    ["status"],
    ["backup"],
    ["restore"],
    ["sandbox"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help(command):
    outcome = run(*command, "--help")
    assert outcome.returncode == 0 and outcome.stderr == ""
    assert outcome.stdout.startswith("OVERVIEW: ") and f"USAGE: {' '.join(['propylon', *command])} " in outcome.stdout


def test_version():
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", run("--version").stdout)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions(shell):
    outcome = run("--generate-completion-script", shell)
    assert outcome.returncode == 0 and "propylon" in outcome.stdout


def test_documents_of_packages(tmp_path):
    scripts = pathlib.Path(__file__).resolve().parents[2] / "scripts"
    subprocess.run([scripts / "documents", tmp_path, BINARY], check=True)
    page = tmp_path / "man/man1/propylon.1"
    for command in ("serve", "keys create", "usage export", "config diff", "backup"):
        assert f"\n.SS propylon {command}\n" in page.read_text()
    if shutil.which("groff"):
        outcome = subprocess.run(["groff", "-man", "-ww", "-Tutf8", page], capture_output=True, text=True, check=True)
        assert outcome.stderr == "" and "bad configuration" in outcome.stdout
    subprocess.run(["bash", "-n", tmp_path / "bash-completion/completions/propylon"], check=True)
    assert (tmp_path / "zsh/site-functions/_propylon").read_text().startswith("#compdef propylon")
    assert "complete -c 'propylon'" in (tmp_path / "fish/vendor_completions.d/propylon.fish").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sevre"], 'error: there is no command "sevre"; the commands are serve, keys, '),
        (["sevre"], "; did you mean serve?\n"),
        (["keys", "craete", "--name", "x"], "; did you mean create?\n"),
        (["serve", "--sandbix"], "Did you mean '--sandbox'?"),
        (["serve", "--sandbix"], "error: Unknown option '--sandbix'"),
        (["usage", "--top", "0"], "error: --top takes"),
    ],
)
def test_mistyped_words_are_corrected(arguments, words):
    outcome = run(*arguments)
    assert outcome.returncode == 2 and words in outcome.stderr, outcome.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["serve", "--no-such-option"],
        ["serve", "--listen", "nowhere"],
        ["usage", "--by", "weather"],
        ["usage", "--since", "long ago"],
        ["usage", "--format", "xml"],
        ["config", "check", "a", "b"],
    ],
)
def test_wrong_usage(arguments, tmp_path):
    outcome = run(*arguments, cwd=tmp_path)
    assert outcome.returncode == 2 and outcome.stdout == "" and "rror" in outcome.stderr


def test_example_configuration_is_valid(tmp_path):
    example = pathlib.Path(__file__).resolve().parents[2] / "config/propylon.yaml"
    outcome = run("config", "check", str(example), cwd=tmp_path, LLMAAS_API_KEY="sk-of-the-upstream")
    assert (outcome.returncode, outcome.stderr) == (0, "")
    outcome = run("config", "check", str(example), cwd=tmp_path)
    assert outcome.returncode == 0 and "warning: upstream.api_keys: there is no key for the upstream" in outcome.stderr
    # The example file shows the defaults, so the configuration without a file is the same.
    assert (
        run("config", "show", "--config", str(example), cwd=tmp_path).stdout
        == run("config", "show", cwd=tmp_path).stdout
    )


def test_shown_configuration(tmp_path):
    shown = run("config", "show", cwd=tmp_path, LLMAAS_API_KEY="top-secret-key").stdout
    assert "api_keys" in shown and "top-secret" not in shown
    (tmp_path / "shown.yaml").write_text(run("config", "show", cwd=tmp_path).stdout)
    assert run("config", "check", "shown.yaml", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("encoding", ["utf8", "utf16"])
def test_configuration_is_utf8_whatever_the_yaml_library_is_told(tmp_path, encoding):
    (tmp_path / "propylon.yaml").write_text("machine_name: \u00e9\u00e9\ntime_zone: Mars\n")
    for command in (["config", "show"], ["config", "check"], ["config", "check", "propylon.yaml"]):
        told, untold = (run(*command, cwd=tmp_path, **more) for more in ({"YAMS_DEFAULT_ENCODING": encoding}, {}))
        assert (told.stdout, told.stderr, told.returncode) == (untold.stdout, untold.stderr, untold.returncode)


BAD = {
    "listen: [\n": [r":\d+:\d+: error: "],
    "listn: 127.0.0.1:8080\n": [r":1:1: error: .*listn.*listen"],
    "listen: 127.0.0.1\n": [r":1:9: error: "],
    "listen: 127.0.0.1:99999\n": [r":1:9: error: "],
    "admin: { listen: 0.0.0.0:8081 }\n": [r":1:\d+: error: .*token"],
    "upstream:\n  base_url: ftp://x\n  retries: many\n": [r":2:13: error: .*http", r":3:12: error: "],
    "upstream: { base_url: 'https://user:pw@x/v1' }\n": [r":1:\d+: error: .*password"],
    "limits: { body_bytes: 5 furlongs, drain_timeout: 3 }\n": [r":1:23: error: ", r":1:50: error: "],
    "tiers: { a: { budget_eur_per_month: lots } }\n": [r":1:37: error: "],
    "default_tier: nowhere\n": [r":1:15: error: .*no such tier"],
    "teams: { a: { tier: nowhere } }\n": [r":1:21: error: .*no such tier"],
    "models: { aliases: { a: b, b: c } }\n": [r":1:\d+: error: "],
    "time_zone: Mars/Olympus\n": [r":1:12: error: "],
    "data: ${NOT_SET_ANYWHERE}\n": [r":1:7: error: .*NOT_SET_ANYWHERE"],
    "data: ${file:/no/such/file}\n": [r":1:7: error: .*/no/such/file"],
    "data: a\ndata: b\n": [r":2:1: error: .*data"],
    "log: { level: loud }\n": [r":1:15: error: .*info"],
}


@pytest.mark.parametrize("text", BAD)
def test_invalid_configuration(text, tmp_path):
    (tmp_path / "bad.yaml").write_text(text)
    outcome = run("config", "check", "bad.yaml", cwd=tmp_path)
    assert outcome.returncode == 3 and outcome.stdout == ""
    lines = outcome.stderr.splitlines()
    for pattern in BAD[text]:
        assert any(re.search(r"bad\.yaml" + pattern, line) for line in lines), outcome.stderr
    assert "pw@" not in outcome.stderr


@pytest.mark.parametrize(
    "command", [["serve", "--sandbox"], ["keys", "list"], ["usage"], ["status"], ["config", "show"]]
)
def test_every_command_reports_configuration_errors(command, tmp_path):
    (tmp_path / "bad.yaml").write_text("listn: x\n")
    for arguments, changes in (([*command, "--config", "bad.yaml"], {}), (command, {"PROPYLON_CONFIG": "bad.yaml"})):
        outcome = run(*arguments, cwd=tmp_path, **changes)
        assert outcome.returncode == 3 and "bad.yaml:1:1: error:" in outcome.stderr
    assert run(*command, "--config", "nowhere.yaml", cwd=tmp_path).returncode == 3


def test_no_key_for_the_upstream(tmp_path):
    (tmp_path / "propylon.yaml").write_text("listen: 127.0.0.1:0\nadmin: { listen: 127.0.0.1:0 }\n")
    outcome = run("serve", "--config", "propylon.yaml", cwd=tmp_path)
    assert outcome.returncode in (1, 3) and "LLMAAS_API_KEY" in outcome.stderr


def test_data_folder_that_cannot_be_created(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "propylon.yaml").write_text("data: ./file/data\n")
    outcome = run("keys", "create", "--name", "a", "--config", "propylon.yaml", cwd=tmp_path)
    assert outcome.returncode == 1 and "file/data" in outcome.stderr


def test_tables_in_a_terminal_and_plain_output_in_a_pipe(gateway):
    for arguments in (["keys", "list"], ["usage"], ["status"]):
        outcome = gateway.run(*arguments)
        assert outcome.returncode == 0 and "\x1b" not in outcome.stdout


def test_sandbox_alone(tmp_path):
    process = subprocess.Popen(
        [BINARY, "sandbox", "--listen", "127.0.0.1:0"],
        env=environment(),
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        url = Lines(process.stdout).wait_for(r"http://\S+")[0]
        with openai.OpenAI(base_url=url, api_key="any", max_retries=0, timeout=10) as client:
            assert client.embeddings.create(model="bge-m3:567m", input="x").data
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
