//! The deployments that are calibrated: how they are reached, and whether they may be loaded so.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use url::{Host, Url};

use crate::cli::CalibrateArgs;
use crate::commands::error::CommandError;
use crate::commands::variable;
use crate::delay::Upstream;
use crate::dns::Resolver;
use crate::load::http::{Client, ClientSettings, Proxies};
use crate::number;
use crate::plan::Plan;

use super::schedule::{Task, loads};

/// The target, and the reference where there is another deployment.
pub struct Deployments {
    pub target: Url,
    pub reference: Option<Url>,
}

impl Deployments {
    /// As the arguments name them, or the plan. Its `reference` is not taken: that is a deployment of another commit.
    ///
    /// # Errors
    /// There is no target, or the reference is the target.
    pub fn of(args: &CalibrateArgs, plan: &Plan) -> Result<Deployments, CommandError> {
        let of_plan = || plan.target.url.clone().or_else(|| plan.target.of_script.clone());
        let target = args.target.clone().or_else(of_plan).ok_or_else(|| {
            let cure = "give `--target URL`, set LOADGATE_TARGET, or write target.url into the plan";
            CommandError::Usage(format!("there is no target to load; {cure}"))
        })?;
        match &args.reference {
            Some(reference) if reference.origin() == target.origin() => Err(CommandError::Usage(
                "--reference is the target itself, which would count as two deployments that don't differ: leave it out, or \
                 give another deployment of the same commit"
                    .into(),
            )),
            reference => Ok(Deployments { target, reference: reference.clone() }),
        }
    }

    /// Both, where there are two.
    pub fn pair(&self) -> Option<(&Url, &Url)> {
        Some((&self.target, self.reference.as_ref()?))
    }

    /// As the delaying proxies reach them: target, and reference or the target again.
    ///
    /// # Errors
    /// The plan's TLS can't be set up, or the environment names a proxy.
    pub fn upstreams(&self, plan: &Plan) -> Result<(Upstream, Upstream), CommandError> {
        let client = client(plan)?;
        let reference = self.reference.as_ref().unwrap_or(&self.target);
        Ok((upstream(&client, plan, &self.target)?, upstream(&client, plan, reference)?))
    }

    /// Other machines than this one get that much load only where somebody says that they may.
    ///
    /// # Errors
    /// Nobody did.
    pub fn permit(&self, yes: bool, tasks: &[Task], span: Duration) -> Result<(), CommandError> {
        let elsewhere =
            [Some(&self.target), self.reference.as_ref()].into_iter().flatten().find(|url| !is_loopback(url));
        match elsewhere {
            Some(url) if !yes => Err(CommandError::Usage(format!(
                "a calibration sends the plan's load of {} to {} {} times over: add --yes if it may be loaded so, or ask for \
                 fewer --gates",
                number::duration(span.as_secs_f64() * 1000.0),
                url.host_str().unwrap_or_default(),
                loads(tasks),
            ))),
            _ => Ok(()),
        }
    }
}

fn client(plan: &Plan) -> Result<Arc<Client>, CommandError> {
    let settings = ClientSettings::of_plan(plan, Resolver::from_system(), Proxies::default());
    Ok(settings.and_then(Client::new).map_err(|error| anyhow!(error))?)
}

/// A deployment as the delaying proxies reach it: by the plan's addresses and TLS.
fn upstream(client: &Client, plan: &Plan, url: &Url) -> Result<Upstream, CommandError> {
    if let Some(proxy) = Proxies::from_env(&variable).named(url) {
        let origin = url.origin().ascii_serialization();
        return Err(CommandError::Usage(format!(
            "{origin} is reached through the proxy {proxy}, and a calibration reaches deployments directly: exempt the host in \
             NO_PROXY, or calibrate where no proxy is needed"
        )));
    }
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    Ok(Upstream {
        origin: url.clone(),
        resolver: Resolver::from_system(),
        place: plan.target.hosts.find(host, port),
        tls: client.tls_config(host),
    })
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_its_names() {
        for (url, here) in [
            ("http://127.0.0.1:80", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:80", true),
            ("https://localhost", true),
            ("https://api.localhost", true),
            ("https://localhost.example", false),
            ("http://10.0.0.1", false),
            ("https://preview.example", false),
        ] {
            assert_eq!(is_loopback(&url.parse().expect("an address")), here, "{url}");
        }
    }
}
