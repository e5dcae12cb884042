//! A parsed page: its nodes in one vector, linked by index, in document order as far as the parser didn't move them.

use html5ever::{Attribute, QualName};

/// A node's index in its [`Dom`].
pub type NodeId = u32;

/// The document node, which every other node is beneath.
pub const DOCUMENT: NodeId = 0;

/// A parsed page.
#[derive(Debug)]
pub struct Dom {
    pub(super) nodes: Vec<Node>,
}

/// A node and its neighbours.
#[derive(Debug)]
pub struct Node {
    pub parent: Option<NodeId>,
    pub previous: Option<NodeId>,
    pub next: Option<NodeId>,
    pub first: Option<NodeId>,
    pub last: Option<NodeId>,
    pub kind: Kind,
}

/// What a node is.
#[derive(Debug)]
pub enum Kind {
    Document,
    Doctype(Box<str>),
    Comment(Box<str>),
    Text(String),
    Element(Box<Element>),
}

/// An element's name and attributes.
#[derive(Debug)]
pub struct Element {
    pub name: QualName,
    pub attributes: Vec<Attribute>,
}

impl Node {
    pub(super) fn new(kind: Kind) -> Self {
        Node { parent: None, previous: None, next: None, first: None, last: None, kind }
    }
}

impl Dom {
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// Whether there is such a node.
    pub fn has(&self, id: NodeId) -> bool {
        (id as usize) < self.nodes.len()
    }

    pub fn element(&self, id: NodeId) -> Option<&Element> {
        match &self.node(id).kind {
            Kind::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The tag of an element in lower case, `#document`, `#text`, `#comment`, or a doctype's name.
    pub fn name(&self, id: NodeId) -> &str {
        match &self.node(id).kind {
            Kind::Document => "#document",
            Kind::Doctype(name) => name,
            Kind::Comment(_) => "#comment",
            Kind::Text(_) => "#text",
            Kind::Element(element) => &element.name.local,
        }
    }

    pub fn is(&self, id: NodeId, tag: &str) -> bool {
        self.element(id).is_some_and(|element| &*element.name.local == tag)
    }

    pub fn attribute(&self, id: NodeId, name: &str) -> Option<&str> {
        self.element(id)?.attributes.iter().find(|attribute| &*attribute.name.local == name).map(|found| &*found.value)
    }

    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.node(id).first, |&id| self.node(id).next)
    }

    /// The node's parent, that one's parent, and so on to the document.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.node(id).parent, |&id| self.node(id).parent)
    }

    /// Everything beneath the node, in document order.
    pub fn descendants(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.node(id).first, move |&at| {
            self.node(at).first.or_else(|| {
                let mut up = at;
                loop {
                    if up == id {
                        return None;
                    }
                    if let Some(next) = self.node(up).next {
                        return Some(next);
                    }
                    up = self.node(up).parent?;
                }
            })
        })
    }

    /// All the text in the node.
    pub fn text(&self, id: NodeId) -> String {
        let mut text = String::new();
        for id in std::iter::once(id).chain(self.descendants(id)) {
            if let Kind::Text(part) = &self.node(id).kind {
                text.push_str(part);
            }
        }
        text
    }

    /// The siblings of the node that are elements, the next first.
    pub fn following(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.node(id).next, |&id| self.node(id).next).filter(|&id| self.element(id).is_some())
    }

    /// The siblings before the node that are elements, the nearest first.
    pub fn preceding(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.node(id).previous, |&id| self.node(id).previous)
            .filter(|&id| self.element(id).is_some())
    }

    /// The children of the node that are elements.
    pub fn child_elements(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        self.children(id).filter(|&id| self.element(id).is_some())
    }

    pub(super) fn detach(&mut self, id: NodeId) {
        let Node { parent, previous, next, .. } = *self.node(id);
        match (previous, parent) {
            (Some(previous), _) => self.nodes[previous as usize].next = next,
            (None, Some(parent)) => self.nodes[parent as usize].first = next,
            (None, None) => {}
        }
        match (next, parent) {
            (Some(next), _) => self.nodes[next as usize].previous = previous,
            (None, Some(parent)) => self.nodes[parent as usize].last = previous,
            (None, None) => {}
        }
        let node = &mut self.nodes[id as usize];
        (node.parent, node.previous, node.next) = (None, None, None);
    }

    pub(super) fn append(&mut self, parent: NodeId, child: NodeId) {
        self.detach(child);
        let last = self.node(parent).last;
        match last {
            Some(last) => self.nodes[last as usize].next = Some(child),
            None => self.nodes[parent as usize].first = Some(child),
        }
        self.nodes[parent as usize].last = Some(child);
        let node = &mut self.nodes[child as usize];
        (node.parent, node.previous) = (Some(parent), last);
    }

    pub(super) fn insert_before(&mut self, sibling: NodeId, new: NodeId) {
        self.detach(new);
        let Node { parent, previous, .. } = *self.node(sibling);
        match (previous, parent) {
            (Some(previous), _) => self.nodes[previous as usize].next = Some(new),
            (None, Some(parent)) => self.nodes[parent as usize].first = Some(new),
            (None, None) => {}
        }
        self.nodes[sibling as usize].previous = Some(new);
        let node = &mut self.nodes[new as usize];
        (node.parent, node.previous, node.next) = (parent, previous, Some(sibling));
    }
}
