//! The control: a request to something outside of the deployment, from a scenario of its own.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use url::Url;

use super::names::{Part, Scope};
use super::{Compiler, contract};
use crate::plan::Control;
use crate::plan::file::gate::ControlSection;
use crate::plan::file::read::{List, Text};
use crate::plan::file::units::written;
use crate::plan::scenario::{Executor, Flow, Scenario, Work};
use crate::plan::step::{Request, RequestId, StatusSet, Step};

/// The name of its request and of its scenario.
const NAME: &str = "control";
const EVERY: Duration = Duration::from_secs(1);
/// It is there to be seen, not to load anything.
const OFTENEST: Duration = Duration::from_millis(100);
const TIMEOUT: Duration = Duration::from_secs(10);
/// So that one answer that is late does not hold up the next requests.
const MOST_VUS: u64 = 4;

impl Compiler<'_> {
    /// Compiles `gate.control` into a scenario behind all others, over the whole schedule.
    pub fn control(&mut self, scenarios: &mut Vec<Arc<Scenario>>) -> Option<Control> {
        let file = self.file;
        let section = file.gate.get()?.control.get()?;
        self.refuse_taken_name(section, scenarios);
        let every = self.control_time(section.every.get().map(|every| (every.value, &every.place)), EVERY, OFTENEST);
        let timeout = section.timeout.get().map(|timeout| (timeout.value, &timeout.place));
        let timeout = self.control_time(timeout, TIMEOUT, Duration::from_millis(1));
        let help = "write the URL of a status page, say, that this deployment does not serve";
        let get = section.get.required("get", help, &section.place, &mut self.problems)?;
        let url = self.control_url(get)?;
        let scope = Scope::new(Part::Target, BTreeSet::new());
        let template = self.template(get, &scope)?;
        let expect = StatusSet::default();
        let definition = contract::Definition {
            method: &Method::GET,
            url: &template,
            query: &[],
            headers: [&[], &[], &[]],
            body: None,
            auth: None,
            redirects: 0,
            expect: &expect,
        }
        .hash();
        let id = RequestId(self.series.request(NAME, definition, true, false));
        let request = Request {
            id,
            name: NAME.into(),
            method: Method::GET,
            url: template,
            query: Vec::new(),
            headers: Vec::new(),
            default_headers: Arc::from([]),
            body: None,
            auth: None,
            timeout,
            redirects: 0,
            cookies: false,
            expect,
            checks: Vec::new(),
            captures: Vec::new(),
            collects: Vec::new(),
            records: Vec::new(),
            tags: Vec::new(),
            submetrics: Vec::new(),
        };
        let end = scenarios.iter().map(|scenario| scenario.start_time.saturating_add(scenario.executor.duration()));
        let duration = end.max()?;
        let executor = Executor::ConstantArrivalRate {
            rate: 1.0,
            time_unit: every,
            duration,
            pre_allocated_vus: 1,
            max_vus: MOST_VUS,
        };
        let steps = Arc::from([Step::Request(Box::new(request))]);
        let flow = Flow { bindings: Arc::from([]), headers: Arc::from([]), env: Arc::from([]), steps };
        scenarios.push(Arc::new(Scenario {
            name: NAME.into(),
            executor,
            start_time: Duration::ZERO,
            graceful_stop: timeout,
            work: Work::Steps(flow),
            submetrics: Vec::new(),
        }));
        Some(Control { url, request: id, scenario: scenarios.len() - 1 })
    }

    /// Reports and thresholds tell requests and scenarios apart by their names.
    fn refuse_taken_name(&mut self, section: &ControlSection, scenarios: &[Arc<Scenario>]) {
        let kind = if self.series.knows_request(NAME) {
            "a request"
        } else if scenarios.iter().any(|scenario| &*scenario.name == NAME) {
            "a scenario"
        } else {
            return;
        };
        let problem = format!("{kind} of this plan has the name `{NAME}`, which is that of the control");
        self.problems.add(&section.place, problem, "give it another name");
    }

    fn control_time(
        &mut self,
        given: Option<(Duration, &crate::plan::Place)>,
        default: Duration,
        least: Duration,
    ) -> Duration {
        let Some((time, place)) = given else { return default };
        if time < least {
            let problem = format!("{} is too short for the control", written(time));
            self.problems.add(place, problem, format!("write at least {}", written(least)));
        }
        time
    }

    /// An absolute URL of a host that the load does not touch: it must not be a part of what is under test.
    fn control_url(&mut self, get: &Text) -> Option<Url> {
        let help = "write an absolute URL such as https://status.example/ping";
        if get.value.contains("${") {
            self.problems.add(&get.place, "the control's URL can't hold a template", help);
            return None;
        }
        let url = Url::parse(&get.value).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let Some(url) = url else {
            self.problems.add(&get.place, format!("`{}` is no URL of http or https", get.value), help);
            return None;
        };
        if !url.username().is_empty() || url.password().is_some() {
            self.problems.add(&get.place, "user name and password don't belong in this URL", "ask what is public");
        }
        if let Some(whose) = self.touched(&url) {
            let problem = format!("`{}` is {whose}, so it can't show what is not the deployment's doing", get.value);
            self.problems.add(&get.place, problem, "ask a host that the load does not touch");
        }
        Some(url)
    }

    /// Whose host this is, if the load touches it.
    fn touched(&self, url: &Url) -> Option<&'static str> {
        let host = url.host_str()?;
        let target = self.file.target.get();
        let origin = target.and_then(|target| target.url.get()).and_then(|url| Url::parse(&url.value).ok());
        if origin.is_some_and(|origin| origin.host_str() == Some(host)) {
            return Some("on the target's own host");
        }
        let allowed = target.and_then(|target| target.allowed_hosts.get()).into_iter().flat_map(List::iter);
        let named = |allowed: &Text| Url::parse(&format!("http://{}/", allowed.value)).ok();
        let loaded = allowed.filter_map(named).any(|allowed| allowed.host_str() == Some(host));
        loaded.then_some("on a host of `target.allowedHosts`")
    }
}
