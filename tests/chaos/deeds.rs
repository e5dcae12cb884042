//! What the server may do to a request or a connection, how often, and what a client must make of it.

use loadgate::measurement::ErrorClass;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use ErrorClass::{Body, Connect, Protocol, Reset, Timeout, Tls};

/// Of the one answer that may come too late.
pub const GIGABYTE_STATUS: u16 = 221;

/// How a request ends for a client that counts right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Status(u16),
    Class(ErrorClass),
}

/// Which requests a deed is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    Any,
    /// Not HEAD: it is about the body of the answer.
    Bodies,
    /// HEAD alone.
    Heads,
    /// Those with a large body of their own.
    Uploads,
    /// Those on an encrypted connection.
    Encrypted,
}

/// What is done once a request's head has been read. Every whole answer has a status of its own, so that the client's
/// counts by status are counts by deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    Length,
    Chunks,
    UntilClose,
    Gzip,
    NoContent,
    Dripped,
    TwoPackets,
    CloseTold,
    CloseUntold,
    Interim,
    LengthAndChunks,
    LineFeeds,
    ManyHeaders,
    OddCookies,
    UnknownEncoding,
    Bomb,
    Http10,
    AnswersTwice,
    BodyForHead,
    BodyFor204,
    NotModified,
    Upgrade,
    Status(u16),
    RedirectNear(u16),
    RedirectLoop,
    RedirectHuge,
    RedirectNowhere,
    RedirectForeign,
    RedirectScheme,
    RedirectNoUrl,
    EarlyAnswer,
    SlowReader,
    Gigabyte,
    CloseBefore,
    ResetBefore,
    CloseInHead,
    ResetInHead,
    CloseInBody,
    ResetInBody,
    CloseInChunks,
    ResetInUpload,
    StopReading,
    Garbage,
    OldPage,
    Version,
    Status99,
    NegativeLength,
    HugeLength,
    TwoLengths,
    BadChunk,
    EndlessExtension,
    EndlessTrailers,
    HugeHeader,
    TooManyHeaders,
    EndlessHead,
    Nul,
    BadGzip,
    Stall,
    StallInHead,
    StallInBody,
    Drip,
    DripHead,
    InterimFlood,
    TlsGarbage,
    /// Not chosen: a request that came after the server had closed without telling.
    AfterClose,
}

/// What is done to a connection before a request is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Greeting {
    Reset,
    Close,
    Stall,
    Banner,
    /// Of TLS alone.
    PlainText,
    CloseInHandshake,
    StallInHandshake,
}

impl Greeting {
    const PLAIN: [Greeting; 4] = [Greeting::Reset, Greeting::Close, Greeting::Stall, Greeting::Banner];
    const TLS: [Greeting; 4] =
        [Greeting::PlainText, Greeting::CloseInHandshake, Greeting::StallInHandshake, Greeting::Reset];

    pub fn choose(rng: &mut StdRng, encrypted: bool) -> Greeting {
        let choices = if encrypted { Greeting::TLS } else { Greeting::PLAIN };
        *choices.choose(rng).expect("there are some")
    }

    /// One of these is what the client must count for the request that opened the connection.
    pub fn outcomes(self, encrypted: bool) -> Vec<Outcome> {
        let classes: &[ErrorClass] = match self {
            // The reset may come while the client still asks whether it is connected.
            Greeting::Reset if encrypted => &[Tls, Connect],
            Greeting::Reset => &[Reset, Connect],
            Greeting::Close => &[Reset],
            Greeting::Stall | Greeting::StallInHandshake => &[Timeout],
            Greeting::Banner => &[Protocol],
            Greeting::PlainText | Greeting::CloseInHandshake => &[Tls],
        };
        classes.iter().copied().map(Outcome::Class).collect()
    }
}

/// What the choice of a deed depends on.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub head: bool,
    pub upload: bool,
    pub encrypted: bool,
    /// Redirects that the client would still follow.
    pub redirects_left: u32,
}

const fn row(deed: Deed, weight: u32, whom: For) -> (Deed, u32, For) {
    (deed, weight, whom)
}

