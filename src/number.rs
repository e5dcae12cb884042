//! Figures as people read them, the same in every sentence and table: in k6's units and with k6's rounding, which is
//! downwards, so that 99.999 % never reads 100 %.

use crate::metric::Unit;

/// A time in milliseconds: `576µs`, `406.68ms`, `1.9s`, `1m21s`, `1h0m5s`.
pub fn duration(milliseconds: f64) -> String {
    if !milliseconds.is_finite() {
        return NONE.to_owned();
    }
    if milliseconds < 0.0 {
        return format!("-{}", duration(-milliseconds));
    }
    let ns = (milliseconds * 1e6).round() as u64;
    match ns {
        0 => "0s".to_owned(),
        1..1_000 => format!("{ns}ns"),
        1_000..1_000_000 => format!("{}µs", hundredths(ns / 10)),
        1_000_000..1_000_000_000 => format!("{}ms", hundredths(ns / 10_000)),
        1_000_000_000..60_000_000_000 => format!("{}s", hundredths(ns / 10_000_000)),
        _ => {
            let seconds = ns / 1_000_000_000;
            match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
                (0, minutes, seconds) => format!("{minutes}m{seconds}s"),
                (hours, minutes, seconds) => format!("{hours}h{minutes}m{seconds}s"),
            }
        }
    }
}

/// An amount of data: `102 B`, `1.2 kB`, `193 MB`; a kB is 1,000 bytes, as in k6.
pub fn bytes(bytes: f64) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    if !bytes.is_finite() {
        return NONE.to_owned();
    }
    let mut value = bytes;
    let mut unit = 0;
    // 999.6 kB would round to 1000 kB.
    while value.round() >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{} B", value.round()),
        _ if value < 9.95 => format!("{value:.1} {}", UNITS[unit]),
        _ => format!("{value:.0} {}", UNITS[unit]),
    }
}

/// A plain number: `1849.08`, `0.0043`, `30`; two decimals, four below 10, none for whole numbers.
pub fn plain(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let text = if value.abs() < 10.0 { format!("{value:.4}") } else { format!("{value:.2}") };
    let text = text.trim_end_matches('0').trim_end_matches('.');
    // A figure that rounds to nothing must not read as nothing.
    if text.trim_start_matches('-') == "0" && value != 0.0 { format!("{value:.1e}") } else { text.to_owned() }
}

/// A figure per second: `1849.08/s`.
pub fn per_second(value: f64) -> String {
    format!("{}/s", plain(value))
}

/// A share (0 to 1) as k6 prints it: `99.56%`.
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return NONE.to_owned();
    }
    // The addend undoes what binary fractions lose: 0.07 × 10,000 is 700.0000000000001, 0.29 × 10,000 is 2899.9999999.
    format!("{:.2}%", (share * 1e4 + 1e-7).floor() / 100.0)
}

/// A relative change with its sign: `+12.3%`, `-4.0%`, `0.0%`.
pub fn change(change: f64) -> String {
    if !change.is_finite() {
        return NONE.to_owned();
    }
    signed(change * 100.0, 1, "%")
}

/// A difference of shares in percentage points with its sign: `+0.12 points`.
pub fn points(difference: f64) -> String {
    if !difference.is_finite() {
        return NONE.to_owned();
    }
    signed(difference * 100.0, 2, " points")
}

/// A share that somebody chose, as they would write it: `50%`, `0.1%`.
pub fn percent_limit(share: f64) -> String {
    format!("{}%", plain(share * 100.0))
}

/// An accepted relative change: `+10%`.
pub fn change_limit(change: f64) -> String {
    format!("+{}", percent_limit(change))
}

/// An accepted difference of shares: `+0.1 points`.
pub fn points_limit(difference: f64) -> String {
    format!("+{} points", plain(difference * 100.0))
}

/// A number of things: `1 threshold`, `5 thresholds`.
pub fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A figure in its metric's unit.
pub fn with_unit(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Milliseconds => duration(value),
        Unit::Bytes => bytes(value),
        Unit::Plain => plain(value),
    }
}

/// A figure beside the limit that it is held against: exact where rounding would make the two look equal.
pub fn beside_limit(figure: f64, limit: f64, unit: Unit) -> String {
    let text = with_unit(figure, unit);
    if figure == limit || text != with_unit(limit, unit) {
        return text;
    }
    match unit {
        Unit::Milliseconds => format!("{figure}ms"),
        Unit::Bytes => format!("{figure} B"),
        Unit::Plain => figure.to_string(),
    }
}

/// What stands where there is no figure.
pub const NONE: &str = "–";

