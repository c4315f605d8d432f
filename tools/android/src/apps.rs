//! The installed apps and their names.

use deftly_tools::App;

/// Apps that can be opened, with what opens them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Launchable {
    pub app: App,
    /// `com.android.settings/.Settings`
    pub component: String,
}

/// Packages whose name says nothing of what the launcher calls them. Where an app keeps its label in its resources, the
/// shell cannot read it, and the name is made of the package instead.
const KNOWN: &[(&str, &str)] = &[
    ("com.android.camera2", "Camera"),
    ("com.android.deskclock", "Clock"),
    ("com.android.documentsui", "Files"),
    ("com.android.mms", "Messages"),
    ("com.android.stk", "SIM Toolkit"),
    ("com.android.vending", "Play Store"),
    ("com.facebook.katana", "Facebook"),
    ("com.facebook.orca", "Messenger"),
    ("com.google.android.apps.docs", "Drive"),
    ("com.google.android.apps.googleassistant", "Assistant"),
    ("com.google.android.apps.messaging", "Messages"),
    ("com.google.android.apps.nbu.files", "Files"),
    ("com.google.android.apps.tachyon", "Meet"),
    ("com.google.android.apps.youtube.music", "YouTube Music"),
    ("com.google.android.deskclock", "Clock"),
    ("com.google.android.dialer", "Phone"),
    ("com.google.android.gm", "Gmail"),
    ("com.google.android.googlequicksearchbox", "Google"),
    ("com.google.android.keep", "Keep Notes"),
    ("com.google.android.youtube", "YouTube"),
    ("com.sec.android.app.clockpackage", "Clock"),
    ("com.sec.android.app.myfiles", "My Files"),
    ("com.sec.android.app.popupcalculator", "Calculator"),
    ("com.sec.android.app.sbrowser", "Internet"),
    ("com.sec.android.gallery3d", "Gallery"),
    ("com.twitter.android", "X"),
    ("com.whatsapp", "WhatsApp"),
    ("org.thoughtcrime.securesms", "Signal"),
];

/// Words of a package that are no name.
const EMPTY_WORDS: &[&str] = &["android", "app", "apps", "client", "google", "main", "mobile", "release", "ui"];

/// Reads what `cmd package query-activities` prints for the activities on the launcher.
pub(crate) fn parse(listing: &str) -> Vec<Launchable> {
    let mut apps: Vec<Launchable> = Vec::new();
    for block in listing.split("Activity #").skip(1) {
        let Some(app) = parse_activity(block) else { continue };
        // An app may have several entries; the first one is what its name opens.
        if !apps.iter().any(|known| known.component == app.component) {
            apps.push(app);
        }
    }
    apps
}

fn parse_activity(block: &str) -> Option<Launchable> {
    let value = |key: &str| block.lines().find_map(|line| line.trim().strip_prefix(key));
    let (activity, package) = (value("name=")?.trim(), value("packageName=")?.trim());
    let is_name = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "._$".contains(c));
    if !is_name(activity) || !is_name(package) {
        return None;
    }
    let name = label(block).unwrap_or_else(|| name_of(package));
    let app = App { name, package: package.to_owned() };
    Some(Launchable { app, component: format!("{package}/{activity}") })
}

/// The activity's label, else its app's, if it stands there in words and not only as a resource's number.
fn label(block: &str) -> Option<String> {
    let labels = block.lines().filter_map(|line| line.split_once("nonLocalizedLabel="));
    let words = labels.filter_map(|(_, rest)| rest.split(" icon=0x").next()).map(str::trim);
    words.into_iter().find(|label| !label.is_empty() && *label != "null").map(str::to_owned)
}

