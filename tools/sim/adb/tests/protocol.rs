//! The transport, the shell and the file service, as a host of the test's own meets them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has failed")]

mod common;

use common::{Host, server};
use deftly_sim_adb::ClockSource;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn hosts_of_both_versions_are_greeted() {
    let server = server(ClockSource::Held).await;
    for version in [0x0100_0000, 0x0100_0001] {
        let mut host = Host::connect_as(&server, version, 4096).await.unwrap();
        assert!(host.banner.starts_with("device::ro.product.name=deftly_sim;"), "{}", host.banner);
        assert!(host.banner.contains("features=shell_v2,"), "{}", host.banner);
        assert_eq!(host.shell("echo hello").await.as_deref(), Some("hello\n"));
    }
}

#[tokio::test]
async fn writes_are_as_long_as_the_host_wants_and_wait_for_its_okay() {
    let server = server(ClockSource::Held).await;
    let mut host = Host::connect_as(&server, 0x0100_0001, 5000).await.unwrap();
    let (id, remote) = host.open("exec:screencap -p").await.unwrap();
    let (kind, _, _, first) = host.receive().await.unwrap();
    assert_eq!((kind.as_str(), first.len()), ("WRTE", 5000));
    // Not yet taken: a second stream is served, and nothing more comes on the first.
    host.send("OPEN", 900, 0, b"shell:echo second\0").await;
    let (kind, other, local, _) = host.receive().await.unwrap();
    assert_eq!((kind.as_str(), local), ("OKAY", 900));
    let (kind, _, local, data) = host.receive().await.unwrap();
    assert_eq!((kind.as_str(), local, data.as_slice()), ("WRTE", 900, &b"second\n"[..]));
    host.send("OKAY", 900, other, &[]).await;
    assert_eq!(host.receive().await.unwrap().0, "CLSE");
    host.send("OKAY", id, remote, &[]).await;
    let png = [first, host.read_all((id, remote)).await.unwrap()].concat();
    assert!(png.starts_with(b"\x89PNG") && png.len() > 5000);
}

#[tokio::test]
async fn shell_packets_tell_output_errors_and_status_apart() {
    let server = server(ClockSource::Held).await;
    let mut host = Host::connect(&server).await;
    let stream = host.open("shell,v2,raw:echo out; nope; cat").await.unwrap();
    let packets = [&[0, 3, 0, 0, 0][..], b"abc", &[4, 0, 0, 0, 0]].concat();
    host.send("WRTE", stream.0, stream.1, &packets).await;
    let mut bytes = host.read_all(stream).await.unwrap();
    let (mut out, mut errors, mut status) = (Vec::new(), Vec::new(), None);
    while let [kind, a, b, c, d, rest @ ..] = bytes.as_slice() {
        let (data, rest) = rest.split_at(u32::from_le_bytes([*a, *b, *c, *d]) as usize);
        match kind {
            1 => out.extend_from_slice(data),
            2 => errors.extend_from_slice(data),
            3 => status = Some(data.to_vec()),
            kind => panic!("{kind}"),
        }
        bytes = rest.to_vec();
    }
    assert_eq!(String::from_utf8(out).unwrap(), "out\nabc");
    assert_eq!(String::from_utf8(errors).unwrap(), "/system/bin/sh: nope: inaccessible or not found\n");
    assert_eq!(status, Some(vec![0]));
}

async fn says(command: &str, expected: &str) {
    let server = server(ClockSource::Held).await;
    let mut host = Host::connect(&server).await;
    assert_eq!(host.shell(command).await.as_deref(), Some(expected), "{command}");
}

