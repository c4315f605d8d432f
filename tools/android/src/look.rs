//! What a UI tree says beside its elements.

use deftly_tools::is_keyboard;

pub(crate) const SYSTEM_UI: &str = "com.android.systemui";

/// The packages of a tree's nodes, each once, in their order.
pub(crate) fn packages(xml: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for rest in xml.split(" package=\"").skip(1) {
        let package = rest.split('"').next().unwrap_or_default();
        // Real packages have nothing that would have to be unescaped; there are never many.
        let legal = !package.is_empty() && package.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
        if legal && found.len() < 64 && !found.contains(&package) {
            found.push(package);
        }
    }
    found
}

/// The app in front: what the phone says, unless that is its keyboard or nothing, else what the tree shows.
pub(crate) fn front<'a>(said: Option<&'a str>, packages: &[&'a str]) -> Option<&'a str> {
    let is_app = |package: &&str| !is_keyboard(package) && *package != SYSTEM_UI;
    said.filter(|package| !package.is_empty() && !is_keyboard(package))
        .or_else(|| packages.iter().copied().find(is_app))
        .or_else(|| packages.iter().copied().find(|package| !is_keyboard(package)))
}

/// Whether the tree is one of a lock screen, or of nothing at all: then it is worth asking whether the phone is locked.
pub(crate) fn may_be_locked(xml: &str, front: Option<&str>) -> bool {
    let shows_lock = || ["keyguard", "lockscreen", "lock_icon"].iter().any(|word| xml.contains(word));
    front.is_none_or(|package| package == SYSTEM_UI && shows_lock())
}

/// How far the screen is turned, in quarters.
pub(crate) fn rotation(xml: &str) -> Option<u8> {
    xml.split_once("<hierarchy rotation=\"")?.1.split('"').next()?.parse().ok()
}

/// How many displays of `dumpsys display` are on. A display that a program draws for itself, as for a recording, and the
/// outer one of a phone that is unfolded do not count.
pub(crate) fn displays_on(dump: &str) -> usize {
    let logical = dump.lines().filter(|line| line.trim_start().starts_with("mBaseDisplayInfo=DisplayInfo{"));
    logical.filter(|line| !line.contains("type VIRTUAL") && line.contains("state ON")).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_in_front_is_no_keyboard() {
        let check = |said: Option<&str>, packages: &[&str], expected: Option<&str>| {
            assert_eq!(front(said, packages), expected, "{said:?} {packages:?}");
        };
        let keyboard = "com.google.android.inputmethod.latin";
        check(Some("com.a"), &["com.b"], Some("com.a"));
        check(Some(keyboard), &[SYSTEM_UI, keyboard, "com.b"], Some("com.b"));
        check(Some(SYSTEM_UI), &[SYSTEM_UI], Some(SYSTEM_UI));
        check(None, &[SYSTEM_UI], Some(SYSTEM_UI));
        check(None, &[], None);
    }

    #[test]
    fn packages_come_from_outside() {
        let xml = r#"<hierarchy rotation="1"><node package="com.a"/><node package="com.a"/><node package="a&amp;b"/>"#;
        assert_eq!(packages(xml), ["com.a"]);
        assert_eq!(rotation(xml), Some(1));
        assert_eq!(rotation("<hierarchy rotation=\"999\">"), None);
        assert!(packages(" package=\"").is_empty());
    }

    #[test]
    fn displays_that_are_on_count() {
        let display = |kind: &str, state: &str| {
            format!(
                "    mBaseDisplayInfo=DisplayInfo{{\"x\", displayId 0, real 1080 x 2400, type {kind}, state {state}, owner}}\n"
            )
        };
        let check = |dump: &str, expected: usize| assert_eq!(displays_on(dump), expected, "{dump}");
        check("Logical Displays: size=1\n", 0);
        check(&display("INTERNAL", "ON"), 1);
        check(&(display("INTERNAL", "ON") + &display("INTERNAL", "OFF") + &display("VIRTUAL", "ON")), 1);
        check(&(display("INTERNAL", "ON") + &display("EXTERNAL", "ON")), 2);
    }
}
