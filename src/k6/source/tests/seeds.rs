//! Scripts of teams, where they are at hand.

use super::*;

#[test]
fn scripts_of_teams_load_as_they_are() {
    let folder = Path::new("/code/shared/seeds/scripts");
    let origin = "http://127.0.0.1:8080";
    let rows: &[(&str, &str)] = &[
        ("boards-ramp.js", "http://{EC2 IP 주소}"),
        ("queue-status.js", origin),
        ("queue-token.js", origin),
        ("seat-reservation.js", origin),
    ];
    if !folder.is_dir() {
        eprintln!("SKIPPED: there is no {}, and so no script of a team was read", folder.display());
        return;
    }
    for (name, origin) in rows {
        let path = folder.join(name);
        let bundle = Bundle::load(&path, &mut Disk::new(None, false), &is_builtin).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(bundle.origins, [*origin], "{name}");
        assert_eq!(bundle.warnings, Vec::<String>::new(), "{name}");
        assert_eq!(bundle.modules[*name].code, std::fs::read_to_string(&path).expect("the script"), "{name}");
        assert_eq!(bundle.folder, folder);
    }
}