#[tokio::test]
async fn the_shell_reads_lines_as_a_shell_does() {
    says("echo a; false && echo b || echo c; nope 2>/dev/null; echo $?", "a\nc\n127\n").await;
    says("A='x  y'; echo \"$A\" $A", "x  y x y\n").await;
    says("echo '; rm -rf /' | cat", "; rm -rf /\n").await;
    says("echo one > /sdcard/a; echo two >> /sdcard/a; cat < /sdcard/a | grep -c o", "2\n").await;
    says("dumpsys power | grep mWakefulness=", "  mWakefulness=Awake\n").await;
    says("echo a; exit 3; echo b", "a\n").await;
    says("input text Grüße", "java.lang.NullPointerException: Attempt to get length of null array\n").await;
    says("wm size | tail -n 1; ls /data/local | head -n 0", "Physical size: 1080x2400\n").await;
    says("export A=$A$A$A; echo $A", "\n").await;
    says("ls /data/local; cat /nope", "tmp\ncat: /nope: No such file or directory\n").await;
    says(
        "toybox md5sum /nope || md5sum < /dev/null",
        "md5sum: /nope: No such file or directory\nd41d8cd98f00b204e9800998ecf8427e  -\n",
    )
    .await;
    says("echo $(reboot)", "/system/bin/sh: syntax error: '$(' is not supported by the simulated phone's shell\n")
        .await;
}

#[tokio::test]
async fn a_variable_cannot_grow_without_end() {
    let doubling = "A=$A$A; ".repeat(60);
    let server = server(ClockSource::Held).await;
    let mut host = Host::connect(&server).await;
    let said = host.shell(&format!("A=0123456789; {doubling} echo $A$A$A | wc -c")).await.unwrap();
    assert!(said.trim().parse::<usize>().unwrap() < 1024 * 1024, "{said}");
}

#[tokio::test]
async fn files_are_pushed_looked_at_and_pulled() {
    let server = server(ClockSource::Held).await;
    let mut host = Host::connect(&server).await;
    let stream = host.open("sync:").await.unwrap();
    let data: Vec<u8> = (0..100_000_u32).map(|number| number as u8).collect();
    let packet = |id: &[u8], data: &[u8]| [id, &(data.len() as u32).to_le_bytes(), data].concat();
    host.write(stream, &packet(b"SEND", b"/sdcard/new/file,33188")).await;
    for chunk in data.chunks(60_000) {
        host.write(stream, &packet(b"DATA", chunk)).await;
    }
    host.send("WRTE", stream.0, stream.1, &[&b"DONE"[..], &7_u32.to_le_bytes()].concat()).await;
    assert_eq!(next_data(&mut host, stream).await, b"OKAY\0\0\0\0");
    host.send("WRTE", stream.0, stream.1, &packet(b"STAT", b"/sdcard/new/file")).await;
    let status = next_data(&mut host, stream).await;
    let expected: Vec<u8> = [0o100_644_u32, 100_000, 7].iter().flat_map(|word| word.to_le_bytes()).collect();
    assert_eq!(status, [b"STAT".to_vec(), expected].concat());
    let stream = host.open("sync:").await.unwrap();
    let request = [packet(b"RECV", b"/sdcard/new/file"), packet(b"QUIT", b"")].concat();
    host.send("WRTE", stream.0, stream.1, &request).await;
    let mut bytes = host.read_all(stream).await.unwrap();
    let mut pulled = Vec::new();
    while let Some(rest) = bytes.strip_prefix(b"DATA") {
        let length = u32::from_le_bytes(rest[..4].try_into().unwrap()) as usize;
        pulled.extend_from_slice(&rest[4..4 + length]);
        bytes = rest[4 + length..].to_vec();
    }
    assert_eq!((bytes, pulled == data), (b"DONE\0\0\0\0".to_vec(), true));
}

