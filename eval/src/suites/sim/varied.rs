//! Many wordings for each task, for training: what people say who have never read the suite. [`crate::reword`] varies them
//! further.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Files of lines: `# task`, then its wordings.
const FILES: &[&str] = &[
    include_str!("wordings/calendar.txt"),
    include_str!("wordings/clock.txt"),
    include_str!("wordings/contacts.txt"),
    include_str!("wordings/files.txt"),
    include_str!("wordings/messages.txt"),
    include_str!("wordings/notes.txt"),
    include_str!("wordings/settings.txt"),
    include_str!("wordings/shop.txt"),
];

static VARIED: LazyLock<BTreeMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut wordings = BTreeMap::<_, Vec<_>>::new();
    for file in FILES {
        let mut task = "";
        for line in file.lines().filter(|line| !line.is_empty()) {
            match line.strip_prefix("# ") {
                Some(name) => task = name,
                None => wordings.entry(task).or_default().push(line),
            }
        }
    }
    wordings
});

/// The training wordings of a task.
pub fn varied(task: &str) -> &'static [&'static str] {
    VARIED.get(task).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::suites::sim::held_out::HELD_OUT;
    use crate::suites::sim::held_out::tests::{needed, placeholders};
    use crate::suites::sim::templates;

    #[test]
    fn every_task_has_many_with_its_placeholders() {
        let mut known: BTreeSet<_> = VARIED.keys().copied().collect();
        for template in templates() {
            let wordings = varied(template.name);
            assert!(wordings.len() >= 8, "{} has {} wordings", template.name, wordings.len());
            known.remove(template.name);
            let allowed: BTreeSet<_> = template.wordings.iter().flat_map(|wording| placeholders(wording)).collect();
            let needed = needed(template);
            for wording in wordings {
                let has = placeholders(wording);
                assert!(has.is_subset(&allowed), "{}: {wording}", template.name);
                assert!(needed.is_subset(&has), "{}: {wording}", template.name);
            }
            assert_eq!(wordings.iter().collect::<BTreeSet<_>>().len(), wordings.len(), "{}", template.name);
        }
        assert!(known.is_empty(), "no such tasks: {known:?}");
    }

    /// What measures must not be learnt, whichever task it belongs to.
    #[test]
    fn none_is_held_out() {
        let plain = |wording: &str| {
            let outside = wording.split('{').map(|part| part.split_once('}').map_or(part, |(_, after)| after));
            let words = outside.collect::<Vec<_>>().join(" _ ").to_lowercase();
            let kept: String = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '_')).collect();
            kept.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        let measured: BTreeSet<_> = HELD_OUT.iter().flat_map(|(_, wordings)| *wordings).map(|one| plain(one)).collect();
        let learnt: Vec<_> = VARIED.values().flatten().filter(|wording| measured.contains(&plain(wording))).collect();
        assert!(learnt.is_empty(), "{learnt:#?}");
    }
}
