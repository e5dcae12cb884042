//! The binary runs in a bare container: nothing is linked at run time.

#![cfg(target_os = "linux")]

use std::process::Command;

#[test]
fn ldd_finds_no_shared_library() {
    let output = Command::new("ldd").arg(env!("CARGO_BIN_EXE_loadgate")).output().expect("ldd is part of glibc");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("statically linked") || text.contains("not a dynamic executable"), "{text}");
}
