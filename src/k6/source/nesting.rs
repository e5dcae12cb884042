//! How deeply a script may be nested.
//!
//! The parser calls itself for each level, and so does everything that walks over its tree: a text of `((((…` would
//! overflow any stack. What bounds the depth is how many tokens are open at one point: those of the expressions and
//! statements that have begun and not ended. It is counted before the text is parsed.

/// Most tokens that may be open at one point. A script of this many tokens in all is never refused.
pub(super) const MOST_OPEN: usize = 10_000;

/// Stack for the parser of any text and for those who walk over its tree, in bytes.
const BASE: usize = 16 << 20;

/// Stack for each token that is open at the deepest point, in bytes. The tests hold it to the deepest texts of each kind
/// that pass, without optimisation.
const FOR_EACH_TOKEN: usize = 48 << 10;

/// Stack for the deepest text that passes.
#[cfg(test)]
pub(super) const LARGEST_STACK: usize = BASE + MOST_OPEN * FOR_EACH_TOKEN;

/// The stack that a text needs, in bytes; or the byte at which it becomes too deep.
pub(super) fn stack(text: &str) -> Result<usize, usize> {
    let mut scan =
        Scan { bytes: text.as_bytes(), at: 0, levels: vec![Level::default()], open: 0, last: Last::Operator };
    let mut deepest = 0;
    while scan.at < scan.bytes.len() {
        scan.token();
        deepest = deepest.max(scan.open);
        if deepest > MOST_OPEN {
            return Err(scan.at.min(text.len()));
        }
    }
    Ok(BASE + deepest * FOR_EACH_TOKEN)
}

/// An open bracket, or the text itself.
#[derive(Default)]
struct Level {
    /// Tokens of this level since the last statement or element ended.
    tokens: usize,
    /// It is the `${` of a template, which goes on behind the bracket that closes it.
    in_template: bool,
    /// A `;` was read: unless `else` follows, all that was open on this level has ended.
    ending: bool,
}

/// What the last token was: it decides whether a `/` divides or starts a regular expression.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Value,
    Operator,
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    levels: Vec<Level>,
    /// Tokens of all levels together.
    open: usize,
    last: Last,
}

