//! The commands by name, and those that fit no other file.

use base64::Engine;
use regex::RegexBuilder;

use super::run::Output;
use super::{activity, dumpsys, files, input, packages, settings};
use crate::handset::{Inner, Lock};

/// One command: the phone that it is done to, its words with the name first, and what it says.
pub(crate) struct Call<'a> {
    pub phone: &'a mut Inner,
    pub words: &'a [String],
    pub input: &'a [u8],
    pub output: Output,
}

impl Call<'_> {
    /// A word of the command by its number, the name being 0.
    pub fn word(&self, number: usize) -> Option<&str> {
        self.words.get(number).map(String::as_str)
    }

    /// The words behind the name.
    pub fn arguments(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }

    /// The word behind an option.
    pub fn option(&self, name: &str) -> Option<&str> {
        let at = self.words.iter().position(|word| word == name)?;
        self.word(at + 1)
    }

    pub fn has(&self, option: &str) -> bool {
        self.arguments().iter().any(|word| word == option)
    }

    /// Says a line.
    pub fn say(&mut self, line: impl AsRef<str>) {
        self.output.out.extend_from_slice(line.as_ref().as_bytes());
        self.output.out.push(b'\n');
    }

    /// Says what is wrong; the status of a command that failed.
    pub fn fail(&mut self, line: impl AsRef<str>) -> i32 {
        self.output.errors.extend_from_slice(line.as_ref().as_bytes());
        self.output.errors.push(b'\n');
        1
    }
}

/// Whether a command waits for input that is not given.
pub(crate) fn reads_input(words: &[String]) -> bool {
    let has_file = words.iter().skip(1).any(|word| !word.starts_with('-'));
    match words.first().map(String::as_str) {
        Some("cat" | "base64" | "md5sum" | "wc") => !has_file,
        Some(_) | None => false,
    }
}

/// Does a command. Its status, 127 if there is none of this name.
pub(crate) fn run(call: &mut Call<'_>) -> i32 {
    let name = call.word(0).unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
    match name.as_str() {
        "input" => input::input(call),
        "screencap" => input::screencap(call),
        "uiautomator" => input::uiautomator(call),
        "wm" => wm(call),
        "getprop" => getprop(call),
        "pm" => packages::pm(call, 1),
        "cmd" => cmd(call),
        "am" => activity::am(call, 1),
        "monkey" => activity::monkey(call),
        "dumpsys" => dumpsys::dumpsys(call),
        "settings" => settings::settings(call, 1),
        "ime" => settings::ime(call, 1),
        "svc" => settings::svc(call),
        "cat" | "ls" | "rm" | "mkdir" | "md5sum" | "md5" | "touch" | "wc" | "test" | "[" | "mv" | "cp" | "stat" => {
            files::run(call, &name)
        }
        "echo" => echo(call),
        "grep" => grep(call),
        "base64" => base64(call),
        "head" | "tail" => part(call, name == "tail"),
        "id" => {
            call.say(
                "uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input),1015(sdcard_rw) context=u:r:shell:s0",
            );
            0
        }
        "whoami" => {
            call.say("shell");
            0
        }
        "true" | ":" | "sync" | "logcat" | "chmod" | "cd" | "unset" => 0,
        "false" => 1,
        "date" => {
            let now = call.phone.phone.now();
            call.say(format!("{} {}", now.date(), now.time_of_day()));
            0
        }
        "ps" | "pidof" | "kill" | "pkill" | "killall" => activity::processes(call, &name),
        "ip" | "ifconfig" => {
            call.say("wlan0     Link encap:Ethernet");
            call.say("          inet addr:10.0.2.15  Bcast:10.0.2.255  Mask:255.255.255.0");
            call.say("    inet 10.0.2.15/24 brd 10.0.2.255 scope global wlan0");
            0
        }
        _ => {
            call.fail(format!("/system/bin/sh: {name}: inaccessible or not found"));
            127
        }
    }
}

fn cmd(call: &mut Call<'_>) -> i32 {
    match call.word(1) {
        Some("package") => packages::pm(call, 2),
        Some("activity") => activity::am(call, 2),
        Some("settings") => settings::settings(call, 2),
        Some("input_method") => settings::ime(call, 2),
        Some("statusbar") => activity::statusbar(call),
        Some("window") => 0,
        Some(service) => {
            let line = format!("cmd: Can't find service: {service}");
            call.fail(line);
            20
        }
        None => call.fail("cmd: No service specified; use -l to list all services"),
    }
}

fn wm(call: &mut Call<'_>) -> i32 {
    match call.word(1) {
        Some("size") => {
            call.say(format!("Physical size: {}x{}", deftly_sim::WIDTH, deftly_sim::HEIGHT));
            0
        }
        Some("density") => {
            call.say("Physical density: 420");
            0
        }
        Some("dismiss-keyguard") => {
            call.phone.touched();
            if call.phone.awake && call.phone.lock == Lock::Swipe {
                call.phone.lock = Lock::Open;
            }
            0
        }
        Some(_) | None => {
            call.fail("usage: wm [size|density|dismiss-keyguard]");
            255
        }
    }
}

