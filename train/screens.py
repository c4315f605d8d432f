"""Synthetic screens: small, endless lessons in reading a screen, written in the compact dialect.

They teach what every goal needs and no single app shows often enough: find the line that the goal means, copy its
label, see from its state or from the steps so far whether there is anything left to do. Labels are drawn from a word
list and from random letters, so that they must be looked up and cannot be remembered.
"""

import json
import random
from pathlib import Path

PRESSABLE = ["button", "row", "tab", "radio", "row", "button"]
# Of the lessons: in how many all rows are recalled, and in how many a goal's labels are pressed in its order.
RECALL_SHARE, ORDER_SHARE = 0.08, 0.2
APPS = ["Settings", "Contacts", "Messages", "Clock", "Calendar", "Notes", "Files", "Shop", "Music", "Maps", "Camera"]


class Words:
    """What labels and goals are made of. `without` names an app that no lesson may mention."""

    def __init__(self, path: Path, without: str | None = None):
        self.apps = [app for app in APPS if app != without]
        lines = [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]
        self.words = sorted({word for line in lines for word in line if word.isalpha() and len(word) > 1})

    def label(self, rng: random.Random) -> str:
        kind = rng.random()
        if kind < 0.15:
            return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(3, 8))).capitalize()
        if kind < 0.2:
            return f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}"
        if kind < 0.23:
            return f"${rng.randint(1, 400)}.{rng.randint(0, 99):02}"
        if kind < 0.27:
            return f"{rng.choice(self.words)}_{rng.randint(1, 99)}.{rng.choice(['pdf', 'txt', 'jpg', 'mp3'])}"
        words = [rng.choice(self.words) for _ in range(rng.choice([1, 1, 2, 2, 2, 3]))]
        if rng.random() < 0.4:
            return " ".join(word.capitalize() for word in words)
        return " ".join([words[0].capitalize(), *words[1:]])

    def phrase(self, rng: random.Random) -> str:
        if rng.random() < 0.25:
            return str(rng.randint(1, 9999))
        text = " ".join(rng.choice(self.words) for _ in range(rng.randint(1, 4)))
        return text.capitalize() if rng.random() < 0.5 else text


def quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def reply(**fields) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


class Line:
    """One element: what the prompt shows of it, and what can be done to it."""

    def __init__(self, role: str, label: str, on: bool | None = None, value: str | None = None):
        self.role, self.label, self.on, self.value = role, label, on, value
        self.id = 0

    @property
    def title(self) -> str:
        return self.label.split(", ")[0]

    def text(self, rng: random.Random) -> str:
        if self.role == "text":
            return f"text {quote(self.label)}"
        out = f"{self.id} {self.role}"
        if self.role != "list":
            out += f" {quote(self.label)}"
        if self.role == "field":
            out += f" {quote(self.value)}" if self.value else " empty"
        if self.on is not None:
            out += " on" if self.on else " off"
        if self.role == "tab" and rng.random() < 0.25:
            out += " selected"
        return out


def tap(line: Line) -> str:
    return reply(action="tap", label=line.label, id=line.id)


def screen_lines(words: Words, rng: random.Random, count: int) -> list[Line]:
    lines, seen = [], set()
    while len(lines) < count:
        role = rng.choice(["button", "row", "row", "row", "switch", "checkbox", "tab", "field", "text", "row", "radio"])
        label = words.label(rng)
        if label.lower() in seen:
            continue
        seen.add(label.lower())
        on = rng.random() < 0.5 if role in ("switch", "checkbox", "radio") else None
        if role == "row" and rng.random() < 0.5:
            label += ", " + (words.label(rng) if rng.random() < 0.7 else rng.choice(["On", "Off"]))
        value = words.phrase(rng) if role == "field" and rng.random() < 0.3 else None
        lines.append(Line(role, label, on, value))
    if rng.random() < 0.4:
        lines.insert(rng.randint(0, 2), Line("list", ""))
    return lines


