//! The phone's files: a small tree in memory. Nothing of it is on the computer's disk.

use std::collections::BTreeMap;

/// What all files together may take; a client's helper apps are about 10 MB.
const MAX_BYTES: usize = 64 * 1024 * 1024;
const MAX_ENTRIES: usize = 4096;
const MAX_PATH: usize = 1024;

pub const TEMPORARY: &str = "/data/local/tmp";

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    Folder,
    File {
        data: Vec<u8>,
        /// The permission bits.
        mode: u32,
        /// In seconds since 1970.
        modified: u32,
    },
}

/// What a client is told about an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// As `stat` has it: kind and permissions.
    pub mode: u32,
    pub size: u32,
    pub modified: u32,
}

/// The errors of the C library that a phone would name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("No such file or directory")]
    NotFound,
    #[error("Is a directory")]
    IsFolder,
    #[error("Not a directory")]
    NotFolder,
    #[error("Permission denied")]
    Denied,
    #[error("No space left on device")]
    Full,
    #[error("File name too long")]
    NameTooLong,
    #[error("File exists")]
    Exists,
}

impl FileError {
    /// As Linux counts them.
    pub fn number(self) -> u32 {
        match self {
            Self::NotFound => 2,
            Self::Denied => 13,
            Self::Exists => 17,
            Self::NotFolder => 20,
            Self::IsFolder => 21,
            Self::Full => 28,
            Self::NameTooLong => 36,
        }
    }
}

/// Kept by whole path.
#[derive(Debug)]
pub struct Files {
    entries: BTreeMap<String, Entry>,
    bytes: usize,
}

impl Default for Files {
    fn default() -> Self {
        let folders = [
            "/",
            "/data",
            "/data/local",
            TEMPORARY,
            "/sdcard",
            "/sdcard/DCIM",
            "/sdcard/Download",
            "/sdcard/Pictures",
            "/system",
        ];
        let entries = folders.into_iter().map(|path| (path.to_owned(), Entry::Folder)).collect();
        Self { entries, bytes: 0 }
    }
}

impl Files {
    pub fn status(&self, path: &str) -> Result<Status, FileError> {
        Ok(status(self.get(path)?))
    }

    pub fn read(&self, path: &str) -> Result<&[u8], FileError> {
        match self.get(path)? {
            Entry::File { data, .. } => Ok(data),
            Entry::Folder => Err(FileError::IsFolder),
        }
    }

    /// The names in a folder, in order.
    pub fn list(&self, path: &str) -> Result<Vec<(String, Status)>, FileError> {
        let path = normal(path)?;
        match self.entries.get(&path).ok_or(FileError::NotFound)? {
            Entry::File { .. } => return Err(FileError::NotFolder),
            Entry::Folder => {}
        }
        let prefix = if path == "/" { path } else { path + "/" };
        let inside = self.entries.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix));
        let named = inside.filter_map(|(path, entry)| Some((path.strip_prefix(&prefix)?, entry)));
        let direct = named.filter(|(name, _)| !name.is_empty() && !name.contains('/'));
        Ok(direct.map(|(name, entry)| (name.to_owned(), status(entry))).collect())
    }

    /// Writes a whole file. Folders on the way are made, as `adb push` does.
    pub fn write(&mut self, path: &str, data: Vec<u8>, mode: u32, modified: u32) -> Result<(), FileError> {
        let path = normal(path)?;
        let old = match self.entries.get(&path) {
            Some(Entry::Folder) => return Err(FileError::IsFolder),
            Some(Entry::File { data, .. }) => data.len(),
            None => 0,
        };
        let bytes = self.bytes - old + data.len();
        if bytes > MAX_BYTES {
            return Err(FileError::Full);
        }
        self.make_parents(&path)?;
        self.insert(path, Entry::File { data, mode: mode & 0o777, modified })?;
        self.bytes = bytes;
        Ok(())
    }

    /// Whether a file of so many bytes would fit beside the others.
    pub fn has_room(&self, bytes: usize) -> Result<(), FileError> {
        if self.bytes + bytes > MAX_BYTES { Err(FileError::Full) } else { Ok(()) }
    }

    pub fn make_folder(&mut self, path: &str, with_parents: bool) -> Result<(), FileError> {
        let path = normal(path)?;
        match self.entries.get(&path) {
            Some(Entry::Folder) if with_parents => return Ok(()),
            Some(_) => return Err(FileError::Exists),
            None => {}
        }
        if with_parents {
            self.make_parents(&path)?;
        } else if !matches!(self.entries.get(parent(&path)), Some(Entry::Folder)) {
            return Err(FileError::NotFound);
        }
        if !is_writable(&path) {
            return Err(FileError::Denied);
        }
        self.insert(path, Entry::Folder)
    }

    pub fn remove(&mut self, path: &str, with_content: bool) -> Result<(), FileError> {
        let path = normal(path)?;
        let is_folder = matches!(self.get(&path)?, Entry::Folder);
        if !is_writable(&path) {
            return Err(FileError::Denied);
        }
        if is_folder && !with_content {
            return Err(FileError::IsFolder);
        }
        let inside = format!("{path}/");
        let is_gone = |entry: &str| entry == path || entry.starts_with(&inside);
        self.entries.retain(|entry, _| !is_gone(entry));
        let size = |entry: &Entry| match entry {
            Entry::File { data, .. } => data.len(),
            Entry::Folder => 0,
        };
        self.bytes = self.entries.values().map(size).sum();
        Ok(())
    }

    fn get(&self, path: &str) -> Result<&Entry, FileError> {
        self.entries.get(&normal(path)?).ok_or(FileError::NotFound)
    }

    fn make_parents(&mut self, path: &str) -> Result<(), FileError> {
        if !is_writable(path) {
            return Err(FileError::Denied);
        }
        let folders: Vec<&str> = path.match_indices('/').skip(1).map(|(at, _)| &path[..at]).collect();
        for folder in folders {
            match self.entries.get(folder) {
                Some(Entry::Folder) => {}
                Some(Entry::File { .. }) => return Err(FileError::NotFolder),
                None => self.insert(folder.to_owned(), Entry::Folder)?,
            }
        }
        Ok(())
    }

    fn insert(&mut self, path: String, entry: Entry) -> Result<(), FileError> {
        if self.entries.len() >= MAX_ENTRIES && !self.entries.contains_key(&path) {
            return Err(FileError::Full);
        }
        self.entries.insert(path, entry);
        Ok(())
    }
}

