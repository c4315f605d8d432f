//! The names of actions, ours and other models'.

/// What a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Tap,
    DoubleTap,
    LongPress,
    Type,
    Scroll,
    Swipe,
    Back,
    Home,
    Enter,
    OpenApp,
    Wait,
    Answer,
    Done,
    /// A key of the system, named in an argument.
    SystemKey,
}

/// Each verb with its name in [`Action`](deftly_tools::Action) first, then those of other agents.
const NAMES: [(Verb, &[&str]); 14] = [
    // `click`: T3A, droidrun, GUI-Owl and UI-TARS models; `touch`: AutoDroid; `press`: small Llama models.
    (Verb::Tap, &["tap", "click", "press", "touch", "tap_on", "click_on", "left_click"]),
    (Verb::DoubleTap, &["double_tap", "double_click"]),
    // `long_press_on`: mobile-use; `long_touch`: AutoDroid; `long_click`: UI-TARS.
    (Verb::LongPress, &["long_press", "long_click", "long_press_on", "long_tap", "long_touch", "hold"]),
    // `input_text`: T3A; `input`: AutoDroid; `set_text`: DroidBot; `fill`: models that know Playwright.
    (Verb::Type, &["type", "input_text", "input", "type_text", "enter_text", "set_text", "write", "fill"]),
    (Verb::Scroll, &["scroll"]),
    (Verb::Swipe, &["swipe"]),
    // `navigate_*`: T3A; `press_*`: UI-TARS; `go_*`: models that know Playwright.
    (Verb::Back, &["back", "navigate_back", "press_back", "go_back"]),
    (Verb::Home, &["home", "navigate_home", "press_home", "go_home"]),
    (Verb::Enter, &["enter", "keyboard_enter", "press_enter"]),
    // `launch`: AutoGLM; `launch_app`: mobile-use; `open`: GUI-Owl.
    (Verb::OpenApp, &["open_app", "open", "launch", "launch_app", "start_app"]),
    (Verb::Wait, &["wait"]),
    (Verb::Answer, &["answer", "respond", "reply"]),
    // `status`: T3A; `finish`: AutoGLM; `terminate`: GUI-Owl; `complete`: droidrun. All must say how it ended.
    (Verb::Done, &["done", "status", "finish", "finished", "terminate", "complete"]),
    // GUI-Owl and droidrun.
    (Verb::SystemKey, &["system_button", "press_key"]),
];

impl Verb {
    /// By any of its names; case, spaces and hyphens do not count (`Long Press`: AutoGLM; `longPress`: Gemma).
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let key = normalize(name);
        NAMES.iter().find(|(_, names)| names.contains(&key.as_str())).map(|(verb, _)| *verb)
    }

    /// The name in [`Action`](deftly_tools::Action), for messages.
    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(verb, _)| *verb == self).and_then(|(_, names)| names.first()).copied().unwrap_or_default()
    }
}

/// The names that a model is told when it used another.
pub(crate) fn action_names() -> String {
    let ours = NAMES.iter().filter(|(verb, _)| *verb != Verb::SystemKey);
    ours.filter_map(|(_, names)| names.first()).copied().collect::<Vec<_>>().join(", ")
}

fn normalize(name: &str) -> String {
    let mut out = String::new();
    for character in name.trim().chars() {
        match character {
            ' ' | '-' => out.push('_'),
            _ if character.is_uppercase() => {
                if out.ends_with(|last: char| last.is_lowercase()) {
                    out.push('_');
                }
                out.extend(character.to_lowercase());
            }
            _ => out.push(character),
        }
    }
    out
}
