//! Every text of a measurement that a report may show, with everything that Markdown, HTML, GitHub and a log would act on.

use serde_json::{Value, json};

use super::{Case, Expected, changed};

/// On one line, so that a name may be so.
const HOSTILE: &str = "</summary></details>@octocat @acme/team a@b.example &#64;octocat <img src=x onerror=alert(1)> \
    <script>x</script> [click](https://evil.example) ![x](//evil.example) <https://evil.example> javascript:alert(1) | `x` \
    ``` <!-- loadgate:shop --> #1 **b** ::error::x ##[add-path]/tmp ${{ secrets.X }} $(reboot)";

const LINES: &str = "x\n::set-output name=verdict::pass\n# @octocat\r\n<!-- loadgate:shop -->";

type Place = fn(&mut Value, &str);

pub fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = PLACES
        .iter()
        .map(|(place, put)| changed(&format!("hostile text in {place}"), Expected::Claimed, |file| put(file, HOSTILE)))
        .collect();
    cases.extend(
        PLACES.iter().filter(|(place, _)| !place.starts_with("the evidence") && !place.contains("reasons")).map(
            |(place, put)| {
                let refused = Expected::Refused("control or direction characters");
                changed(&format!("lines and commands in {place}"), refused, |file| put(file, LINES))
            },
        ),
    );
    let named: Vec<(&str, Place)> =
        PLACES.iter().filter(|(place, _)| matches!(*place, "the request's name" | "the target")).copied().collect();
    cases.extend(named.into_iter().map(|(place, put)| {
        let refused = Expected::Refused("control or direction characters");
        changed(&format!("turned text in {place}"), refused, |file| put(file, "live\u{202e}gnp.exe\u{2066}"))
    }));
    cases.push(changed("the plan's own name with a mention", Expected::Refused("of the plan"), |file| {
        file["candidate"]["plan"] = HOSTILE.into();
    }));
    cases.push(changed("a commit that is a command", Expected::Refused("the run's commit is"), |file| {
        file["candidate"]["commit"] = "::error::x ##[add-path]/tmp".into();
    }));
    cases.push(changed("a profile that is a command", Expected::Refused("with the profile"), |file| {
        file["candidate"]["profile"] = "::error::x ##[add-path]/tmp".into();
    }));
    cases.push(changed("lines in the evidence and the reasons", Expected::Claimed, |file| {
        PLACES
            .iter()
            .filter(|(place, _)| place.starts_with("the evidence") || place.contains("reasons"))
            .for_each(|(_, put)| put(file, LINES));
    }));
    cases
}

const PLACES: &[(&str, Place)] = &[
    ("the request's name", |file, text| {
        let hash = file["candidate"]["contract"]["requests"]["products"].clone();
        file["candidate"]["contract"]["requests"] = json!({ text: hash });
        each_list(file, "requests", |list| list[0]["name"] = text.into());
    }),
    ("the scenario's name", |file, text| each_list(file, "scenarios", |list| list[0]["name"] = text.into())),
    ("a check's name", |file, text| {
        file["candidate"]["layout"]["checks"] = json!([text]);
        row(file, "checks", json!({ "name": text, "samples": { "trues": 0, "total": 7 } }));
    }),
    ("a group's name", |file, text| {
        let trend = file["candidate"]["judged"]["requests"][0]["duration"].clone();
        file["candidate"]["layout"]["groups"] = json!([text]);
        row(file, "groups", json!({ "name": text, "samples": trend }));
    }),
    ("a metric's name", |file, text| {
        file["candidate"]["layout"]["custom"] = json!([{ "name": text, "kind": "counter", "unit": "none" }]);
        row(file, "custom", json!({ "name": text, "samples": { "counter": { "sum": 1e300, "samples": 1 } } }));
    }),
    ("a threshold's selector", |file, text| {
        let label = json!({ "selector": text, "metric": "http_reqs", "kind": "counter" });
        file["candidate"]["layout"]["submetrics"] = json!([label]);
        row(file, "submetrics", json!({ "name": text, "samples": { "counter": { "sum": 1.0, "samples": 1 } } }));
    }),
    ("the target", |file, text| file["candidate"]["target"] = format!("https://evil.example/{text}").into()),
    ("the job", |file, text| file["candidate"]["job"] = text.into()),
    ("the machine", |file, text| {
        let machine = &mut file["candidate"]["contract"]["machine"];
        ["cpu", "image", "region", "generator"].iter().for_each(|field| machine[*field] = text.into());
    }),
    ("the tier", |file, text| file["candidate"]["contract"]["tier"] = text.into()),
    ("the threshold that ended the run", |file, text| {
        file["candidate"]["ending"] = json!({ "aborted": { "threshold": text } })
    }),
    ("what the arms share", |file, text| {
        file["reference"] = file["candidate"].clone();
        file["pairing"] = json!({ "mode": "alternating", "looks": { "planned": 1, "taken": 1 }, "shares": [text] });
    }),
    ("the reasons of stopped and failed iterations", |file, text| {
        let row = &mut file["candidate"]["judged"]["scenarios"][0];
        (row["stopped"], row["errors"]) = (json!({ text: 1 }), json!({ text: 1 }));
    }),
    ("the evidence", |file, text| {
        file["candidate"]["evidence"] = json!([{
            "request": "products", "class": text, "method": text, "url": text, "request_headers": [[text, text]],
            "request_body": text, "status": 500, "response_headers": [[text, text]], "response_body": text,
            "message": text, "at_ms": 1,
        }]);
    }),
];

/// The layout's list and those of both phases.
fn each_list(file: &mut Value, name: &str, change: impl Fn(&mut Value)) {
    ["layout", "judged", "unjudged"].iter().for_each(|part| change(&mut file["candidate"][*part][name]));
}

/// One row in both phases.
fn row(file: &mut Value, name: &str, row: Value) {
    ["judged", "unjudged"].iter().for_each(|phase| file["candidate"][*phase][name] = json!([row]));
}
