//! JSON-RPC over HTTP, as the service on the phone speaks it, on a connection that stays open.
//!
//! The calls that carry text and the calls whose answers are large go through here and not through the `uiautomator`
//! crate, for two reasons: its client writes every request to the log, and what is typed may be a secret; and it reads
//! an answer of any size into memory.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::AndroidError;

/// The most that the lines before an answer may be.
const MAX_HEAD: usize = 16 << 10;

/// How long a call may take and how large its answer may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallLimits {
    pub patience: Duration,
    pub bytes: usize,
}

impl CallLimits {
    /// For calls that answer in a few words.
    pub const SMALL: Self = Self { patience: Duration::from_secs(10), bytes: 1 << 20 };
}

/// A way to the service, through a port of this computer that adb forwards.
#[derive(Debug)]
pub(crate) struct Wire {
    port: u16,
    stream: Option<BufReader<TcpStream>>,
    last_id: u64,
}

impl Wire {
    pub fn new(port: u16) -> Self {
        Self { port, stream: None, last_id: 0 }
    }

    /// Asks whether the service is there. Afterwards the connection is known to reach it.
    pub async fn ping(&mut self, patience: Duration) -> Result<(), AndroidError> {
        let limits = CallLimits { patience, bytes: 1 << 10 };
        let was_open = self.stream.is_some();
        let mut answer = self.exchange("ping", "GET /ping", "", limits).await;
        if was_open && answer.is_err() {
            // The service closes connections on which nothing happens.
            answer = self.exchange("ping", "GET /ping", "", limits).await;
        }
        let answer = answer?;
        if answer.trim_ascii() == b"pong" {
            return Ok(());
        }
        Err(AndroidError::BadAnswer { during: "ping".to_owned(), reason: "something else listens there".to_owned() })
    }

    /// Asks the service to end. Whether it did shows when it is asked for something.
    pub async fn stop(&mut self, patience: Duration) {
        let limits = CallLimits { patience, bytes: 1 << 10 };
        let _ = self.exchange("stop", "GET /stop", "", limits).await;
    }