/// Each deed with its weight.
const DEEDS: &[(Deed, u32, For)] = &[
    row(Deed::Length, 300, For::Any),
    row(Deed::Chunks, 150, For::Any),
    row(Deed::UntilClose, 20, For::Any),
    row(Deed::Gzip, 60, For::Bodies),
    row(Deed::NoContent, 20, For::Any),
    row(Deed::Dripped, 6, For::Bodies),
    row(Deed::TwoPackets, 20, For::Bodies),
    row(Deed::CloseTold, 20, For::Any),
    row(Deed::CloseUntold, 30, For::Any),
    row(Deed::Interim, 15, For::Any),
    row(Deed::LengthAndChunks, 10, For::Bodies),
    row(Deed::LineFeeds, 10, For::Any),
    row(Deed::ManyHeaders, 10, For::Any),
    row(Deed::OddCookies, 20, For::Any),
    row(Deed::UnknownEncoding, 10, For::Bodies),
    row(Deed::Bomb, 1, For::Bodies),
    row(Deed::Http10, 10, For::Any),
    row(Deed::AnswersTwice, 10, For::Any),
    row(Deed::BodyForHead, 20, For::Heads),
    row(Deed::BodyFor204, 10, For::Any),
    row(Deed::NotModified, 10, For::Any),
    row(Deed::Upgrade, 5, For::Any),
    row(Deed::Status(401), 5, For::Any),
    row(Deed::Status(403), 5, For::Any),
    row(Deed::Status(404), 5, For::Any),
    row(Deed::Status(429), 10, For::Any),
    row(Deed::Status(500), 10, For::Any),
    row(Deed::Status(503), 10, For::Any),
    row(Deed::Status(599), 5, For::Any),
    row(Deed::RedirectNear(301), 8, For::Any),
    row(Deed::RedirectNear(302), 20, For::Any),
    row(Deed::RedirectNear(303), 8, For::Any),
    row(Deed::RedirectNear(307), 8, For::Any),
    row(Deed::RedirectNear(308), 8, For::Any),
    row(Deed::RedirectLoop, 5, For::Any),
    row(Deed::RedirectHuge, 3, For::Any),
    row(Deed::RedirectNowhere, 5, For::Any),
    row(Deed::RedirectForeign, 8, For::Any),
    row(Deed::RedirectScheme, 5, For::Any),
    row(Deed::RedirectNoUrl, 5, For::Any),
    row(Deed::EarlyAnswer, 100, For::Uploads),
    row(Deed::SlowReader, 40, For::Uploads),
    row(Deed::Gigabyte, 1, For::Bodies),
    row(Deed::CloseBefore, 20, For::Any),
    row(Deed::ResetBefore, 20, For::Any),
    row(Deed::CloseInHead, 10, For::Any),
    row(Deed::ResetInHead, 5, For::Any),
    row(Deed::CloseInBody, 10, For::Bodies),
    row(Deed::ResetInBody, 5, For::Bodies),
    row(Deed::CloseInChunks, 10, For::Bodies),
    row(Deed::ResetInUpload, 100, For::Uploads),
    row(Deed::StopReading, 20, For::Uploads),
    row(Deed::Garbage, 10, For::Any),
    row(Deed::OldPage, 5, For::Any),
    row(Deed::Version, 5, For::Any),
    row(Deed::Status99, 5, For::Any),
    row(Deed::NegativeLength, 5, For::Any),
    row(Deed::HugeLength, 5, For::Any),
    row(Deed::TwoLengths, 5, For::Any),
    row(Deed::BadChunk, 10, For::Bodies),
    row(Deed::EndlessExtension, 3, For::Bodies),
    row(Deed::EndlessTrailers, 3, For::Bodies),
    row(Deed::HugeHeader, 3, For::Any),
    row(Deed::TooManyHeaders, 3, For::Any),
    row(Deed::EndlessHead, 3, For::Any),
    row(Deed::Nul, 5, For::Any),
    row(Deed::BadGzip, 10, For::Bodies),
    row(Deed::Stall, 3, For::Any),
    row(Deed::StallInHead, 2, For::Any),
    row(Deed::StallInBody, 2, For::Bodies),
    row(Deed::Drip, 2, For::Bodies),
    row(Deed::DripHead, 2, For::Any),
    row(Deed::InterimFlood, 1, For::Any),
    row(Deed::TlsGarbage, 15, For::Encrypted),
];

