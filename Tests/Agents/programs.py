"""Codex and Claude Code, each with a HOME and a work folder of its own, and nothing of the environment of the tests."""

import dataclasses
import importlib.util
import json
import os
import pathlib
import signal
import subprocess

TIMEOUT = 60.0  # seconds for one task


def packaged(package, path):
    """A program that the wheel of `package` carries."""
    return str(pathlib.Path(importlib.util.find_spec(package).origin).parent / path)


def call(tool, **arguments):
    """The line of a task that makes the sandbox's model call `tool`."""
    return f"call {tool} {json.dumps(arguments)}"


@dataclasses.dataclass
class Outcome:
    status: int
    out: str
    err: str


class Program:
    """A coding agent with an account's key and model. Tasks of one instance are turns of one session."""

    def __init__(self, folder, account):
        self.home, self.work = folder / "home", folder / "work"
        self.home.mkdir()
        self.work.mkdir()
        self.turns = 0
        self.variables = {"HOME": str(self.home), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
        self.configure(account)

    def ask(self, task):
        """Runs the program with the next task of its session, to its end."""
        process = subprocess.Popen(
            self.command(task),
            cwd=self.work,
            env=self.variables,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            raise AssertionError(f"the program does not end: {out}{err}") from None
        self.turns += 1
        return Outcome(process.returncode, out, err)


class Codex(Program):
    endpoint = "responses"

    def configure(self, account):
        self.variables["OPENAI_API_KEY"] = account.key
        settings = self.home / ".codex/config.toml"
        settings.parent.mkdir()
        # Without retries of its own, as the tests want to see each refusal at once.
        settings.write_text(
            f'model = "{account.model}"\n'
            'model_provider = "propylon"\n'
            "check_for_update_on_startup = false\n"
            "analytics.enabled = false\n"
            "[model_providers.propylon]\n"
            'name = "Propylon"\n'
            f'base_url = "{account.url}"\n'
            'env_key = "OPENAI_API_KEY"\n'
            'wire_api = "responses"\n'
            "request_max_retries = 0\n"
            "stream_max_retries = 0\n"
        )

    def command(self, task):
        program = [packaged("codex_cli_bin", "bin/codex"), "exec", *(["resume", "--last"] if self.turns else [])]
        return [*program, "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", task]

    @staticmethod
    def events(outcome):
        return [json.loads(line) for line in outcome.out.splitlines()]

    @staticmethod
    def session(outcome):
        return Codex.events(outcome)[0]["thread_id"]

    @staticmethod
    def complaint(outcome):
        """The error that ended the turn, as a person sees it."""
        return next(event["error"]["message"] for event in Codex.events(outcome) if event["type"] == "turn.failed")

    def write(self, line):
        """The line of a task that writes `line` into notes.txt."""
        return call("exec_command", cmd=f"cat > notes.txt <<'END'\n{line}\nEND")

    def edit(self, old, new):
        """The line of a task that replaces the line `old` of notes.txt."""
        patch = f"*** Begin Patch\n*** Update File: notes.txt\n@@\n-{old}\n+{new}\n*** End Patch"
        return call("exec_command", cmd=f"apply_patch <<'END'\n{patch}\nEND")

    @staticmethod
    def usage(outcomes):
        """The tokens of a session that it shows: of the input, of these the cached ones, and of the output."""
        usage = next(event["usage"] for event in Codex.events(outcomes[-1]) if event["type"] == "turn.completed")
        return usage["input_tokens"], usage["cached_input_tokens"], usage["output_tokens"]


class ClaudeCode(Program):
    endpoint = "messages"

    def configure(self, account):
        self.variables |= {
            "ANTHROPIC_BASE_URL": account.gateway.url,
            "ANTHROPIC_AUTH_TOKEN": account.key,
            "ANTHROPIC_MODEL": account.model,
            "ANTHROPIC_DEFAULT_HAIKU_MODEL": account.model,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_TELEMETRY": "1",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_MAX_RETRIES": "0",
        }

    def command(self, task):
        tools = "--allowedTools=Bash,Edit,Read,Write"
        program = [packaged("claude_agent_sdk", "_bundled/claude"), "-p", *(["--continue"] if self.turns else [])]
        return [*program, "--output-format=json", "--permission-mode=acceptEdits", tools, "--", task]

    @staticmethod
    def session(outcome):
        return json.loads(outcome.out)["session_id"]

    @staticmethod
    def complaint(outcome):
        """The error that ended the turn, as a person sees it."""
        result = json.loads(outcome.out)
        assert result["is_error"]
        return result["result"]

    def write(self, line):
        """The line of a task that writes `line` into notes.txt."""
        return call("Write", file_path=str(self.work / "notes.txt"), content=f"{line}\n")

    def edit(self, old, new):
        """The line of a task that replaces the line `old` of notes.txt."""
        return call("Edit", file_path=str(self.work / "notes.txt"), old_string=old, new_string=new)

    @staticmethod
    def usage(outcomes):
        """The tokens of a session that it shows: of the input, of these the cached ones, and of the output."""
        turns = [json.loads(outcome.out)["usage"] for outcome in outcomes]
        cached = sum(turn["cache_read_input_tokens"] for turn in turns)
        return (
            cached + sum(turn["input_tokens"] for turn in turns), cached,
            sum(turn["output_tokens"] for turn in turns),
        )  # fmt: skip
