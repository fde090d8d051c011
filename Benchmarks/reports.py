"""Time of reports, limits and lists of keys with a very large ledger. Run by `scripts/bench --only reports`."""
import os
import pathlib
import sqlite3
import statistics
import subprocess
import tempfile
import time

from ledger import parser, run, start, write_configuration

DAYS, TEAMS, MODELS = 90, 200, 12
# Groups of a key: two models that it uses, and refusals.
GROUPS = 3

REPORTS = [
    ["usage", "--by", by, "--top", "20"]
    for by in ("key", "team", "model", "user", "tag", "ending", "hour", "day", "month", "limit", "team,model", "key,day")
] + [
    ["usage", "--by", "model", "--speed"],
    ["usage", "--by", "team", "--speed", "--top", "20"],
    ["usage", "--by", "day", "--speed", "--top", "20"],
    ["usage", "--by", "key", "--since", "24h", "--top", "20"],
    ["usage", "--by", "key", "--format", "csv"],
    ["usage", "--format", "focus", "--since", "7d"],
    ["keys", "list"],
]


def main():
    options = parser("reports", rows=10_000_000, keys=100_000, rounds=3).parse_args()
    with tempfile.TemporaryDirectory(prefix="propylon-reports-") as name:
        folder = pathlib.Path(options.folder or name)
        if not (folder / "data").exists():
            folder.mkdir(parents=True, exist_ok=True)
            write_configuration(folder, parts=False)
            fill(options, folder)
        print(f"{options.rows} rows, {options.keys} keys, {DAYS} days")
        for command in REPORTS:
            measure(options, folder, command)
        wall, processor = start(options, folder)
        print(f"{'serve, until it listens':45} {wall * 1000:6.0f} ms, {processor * 1000:6.0f} ms of CPU", flush=True)


def measure(options, folder, command):
    """Prints the medians of wall time and processor time of `command`."""
    values = []
    for _ in range(options.rounds):
        began = time.monotonic()
        process = subprocess.Popen(
            [options.binary, *command, "--config", folder / "propylon.yaml"], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        values.append((time.monotonic() - began, usage.ru_utime + usage.ru_stime))
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"bench: {' '.join(command)} ended with {process.returncode}")
    wall, processor = (statistics.median(column) * 1000 for column in zip(*values))
    print(f"{' '.join(command):45} {wall:6.0f} ms, {processor:6.0f} ms of CPU", flush=True)


def fill(options, folder):
    """Writes keys, groups and rows as the gateway does, and lets it sum them up.

    Keys are as different as in life: the use of the one of rank r is proportional to 1/r."""
    run(options, folder, "keys", "create", "--name", "key-0", "--team", "everybody")
    database = sqlite3.connect(folder / "data/propylon.sqlite")
    database.executemany(
        "INSERT INTO keys (id, name, tier, team, created_at, digest) SELECT ?, ?, tier, team, created_at, randomblob(32)"
        " FROM keys WHERE name = 'key-0'", ((f"k{number:09}", f"key-{number}") for number in range(1, options.keys)))
    keys = [key for key, in database.execute("SELECT id FROM keys ORDER BY id")]

    def groups():
        for rank, key in enumerate(keys):
            common = (key, f"team-{rank % TEAMS}", f"user-{rank % 5000}" if rank % 3 == 0 else None,
                      "night,research" if rank % 7 == 0 else None)
            for use in range(2):
                model = f"model-{(rank + use) % MODELS}"
                yield (rank * GROUPS + use + 1, *common, model, model, 200, "complete", None, None)
            yield (rank * GROUPS + 3, *common, "model-0", None, 429, "refused", "rate_limit_exceeded", "key:requests_per_minute")

    database.executemany(
        "INSERT INTO usage_groups (id, key_id, team, user, tags, endpoint, model_asked, model_served, status, group_ending,"
        " cause, refused_by) VALUES (?, ?, ?, ?, ?, 'chat/completions', ?, ?, ?, ?, ?, ?)", groups())
    # One row each `step` milliseconds; of a hundred the last three were refused. A chance of u gives the rank keys^u.
    database.execute(
        """
        WITH RECURSIVE places(place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM places WHERE place + 1 < :rows),
            chances AS (SELECT place, :first + CAST(place * :step AS INTEGER) AS moment,
                CAST(exp(ln(:keys) * (random() & 0xFFFFFFFFFFFF) / 281474976710656.0) AS INTEGER) - 1 AS rank,
                random() & 1023 AS wait, (random() & 1) AS use, place % 100 > 96 AS refused FROM places)
        INSERT INTO usage_rows (number, id, group_id, input_tokens, output_tokens, reasoning_tokens, cached_tokens, audio_minutes,
            characters, images, search_units, exactness, cost, started_at, first_byte_at, ended_at, request_bytes, response_bytes,
            streamed, ending)
        SELECT moment << 21 | 7, randomblob(16), rank * :groups + 1 + iif(refused, 2, use), iif(refused, 0, 500 + wait),
            iif(refused, 0, 100 + wait), 0, 0, 0, 0, 0, 0, 'exact', iif(refused, 0, 2000000 + wait * 1000), moment * 1000,
            iif(refused, NULL, (moment + 100 + wait) * 1000), iif(refused, moment, moment + 900 + 9 * wait) * 1000, 500, 2000,
            NOT refused, iif(refused, 'refused', 'complete')
        FROM chances
        """,
        {"rows": options.rows, "keys": len(keys), "groups": GROUPS, "step": DAYS * 86_400_000 / options.rows,
         "first": time.time_ns() // 1_000_000 - DAYS * 86_400_000})
    database.commit()
    database.close()
    run(options, folder, "usage", "rebuild")


if __name__ == "__main__":
    main()
