//! The `sync:` service: files by name, in packets of a four-letter id and a length.
//!
//! The protocol is described in AOSP, `packages/modules/adb/SYNC.TXT`.

use tokio_util::sync::CancellationToken;

use crate::faults::CallFaultKind;
use crate::files::{FileError, Status};
use crate::handset::Handset;
use crate::transport::{Bytes, Closed, Stream};

/// The longest path of a request, as in adbd.
const MAX_PATH: u32 = 1024;
/// The most data in one packet, both ways.
const MAX_DATA: u32 = 64 * 1024;

pub async fn serve(stream: &mut Stream, handset: &Handset, end: &CancellationToken) -> Result<(), Closed> {
    let mut bytes = Bytes::new(stream);
    loop {
        let id = bytes.take(4).await?;
        let length = bytes.word().await?;
        if length > MAX_PATH {
            return fail(bytes.stream(), "path too long").await;
        }
        let path = bytes.take(length as usize).await?;
        let path = String::from_utf8_lossy(&path).into_owned();
        match id.as_slice() {
            b"STAT" => stat_old(bytes.stream(), handset, &path).await?,
            b"STA2" | b"LST2" => stat(bytes.stream(), handset, &id, &path).await?,
            b"LIST" => list(bytes.stream(), handset, &path, false).await?,
            b"LIS2" => list(bytes.stream(), handset, &path, true).await?,
            b"SEND" => store(&mut bytes, handset, &path).await?,
            b"RECV" => {
                if !load(bytes.stream(), handset, end, &path).await? {
                    return Ok(());
                }
            }
            b"QUIT" => return Ok(()),
            _ => return fail(bytes.stream(), "unknown command").await,
        }
    }
}

async fn fail(stream: &Stream, why: &str) -> Result<(), Closed> {
    stream.send(&packet(b"FAIL", why.as_bytes())).await
}

fn packet(id: &[u8], data: &[u8]) -> Vec<u8> {
    [id, &(data.len() as u32).to_le_bytes(), data].concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

async fn stat_old(stream: &Stream, handset: &Handset, path: &str) -> Result<(), Closed> {
    // The first version has no errors: what is not there is all nothing.
    let status = handset.lock().files.status(path).unwrap_or(Status { mode: 0, size: 0, modified: 0 });
    stream.send(&[b"STAT", words(&[status.mode, status.size, status.modified]).as_slice()].concat()).await
}

async fn stat(stream: &Stream, handset: &Handset, id: &[u8], path: &str) -> Result<(), Closed> {
    let status = handset.lock().files.status(path);
    stream.send(&[id, &status_v2(status)].concat()).await
}

/// Error, device, inode, mode, links, owner, group, size, and three times.
fn status_v2(status: Result<Status, FileError>) -> Vec<u8> {
    let error = status.err().map_or(0, FileError::number);
    let Status { mode, size, modified } = status.unwrap_or(Status { mode: 0, size: 0, modified: 0 });
    let links = u32::from(error == 0);
    let mut bytes = words(&[error]);
    for long in [1_u64, 1] {
        bytes.extend(long.to_le_bytes());
    }
    bytes.extend(words(&[mode, links, 2000, 2000]));
    for long in [u64::from(size), u64::from(modified), u64::from(modified), u64::from(modified)] {
        bytes.extend(long.to_le_bytes());
    }
    bytes
}

async fn list(stream: &Stream, handset: &Handset, path: &str, is_v2: bool) -> Result<(), Closed> {
    let entries = handset.lock().files.list(path).unwrap_or_default();
    let mut reply = Vec::new();
    for (name, status) in entries {
        if is_v2 {
            reply.extend_from_slice(b"DNT2");
            reply.extend(status_v2(Ok(status)));
        } else {
            reply.extend_from_slice(b"DENT");
            reply.extend(words(&[status.mode, status.size, status.modified]));
        }
        reply.extend(words(&[name.len() as u32]));
        reply.extend_from_slice(name.as_bytes());
    }
    reply.extend_from_slice(b"DONE");
    reply.extend(vec![0; if is_v2 { 72 } else { 16 }]);
    stream.send(&reply).await
}

/// `path,mode`, then data until it is done. What cannot be stored is read to its end, as adbd does, so that the host
/// hears why.
async fn store(bytes: &mut Bytes<'_>, handset: &Handset, target: &str) -> Result<(), Closed> {
    let (path, mode) = target.rsplit_once(',').unwrap_or((target, "420"));
    let mode: u32 = mode.parse().unwrap_or(0o644);
    let mut data = Vec::new();
    let mut error = None;
    let modified = loop {
        let id = bytes.take(4).await?;
        let length = bytes.word().await?;
        match id.as_slice() {
            b"DATA" if length <= MAX_DATA => {
                let more = bytes.take(length as usize).await?;
                if error.is_none() {
                    // Looked at now and not at the end, so that nobody sends more than a phone holds.
                    error = handset.lock().files.has_room(data.len() + more.len()).err();
                    data.extend_from_slice(&more);
                }
                if error.is_some() {
                    data = Vec::new();
                }
            }
            b"DONE" => break length,
            _ => {
                fail(bytes.stream(), "bad data").await?;
                return Err(Closed);
            }
        }
    };
    let written = match error {
        Some(error) => Err(error),
        None => handset.lock().files.write(path, data, mode, modified),
    };
    match written {
        Ok(()) => bytes.stream().send(&packet(b"OKAY", b"")).await,
        Err(error) => fail(bytes.stream(), &format!("couldn't create file: {error}")).await,
    }
}

/// False if a fault cut it short.
async fn load(stream: &Stream, handset: &Handset, end: &CancellationToken, path: &str) -> Result<bool, Closed> {
    let strike = handset.lock().faults.strike("RECV");
    let data = handset.lock().files.read(path).map(<[u8]>::to_vec);
    let data = match data {
        Ok(data) => data,
        Err(error) => {
            fail(stream, &format!("open failed: {error}")).await?;
            return Ok(true);
        }
    };
    let mut reply = Vec::with_capacity(data.len() + 1024);
    for chunk in data.chunks(MAX_DATA as usize) {
        reply.extend(packet(b"DATA", chunk));
    }
    reply.extend(packet(b"DONE", b""));
    match strike {
        Some(CallFaultKind::CutBefore | CallFaultKind::CutAfter) => {
            end.cancel();
            Err(Closed)
        }
        Some(CallFaultKind::ShortReply(bytes)) => {
            stream.send(&reply[..bytes.min(reply.len())]).await?;
            Ok(false)
        }
        Some(CallFaultKind::ResidentDies) | None => {
            stream.send(&reply).await?;
            Ok(true)
        }
    }
}
