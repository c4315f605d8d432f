//! As much of HTTP 1.1 as the resident server speaks.

use crate::transport::{Bytes, Closed};

/// The longest head and body of a request.
const MAX_HEAD: usize = 16 * 1024;
const MAX_BODY: usize = 1024 * 1024;

#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// Without the query.
    pub path: String,
    pub body: Vec<u8>,
    pub keep_alive: bool,
}

/// The next request, or `None` if what comes is none.
pub async fn read(bytes: &mut Bytes<'_>) -> Result<Option<Request>, Closed> {
    let Some(head) = bytes.take_until(b"\r\n\r\n", MAX_HEAD).await? else { return Ok(None) };
    let Some((mut request, length)) = parse(&head) else { return Ok(None) };
    request.body = bytes.take(length).await?;
    Ok(Some(request))
}

/// The head of a request and the length of its body.
fn parse(head: &[u8]) -> Option<(Request, usize)> {
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target, version) = (first.next()?, first.next()?, first.next()?);
    if !version.starts_with("HTTP/1.") {
        return None;
    }
    let mut length = 0;
    let mut keep_alive = version == "HTTP/1.1";
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok().filter(|&length: &usize| length <= MAX_BODY)?,
            "connection" => keep_alive = !value.eq_ignore_ascii_case("close"),
            "transfer-encoding" => return None,
            _ => {}
        }
    }
    let path = target.split('?').next().unwrap_or_default().to_owned();
    Some((Request { method: method.to_owned(), path, body: Vec::new(), keep_alive }, length))
}

pub fn response(status: u16, kind: &str, body: &[u8], keep_alive: bool) -> Vec<u8> {
    let reason = match status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        _ => "Internal Server Error",
    };
    let connection = if keep_alive { "keep-alive" } else { "close" };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: {connection}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &str, expected: Option<(&str, &str, usize, bool)>) {
        let parsed = parse(head.as_bytes());
        let parsed = parsed.map(|(request, length)| (request.method, request.path, length, request.keep_alive));
        let expected =
            expected.map(|(method, path, length, alive)| (method.to_owned(), path.to_owned(), length, alive));
        assert_eq!(parsed, expected, "{head}");
    }

    #[test]
    fn requests_have_heads() {
        check("GET /ping HTTP/1.1\r\nHost: a\r\n\r\n", Some(("GET", "/ping", 0, true)));
        check("POST /a?b HTTP/1.1\r\ncontent-length: 7\r\nConnection: close\r\n\r\n", Some(("POST", "/a", 7, false)));
        check("GET /ping HTTP/1.0\r\n\r\n", Some(("GET", "/ping", 0, false)));
        for wrong in ["", "GET\r\n\r\n", "GET / SPDY\r\n\r\n", "GET / HTTP/1.1\r\nbroken\r\n\r\n"] {
            check(wrong, None);
        }
        check("POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", None);
        check("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", None);
    }
}
