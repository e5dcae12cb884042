//! Data sets: which row an iteration sees.

use crate::load::steps::{BracketKind, run_bracket};
use crate::load::{Shard, VirtualUser, VirtualUsers};
use crate::measurement::IterationEnd;

use super::{World, plan};

fn users(pick: &str) -> String {
    plan(
        &format!("data: {{ users: {{ inline: [{{ id: 1 }}, {{ id: 2 }}, {{ id: 3 }}], pick: {pick} }} }}"),
        "- get: /user/${users.id}",
    )
}

fn ids(world: &World) -> String {
    world.lines().iter().map(|line| line.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn unique_rows_are_used_once_in_the_whole_run() {
    let mut world = World::new(&users("unique")).await;
    assert_eq!(world.iterate().await, IterationEnd::Complete);
    let mut other = world.users.user(0, 2);
    assert_eq!(other.iterate(&mut world.context(2)).await, IterationEnd::Complete);
    assert_eq!(world.iterate().await, IterationEnd::Complete);
    assert!(!world.user.as_ref().unwrap().is_spent());
    assert_eq!(world.iterate().await, IterationEnd::Stopped("data users exhausted".into()));
    assert!(world.user.as_ref().unwrap().is_spent(), "there will never be another row");
    assert_eq!(ids(&world), "1 2 3");
}

#[tokio::test]
async fn unique_rows_are_dealt_out_to_the_shards_that_ask_for_them() {
    // VUs of the scenario, and the rows of each of three shards until they are exhausted.
    for (vus, expected) in [(9, ["1 4 7", "2 5", "3 6"]), (2, ["1 3 5 7", "2 4 6", ""]), (1, ["1 2 3 4 5 6 7", "", ""])]
    {
        let rows = "[{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }, { id: 5 }, { id: 6 }, { id: 7 }]";
        let text = plan(&format!("data: {{ users: {{ inline: {rows}, pick: unique }} }}"), "- get: /user/${users.id}");
        let text = text.replace("per-vu-iterations", &format!("per-vu-iterations\n    vus: {vus}"));
        for (index, expected) in expected.iter().enumerate() {
            let shard = Shard { index: index as u64, count: 3 };
            let mut world = World::in_shard(&text, 42, shard).await;
            while world.iterate().await == IterationEnd::Complete {}
            assert_eq!(ids(&world), *expected, "{vus} VUs, shard {index}");
        }
    }
}

#[tokio::test]
async fn sequential_rows_follow_the_iteration() {
    let mut world = World::new(&users("sequential")).await;
    for _ in 0..5 {
        world.iterate().await;
    }
    assert_eq!(ids(&world), "1 2 3 1 2");
}

#[tokio::test]
async fn rows_by_vu_belong_to_it() {
    let world = World::new(&users("by_vu")).await;
    for vu in [1, 2, 5, 2] {
        world.users.user(0, vu).iterate(&mut world.context(vu)).await;
    }
    assert_eq!(ids(&world), "1 2 2 2");
}

#[tokio::test]
async fn random_rows_follow_the_seed() {
    let run = async |seed| {
        let mut world = World::with_seed(&users("random"), seed).await;
        for _ in 0..30 {
            world.iterate().await;
        }
        ids(&world)
    };
    let first = run(1).await;
    assert_eq!(first, run(1).await);
    assert!(["1", "2", "3"].iter().all(|id| first.contains(id)));
}

#[tokio::test]
async fn a_set_that_a_flow_does_not_use_is_not_used_up() {
    let sections = "data: { users: { inline: [{ id: 1 }], pick: unique } }";
    let mut world = World::new(&plan(sections, "- get: /x")).await;
    for _ in 0..3 {
        assert_eq!(world.iterate().await, IterationEnd::Complete);
    }
}

#[tokio::test]
async fn a_setup_sees_a_row_too() {
    let sections = "data: { users: { inline: [{ id: 1 }, { id: 2 }], pick: sequential } }\nsetup: { steps: [{ post: \"/admin/${users.id}\" }] }";
    let world = World::new(&plan(sections, "- get: /x")).await;
    run_bracket(&world.users, BracketKind::Setup, world.recorder.clone(), world.epoch).await.unwrap();
    assert_eq!(world.lines(), ["POST /admin/1"]);
}
