//! An nginx of one process on free ports of loopback, and loadgate against it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const LONGEST_START: Duration = Duration::from_secs(10);

/// The folder of Debian's dynamic modules.
const MODULES: &str = "/usr/lib/nginx/modules";

/// Ended when it is dropped.
pub struct Nginx {
    process: Child,
    folder: TempDir,
    port: u16,
    /// A second free port, for a second server: `PORT_B`.
    pub port_b: u16,
}

impl Nginx {
    /// Starts a server with these directives in its `server` block; `PORT` in them is a free port, `LISTEN` stands for
    /// `listen 127.0.0.1:PORT`. It has a certificate for localhost. None where nginx is not to be used.
    pub fn start(server: &str) -> Option<Nginx> {
        Nginx::serve(&format!("server {{ {server} }}"), &[])
    }

    /// Starts a server with these directives in its `http` block, in a folder with these files.
    pub fn serve(http: &str, files: &[(&str, String)]) -> Option<Nginx> {
        if std::env::var_os("LOADGATE_TESTS_WITH_NGINX").is_none_or(|value| value != "1") {
            // Not by `eprintln!`, which a test that passes keeps to itself.
            let _ = writeln!(std::io::stderr(), "SKIPPED: set LOADGATE_TESTS_WITH_NGINX=1 to test against nginx");
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (port, port_b) = (free_port(), free_port());
        let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        fs::write(folder.path().join("certificate.pem"), certificate.cert.pem()).expect("a file");
        fs::write(folder.path().join("key.pem"), certificate.signing_key.serialize_pem()).expect("a file");
        for (name, content) in files {
            write(&folder.path().join(name), content.as_bytes());
        }
        fs::write(folder.path().join("nginx.conf"), configuration(http, port, port_b)).expect("a file");
        let process = Command::new("nginx")
            .args(["-c", "nginx.conf", "-e", "error.log", "-p"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .spawn()
            .expect("nginx starts: install it, or leave LOADGATE_TESTS_WITH_NGINX unset");
        let mut nginx = Nginx { process, folder, port, port_b };
        nginx.wait_until_it_listens();
        Some(nginx)
    }

    fn wait_until_it_listens(&mut self) {
        let started = Instant::now();
        // It writes its file once it has the port: until then what answers there could be another test's.
        while !self.path("nginx.pid").exists() || TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.process.try_wait().expect("a child");
            assert!(ended.is_none() && started.elapsed() < LONGEST_START, "nginx does not listen: {}", self.errors());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Puts a file into its folder.
    pub fn put(&self, name: &str, content: &[u8]) {
        write(&self.path(name), content);
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
        self.run(&self.url(scheme), plan, &[], &[])
    }

    /// The same against another name, with files beside the plan, and variables in the environment.
    pub fn run(
        &self,
        target: &str,
        plan: &str,
        files: &[(&str, String)],
        variables: &[(&str, &str)],
    ) -> (Option<i32>, String) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        self.run_in(&folder, target, plan, files, variables)
    }

    /// The same in a folder, to see what is left in it.
    pub fn run_in(
        &self,
        folder: &TempDir,
        target: &str,
        plan: &str,
        files: &[(&str, String)],
        variables: &[(&str, &str)],
    ) -> (Option<i32>, String) {
        for (name, content) in files {
            write(&folder.path().join(name), content.as_bytes());
        }
        // A busy machine must not keep a test from its verdict.
        let plan = format!("{plan}\ngate: {{ guards: {{ cpu: 100%, loopLag: 1m, dropped: 50% }} }}\n");
        fs::write(folder.path().join("loadgate.yml"), plan).expect("a file");
        let output = Command::new(env!("CARGO_BIN_EXE_loadgate"))
            .args(["run", "--target", target, "--comment", "never", "--workers", "1"])
            .current_dir(folder.path())
            .env_clear()
            .envs(variables.iter().copied())
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

fn configuration(http: &str, port: u16, port_b: u16) -> String {
    let temporary: String =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|name| format!("{name}_temp_path {name};\n")).concat();
    let brotli = format!("{MODULES}/ngx_http_brotli_filter_module.so");
    let modules = if http.contains("brotli on") { format!("load_module {brotli};") } else { String::new() };
    let http = http.replace("LISTEN", "listen 127.0.0.1:PORT");
    let http = http.replace("PORT_B", &port_b.to_string()).replace("PORT", &port.to_string());
    format!(
        "{modules} daemon off; master_process off; pid nginx.pid; error_log error.log;
         events {{ worker_connections 1000; }}
         http {{
           log_format brief '$connection $server_protocol $status';
           access_log access.log brief;
           {temporary}
           ssl_certificate certificate.pem; ssl_certificate_key key.pem;
           {http}
         }}"
    )
}

fn write(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, content).expect("a file");
}

/// A port that no other test of this process is given.
fn free_port() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound address").port();
        if GIVEN.lock().unwrap_or_else(PoisonError::into_inner).insert(port) {
            return port;
        }
    }
}
