//! Seats: who holds them for a while, and who bought them. No seat is ever sold twice.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Locks that concert events share, by their number.
const SHARDS: usize = 64;

/// Seat ids of one event: `event · SEAT_IDS + serial`.
const SEAT_IDS: u64 = 1_000_000;

/// All concert events and their seats. An event comes into being when it is first asked for, and then takes the same few
/// hundred bytes however many seats it sells: when all of its seats are sold it opens as many new ones.
///
/// Times are since the start of the service.
#[derive(Debug)]
pub struct Sales {
    shards: Vec<Mutex<HashMap<u32, Event>>>,
    events: u32,
    seats_per_event: u32,
    /// How long an occupied seat is held.
    hold: Duration,
    occupations: AtomicU64,
    reservations: AtomicU64,
}

#[derive(Debug)]
struct Event {
    /// How often every seat has been sold and new ones were opened.
    openings: u32,
    /// How often each seat of this opening was sold; anything above 1 would be a lost guarantee, and shows in the audit.
    sold: Box<[u8]>,
    /// Seats still to be sold before new ones open.
    unsold: usize,
    /// Held seats, few at a time.
    held: Vec<Occupation>,
    /// From the openings before: seats sold, and seats sold more than once.
    closed: Audit,
}

#[derive(Debug)]
struct Occupation {
    id: u64,
    /// Index into `Event::sold`.
    seat: usize,
    /// Number of the queue ticket that holds it.
    holder: u64,
    until: Duration,
}

/// A seat that can be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Unique among all events.
    pub id: u64,
    /// Counts an event's seats, from 1.
    pub number: u64,
}

/// A seat held for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub id: u64,
    pub seat: Seat,
    pub until: Duration,
}

/// A seat bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    pub id: u64,
    pub seat: Seat,
}

/// Why a seat can't be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// No such concert event.
    NoEvent,
    /// No such seat in this event.
    NoSeat,
    /// Somebody else holds it or has bought it.
    Taken,
    /// Never made, made by somebody else, used already, or expired.
    NoOccupation,
}

/// The books: what was promised against what the seats say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Reservations that were answered with success.
    pub reservations: u64,
    /// Seats that were sold, each counted once.
    pub seats_sold: u64,
    /// Seats that were sold more than once.
    pub sold_twice: u64,
}

impl Audit {
    /// Whether every reservation has a seat of its own.
    pub fn is_sound(&self) -> bool {
        self.sold_twice == 0 && self.reservations == self.seats_sold
    }
}

impl Sales {
    /// Concert events 1 to `events`; `seats_per_event` from 1.
    pub fn new(events: u32, seats_per_event: u32, hold: Duration) -> Sales {
        Sales {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            events,
            seats_per_event: seats_per_event.max(1),
            hold,
            occupations: AtomicU64::new(0),
            reservations: AtomicU64::new(0),
        }
    }

    /// Seats that nobody holds or has bought.
    pub fn available(&self, event: u32, now: Duration) -> Result<Vec<Seat>, Denied> {
        self.with_event(event, |seats| {
            seats.expire(now);
            Ok((0..seats.sold.len()).filter(|&seat| seats.is_free(seat)).map(|seat| seats.seat(event, seat)).collect())
        })
    }

    /// Every seat of the present opening, and whether it is free.
    pub fn seats(&self, event: u32, now: Duration) -> Result<Vec<(Seat, bool)>, Denied> {
        self.with_event(event, |seats| {
            seats.expire(now);
            Ok((0..seats.sold.len()).map(|seat| (seats.seat(event, seat), seats.is_free(seat))).collect())
        })
    }

    /// Holds a seat; of those who ask at once, one gets it.
    pub fn occupy(&self, event: u32, seat_id: u64, holder: u64, now: Duration) -> Result<Held, Denied> {
        self.with_event(event, |seats| {
            seats.expire(now);
            let serial = seat_id.checked_sub(u64::from(event) * SEAT_IDS).filter(|&serial| serial < SEAT_IDS);
            let seat = match serial.map(|serial| serial.checked_sub(seats.first_serial())) {
                None => return Err(Denied::NoSeat),
                // Of an opening before this one: sold.
                Some(None) => return Err(Denied::Taken),
                Some(Some(seat)) => seat as usize,
            };
            if seat >= seats.sold.len() {
                return Err(Denied::NoSeat);
            }
            if !seats.is_free(seat) {
                return Err(Denied::Taken);
            }
            let id = self.occupations.fetch_add(1, Ordering::Relaxed) + 1;
            let until = now + self.hold;
            seats.held.push(Occupation { id, seat, holder, until });
            Ok(Held { id, seat: seats.seat(event, seat), until })
        })
    }

