use proptest::prelude::*;

use super::{Condition, Operator};
use crate::metric::{Builtin, Metric, Selector, Statistic};

#[test]
fn conditions_of_k6() {
    for (text, statistic, operator, limit) in [
        ("p(95)<300", Statistic::Percentile(95.0), Operator::Less, 300.0),
        ("p(99.9) <= 1000.5", Statistic::Percentile(99.9), Operator::LessOrEqual, 1000.5),
        (" p( 0 )\t> -1 ", Statistic::Percentile(0.0), Operator::Greater, -1.0),
        ("rate==1.0", Statistic::Rate, Operator::Equal, 1.0),
        ("rate===1", Statistic::Rate, Operator::Equal, 1.0),
        ("count >= 1e3", Statistic::Count, Operator::GreaterOrEqual, 1000.0),
        ("value!=0", Statistic::Value, Operator::NotEqual, 0.0),
        ("avg<.5", Statistic::Avg, Operator::Less, 0.5),
        ("min>1", Statistic::Min, Operator::Greater, 1.0),
        ("max<1", Statistic::Max, Operator::Less, 1.0),
        ("med<200", Statistic::Med, Operator::Less, 200.0),
    ] {
        assert_eq!(Condition::parse(text), Ok(Condition { statistic, operator, limit }), "{text}");
    }
}

#[test]
fn conditions_that_are_none() {
    let refused = |text: &str| {
        let error = Condition::parse(text).expect_err(text);
        format!("{} at {}", error.message, error.offset)
    };
    insta::assert_snapshot!(refused(""), @"a condition begins with count, rate, value, avg, min, max, med or p(0..100), as in p(95)<300 at 0");
    insta::assert_snapshot!(refused("p95<300"), @"unknown aggregation `p95`; write p(95) at 0");
    insta::assert_snapshot!(refused("mean<300"), @"unknown aggregation `mean`; there are count, rate, value, avg, min, max, med or p(0..100) at 0");
    insta::assert_snapshot!(refused("p<300"), @"`p` needs its percentile in brackets, as in p(95) at 1");
    insta::assert_snapshot!(refused("p(101)<300"), @"there is no p(101); a percentile is between 0 and 100 at 2");
    insta::assert_snapshot!(refused("p(95<300"), @"the bracket of `p(` is not closed at 4");
    insta::assert_snapshot!(refused("p(x)<300"), @"`x` is no plain number; write digits alone, such as 300 or 0.01; times are in milliseconds at 2");
    insta::assert_snapshot!(refused("avg 300"), @"an operator is missing here; write one of < <= > >= == != at 4");
    insta::assert_snapshot!(refused("avg=300"), @"an operator is missing here; write one of < <= > >= == != at 3");
    insta::assert_snapshot!(refused("avg<300ms"), @"`300ms` is no plain number; times are in milliseconds: write 300 at 4");
    insta::assert_snapshot!(refused("rate<1%"), @"`1%` is no plain number; a share is 0 to 1: write 0.01 at 5");
    insta::assert_snapshot!(refused("avg<"), @"the number to compare with is missing here; write p(95)<300, say at 4");
    insta::assert_snapshot!(refused("avg<nan"), @"`nan` is no plain number; write digits alone, such as 300 or 0.01; times are in milliseconds at 4");
    insta::assert_snapshot!(refused("avg<3 and max<4"), @"`and max<4` is too much; a condition ends with its number: write each as an item of the list at 6");
}

