"""Trains the embedded model from random weights, in stages, resumable at any moment.

    python train.py --out out --tokenizer out/tokenizer.json --trajectories out/sim=3 out/apps=1 --minutes 120

Stages, each ended when it is solved (or when its share of the time is used up):
  copy          repeated random tokens: the network learns to copy
  screens       synthetic screens (screens.py): the network learns to read a screen
  trajectories  oracle trajectories of the simulated phone, with some synthetic screens left in

Stop it at any time (Ctrl-C, a power cut): the same command goes on from the last checkpoint. New trajectory files
that appear in a folder are picked up while it runs; write them under another name and rename them when complete. The
same script runs on a CPU and on a GPU. On a CPU one process uses one core well and a second one hardly: with
`--processes 2` each takes a batch of its own, and their gradients are averaged.
"""

import argparse
import json
import math
import os
import random
import signal
import socket
import time
from pathlib import Path

import torch
import torch._dynamo
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F

import screens
import tokenizer as tok
from model import Config, Model
from muon import Muon

STAGES = ["copy", "screens", "trajectories"]
# Reply exactly right, every token, on lessons not seen in training.
SOLVED = {"copy": 0.95, "screens": 0.93, "trajectories": 2.0}
# The part of the whole time that a stage may take at most.
SHARE = {"copy": 0.05, "screens": 0.4, "trajectories": 1.0}
# Seconds between two looks for new trajectory files.
LOOK_SECONDS = 120


class Example:
    __slots__ = ("ids", "start")

    def __init__(self, ids: list[int], start: int):
        self.ids, self.start = ids, start


class Pool:
    """The steps of one folder of trajectory files, each drawn once before any is drawn again."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.known: set[Path] = set()
        self.rows: list[bytes] = []
        self.left: list[bytes] = []

    def look(self, rng: random.Random) -> None:
        """Reads the files that are new; their steps are drawn among what is left."""
        for path in sorted(self.folder.glob("*.jsonl")):
            if path in self.known:
                continue
            self.known.add(path)
            new = path.read_bytes().splitlines()
            self.rows += new
            self.left += new
            rng.shuffle(self.left)
            print(f"{path}: {len(new)} steps", flush=True)

    def draw(self, rng: random.Random) -> tuple[str, str]:
        if not self.left:
            self.left = self.rows.copy()
            rng.shuffle(self.left)
        row = json.loads(self.left.pop())
        return row["user"], row["reply"]


class Source:
    """An endless stream of examples of a stage."""

    def __init__(self, tokenizer, words: screens.Words, mix: dict[Path, float], seed: int, longest: int, share: float):
        self.tokenizer, self.words, self.longest, self.screens_share = tokenizer, words, longest, share
        self.rng = random.Random(seed)
        self.pools = {Pool(folder): weight for folder, weight in mix.items()}
        self.looked = 0.0
        self.level = 3

    def encode(self, user: str, reply: str) -> Example:
        prompt = [tok.BEGIN, *self.tokenizer.encode(user + "\n").ids, tok.REPLY]
        return Example(prompt + self.tokenizer.encode(reply).ids + [tok.END], len(prompt))

    def copy(self) -> Example:
        length = self.rng.randint(8, 60)
        part = [self.rng.randrange(4, self.tokenizer.get_vocab_size()) for _ in range(length)]
        gap = [self.rng.randrange(4, self.tokenizer.get_vocab_size()) for _ in range(self.rng.randint(0, 60))]
        begin = self.rng.randrange(length // 2)
        return Example(part + gap + part[begin:], length + len(gap) + 1)

    def screen(self, largest: int) -> Example:
        return self.encode(*screens.sample(self.words, self.rng, largest))

    def trajectory(self) -> Example:
        if time.time() - self.looked > LOOK_SECONDS:
            for pool in self.pools:
                pool.look(self.rng)
            self.looked = time.time()
        filled = {pool: weight for pool, weight in self.pools.items() if pool.rows}
        if not filled:
            return self.screen(20)
        pool = self.rng.choices(list(filled), list(filled.values()))[0]
        return self.encode(*pool.draw(self.rng))

    def next(self, stage: str) -> Example:
        while True:
            if stage == "copy":
                example = self.copy()
            elif stage == "screens":
                example = self.copy() if self.rng.random() < 0.03 else self.screen(self.rng.randint(3, self.level))
            else:
                synthetic = self.rng.random() < self.screens_share
                example = self.screen(20) if synthetic else self.trajectory()
            if len(example.ids) <= self.longest:
                return example

    def batches(self, stage: str, tokens: int):
        """Batches of examples of similar length, about `tokens` tokens each, padded."""
        while True:
            pool = sorted((self.next(stage) for _ in range(384)), key=lambda e: len(e.ids))
            groups, group = [], []
            for example in pool:
                group.append(example)
                if len(example.ids) * len(group) >= tokens:
                    groups.append(group)
                    group = []
            if group:
                groups.append(group)
            self.rng.shuffle(groups)
            yield from groups


def collate(group: list[Example], rng: random.Random, prompt_share: float, device: str):
    """Tokens [B, T] and the positions (row, column) whose next token is to be predicted, with weights."""
    length = -(-max(len(e.ids) for e in group) // 32) * 32
    tokens = torch.full((len(group), length), tok.PAD, dtype=torch.long)
    rows, columns, weights = [], [], []
    for row, example in enumerate(group):
        tokens[row, : len(example.ids)] = torch.tensor(example.ids)
        for column in range(len(example.ids) - 1):
            in_reply = column >= example.start - 1
            if in_reply or rng.random() < prompt_share:
                rows.append(row)
                columns.append(column)
                weights.append(1.0 if in_reply else 0.3)
    return tokens.to(device), torch.tensor(rows), torch.tensor(columns), torch.tensor(weights, device=device)


def loss_of(model: Model, batch) -> torch.Tensor:
    tokens, rows, columns, weights = batch
    hidden = model.hidden(tokens, (rows, columns))
    losses = F.cross_entropy(model.logits(hidden).float(), tokens[rows, columns + 1], reduction="none")
    return (losses * weights).sum() / weights.sum()


@torch.no_grad()
def exact(model: Model, examples: list[Example], device: str) -> float:
    """The share of examples whose every reply token is the model's first choice."""
    right = 0
    ordered = sorted(examples, key=lambda e: len(e.ids))
    for at in range(0, len(ordered), 16):
        group = ordered[at : at + 16]
        tokens, rows, columns, _ = collate(group, random.Random(0), 0.0, device)
        choice = model.logits(model.hidden(tokens, (rows, columns))).argmax(-1)
        wrong = {int(r) for r, ok in zip(rows, (choice == tokens[rows, columns + 1]).tolist()) if not ok}
        right += len(group) - len(wrong)
    return right / len(examples)


