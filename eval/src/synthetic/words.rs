//! Words of screens: what things, people and places in drawn apps are called. Written for this; far from the eight apps of
//! the simulated phone, so that a model has to read labels instead of knowing them.

use std::sync::LazyLock;

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

const FIRST: &[&str] = &[
    "Alba", "Amir", "Ananya", "Bastian", "Bea", "Boris", "Camille", "Carlo", "Chiara", "Dario", "Delia", "Eamon",
    "Edith", "Emre", "Fatima", "Felix", "Gemma", "Gustav", "Hana", "Harriet", "Hugo", "Imani", "Iris", "Ivo", "Jada",
    "Jasper", "Joan", "Kaito", "Keira", "Kofi", "Leonie", "Lior", "Luca", "Mabel", "Malik", "Marta", "Milo", "Nadia",
    "Nico", "Noor", "Odette", "Omar", "Paula", "Pavel", "Priya", "Quentin", "Rafael", "Rosa", "Ruth", "Sam", "Selma",
    "Simon", "Tariq", "Tessa", "Tomas", "Ulla", "Vera", "Wendy", "Yan", "Zoe", "Mum", "Dad", "Grandma", "Doctor",
];

const LAST: &[&str] = &[
    "Adeyemi", "Almeida", "Andrews", "Barros", "Becker", "Blake", "Castillo", "Chen", "Collins", "Dias", "Duval",
    "Egan", "Farouk", "Fischer", "Fox", "Garcia", "Green", "Haddad", "Hughes", "Ito", "Jansen", "Johnson", "Kaya",
    "Keller", "Lang", "Lopez", "Mbeki", "Meyer", "Moreau", "Nakamura", "Nowak", "O'Brien", "Okafor", "Olsen", "Park",
    "Pereira", "Quinn", "Reed", "Ricci", "Sato", "Schulz", "Singh", "Smith", "Tanaka", "Torres", "Vega", "Weber",
    "White", "Yilmaz", "Zhou",
];

const ADJECTIVES: &[&str] = &[
    "Annual", "Autumn", "Bright", "Broken", "Calm", "City", "Classic", "Cold", "Daily", "Deep", "Distant", "Early",
    "Easy", "Empty", "Evening", "Family", "Fast", "Favorite", "Final", "First", "Forest", "Fresh", "Golden", "Green",
    "Hidden", "Holiday", "Home", "Hot", "Indoor", "Late", "Little", "Local", "Long", "Lost", "Midnight", "Modern",
    "Monthly", "Morning", "New", "Night", "Northern", "Office", "Old", "Open", "Orange", "Outdoor", "Personal",
    "Purple", "Quick", "Quiet", "Rainy", "Red", "River", "School", "Second", "Secret", "Shared", "Short", "Silent",
    "Silver", "Simple", "Slow", "Small", "Southern", "Spicy", "Spring", "Summer", "Sunday", "Sunny", "Team", "Urban",
    "Weekly", "Wild", "Winter", "Wooden", "Yearly", "Yellow", "Young",
];

const NOUNS: &[&str] = &[
    "accounts",
    "agenda",
    "album",
    "apartment",
    "archive",
    "bakery",
    "balance",
    "balcony",
    "band",
    "beach",
    "bicycle",
    "bird",
    "bread",
    "breakfast",
    "bridge",
    "budget",
    "cabin",
    "cactus",
    "cake",
    "camp",
    "canyon",
    "car",
    "castle",
    "cat",
    "chapter",
    "chess",
    "choir",
    "clinic",
    "coast",
    "coffee",
    "concert",
    "contract",
    "course",
    "curry",
    "dance",
    "desert",
    "dinner",
    "dream",
    "drums",
    "engine",
    "exam",
    "exercise",
    "ferry",
    "festival",
    "field",
    "flight",
    "forest",
    "fountain",
    "garage",
    "garden",
    "glass",
    "guitar",
    "harbor",
    "harvest",
    "hike",
    "hotel",
    "house",
    "invoice",
    "island",
    "jazz",
    "journey",
    "kitchen",
    "lake",
    "lecture",
    "lesson",
    "letter",
    "library",
    "lighthouse",
    "list",
    "lunch",
    "market",
    "meadow",
    "meeting",
    "memo",
    "menu",
    "mirror",
    "moon",
    "mountain",
    "museum",
    "noodles",
    "notes",
    "ocean",
    "orchard",
    "order",
    "package",
    "painting",
    "pancakes",
    "paper",
    "party",
    "passport",
    "pasta",
    "picnic",
    "piano",
    "plan",
    "plants",
    "poem",
    "pool",
    "portrait",
    "project",
    "puzzle",
    "railway",
    "rain",
    "receipt",
    "recipe",
    "rehearsal",
    "rent",
    "report",
    "review",
    "ride",
    "road",
    "robot",
    "salad",
    "sauna",
    "schedule",
    "seminar",
    "ship",
    "shopping",
    "sketch",
    "snow",
    "soup",
    "speech",
    "stadium",
    "stairs",
    "station",
    "storm",
    "story",
    "street",
    "studio",
    "summary",
    "sunset",
    "survey",
    "swim",
    "tax",
    "temple",
    "tent",
    "theory",
    "ticket",
    "tiger",
    "toolbox",
    "tour",
    "tower",
    "train",
    "trip",
    "trumpet",
    "valley",
    "village",
    "violin",
    "visit",
    "walk",
    "wedding",
    "window",
    "workout",
    "yoga",
    "zoo",
];

