//! Names by index, each once, bounded.

use std::collections::HashMap;
use std::sync::Arc;

/// More rows than this are a name for each item, not for each kind: the rest is one row.
pub const MOST: usize = 1000;

/// The row of all that came after [`MOST`].
pub const OTHER: &str = "(other)";

/// Longer names are cut, in characters.
const LONGEST: usize = 200;

#[derive(Debug, Default)]
pub struct Names {
    index: HashMap<Arc<str>, usize>,
    /// Whether some names share the row of the others.
    pub overflow: bool,
}

impl Names {
    /// The index of a name, and the name itself where it is new. `next` is the index that a new one gets.
    pub fn id(&mut self, name: &str, next: usize) -> (usize, Option<Arc<str>>) {
        if let Some(id) = self.index.get(name) {
            return (*id, None);
        }
        let mut name = clean(name);
        if self.index.len() >= MOST {
            self.overflow = true;
            name = OTHER.into();
        }
        if let Some(id) = self.index.get(&*name) {
            return (*id, None);
        }
        let name: Arc<str> = name.into();
        self.index.insert(name.clone(), next);
        (next, Some(name))
    }
}

/// A name that fits on a line.
pub fn clean(name: &str) -> String {
    let one_line = |c: char| if c.is_control() { ' ' } else { c };
    let mut clean: String = name.chars().take(LONGEST).map(one_line).collect();
    if name.chars().nth(LONGEST).is_some() {
        clean.push('…');
    }
    if clean.trim().is_empty() { "(no name)".into() } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_a_thousand_names_the_rest_shares_one() {
        let mut names = Names::default();
        for number in 0..MOST {
            assert_eq!(names.id(&format!("n{number}"), number).0, number);
        }
        assert!(!names.overflow);
        let (other, new) = names.id("late", MOST);
        assert_eq!((other, new.as_deref()), (MOST, Some(OTHER)));
        assert_eq!(names.id("later", MOST + 1), (MOST, None));
        assert_eq!(names.id("n7", 0), (7, None));
        assert!(names.overflow);
    }

    #[test]
    fn a_name_is_one_short_line() {
        assert_eq!(clean("a\nb"), "a b");
        assert_eq!(clean("\t"), "(no name)");
        assert_eq!(clean(&"x".repeat(300)).chars().count(), LONGEST + 1);
    }
}
