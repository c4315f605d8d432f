//! Files: `cat`, `ls`, `rm`, `mkdir`, `md5sum` and their like.

use md5::{Digest, Md5};

use super::commands::Call;
use crate::files::FileError;
use crate::handset::Inner;

/// Writes or appends to a file; `/dev/null` takes everything.
pub(crate) fn write(phone: &mut Inner, path: &str, mut data: Vec<u8>, append: bool) -> Result<(), String> {
    if path == "/dev/null" {
        return Ok(());
    }
    if append && let Ok(old) = phone.files.read(path) {
        data.splice(0..0, old.iter().copied());
    }
    let modified = seconds(phone);
    phone.files.write(path, data, 0o644, modified).map_err(|error| format!("can't create {path}: {error}"))
}

/// The phone's time in seconds since 1970.
fn seconds(phone: &Inner) -> u32 {
    (phone.phone.now().0 / 1000).clamp(0, i64::from(u32::MAX)) as u32
}

pub(crate) fn run(call: &mut Call<'_>, name: &str) -> i32 {
    let paths: Vec<String> = call.arguments().iter().filter(|word| !word.starts_with('-')).cloned().collect();
    let has_letter = |letter: char| {
        let options = call.arguments().iter().filter_map(|word| word.strip_prefix('-'));
        options.into_iter().any(|letters| !letters.starts_with('-') && letters.contains(letter))
    };
    let (force, recursive, parents, long) =
        (has_letter('f'), has_letter('r') || has_letter('R'), has_letter('p'), has_letter('l'));
    match name {
        "cat" => cat(call, &paths),
        "md5sum" | "md5" => md5(call, &paths),
        "wc" => wc(call, &paths),
        "ls" => ls(call, &paths, long),
        "rm" => each(call, &paths, |phone, path| match phone.files.remove(path, recursive) {
            Err(FileError::NotFound) if force => Ok(()),
            result => result,
        }),
        "mkdir" => each(call, &paths, |phone, path| phone.files.make_folder(path, parents)),
        "touch" => each(call, &paths, |phone, path| {
            let data = phone.files.read(path).map(<[u8]>::to_vec).unwrap_or_default();
            let modified = seconds(phone);
            phone.files.write(path, data, 0o644, modified)
        }),
        "mv" | "cp" => copy(call, &paths, name == "mv"),
        "stat" => each(call, &paths, |phone, path| phone.files.status(path).map(|_| ())),
        _ => test(call),
    }
}

fn each(
    call: &mut Call<'_>,
    paths: &[String],
    mut action: impl FnMut(&mut Inner, &str) -> Result<(), FileError>,
) -> i32 {
    let mut status = 0;
    for path in paths {
        if let Err(error) = action(call.phone, path) {
            let name = call.word(0).unwrap_or_default().to_owned();
            status = call.fail(format!("{name}: {path}: {error}"));
        }
    }
    status
}

fn cat(call: &mut Call<'_>, paths: &[String]) -> i32 {
    if paths.is_empty() {
        call.output.out = call.input.to_vec();
    }
    let mut status = 0;
    for path in paths {
        let read = call.phone.files.read(path).map(<[u8]>::to_vec);
        match read {
            Ok(data) => call.output.out.extend(data),
            Err(error) => status = call.fail(format!("cat: {path}: {error}")),
        }
    }
    status
}

fn md5(call: &mut Call<'_>, paths: &[String]) -> i32 {
    let sum = |data: &[u8]| Md5::digest(data).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    if paths.is_empty() {
        call.say(format!("{}  -", sum(call.input)));
    }
    let mut status = 0;
    for path in paths {
        let read = call.phone.files.read(path).map(sum);
        match read {
            Ok(sum) => call.say(format!("{sum}  {path}")),
            Err(error) => status = call.fail(format!("md5sum: {path}: {error}")),
        }
    }
    status
}

fn wc(call: &mut Call<'_>, paths: &[String]) -> i32 {
    let data = match paths.first() {
        None => call.input.to_vec(),
        Some(path) => match call.phone.files.read(path) {
            Ok(data) => data.to_vec(),
            Err(error) => return call.fail(format!("wc: {path}: {error}")),
        },
    };
    let lines = data.iter().filter(|&&byte| byte == b'\n').count();
    let words = data.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
    let line = match call.word(1) {
        Some("-l") => lines.to_string(),
        Some("-w") => words.to_string(),
        Some("-c") => data.len().to_string(),
        Some(_) | None => format!("{lines} {words} {}", data.len()),
    };
    call.say(line);
    0
}

fn ls(call: &mut Call<'_>, paths: &[String], long: bool) -> i32 {
    let folder = ["/".to_owned()];
    let mut status = 0;
    for path in if paths.is_empty() { &folder } else { paths } {
        let listed = match call.phone.files.list(path) {
            Err(FileError::NotFolder) => call.phone.files.status(path).map(|status| vec![(path.clone(), status)]),
            listed => listed,
        };
        match listed {
            Ok(entries) => {
                for (name, entry) in entries {
                    let kind = if entry.mode & 0o040_000 != 0 { "drwxrwx--x" } else { "-rw-r--r--" };
                    let line = if long { format!("{kind} 1 shell shell {:>8} {name}", entry.size) } else { name };
                    call.say(line);
                }
            }
            Err(error) => status = call.fail(format!("ls: {path}: {error}")),
        }
    }
    status
}

fn copy(call: &mut Call<'_>, paths: &[String], is_move: bool) -> i32 {
    let [from, to] = paths else { return call.fail("usage: mv|cp FROM TO") };
    let copied = (|| {
        let data = call.phone.files.read(from)?.to_vec();
        let to = match call.phone.files.status(to) {
            Ok(status) if status.mode & 0o040_000 != 0 => {
                format!("{to}/{}", from.rsplit('/').next().unwrap_or_default())
            }
            Ok(_) | Err(_) => to.clone(),
        };
        let modified = seconds(call.phone);
        call.phone.files.write(&to, data, 0o644, modified)?;
        if is_move { call.phone.files.remove(from, false) } else { Ok(()) }
    })();
    match copied {
        Ok(()) => 0,
        Err(error) => call.fail(format!("{from}: {error}")),
    }
}

/// `test -f FILE`, `[ -d FOLDER ]`
fn test(call: &mut Call<'_>) -> i32 {
    let mut words: Vec<&str> = call.arguments().iter().map(String::as_str).collect();
    if words.last() == Some(&"]") {
        words.pop();
    }
    let status = |path: &str| call.phone.files.status(path);
    let is_true = match words.as_slice() {
        ["-e", path] => status(path).is_ok(),
        ["-f", path] => status(path).is_ok_and(|status| status.mode & 0o100_000 != 0),
        ["-d", path] => status(path).is_ok_and(|status| status.mode & 0o040_000 != 0),
        ["-n", text] => !text.is_empty(),
        ["-z", text] => text.is_empty(),
        [left, "=" | "==", right] => left == right,
        [left, "!=", right] => left != right,
        [text] => !text.is_empty(),
        _ => return 2,
    };
    i32::from(!is_true)
}
