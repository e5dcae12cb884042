//! Patterns: `*` any characters, `?` one, `\` takes the next as it is.

/// Whether the whole of `text` matches `pattern`. At most their lengths' product of steps, whatever the pattern.
pub fn matches(text: &str, pattern: &str) -> bool {
    let (mut text, mut pattern) = (text, pattern);
    // Where to go on when what follows the last star doesn't fit: with one more character under the star.
    let mut retry: Option<(&str, &str)> = None;
    loop {
        match step(text, pattern) {
            Step::Done => return true,
            Step::Star(rest) => {
                retry = Some((text, rest));
                pattern = rest;
            }
            Step::On(next_text, next_pattern) => (text, pattern) = (next_text, next_pattern),
            Step::Fails => {
                let Some((from, rest)) = retry else { return false };
                let mut longer = from.chars();
                if longer.next().is_none() {
                    return false;
                }
                retry = Some((longer.as_str(), rest));
                (text, pattern) = (longer.as_str(), rest);
            }
        }
    }
}

enum Step<'t, 'p> {
    Done,
    Star(&'p str),
    On(&'t str, &'p str),
    Fails,
}

fn step<'t, 'p>(text: &'t str, pattern: &'p str) -> Step<'t, 'p> {
    let (mut chars, mut wanted) = (text.chars(), pattern.chars());
    let fits = match wanted.next() {
        None => return if text.is_empty() { Step::Done } else { Step::Fails },
        Some('*') => return Step::Star(wanted.as_str()),
        Some('?') => chars.next().is_some(),
        Some('\\') => chars.next().is_some_and(|c| wanted.next() == Some(c)),
        Some(c) => chars.next() == Some(c),
    };
    if fits { Step::On(chars.as_str(), wanted.as_str()) } else { Step::Fails }
}