fn status(entry: &Entry) -> Status {
    match entry {
        Entry::Folder => Status { mode: 0o040_771, size: 4096, modified: 1_700_000_000 },
        Entry::File { data, mode, modified } => {
            Status { mode: 0o100_000 | mode, size: data.len() as u32, modified: *modified }
        }
    }
}

/// The whole path without `.`, `..` and double slashes; `/storage/emulated/0` is the SD card.
fn normal(path: &str) -> Result<String, FileError> {
    if path.len() > MAX_PATH {
        return Err(FileError::NameTooLong);
    }
    let path = match path.strip_prefix("/storage/emulated/0") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("/sdcard{rest}"),
        Some(_) | None => path.to_owned(),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Ok(format!("/{}", parts.join("/")))
}

fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(at) => &path[..at],
    }
}

/// What the user of the shell may write.
fn is_writable(path: &str) -> bool {
    ["/data/local/tmp/", "/sdcard/"].iter().any(|prefix| path.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_read_and_removed() {
        let mut files = Files::default();
        files.write("/data/local/tmp/a/../b//c.txt", b"hello".to_vec(), 0o644, 5).unwrap();
        assert_eq!(files.read("/data/local/tmp/b/c.txt"), Ok(&b"hello"[..]));
        let status = files.status("/data/local/tmp/b/c.txt").unwrap();
        assert_eq!(status, Status { mode: 0o100_644, size: 5, modified: 5 });
        let names: Vec<String> = files.list(TEMPORARY).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b"]);
        assert_eq!(files.remove("/data/local/tmp/b", false), Err(FileError::IsFolder));
        assert_eq!(files.remove("/data/local/tmp/b", true), Ok(()));
        assert_eq!((files.read("/data/local/tmp/b/c.txt"), files.bytes), (Err(FileError::NotFound), 0));
        assert_eq!(files.list("/").unwrap().len(), 3);
    }

    fn check(path: &str, bytes: usize, expected: Result<(), FileError>) {
        let mut files = Files::default();
        files.write("/sdcard/file", b"a".to_vec(), 0o644, 0).unwrap();
        assert_eq!(files.write(path, vec![0; bytes], 0o644, 0), expected, "{path}");
    }

    #[test]
    fn only_what_a_phone_allows_is_written() {
        check("/storage/emulated/0/Download/x", 1, Ok(()));
        check("/system/bin/sh", 1, Err(FileError::Denied));
        check("/sdcard/../system/x", 1, Err(FileError::Denied));
        check("/sdcard/Download", 1, Err(FileError::IsFolder));
        check("/sdcard/file/x", 1, Err(FileError::NotFolder));
        check("/sdcard/x", MAX_BYTES, Err(FileError::Full));
        check(&format!("/sdcard/{}", "x".repeat(MAX_PATH)), 1, Err(FileError::NameTooLong));
    }

    #[test]
    fn the_number_of_files_is_bounded() {
        let mut files = Files::default();
        let last = (0..=MAX_ENTRIES).map(|number| files.write(&format!("/sdcard/{number}"), vec![], 0o644, 0)).last();
        assert_eq!(last, Some(Err(FileError::Full)));
    }
}
