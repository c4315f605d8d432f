//! Says the same in other words: politeness, small talk, terseness, other verbs, slips of the finger.
//!
//! A template is a sentence with `{placeholders}`; what stands in braces is never touched, so that names and numbers
//! stay as they are.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

/// How goals are worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Wordings {
    /// The templates' own wordings.
    #[default]
    Plain,
    /// The same, said in other ways; for training.
    Varied,
    /// Wordings that training never sees; for measuring.
    HeldOut,
}

impl Wordings {
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Varied => "varied",
            Self::HeldOut => "held-out",
        }
    }
}

impl std::fmt::Display for Wordings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Wordings {
    type Err = crate::EvalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Plain, Self::Varied, Self::HeldOut]
            .into_iter()
            .find(|wordings| wordings.name() == text)
            .ok_or_else(|| crate::EvalError::NoSuchWordings { name: text.to_string() })
    }
}

/// Beginnings of requests, longest first where one begins another, and what else people say.
const VERBS: &[(&str, &[&str])] = &[
    ("Turn on ", &["Enable ", "Switch on ", "Activate ", "Start "]),
    ("Turn off ", &["Disable ", "Switch off ", "Deactivate ", "Stop "]),
    ("Switch on ", &["Turn on ", "Enable "]),
    ("Switch off ", &["Turn off ", "Disable "]),
    ("Enable ", &["Turn on ", "Switch on "]),
    ("Disable ", &["Turn off ", "Switch off "]),
    ("Delete ", &["Remove ", "Erase ", "Get rid of ", "Throw away "]),
    ("Remove ", &["Delete ", "Take away ", "Get rid of "]),
    ("Create ", &["Make ", "Add ", "Set up "]),
    ("Add ", &["Put in ", "Create "]),
    ("Open ", &["Go to ", "Show ", "Show me ", "Bring up "]),
    ("Show ", &["Open ", "Display ", "Let me see "]),
    ("Change ", &["Set ", "Alter ", "Modify "]),
    ("Set ", &["Change ", "Adjust ", "Put "]),
    ("Send ", &["Write ", "Text "]),
    ("Search for ", &["Look for ", "Find ", "Look up "]),
    ("Find ", &["Look for ", "Search for "]),
    ("Rename ", &["Change the name of ", "Give a new name to "]),
    ("Move ", &["Put ", "Bring "]),
    ("Tell me ", &["Say ", "I want to know ", "Find out "]),
    ("What is ", &["What's ", "Tell me ", "I need to know "]),
    ("How many ", &["Count how many ", "Tell me how many ", "What number of "]),
];

/// Words that stand for each other wherever they are said.
#[rustfmt::skip]
const SYNONYMS: &[&[&str]] = &[
    &[
        "delete", "remove", "erase", "get rid of", "throw away", "throw out", "clear out", "scrap", "wipe", "discard", "ditch",
        "chuck", "dump", "toss", "drop", "purge", "zap", "eliminate", "dispose of", "do away with", "take away",
    ],
    &["deleted", "removed", "erased", "thrown away", "wiped", "gone", "discarded", "scrapped", "dropped", "out of here"],
    &["turn on", "switch on", "enable", "activate", "power on", "power up", "start up", "fire up", "put on"],
    &["turn off", "switch off", "disable", "deactivate", "shut off", "shut down", "power off", "power down", "cut", "put off"],
    &["turned on", "switched on", "enabled", "active", "activated", "running", "powered on"],
    &["turned off", "switched off", "disabled", "inactive", "deactivated", "shut off", "powered down"],
    &["create", "set up", "establish", "produce", "start", "generate"],
    &["created", "made", "set up", "established"],
    &["change", "alter", "modify", "adjust", "update", "edit", "amend", "revise", "correct", "switch"],
    &["look up", "look for", "search for", "find", "find out", "locate", "hunt for", "track down", "dig up", "check"],
    &["tell me", "let me know", "give me", "show me", "report", "read me"],
    &["send", "shoot", "fire off", "deliver", "dispatch"],
    &["open", "pull up", "bring up", "go into", "go to", "enter", "visit"],
    &["put", "place", "stick", "pop"],
    &["i want", "i'd like", "i need", "i would like"],
    &["could you", "can you", "would you", "will you"],
    &["please", "kindly", "pls", "plz"],
    &["make sure", "see to it", "ensure"],
    &["now", "right now", "at once", "immediately", "straight away", "asap"],
    &["buy", "purchase", "acquire", "shop for"],
    &["price", "cost"],
    &["cart", "basket", "shopping cart", "trolley"],
    &["event", "appointment", "calendar entry", "meeting"],
    &["calendar", "agenda", "diary"],
    &["note", "memo"],
    &["conversation", "chat", "thread", "dialogue"],
    &["file", "document"],
    &["folder", "directory"],
    &["phone number", "telephone number", "digits"],
    &["email address", "e-mail", "email", "mail address"],
    &["mute", "silence", "hush", "quieten"],
    &["favorites", "favourites"],
    &["rename", "retitle", "relabel", "rechristen"],
    &["called", "named", "titled", "with the name"],
    &["bring back", "restore", "recover", "undelete", "rescue", "retrieve", "get back"],
    &["location", "venue"],
    &["big", "large"],
    &["phone", "device", "mobile"],
    &["setting", "option"],
    &["app", "application", "program"],
];