    /// Sells a seat to the ticket that holds it.
    pub fn reserve(&self, event: u32, occupation: u64, holder: u64, now: Duration) -> Result<Reservation, Denied> {
        self.with_event(event, |seats| {
            seats.expire(now);
            let held = seats.held.iter().position(|held| held.id == occupation && held.holder == holder);
            let held = seats.held.swap_remove(held.ok_or(Denied::NoOccupation)?);
            let seat = seats.seat(event, held.seat);
            seats.sold[held.seat] = seats.sold[held.seat].saturating_add(1);
            seats.unsold = seats.unsold.saturating_sub(1);
            let id = self.reservations.fetch_add(1, Ordering::Relaxed) + 1;
            seats.open_more_if_sold_out();
            Ok(Reservation { id, seat })
        })
    }

    /// Compares the reservations that were answered with the seats that were sold. It locks shard after shard: exact only
    /// when nobody is buying.
    pub fn audit(&self) -> Audit {
        let mut audit = Audit { reservations: self.reservations.load(Ordering::Relaxed), ..Audit::default() };
        for shard in &self.shards {
            for event in lock(shard).values() {
                audit.count(&event.sold);
                audit.seats_sold += event.closed.seats_sold;
                audit.sold_twice += event.closed.sold_twice;
            }
        }
        audit
    }

    fn with_event<T>(&self, number: u32, act: impl FnOnce(&mut Event) -> Result<T, Denied>) -> Result<T, Denied> {
        if !(1..=self.events).contains(&number) {
            return Err(Denied::NoEvent);
        }
        let mut shard = lock(&self.shards[number as usize % SHARDS]);
        act(shard.entry(number).or_insert_with(|| Event {
            openings: 0,
            sold: vec![0; self.seats_per_event as usize].into(),
            unsold: self.seats_per_event as usize,
            held: Vec::new(),
            closed: Audit::default(),
        }))
    }
}

impl Audit {
    fn count(&mut self, sold: &[u8]) {
        self.seats_sold += sold.iter().filter(|&&times| times > 0).count() as u64;
        self.sold_twice += sold.iter().filter(|&&times| times > 1).count() as u64;
    }
}

impl Event {
    fn expire(&mut self, now: Duration) {
        self.held.retain(|held| now < held.until);
    }

    fn is_free(&self, seat: usize) -> bool {
        self.sold[seat] == 0 && self.held.iter().all(|held| held.seat != seat)
    }

    fn first_serial(&self) -> u64 {
        u64::from(self.openings) * self.sold.len() as u64
    }

    fn seat(&self, event: u32, seat: usize) -> Seat {
        let serial = self.first_serial() + seat as u64;
        Seat { id: u64::from(event) * SEAT_IDS + serial, number: serial + 1 }
    }

