use super::*;
use crate::testing::{Behaviour, FakeModel};

fn info() -> ModelInfo {
    FakeModel::new(Behaviour::Random { seed: 1 }, 10).load().info
}

fn memory(folder: &Path) -> EngineMemory {
    EngineMemory { folder: folder.join("deftly"), history: true, cache: true }
}

fn only_file(folder: &Path) -> PathBuf {
    fs::read_dir(folder.join("deftly")).unwrap().next().unwrap().unwrap().path()
}

#[test]
fn a_damaged_or_foreign_prefix_is_ignored() {
    let check = |what: &str, change: &dyn Fn(&mut Vec<u8>), expected: Option<&[u8]>| {
        let folder = tempfile::tempdir().unwrap();
        let memory = memory(folder.path());
        memory.save_prefix(&info(), "layout", &[1, 2], b"keys and values");
        let path = only_file(folder.path());
        let mut bytes = fs::read(&path).unwrap();
        change(&mut bytes);
        fs::write(&path, bytes).unwrap();
        assert_eq!(memory.load_prefix(&info(), "layout", &[1, 2]).as_deref(), expected, "{what}");
    };
    check("as written", &|_| {}, Some(b"keys and values"));
    check("a flipped bit", &|bytes| bytes[15] ^= 4, None);
    check("cut off", &|bytes| bytes.truncate(20), None);
    check("empty", &|bytes| bytes.clear(), None);
    check("another version", &|bytes| bytes[8] += 1, None);
    check("something else", &|bytes| *bytes = vec![b'x'; 4000], None);
}

#[test]
fn a_prefix_is_found_by_model_layout_and_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let memory = memory(folder.path());
    memory.save_prefix(&info(), "layout", &[1, 2], b"abc");
    assert!(memory.load_prefix(&info(), "layout", &[1, 2]).is_some());
    assert!(memory.load_prefix(&info(), "layout", &[1, 3]).is_none());
    assert!(memory.load_prefix(&info(), "other", &[1, 2]).is_none());
    let other = ModelInfo { fingerprint: Some("other".into()), ..info() };
    assert!(memory.load_prefix(&other, "layout", &[1, 2]).is_none());
    let off = EngineMemory { cache: false, ..memory };
    assert!(off.load_prefix(&info(), "layout", &[1, 2]).is_none());
}

#[test]
fn prefixes_are_few() {
    let folder = tempfile::tempdir().unwrap();
    let memory = memory(folder.path());
    (0..20).for_each(|token| memory.save_prefix(&info(), "layout", &[token], b"abc"));
    assert_eq!(fs::read_dir(folder.path().join("deftly")).unwrap().count(), PREFIXES);
    assert!(memory.load_prefix(&info(), "layout", &[19]).is_some());
}

#[test]
fn damaged_drafts_are_ignored() {
    let check = |what: &str, change: &dyn Fn(String) -> String, expected: bool| {
        let folder = tempfile::tempdir().unwrap();
        let memory = memory(folder.path());
        memory.save_drafts(&info(), DraftMemory::default());
        let path = only_file(folder.path());
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, change(text)).unwrap();
        assert_eq!(memory.load_drafts(&info()).is_some(), expected, "{what}");
    };
    check("as written", &|text| text, true);
    check("cut off", &|text| text[..text.len() / 2].to_owned(), false);
    check("another version", &|text| text.replace("\"version\":1", "\"version\":2"), false);
    check("another model", &|text| text.replace("fake", "true"), false);
    check("empty", &|_| String::new(), false);
    check("not JSON", &|_| "\u{0}\u{1}".into(), false);
}

#[cfg(unix)]
#[test]
fn files_are_their_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let memory = memory(folder.path());
    memory.save_drafts(&info(), DraftMemory::default());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&memory.folder), mode(&only_file(folder.path()))), (0o700, 0o600));
}
