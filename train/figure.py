"""Draws how the replies get better with the tokens seen.

    python figure.py --checkpoint out/checkpoint.pt --out ../models/training.svg   (needs `pip install matplotlib`)
"""

import argparse
from pathlib import Path

import matplotlib
import torch

matplotlib.use("svg")
from matplotlib import pyplot as plt

# The `sim` suite, seeds 901 and 902, by millions of tokens seen, where a file was evaluated.
SIM = {17.5: 46.6, 32.8: 80.6, 40.3: 79.6, 65.0: 90.8, 82.9: 91.3, 111.6: 94.7}
HELD_OUT = {32.8: 35.9, 40.3: 36.4, 65.0: 61.2, 82.9: 72.8, 111.6: 77.7}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    log = torch.load(arguments.checkpoint, map_location="cpu", weights_only=False)["state"]["log"]
    steps = [(row["tokens"] / 1e6, 100 * row["exact"]) for row in log if row["stage"] == "trajectories"]
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
