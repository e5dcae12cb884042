//! A node as HTML, as k6 writes it.

use html5ever::ns;

use super::dom::{Dom, Element, Kind, NodeId};

const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "keygen", "link", "meta", "param", "source", "track"];

/// Elements whose text is written as it is.
const RAW: [&str; 8] = ["iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "xmp"];

impl Dom {
    /// The HTML of what the node holds. However deep that is, it takes no stack.
    pub fn inner_html(&self, id: NodeId) -> String {
        let mut html = String::new();
        let mut at = self.node(id).first;
        while let Some(node) = at {
            self.open(node, &mut html);
            at = self.node(node).first.or_else(|| self.close_up_to_next(node, id, &mut html));
        }
        html
    }

    /// Ends the node, and those around it that end with it; returns what comes next beneath `outermost`.
    fn close_up_to_next(&self, node: NodeId, outermost: NodeId, html: &mut String) -> Option<NodeId> {
        let mut node = node;
        loop {
            self.close(node, html);
            let next = self.node(node).next;
            if next.is_some() {
                return next;
            }
            node = self.node(node).parent.filter(|&parent| parent != outermost)?;
        }
    }

    fn open(&self, id: NodeId, html: &mut String) {
        match &self.node(id).kind {
            Kind::Document => {}
            Kind::Doctype(name) => html.extend(["<!DOCTYPE ", name, ">"]),
            Kind::Comment(text) => html.extend(["<!--", text, "-->"]),
            Kind::Text(text) => {
                let raw = self.node(id).parent.is_some_and(|parent| RAW.contains(&self.name(parent)));
                if raw { html.push_str(text) } else { escape(text, html) }
            }
            Kind::Element(element) => self.open_element(id, element, html),
        }
    }

    fn open_element(&self, id: NodeId, element: &Element, html: &mut String) {
        let name = &*element.name.local;
        html.extend(["<", name]);
        for attribute in &element.attributes {
            html.push(' ');
            if let Some(prefix) = &attribute.name.prefix {
                html.extend([prefix, ":"]);
            }
            html.extend([&*attribute.name.local, "=\""]);
            escape(&attribute.value, html);
            html.push('"');
        }
        html.push_str(if is_void(element) { "/>" } else { ">" });
        if matches!(name, "pre" | "listing" | "textarea")
            && let Some(first) = self.node(id).first
            && matches!(&self.node(first).kind, Kind::Text(text) if text.starts_with('\n'))
        {
            // A parser drops the first line break.
            html.push('\n');
        }
    }

    fn close(&self, id: NodeId, html: &mut String) {
        if let Some(element) = self.element(id)
            && !is_void(element)
        {
            html.extend(["</", &element.name.local, ">"]);
        }
    }
}

fn is_void(element: &Element) -> bool {
    VOID.contains(&&*element.name.local) && element.name.ns == ns!(html)
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '\'' => html.push_str("&#39;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&#34;"),
            '\r' => html.push_str("&#13;"),
            c => html.push(c),
        }
    }
}
