//! The server that is loaded: nginx from the distribution, one worker on a core of its own.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::cores::{Cores, Place};
use super::process::{Background, children_of, cpu_of, find};

/// What `POST /login` answers.
pub const LOGIN: &str =
    r#"{"token":"8b1a9953c4611296a827abf8c47804d7","status":"WAITING","position":1234,"estimatedWaitingTime":42}"#;

/// A running nginx: `GET /` answers five bytes, `POST /login` [`LOGIN`].
#[derive(Debug)]
pub struct Nginx {
    process: Background,
    worker: u32,
    port: u16,
    pub version: String,
}

/// What the server has done until now.
#[derive(Clone, Copy, Debug)]
pub struct Served {
    pub requests: u64,
    pub cpu: Duration,
    at: Instant,
}

impl Nginx {
    /// Starts it on a free loopback port, with its files in `folder`.
    ///
    /// # Errors
    /// It is not installed, or can't serve.
    pub fn start(cores: &Cores, place: Place, folder: &Path, open_files: u64) -> Result<Nginx> {
        let program = find("nginx").context("nginx is not installed; it is the server that is loaded")?;
        let said = Command::new(&program).arg("-v").output()?;
        let version = String::from_utf8_lossy(&said.stderr).trim().replace("nginx version: nginx/", "nginx ");
        // Another process may take the port between the look for it and nginx's own bind.
        let mut last = None;
        for _ in 0..5 {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
            match Nginx::serve(&program, cores, place, folder, port, open_files, &version) {
                Ok(nginx) => return Ok(nginx),
                Err(error) => last = Some(error),
            }
        }
        Err(last.expect("five attempts were made"))
    }

    fn serve(
        program: &Path,
        cores: &Cores,
        place: Place,
        folder: &Path,
        port: u16,
        open_files: u64,
        version: &str,
    ) -> Result<Nginx> {
        let folder = folder.join("nginx");
        fs::create_dir_all(&folder)?;
        let (file, log) = (folder.join("nginx.conf"), folder.join("stderr"));
        fs::write(&file, configuration(&folder, port, open_files))?;
        let mut command = Command::new(program);
        command.arg("-p").arg(&folder).arg("-c").arg(&file);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log)?);
        let process = Background::start(&mut command, cores, place)?;
        let mut nginx = Nginx { process, worker: 0, port, version: version.to_owned() };
        let patience = Instant::now() + Duration::from_secs(5);
        loop {
            if let Some(worker) = children_of(nginx.process.pid()).first()
                && nginx.get("/").is_ok_and(|answer| answer.contains("hello"))
            {
                nginx.worker = *worker;
                return Ok(nginx);
            }
            if nginx.process.has_ended() || Instant::now() > patience {
                let said = fs::read_to_string(&log).unwrap_or_default();
                bail!("nginx does not serve: {}", said.trim().lines().last().unwrap_or("it said nothing"));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// # Errors
    /// It has died.
    pub fn served(&self) -> Result<Served> {
        let answer = self.get("/served")?;
        // The third number after the line "server accepts handled requests".
        let counts = answer.split_once("requests").context("nginx's own count is missing")?.1;
        let requests = counts.split_whitespace().nth(2).context("nginx's own count is missing")?.parse()?;
        Ok(Served { requests, cpu: cpu_of(self.worker)?, at: Instant::now() })
    }

    fn get(&self, path: &str) -> Result<String> {
        let mut stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Served {
    /// The requests since an earlier look, without the look itself, and the share of its core that the server used.
    pub fn since(&self, before: &Served) -> (u64, f64) {
        let share = (self.cpu - before.cpu).as_secs_f64() / (self.at - before.at).as_secs_f64();
        (self.requests - before.requests - 1, share)
    }
}

fn configuration(folder: &Path, port: u16, open_files: u64) -> String {
    let folder = folder.display();
    let connections = open_files.clamp(512, 65_000) - 256;
    format!(
        r#"daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=8192;
    location = / {{ default_type text/plain; return 200 hello; }}
    location = /login {{ default_type application/json; return 200 '{LOGIN}'; }}
    location = /served {{ stub_status; }}
  }}
}}
"#
    )
}
