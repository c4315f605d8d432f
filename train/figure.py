"""Draws how the replies get better with the tokens seen.

    python figure.py --log ../models/training.jsonl --checkpoint out/checkpoint.pt --out ../models/training.svg

The log is kept beside the model, because checkpoints are not: what a checkpoint has seen since is added to it.
"""

import argparse
import json
from pathlib import Path

import matplotlib
import torch

matplotlib.use("svg")
from matplotlib import pyplot as plt

# The `sim` suite, seeds 901 and 902, by millions of tokens seen, where a file was evaluated.
SIM = {17.5: 46.6, 32.8: 80.6, 40.3: 79.6, 65.0: 90.8, 82.9: 91.3, 111.6: 94.7, 130.5: 95.1, 143.4: 95.1}
HELD_OUT = {32.8: 35.9, 40.3: 36.4, 65.0: 61.2, 82.9: 72.8, 111.6: 77.7, 130.5: 84.0, 143.4: 85.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log", type=Path, required=True, help="JSON lines: millions of tokens seen, share of replies right")
    parser.add_argument("--checkpoint", type=Path, help="one whose log is to be added")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.log.read_text().splitlines()]
    if arguments.checkpoint:
        log = torch.load(arguments.checkpoint, map_location="cpu", weights_only=False)["state"]["log"]
        seen = [row for row in log if row["stage"] == "trajectories" and row["tokens"] / 1e6 > rows[-1]["tokens"]]
        rows += [{"tokens": round(row["tokens"] / 1e6, 2), "exact": round(row["exact"], 4)} for row in seen]
        arguments.log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    steps = [(row["tokens"], 100 * row["exact"]) for row in rows]
    figure, axes = plt.subplots(figsize=(7, 3.5))
    axes.plot(*zip(*steps), color="0.65", linewidth=1, label="replies right, 256 steps of held-out seeds")
    axes.plot(SIM.keys(), SIM.values(), "o-", color="tab:blue", label="sim, tasks solved")
    axes.plot(HELD_OUT.keys(), HELD_OUT.values(), "s-", color="tab:orange", label="sim in held-out wordings")
    axes.set(xlabel="tokens seen, millions", ylabel="%", ylim=(0, 100))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", fontsize=8)
    figure.tight_layout()
    figure.savefig(arguments.out, metadata={"Date": None})


if __name__ == "__main__":
    main()
