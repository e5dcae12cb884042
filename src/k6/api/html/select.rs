//! The steps from one set of nodes to another: a `Selection`'s methods.

use super::dom::{Dom, NodeId};
use super::selector::{Error, Selector};

/// What the argument of a step asks of a node.
pub enum Test {
    Selector(Selector),
    /// To be one of these.
    Nodes(Vec<NodeId>),
}

impl Test {
    /// Reads a selector. One that is none at all matches nothing, as in k6.
    ///
    /// # Errors
    ///
    /// What it uses that loadgate doesn't have.
    pub fn selector(text: &str) -> Result<Test, &'static str> {
        match Selector::read(text) {
            Ok(selector) => Ok(Test::Selector(selector)),
            Err(Error::Invalid) => Ok(Test::Selector(Selector::none())),
            Err(Error::Unsupported(what)) => Err(what),
        }
    }

    fn matches(&self, dom: &Dom, id: NodeId) -> bool {
        match self {
            Test::Selector(selector) => selector.matches(dom, id),
            Test::Nodes(nodes) => nodes.contains(&id),
        }
    }
}

/// A step by its name in k6: `find`, `closest`, `nextUntil`, …
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    Add,
    Children,
    Closest,
    Contents,
    Filter,
    Find,
    Has,
    Next,
    NextAll,
    NextUntil,
    Not,
    Parent,
    Parents,
    ParentsUntil,
    Prev,
    PrevAll,
    PrevUntil,
    Siblings,
}

impl Step {
    pub fn named(name: &str) -> Option<Step> {
        Some(match name {
            "add" => Step::Add,
            "children" => Step::Children,
            "closest" => Step::Closest,
            "contents" => Step::Contents,
            "filter" => Step::Filter,
            "find" => Step::Find,
            "has" => Step::Has,
            "next" => Step::Next,
            "nextAll" => Step::NextAll,
            "nextUntil" => Step::NextUntil,
            "not" => Step::Not,
            "parent" => Step::Parent,
            "parents" => Step::Parents,
            "parentsUntil" => Step::ParentsUntil,
            "prev" => Step::Prev,
            "prevAll" => Step::PrevAll,
            "prevUntil" => Step::PrevUntil,
            "siblings" => Step::Siblings,
            _ => return None,
        })
    }
}

impl Dom {
    /// Where a step leads from `nodes`, each node once, in the order in which they're come to. `filter` is what the
    /// steps named `…Until` take besides: which of the nodes on the way are wanted.
    pub fn step(&self, step: Step, nodes: &[NodeId], test: Option<&Test>, filter: Option<&Test>) -> Vec<NodeId> {
        let passes = |id: NodeId| test.is_none_or(|test| test.matches(self, id));
        let hits = |id: NodeId| test.is_some_and(|test| test.matches(self, id));
        let wanted = |id: NodeId| filter.is_none_or(|filter| filter.matches(self, id));
        let elements = |id: &NodeId| self.element(*id).is_some();
        let mut found = Found::default();
        match step {
            Step::Add => {
                found.extend(nodes.iter().copied());
                found.extend(self.all(test));
            }
            Step::Filter => found.extend(nodes.iter().copied().filter(|&id| passes(id))),
            Step::Not => found.extend(nodes.iter().copied().filter(|&id| !hits(id))),
            Step::Has => {
                let inner = self.all(test);
                let has = |id: &NodeId| inner.iter().any(|&inner| self.contains(*id, inner));
                found.extend(nodes.iter().copied().filter(has));
            }
            Step::Find => match test {
                Some(Test::Nodes(wanted)) => {
                    let within = |&id: &NodeId| nodes.iter().any(|&outer| self.contains(outer, id));
                    found.extend(wanted.iter().copied().filter(within));
                }
                _ => nodes.iter().for_each(|&id| found.extend(self.descendants(id).filter(|&id| hits(id)))),
            },
            _ => {
                for &id in nodes {
                    match step {
                        Step::Children => found.extend(self.child_elements(id).filter(|&id| passes(id))),
                        Step::Contents => found.extend(self.children(id)),
                        Step::Closest => {
                            found.extend(std::iter::once(id).chain(self.ancestors(id)).find(|&id| hits(id)))
                        }
                        Step::Parent => found.extend(self.node(id).parent.filter(elements).filter(|&id| passes(id))),
                        Step::Parents => found.extend(self.ancestors(id).filter(elements).filter(|&id| passes(id))),
                        Step::ParentsUntil => {
                            let way = self.ancestors(id).take_while(|&id| !hits(id));
                            found.extend(way.filter(elements).filter(|&id| wanted(id)));
                        }
                        Step::Next => found.extend(self.following(id).take(1).filter(|&id| passes(id))),
                        Step::NextAll => found.extend(self.following(id).filter(|&id| passes(id))),
                        Step::NextUntil => {
                            found.extend(self.following(id).take_while(|&id| !hits(id)).filter(|&id| wanted(id)));
                        }
                        Step::Prev => found.extend(self.preceding(id).take(1).filter(|&id| passes(id))),
                        Step::PrevAll => found.extend(self.preceding(id).filter(|&id| passes(id))),
                        Step::PrevUntil => {
                            found.extend(self.preceding(id).take_while(|&id| !hits(id)).filter(|&id| wanted(id)));
                        }
                        Step::Siblings => {
                            let all = self.node(id).parent.into_iter().flat_map(|parent| self.child_elements(parent));
                            found.extend(all.filter(|&sibling| sibling != id && passes(sibling)));
                        }
                        Step::Add | Step::Filter | Step::Find | Step::Has | Step::Not => {}
                    }
                }
            }
        }
        found.nodes
    }

    /// What in the whole page the test means.
    fn all(&self, test: Option<&Test>) -> Vec<NodeId> {
        match test {
            None => Vec::new(),
            Some(Test::Nodes(nodes)) => nodes.clone(),
            Some(Test::Selector(selector)) => selector.find(self, super::dom::DOCUMENT).collect(),
        }
    }

    /// Whether the inner node is somewhere beneath the outer one.
    pub fn contains(&self, outer: NodeId, inner: NodeId) -> bool {
        self.ancestors(inner).any(|id| id == outer)
    }
}

/// Nodes in the order in which they were found, each once.
#[derive(Default)]
struct Found {
    nodes: Vec<NodeId>,
    known: std::collections::HashSet<NodeId>,
}

impl Found {
    fn extend(&mut self, nodes: impl IntoIterator<Item = NodeId>) {
        for id in nodes {
            if self.known.insert(id) {
                self.nodes.push(id);
            }
        }
    }
}
