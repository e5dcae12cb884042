//! An nginx of one process on free ports of loopback, and loadgate against it.

use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const LONGEST_START: Duration = Duration::from_secs(10);

/// Ended when it is dropped.
pub struct Nginx {
    process: Child,
    folder: TempDir,
    port: u16,
}

impl Nginx {
    /// Starts a server with these directives in its `server` block; `PORT` in them is a free port, `LISTEN` stands for
    /// `listen 127.0.0.1:PORT`. It has a certificate for localhost. None where nginx is not to be used.
    pub fn start(server: &str) -> Option<Nginx> {
        if std::env::var_os("LOADGATE_TESTS_WITH_NGINX").is_none_or(|value| value != "1") {
            // Not by `eprintln!`, which a test that passes keeps to itself.
            let _ = writeln!(std::io::stderr(), "SKIPPED: set LOADGATE_TESTS_WITH_NGINX=1 to test against nginx");
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        fs::write(folder.path().join("certificate.pem"), certificate.cert.pem()).expect("a file");
        fs::write(folder.path().join("key.pem"), certificate.signing_key.serialize_pem()).expect("a file");
        fs::write(folder.path().join("nginx.conf"), configuration(server, port)).expect("a file");
        let process = Command::new("nginx")
            .args(["-c", "nginx.conf", "-e", "error.log", "-p"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .spawn()
            .expect("nginx starts: install it, or leave LOADGATE_TESTS_WITH_NGINX unset");
        let mut nginx = Nginx { process, folder, port };
        nginx.wait_until_it_listens();
        Some(nginx)
    }

    fn wait_until_it_listens(&mut self) {
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.process.try_wait().expect("a child");
            assert!(ended.is_none() && started.elapsed() < LONGEST_START, "nginx does not listen: {}", self.errors());
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn errors(&self) -> String {
        fs::read_to_string(self.path("error.log")).unwrap_or_default()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `http://127.0.0.1:PORT` or `https://localhost:PORT`.
    pub fn url(&self, scheme: &str) -> String {
        let host = if scheme == "https" { "localhost" } else { "127.0.0.1" };
        format!("{scheme}://{host}:{}", self.port)
    }

    /// Each request as `connection protocol status`; nginx writes them when they have ended.
    pub fn log(&self) -> Vec<String> {
        let log = fs::read_to_string(self.path("access.log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// Runs a plan against it; returns the exit code and what was printed.
    pub fn load(&self, scheme: &str, plan: &str) -> (Option<i32>, String) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // A busy machine must not keep a test from its verdict.
        let plan = format!("{plan}\ngate: {{ guards: {{ cpu: 100%, loopLag: 1m, dropped: 50% }} }}\n");
        fs::write(folder.path().join("loadgate.yml"), plan).expect("a file");
        let output = Command::new(env!("CARGO_BIN_EXE_loadgate"))
            .args(["run", "--target", &self.url(scheme), "--comment", "never", "--workers", "1"])
            .current_dir(folder.path())
            .env_clear()
            .output()
            .expect("the binary starts");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn configuration(server: &str, port: u16) -> String {
    let temporary: String =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|name| format!("{name}_temp_path {name};\n")).concat();
    let server = server.replace("LISTEN", "listen 127.0.0.1:PORT").replace("PORT", &port.to_string());
    format!(
        "daemon off; master_process off; pid nginx.pid; error_log error.log;
         events {{ worker_connections 1000; }}
         http {{
           log_format brief '$connection $server_protocol $status';
           access_log access.log brief;
           {temporary}
           ssl_certificate certificate.pem; ssl_certificate_key key.pem;
           server {{ {server} }}
         }}"
    )
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a bound address").port()
}
