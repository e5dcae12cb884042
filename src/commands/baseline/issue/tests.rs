use super::*;

fn commands(plan: &str, way: Option<&Way>, file: &str) -> String {
    accept(Path::new(plan), way, file)
}

#[test]
fn the_commands_to_accept_can_be_pasted_into_a_shell() {
    let branch = Way::Branch { name: "loadgate-baselines".into(), readme: String::new() };
    let file = "baselines/shop/2026-11-20T19-05-44Z-8e21b7f.json";
    insta::assert_snapshot!(commands("loadgate.yml", Some(&branch), file), @r#"
    git fetch origin loadgate-baselines && git worktree add ../loadgate-baselines loadgate-baselines
    loadgate baseline accept --baseline ../loadgate-baselines/baselines --run 2026-11-20T19-05-44Z-8e21b7f.json --why "…"
    git -C ../loadgate-baselines commit --all --message "Accept 2026-11-20T19-05-44Z-8e21b7f.json" && git -C ../loadgate-baselines push origin loadgate-baselines
    git worktree remove ../loadgate-baselines
    "#);
    insta::assert_snapshot!(commands("perf/it's.yml", Some(&Way::Commit), file), @r#"
    loadgate baseline accept 'perf/it'\''s.yml' --baseline baselines --run 2026-11-20T19-05-44Z-8e21b7f.json --why "…"
    git commit --message "Accept 2026-11-20T19-05-44Z-8e21b7f.json" baselines
    git push
    "#);
}

#[test]
fn the_issue_has_a_marker_of_its_own() {
    assert_eq!(marker("shop"), "<!-- loadgate-baseline:shop -->");
    assert_eq!(marker("loadgate:x -->"), "<!-- loadgate-baseline:loadgate%3Ax%20-%2D%3E -->");
}
