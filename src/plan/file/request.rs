//! The parts of a request as they are written.

use schemars::{Schema, json_schema};

use super::declare::{forms, record};
use super::read::{Expected, List, Spanned, Text, Word};
use super::tree::Scalar;

forms! {
    /// The statuses that are not failures.
    ExpectForm: "a status, a range such as 2xx or 200-299, or a list of them" {
        Scalar => One(Spanned<Statuses>),
        List => Many(List<Spanned<Statuses>>),
    }
}

/// A range of statuses: `200`, `2xx`, `200-299`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statuses {
    pub first: u16,
    pub last: u16,
}

impl Word for Statuses {
    fn parse(scalar: &Scalar) -> Result<Self, Expected> {
        let text = scalar.text.trim();
        let status = |text: &str| text.trim().parse().ok().filter(|status| (100..=599).contains(status));
        let class = |text: &str| match text.as_bytes() {
            [digit @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] => Some(u16::from(digit - b'0') * 100),
            _ => None,
        };
        let range = if let Some(first) = class(text) {
            Some((first, first + 99))
        } else if let Some((first, last)) = text.split_once('-') {
            status(first).zip(status(last)).filter(|(first, last)| first <= last)
        } else {
            status(text).map(|status| (status, status))
        };
        range
            .map(|(first, last)| Statuses { first, last })
            .ok_or_else(|| Expected::new("a status", "write 200, 2xx or 200-299; statuses are 100 to 599"))
    }

    fn schema() -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "integer", "minimum": 100, "maximum": 599 },
                { "type": "string", "pattern": "^([1-5][xX][xX]|[1-5][0-9][0-9]( *- *[1-5][0-9][0-9])?)$" },
            ]
        })
    }
}

forms! {
    /// A body as it is, or from a file.
    BodyForm: "text, or a map of `file`" {
        Scalar => Text(Text),
        Map => File(FileSection),
    }
}

record! {
    /// A file beneath the plan's folder.
    FileSection: "a map of `file`" {
        /// Its path.
        file = "file": Text,
    }
}

forms! {
    /// One part of a multipart body.
    PartForm: "text, or a map of `file` or `value`, `filename` and `contentType`" {
        Scalar => Text(Text),
        Map => Section(PartSection),
    }
}

record! {
    /// One part of a multipart body.
    PartSection: "a part" {
        /// A file beneath the plan's folder.
        file = "file": Text,
        /// Text, in place of a file.
        value = "value": Text,
        /// The name the part's content goes by: the file's own by default.
        filename = "filename": Text,
        /// The part's own content type.
        content_type = "contentType": Text,
    }
}

record! {
    /// How a request proves who it is: `basic`, `digest` or `bearer`.
    AuthSection: "a map of `basic`, `digest` or `bearer`" {
        /// User name and password.
        basic = "basic": BasicSection,
        /// User name and password, proved without sending the password.
        digest = "digest": BasicSection,
        /// The token.
        bearer = "bearer": Text,
    }
}

record! {
    /// User name and password.
    BasicSection: "a map of `username` and `password`" {
        /// A template.
        username = "username": Text,
        /// A template, best of a secret.
        password = "password": Text,
    }
}

forms! {
    /// A value taken from an answer.
    CaptureForm: "an expression, or a map of `from` and `optional`" {
        Scalar => Expression(Text),
        Map => Section(CaptureSection),
    }
}

record! {
    /// A value taken from an answer.
    CaptureSection: "a map of `from` and `optional`" {
        /// An expression.
        from = "from": Text,
        /// A missing value is no failure: false by default.
        optional = "optional": Spanned<bool>,
    }
}

forms! {
    /// A sample of one of the plan's metrics.
    RecordForm: "an expression, or a map of `when` and `value`" {
        Scalar => Expression(Text),
        Map => Section(RecordSection),
    }
}

record! {
    /// A sample of one of the plan's metrics.
    RecordSection: "a map of `when` and `value`" {
        /// Only when this holds.
        when = "when": Text,
        /// An expression.
        value = "value": Text,
    }
}
