//! The gate file as it is written: a closed, typed tree in which every value knows its place. [`crate::plan::compile`]
//! turns it into a plan.

mod declare;
pub mod gate;
pub mod object;
pub mod profile;
pub mod read;
pub mod request;
pub mod scenario;
pub mod step;
pub mod tree;
pub mod units;

use std::time::Duration;

use declare::{forms, record, words};
use read::{Json, List, Map, Spanned, Text};

use crate::metric::{Kind, Unit};
use crate::pairing::ArmMode;
use crate::plan::data::Pick;
use crate::plan::target::{HttpVersion, TlsVersion};

pub use gate::{GateSection, ThresholdsForm};
pub use scenario::ScenarioSection;
pub use step::StepEntry;

record! {
    /// A gate file: what to load, how, and how to judge it.
    PlanFile: "a plan" {
        /// Version of this format: 1.
        version = "version": Spanned<u64>,
        /// Names the plan in comments and its folder of baselines: letters, digits, `-`, `_` and `.`.
        name = "name": Text,
        /// Environment variables that `${secret.NAME}` may use; every output masks their values.
        secrets = "secrets": List<Text>,
        /// Environment variables that `${env.NAME}` may use.
        env = "env": List<Text>,
        /// The deployment under test.
        target = "target": TargetSection,
        /// Paired mode: the deployment to compare with.
        reference = "reference": ReferenceForm,
        /// A k6 script beneath the plan's folder, in the place of what the plan would do: its functions run, by its options.
        script = "script": Text,
        /// What every request does unless it says otherwise.
        defaults = "defaults": DefaultsSection,
        /// Rows that expressions see under the set's name.
        data = "data": Map<DataForm>,
        /// Metrics of the plan's own.
        metrics = "metrics": Map<MetricForm>,
        /// Runs once before the scenarios; judged by nothing.
        setup = "setup": BracketSection,
        /// Runs once after the scenarios; judged by nothing.
        teardown = "teardown": BracketSection,
        /// Named lists of steps that scenarios use.
        flows = "flows": Map<List<StepEntry>>,
        /// What is run: who, how many, when, doing what.
        scenarios = "scenarios": Map<ScenarioSection>,
        /// Conditions on metrics, in k6's grammar.
        thresholds = "thresholds": Map<ThresholdsForm>,
        /// How the run is judged.
        gate = "gate": GateSection,
        /// Overrides of load, thresholds and gate: `--profile NAME`.
        profiles = "profiles": Map<profile::ProfileSection>,
    }
}

record! {
    /// The deployment under test, and what the load may touch.
    TargetSection: "a target" {
        /// Scheme, host and port, in which `${pr}`, `${sha}`, `${short_sha}` and `${branch}` may stand. Only where it can't be
        /// discovered; `--target` wins over it.
        url = "url": Text,
        /// Which deployment in GitHub it is.
        deployment = "deployment": DeploymentSection,
        /// When the target counts as ready.
        ready = "ready": ReadySection,
        /// Sent with every request to the target and the reference, never to another host.
        headers = "headers": Map<Text>,
        /// The only other hosts the load may touch: `host` or `host:port`.
        allowed_hosts = "allowedHosts": List<Text>,
        /// IP addresses that stand for names in place of DNS, either side with a port or without: `*.shop.example: 10.0.0.7`.
        hosts = "hosts": Map<Text>,
        /// The hosting tier, if it matters: runs of different tiers are not compared.
        tier = "tier": Text,
        /// Lets a deployment of a production environment be loaded.
        allow_production = "allowProduction": Spanned<bool>,
        /// TLS certificates are not checked.
        insecure_skip_tls_verify = "insecureSkipTLSVerify": Spanned<bool>,
        /// Authorities to trust.
        tls = "tls": TlsSection,
        /// Certificates of our own, for servers that ask for one.
        tls_auth = "tlsAuth": List<TlsAuthSection>,
        /// The versions of TLS that may be spoken: all by default.
        tls_version = "tlsVersion": TlsVersionForm,
        /// Which HTTP is spoken: `auto` by default.
        http_version = "httpVersion": Spanned<HttpVersion>,
        /// Every request on a connection of its own.
        no_connection_reuse = "noConnectionReuse": Spanned<bool>,
        /// Connections are not kept between iterations.
        no_vu_connection_reuse = "noVUConnectionReuse": Spanned<bool>,
    }
}

record! {
    /// Authorities to trust.
    TlsSection: "a map of `ca`" {
        /// Files beneath the plan's folder with certificates in PEM, trusted besides the system's; or templates of their text.
        ca = "ca": TextsForm,
    }
}

forms! {
    /// One text or several.
    TextsForm: "text, or a list of texts" {
        Scalar => One(Text),
        List => Many(List<Text>),
    }
}

record! {
    /// A certificate of our own, for servers that ask for one.
    TlsAuthSection: "a map of `domains`, `cert` and `key`" {
        /// The servers that it is for, as `name` or `*.name`: all by default.
        domains = "domains": List<Text>,
        /// A file beneath the plan's folder with the certificate in PEM, or a template of its text.
        cert = "cert": Text,
        /// A file beneath the plan's folder with the private key in PEM, or a template of its text, best of a secret.
        key = "key": Text,
    }
}