    /// A sold-out event opens new seats, with new ids, as long as there are ids.
    fn open_more_if_sold_out(&mut self) {
        let next_opening_ends = self.first_serial() + 2 * self.sold.len() as u64;
        if self.unsold > 0 || next_opening_ends > SEAT_IDS {
            return;
        }
        self.closed.count(&self.sold);
        self.sold.fill(0);
        self.unsold = self.sold.len();
        self.openings += 1;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    const HOLD: Duration = Duration::from_secs(30);
    const NOW: Duration = Duration::ZERO;

    fn numbers(sales: &Sales, event: u32, now: Duration) -> Vec<u64> {
        sales.available(event, now).expect("an event").iter().map(|seat| seat.number).collect()
    }

    #[test]
    fn a_seat_is_free_then_held_then_sold() {
        let sales = Sales::new(10, 3, HOLD);
        let seat = sales.available(4, NOW).expect("an event")[1];
        let held = sales.occupy(4, seat.id, 1, NOW).expect("free");
        assert_eq!(numbers(&sales, 4, NOW), [1, 3]);
        let sold = sales.reserve(4, held.id, 1, NOW).expect("held");
        assert_eq!(sold.seat, seat);
        assert_eq!(numbers(&sales, 4, HOLD * 10), [1, 3], "sold seats don't come back");
        assert_eq!(sales.audit(), Audit { reservations: 1, seats_sold: 1, sold_twice: 0 });
    }

    #[test]
    fn what_is_denied_and_why() {
        let sales = Sales::new(10, 3, HOLD);
        let seat = sales.available(4, NOW).expect("an event")[0];
        let held = sales.occupy(4, seat.id, 1, NOW).expect("free");
        let foreign = sales.available(5, NOW).expect("an event")[0];
        for (what, denied, expected) in [
            ("a seat held by another", sales.occupy(4, seat.id, 2, NOW).err(), Denied::Taken),
            ("a seat held by oneself", sales.occupy(4, seat.id, 1, NOW).err(), Denied::Taken),
            ("a seat of another event", sales.occupy(4, foreign.id, 1, NOW).err(), Denied::NoSeat),
            ("a seat beyond the last", sales.occupy(4, seat.id + 3, 1, NOW).err(), Denied::NoSeat),
            ("no seat at all", sales.occupy(4, 0, 1, NOW).err(), Denied::NoSeat),
            ("event 0", sales.available(0, NOW).err(), Denied::NoEvent),
            ("an event beyond the last", sales.available(11, NOW).err(), Denied::NoEvent),
        ] {
            assert_eq!(denied, Some(expected), "{what}");
        }
        for (what, denied) in [
            ("another's occupation", sales.reserve(4, held.id, 2, NOW).err()),
            ("an occupation of another event", sales.reserve(5, held.id, 1, NOW).err()),
            ("an occupation never made", sales.reserve(4, 99, 1, NOW).err()),
            ("an expired occupation", sales.reserve(4, held.id, 1, HOLD).err()),
        ] {
            assert_eq!(denied, Some(Denied::NoOccupation), "{what}");
        }
        assert_eq!(sales.audit(), Audit::default());
    }

    #[test]
    fn an_occupation_expires_and_another_may_have_the_seat() {
        let sales = Sales::new(1, 1, HOLD);
        let seat = sales.available(1, NOW).expect("an event")[0];
        let first = sales.occupy(1, seat.id, 1, NOW).expect("free");
        assert_eq!(sales.occupy(1, seat.id, 2, HOLD - Duration::from_nanos(1)), Err(Denied::Taken));
        let second = sales.occupy(1, seat.id, 2, HOLD).expect("free again");
        assert_eq!(sales.reserve(1, first.id, 1, HOLD), Err(Denied::NoOccupation));
        assert!(sales.reserve(1, second.id, 2, HOLD).is_ok());
        assert_eq!(sales.reserve(1, second.id, 2, HOLD), Err(Denied::NoOccupation), "bought twice");
    }

    #[test]
    fn a_sold_out_event_opens_new_seats_with_new_ids() {
        let sales = Sales::new(1, 2, HOLD);
        let mut ids = HashSet::new();
        for _ in 0..101 {
            let seat = sales.available(1, NOW).expect("an event")[0];
            let held = sales.occupy(1, seat.id, 1, NOW).expect("free");
            assert!(ids.insert(sales.reserve(1, held.id, 1, NOW).expect("held").seat.id), "{seat:?} sold again");
        }
        assert_eq!(sales.audit(), Audit { reservations: 101, seats_sold: 101, sold_twice: 0 });
        assert_eq!(sales.occupy(1, *ids.iter().min().expect("101 of them"), 1, NOW), Err(Denied::Taken));
    }

    #[test]
    fn an_event_ends_with_its_ids() {
        let sales = Sales::new(1, 400_000, HOLD);
        for _ in 0..2 {
            for seat in sales.available(1, NOW).expect("an event") {
                let held = sales.occupy(1, seat.id, 1, NOW).expect("free");
                sales.reserve(1, held.id, 1, NOW).expect("held");
            }
        }
        assert_eq!(numbers(&sales, 1, NOW), [0u64; 0]);
        assert_eq!(sales.audit().seats_sold, 800_000);
    }

    #[test]
    fn of_many_threads_that_want_one_seat_one_gets_it() {
        let sales = Sales::new(1, 1, HOLD);
        for round in 0..200 {
            let seat = sales.available(1, NOW).expect("an event")[0];
            let barrier = Barrier::new(8);
            let winners: Vec<Held> = thread::scope(|scope| {
                let asking: Vec<_> = (0..8)
                    .map(|holder| {
                        let (sales, barrier) = (&sales, &barrier);
                        scope.spawn(move || {
                            barrier.wait();
                            sales.occupy(1, seat.id, holder, NOW).ok().map(|held| (holder, held))
                        })
                    })
                    .collect();
                asking
                    .into_iter()
                    .filter_map(|thread| thread.join().expect("no panic"))
                    .map(|(holder, held)| {
                        sales.reserve(1, held.id, holder, NOW).expect("the winner's");
                        held
                    })
                    .collect()
            });
            assert_eq!(winners.len(), 1, "round {round}");
        }
        assert_eq!(sales.audit(), Audit { reservations: 200, seats_sold: 200, sold_twice: 0 });
    }

    #[test]
    fn the_audit_sees_a_seat_that_was_sold_twice() {
        let mut audit = Audit { reservations: 3, ..Audit::default() };
        audit.count(&[1, 0, 2]);
        assert_eq!(audit, Audit { reservations: 3, seats_sold: 2, sold_twice: 1 });
        assert!(!audit.is_sound());
    }
}