#[test]
fn selectors() {
    let selector = |text: &str| {
        let selector = Selector::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        (selector.metric, selector.tags)
    };
    let duration = Metric::from(Builtin::HttpReqDuration);
    let tag = |tag: &str, value: &str| (tag.to_owned(), value.to_owned());
    assert_eq!(selector("http_req_duration"), (duration.clone(), vec![]));
    assert_eq!(selector("data_integrity"), (Metric::Custom("data_integrity".into()), vec![]));
    for (text, tags) in [
        ("http_req_duration{name:reserve}", vec![tag("name", "reserve")]),
        ("http_req_duration{name:POST /events/:event/reserve}", vec![tag("name", "POST /events/:event/reserve")]),
        ("http_req_duration { name : a b , status:200 } ", vec![tag("name", "a b"), tag("status", "200")]),
        ("http_req_duration{name:\"a, {b}\",status:'200'}", vec![tag("name", "a, {b}"), tag("status", "200")]),
        ("http_req_duration{name:/x/{id}}", vec![tag("name", "/x/{id}")]),
        ("http_req_duration{name:\"\"}", vec![tag("name", "")]),
        ("http_req_duration{group:::outer::inner}", vec![tag("group", "::outer::inner")]),
    ] {
        assert_eq!(selector(text), (duration.clone(), tags), "{text}");
    }
}

#[test]
fn selectors_that_are_none() {
    let refused = |text: &str| {
        let error = Selector::parse(text).expect_err(text);
        format!("{} at {}", error.message, error.offset)
    };
    insta::assert_snapshot!(refused(""), @"a metric's name is missing, as in http_req_duration{name:login} at 0");
    insta::assert_snapshot!(refused("http_reqs{"), @"the brace of the tags is not closed; write `}` after the last at 10");
    insta::assert_snapshot!(refused("http_reqs{}"), @"a tag is written as tag:value, as in {name:login} at 10");
    insta::assert_snapshot!(refused("http_reqs{name}"), @"a tag is written as tag:value, as in {name:login} at 10");
    insta::assert_snapshot!(refused("http_reqs{name:}"), @r#"a tag's value is missing; for an empty one write "" at 15"#);
    insta::assert_snapshot!(refused("http_reqs{name:a,}"), @"a tag is written as tag:value, as in {name:login} at 17");
    insta::assert_snapshot!(refused("http_reqs{name:a,name:b}"), @"the tag `name` is there twice at 17");
    insta::assert_snapshot!(refused("http_reqs{name:'a}"), @"the value's quote is not closed at 15");
    insta::assert_snapshot!(refused("http_reqs{name:'a'b}"), @"after a quoted value only `,` or `}` can follow at 18");
    insta::assert_snapshot!(refused("http reqs"), @"after a metric's name only its tags can follow, in braces: {tag:value} at 5");
}

fn statistic() -> impl Strategy<Value = Statistic> {
    prop_oneof![
        Just(Statistic::Count),
        Just(Statistic::Rate),
        Just(Statistic::Value),
        Just(Statistic::Avg),
        Just(Statistic::Min),
        Just(Statistic::Max),
        Just(Statistic::Med),
        (0.0..=100.0).prop_map(Statistic::Percentile),
    ]
}

proptest! {
    #[test]
    fn a_printed_condition_is_read_back(statistic in statistic(), operator in 0..6usize, limit in -1e12..1e12) {
        let operator = [Operator::Less, Operator::LessOrEqual, Operator::Greater, Operator::GreaterOrEqual,
                        Operator::Equal, Operator::NotEqual][operator];
        let condition = Condition { statistic, operator, limit };
        prop_assert_eq!(Condition::parse(&condition.to_string()), Ok(condition));
    }

    #[test]
    fn a_printed_selector_is_read_back(
        metric in "[a-z][a-z0-9_]{0,20}",
        tags in prop::collection::btree_map("[a-z_]{1,8}", any::<String>(), 0..4),
    ) {
        let selector = Selector { metric: Metric::named(&metric), tags: tags.into_iter().collect() };
        prop_assert_eq!(Selector::parse(&selector.to_string()), Ok(selector));
    }

    #[test]
    fn no_text_panics(text in "[a-z(){}:,'\"<>=!0-9. 한-]{0,30}") {
        let _ = Condition::parse(&text);
        let _ = Selector::parse(&text);
    }
}