/// What a person would call the app with this package: `com.android.settings` is Settings.
pub(crate) fn name_of(package: &str) -> String {
    if let Some((_, name)) = KNOWN.iter().find(|(known, _)| *known == package) {
        return (*name).to_owned();
    }
    let words: Vec<&str> = package.split('.').collect();
    // Not the first one, which is com or org.
    let telling = words.iter().skip(1).rev().find(|word| !EMPTY_WORDS.contains(word));
    let word = telling.or(words.last()).copied().unwrap_or(package).replace('_', " ");
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Finds the app that a name means: the very name, the same letters, the package, a part of the name, or a name with a
/// slip of the pen if only one is so near.
pub(crate) fn find<'a>(apps: &'a [Launchable], name: &str) -> Option<&'a Launchable> {
    let wanted = plain(name);
    let by = |test: &dyn Fn(&App) -> bool| apps.iter().find(|entry| test(&entry.app));
    by(&|app| app.name == name)
        .or_else(|| by(&|app| plain(&app.name) == wanted && !wanted.is_empty()))
        .or_else(|| by(&|app| app.package == name))
        .or_else(|| by(&|app| is_part(&plain(&app.name), &wanted)))
        .or_else(|| nearest(apps, &wanted))
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn is_part(theirs: &str, wanted: &str) -> bool {
    wanted.len() >= 3 && !theirs.is_empty() && (theirs.contains(wanted) || wanted.contains(theirs))
}

fn nearest<'a>(apps: &'a [Launchable], wanted: &str) -> Option<&'a Launchable> {
    let length = wanted.chars().count();
    // Names are short; what is longer is no name with a slip in it.
    if !(4..=40).contains(&length) {
        return None;
    }
    let near = |entry: &&Launchable| distance(&plain(&entry.app.name), wanted) * 4 <= length;
    let mut found = apps.iter().filter(near);
    match (found.next(), found.next()) {
        (Some(entry), None) => Some(entry),
        (None | Some(_), _) => None,
    }
}

/// How many letters have to be changed, added or left out.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, letter) in one.chars().enumerate().take(64) {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (index, &theirs) in other.iter().enumerate() {
            let change = diagonal + usize::from(letter != theirs);
            diagonal = row[index + 1];
            row[index + 1] = change.min(diagonal + 1).min(row[index] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &str = "3 activities found:
  Activity #0:
    priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=true
    ActivityInfo:
      name=com.android.settings.Settings
      packageName=com.android.settings
      labelRes=0x7f120a33 nonLocalizedLabel=null icon=0x7f08 banner=0x0
      ApplicationInfo:
        packageName=com.android.settings
        labelRes=0x7f120a33 nonLocalizedLabel=null icon=0x7f08 banner=0x0
  Activity #1:
    ActivityInfo:
      name=org.example.notes.Main$Alias
      packageName=org.example.notes
      labelRes=0x0 nonLocalizedLabel=My notes; rm -rf / icon=0x7f08 banner=0x0
  Activity #2:
    ActivityInfo:
      name=bad name;reboot
      packageName=org.example.bad
";

    #[test]
    fn the_launchers_apps_are_read() {
        let apps = parse(LISTING);
        let shown: Vec<_> = apps.iter().map(|entry| (entry.app.name.as_str(), entry.component.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("Settings", "com.android.settings/com.android.settings.Settings"),
                ("My notes; rm -rf /", "org.example.notes/org.example.notes.Main$Alias"),
            ]
        );
        assert_eq!(parse("cmd: Can't find service: package"), []);
    }

    #[test]
    fn packages_have_names() {
        let check = |package: &str, expected: &str| assert_eq!(name_of(package), expected, "{package}");
        check("com.android.settings", "Settings");
        check("com.android.chrome", "Chrome");
        check("com.google.android.apps.maps", "Maps");
        check("com.google.android.gm", "Gmail");
        check("com.spotify.music", "Music");
        check("com.whatsapp", "WhatsApp");
        check("com.example.android", "Example");
        check("android", "Android");
        check("", "");
    }

    #[test]
    fn a_name_may_be_imprecise() {
        let entry = |name: &str, package: &str| Launchable {
            app: App { name: name.to_owned(), package: package.to_owned() },
            component: format!("{package}/.Main"),
        };
        let apps = [
            entry("Settings", "com.android.settings"),
            entry("Play Store", "com.android.vending"),
            entry("Clock", "com.android.deskclock"),
            entry("Block", "org.example.block"),
        ];
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(find(&apps, name).map(|entry| entry.app.name.as_str()), expected, "{name}");
        };
        check("Settings", Some("Settings"));
        check("settings app", Some("Settings"));
        check("playstore", Some("Play Store"));
        check("com.android.vending", Some("Play Store"));
        check("Setings", Some("Settings"));
        check("Plock", None);
        check("", None);
        check("!", None);
        check("Mail", None);
        check(&"x".repeat(10_000), None);
    }
}
