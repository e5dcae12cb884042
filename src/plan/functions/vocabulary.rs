//! The words of the language, and how many arguments each takes.

/// A function, a filter or a test.
#[derive(Clone, Copy, Debug)]
pub struct Callable {
    pub name: &'static str,
    /// How it is written: `random_int(from, to)`, `value|join(', ')`, `value is eq(3)`.
    pub usage: &'static str,
    /// The least and the largest number of arguments, beside the value that a filter or a test is applied to.
    least: usize,
    most: usize,
}

impl Callable {
    const fn new(name: &'static str, usage: &'static str, least: usize, most: usize) -> Self {
        Callable { name, usage, least, most }
    }

    /// Whether it can be called with so many arguments.
    pub fn takes(&self, arguments: usize) -> bool {
        (self.least..=self.most).contains(&arguments)
    }

    /// `no argument`, `2 arguments`, `1 to 3 arguments`.
    pub fn arity(&self) -> String {
        match (self.least, self.most) {
            (0, 0) => "no argument".to_owned(),
            (1, 1) => "1 argument".to_owned(),
            (least, most) if least == most => format!("{least} arguments"),
            (0, 1) => "at most 1 argument".to_owned(),
            (0, MANY) => "any number of arguments".to_owned(),
            (1, MANY) => "at least 1 argument".to_owned(),
            (least, MANY) => format!("at least {least} arguments"),
            (0, most) => format!("at most {most} arguments"),
            (least, most) => format!("{least} to {most} arguments"),
        }
    }
}

/// No limit.
const MANY: usize = usize::MAX;

/// The functions of the language.
pub const FUNCTIONS: &[Callable] = &[
    Callable::new("random_int", "random_int(from, to)", 2, 2),
    Callable::new("pick", "pick(list)", 1, 1),
    Callable::new("uuid", "uuid()", 0, 0),
    Callable::new("now", "now() or now('iso')", 0, 1),
    Callable::new("base64", "base64(text)", 1, 1),
    Callable::new("base64_decode", "base64_decode(text)", 1, 1),
    Callable::new("sha256", "sha256(text)", 1, 1),
    Callable::new("hmac", "hmac(key, text) or hmac(key, text, 'sha512')", 2, 3),
    Callable::new("range", "range(to), range(from, to) or range(from, to, step)", 1, 3),
];

/// The filters of the language: `value|name`.
pub const FILTERS: &[Callable] = &[
    Callable::new("abs", "value|abs", 0, 0),
    Callable::new("bool", "value|bool", 0, 0),
    Callable::new("capitalize", "value|capitalize", 0, 0),
    Callable::new("count", "value|count", 0, 0),
    Callable::new("d", "value|d(other)", 0, 2),
    Callable::new("default", "value|default(other)", 0, 2),
    Callable::new("first", "value|first", 0, 0),
    Callable::new("float", "value|float", 0, 1),
    Callable::new("int", "value|int", 0, 2),
    Callable::new("items", "value|items", 0, 0),
    Callable::new("join", "value|join(', ')", 0, 2),
    Callable::new("last", "value|last", 0, 0),
    Callable::new("length", "value|length", 0, 0),
    Callable::new("list", "value|list", 0, 0),
    Callable::new("lower", "value|lower", 0, 0),
    Callable::new("map", "value|map(attribute='id')", 1, MANY),
    Callable::new("max", "value|max", 0, 0),
    Callable::new("min", "value|min", 0, 0),
    Callable::new("reject", "value|reject('gt', 1)", 0, MANY),
    Callable::new("rejectattr", "value|rejectattr('id', 'eq', 1)", 1, MANY),
    Callable::new("replace", "value|replace('from', 'to')", 2, 2),
    Callable::new("reverse", "value|reverse", 0, 0),
    Callable::new("round", "value|round(digits)", 0, 2),
    Callable::new("select", "value|select('gt', 1)", 0, MANY),
    Callable::new("selectattr", "value|selectattr('id', 'eq', 1)", 1, MANY),
    Callable::new("sort", "value|sort(attribute='id')", 0, 3),
    Callable::new("split", "value|split(',')", 0, 2),
    Callable::new("string", "value|string", 0, 0),
    Callable::new("sum", "value|sum(attribute='price')", 0, 2),
    Callable::new("title", "value|title", 0, 0),
    Callable::new("tojson", "value|tojson", 0, 0),
    Callable::new("trim", "value|trim('/')", 0, 1),
    Callable::new("unique", "value|unique(attribute='id')", 0, 2),
    Callable::new("upper", "value|upper", 0, 0),
    Callable::new("urlencode", "value|urlencode", 0, 0),
];

/// The tests of the language: `value is name`.
pub const TESTS: &[Callable] = &[
    Callable::new("boolean", "value is boolean", 0, 0),
    Callable::new("defined", "value is defined", 0, 0),
    Callable::new("divisibleby", "value is divisibleby(3)", 1, 1),
    Callable::new("endingwith", "value is endingwith('.png')", 1, 1),
    Callable::new("eq", "value is eq(3)", 1, 1),
    Callable::new("even", "value is even", 0, 0),
    Callable::new("false", "value is false", 0, 0),
    Callable::new("float", "value is float", 0, 0),
    Callable::new("ge", "value is ge(3)", 1, 1),
    Callable::new("gt", "value is gt(3)", 1, 1),
    Callable::new("in", "value is in([1, 2])", 1, 1),
    Callable::new("integer", "value is integer", 0, 0),
    Callable::new("le", "value is le(3)", 1, 1),
    Callable::new("lt", "value is lt(3)", 1, 1),
    Callable::new("mapping", "value is mapping", 0, 0),
    Callable::new("ne", "value is ne(3)", 1, 1),
    Callable::new("none", "value is none", 0, 0),
    Callable::new("number", "value is number", 0, 0),
    Callable::new("odd", "value is odd", 0, 0),
    Callable::new("sequence", "value is sequence", 0, 0),
    Callable::new("startingwith", "value is startingwith('a')", 1, 1),
    Callable::new("string", "value is string", 0, 0),
    Callable::new("true", "value is true", 0, 0),
    Callable::new("undefined", "value is undefined", 0, 0),
];