impl Deed {
    pub fn choose(rng: &mut StdRng, asked: Asked) -> Deed {
        let fits = |whom: For| match whom {
            For::Any => true,
            For::Bodies => !asked.head,
            For::Heads => asked.head,
            For::Uploads => asked.upload,
            For::Encrypted => asked.encrypted,
        };
        let choices: Vec<(Deed, u32)> =
            DEEDS.iter().filter(|(_, _, whom)| fits(*whom)).map(|(deed, weight, _)| (*deed, *weight)).collect();
        choices.choose_weighted(rng, |(_, weight)| *weight).expect("there are some").0
    }

    /// One of these is what the client must count.
    pub fn outcomes(self, asked: Asked) -> Vec<Outcome> {
        let status = |status: u16| vec![Outcome::Status(status)];
        let class = |class: ErrorClass| vec![Outcome::Class(class)];
        match self {
            Deed::Length => status(200),
            Deed::Chunks => status(201),
            Deed::UntilClose => status(202),
            Deed::Gzip => status(203),
            Deed::NoContent => status(204),
            Deed::Dripped => status(206),
            Deed::TwoPackets => status(207),
            Deed::CloseTold => status(208),
            Deed::CloseUntold => status(209),
            Deed::Interim => status(210),
            Deed::LengthAndChunks => status(211),
            Deed::LineFeeds => status(212),
            Deed::ManyHeaders => status(213),
            Deed::OddCookies => status(214),
            Deed::UnknownEncoding => status(215),
            Deed::Bomb => status(216),
            Deed::Http10 => status(217),
            Deed::AnswersTwice => status(218),
            Deed::BodyForHead => status(219),
            Deed::BodyFor204 => status(204),
            Deed::NotModified => status(304),
            Deed::Upgrade => status(101),
            Deed::EarlyAnswer => status(413),
            Deed::SlowReader => status(220),
            Deed::Status(code) | Deed::RedirectNear(code) => status(code),
            Deed::RedirectNoUrl if asked.redirects_left > 0 => class(Protocol),
            Deed::RedirectLoop | Deed::RedirectHuge | Deed::RedirectNowhere => status(302),
            Deed::RedirectForeign | Deed::RedirectScheme | Deed::RedirectNoUrl => status(302),
            // Whether it comes whole before the time limit is the machine's business.
            Deed::Gigabyte => vec![Outcome::Status(GIGABYTE_STATUS), Outcome::Class(Timeout)],
            Deed::CloseBefore | Deed::ResetBefore | Deed::CloseInHead | Deed::AfterClose => class(Reset),
            Deed::ResetInHead => class(Reset),
            // A reset throws away what has not been read.
            Deed::ResetInBody => vec![Outcome::Class(Body), Outcome::Class(Reset)],
            Deed::CloseInBody | Deed::CloseInChunks | Deed::BadGzip => class(Body),
            Deed::ResetInUpload => class(Reset),
            Deed::Garbage | Deed::OldPage | Deed::Version | Deed::Status99 => class(Protocol),
            Deed::NegativeLength | Deed::HugeLength | Deed::TwoLengths | Deed::BadChunk => class(Protocol),
            Deed::EndlessExtension | Deed::EndlessTrailers | Deed::HugeHeader => class(Protocol),
            Deed::TooManyHeaders | Deed::EndlessHead | Deed::Nul => class(Protocol),
            Deed::StopReading | Deed::Stall | Deed::StallInHead | Deed::StallInBody => class(Timeout),
            Deed::Drip | Deed::DripHead | Deed::InterimFlood => class(Timeout),
            Deed::TlsGarbage => class(Tls),
        }
    }

    /// Whether the client must send the request again, on a fresh connection: no byte of an answer came over a connection
    /// that had served before, and the request changes nothing.
    pub fn is_repeated(self, reused: bool, harmless: bool) -> bool {
        reused && harmless && matches!(self, Deed::CloseBefore | Deed::ResetBefore | Deed::AfterClose)
    }

    /// Whether the client may: a reset may have thrown away the bytes that came.
    pub fn may_be_repeated(self, reused: bool, harmless: bool) -> bool {
        let thrown_away = matches!(self, Deed::ResetInHead | Deed::ResetInBody);
        reused && harmless && (thrown_away || self.is_repeated(reused, harmless))
    }

    /// Whether the client counts one request more that it refuses to send.
    pub fn leads_astray(self, asked: Asked) -> bool {
        asked.redirects_left > 0 && matches!(self, Deed::RedirectForeign | Deed::RedirectScheme)
    }
}