def number(lines: list[Line]) -> None:
    next_id = 1
    for line in lines:
        if line.role != "text":
            line.id = next_id
        next_id += 1


def spoken(label: str, rng: random.Random) -> str:
    """A label as a person writes it in a goal."""
    kind = rng.random()
    if kind < 0.45:
        return label
    if kind < 0.85:
        return label.lower()
    return f'"{label}"'


VERBS = {
    "tap": ["Tap {}", "Press {}", "Open {}", "Go to {}", "Select {}", "Choose {}", "Please tap on {}", "Show {}", "Pick {}"],
    "on": ["Turn on {}", "Enable {}", "Switch {} on", "Turn {} on", "Activate {}", "I want {} on", "Make sure {} is on"],
    "off": ["Turn off {}", "Disable {}", "Switch {} off", "Turn {} off", "Deactivate {}", "Make sure {} is off"],
    "type": ["Type {1} into {0}", "Enter {1} in {0}", "Set {0} to {1}", "Write {1} in the {0} field", "Put {1} as {0}"],
    "hold": ["Long press {}", "Hold {}", "Press and hold {}"],
    "ask": ["What is {}?", "What does {} say?", "Tell me {}", "What is the value of {}?", "Read {}"],
    "open": ["Open {}", "Start {}", "Launch {}", "Open the {} app", "Go to the {} app"],
    "both": ["Tap {0} and then {1}", "First {0}, then {1}", "Open {0} and select {1}", "Press {0}, then press {1}"],
    "row": ["Open {}", "Delete {}", "Remove {}", "Move {} to {t}", "Change {} to {t}", "Repeat {} on {d}", "Rename {} to {w}", "Edit {}", "{} should be at {t} instead"],
    "new": ["New {0} at {1}", "Set a {0} for {1}", "Add a {0} at {1}", "Create a {0} that starts at {1}", "I need a {0} at {1}"],
    "start": [
        "Start {} minutes", "Set {} minutes", "Count down {} minutes", "{} minutes", "{} min, please", "I need {} minutes",
    ],
    "count": ["How many {0} are {1}?", "Count the {0} that are {1}", "How many of my {0} are {1}?", "Number of {0} {1}"],
    "save": ["Set {0} to {1} and save", "Enter {1} in {0}, then press {2}", "Change {0} to {1} and tap {2}"],
}


def history_line(words: Words, rng: random.Random) -> str:
    return rng.choice(
        [f"tap {quote(words.label(rng))}", f"open_app {quote(rng.choice(words.apps))}", "scroll down", "back", f"tap {quote(words.label(rng))}"]
    )