fn hundredths(value: u64) -> String {
    match (value / 100, value % 100) {
        (whole, 0) => whole.to_string(),
        (whole, rest) if rest % 10 == 0 => format!("{whole}.{}", rest / 10),
        (whole, rest) => format!("{whole}.{rest:02}"),
    }
}

fn signed(value: f64, decimals: usize, unit: &str) -> String {
    let text = format!("{value:+.decimals$}");
    let zero = text.trim_start_matches(['+', '-']).chars().all(|c| matches!(c, '0' | '.'));
    if zero { format!("{}{unit}", &text[1..]) } else { format!("{text}{unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_in_k6() {
        for (ms, expected) in [
            (0.0, "0s"),
            (0.000_5, "500ns"),
            (0.576, "576µs"),
            (0.009_06, "9.06µs"),
            (1.0, "1ms"),
            (406.68, "406.68ms"),
            (406.689, "406.68ms"),
            (12.5, "12.5ms"),
            (999.999, "999.99ms"),
            (1000.0, "1s"),
            (1900.0, "1.9s"),
            (59_999.0, "59.99s"),
            (60_000.0, "1m0s"),
            (81_000.0, "1m21s"),
            (3_605_000.0, "1h0m5s"),
            (-2.5, "-2.5ms"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(duration(ms), expected, "{ms}");
        }
    }

    #[test]
    fn data_reads_as_in_k6() {
        for (value, expected) in [
            (0.0, "0 B"),
            (102.4, "102 B"),
            (999.0, "999 B"),
            (999.6, "1.0 kB"),
            (1_234.0, "1.2 kB"),
            (9_960.0, "10 kB"),
            (64_000.0, "64 kB"),
            (999_700.0, "1.0 MB"),
            (193_000_000.0, "193 MB"),
            (5e15, "5.0 PB"),
        ] {
            assert_eq!(bytes(value), expected, "{value}");
        }
    }

    #[test]
    fn shares_are_rounded_down() {
        for (share, expected) in [
            (0.0, "0.00%"),
            (0.07, "7.00%"),
            (0.29, "29.00%"),
            (0.999_999, "99.99%"),
            (1.0, "100.00%"),
            (0.001_24, "0.12%"),
        ] {
            assert_eq!(percent(share), expected, "{share}");
        }
    }

    #[test]
    fn changes_carry_their_sign() {
        for (value, relative, difference) in [
            (0.123, "+12.3%", "+12.30 points"),
            (-0.04, "-4.0%", "-4.00 points"),
            (0.0, "0.0%", "0.00 points"),
            (-0.000_01, "0.0%", "0.00 points"),
            (f64::INFINITY, "–", "–"),
        ] {
            assert_eq!(change(value), relative, "{value}");
            assert_eq!(points(value), difference, "{value}");
        }
    }

    #[test]
    fn limits_read_as_they_were_written() {
        for (share, percent, change, points) in [
            (0.1, "10%", "+10%", "+10 points"),
            (0.07, "7%", "+7%", "+7 points"),
            (0.001, "0.1%", "+0.1%", "+0.1 points"),
            (0.125, "12.5%", "+12.5%", "+12.5 points"),
        ] {
            assert_eq!([percent_limit(share), change_limit(share), points_limit(share)], [percent, change, points]);
        }
        assert_eq!([counted(0, "run"), counted(1, "run"), counted(2, "run")], ["0 runs", "1 run", "2 runs"]);
    }

    #[test]
    fn plain_numbers_have_two_decimals_at_most() {
        for (value, expected) in [
            (0.0, "0"),
            (30.0, "30"),
            (1_849.081_407, "1849.08"),
            (0.5, "0.5"),
            (0.004_3, "0.0043"),
            (0.000_01, "1.0e-5"),
            (-3.0, "-3"),
        ] {
            assert_eq!(plain(value), expected, "{value}");
        }
        assert_eq!(per_second(417.306_942), "417.31/s");
    }

    #[test]
    fn a_broken_limit_never_looks_kept() {
        for (figure, limit, unit, expected) in [
            (312.4, 300.0, Unit::Milliseconds, "312.4ms"),
            (300.0, 300.0, Unit::Milliseconds, "300ms"),
            (300.004, 300.0, Unit::Milliseconds, "300.004ms"),
            (0.999_99, 1.0, Unit::Plain, "0.99999"),
            (1_000_001.0, 1_000_000.0, Unit::Bytes, "1000001 B"),
        ] {
            assert_eq!(beside_limit(figure, limit, unit), expected);
        }
    }
}