class Team:
    """The processes that train together, or one alone. What `mean` returns is the same in all of them."""

    def __init__(self, rank: int, size: int, port: int):
        self.rank, self.size = rank, size
        if size > 1:
            dist.init_process_group("gloo", f"tcp://127.0.0.1:{port}", rank=rank, world_size=size)

    def mean(self, values: list[float]) -> list[float]:
        if self.size == 1:
            return values
        shared = torch.tensor(values, dtype=torch.float64)
        dist.all_reduce(shared)
        return (shared / self.size).tolist()

    def average_gradients(self, parameters: list[torch.nn.Parameter]) -> None:
        if self.size == 1:
            return
        shared = torch.cat([p.grad.flatten() for p in parameters])
        dist.all_reduce(shared)
        shared /= self.size
        for p, part in zip(parameters, shared.split([p.numel() for p in parameters])):
            p.grad.copy_(part.view_as(p))

    def say(self, text: str) -> None:
        if self.rank == 0:
            print(text, flush=True)


class Run:
    """What a checkpoint holds, and the loop that moves it on."""

    def __init__(self, arguments, team: Team):
        self.a = arguments
        self.team = team
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.bfloat16 = arguments.bfloat16 or self.device == "cuda"
        self.tokenizer = tok.load(arguments.tokenizer)
        vocabulary = -(-self.tokenizer.get_vocab_size() // 64) * 64
        config = Config(vocabulary, arguments.width, arguments.layers, arguments.heads, arguments.feed_forward)
        words = screens.Words(Path(screens.__file__).with_name("words.txt"), arguments.without)
        self.source = Source(self.tokenizer, words, dict(arguments.trajectories), int(time.time()) + 7919 * self.team.rank, arguments.longest, arguments.screens_share)
        self.check = Source(self.tokenizer, words, {}, 12345, arguments.longest, arguments.screens_share)
        torch.manual_seed(arguments.seed)
        self.model = Model(config, self.token_texts()).to(self.device)
        if arguments.compile:
            # The last block is another program, for the positions that are predicted.
            torch._dynamo.config.recompile_limit = 32
            for block in self.model.blocks[:-1]:
                block.compile(dynamic=True)
        embedding = self.model.embedding.weight
        matrices = [p for p in self.model.parameters() if p.dim() == 2 and p is not embedding]
        scales = [p for p in self.model.parameters() if p.dim() < 2]
        rest = [{"params": [embedding], "weight_decay": 0.05}, {"params": scales, "weight_decay": 0.0}]
        self.optimizers = [
            Muon(matrices, lr=arguments.rate, weight_decay=0.05, precision=torch.bfloat16 if self.bfloat16 else torch.float32),
            torch.optim.AdamW(rest, lr=arguments.rate, betas=(0.9, 0.98), fused=True),
        ]
        self.state = {"stage": 0, "step": 0, "tokens": 0, "seconds": 0.0, "stage_seconds": 0.0, "level": 3, "log": []}
        self.path = arguments.out / "checkpoint.pt"
        if self.path.exists():
            saved = torch.load(self.path, map_location=self.device, weights_only=False)
            self.model.load_state_dict(saved["model"])
            # A network that has just grown (grow.py) comes without.
            for optimizer, state in zip(self.optimizers, saved.get("optimizers", [])):
                optimizer.load_state_dict(state)
            self.state = saved["state"]
        # A finished run that is given more time goes on in its last stage.
        wanted = STAGES.index(arguments.stage) if arguments.stage else min(self.state["stage"], len(STAGES) - 1)
        if self.state["stage"] != wanted:
            self.state.update(stage=wanted, stage_seconds=0.0)
        if self.state["step"]:
            self.team.say(f"resumed at step {self.state['step']}, stage {STAGES[wanted]}")

    def token_texts(self) -> list[str]:
        texts = [""] * self.tokenizer.get_vocab_size()
        for text, index in self.tokenizer.get_vocab().items():
            texts[index] = text
        return texts

    def save(self) -> None:
        if self.team.rank:
            return
        self.a.out.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")
        torch.save(
            {
                "model": self.model.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
                "state": self.state,
                "config": self.model.config.to_dict(),
            },
            partial,
        )
        os.replace(partial, self.path)

    def rate(self) -> float:
        """Warm-up, then constant, then down to zero over the last part of the time."""
        total = self.a.minutes * 60
        left = max(0.0, 1 - self.state["seconds"] / total)
        return self.a.rate * min(1.0, (self.state["step"] + 1) / 100) * min(1.0, left / self.a.cooldown + 0.02)

    def check_examples(self, stage: str) -> list[Example]:
        if stage == "trajectories" and self.a.held_out:
            rows = [json.loads(line) for line in self.a.held_out.read_text().splitlines()]
            random.Random(1).shuffle(rows)
            return [self.check.encode(row["user"], row["reply"]) for row in rows[:256]]
        self.check.rng = random.Random(12345)
        self.check.level = self.state["level"]
        return [self.check.next(stage) for _ in range(192)]

    def go(self) -> None:
        stopping = []
        signal.signal(signal.SIGINT, lambda *_: stopping.append(1))
        signal.signal(signal.SIGTERM, lambda *_: stopping.append(1))
        while self.state["stage"] < len(STAGES) and self.state["seconds"] < self.a.minutes * 60:
            self.stage(STAGES[self.state["stage"]], stopping)
            if self.team.mean([len(stopping)])[0]:
                stopping.append(1)
                break
        self.save()
        self.team.say("stopped; the same command goes on" if stopping else "finished")

    def stage(self, stage: str, stopping: list) -> None:
        """Trains until the stage is solved, its time is used up, or the run is stopped.

        Everything that is decided here comes from numbers that the team shares, so that all its processes decide alike.
        """
        state, team, mean = self.state, self.team, None
        parameters = list(self.model.parameters())
        self.source.level = state["level"]
        since_check = since_save = 0.0
        last = time.time()
        for group in self.source.batches(stage, self.a.batch_tokens):
            batch = collate(group, self.source.rng, self.a.prompt_share, self.device)
            for options in (options for optimizer in self.optimizers for options in optimizer.param_groups):
                options["lr"] = self.rate()
            with torch.autocast(self.device, torch.bfloat16, enabled=self.bfloat16):
                loss = loss_of(self.model, batch)
            loss.backward()
            team.average_gradients(parameters)
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            for optimizer in self.optimizers:
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)

            now = time.time()
            seconds, stops, tokens, losses = team.mean([now - last, len(stopping), batch[0].numel(), loss.item()])
            last = now
            state["step"] += 1
            state["tokens"] += round(tokens * team.size)
            state["seconds"] += seconds
            state["stage_seconds"] += seconds
            since_check += seconds
            since_save += seconds
            mean = losses if mean is None else 0.98 * mean + 0.02 * losses
            over = state["seconds"] >= self.a.minutes * 60 or state["stage_seconds"] >= SHARE[stage] * self.a.minutes * 60
            if since_check > self.a.check_seconds or over:
                accuracy = self.accuracy(stage)
                state["log"].append({"stage": stage, "tokens": state["tokens"], "loss": mean, "exact": accuracy})
                team.say(
                    f"{stage:12} step {state['step']:6} tokens {state['tokens'] / 1e6:6.2f}M loss {mean:.3f} "
                    f"exact {accuracy:.3f} level {state['level']} rate {self.rate():.1e} {state['seconds'] / 60:.1f} min"
                )
                if stage == "screens" and accuracy > 0.8 and state["level"] < 22:
                    state["level"] = min(22, state["level"] + 4)
                    self.source.level = state["level"]
                elif accuracy >= SOLVED[stage]:
                    over = True
                since_check, last = 0.0, time.time()
            if since_save > 120:
                self.save()
                since_save, last = 0.0, time.time()
            if over:
                state["stage"] += 1
                state["stage_seconds"] = 0.0
                self.save()
                return
            if stops:
                stopping.append(1)
                return

    def accuracy(self, stage: str) -> float:
        """The share of the stage's check that is replied to exactly; every process takes its part of it."""
        examples = self.check_examples(stage)
        self.model.eval()
        part = exact(self.model, examples[self.team.rank :: self.team.size], self.device)
        self.model.train()
        return self.team.mean([part])[0]