const POLITE: &[&str] = &[
    "Please ",
    "Could you ",
    "Can you ",
    "Could you please ",
    "Would you ",
    "I want you to ",
    "I'd like you to ",
    "I need you to ",
    "Kindly ",
    "Help me: ",
    "Hey, ",
    "Hi, please ",
    "Next: ",
    "Quick, ",
    "Be so kind and ",
];

const ASKING: &[&str] =
    &["Quick question: ", "Hey, ", "I wonder: ", "Sorry, ", "Say, ", "Do you know: ", "Please tell me: "];

const CHAT: &[&str] = &[
    "My hands are full. ",
    "I'm in a hurry. ",
    "I never find this. ",
    "I'm driving. ",
    "Let's see. ",
    "One more thing. ",
    "This phone is new to me. ",
    "Somebody asked me about this. ",
    "It's late. ",
    "I forgot how it works. ",
];

const ENDINGS: &[&str] =
    &[" please", ", please", " for me", " now", " thanks", ", thank you", " on this phone", " quickly", "!", "."];

/// Words that a person in a hurry leaves out.
const SPARE: &[&str] = &["the", "a", "an", "my", "please", "me"];

fn pick<'a>(rng: &mut ChaCha8Rng, options: &[&'a str]) -> &'a str {
    options.choose(rng).copied().unwrap_or_default()
}

/// The same request in other words; sometimes the template as it is.
pub fn reword(template: &str, rng: &mut ChaCha8Rng) -> String {
    let mut text = template.to_owned();
    if rng.random_bool(0.35) {
        text = other_verb(&text, rng);
    }
    if rng.random_bool(0.35) {
        text = other_word(&text, rng);
    }
    if rng.random_bool(0.2) {
        text = terse(&text);
    }
    let is_question = text.ends_with('?');
    let is_one_sentence = !text.contains(". ");
    if rng.random_bool(0.35) && is_one_sentence {
        let prefix = pick(rng, if is_question { ASKING } else { POLITE });
        let asks = prefix.starts_with("Could") || prefix.starts_with("Can") || prefix.starts_with("Would");
        text = format!("{prefix}{}", lower_first(&text));
        if asks && rng.random_bool(0.7) {
            text = format!("{}?", text.trim_end_matches(['.', '!']));
        }
    }
    if rng.random_bool(0.15) && !text.ends_with(['?', '.', '!', '}']) {
        text.push_str(pick(rng, ENDINGS));
    }
    if rng.random_bool(0.1) {
        text = format!("{}{text}", pick(rng, CHAT));
    }
    if rng.random_bool(0.2) {
        text = lower_first(&text);
    }
    if rng.random_bool(0.12) { slip(&text, rng) } else { text }
}

fn other_verb(text: &str, rng: &mut ChaCha8Rng) -> String {
    let found = VERBS.iter().find_map(|(verb, others)| Some((text.strip_prefix(verb)?, others)));
    found.map_or_else(|| text.to_owned(), |(rest, others)| format!("{}{rest}", pick(rng, others)))
}

