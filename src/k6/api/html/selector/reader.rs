//! Reading a selector's text.

use super::{AttributeTest, Combinator, Complex, Error, Operator, Selector, Simple};

/// How deep `:not(…)` and its like may be nested; what is deeper is no selector.
const DEEPEST: usize = 32;

pub struct Reader<'t> {
    text: &'t str,
    depth: usize,
}

impl<'t> Reader<'t> {
    pub fn new(text: &'t str) -> Self {
        Reader { text, depth: 0 }
    }

    pub fn at_end(&self) -> bool {
        self.text.is_empty()
    }

    /// Selectors with commas between them.
    pub fn group(&mut self) -> Result<Selector, Error> {
        let mut selectors = vec![self.complex()?];
        while self.take(',') {
            selectors.push(self.complex()?);
        }
        Ok(Selector(selectors))
    }

    fn complex(&mut self) -> Result<Complex, Error> {
        self.skip_blank();
        let mut subject = self.compound()?;
        let mut around = Vec::new();
        loop {
            let blank = self.skip_blank();
            let combinator = match self.peek() {
                Some('>') => Combinator::Child,
                Some('+') => Combinator::Next,
                Some('~') => Combinator::Later,
                Some(',' | ')') | None => break,
                Some(_) if blank => Combinator::Descendant,
                Some(_) => break,
            };
            if !matches!(combinator, Combinator::Descendant) {
                self.skip(1);
                self.skip_blank();
            }
            let next = self.compound()?;
            around.insert(0, (combinator, std::mem::replace(&mut subject, next)));
        }
        Ok(Complex { subject, around })
    }

    fn compound(&mut self) -> Result<Vec<Simple>, Error> {
        let mut simples = Vec::new();
        match self.peek() {
            None => return Err(Error::Invalid),
            Some('*') => {
                self.skip(1);
                if self.text.starts_with("|*") {
                    self.skip(2);
                }
            }
            Some('#' | '.' | '[' | ':') => {}
            Some(_) => simples.push(Simple::Tag(self.identifier()?.to_ascii_lowercase())),
        }
        loop {
            let simple = match self.peek() {
                Some('#') => {
                    self.skip(1);
                    Simple::Id(self.name()?)
                }
                Some('.') => {
                    self.skip(1);
                    Simple::Class(self.identifier()?)
                }
                Some('[') => self.attribute()?,
                Some(':') => self.pseudo_class()?,
                _ => return Ok(simples),
            };
            simples.push(simple);
        }
    }

    fn attribute(&mut self) -> Result<Simple, Error> {
        self.skip(1);
        self.skip_blank();
        let name = self.identifier()?.to_ascii_lowercase();
        self.skip_blank();
        if self.take(']') {
            return Ok(Simple::Attribute { name, test: AttributeTest::Present });
        }
        if self.text.starts_with("#=") {
            return Err(Error::Unsupported("a regular expression, [attribute#=…]"));
        }
        let (operator, length) = match self.text.as_bytes() {
            [b'=', ..] => (Operator::Is, 1),
            [b'!', b'=', ..] => (Operator::IsNot, 2),
            [b'~', b'=', ..] => (Operator::Word, 2),
            [b'|', b'=', ..] => (Operator::Dash, 2),
            [b'^', b'=', ..] => (Operator::Prefix, 2),
            [b'$', b'=', ..] => (Operator::Suffix, 2),
            [b'*', b'=', ..] => (Operator::Substring, 2),
            _ => return Err(Error::Invalid),
        };
        self.skip(length);
        self.skip_blank();
        let value = self.string_or_identifier()?;
        self.skip_blank();
        let any_case = self.take('i') || self.take('I');
        self.skip_blank();
        if !self.take(']') {
            return Err(Error::Invalid);
        }
        Ok(Simple::Attribute { name, test: AttributeTest::Compare { operator, value, any_case } })
    }

    fn pseudo_class(&mut self) -> Result<Simple, Error> {
        self.skip(1);
        let name = self.identifier()?.to_ascii_lowercase();
        let nth = |offset, same_tag, from_last| Ok(Simple::Nth { step: 0, offset, same_tag, from_last });
        match name.as_str() {
            "not" => self.bracketed(|reader| Ok(Simple::Not(reader.group()?))),
            "has" => self.bracketed(|reader| Ok(Simple::Has(reader.group()?))),
            "haschild" => self.bracketed(|reader| Ok(Simple::HasChild(reader.group()?))),
            "contains" | "containsown" => self.bracketed(|reader| {
                let text = reader.string_or_identifier()?.to_lowercase();
                Ok(Simple::Contains { text, own: name == "containsown" })
            }),
            "lang" => self.bracketed(|reader| Ok(Simple::Lang(reader.identifier()?.to_lowercase()))),
            "nth-child" | "nth-last-child" | "nth-of-type" | "nth-last-of-type" => self.bracketed(|reader| {
                let (step, offset) = reader.nth()?;
                let (same_tag, from_last) = (name.ends_with("of-type"), name.starts_with("nth-last"));
                Ok(Simple::Nth { step, offset, same_tag, from_last })
            }),
            "first-child" => nth(1, false, false),
            "last-child" => nth(1, false, true),
            "first-of-type" => nth(1, true, false),
            "last-of-type" => nth(1, true, true),
            "only-child" => Ok(Simple::Only { same_tag: false }),
            "only-of-type" => Ok(Simple::Only { same_tag: true }),
            "input" => Ok(Simple::Input),
            "empty" => Ok(Simple::Empty),
            "root" => Ok(Simple::Root),
            "link" => Ok(Simple::Link),
            "enabled" => Ok(Simple::Enabled),
            "disabled" => Ok(Simple::Disabled),
            "checked" => Ok(Simple::Checked),
            "visited" | "hover" | "active" | "focus" | "target" => Ok(Simple::Never),
            "matches" | "matchesown" => Err(Error::Unsupported("a regular expression, :matches(…)")),
            _ => Err(Error::Invalid),
        }
    }

