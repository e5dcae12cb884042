//! The mentoring service of the six APIs: mentors to browse, and profiles that their owners update.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

/// Mentors, and as many mentees, numbered from 1.
pub const PEOPLE: u32 = 1_000;

/// Characters of an introduction at most.
const INTRODUCTION_LIMIT: usize = 1_000;

/// Whose profile it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Mentee,
    Mentor,
}

/// The profiles that have been updated; all others are as they were at the start.
#[derive(Debug, Default)]
pub struct Profiles {
    introductions: Mutex<HashMap<(Role, u32), String>>,
}

impl Profiles {
    /// A page of mentors, pages counted from 0.
    pub fn browse(&self, page: u32, size: u32) -> Value {
        let first = page.saturating_mul(size).saturating_add(1);
        let list: Vec<Value> = (first..first.saturating_add(size)).map_while(|id| self.header(id)).collect();
        json!({ "list": list, "page": page, "size": size, "total": PEOPLE })
    }

    /// The head of a mentor's page; none for a mentor who doesn't exist.
    pub fn header(&self, mentor: u32) -> Option<Value> {
        exists(mentor).then(|| json!({ "id": mentor, "name": format!("Mentor {mentor}"), "rating": rating(mentor) }))
    }

    /// What a mentor says about themselves.
    pub fn intro(&self, mentor: u32) -> Option<Value> {
        exists(mentor).then(|| {
            let introduction = self.lock().get(&(Role::Mentor, mentor)).cloned();
            json!({ "id": mentor, "introduction": introduction.unwrap_or_else(|| format!("I am mentor {mentor}.")) })
        })
    }

    /// What mentees say about a mentor.
    pub fn reviews(&self, mentor: u32) -> Option<Value> {
        exists(mentor).then(|| {
            let list: Vec<Value> = (1..=mentor % 5 + 1)
                .map(|n| json!({ "id": mentor * 10 + n, "stars": rating(mentor), "text": format!("Review {n}") }))
                .collect();
            json!({ "list": list })
        })
    }

    /// Replaces an introduction: `Some` with the new profile, none for a person who doesn't exist.
    pub fn update(&self, role: Role, person: u32, introduction: &str) -> Option<Value> {
        exists(person).then(|| {
            let introduction: String = introduction.chars().take(INTRODUCTION_LIMIT).collect();
            self.lock().insert((role, person), introduction.clone());
            json!({ "id": person, "introduction": introduction })
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Role, u32), String>> {
        self.introductions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn exists(person: u32) -> bool {
    (1..=PEOPLE).contains(&person)
}

fn rating(mentor: u32) -> u32 {
    mentor % 3 + 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_is_what_the_page_then_shows() {
        let profiles = Profiles::default();
        assert_eq!(profiles.intro(7).expect("a mentor")["introduction"], "I am mentor 7.");
        profiles.update(Role::Mentor, 7, "I teach Rust.").expect("a mentor");
        profiles.update(Role::Mentee, 7, "I learn Rust.").expect("a mentee");
        assert_eq!(profiles.intro(7).expect("a mentor")["introduction"], "I teach Rust.");
        assert_eq!(profiles.intro(8).expect("a mentor")["introduction"], "I am mentor 8.");
    }

    #[test]
    fn nobody_outside_the_numbers_exists() {
        let profiles = Profiles::default();
        for person in [0, PEOPLE + 1] {
            assert_eq!(profiles.header(person), None);
            assert_eq!(profiles.reviews(person), None);
            assert_eq!(profiles.update(Role::Mentee, person, "x"), None);
        }
        assert_eq!(profiles.browse(49, 20)["list"].as_array().map(Vec::len), Some(20));
        assert_eq!(profiles.browse(50, 20)["list"].as_array().map(Vec::len), Some(0));
    }
}
