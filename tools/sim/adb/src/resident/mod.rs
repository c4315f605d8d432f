//! The resident server of `uiautomator2`, which clients push to the phone and start there: JSON-RPC over HTTP on a port
//! of the phone.

mod calls;
mod http;
mod scroll;
mod selector;

use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use self::calls::{Call, Done, Failure};
use self::http::Request;
use crate::faults::CallFaultKind;
use crate::handset::{ClockSource, Handset};
use crate::transport::{Bytes, Closed, Stream};

/// Between two looks of a call that waits for something.
const POLL: Duration = Duration::from_millis(100);
/// The longest wait that a client may ask for.
const MAX_WAIT: Duration = Duration::from_secs(120);

/// Answers requests on one connection to the phone's port until either side closes it.
pub async fn serve(stream: &mut Stream, handset: Handset, end: CancellationToken) -> Result<(), Closed> {
    let Some(resident) = handset.lock().resident else { return Ok(()) };
    let mut bytes = Bytes::new(stream);
    loop {
        let Some(request) = http::read(&mut bytes).await? else {
            bytes.stream().send(&http::response(400, "text/plain", b"Bad Request", false)).await?;
            return Ok(());
        };
        if handset.lock().resident != Some(resident) {
            return Ok(());
        }
        let keep_alive = request.keep_alive;
        let answer = match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/ping") => Answer::Whole(http::response(200, "text/plain", b"pong", keep_alive)),
            ("POST", "/jsonrpc/0") => rpc(&handset, &request, &end).await,
            ("GET", path) if path.starts_with("/screenshot") => {
                let png = crate::touch::picture(&mut handset.lock());
                match png.ok().and_then(|png| crate::picture::jpeg(&png, 1.0, 80)) {
                    Some(jpeg) => Answer::Whole(http::response(200, "image/jpeg", &jpeg, keep_alive)),
                    None => Answer::Whole(http::response(500, "text/plain", b"no picture", keep_alive)),
                }
            }
            _ => Answer::Whole(http::response(404, "text/plain", b"Not Found", keep_alive)),
        };
        match answer {
            Answer::Whole(response) => bytes.stream().send(&response).await?,
            Answer::Cut(part) => {
                bytes.stream().send(&part).await?;
                return Ok(());
            }
        }
        if !keep_alive {
            return Ok(());
        }
    }
}

/// What is sent, and whether more may follow.
enum Answer {
    Whole(Vec<u8>),
    Cut(Vec<u8>),
}

async fn rpc(handset: &Handset, request: &Request, end: &CancellationToken) -> Answer {
    let parsed: Result<Value, _> = serde_json::from_slice(&request.body);
    let call = parsed.as_ref().ok().and_then(Call::parse);
    let id = parsed.as_ref().ok().and_then(|value| value.get("id")).cloned().unwrap_or(Value::Null);
    let Some(call) = call else {
        let failure = Failure { code: -32700, message: "JSON parse error".to_owned() };
        return Answer::Whole(reply(&id, Err(failure), request.keep_alive));
    };
    let strike = handset.lock().faults.strike(&call.method);
    match strike {
        Some(CallFaultKind::CutBefore) => {
            end.cancel();
            return Answer::Cut(Vec::new());
        }
        Some(CallFaultKind::ResidentDies) => {
            handset.kill_resident();
            return Answer::Cut(Vec::new());
        }
        Some(CallFaultKind::CutAfter | CallFaultKind::ShortReply(_)) | None => {}
    }
    let result = perform(handset, &call).await;
    let mut response = reply(&id, result, request.keep_alive);
    match strike {
        Some(CallFaultKind::CutAfter) => {
            end.cancel();
            Answer::Cut(Vec::new())
        }
        Some(CallFaultKind::ShortReply(bytes)) => {
            let head = response.windows(4).position(|window| window == b"\r\n\r\n").map_or(0, |at| at + 4);
            response.truncate(head + bytes);
            Answer::Cut(response)
        }
        Some(CallFaultKind::CutBefore | CallFaultKind::ResidentDies) | None => Answer::Whole(response),
    }
}

/// Does a call. One that waits looks until what it waits for is so, or its time is over.
async fn perform(handset: &Handset, call: &Call) -> Result<Value, Failure> {
    let mut waited = Duration::ZERO;
    loop {
        let done = calls::perform(&mut handset.lock(), call)?;
        match done {
            Done::Value(value) => return Ok(value),
            Done::Waits(timeout) if waited >= timeout.min(MAX_WAIT) => return Ok(json!(false)),
            Done::Waits(_) => {
                // A phone whose clock does not follow the real one need not be waited for.
                let clock = handset.lock().clock;
                match clock {
                    ClockSource::Real => tokio::time::sleep(POLL).await,
                    ClockSource::Looks | ClockSource::Held => handset.advance(POLL),
                }
                waited += POLL;
            }
        }
    }
}

fn reply(id: &Value, result: Result<Value, Failure>, keep_alive: bool) -> Vec<u8> {
    let body = match result {
        Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Err(Failure { code, message }) => {
            let exception = message.split(':').next().unwrap_or_default();
            let data = json!({"exceptionTypeName": exception, "message": message});
            json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message, "data": data.to_string()}})
        }
    };
    http::response(200, "application/json", body.to_string().as_bytes(), keep_alive)
}