/// The data of the next write, whatever okays come before it.
async fn next_data(host: &mut Host, (id, remote): (u32, u32)) -> Vec<u8> {
    loop {
        let (kind, _, local, data) = host.receive().await.unwrap();
        assert_eq!(local, id);
        if kind == "WRTE" {
            host.send("OKAY", id, remote, &[]).await;
            return data;
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_refused() {
    let server = server(ClockSource::Held).await;
    let mut host = Host::connect(&server).await;
    for service in ["tcp:9008", "tcp:22", "reboot:", "jdwp:1", "local:/x", "dev:/dev/mem", ""] {
        assert_eq!(host.open(service).await, None, "{service}");
    }
    host.start_resident().await.unwrap();
    assert!(host.open("tcp:9008").await.is_some());
}

#[tokio::test]
async fn too_many_streams_are_refused() {
    let server = server(ClockSource::Held).await;
    let mut host = Host::connect(&server).await;
    let mut open = 0;
    while host.open("sync:").await.is_some() {
        open += 1;
        assert!(open < 1000);
    }
    assert_eq!(open, 64);
    host.send("CLSE", 101, 1, &[]).await;
    // One is free again, once its service has heard of it.
    assert!(host.open("sync:").await.is_some());
}

/// After such bytes on a fresh connection, or a greeted one, the phone hangs up and goes on serving others.
async fn hangs_up(bytes: &[u8], greeted: bool) {
    let server = server(ClockSource::Held).await;
    let mut host = if greeted { Host::connect(&server).await } else { Host::dial(&server).await };
    let _ = host.socket.write_all(bytes).await;
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(std::time::Duration::from_secs(20), host.socket.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "{:?} keeps the connection", String::from_utf8_lossy(&bytes[..bytes.len().min(24)]));
    assert_eq!(Host::connect(&server).await.shell("whoami").await.as_deref(), Some("shell\n"));
}

fn message(kind: &[u8; 4], arg0: u32, arg1: u32, length: u32, data: &[u8]) -> Vec<u8> {
    let code = u32::from_le_bytes(*kind);
    let sum = data.iter().map(|&byte| u32::from(byte)).sum();
    let words = [code, arg0, arg1, length, sum, !code];
    let mut bytes: Vec<u8> = words.iter().flat_map(|word: &u32| word.to_le_bytes()).collect();
    bytes.extend_from_slice(data);
    bytes
}

#[tokio::test]
async fn hostile_hosts_are_hung_up_on() {
    hangs_up(b"GET / HTTP/1.1\r\nHost: phone\r\n\r\n", false).await;
    hangs_up(&[0xFF; 4096], false).await;
    hangs_up(&message(b"CNXN", 0x0100_0001, 4096, u32::MAX, b""), false).await;
    hangs_up(&message(b"OPEN", 1, 0, 8, b"shell:ls"), false).await;
    hangs_up(&message(b"OPEN", 0, 0, 8, b"shell:ls"), true).await;
    hangs_up(&message(b"OPEN", 1, 0, 70_000, &[b'x'; 70_000]), true).await;
    let open = message(b"OPEN", 1, 0, 6, b"sync:\0");
    let okay = message(b"OKAY", 1, 1, 0, b"");
    hangs_up(&[open.clone(), okay].concat(), true).await;
    // The service waits for the end of a packet, so the messages behind it pile up.
    let write = message(b"WRTE", 1, 1, 1, b"S");
    hangs_up(&[open, write.repeat(200)].concat(), true).await;
}

#[tokio::test]
async fn half_a_message_harms_nobody() {
    let server = server(ClockSource::Held).await;
    let mut half = Host::dial(&server).await;
    half.socket.write_all(&message(b"CNXN", 0x0100_0001, 4096, 500, b"host::")).await.unwrap();
    assert_eq!(Host::connect(&server).await.shell("echo fine").await.as_deref(), Some("fine\n"));
    drop(half);
    assert_eq!(Host::connect(&server).await.shell("echo fine").await.as_deref(), Some("fine\n"));
}

#[tokio::test]
async fn only_so_many_hosts_are_served_at_once() {
    let server = server(ClockSource::Held).await;
    let mut hosts = Vec::new();
    for _ in 0..16 {
        hosts.push(Host::connect(&server).await);
    }
    assert!(Host::connect_as(&server, 0x0100_0001, 4096).await.is_none());
    hosts.pop();
    // The phone hears of it in its own time.
    for _ in 0..200 {
        if Host::connect_as(&server, 0x0100_0001, 4096).await.is_some() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("a place is free again");
}
