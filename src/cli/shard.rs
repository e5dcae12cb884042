//! Which shard of a run a process is, and when it begins.

use std::str::FromStr;

use jiff::Timestamp;

/// One shard of a run: number `number` (from 1) of `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShardNumber {
    pub number: u64,
    pub count: u64,
}

impl FromStr for ShardNumber {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (rest, first) = match text.strip_prefix("index:") {
            Some(rest) => (rest, 0),
            None => (text, 1),
        };
        let whole = |text: &str| text.parse::<u64>().ok();
        let Some((place, count)) = rest.split_once('/').and_then(|(i, n)| Some((whole(i)?, whole(n)?))) else {
            return Err("write I/N, such as 1/4; or index:0/4 where the count begins at 0".into());
        };
        if count == 0 {
            return Err("a run has at least one shard: write 1/1".into());
        }
        let last = count - (1 - first);
        if !(first..=last).contains(&place) {
            let index = if first == 0 { "index:" } else { "" };
            let cure = if text == format!("0/{count}") { "; or write index:0 where the count begins at 0" } else { "" };
            return Err(format!("write {index}{first}/{count} to {index}{last}/{count}{cure}"));
        }
        Ok(ShardNumber { number: place - first + 1, count })
    }
}

/// A moment of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartTime(pub Timestamp);

impl FromStr for StartTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let seconds = text.parse::<i64>().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        seconds.or_else(|| text.parse().ok()).map(StartTime).ok_or_else(|| {
            "write a time with its zone, such as 2026-10-01T12:00:00Z, or seconds since 1970, as `date +%s` prints them"
                .into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_counted_from_one_or_by_an_index_from_zero() {
        let shard = |number, count| Some(ShardNumber { number, count });
        for (text, expected) in [
            ("1/4", shard(1, 4)),
            ("4/4", shard(4, 4)),
            ("1/1", shard(1, 1)),
            ("index:0/4", shard(1, 4)),
            ("index:3/4", shard(4, 4)),
            ("0/4", None),
            ("5/4", None),
            ("index:4/4", None),
            ("1/0", None),
            ("-1/4", None),
            ("18446744073709551615/18446744073709551615", shard(u64::MAX, u64::MAX)),
            ("index:18446744073709551615/4", None),
            ("1", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<ShardNumber>().ok(), expected, "{text}");
        }
        let refused = |text: &str| text.parse::<ShardNumber>().unwrap_err();
        assert_eq!(refused("0/4"), "write 1/4 to 4/4; or write index:0 where the count begins at 0");
        assert_eq!(refused("index:4/4"), "write index:0/4 to index:3/4");
    }

    #[test]
    fn times_are_of_the_clock() {
        let at = |second| Timestamp::from_second(second).ok().map(StartTime);
        for (text, expected) in [
            ("1790000000", at(1_790_000_000)),
            ("2026-09-21T14:13:20Z", at(1_790_000_000)),
            ("2026-09-21T23:13:20+09:00", at(1_790_000_000)),
            ("2026-09-21T14:13:20", None),
            ("14:13", None),
            ("+30s", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<StartTime>().ok(), expected, "{text}");
        }
    }
}
