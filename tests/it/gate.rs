//! The real binary in a folder of its own, and what it left behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with a plan in which `loadgate` runs.
pub struct Folder {
    folder: TempDir,
}

/// How a run of the binary ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Folder {
    pub fn new() -> Folder {
        let folder = Folder { folder: tempfile::tempdir().expect("a temporary folder") };
        fs::create_dir(folder.path("tmp")).expect("a folder for temporary files");
        folder
    }

    /// A folder whose plan is this text. Tests run side by side, and a busy machine must not keep them from a verdict: a plan
    /// without a gate gets one that lets a busy generator pass.
    pub fn with_plan(plan: &str) -> Folder {
        let folder = Folder::new();
        let gate = if plan.contains("\ngate:") {
            ""
        } else {
            "\ngate: { guards: { cpu: 100%, loopLag: 1m, dropped: 50% } }\n"
        };
        folder.write("loadgate.yml", &format!("{plan}{gate}"));
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub fn read(&self, name: &str) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    /// A command in this folder that inherits nothing of the CI that these tests may run in.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loadgate"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("HOME", self.folder.path()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("TMPDIR", self.path("tmp"));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments))
    }

    /// `loadgate run` with these arguments more.
    pub fn measure(&self, target: &str, more: &[&str]) -> Ended {
        let arguments = [&["run", "--target", target, "--comment", "never"], more].concat();
        self.run(&arguments)
    }

    pub fn files(&self, folder: &str) -> Vec<PathBuf> {
        files(&self.path(folder))
    }
}

impl Ended {
    pub fn of(mut command: Command) -> Ended {
        Ended::after(command.output().expect("the binary starts"))
    }

    pub fn after(Output { status, stdout, stderr }: Output) -> Ended {
        Ended {
            code: status.code(),
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }

    /// Everything that was printed.
    pub fn all(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }

    /// The verdict and its first reason.
    pub fn headline(&self) -> &str {
        self.stdout.lines().next().unwrap_or_default()
    }

    /// Holds the run to an exit code, and to texts that what it printed must contain.
    #[track_caller]
    pub fn expect(&self, code: i32, texts: &[&str]) -> &Self {
        let all = self.all();
        assert_eq!(self.code, Some(code), "exit code\n{all}");
        for text in texts {
            assert!(all.contains(text), "`{text}` is missing in:\n{all}");
        }
        assert!(!all.contains("panicked"), "a panic:\n{all}");
        self
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .flat_map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { vec![entry.path()] })
        .collect();
    found.sort();
    found
}
