//! Parsing a page as a browser does, by html5ever.

use std::borrow::Cow;
use std::cell::RefCell;

use html5ever::interface::tree_builder::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, LocalName, Namespace, QualName};

use super::dom::{DOCUMENT, Dom, Element, Kind, Node, NodeId};

impl Dom {
    /// Parses a page. Like a browser, it takes anything, and adds `html`, `head` and `body` where they're missing.
    pub fn parse(text: &str) -> Dom {
        let sink = Sink { dom: RefCell::new(Dom { nodes: vec![Node::new(Kind::Document)] }) };
        html5ever::parse_document(sink, Default::default()).one(text)
    }
}

struct Sink {
    dom: RefCell<Dom>,
}

/// An element's name. Names are atoms, so copying one is cheap.
#[derive(Debug)]
struct Name(QualName);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl Sink {
    fn add(&self, kind: Kind) -> NodeId {
        let nodes = &mut self.dom.borrow_mut().nodes;
        nodes.push(Node::new(kind));
        (nodes.len() - 1) as NodeId
    }

    /// Puts a node or text behind `previous` and by `place`; text goes into a text node that is there already.
    fn put(&self, previous: Option<NodeId>, child: NodeOrText<NodeId>, place: impl FnOnce(&mut Dom, NodeId)) {
        let child = match child {
            NodeOrText::AppendNode(child) => child,
            NodeOrText::AppendText(text) => {
                if let Some(previous) = previous
                    && let Kind::Text(before) = &mut self.dom.borrow_mut().nodes[previous as usize].kind
                {
                    before.push_str(&text);
                    return;
                }
                self.add(Kind::Text(text.to_string()))
            }
        };
        place(&mut self.dom.borrow_mut(), child);
    }
}

impl TreeSink for Sink {
    type Handle = NodeId;
    type Output = Dom;
    type ElemName<'a> = Name;

    fn finish(self) -> Dom {
        self.dom.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        DOCUMENT
    }

    fn elem_name(&self, target: &NodeId) -> Name {
        let dom = self.dom.borrow();
        let element = dom.element(*target).expect("the parser asks for the names of elements only");
        Name(element.name.clone())
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> NodeId {
        self.add(Kind::Element(Box::new(Element { name, attributes })))
    }

    fn create_comment(&self, text: StrTendril) -> NodeId {
        self.add(Kind::Comment((&*text).into()))
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> NodeId {
        self.add(Kind::Comment(format!("?{target} {data}").into()))
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        let last = self.dom.borrow().node(*parent).last;
        self.put(last, child, |dom, child| dom.append(*parent, child));
    }

    fn append_based_on_parent_node(&self, element: &NodeId, previous: &NodeId, child: NodeOrText<NodeId>) {
        let has_parent = self.dom.borrow().node(*element).parent.is_some();
        if has_parent {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, name: StrTendril, _: StrTendril, _: StrTendril) {
        let doctype = self.add(Kind::Doctype((&*name).into()));
        self.dom.borrow_mut().append(DOCUMENT, doctype);
    }

    // As in k6, what a template holds are its children.
    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        *target
    }

    fn same_node(&self, x: &NodeId, y: &NodeId) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        let previous = self.dom.borrow().node(*sibling).previous;
        self.put(previous, child, |dom, child| dom.insert_before(*sibling, child));
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attributes: Vec<Attribute>) {
        let mut dom = self.dom.borrow_mut();
        if let Kind::Element(element) = &mut dom.nodes[*target as usize].kind {
            for attribute in attributes {
                if !element.attributes.iter().any(|known| known.name == attribute.name) {
                    element.attributes.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.dom.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let mut dom = self.dom.borrow_mut();
        while let Some(child) = dom.node(*node).first {
            dom.append(*new_parent, child);
        }
    }
}