const PHRASES: &[&str] = &[
    "See you at the station",
    "The door code changed",
    "Bring warm clothes",
    "Lunch is on the table",
    "I am on my way",
    "Water the garden twice",
    "Pay before Friday",
    "Two tickets for the show",
    "Ask about the discount",
    "It was lovely",
    "Running ten minutes late",
    "Check the back tire",
    "Room for four people",
    "Call back after three",
    "No sugar, please",
    "The meeting is moved",
    "Remember the charger",
    "All good here",
    "Can we talk tomorrow",
    "Happy birthday",
    "Parcel at the neighbours",
    "Buy milk and bread",
    "Thanks for the help",
    "New address below",
    "First floor, left",
];

/// Things of apps that nobody knows.
const THINGS: &[&str] = &[
    "badge",
    "batch",
    "beacon",
    "blind",
    "booking",
    "bulb",
    "cabin",
    "card",
    "charm",
    "coupon",
    "course",
    "crate",
    "dose",
    "drill",
    "drone",
    "fan",
    "feeder",
    "flight",
    "gate",
    "goal",
    "guest",
    "habit",
    "heater",
    "hive",
    "invoice",
    "journey",
    "lamp",
    "lesson",
    "loan",
    "locker",
    "match",
    "medal",
    "mixer",
    "parcel",
    "pass",
    "pill",
    "plan",
    "plant",
    "poll",
    "post",
    "pump",
    "puzzle",
    "quiz",
    "reading",
    "reward",
    "ride",
    "robot",
    "room",
    "route",
    "routine",
    "scene",
    "seat",
    "sensor",
    "shift",
    "signal",
    "sprinkler",
    "stamp",
    "station",
    "stream",
    "survey",
    "table",
    "team",
    "ticket",
    "token",
    "tour",
    "trail",
    "trip",
    "tune-up",
    "vote",
    "voucher",
    "ward",
    "zone",
];

/// Tools that a page may be about. None of the phone's own clock, so that it can be held out.
const TOOLS: &[&str] = &[
    "Metronome",
    "Pomodoro",
    "Breathing",
    "Recorder",
    "Scanner",
    "Sprint",
    "Warm-up",
    "Dimmer",
    "Sampler",
    "Session",
    "Meditation",
    "Broadcast",
    "Compass",
    "Tuner",
    "Flashlight",
    "Mixer",
    "Tracker",
    "Oven",
    "Sprinkler",
    "Pump",
    "Interval",
    "White noise",
    "Slideshow",
    "Treadmill",
    "Fasting",
    "Focus",
    "Hydration",
    "Brightness",
    "Watch list",
    "Shortlist",
    "Wish list",
    "Guest list",
    "Line-up",
    "Map layers",
    "Collection",
    "Radar",
    "Ventilation",
    "Humidity",
];