/// The API level of a version: Android 12 has 31, 12L has 32, 13 has 33.
pub(crate) fn sdk(version: u32) -> u32 {
    if version <= 12 { 31 } else { version + 20 }
}

fn getprop(call: &mut Call<'_>) -> i32 {
    let system = call.phone.phone.system();
    let release = system.version.clone();
    let sdk = sdk(release.parse().unwrap_or(13));
    let seed = call.phone.phone.options().seed;
    let properties = [
        ("dev.bootcomplete", "1".to_owned()),
        ("ro.build.version.release", release),
        ("ro.build.version.sdk", sdk.to_string()),
        ("ro.debuggable", "0".to_owned()),
        ("ro.product.brand", "deftly".to_owned()),
        ("ro.product.cpu.abi", "arm64-v8a".to_owned()),
        ("ro.product.cpu.abilist", "arm64-v8a".to_owned()),
        ("ro.product.device", "sim".to_owned()),
        ("ro.product.manufacturer", "deftly".to_owned()),
        ("ro.product.model", system.model.clone()),
        ("ro.product.name", "deftly_sim".to_owned()),
        ("ro.secure", "1".to_owned()),
        ("ro.serialno", format!("deftlysim{seed}")),
        ("ro.sf.lcd_density", "420".to_owned()),
        ("sys.boot_completed", "1".to_owned()),
    ];
    match call.word(1) {
        Some(name) => {
            let value = properties.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
            call.say(value);
        }
        None => {
            for (name, value) in &properties {
                call.say(format!("[{name}]: [{value}]"));
            }
        }
    }
    0
}

fn echo(call: &mut Call<'_>) -> i32 {
    let (words, has_end) = match call.arguments() {
        [first, rest @ ..] if first == "-n" => (rest, false),
        words => (words, true),
    };
    let line = words.join(" ");
    call.output.out.extend(line.into_bytes());
    if has_end {
        call.output.out.push(b'\n');
    }
    0
}

fn grep(call: &mut Call<'_>) -> i32 {
    let mut flags = String::new();
    let mut pattern: Option<String> = None;
    let mut files = Vec::new();
    for word in call.arguments() {
        match word.strip_prefix('-') {
            Some(letters) if pattern.is_none() && !letters.is_empty() => flags.push_str(letters),
            Some(_) | None if pattern.is_none() => pattern = Some(word.clone()),
            Some(_) | None => files.push(word.clone()),
        }
    }
    let Some(pattern) = pattern else { return call.fail("usage: grep [-EFivoqc] PATTERN [FILE...]") + 1 };
    let pattern = if flags.contains('F') { regex::escape(&pattern) } else { pattern };
    let built = RegexBuilder::new(&pattern).case_insensitive(flags.contains('i')).size_limit(1 << 20).build();
    let Ok(regex) = built else { return call.fail("grep: bad pattern") + 1 };
    let mut text = Vec::new();
    for file in &files {
        match call.phone.files.read(file) {
            Ok(data) => text.extend_from_slice(data),
            Err(error) => return call.fail(format!("grep: {file}: {error}")) + 1,
        }
    }
    let text = if files.is_empty() { String::from_utf8_lossy(call.input) } else { String::from_utf8_lossy(&text) };
    let lines: Vec<&str> = text.lines().filter(|line| regex.is_match(line) != flags.contains('v')).collect();
    let is_found = !lines.is_empty();
    let mut out = String::new();
    if flags.contains('c') {
        out = format!("{}\n", lines.len());
    } else if !flags.contains('q') {
        for line in lines {
            if flags.contains('o') {
                out.extend(regex.find_iter(line).map(|found| format!("{}\n", found.as_str())));
            } else {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    call.output.out.extend(out.into_bytes());
    i32::from(!is_found)
}

fn base64(call: &mut Call<'_>) -> i32 {
    let encoded = base64::engine::general_purpose::STANDARD.encode(call.input);
    // Lines of 76 letters, as toybox writes them.
    for line in encoded.as_bytes().chunks(76) {
        call.output.out.extend_from_slice(line);
        call.output.out.push(b'\n');
    }
    0
}

/// The first lines, or the last ones.
fn part(call: &mut Call<'_>, is_end: bool) -> i32 {
    let count: usize = call.option("-n").and_then(|text| text.parse().ok()).unwrap_or(10);
    let lines: Vec<&[u8]> = call.input.split_inclusive(|&byte| byte == b'\n').collect();
    let count = count.min(lines.len());
    let lines = if is_end { &lines[lines.len() - count..] } else { &lines[..count] };
    let out = lines.concat();
    call.output.out.extend(out);
    0
}
