//! How the two arms of a run share it: pure decisions from the plan and what is known of the deployments.

use std::net::IpAddr;

use url::Url;

use crate::pairing::{ArmMode, Looks, Pairing};
use crate::plan::data::Pick;
use crate::plan::{Executor, Plan};

/// A design and what the user should know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Design {
    pub pairing: Pairing,
    pub caution: Option<String>,
}

/// Designs a paired run.
///
/// `wanted` is the mode that was asked for, `one_host` whether both deployments are on one host, `whole` whether this process
/// sends all of the load.
pub fn design(plan: &Plan, wanted: Option<ArmMode>, one_host: bool, whole: bool) -> Design {
    let reference = plan.reference.as_ref();
    let mut shares = reference.map(|reference| reference.shares.clone()).unwrap_or_default();
    if one_host && !shares.iter().any(|shared| shared == "host") {
        shares.push("host".into());
    }
    let can_alternate = plan.scenarios.iter().all(|scenario| scenario.executor.is_arrival_rate());
    let wanted = wanted.or(reference.and_then(|reference| reference.mode));
    let mode = match wanted {
        Some(mode) => mode,
        None if !shares.is_empty() && can_alternate => ArmMode::Alternating,
        None => ArmMode::Parallel,
    };
    let caution = (wanted.is_none() && !shares.is_empty() && !can_alternate).then(|| {
        format!(
            "both deployments share the {}: under load at the same time they slow each other, which can hide a regression; \
             with arrival rates they take turns",
            shares.join(" and the ")
        )
    });
    let planned = if whole && may_go_on(plan) { 2 } else { 1 };
    Design { pairing: Pairing { mode, looks: Looks { planned, taken: 1 }, shares }, caution }
}

/// Whether the load may go on for as long again and be the same load: it is constant, and uses up no data.
fn may_go_on(plan: &Plan) -> bool {
    let constant =
        |executor: &Executor| matches!(executor, Executor::ConstantVus { .. } | Executor::ConstantArrivalRate { .. });
    plan.scenarios.iter().all(|scenario| constant(&scenario.executor))
        && plan.data.iter().all(|data| data.pick != Pick::Unique)
}

/// Whether two deployments are on one host: one name, or one address that is no public one. Public addresses are often those
/// of a network that stands before hosts of all its customers.
pub fn one_host(candidate: (&Url, &[IpAddr]), reference: (&Url, &[IpAddr])) -> bool {
    candidate.0.host() == reference.0.host()
        || candidate.1.iter().any(|address| is_local(*address) && reference.1.contains(address))
}

fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{ReadOptions, Source, read};

    fn plan(text: &str) -> Plan {
        let source = Source { text: format!("version: 1\nname: test\n{text}"), path: "test.yaml".into() };
        read(&source, &ReadOptions::default()).unwrap_or_else(|errors| panic!("{errors}"))
    }

    const RATE: &str =
        "{ executor: constant-arrival-rate, rate: 5, duration: 9s, preAllocatedVUs: 2, steps: [{ get: / }] }";
    const RAMP: &str = "{ executor: ramping-arrival-rate, stages: [{ duration: 9s, target: 5 }], preAllocatedVUs: 2, steps: [{ get: / }] }";
    const VUS: &str = "{ executor: constant-vus, vus: 5, duration: 9s, steps: [{ get: / }] }";

    #[test]
    fn deployments_that_share_something_take_turns_where_a_clock_begins_the_iterations() {
        use ArmMode::{Alternating, Parallel};
        let shares = "reference: { url: http://base.example, shares: [database] }";
        let parallel = "reference: { url: http://base.example, shares: [database], mode: parallel }";
        for (reference, scenario, wanted, one_host, mode, cautioned) in [
            ("", RATE, None, false, Parallel, false),
            ("", RATE, None, true, Alternating, false),
            (shares, RATE, None, false, Alternating, false),
            (shares, VUS, None, false, Parallel, true),
            (shares, VUS, Some(Parallel), false, Parallel, false),
            (parallel, RATE, None, true, Parallel, false),
            (parallel, RATE, Some(Alternating), false, Alternating, false),
        ] {
            let plan = plan(&format!("{reference}\nscenarios: {{ main: {scenario} }}"));
            let design = design(&plan, wanted, one_host, true);
            assert_eq!((design.pairing.mode, design.caution.is_some()), (mode, cautioned), "{reference} {scenario}");
        }
    }

    #[test]
    fn what_is_shared_is_known_from_the_plan_and_from_the_addresses() {
        let plan = plan(&format!("reference: {{ shares: [cache] }}\nscenarios: {{ main: {VUS} }}"));
        let design = design(&plan, None, true, true);
        assert_eq!(design.pairing.shares, ["cache", "host"]);
        insta::assert_snapshot!(design.caution.unwrap(), @"both deployments share the cache and the host: under load at the same time they slow each other, which can hide a regression; with arrival rates they take turns");
    }

    #[test]
    fn a_constant_load_that_uses_up_no_data_may_go_on_once() {
        let unique = "data: { users: { inline: [{ id: 1 }, { id: 2 }], pick: unique } }";
        for (data, scenario, whole, looks) in
            [("", RATE, true, 2), ("", VUS, true, 2), ("", RAMP, true, 1), (unique, VUS, true, 1), ("", RATE, false, 1)]
        {
            let plan = plan(&format!("{data}\nscenarios: {{ main: {scenario} }}"));
            assert_eq!(design(&plan, None, false, whole).pairing.looks.planned, looks, "{data} {scenario} {whole}");
        }
    }

    #[test]
    fn one_host_is_one_name_or_one_private_address() {
        let url = |text: &str| Url::parse(text).unwrap();
        let address = |text: &str| -> Vec<IpAddr> { vec![text.parse().unwrap()] };
        for (a, of_a, b, of_b, one) in [
            ("http://a.example:80", "203.0.113.1", "http://a.example:81", "203.0.113.1", true),
            ("http://a.example", "203.0.113.1", "http://b.example", "203.0.113.1", false),
            ("http://a.example", "10.0.0.1", "http://b.example", "10.0.0.1", true),
            ("http://localhost:1", "127.0.0.1", "http://127.0.0.1:2", "127.0.0.1", true),
            ("http://a.example", "10.0.0.1", "http://b.example", "10.0.0.2", false),
        ] {
            assert_eq!(one_host((&url(a), &address(of_a)), (&url(b), &address(of_b))), one, "{a} {b}");
        }
    }
}