/// One of the words outside the braces that have [`SYNONYMS`] is exchanged for another of its group.
fn other_word(text: &str, rng: &mut ChaCha8Rng) -> String {
    let lower = text.to_ascii_lowercase();
    let inside_word = |at: Option<char>| at.is_some_and(char::is_alphanumeric);
    let is_whole = |start: usize, end: usize| {
        let in_braces = lower[..start].rfind('{') > lower[..start].rfind('}');
        !in_braces && !inside_word(lower[..start].chars().next_back()) && !inside_word(lower[end..].chars().next())
    };
    let found: Vec<(usize, &str, &[&str])> = SYNONYMS
        .iter()
        .flat_map(|group| group.iter().map(move |word| (*word, *group)))
        .flat_map(|(word, group)| lower.match_indices(word).map(move |(at, _)| (at, word, group)))
        .filter(|(at, word, _)| is_whole(*at, at + word.len()))
        .collect();
    let Some(&(at, word, group)) = found.choose(rng) else { return text.to_owned() };
    let others: Vec<&str> = group.iter().copied().filter(|other| *other != word).collect();
    let mut other = pick(rng, &others).to_owned();
    if text[at..].starts_with(char::is_uppercase) {
        other[..1].make_ascii_uppercase();
    }
    format!("{}{other}{}", &text[..at], &text[at + word.len()..])
}

fn terse(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').filter(|word| !SPARE.contains(&word.to_lowercase().as_str())).collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

fn lower_first(text: &str) -> String {
    // "I need" and "Wi-Fi" keep their capital; a word of one letter or with another capital is no ordinary beginning.
    let first = text.split(' ').next().unwrap_or_default();
    let ordinary = first.chars().count() > 1 && !first.contains('\'') && first.chars().skip(1).all(char::is_lowercase);
    let mut letters = text.chars();
    match letters.next() {
        Some(letter) if ordinary => letter.to_lowercase().chain(letters).collect(),
        Some(_) | None => text.to_owned(),
    }
}

/// One slip of the finger in a longer word outside the braces.
fn slip(text: &str, rng: &mut ChaCha8Rng) -> String {
    let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    let is_long = |word: &String| word.len() >= 5 && word.chars().all(|c| c.is_ascii_alphabetic());
    let long: Vec<usize> = (0..words.len()).filter(|&at| is_long(&words[at])).collect();
    // What is in braces may hold spaces only before it is filled, and placeholders never do.
    if let Some(&at) = long.choose(rng) {
        let mut letters: Vec<char> = words[at].chars().collect();
        let place = rng.random_range(1..letters.len() - 1);
        match rng.random_range(0..3) {
            0 => letters.swap(place, place + 1),
            1 => drop(letters.remove(place)),
            _ => letters.insert(place, letters[place]),
        }
        words[at] = letters.into_iter().collect();
    }
    words.join(" ")
}

/// Replaces each `{name}` by its value, in one pass: what a value holds is never read again. What has no value stays.
pub(crate) fn fill<'a>(template: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}').and_then(|(name, after)| Some((value(name)?, after))) {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn placeholders_stay() {
        let template = "Please change the name of {name} in {app} to {new name}";
        for seed in 0..300 {
            let text = reword(template, &mut ChaCha8Rng::seed_from_u64(seed));
            for placeholder in ["{name}", "{app}", "{new name}"] {
                assert_eq!(text.matches(placeholder).count(), 1, "{text}");
            }
        }
    }

    #[test]
    fn words_are_exchanged_outside_the_braces_only() {
        let text = "Delete the file {file}, undeleted {delete}";
        let all: std::collections::HashSet<String> =
            (0..200).map(|seed| other_word(text, &mut ChaCha8Rng::seed_from_u64(seed))).collect();
        assert!(all.contains("Get rid of the file {file}, undeleted {delete}"), "{all:?}");
        assert!(all.contains("Delete the document {file}, undeleted {delete}"), "{all:?}");
        assert!(all.iter().all(|one| one.ends_with("{file}, undeleted {delete}")), "{all:?}");
    }

    #[test]
    fn the_same_seed_says_the_same() {
        let say = |seed| reword("Turn on {wifi}", &mut ChaCha8Rng::seed_from_u64(seed));
        let all: std::collections::HashSet<String> = (0..200).map(say).collect();
        assert!(all.len() > 40, "only {} ways to say it", all.len());
        assert_eq!(say(7), say(7));
    }
}