const PLACES: &[&str] = &[
    "Alps",
    "Andes",
    "Ararat",
    "Azores",
    "Bali",
    "Black Forest",
    "Borneo",
    "Capri",
    "Corsica",
    "Crete",
    "Danube",
    "Dolomites",
    "Elbe",
    "Etna",
    "Everglades",
    "Fiji",
    "Galapagos",
    "Gobi",
    "Hokkaido",
    "Iguazu",
    "Jura",
    "Karoo",
    "Lake Como",
    "Lapland",
    "Loire",
    "Madeira",
    "Malta",
    "Mekong",
    "Namib",
    "Niagara",
    "Okavango",
    "Patagonia",
    "Provence",
    "Rhine",
    "Sahara",
    "Sardinia",
    "Serengeti",
    "Sicily",
    "Tahiti",
    "Tasmania",
    "Tuscany",
    "Yukon",
];

const UNITS: &[&str] = &["KB", "MB", "GB", "min", "km", "%"];
const MONTHS: &[&str] = &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Every word that the embedded model's tokenizer was made of, so that none is one that it never had to find or to copy.
/// Without those that only the phone's clock is about, so that it can be held out.
static ALL: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let clock = ["alarm", "alarms", "clock", "countdown", "stopwatch", "timer", "timers", "world"];
    let lines = include_str!("../../../train/words.txt").lines().filter(|line| !line.starts_with('#'));
    let is_plain = |word: &&str| word.len() > 2 && word.chars().all(char::is_alphabetic);
    lines
        .flat_map(str::split_whitespace)
        .filter(is_plain)
        .filter(|word| !clock.contains(&word.to_lowercase().as_str()))
        .collect()
});

pub(super) fn any_word(rng: &mut ChaCha8Rng) -> &'static str {
    one(rng, &ALL)
}

/// One of the words, which are constants and never empty.
pub(super) fn one<'a>(rng: &mut ChaCha8Rng, words: &[&'a str]) -> &'a str {
    words.choose(rng).copied().unwrap_or_default()
}

/// A word that nobody has seen, so that it must be copied.
fn invented(rng: &mut ChaCha8Rng) -> String {
    let syllables = rng.random_range(2..=3);
    let word: String = (0..syllables)
        .map(|_| {
            format!(
                "{}{}",
                one(rng, &["b", "d", "f", "gr", "k", "l", "m", "n", "p", "r", "st", "t", "v", "z"]),
                one(rng, &["a", "e", "i", "o", "u", "ai", "el", "on", "ar", "is"])
            )
        })
        .collect();
    capitalised(&word)
}

pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

pub(super) fn uncapitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}

pub(super) fn person(rng: &mut ChaCha8Rng) -> String {
    match rng.random_range(0..10) {
        0..4 => one(rng, FIRST).to_owned(),
        4 => format!("{} {}", one(rng, FIRST), invented(rng)),
        _ => format!("{} {}", one(rng, FIRST), one(rng, LAST)),
    }
}

pub(super) fn place(rng: &mut ChaCha8Rng) -> String {
    one(rng, PLACES).to_owned()
}

pub(super) fn title(rng: &mut ChaCha8Rng) -> String {
    match rng.random_range(0..14) {
        12 => capitalised(any_word(rng)),
        13 => format!("{} {}", capitalised(any_word(rng)), any_word(rng).to_lowercase()),
        0 => invented(rng),
        1 => format!("{} {}", invented(rng), one(rng, NOUNS)),
        2 => format!("{}{}", one(rng, NOUNS), rng.random_range(1..30)),
        3 => one(rng, NOUNS).to_owned(),
        4 => capitalised(one(rng, NOUNS)),
        5 => format!("{} {}", capitalised(one(rng, NOUNS)), rng.random_range(1..13)),
        6 => format!("{} {}", one(rng, ADJECTIVES), capitalised(one(rng, NOUNS))),
        7 => format!("{} and {}", capitalised(one(rng, NOUNS)), one(rng, NOUNS)),
        _ => format!("{} {}", one(rng, ADJECTIVES), one(rng, NOUNS)),
    }
}

pub(super) fn file(rng: &mut ChaCha8Rng, endings: &[&str]) -> String {
    let (noun, ending) = (one(rng, NOUNS), one(rng, endings));
    match rng.random_range(0..4) {
        0 => format!("{noun}.{ending}"),
        1 => format!("{noun}{}.{ending}", rng.random_range(1..100)),
        2 => format!("{}_{noun}.{ending}", one(rng, ADJECTIVES).to_lowercase()),
        _ => format!("{noun}_{:02}.{ending}", rng.random_range(1..32)),
    }
}

