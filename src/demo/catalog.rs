//! What there is to browse: concerts, their dates, and a board of posts. It never changes, so it is computed, not stored.

use serde_json::{Value, json};

/// Concert events (one concert on one date), numbered from 1.
pub const CONCERT_EVENTS: u32 = 50_000;

/// Dates of each concert.
const DATES: u32 = 10;

/// Concerts, numbered from 1.
pub const CONCERTS: u32 = CONCERT_EVENTS / DATES;

/// Posts on the board.
const POSTS: u32 = 20;

/// Concerts on a page when the request doesn't say.
pub const PAGE_SIZE: u32 = 20;

/// Concerts on a page at most.
pub const PAGE_SIZE_LIMIT: u32 = 100;

/// The price of every seat.
pub const SEAT_PRICE: f64 = 10_000.0;

/// A page of concerts, pages counted from 0; beyond the last it is empty.
pub fn concerts(page: u32, size: u32) -> Value {
    let first = page.saturating_mul(size).saturating_add(1);
    let list: Vec<Value> = (first..first.saturating_add(size))
        .take_while(|&id| id <= CONCERTS)
        .map(|id| json!({ "id": id, "title": format!("Concert {id}"), "artist": format!("Artist {}", id % 700 + 1) }))
        .collect();
    json!({ "list": list, "page": page, "size": size, "total": CONCERTS })
}

/// The dates of a concert, each with the number of its concert event; none for a concert that doesn't exist.
pub fn dates(concert: u32) -> Option<Value> {
    if !(1..=CONCERTS).contains(&concert) {
        return None;
    }
    let list: Vec<Value> = (0..DATES)
        .map(|date| {
            json!({
                "id": event_of(concert, date),
                "concertId": concert,
                "date": format!("2030-{:02}-{:02}", concert % 12 + 1, date * 2 + 1),
                "price": SEAT_PRICE,
            })
        })
        .collect();
    Some(json!({ "list": list }))
}

/// Whether a concert takes place as this concert event.
pub fn takes_place(concert: u32, event: u32) -> bool {
    (1..=CONCERTS).contains(&concert) && (0..DATES).any(|date| event_of(concert, date) == event)
}

/// The newest posts of the board.
pub fn boards() -> Value {
    let list: Vec<Value> = (1..=POSTS)
        .rev()
        .map(|id| json!({ "id": id, "title": format!("Post {id}"), "content": "Seats for Friday, anyone?", "views": id * 17 }))
        .collect();
    json!({ "list": list })
}

fn event_of(concert: u32, date: u32) -> u32 {
    (concert - 1) * DATES + date + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(page: &Value) -> Vec<u64> {
        page["list"].as_array().expect("a list").iter().filter_map(|item| item["id"].as_u64()).collect()
    }

    #[test]
    fn pages_follow_one_another_and_end() {
        assert_eq!(ids(&concerts(0, 3)), [1, 2, 3]);
        assert_eq!(ids(&concerts(1, 3)), [4, 5, 6]);
        assert_eq!(ids(&concerts(1_666, 3)), [4_999, 5_000]);
        assert_eq!(ids(&concerts(u32::MAX, 100)), [0u64; 0]);
    }

    #[test]
    fn every_concert_event_belongs_to_one_concert() {
        let events: Vec<u64> = (1..=CONCERTS).flat_map(|concert| ids(&dates(concert).expect("it exists"))).collect();
        assert_eq!(events, (1..=u64::from(CONCERT_EVENTS)).collect::<Vec<_>>());
        assert!(takes_place(2, 11) && !takes_place(1, 11) && !takes_place(0, 1) && !takes_place(5_001, 1));
        assert_eq!(dates(0), None);
        assert_eq!(dates(5_001), None);
    }
}
