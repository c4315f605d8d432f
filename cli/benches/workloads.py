"""Writes request files for `deftly bench sessions` from this repository's own documents.

    python cli/benches/workloads.py documents > documents.jsonl   summaries and questions over 700 to 2,000 tokens
    python cli/benches/workloads.py random > random.jsonl         words without order, where nothing can be guessed
"""

import json
import random
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "BENCHMARKS.md", "models/README.md", "train/README.md"]
ASKED = [
    "Summarise the document. Keep its words where you can.",
    "Quote the three sentences that matter most.",
    "Which commands does the document name? Write each with what it does.",
]


def request(session: str, step: int, document: str, asked: str, tokens: int) -> dict:
    prompt = f"<|im_start|>user\n{document}\n\n{asked}<|im_end|>\n<|im_start|>assistant\n"
    return {"session": session, "step": step, "prompt": prompt, "n_predict": tokens}


def documents():
    """Parts of the documents, of 2,800 to 6,000 characters, each asked about in three ways."""
    for name in DOCUMENTS:
        text = (ROOT / name).read_text()
        for start in range(0, len(text), 6000):
            part = text[start : start + 6000]
            if len(part) >= 2800:
                yield from (request(f"{name}:{start}", step, part, asked, 96) for step, asked in enumerate(ASKED))


def unordered():
    """Serve these with `--temperature 1.5`: the replies are as random as the prompts."""
    words = sorted({word for name in DOCUMENTS for word in (ROOT / name).read_text().split()})
    draw = random.Random(1)
    for step in range(20):
        yield request("random", step, " ".join(draw.choices(words, k=120)), "Go on.", 64)


if __name__ == "__main__":
    kinds = {"documents": documents, "random": unordered}
    if len(sys.argv) != 2 or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    for line in kinds[sys.argv[1]]():
        print(json.dumps(line))
