//! What a host can open a stream to.

use tokio_util::sync::CancellationToken;

use crate::handset::{Handset, Inner};
use crate::transport::Stream;
use crate::{resident, shell, sync};

/// What works here, of the names that adbd has for it.
pub const FEATURES: &str = "shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir";

/// Rules of the host that the phone keeps and nobody uses.
const MAX_REVERSES: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Service {
    Shell {
        command: String,
        protocol: Protocol,
    },
    Sync,
    /// A port of the phone.
    Tcp(u16),
    Reverse(String),
}

/// How a shell's output reaches the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Everything in one.
    Plain,
    /// Packets for output, errors and the exit status; input in packets too.
    Packets { terminal: bool },
}

impl Service {
    /// `shell:ls`, `shell,v2,TERM=xterm,raw:ls`, `exec:screencap -p`, `sync:`, `tcp:9008`, `reverse:list-forward`.
    pub fn parse(name: &str) -> Option<Self> {
        let (kind, rest) = name.split_once(':')?;
        let mut options = kind.split(',');
        let command = || rest.to_owned();
        match options.next()? {
            "shell" => {
                let options: Vec<&str> = options.collect();
                let terminal = options.contains(&"pty") || (rest.is_empty() && !options.contains(&"raw"));
                let protocol = if options.contains(&"v2") { Protocol::Packets { terminal } } else { Protocol::Plain };
                Some(Self::Shell { command: command(), protocol })
            }
            "exec" => Some(Self::Shell { command: command(), protocol: Protocol::Plain }),
            "sync" => Some(Self::Sync),
            "tcp" => rest.parse().ok().map(Self::Tcp),
            "reverse" => Some(Self::Reverse(command())),
            _ => None,
        }
    }

    /// Whether somebody is there to answer.
    pub fn is_there(&self, handset: &Handset) -> bool {
        match self {
            Self::Tcp(port) => handset.lock().resident.as_ref().is_some_and(|resident| resident.port == *port),
            Self::Shell { .. } | Self::Sync | Self::Reverse(_) => true,
        }
    }

    /// Serves the stream to its end. `end` cuts the whole connection, for faults.
    pub async fn run(self, mut stream: Stream, handset: Handset, end: CancellationToken) {
        // Whoever is gone does not hear how it ended.
        let _ = match self {
            Self::Shell { command, protocol } => shell::serve(&mut stream, handset, end, command, protocol).await,
            Self::Sync => sync::serve(&mut stream, &handset, &end).await,
            Self::Tcp(_) => resident::serve(&mut stream, handset, end).await,
            Self::Reverse(request) => {
                let reply = reverse(&mut handset.lock(), &request);
                stream.send(&reply).await
            }
        };
    }
}

/// Who this is, as the host lists it.
pub fn banner(handset: &Handset) -> Vec<u8> {
    let model = handset.lock().phone.system().model.replace(' ', "_");
    format!("device::ro.product.name=deftly_sim;ro.product.model={model};ro.product.device=sim;features={FEATURES}")
        .into_bytes()
}

/// Keeps the list of what the phone listens on for the host. Nothing in the simulated phone ever dials it.
fn reverse(phone: &mut Inner, request: &str) -> Vec<u8> {
    let reverses = &mut phone.reverses;
    let fail = |text: &str| format!("FAIL{:04x}{text}", text.len()).into_bytes();
    let (verb, rest) = request.split_once(':').unwrap_or((request, ""));
    match verb {
        "list-forward" => {
            let line = |(local, remote): &(String, String)| format!("(reverse) {local} {remote}\n");
            let list: String = reverses.iter().map(line).collect();
            format!("{:04x}{list}", list.len()).into_bytes()
        }
        "forward" => {
            let (may_replace, rule) = rest.strip_prefix("norebind:").map_or((true, rest), |rule| (false, rule));
            let Some((local, remote)) = rule.split_once(';') else { return fail("bad forward") };
            let known = reverses.iter().position(|(known, _)| known == local);
            match known {
                Some(_) if !may_replace => return fail("cannot rebind existing socket"),
                Some(index) => reverses[index].1 = remote.to_owned(),
                None if reverses.len() >= MAX_REVERSES => return fail("too many listeners"),
                None => reverses.push((local.to_owned(), remote.to_owned())),
            }
            b"OKAY".to_vec()
        }
        "killforward" => {
            let before = reverses.len();
            reverses.retain(|(local, _)| local != rest);
            if reverses.len() < before { b"OKAY".to_vec() } else { fail(&format!("listener '{rest}' not found")) }
        }
        "killforward-all" => {
            reverses.clear();
            b"OKAY".to_vec()
        }
        _ => fail("unknown reverse service"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<Service>) {
        assert_eq!(Service::parse(name), expected, "{name}");
    }

    fn shell(command: &str, protocol: Protocol) -> Option<Service> {
        Some(Service::Shell { command: command.to_owned(), protocol })
    }

    #[test]
    fn services_have_names() {
        check("shell:ls -l", shell("ls -l", Protocol::Plain));
        check("shell,v2,TERM=xterm-256color,raw:echo a:b", shell("echo a:b", Protocol::Packets { terminal: false }));
        check("shell,v2,pty:", shell("", Protocol::Packets { terminal: true }));
        check("exec:screencap -p", shell("screencap -p", Protocol::Plain));
        check("sync:", Some(Service::Sync));
        check("tcp:9008", Some(Service::Tcp(9008)));
        for wrong in ["", "shell", "tcp:", "tcp:99999", "tcp:localhost:80", "jdwp:1", "reboot:", "root:"] {
            check(wrong, None);
        }
    }
}