forms! {
    /// The versions of TLS that may be spoken.
    TlsVersionForm: "a version, or a map of `min` and `max`" {
        /// This one alone.
        Scalar => One(Spanned<TlsVersion>),
        Map => Range(TlsVersionSection),
    }
}

record! {
    /// The versions of TLS that may be spoken.
    TlsVersionSection: "a map of `min` and `max`" {
        /// The oldest: tls1.2 by default.
        min = "min": Spanned<TlsVersion>,
        /// The newest: tls1.3 by default.
        max = "max": Spanned<TlsVersion>,
    }
}

words! { TlsVersion: "a version of TLS that is spoken here" {
    "tls1.2" => TlsVersion::Tls12,
    "tls1.3" => TlsVersion::Tls13,
} }

record! {
    /// Which deployment in GitHub is the target.
    DeploymentSection: "a map of `environment` and `within`" {
        /// Its environment's name, in which `*` stands for any text. Needed where a commit is deployed to several.
        environment = "environment": Text,
        /// How long to wait for it: 15m by default.
        within = "within": Spanned<Duration>,
    }
}

record! {
    /// When the target counts as ready.
    ReadySection: "a readiness check" {
        /// The path that is asked.
        get = "get": Text,
        /// The status that means ready: 200 by default.
        status = "status": Spanned<u64>,
        /// How long to wait for it: 2m by default.
        within = "within": Spanned<Duration>,
    }
}

forms! {
    /// The deployment to compare with.
    ReferenceForm: "`auto`, a URL, or a map of `url`, `headers`, `shares` and `mode`" {
        /// `auto`, a deployment of the merge base, or its URL.
        Scalar => Short(Text),
        Map => Long(ReferenceSection),
    }
}

words! { ArmMode: "a way to load both deployments" {
    "parallel" => ArmMode::Parallel,
    "alternating" => ArmMode::Alternating,
} }

record! {
    /// The deployment to compare with.
    ReferenceSection: "a reference" {
        /// Scheme, host and port; a deployment of the merge base without it.
        url = "url": Text,
        /// Sent to the reference alone.
        headers = "headers": Map<Text>,
        /// What both deployments share: `database`, `cache`, `host`.
        shares = "shares": List<Text>,
        /// `parallel` or `alternating`. By default deployments that share something take turns, if the load is an arrival
        /// rate.
        mode = "mode": Spanned<ArmMode>,
    }
}

record! {
    /// What every request does unless it says otherwise.
    DefaultsSection: "a map of defaults" {
        /// Longest time of a request, redirects included: 60s by default.
        timeout = "timeout": Spanned<Duration>,
        /// Sent with every request.
        headers = "headers": Map<Text>,
        /// Redirects followed at most: 10 by default.
        redirects = "redirects": Spanned<u64>,
        /// Whether cookies are kept within an iteration: true by default.
        cookies = "cookies": Spanned<bool>,
        /// The statuses that are not failures: 200 to 399 by default.
        expect = "expect": request::ExpectForm,
    }
}

forms! {
    /// Rows of data.
    DataForm: "a list of rows, or a map of `csv`, `json` or `inline`, and `pick`" {
        /// The rows themselves, picked one after another.
        List => Rows(List<Json>),
        Map => Section(DataSection),
    }
}

record! {
    /// Rows of data and how an iteration picks one.
    DataSection: "a data set" {
        /// A file beneath the plan's folder: the first line names the columns; every cell is text.
        csv = "csv": Text,
        /// A file beneath the plan's folder that holds an array.
        json = "json": Text,
        /// The rows themselves.
        inline = "inline": List<Json>,
        /// Which row an iteration sees: `sequential` by default.
        pick = "pick": Spanned<Pick>,
    }
}

words! { Pick: "a way to pick a row" {
    "unique" => Pick::Unique,
    "by_vu" => Pick::ByVu,
    "random" => Pick::Random,
    "sequential" => Pick::Sequential,
} }

forms! {
    /// A metric of the plan's own.
    MetricForm: "`counter`, `gauge`, `rate` or `trend`, or a map of `type` and `unit`" {
        Scalar => Kind(Spanned<Kind>),
        Map => Section(MetricSection),
    }
}

record! {
    /// A metric of the plan's own.
    MetricSection: "a metric" {
        /// What it accumulates.
        type_ = "type": Spanned<Kind>,
        /// Of a trend's values: `none` by default.
        unit = "unit": Spanned<Unit>,
    }
}

words! { Kind: "a kind of metric" {
    "counter" => Kind::Counter,
    "gauge" => Kind::Gauge,
    "rate" => Kind::Rate,
    "trend" => Kind::Trend,
} }

words! { Unit: "a unit" {
    "ms" => Unit::Milliseconds,
    "bytes" => Unit::Bytes,
    "none" => Unit::Plain,
} }

record! {
    /// Steps that run once, as one iteration.
    BracketSection: "a map of `timeout` and `steps`" {
        /// Longest time: 60s by default.
        timeout = "timeout": Spanned<Duration>,
        /// What is done, in order.
        steps = "steps": List<StepEntry>,
    }
}
