//! A host in the test's own process: the other side of the protocol, written out a second time.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::time::Duration;

use deftly_sim::SimPhone;
use deftly_sim_adb::{ClockSource, Handset, Server, serve};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How long anything may take before the test has failed.
const PATIENCE: Duration = Duration::from_secs(20);

pub async fn server(clock: ClockSource) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    serve(listener, Handset::new(SimPhone::new(7), clock)).unwrap()
}

/// A message: its four letters, two arguments, and data.
pub type Message = (String, u32, u32, Vec<u8>);

pub struct Host {
    pub socket: TcpStream,
    checksums: bool,
    next_id: u32,
    pub banner: String,
}

impl Host {
    /// Connects and greets.
    pub async fn connect(server: &Server) -> Self {
        Self::connect_as(server, 0x0100_0001, 256 * 1024).await.expect("the phone greets")
    }

    pub async fn connect_as(server: &Server, version: u32, max_payload: u32) -> Option<Self> {
        let mut host = Self::dial(server).await;
        host.send("CNXN", version, max_payload, b"host::features=shell_v2").await;
        let (kind, phone_version, phone_payload, banner) = host.receive().await?;
        assert_eq!((kind.as_str(), phone_version, phone_payload), ("CNXN", version, 1024 * 1024));
        host.checksums = version < 0x0100_0001;
        host.banner = String::from_utf8(banner).unwrap();
        Some(host)
    }

    pub async fn dial(server: &Server) -> Self {
        let socket = TcpStream::connect(server.address()).await.unwrap();
        Self { socket, checksums: true, next_id: 100, banner: String::new() }
    }

    pub async fn send(&mut self, kind: &str, arg0: u32, arg1: u32, data: &[u8]) {
        let code = u32::from_le_bytes(kind.as_bytes().try_into().unwrap());
        let sum = if self.checksums { data.iter().map(|&byte| u32::from(byte)).sum() } else { 0 };
        let words = [code, arg0, arg1, data.len() as u32, sum, !code];
        let mut bytes: Vec<u8> = words.iter().flat_map(|word: &u32| word.to_le_bytes()).collect();
        bytes.extend_from_slice(data);
        // A phone that hung up is found out by what it does not say.
        let _ = self.socket.write_all(&bytes).await;
    }

    /// The next message, or `None` if the phone hung up.
    pub async fn receive(&mut self) -> Option<Message> {
        let next = async {
            let mut header = [0; 24];
            self.socket.read_exact(&mut header).await.ok()?;
            let word = |at: usize| u32::from_le_bytes(header[at * 4..at * 4 + 4].try_into().unwrap());
            let mut data = vec![0; word(3) as usize];
            self.socket.read_exact(&mut data).await.ok()?;
            assert_eq!(word(5), !word(0));
            let sum: u32 = data.iter().map(|&byte| u32::from(byte)).sum();
            assert_eq!(word(4), sum);
            Some((String::from_utf8(header[..4].to_vec()).unwrap(), word(1), word(2), data))
        };
        tokio::time::timeout(PATIENCE, next).await.expect("the phone says something in time")
    }

    /// Opens a stream: our id and the phone's, or `None` if it refuses.
    pub async fn open(&mut self, service: &str) -> Option<(u32, u32)> {
        self.next_id += 1;
        let id = self.next_id;
        self.send("OPEN", id, 0, format!("{service}\0").as_bytes()).await;
        let (kind, remote, local, _) = self.receive().await?;
        assert_eq!(local, id);
        (kind == "OKAY").then_some((id, remote))
    }

    /// Writes and waits until the phone has taken it.
    pub async fn write(&mut self, (id, remote): (u32, u32), data: &[u8]) {
        self.send("WRTE", id, remote, data).await;
        let answer = self.receive().await;
        assert!(matches!(&answer, Some((kind, _, _, _)) if kind == "OKAY"), "{answer:?}");
    }

    /// Everything that the phone writes until it closes the stream; `None` if it hangs up.
    pub async fn read_all(&mut self, (id, remote): (u32, u32)) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let (kind, _, local, data) = self.receive().await?;
            assert_eq!(local, id, "{kind}");
            match kind.as_str() {
                "WRTE" => {
                    all.extend(data);
                    self.send("OKAY", id, remote, &[]).await;
                }
                "CLSE" => return Some(all),
                "OKAY" => {}
                kind => panic!("{kind}"),
            }
        }
    }

    /// What a plain shell says to a command; `None` if the phone hangs up.
    pub async fn shell(&mut self, command: &str) -> Option<String> {
        let stream = self.open(&format!("shell:{command}")).await?;
        Some(String::from_utf8(self.read_all(stream).await?).unwrap())
    }

    /// Puts a file there, so that the resident server can be started, and starts it.
    pub async fn start_resident(&mut self) -> Option<String> {
        self.shell("echo jar > /data/local/tmp/u2.jar").await?;
        self.shell("CLASSPATH=/data/local/tmp/u2.jar nohup app_process / com.wetest.uia2.Main >/dev/null 2>&1 &").await
    }

    /// A call of the resident server on a connection of its own: its answer, or `None` if there is no whole one.
    pub async fn call(&mut self, method: &str, parameters: Value) -> Option<Value> {
        let stream = self.open("tcp:9008").await?;
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).to_string();
        let length = body.len();
        let head = format!("POST /jsonrpc/0 HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        self.send("WRTE", stream.0, stream.1, [head, body].concat().as_bytes()).await;
        let answer = self.read_all(stream).await?;
        let text = String::from_utf8(answer).unwrap();
        serde_json::from_str(text.split_once("\r\n\r\n")?.1).ok()
    }

    /// The result of a call that goes well.
    pub async fn result(&mut self, method: &str, parameters: Value) -> Value {
        let answer = self.call(method, parameters).await.expect("an answer");
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }
}