pub(super) fn phrase(rng: &mut ChaCha8Rng) -> String {
    match rng.random_range(0..3) {
        0 => title(rng),
        _ => one(rng, PHRASES).to_owned(),
    }
}

/// A thing of an app that nobody knows, and many of them: a real word or an invented one.
pub(super) fn strange_thing(rng: &mut ChaCha8Rng) -> (String, String) {
    let word = match rng.random_range(0..10) {
        0..2 => invented(rng).to_lowercase(),
        2..8 => any_word(rng).to_lowercase(),
        _ => one(rng, THINGS).to_owned(),
    };
    let ending = if word.ends_with(['s', 'x', 'z']) || word.ends_with("ch") { "es" } else { "s" };
    let many = format!("{word}{ending}");
    (word, many)
}

/// What a page with a tool of its own is called.
pub(super) fn strange_tool(rng: &mut ChaCha8Rng) -> String {
    match rng.random_range(0..7) {
        0 => invented(rng),
        1 => format!("{} {}", one(rng, ADJECTIVES), one(rng, NOUNS)),
        2 => capitalised(one(rng, THINGS)),
        3 => format!("{} {}", capitalised(any_word(rng)), any_word(rng).to_lowercase()),
        4..6 => capitalised(any_word(rng)),
        _ => one(rng, TOOLS).to_owned(),
    }
}

/// What an app that nobody knows is called; seldom does it say what the app is for.
pub(super) fn strange_app(rng: &mut ChaCha8Rng, (thing, things): &(String, String)) -> String {
    match rng.random_range(0..10) {
        0 => capitalised(things),
        1 => {
            format!("{} {}", capitalised(thing), one(rng, &["book", "box", "buddy", "tracker", "Pro", "list", "time"]))
        }
        2 => invented(rng),
        3 => capitalised(one(rng, NOUNS)),
        4..6 => format!("{} {}", capitalised(any_word(rng)), any_word(rng).to_lowercase()),
        6..9 => capitalised(any_word(rng)),
        _ => format!("{} {}", one(rng, ADJECTIVES), one(rng, NOUNS)),
    }
}

/// A time as screens show it, its hour of 24, and its minute.
pub(super) fn time_of_day(rng: &mut ChaCha8Rng) -> (String, u32, u32) {
    let (hour, minute) = (rng.random_range(0..24), rng.random_range(0..12) * 5);
    let half = if hour < 12 { "AM" } else { "PM" };
    (format!("{}:{minute:02} {half}", (hour + 11) % 12 + 1), hour, minute)
}

/// What a field with this name holds.
pub(super) fn value_for(rng: &mut ChaCha8Rng, field: &str) -> String {
    let field = field.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| field.contains(word));
    if has(&["phone", "number"]) && !has(&["house"]) {
        let digits: String =
            (0..rng.random_range(5..=10)).map(|_| char::from(b'0' + rng.random_range(0..10))).collect();
        return digits;
    }
    if has(&["mail"]) {
        return format!("{}@example.com", one(rng, FIRST).to_lowercase());
    }
    if has(&["amount", "price", "distance", "weight", "duration", "minutes", "servings", "quantity", "pages"]) {
        return rng.random_range(1..300).to_string();
    }
    if has(&["time"]) {
        return time(rng);
    }
    if has(&["date", "due", "day"]) {
        return date(rng);
    }
    if has(&["size", "storage"]) {
        return format!("{}.{} {}", rng.random_range(1..99), rng.random_range(0..10), one(rng, UNITS));
    }
    if has(&["website", "address bar", "url"]) {
        return format!("{}.example.org", one(rng, NOUNS));
    }
    if has(&["who", "author", "artist", "owner", "guest", "person", "from"]) {
        return person(rng);
    }
    if has(&["note", "message", "text", "description", "comment"]) {
        return phrase(rng);
    }
    title(rng)
}

pub(super) fn time(rng: &mut ChaCha8Rng) -> String {
    let (shown, hour, minute) = time_of_day(rng);
    if rng.random_bool(0.5) { format!("{hour:02}:{minute:02}") } else { shown }
}

pub(super) fn date(rng: &mut ChaCha8Rng) -> String {
    let (month, day) = (one(rng, MONTHS), rng.random_range(1..29));
    if rng.random_bool(0.5) {
        format!("{month} {day}")
    } else {
        format!("{day} {month} 20{}", rng.random_range(20..30))
    }
}
