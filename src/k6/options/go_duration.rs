//! Durations as Go writes them, which is how k6 shows them.

use std::time::Duration;

/// A duration as Go writes it: `1h0m0s`, `1.5s`, `50ms`.
pub(super) fn written(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let below_a_second = [(1_000_000, "ms"), (1_000, "µs"), (1, "ns")];
    if nanos == 0 {
        return "0s".to_owned();
    }
    if nanos < 1_000_000_000 {
        let fits = below_a_second.into_iter().find(|(unit, _)| nanos >= *unit);
        let (unit, name) = fits.unwrap_or((1, "ns"));
        return format!("{}{name}", decimal(nanos, unit));
    }
    let (minutes, rest) = (duration.as_secs() / 60, nanos % 60_000_000_000);
    let seconds = decimal(rest, 1_000_000_000);
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{seconds}s"),
        (0, minutes) => format!("{minutes}m{seconds}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
    }
}

/// A quotient of which the fraction has no zeros at its end. `unit` is a power of ten.
fn decimal(nanos: u128, unit: u128) -> String {
    let (whole, fraction) = (nanos / unit, nanos % unit);
    if fraction == 0 {
        return whole.to_string();
    }
    let digits = unit.ilog10() as usize;
    format!("{whole}.{}", format!("{fraction:0digits$}").trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_go_writes_them() {
        for (nanos, expected) in [
            (0, "0s"),
            (1, "1ns"),
            (1_500, "1.5µs"),
            (50_000_000, "50ms"),
            (1_500_000_000, "1.5s"),
            (1_000_000_500, "1.0000005s"),
            (60_000_000_000, "1m0s"),
            (90_000_000_000, "1m30s"),
            (3_600_000_000_000, "1h0m0s"),
            (86_400_000_000_000, "24h0m0s"),
        ] {
            assert_eq!(written(Duration::from_nanos(nanos)), expected);
        }
    }
}
