//! The phone's shell: an interpreter of its own, whose commands are functions on the simulated phone.

mod activity;
mod commands;
mod dumpsys;
mod files;
mod input;
mod packages;
mod run;
mod settings;
pub(crate) mod words;

use tokio_util::sync::CancellationToken;

pub(crate) use self::commands::sdk;
pub(crate) use self::input::NO_INJECTION;
use self::run::{Ended, Output, Session};
use crate::handset::Handset;
use crate::services::Protocol;
use crate::transport::{Closed, Stream};

/// The longest line of an interactive shell, and the most input that a command takes.
const MAX_INPUT: usize = 32 * 1024 * 1024;

/// The kinds of shell packets.
mod packet {
    pub const INPUT: u8 = 0;
    pub const OUTPUT: u8 = 1;
    pub const ERRORS: u8 = 2;
    pub const EXIT: u8 = 3;
    pub const CLOSE_INPUT: u8 = 4;
}

/// What comes from the host, in either protocol.
enum Input {
    Data(Vec<u8>),
    /// No more of it; the host still listens.
    End,
}

/// The host's end of a shell.
pub(crate) struct Terminal<'a> {
    stream: &'a mut Stream,
    protocol: Protocol,
    /// Bytes of packets that are not whole yet.
    partial: Vec<u8>,
}

/// Runs a command, or lines until the end of input if it is empty.
pub async fn serve(
    stream: &mut Stream,
    handset: Handset,
    end: CancellationToken,
    command: String,
    protocol: Protocol,
) -> Result<(), Closed> {
    let mut terminal = Terminal { stream, protocol, partial: Vec::new() };
    let mut session = Session::new(handset, end);
    let ended = if command.trim().is_empty() {
        interact(&mut session, &mut terminal).await?
    } else {
        session.run(&command, &mut terminal).await?
    };
    match ended {
        Ended::Status(status) => terminal.exit(status).await,
        Ended::Cut => Err(Closed),
    }
}

/// Reads lines and runs them. On a terminal it prompts and shows what is typed.
async fn interact(session: &mut Session, terminal: &mut Terminal<'_>) -> Result<Ended, Closed> {
    let echoes = matches!(terminal.protocol, Protocol::Packets { terminal: true } | Protocol::Plain);
    let mut waiting = Vec::new();
    loop {
        if echoes {
            terminal.write(&Output::plain("sim:/ $ ")).await?;
        }
        let line = loop {
            if let Some(at) = waiting.iter().position(|&byte| byte == b'\n' || byte == b'\r') {
                break waiting.drain(..=at).collect::<Vec<u8>>();
            }
            match terminal.read().await.ok_or(Closed)? {
                // Control-D on a terminal.
                Input::Data(data) if echoes && data == [4] => return Ok(Ended::Status(session.status)),
                Input::Data(data) => {
                    if echoes {
                        terminal.write(&Output { out: data.clone(), errors: Vec::new() }).await?;
                    }
                    waiting.extend_from_slice(&data);
                }
                Input::End if waiting.is_empty() => return Ok(Ended::Status(session.status)),
                Input::End => waiting.push(b'\n'),
            }
            if waiting.len() > words::MAX_LINE {
                return Ok(Ended::Status(1));
            }
        };
        if echoes {
            terminal.write(&Output::plain("\n")).await?;
        }
        let line = String::from_utf8_lossy(&line).into_owned();
        match line.trim() {
            "" => {}
            "exit" => return Ok(Ended::Status(session.status)),
            line => {
                if let Ended::Cut = session.run(line, terminal).await? {
                    return Ok(Ended::Cut);
                }
            }
        }
    }
}

impl Terminal<'_> {
    pub(crate) async fn write(&mut self, output: &Output) -> Result<(), Closed> {
        match self.protocol {
            Protocol::Plain => {
                self.stream.send(&output.out).await?;
                self.stream.send(&output.errors).await
            }
            Protocol::Packets { .. } => {
                self.packet(packet::OUTPUT, &output.out).await?;
                self.packet(packet::ERRORS, &output.errors).await
            }
        }
    }

    async fn packet(&mut self, kind: u8, data: &[u8]) -> Result<(), Closed> {
        for chunk in data.chunks(60 * 1024) {
            let length = (chunk.len() as u32).to_le_bytes();
            self.stream.send(&[&[kind], length.as_slice(), chunk].concat()).await?;
        }
        Ok(())
    }

    async fn exit(&mut self, status: i32) -> Result<(), Closed> {
        match self.protocol {
            Protocol::Plain => Ok(()),
            Protocol::Packets { .. } => self.packet(packet::EXIT, &[status.clamp(0, 255) as u8]).await,
        }
    }

    /// `None` if the host is gone, or sends what is no packet.
    async fn read(&mut self) -> Option<Input> {
        match self.protocol {
            Protocol::Plain => self.stream.receive().await.map(Input::Data),
            Protocol::Packets { .. } => loop {
                if let Some((kind, data)) = self.whole_packet()? {
                    match kind {
                        packet::INPUT => return Some(Input::Data(data)),
                        packet::CLOSE_INPUT => return Some(Input::End),
                        // The size of the host's window, which changes nothing here.
                        _ => continue,
                    }
                }
                let more = self.stream.receive().await?;
                self.partial.extend_from_slice(&more);
            },
        }
    }

    /// The next packet if it has come whole; `None` outside if it never can.
    fn whole_packet(&mut self) -> Option<Option<(u8, Vec<u8>)>> {
        let [kind, a, b, c, d, ..] = *self.partial.as_slice() else { return Some(None) };
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        if length > crate::transport::MAX_PAYLOAD as usize {
            return None;
        }
        if self.partial.len() < 5 + length {
            return Some(None);
        }
        let data = self.partial[5..5 + length].to_vec();
        self.partial.drain(..5 + length);
        Some(Some((kind, data)))
    }

    /// Everything until the end of input; `None` if the host is gone or sends too much.
    pub(crate) async fn read_all(&mut self) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        while let Some(input) = self.read().await {
            match input {
                Input::Data(data) => all.extend_from_slice(&data),
                Input::End => return Some(all),
            }
            if all.len() > MAX_INPUT {
                return None;
            }
        }
        matches!(self.protocol, Protocol::Plain).then_some(all)
    }

    /// Returns when the host is gone; what it types meanwhile is lost.
    pub(crate) async fn gone(&mut self) {
        while self.read().await.is_some() {}
    }
}
