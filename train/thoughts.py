"""Puts a thought before the action of every recorded reply, for the dialect `thoughtful`: what comes next, this step first.

    python thoughts.py --trajectories out/sim --out out/sim-thoughts

A thought names up to three steps of the oracle, as far as the run really went that way: behind a wrong step it is cut.
"""

import argparse
import json
from pathlib import Path

# Steps that a thought names.
STEPS = 3
# Characters of a thought, as the reply's schema limits them.
LONGEST = 120


def name(reply: dict) -> str:
    """What a step is called in a thought."""
    return str(reply.get("label") or reply.get("name") or reply.get("text") or reply["action"])


def was_done(reply: dict, after: dict) -> bool:
    """Whether the row behind a reply is one in which it was carried out."""
    steps = after["user"].partition("\nSteps:\n")[2]
    done = steps.partition("\nScreen: ")[0].splitlines()
    subject = reply.get("label") or reply.get("name")
    expected = reply["action"] + (f' "{subject}"' if subject else "")
    return bool(done) and done[-1].startswith(expected)


def follows(row: dict, after: dict) -> bool:
    return (row["task"], row["seed"], row["step"] + 1) == (after["task"], after["seed"], after["step"])


def thought(rows: list[dict], replies: list[dict], at: int) -> str:
    names = [name(replies[at])]
    while len(names) < STEPS and at + 1 < len(rows):
        if not follows(rows[at], rows[at + 1]) or not was_done(replies[at], rows[at + 1]):
            break
        at += 1
        names.append(name(replies[at]))
    return ", ".join(names)[:LONGEST]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trajectories", type=Path, required=True, help="a folder of JSON lines")
    parser.add_argument("--out", type=Path, required=True, help="the folder for the same files with thoughts")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for path in sorted(args.trajectories.glob("*.jsonl")):
        with path.open() as lines:
            rows = [json.loads(line) for line in lines]
        replies = [json.loads(row["reply"]) for row in rows]
        with (args.out / path.name).open("w") as out:
            for at, row in enumerate(rows):
                reply = {"thought": thought(rows, replies, at), **replies[at]}
                row["reply"] = json.dumps(reply, ensure_ascii=False, separators=(",", ":"))
                print(json.dumps(row, ensure_ascii=False), file=out)
        print(f"{path}: {len(rows)} steps")


if __name__ == "__main__":
    main()