    fn bracketed(&mut self, inner: impl FnOnce(&mut Self) -> Result<Simple, Error>) -> Result<Simple, Error> {
        if !self.take('(') || self.depth == DEEPEST {
            return Err(Error::Invalid);
        }
        self.skip_blank();
        self.depth += 1;
        let simple = inner(self)?;
        self.depth -= 1;
        self.skip_blank();
        if self.take(')') { Ok(simple) } else { Err(Error::Invalid) }
    }

    /// `an+b`, `odd`, `even`, or a number.
    fn nth(&mut self) -> Result<(i64, i64), Error> {
        let end = self.text.find(')').ok_or(Error::Invalid)?;
        let text: String = self.text[..end].chars().filter(|c| !is_blank(*c)).collect();
        self.skip(end);
        let text = text.to_ascii_lowercase();
        match text.as_str() {
            "odd" => return Ok((2, 1)),
            "even" => return Ok((2, 0)),
            _ => {}
        }
        let number = |text: &str| text.parse::<i32>().map(i64::from).map_err(|_| Error::Invalid);
        let Some((step, offset)) = text.split_once('n') else { return Ok((0, number(&text)?)) };
        let step = match step {
            "" | "+" => 1,
            "-" => -1,
            step => number(step)?,
        };
        Ok((step, if offset.is_empty() { 0 } else { number(offset)? }))
    }

    fn string_or_identifier(&mut self) -> Result<String, Error> {
        match self.peek() {
            Some(quote @ ('"' | '\'')) => self.string(quote),
            _ => self.identifier(),
        }
    }

    fn string(&mut self, quote: char) -> Result<String, Error> {
        self.skip(1);
        let mut value = String::new();
        loop {
            match self.peek().ok_or(Error::Invalid)? {
                '\\' => value.push(self.escape()?),
                '\n' | '\r' | '\x0c' => return Err(Error::Invalid),
                c => {
                    self.skip(c.len_utf8());
                    if c == quote {
                        return Ok(value);
                    }
                    value.push(c);
                }
            }
        }
    }

    fn identifier(&mut self) -> Result<String, Error> {
        let start = self.text.trim_start_matches('-');
        if !start.starts_with(|c: char| c == '\\' || (is_name(c) && !c.is_ascii_digit())) {
            return Err(Error::Invalid);
        }
        self.name()
    }

    fn name(&mut self) -> Result<String, Error> {
        let mut name = String::new();
        while let Some(c) = self.peek() {
            if c == '\\' {
                name.push(self.escape()?);
            } else if is_name(c) {
                self.skip(c.len_utf8());
                name.push(c);
            } else {
                break;
            }
        }
        if name.is_empty() { Err(Error::Invalid) } else { Ok(name) }
    }

    /// `\` and a character, or up to six hexadecimal digits and a space.
    fn escape(&mut self) -> Result<char, Error> {
        self.skip(1);
        let digits = self.text.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
        if digits == 0 {
            let c = self.peek().filter(|c| !matches!(c, '\n' | '\r' | '\x0c')).ok_or(Error::Invalid)?;
            self.skip(c.len_utf8());
            return Ok(c);
        }
        let code = u32::from_str_radix(&self.text[..digits], 16).map_err(|_| Error::Invalid)?;
        self.skip(digits);
        if self.peek().is_some_and(is_blank) {
            self.skip(1);
        }
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn peek(&self) -> Option<char> {
        self.text.chars().next()
    }

    fn take(&mut self, c: char) -> bool {
        let rest = self.text.strip_prefix(c);
        self.text = rest.unwrap_or(self.text);
        rest.is_some()
    }

    fn skip(&mut self, bytes: usize) {
        self.text = &self.text[bytes..];
    }

    fn skip_blank(&mut self) -> bool {
        let rest = self.text.trim_start_matches(is_blank);
        let skipped = rest.len() < self.text.len();
        self.text = rest;
        skipped
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '\x0c')
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-' || !c.is_ascii()
}
