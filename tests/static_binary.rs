//! The binary runs in a bare container: nothing is linked or read at run time but the plan and `/etc/resolv.conf`.

#![cfg(target_os = "linux")]

use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::process::Command;
use std::thread;

use loadgate::demo::{Server, Settings};

const BINARY: &str = env!("CARGO_BIN_EXE_loadgate");

#[test]
fn ldd_finds_no_shared_library() {
    let output = Command::new("ldd").arg(BINARY).output().expect("ldd is part of glibc");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("statically linked") || text.contains("not a dynamic executable"), "{text}");
}

/// A static glibc must not resolve names through NSS: its modules are not there.
#[test]
fn it_resolves_names_in_an_empty_root() {
    const NAME_SERVER: &str = "127.77.0.53";
    let Ok(dns) = UdpSocket::bind((NAME_SERVER, 53)) else {
        let must = std::env::var_os("LOADGATE_TESTS_AS_ROOT").is_some();
        assert!(!must, "port 53 of {NAME_SERVER} can't be bound, though LOADGATE_TESTS_AS_ROOT is set");
        eprintln!("NOT RUN: a name server on port 53 and a chroot need root");
        return;
    };
    thread::spawn(move || answer_with_loopback(&dns));
    let api = Server::spawn_thread(Settings::default()).expect("the demo API starts");
    let root = tempfile::tempdir().expect("a temporary folder");
    bare_root(root.path(), NAME_SERVER);

    let target = format!("http://preview.test:{}", api.addr().port());
    let arguments =
        ["/loadgate", "run", "/loadgate.yml", "--target", &target, "--out", "/m.json", "--comment", "never"];
    let mut command = Command::new("chroot");
    command.arg(root.path()).args(arguments).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let output = command.output().expect("chroot starts");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("http_reqs"), "{text}");
    let measured = fs::read_to_string(root.path().join("m.json")).expect("the measurement");
    assert!(measured.contains(&target), "{text}");
}

/// The binary, a plan, and who resolves names: nothing else.
fn bare_root(root: &Path, name_server: &str) {
    fs::copy(BINARY, root.join("loadgate")).expect("the binary can be copied");
    fs::create_dir(root.join("etc")).expect("a folder");
    fs::write(root.join("etc/resolv.conf"), format!("nameserver {name_server}\n")).expect("a file");
    let plan = "version: 1\nname: bare\nscenarios:\n  one:\n    executor: per-vu-iterations\n    iterations: 3\n    \
                steps:\n      - get: /health\nthresholds:\n  http_req_failed: [\"rate<0.01\"]\n";
    fs::write(root.join("loadgate.yml"), plan).expect("a file");
}

/// A name server that knows one answer: IPv4 127.0.0.1 for every name, and no IPv6.
fn answer_with_loopback(socket: &UdpSocket) {
    let mut packet = [0; 512];
    while let Ok((length, client)) = socket.recv_from(&mut packet) {
        // The question begins behind the 12 bytes of the header: labels, an empty one, then type and class.
        let Some(end) = packet[12..length].iter().position(|byte| *byte == 0).map(|at| 12 + at + 5) else { continue };
        let is_ipv4 = packet[end - 4..end - 2] == [0, 1];
        let mut reply = packet[..end].to_vec();
        reply[2..4].copy_from_slice(&[0x81, 0x80]);
        reply[6..12].copy_from_slice(&[0, u8::from(is_ipv4), 0, 0, 0, 0]);
        if is_ipv4 {
            reply.extend([0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
        }
        let _ = socket.send_to(&reply, client);
    }
}