impl Scan<'_> {
    /// Reads one token, or what stands between tokens.
    fn token(&mut self) {
        let byte = self.bytes[self.at];
        let next = self.bytes.get(self.at + 1).copied();
        match byte {
            b if b.is_ascii_whitespace() => self.at += 1,
            b'/' if next == Some(b'/') => self.at = self.find(b"\n"),
            b'/' if next == Some(b'*') => self.at = (self.find(b"*/") + 2).min(self.bytes.len()),
            b'/' if self.last == Last::Operator => self.regex(),
            b'"' | b'\'' => self.string(byte),
            b'`' => {
                self.count();
                self.at += 1;
                self.template();
            }
            b'(' | b'[' | b'{' => self.enter(false),
            b')' | b']' | b'}' => self.leave(),
            b',' | b';' => {
                self.level().ending = true;
                if byte == b',' {
                    self.settle(b"");
                }
                self.at += 1;
                self.last = Last::Operator;
            }
            b if is_word(b) => self.word(),
            _ => {
                self.count();
                self.at += 1;
                self.last = Last::Operator;
            }
        }
    }

    /// The innermost level. The text's own is never left.
    fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    /// Counts a token that is no word.
    fn count(&mut self) {
        self.settle(b"");
        self.level().tokens += 1;
        self.open += 1;
    }

    /// Forgets what a `;` has ended, unless the next word carries it on.
    fn settle(&mut self, word: &[u8]) {
        let level = self.level();
        if std::mem::take(&mut level.ending) && word != b"else" {
            let ended = std::mem::take(&mut level.tokens);
            self.open -= ended;
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let first_on_line =
            self.bytes[..start].iter().rev().find(|b| !matches!(b, b' ' | b'\t')).is_none_or(|b| *b == b'\n');
        while self.at < self.bytes.len() && is_word(self.bytes[self.at]) {
            self.at += 1;
        }
        let word = &self.bytes[start..self.at];
        // Where semicolons are left out: a declaration is part of no other statement or expression.
        if first_on_line && matches!(word, b"const" | b"let" | b"var" | b"export") {
            self.level().ending = true;
        }
        self.settle(word);
        self.level().tokens += 1;
        self.open += 1;
        let operators: &[&[u8]] = &[
            b"return",
            b"typeof",
            b"case",
            b"in",
            b"of",
            b"delete",
            b"void",
            b"throw",
            b"new",
            b"do",
            b"else",
            b"await",
            b"yield",
            b"instanceof",
        ];
        self.last = if operators.contains(&word) { Last::Operator } else { Last::Value };
    }

    fn enter(&mut self, in_template: bool) {
        self.count();
        self.at += 1;
        self.last = Last::Operator;
        self.levels.push(Level { in_template, ..Level::default() });
    }

    fn leave(&mut self) {
        self.at += 1;
        self.last = Last::Value;
        if self.levels.len() == 1 {
            return;
        }
        let left = self.levels.pop().unwrap_or_default();
        self.open -= left.tokens;
        if left.in_template {
            self.template();
        }
    }

    fn string(&mut self, quote: u8) {
        self.count();
        self.at += 1;
        while self.at < self.bytes.len() && self.bytes[self.at] != quote && self.bytes[self.at] != b'\n' {
            self.at += if self.bytes[self.at] == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        self.last = Last::Value;
    }

    /// Reads a template's text up to its end or its next expression.
    fn template(&mut self) {
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'\\' => self.at += 2,
                b'`' => {
                    self.at += 1;
                    self.last = Last::Value;
                    return;
                }
                b'$' if self.bytes.get(self.at + 1) == Some(&b'{') => {
                    self.at += 1;
                    return self.enter(true);
                }
                _ => self.at += 1,
            }
        }
    }

    fn regex(&mut self) {
        self.count();
        self.at += 1;
        let mut in_class = false;
        while self.at < self.bytes.len() && self.bytes[self.at] != b'\n' {
            match self.bytes[self.at] {
                b'\\' => self.at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => break,
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        self.last = Last::Value;
    }

    fn find(&self, wanted: &[u8]) -> usize {
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        rest.windows(wanted.len()).position(|found| found == wanted).map_or(self.bytes.len(), |found| self.at + found)
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'#') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_does_not_count() {
        let long = 3 * MOST_OPEN;
        let rows: &[(&str, &str)] = &[
            ("statements", "a(b[1]);\n"),
            ("elements", "{ a: 1, b: [2, 3] },"),
            ("functions without semicolons", "export function f() { if (a) { b() } else { c() } }\n"),
            ("declarations without semicolons", "const a = b + (c ? d : e)\n"),
            ("declarations by let without semicolons", "let a = `${b}` // (((\n"),
            ("brackets that aren't code", "a('(', \"[\", /[(]/, `{`, b / 2 /* ( */); // (\n"),
            ("quotes that aren't strings", "a(/['\"`]/.test(b));"),
            ("branches", "if (a) b(); else if (c) d(); else e(); f();"),
        ];
        for (what, part) in rows {
            assert!(stack(&part.repeat(long / part.len() + 1_000)).is_ok(), "{what}");
            assert!(stack(&format!("f([{}])", part.replace(['\n', ';'], ",").repeat(long / 4))).is_ok(), "{what}");
        }
    }

    #[test]
    fn what_is_open_counts() {
        let parts = [
            "(",
            "[",
            "{",
            "!",
            "-",
            "a=>",
            "a?",
            "if(a)",
            "if(a)b;else ",
            "`${",
            "a+",
            "a.b",
            "new ",
            "typeof ",
            "a=",
            "A<",
            "f(function(){",
            "for(;;)",
            "a:",
            "x\n",
            "(1,",
            "[1,",
        ];
        for part in parts {
            let text = part.repeat(MOST_OPEN + 1);
            assert!(stack(&text).is_err(), "{part}");
        }
    }
}