def work(rank: int, arguments, port: int) -> None:
    """One process of the training."""
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    Run(arguments, Team(rank, arguments.processes, port)).go()


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def folder_and_weight(text: str) -> tuple[Path, float]:
    folder, _, weight = text.partition("=")
    return Path(folder), float(weight or 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument(
        "--trajectories", type=folder_and_weight, nargs="*", default=[], metavar="FOLDER[=WEIGHT]",
        help="folders of JSONL files written by deftly-trajectories, and how often each is drawn from",
    )
    parser.add_argument("--held-out", type=Path, help="JSONL of seeds that training does not see, for the check")
    parser.add_argument(
        "--screens-share", type=float, default=0.05, help="the part of the last stage that is synthetic screens"
    )
    parser.add_argument("--without", metavar="APP", help="an app that the synthetic screens never mention, to hold it out")
    parser.add_argument("--stage", choices=STAGES, help="go to this stage now")
    parser.add_argument("--minutes", type=float, default=120, help="training time in all, over all resumes")
    parser.add_argument("--cooldown", type=float, default=0.25, help="the part of the time in which the rate falls to zero")
    parser.add_argument("--width", type=int, default=160)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--heads", type=int, default=5)
    parser.add_argument("--feed-forward", type=int, default=384)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--batch-tokens", type=int, default=2048)
    parser.add_argument("--longest", type=int, default=768, help="longer examples are left out")
    parser.add_argument("--prompt-share", type=float, default=0.1, help="share of prompt tokens that are predicted too")
    parser.add_argument("--check-seconds", type=float, default=90)
    parser.add_argument("--processes", type=int, default=1, help="that train together, each with a batch of its own")
    parser.add_argument("--threads", type=int, default=0, help="of each process; 0: as many as there are cores")
    parser.add_argument("--compile", action="store_true", help="compile the blocks (a C++ compiler; 1.2 times as fast on a CPU)")
    parser.add_argument(
        "--bfloat16", action="store_true",
        help="products in bfloat16, as on a GPU always: twice as fast on a CPU that has avx512_bf16",
    )
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.processes == 1:
        work(0, arguments, 0)
        return
    arguments.threads = arguments.threads or max(1, os.cpu_count() // arguments.processes)
    context = mp.start_processes(work, (arguments, free_port()), arguments.processes, join=False, start_method="spawn")
    # Ctrl-C reaches every process of the terminal; a request to stop is passed on.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: [process.terminate() for process in context.processes])
    while not context.join():
        pass


if __name__ == "__main__":
    main()
