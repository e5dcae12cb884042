//! Where a file or a folder lies in its repository.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// The path from the root of the repository, with `/`. The root is the nearest folder with a `.git`, or else the workspace.
/// Links are not followed: base has them too.
///
/// # Errors
/// Why that can't be told, in words.
pub fn in_repository(path: &Path, workspace: Option<&Path>) -> Result<String, String> {
    let unknown = || format!("where {} lies in its repository can't be told", path.display());
    let absolute = std::path::absolute(path).map(|path| plain(&path)).map_err(|_| unknown())?;
    let root = absolute.ancestors().find(|folder| folder.join(".git").exists());
    if root.is_some_and(is_submodule) {
        return Err(format!("{} belongs to a submodule", path.display()));
    }
    let relative = match (root, workspace) {
        (Some(root), _) => absolute.strip_prefix(root).ok().map(Path::to_owned),
        (None, Some(workspace)) => beneath(&absolute, workspace),
        (None, None) => None,
    };
    let parts = relative.ok_or_else(unknown)?;
    let parts: Option<Vec<&str>> = parts.iter().map(|part| part.to_str()).collect();
    Ok(parts.ok_or_else(unknown)?.join("/"))
}

/// The path beneath a folder, that may be written in another way.
fn beneath(path: &Path, folder: &Path) -> Option<PathBuf> {
    if let Ok(relative) = path.strip_prefix(folder) {
        return Some(relative.to_owned());
    }
    let (name, parent) = (path.file_name()?, path.parent()?.canonicalize().ok()?);
    Some(parent.strip_prefix(folder.canonicalize().ok()?).ok()?.join(name))
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// Whether the folder is a submodule's: its `.git` is a file that leads into the `modules` of another one.
fn is_submodule(folder: &Path) -> bool {
    let git = fs::read_to_string(folder.join(".git")).unwrap_or_default();
    git.strip_prefix("gitdir:").is_some_and(|leads| leads.replace('\\', "/").contains("/modules/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_named_from_the_root_of_its_repository() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for inside in ["git/.git", "git/sub/gates", "work/gates", "module"] {
            fs::create_dir_all(root.join(inside)).unwrap();
        }
        fs::write(root.join("module/.git"), "gitdir: ../.git/modules/module\n").unwrap();
        let workspace = root.join("work");
        let workspace = Some(workspace.as_path());
        let table: [(&str, Option<&Path>, Result<&str, &str>); 12] = [
            ("git/loadgate.yml", None, Ok("loadgate.yml")),
            ("git/./loadgate.yml", None, Ok("loadgate.yml")),
            ("git/sub/gates/shop.yml", None, Ok("sub/gates/shop.yml")),
            ("git/sub/../loadgate.yml", workspace, Ok("loadgate.yml")),
            ("git/sub/missing/shop.yml", None, Ok("sub/missing/shop.yml")),
            ("work/gates/shop.yml", workspace, Ok("gates/shop.yml")),
            ("work/baselines", workspace, Ok("baselines")),
            ("work", workspace, Ok("")),
            ("git", workspace, Ok("")),
            ("work/gates/shop.yml", None, Err("can't be told")),
            ("shop.yml", workspace, Err("can't be told")),
            ("module/shop.yml", workspace, Err("submodule")),
        ];
        for (plan, workspace, expected) in table {
            match (in_repository(&root.join(plan), workspace), expected) {
                (Ok(path), Ok(expected)) => assert_eq!(path, expected, "{plan}"),
                (Err(why), Err(expected)) => assert!(why.contains(expected), "{plan}: {why}"),
                (found, expected) => panic!("{plan}: {found:?}, not {expected:?}"),
            }
        }
    }
}