    /// Calls a method. An error says whether the request can have reached the phone.
    pub async fn call(&mut self, method: &str, params: Value, limits: CallLimits) -> Result<Value, AndroidError> {
        self.last_id += 1;
        let request = json!({ "jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params });
        let answer = self.exchange(method, "POST /jsonrpc/0", &request.to_string(), limits).await?;
        parse_answer(method, &answer, self.last_id)
    }

    /// Sends one request and reads the answer's body. A connection that failed in any way is not used again.
    async fn exchange(
        &mut self,
        during: &str,
        line: &str,
        body: &str,
        limits: CallLimits,
    ) -> Result<Vec<u8>, AndroidError> {
        let stream = self.stream.take();
        let work = transfer(stream, self.port, during, line, body, limits.bytes);
        let seconds = limits.patience.as_secs().max(1);
        let timed_out = |_| AndroidError::TimedOut { during: during.to_owned(), seconds };
        let (stream, body) = tokio::time::timeout(limits.patience, work).await.map_err(timed_out)??;
        self.stream = stream;
        Ok(body)
    }
}

/// The open connection, if it stays open, and the answer's body.
type Transferred = (Option<BufReader<TcpStream>>, Vec<u8>);

async fn transfer(
    stream: Option<BufReader<TcpStream>>,
    port: u16,
    during: &str,
    line: &str,
    body: &str,
    limit: usize,
) -> Result<Transferred, AndroidError> {
    let link = |sent: bool| {
        move |error: std::io::Error| AndroidError::Link { during: during.to_owned(), reason: error.to_string(), sent }
    };
    let mut stream = match stream {
        Some(stream) => stream,
        None => {
            let stream = TcpStream::connect(("127.0.0.1", port)).await.map_err(link(false))?;
            stream.set_nodelay(true).map_err(link(false))?;
            BufReader::new(stream)
        }
    };
    // An empty Accept-Encoding, because NanoHTTPD, which the service is built on, leaks memory when it compresses.
    let head = format!(
        "{line} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: keep-alive\r\nAccept-Encoding:\r\n\
         Content-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + body).as_bytes()).await.map_err(link(true))?;
    let head = read_head(&mut stream, during).await?;
    let length = head.length.ok_or_else(|| bad(during, "it does not say how long it is"))?;
    if length > limit {
        return Err(AndroidError::TooLarge { during: during.to_owned(), limit });
    }
    let mut answer = Vec::new();
    (&mut stream).take(length as u64).read_to_end(&mut answer).await.map_err(link(true))?;
    if answer.len() < length {
        let reason = format!("the answer ends after {} of {length} bytes", answer.len());
        return Err(AndroidError::Link { during: during.to_owned(), reason, sent: true });
    }
    if head.status != 200 {
        return Err(bad(during, &format!("HTTP status {}", head.status)));
    }
    Ok((head.keeps_open.then_some(stream), answer))
}

/// What stands before an answer.
struct Head {
    status: u16,
    length: Option<usize>,
    keeps_open: bool,
}

async fn read_head(stream: &mut BufReader<TcpStream>, during: &str) -> Result<Head, AndroidError> {
    let mut limited = stream.take(MAX_HEAD as u64);
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        let link = |reason: String| AndroidError::Link { during: during.to_owned(), reason, sent: true };
        let count = limited.read_until(b'\n', &mut line).await.map_err(|error| link(error.to_string()))?;
        if count == 0 {
            return Err(link("it was closed before the answer".to_owned()));
        }
        let line = String::from_utf8_lossy(&line).trim().to_owned();
        if line.is_empty() {
            return parse_head(&lines).ok_or_else(|| bad(during, "it is not HTTP"));
        }
        lines.push(line);
    }
}

fn parse_head(lines: &[String]) -> Option<Head> {
    let (first, rest) = lines.split_first()?;
    let status = first.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    let header = |name: &str| {
        let mut fields = rest.iter().filter_map(|line| line.split_once(':'));
        fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    };
    let keeps_open = header("connection").is_none_or(|value| !value.eq_ignore_ascii_case("close"));
    Some(Head { status, length: header("content-length").and_then(|value| value.parse().ok()), keeps_open })
}

/// The result of a call, or the error with which the service answered.
fn parse_answer(method: &str, answer: &[u8], id: u64) -> Result<Value, AndroidError> {
    let mut answer: Value = serde_json::from_slice(answer).map_err(|error| bad(method, &error.to_string()))?;
    if answer["id"] != id {
        return Err(bad(method, "it answers another question"));
    }
    if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
        return Err(refused(method, error["message"].as_str().unwrap_or("it does not say why")));
    }
    match answer.get_mut("result") {
        Some(result) => Ok(result.take()),
        // Methods without a result.
        None => Ok(Value::Null),
    }
}

/// An error of the service itself. Android's own word for the vendors' switch is among them.
pub(crate) fn refused(method: &str, reason: &str) -> AndroidError {
    if reason.contains("INJECT_EVENTS") {
        return AndroidError::NoInjection;
    }
    let reason = reason.lines().next().unwrap_or_default().chars().take(200).collect();
    AndroidError::Refused { during: method.to_owned(), reason }
}

fn bad(during: &str, reason: &str) -> AndroidError {
    AndroidError::BadAnswer { during: during.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Calls a method of a service that answers each connection with these bytes.
    async fn call(answer: Vec<u8>, limit: usize) -> Result<Value, AndroidError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 2048];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(&answer).await;
            }
        });
        let limits = CallLimits { patience: Duration::from_secs(5), bytes: limit };
        Wire::new(port).call("deviceInfo", json!([]), limits).await
    }

    async fn check(answer: &str, expected: &str) {
        let text = match call(answer.as_bytes().to_vec(), 1000).await {
            Ok(value) => value.to_string(),
            Err(error) => error.to_string(),
        };
        assert!(text.contains(expected), "{answer:?}: {text}");
    }

    fn http(body: &str) -> String {
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }

    #[tokio::test]
    async fn answers_are_read_with_suspicion() {
        check(&http(r#"{"jsonrpc":"2.0","id":1,"result":{"sdkInt":34}}"#), r#"{"sdkInt":34}"#).await;
        check(&http(r#"{"jsonrpc":"2.0","id":1}"#), "null").await;
        check(&http(r#"{"jsonrpc":"2.0","id":2,"result":1}"#), "it answers another question").await;
        check(&http(r#"{"id":1,"error":{"code":-32001,"message":"gone\nstack"}}"#), "could not deviceInfo: gone\n")
            .await;
        let forbidden = r#"{"id":1,"error":{"message":"java.lang.SecurityException: INJECT_EVENTS"}}"#;
        check(&http(forbidden), "refuses touches").await;
        check(&http("pong"), "cannot be read").await;
        check("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "ends after 1 of 99 bytes").await;
        check("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", "larger than 1000 bytes").await;
        check("HTTP/1.1 200 OK\r\n\r\n{}", "does not say how long").await;
        check("HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n", "HTTP status 502").await;
        check("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "does not say how long").await;
        check("SSH-2.0\r\n\r\n", "it is not HTTP").await;
        check("", "closed before the answer").await;
        check(&"x".repeat(MAX_HEAD + 10), "closed before the answer").await;
    }
}
