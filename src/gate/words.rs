//! Figures in sentences.

use crate::metric::Unit;
use crate::plan::policy::GatedMetric;

/// Three significant digits: `0.0123`, `1.23`, `412`, `1,250,000`.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    if value.abs() >= 100.0 {
        return thousands(value.round());
    }
    let digits = if value == 0.0 { 0 } else { (2 - value.abs().log10().floor() as i32).clamp(0, 12) };
    let text = format!("{value:.*}", digits as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

fn thousands(whole: f64) -> String {
    let digits = format!("{:.0}", whole.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if whole < 0.0 { format!("-{text}") } else { text }
}

/// A figure with its unit: `23.4 ms`, `1,300 B`, `0.0012`.
pub fn figure(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Milliseconds => format!("{} ms", milliseconds(value)),
        Unit::Bytes => format!("{} B", number(value)),
        Unit::Plain => number(value),
    }
}

/// At least one decimal below 100 ms, as `31.0`.
fn milliseconds(value: f64) -> String {
    if (1.0..100.0).contains(&value) { format!("{value:.1}") } else { number(value) }
}

/// A share: `1.2 %`.
pub fn percent(share: f64) -> String {
    format!("{} %", number(share * 100.0))
}

/// A figure of a gated metric: `23.4 ms` or `1.2 %`.
pub fn gated(metric: GatedMetric, value: f64) -> String {
    if metric == GatedMetric::Failed { percent(value) } else { figure(value, Unit::Milliseconds) }
}

/// A change of a gated metric with its sign: `+32.5 %`, or `+0.4 points` of a failure rate.
pub fn change(metric: GatedMetric, value: f64) -> String {
    let text = if metric == GatedMetric::Failed { number(value * 100.0) } else { format!("{:.1}", value * 100.0) };
    signed(&text, unit_of_change(metric))
}

/// The same in whole percent: `+20 %`.
pub fn rough_change(metric: GatedMetric, value: f64) -> String {
    let text = if metric == GatedMetric::Failed { number(value * 100.0) } else { number((value * 100.0).round()) };
    signed(&text, unit_of_change(metric))
}

fn unit_of_change(metric: GatedMetric) -> &'static str {
    if metric == GatedMetric::Failed { "points" } else { "%" }
}

fn signed(text: &str, unit: &str) -> String {
    match text.strip_prefix('-') {
        Some(text) if text.trim_matches(['0', '.']).is_empty() => format!("{text} {unit}"),
        Some(text) => format!("−{text} {unit}"),
        None if text.trim_matches(['0', '.']).is_empty() => format!("{text} {unit}"),
        None => format!("+{text} {unit}"),
    }
}

/// `1 threshold`, `5 thresholds`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", thousands(count as f64), if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        let table = [
            (number(0.0), "0"),
            (number(0.001234), "0.00123"),
            (number(99.95), "100"),
            (number(1_234_567.0), "1,234,567"),
            (number(-1500.4), "-1,500"),
            (figure(31.0, Unit::Milliseconds), "31.0 ms"),
            (figure(0.5, Unit::Milliseconds), "0.5 ms"),
            (figure(412.4, Unit::Milliseconds), "412 ms"),
            (percent(0.012), "1.2 %"),
            (change(GatedMetric::P95, 0.325), "+32.5 %"),
            (change(GatedMetric::P95, -0.04), "−4.0 %"),
            (change(GatedMetric::P95, -0.0001), "0.0 %"),
            (change(GatedMetric::Failed, 0.004), "+0.4 points"),
            (rough_change(GatedMetric::P95, 0.199), "+20 %"),
            (counted(1, "threshold"), "1 threshold"),
        ];
        for (text, expected) in table {
            assert_eq!(text, expected);
        }
    }
}