def middle_lesson(words: Words, rng: random.Random, largest: int) -> tuple[str, list[Line], str]:
    """Goal, lines and reply where the goal names a later part of a row: only what stands behind a row's beginning tells
    the rows apart, and the reply starts with that beginning."""
    times, kind = rng.random() < 0.6, words.label(rng).lower()

    def beginning() -> str:
        return time_of_day(rng) if times else words.label(rng)

    lines, parts = [], []
    for _ in range(rng.randint(2, max(2, min(7, largest // 2)))):
        part = [beginning(), words.label(rng), *rng.choice([[], [], ["Once"], ["Weekdays"], [words.label(rng)]])]
        parts.append(part)
        lines.append(Line("row", ", ".join(part)))
        if times and rng.random() < 0.7:
            lines.append(Line("switch", f"{part[0]} {kind}", rng.random() < 0.5))
    wanted = rng.randrange(len(parts))
    row = next(line for line in lines if line.label == ", ".join(parts[wanted]))
    lines += [Line(rng.choice(["tab", "button"]), words.label(rng)) for _ in range(rng.randint(0, 4))]
    number(lines)
    key = spoken(parts[wanted][1], rng)
    if rng.random() < 0.5:
        form = rng.choice(["When is {}?", "What time is {} set for?", "Time of {}", "What belongs to {}?", "Look up {}"])
        return form.format(key), lines, reply(action="answer", text=parts[wanted][0])
    said = rng.choice(["the {t} {k}", "my {t} {k}", "the {k} {t}", "the {k} called {t}", "{t}"]).format(t=key, k=kind)
    goal = fill_time(rng.choice(VERBS["row"]), said, words, rng) if times else rng.choice(VERBS["tap"]).format(key)
    return goal, lines, tap(row)


def time_of_day(rng: random.Random) -> str:
    return f"{rng.randint(1, 12)}:{rng.randrange(0, 60, 5):02} {rng.choice(['AM', 'PM'])}"


def times_lesson(words: Words, rng: random.Random) -> tuple[str, list[Line], str]:
    """Goal, lines and reply on a screen whose rows begin with times that are easily confused, with or without switches,
    among tabs and a button for one more: only the goal tells which of all these is meant, or that none is."""
    kind = words.label(rng).lower()
    first = time_of_day(rng)
    hour, minute, half = first[:-6], first[-5:-3], first[-2:]
    times, count = [first], rng.randint(2, 7)
    while len(times) < count:
        other = time_of_day(rng)
        if rng.random() < 0.6:
            other = rng.choice([f"{hour}:{other[-5:]}", f"{other[:-6]}:{minute} {half}", f"{hour}:{minute} {other[-2:]}"])
        if other not in times:
            times.append(other)
    absent = times.pop() if len(times) > 2 and rng.random() < 0.15 else None
    rng.shuffle(times)
    switched, role, label = rng.random() < 0.7, rng.choice(["row", "row", "button"]), rng.choice(["{t} {k}", "{t}"])
    rows, switches = [], []
    lines = [Line("text", words.label(rng))] if rng.random() < 0.5 else []
    for time in times:
        parts = [time, *([words.label(rng)] if rng.random() < 0.7 else []), rng.choice(["Once", "Weekdays", "Every day", "Mon Wed"])]
        rows.append(Line(role, ", ".join(parts)))
        lines.append(rows[-1])
        if switched:
            switches.append(Line("switch", label.format(t=time, k=kind), rng.random() < 0.5))
            lines.append(switches[-1])
    tabs = [Line("tab", words.label(rng)) for _ in range(rng.choice([0, 2, 3, 4]))]
    add = Line("button", rng.choice([f"Add {kind}", f"New {kind}", f"Create {kind}", "Add", "New"]))
    for part in (tabs, [add]):
        at = rng.choice([0, len(lines)])
        lines[at:at] = part
    number(lines)
    if absent:
        form = rng.choice(VERBS[rng.choice(["row", "on", "off"])])
        return fill_time(form, f"the {absent} {kind}", words, rng), lines, reply(action="done", status="infeasible")
    wanted = rng.randrange(len(times))
    said = rng.choice(["the {t} {k}", "my {t} {k}", "the {k} at {t}", "{t}"]).format(t=times[wanted], k=kind)
    choice = rng.random()
    if choice < 0.45 and switches:
        right = rng.random() < 0.2
        on = switches[wanted].on == right
        answer = reply(action="done", status="complete") if right else tap(switches[wanted])
        return rng.choice(VERBS["on" if on else "off"]).format(said), lines, answer
    if choice < 0.7:
        return fill_time(rng.choice(VERBS["row"]), said, words, rng), lines, tap(rows[wanted])
    if choice < 0.87 and tabs:
        tab = rng.choice(tabs)
        form = rng.choice(["Start the {}", "Set the {} to 20", "Add {w} to the {}", "Show the {}", "{}: remove {w}", "Go to {}", "{} for 15 minutes"])
        return form.format(spoken(tab.label, rng), w=words.label(rng)), lines, tap(tab)
    return rng.choice(VERBS["new"]).format(kind, time_of_day(rng)), lines, tap(add)


def fill_time(form: str, said: str, words: Words, rng: random.Random) -> str:
    """The goal about a thing at a time, which may name another time, a day or a label as well."""
    return form.format(said, t=time_of_day(rng), d=rng.choice(["Monday", "Wednesday", "Saturday", "Sunday"]), w=words.label(rng))


def stepper_lesson(words: Words, rng: random.Random) -> tuple[str, list[Line], str]:
    """Goal, lines and reply where a number is moved to the goal's with buttons of two step widths."""
    small, large = rng.choice([(1, 5), (1, 5), (1, 5), (1, 10)])
    now, goal = rng.randint(1, 60), rng.randint(1, 60)
    if rng.random() < 0.5:
        goal = max(1, now + rng.randint(-7, 7))
    forms = ["{sign}{n} min", "{sign}{n} min", "{name} {n}", "{sign}{n}", "{name} {n} min"]
    if rng.random() < 0.6:
        forms = [rng.choice(forms)]
    missing = goal - now
    press = 0
    if missing:
        press = (large if abs(missing) >= large else small) * (1 if missing > 0 else -1)
    steps = [-large, -small, small, large]
    if rng.random() < 0.3:
        steps = [small, -small, large, -large]
    button = {
        n: Line("button", rng.choice(forms).format(sign="+" if n > 0 else "-", name="Plus" if n > 0 else "Minus", n=abs(n))) for n in steps
    }
    button[0] = Line("button", rng.choice(["Start", "Start now", "Go", "Begin"]))
    lines = [Line("text", words.label(rng)), Line("text", f"{now} min"), *button.values()]
    lines += [Line("tab", words.label(rng)) for _ in range(rng.randint(0, 4))]
    number(lines)
    return rng.choice(VERBS["start"]).format(goal), lines, tap(button[press])


def count_lesson(words: Words, rng: random.Random) -> tuple[str, list[Line], str]:
    """Goal, lines and reply where the switches that are on, or off, are counted."""
    kind = words.label(rng).lower()
    role = rng.choice(["switch", "switch", "checkbox"])
    likely, in_rows = rng.random(), rng.random() < 0.5
    lines = [Line("text", kind.capitalize())]
    for _ in range(rng.randint(1, 8)):
        label = words.label(rng)
        if in_rows:
            lines.append(Line("row", ", ".join([label, words.label(rng), *rng.choice([[], [words.label(rng)]])])))
            label += rng.choice(["", f" {kind}"])
        lines.append(Line(role, label, rng.random() < likely))
    wanted = rng.random() < 0.7
    count = sum(line.on == wanted for line in lines)
    lines += [Line(rng.choice(["tab", "button"]), words.label(rng)) for _ in range(rng.randint(0, 5))]
    number(lines)
    state = rng.choice(["on", "turned on", "switched on", "active"] if wanted else ["off", "turned off", "switched off"])
    return rng.choice(VERBS["count"]).format(kind, state), lines, reply(action="answer", text=str(count))


def confusable(words: Words, rng: random.Random, count: int) -> list[str]:
    """Names of one kind that share most of their parts, so that only all of a name tells which it is."""

    def name(kind: int) -> str:
        if kind < 4:
            return f"{rng.choice(some_hours)}:{rng.choice(some_minutes):02} {rng.choice(['AM', 'PM'])}"
        if kind == 4:
            return f"{rng.randint(0, 23):02}:{rng.randrange(0, 60, 5):02}"
        if kind == 5:
            return f"{rng.randint(1, 30)} {rng.choice(['January', 'March', 'June', 'October'])}"
        if kind == 6:
            return f"{some[0]} {rng.choice(some)} {rng.choice(some)}"
        if kind == 7:
            return f"{rng.choice(some)}_{rng.randint(1, 4)}{rng.randint(0, 3)}.{rng.choice(['pdf', 'txt', 'jpg'])}"
        return "".join(str(rng.randint(0, 9)) for _ in range(rng.randint(4, 7)))

    some = [words.label(rng) for _ in range(3)]
    some_hours, some_minutes = rng.sample(range(1, 13), 4), rng.sample(range(0, 60, 5), 3)
    kind = rng.randrange(9)
    names: dict[str, None] = {}
    for _ in range(8 * count):
        if len(names) < count:
            names[name(kind)] = None
    return list(names)


def recall_sample(words: Words, rng: random.Random) -> tuple[str, str]:
    """Rows whose beginnings are easily confused, and then every row again in another order: what follows a beginning of
    several tokens, many times over in one example."""
    lines = [Line("text", words.label(rng))] if rng.random() < 0.5 else []
    switched, kind = rng.random() < 0.4, words.label(rng).lower()
    for name in confusable(words, rng, rng.randint(4, 10)):
        lines.append(Line("row", ", ".join([name, *(words.label(rng) for _ in range(rng.choice([1, 1, 2])))])))
        if switched:
            lines.append(Line("switch", f"{name} {kind}", rng.random() < 0.5))
    number(lines)
    rows = [line for line in lines if line.role != "text"]
    user = f"Screen: {rng.choice(words.apps)}\n" + "\n".join(line.text(rng) for line in lines)
    rng.shuffle(rows)
    return user, "\n".join(tap(line) for line in rows)


def order_sample(words: Words, rng: random.Random) -> tuple[str, str]:
    """A goal that names many labels as people write them, and the presses in its order: which label a name means, for
    all words alike and many times over in one example."""
    lines = screen_lines(words, rng, rng.randint(6, 12))
    number(lines)
    wanted = [line for line in lines if line.role in PRESSABLE]
    if not wanted:
        return order_sample(words, rng)
    rng.shuffle(wanted)
    goal = rng.choice(["", "Tap ", "Press ", "Open ", "Start the "]) + ", ".join(spoken(line.title, rng) for line in wanted)
    user = f"Goal: {goal}\nScreen: {rng.choice(words.apps)}\n" + "\n".join(line.text(rng) for line in lines)
    return user, "\n".join(tap(line) for line in wanted)


def sample(words: Words, rng: random.Random, largest: int = 20) -> tuple[str, str]:
    """One lesson: the user message and the right reply."""
    dense = rng.random()
    if dense < RECALL_SHARE + ORDER_SHARE:
        return recall_sample(words, rng) if dense < RECALL_SHARE else order_sample(words, rng)
    lines = screen_lines(words, rng, rng.randint(2, largest))
    history = [history_line(words, rng) for _ in range(rng.choice([0, 0, 0, 1, 1, 2, 3]))]
    number(lines)
    kinds = ["tap"] * 5 + ["both", "both", "open", "ask", "ask", "missing"] + ["scroll"] * 3 + ["middle"] * 3 + ["times"] * 14 + ["stepper"] * 6 + ["count"] * 3
    toggles = [x for x in lines if x.role in ("switch", "checkbox")]
    fields = [x for x in lines if x.role == "field"]
    kinds += ["toggle"] * (4 if toggles else 0) + ["type"] * (3 if fields else 0) + ["save"] * (3 if fields else 0)
    pressable = [x for x in lines if x.role in PRESSABLE]
    if not pressable:
        return sample(words, rng, largest)
    kind = rng.choice(kinds)
    app = rng.choice(words.apps)
    done = reply(action="done", status="complete")

    def say(key: str, *args: str) -> str:
        return rng.choice(VERBS[key]).format(*args)
    if kind == "tap":
        line = rng.choice(pressable)
        if rng.random() < 0.15:
            goal, answer = say("hold", spoken(line.title, rng)), reply(action="long_press", label=line.label, id=line.id)
        else:
            goal, answer = say("tap", spoken(line.title, rng)), tap(line)
            if rng.random() < 0.25:
                history.append(f"tap {quote(line.label)}")
                answer = done
                if rng.random() < 0.3:
                    history[-1] += " -> nothing changed"
                    answer = tap(line)
                else:
                    lines = screen_lines(words, rng, rng.randint(2, largest))
                    number(lines)
    elif kind == "middle":
        goal, lines, answer = middle_lesson(words, rng, largest)
    elif kind == "times":
        goal, lines, answer = times_lesson(words, rng)
    elif kind == "stepper":
        goal, lines, answer = stepper_lesson(words, rng)
    elif kind == "count":
        goal, lines, answer = count_lesson(words, rng)
    elif kind == "both":
        first, second = (rng.choice(pressable) for _ in range(2))
        goal = say("both", spoken(first.title, rng), spoken(second.title, rng))
        stage = rng.randint(0, 2)
        if stage == 0:
            lines, answer = [x for x in lines if x is not second or second is first], None
            number(lines)
            answer = tap(first)
        elif stage == 1:
            history.append(f"tap {quote(first.label)}")
            answer = tap(second)
        else:
            history += [f"tap {quote(first.label)}", f"tap {quote(second.label)}"]
            answer = done
    elif kind == "open":
        name = rng.choice(words.apps)
        goal = say("open", spoken(name, rng))
        if rng.random() < 0.3:
            history.append(f"open_app {quote(name)}")
            app, answer = name, done
        else:
            app = rng.choice([x for x in words.apps + ["Home"] * 6 if x != name])
            answer = reply(action="open_app", name=name)
    elif kind in ("scroll", "missing"):
        goal = say("tap", spoken(words.label(rng), rng))
        if not any(x.role == "list" for x in lines):
            lines.insert(0, Line("list", ""))
            number(lines)
        answer = reply(action="scroll", direction="down")
        if kind == "missing":
            history += ["scroll down"] * rng.randint(1, 3) + ["scroll down -> nothing changed"]
            answer = reply(action="done", status="infeasible")
    elif kind == "ask":
        line, value = rng.choice(pressable), words.label(rng)
        line.role, line.on = rng.choice(["row", "text"]), None
        line.label = f"{line.title}, {value}"
        number(lines)
        goal, answer = say("ask", spoken(line.title, rng)), reply(action="answer", text=value)
    elif kind == "toggle":
        line, wanted = rng.choice(toggles), rng.random() < 0.5
        goal = say("on" if wanted else "off", spoken(line.title, rng))
        if line.on != wanted:
            answer = tap(line)
        else:
            answer = done
            if rng.random() < 0.7:
                history.append(f"tap {quote(line.label)}")
    elif kind == "type":
        line, text = rng.choice(fields), words.phrase(rng)
        goal = say("type", spoken(line.title, rng), f'"{text}"' if rng.random() < 0.3 else text)
        if rng.random() < 0.4:
            line.value = text
            history.append(f"type {quote(line.label)} {quote(text)}")
            answer = done
        else:
            clear = {"clear": True} if line.value else {}
            answer = reply(action="type", label=line.label, id=line.id, text=text, **clear)
    else:
        line, text = rng.choice(fields), words.phrase(rng)
        save = rng.choice(pressable)
        save.role = "button"
        save.label = rng.choice(["Save", "Done", "OK", "Apply", save.title])
        goal = say("save", spoken(line.title, rng), text, save.label)
        if "{2}" not in goal and save.label not in goal:
            save.label = "Save"
        stage = rng.randint(0, 2)
        if stage == 0:
            clear = {"clear": True} if line.value else {}
            answer = reply(action="type", label=line.label, id=line.id, text=text, **clear)
        elif stage == 1:
            line.value = text
            history.append(f"type {quote(line.label)} {quote(text)}")
            answer = tap(save)
        else:
            history += [f"type {quote(line.label)} {quote(text)}", f"tap {quote(save.label)}"]
            lines = screen_lines(words, rng, rng.randint(2, largest))
            number(lines)
            answer = done

    user = f"Goal: {goal}\n"
    if history:
        user += "Steps:\n" + "\n".join(history) + "\n"
    user += f"Screen: {app}" + (", keyboard" if rng.random() < 0.1 else "") + "\n"
    user += "\n".join(line.text(rng) for line in lines)
    return user, answer
