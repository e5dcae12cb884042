//! The action's script with a stand-in for loadgate that tells which arguments it got: hostile inputs stay values.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

/// Runs the script. Inputs that are not given have the defaults of `action.yml`.
fn run(folder: &Path, inputs: &[(&str, &str)]) -> Output {
    let loadgate = folder.join("loadgate");
    if !loadgate.exists() {
        fs::write(&loadgate, "#!/bin/sh\nprintf '%s\\0' \"$@\"\nexit 3\n").expect("a script");
        fs::set_permissions(&loadgate, fs::Permissions::from_mode(0o755)).expect("an executable script");
    }
    let defaults = [
        ("COMMAND", "run"),
        ("PLAN", "loadgate.yml"),
        ("TARGET", ""),
        ("REFERENCE", ""),
        ("PROFILE", ""),
        ("BASELINE", "baselines"),
        ("COMMENT", "auto"),
        ("CHECK", "auto"),
        ("ARGS", ""),
    ];
    let mut command = Command::new("bash");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("action/run.sh")).current_dir(folder);
    command.env("LOADGATE", &loadgate).env("RUNNER_TEMP", folder);
    for (name, value) in defaults.iter().chain(inputs) {
        command.env(format!("INPUT_{name}"), value);
    }
    command.output().expect("bash is there")
}

/// The arguments, without the files in the runner's folder for temporary ones.
fn arguments(inputs: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), inputs);
    assert_eq!(output.status.code(), Some(3), "the exit code is loadgate's: {output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    let all = text.split_terminator('\0').map(str::to_owned);
    all.filter(|argument| !argument.starts_with("--out=") && !argument.starts_with("--report=markdown=")).collect()
}

#[test]
fn inputs_become_arguments() {
    assert_eq!(arguments(&[]), ["run", "--baseline=baselines", "--comment=auto", "--check=auto", "--", "loadgate.yml"]);
    let reference = ("REFERENCE", "https://base.example");
    assert_eq!(
        arguments(&[reference, ("COMMENT", ""), ("CHECK", ""), ("BASELINE", "")]),
        ["run", "--reference=https://base.example", "--", "loadgate.yml"]
    );
    let inputs = [("COMMAND", "baseline refresh"), ("PROFILE", "pr"), ("TARGET", "https://staging.example"), reference];
    assert_eq!(
        arguments(&inputs),
        [
            "baseline",
            "refresh",
            "--target=https://staging.example",
            "--profile=pr",
            "--baseline=baselines",
            "--",
            "loadgate.yml"
        ],
        "a refresh knows no --comment and no --check, and loads one deployment"
    );
    assert_eq!(
        arguments(&[
            ("COMMAND", ""),
            ("ARGS", "--seed\r\n7\n\n--scale-load=0.5"),
            ("PLAN", ""),
            ("BASELINE", ""),
            ("COMMENT", ""),
            ("CHECK", "")
        ]),
        ["run", "--seed", "7", "--scale-load=0.5"],
        "an empty input is one that was not given"
    );
}

#[test]
fn what_is_merged_comes_as_an_argument() {
    let inputs = [("COMMAND", "merge"), ("TARGET", "https://x.example"), ("PROFILE", "pr"), ("ARGS", "shards\n")];
    let expected = ["merge", "--baseline=baselines", "--comment=auto", "--check=auto", "shards", "--plan=loadgate.yml"];
    assert_eq!(arguments(&inputs), expected, "what is merged has its target and profile");
}

#[test]
fn a_comment_takes_the_plan_and_the_artifact_alone() {
    let inputs = [("COMMAND", "comment"), ("TARGET", "https://x.example"), ("REFERENCE", "https://y.example")];
    assert_eq!(arguments(&inputs), ["comment", "--baseline=baselines", "--plan=loadgate.yml"]);
    let inputs = [("COMMAND", "comment"), ("PROFILE", "pr"), ("ARGS", "claim.zip"), ("BASELINE", "")];
    assert_eq!(arguments(&inputs), ["comment", "claim.zip", "--plan=loadgate.yml"]);
}

#[test]
fn hostile_inputs_stay_values() {
    for value in ["$(touch owned)", "`touch owned`", "; touch owned", "--help", "a b", "a\nb", "*", "'", "\"", "\\"] {
        let names = ["PLAN", "TARGET", "REFERENCE", "PROFILE", "BASELINE", "COMMENT", "CHECK"];
        let inputs = names.map(|name| (name, value));
        let options = ["target", "profile", "reference", "baseline", "comment", "check"]
            .map(|option| format!("--{option}={value}"));
        let mut expected = vec!["run".to_owned()];
        expected.extend(options);
        expected.extend(["--".to_owned(), value.to_owned()]);
        assert_eq!(arguments(&inputs), expected, "{value:?}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), &[("ARGS", "$(touch owned)\n`touch owned`\n; touch owned")]);
    assert!(!folder.path().join("owned").exists(), "a shell ran an input");
}

#[test]
fn only_four_commands_are_known() {
    for command in [" ", "demo", "run --help", "baseline", "baseline  refresh", "run\n::error::x", "$(id)", "*"] {
        let folder = tempfile::tempdir().expect("a folder");
        let output = run(folder.path(), &[("COMMAND", command)]);
        assert_eq!(output.status.code(), Some(2), "{command:?}");
        let said = String::from_utf8(output.stdout).expect("text");
        assert_eq!(
            said,
            "::error title=loadgate::the input `command` must be `run`, `merge`, `comment` or `baseline refresh`\n"
        );
    }
}
