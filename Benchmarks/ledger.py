"""Time of `propylon serve` from exec to the line that says where it listens, with a large ledger. Run by `scripts/bench --only ledger`."""
import argparse
import pathlib
import random
import sqlite3
import statistics
import subprocess
import tempfile
import time
import uuid

KINDS = {
    "requests_per_minute": 10**6, "tokens_per_minute": 10**9, "requests_per_day": 10**9, "tokens_per_day": 10**12,
    "output_tokens_per_hour": 10**12, "output_tokens_per_day": 10**12, "budget_eur_per_day": 10**6, "budget_eur_per_week": 10**6,
    "budget_eur_per_month": 10**6, "budget_eur_total": 10**6, "concurrent_requests": 10**4, "max_output_tokens": 1000,
}
DAYS = 40


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="propylon-ledger-") as name:
        folder = pathlib.Path(options.folder or name)
        if not (folder / "data").exists():
            write_configuration(folder, parts=False)
            fill(options, folder)
        for parts in (False, True):
            write_configuration(folder, parts)
            start(options, folder)  # The first one finds an empty cache.
            values = [start(options, folder) for _ in range(options.rounds)]
            wall, processor = (statistics.median(column) * 1000 for column in zip(*values))
            print(
                f"start  {options.rows} rows, {options.groups} groups, limits of {'keys, models and users' if parts else 'keys'}: "
                f"{processor:.0f} ms of CPU, {wall:.0f} ms", flush=True)


def parser(only, rows, keys, rounds):
    """The options of a measurement with a ledger, with these defaults."""
    parser = argparse.ArgumentParser(prog=f"scripts/bench --only {only}")
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--binary", type=pathlib.Path, default=root / ".build/release/propylon")
    parser.add_argument("--rows", type=int, default=rows, help=f"(default: {rows})")
    parser.add_argument("--keys", type=int, default=keys)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--folder", help="keeps the ledger there, for another binary")
    return parser


def arguments():
    options = parser("ledger", rows=1_000_000, keys=100, rounds=5)
    options.add_argument("--groups", type=int, default=100_000)
    return options.parse_args()


def write_configuration(folder, parts):
    limits = ", ".join(f"{kind}: {limit}" for kind, limit in KINDS.items())
    some = f"budget_eur_per_day: {10**6}, tokens_per_day: {10**12}"
    part = f"    per_model: {{ \"model-*\": {{ {some} }} }}\n    per_user: {{ {some} }}\n" if parts else ""
    (folder / "propylon.yaml").write_text(
        f"listen: 127.0.0.1:0\ndata: {folder}/data\n"
        "upstream: { base_url: \"http://127.0.0.1:9/v1\", api_keys: [upstream-key], tier: all }\n"
        f"default_tier: own\ntiers:\n  all: {{ {limits} }}\n  own:\n"
        + "".join(f"    {kind}: {limit}\n" for kind, limit in KINDS.items()) + part
        + "teams: { everybody: { tier: all } }\n")


def run(options, folder, *command):
    return subprocess.run(
        [options.binary, *command, "--config", folder / "propylon.yaml"], check=True, capture_output=True, text=True).stdout


def fill(options, folder):
    """Writes the groups and rows as the gateway does, spread over the last days, and lets it sum them up."""
    start(options, folder)  # Makes the ledger.
    for number in range(options.keys):
        run(options, folder, "keys", "create", "--name", f"key-{number}", "--team", "everybody")
    database = sqlite3.connect(folder / "data/propylon.sqlite")
    keys = [key for key, in database.execute("SELECT id FROM keys ORDER BY id")]
    database.executemany(
        "INSERT INTO usage_groups (id, key_id, team, user, endpoint, model_asked, model_served, status)"
        " VALUES (?, ?, 'everybody', ?, 'chat.completions', ?, ?, 200)",
        ((group + 1, keys[group % len(keys)], f"user-{group // len(keys) // 2}", model, model)
         for group in range(options.groups) for model in [f"model-{group // len(keys) % 2}"]))
    chance = random.Random(1)
    now = time.time_ns() // 1_000_000
    step = DAYS * 86_400_000 / options.rows

    def rows():
        for place in range(options.rows):
            moment = now - int((options.rows - place) * step)
            started = moment * 1000
            yield (
                moment << 21 | chance.getrandbits(21), uuid.UUID(int=moment << 80 | 7 << 76 | chance.getrandbits(74)).bytes,
                1 + chance.randrange(options.groups), 700, 300, 2_000_000, started, started + 1000, started + 900_000)

    database.executemany(
        "INSERT INTO usage_rows (number, id, group_id, input_tokens, output_tokens, reasoning_tokens, cached_tokens, audio_minutes,"
        " characters, images, search_units, exactness, cost, started_at, first_byte_at, ended_at, request_bytes, response_bytes,"
        " streamed, ending) VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 'exact', ?, ?, ?, ?, 500, 2000, 0, 'complete')", rows())
    database.commit()
    database.close()
    run(options, folder, "usage", "rebuild")


def start(options, folder):
    """Starts the gateway once. Returns seconds until it listens, and of processor time until then."""
    began = time.monotonic()
    process = subprocess.Popen(
        [options.binary, "serve", "--config", folder / "propylon.yaml"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True)
    try:
        for line in process.stdout:
            if "listens on" in line:
                wall = time.monotonic() - began
                tasks = pathlib.Path(f"/proc/{process.pid}/task").glob("*/schedstat")
                return wall, sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
        raise SystemExit("bench: the gateway did not start")
    finally:
        process.terminate()
        process.communicate(timeout=60)


if __name__ == "__main__":
    main()
