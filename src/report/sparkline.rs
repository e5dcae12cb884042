//! A series of figures as a line of blocks: `▂▁▃█`.

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws the figures between their smallest and their largest; nothing where all are equal. What is no number makes a gap.
pub fn sparkline(figures: &[f64]) -> String {
    let finite = figures.iter().copied().filter(|figure| figure.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), f| (low.min(f), high.max(f)));
    if high <= low {
        return String::new();
    }
    figures
        .iter()
        .map(|figure| match figure {
            figure if !figure.is_finite() => ' ',
            figure => BLOCKS[((figure - low) / (high - low) * 7.0).round() as usize],
        })
        .collect()
}

/// At most so many figures: the means of neighbours, as even as they can be. What is no number is left out of its mean.
pub fn condensed(figures: &[f64], most: usize) -> Vec<f64> {
    let groups = figures.len().min(most);
    let group = |index: usize| &figures[index * figures.len() / groups..(index + 1) * figures.len() / groups];
    let mean = |group: &[f64]| {
        let finite: Vec<f64> = group.iter().copied().filter(|figure| figure.is_finite()).collect();
        finite.iter().sum::<f64>() / finite.len() as f64
    };
    (0..groups).map(|index| mean(group(index))).collect()
}

#[cfg(test)]
mod tests {
    use super::{condensed, sparkline};

    #[test]
    fn figures_become_blocks() {
        for (figures, expected) in [
            (&[][..], ""),
            (&[5.0], ""),
            (&[2.0, 2.0, 2.0], ""),
            (&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], "▁▂▃▄▅▆▇█"),
            (&[10.0, 10.1, 9.9, 14.0], "▁▁▁█"),
            (&[1.0, f64::NAN, 2.0], "▁ █"),
        ] {
            assert_eq!(sparkline(figures), expected, "{figures:?}");
        }
    }

    #[test]
    fn a_long_series_is_condensed_to_means() {
        for (figures, expected) in [
            (&[][..], &[][..]),
            (&[1.0, 2.0], &[1.0, 2.0]),
            (&[1.0, 3.0, 5.0, 7.0, 2.0, 4.0], &[2.0, 6.0, 3.0]),
            (&[1.0, f64::NAN, 5.0, 7.0, 2.0, 4.0], &[1.0, 6.0, 3.0]),
            (&[1.0, 2.0, 4.0, 6.0], &[1.0, 2.0, 5.0]),
        ] {
            assert_eq!(condensed(figures, 3), expected, "{figures:?}");
        }
    }
}
