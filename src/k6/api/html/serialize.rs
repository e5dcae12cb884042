//! A node as HTML, as k6 writes it.

use html5ever::ns;

use super::dom::{Dom, Element, Kind, NodeId};

const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "keygen", "link", "meta", "param", "source", "track"];

/// Elements whose text is written as it is.
const RAW: [&str; 8] = ["iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "xmp"];

impl Dom {
    /// The HTML of what the node holds.
    pub fn inner_html(&self, id: NodeId) -> String {
        let mut html = String::new();
        for child in self.children(id) {
            self.write(child, &mut html);
        }
        html
    }

    fn write(&self, id: NodeId, html: &mut String) {
        match &self.node(id).kind {
            Kind::Document => self.children(id).for_each(|child| self.write(child, html)),
            Kind::Doctype(name) => html.extend(["<!DOCTYPE ", name, ">"]),
            Kind::Comment(text) => html.extend(["<!--", text, "-->"]),
            Kind::Text(text) => {
                let raw = self.node(id).parent.is_some_and(|parent| RAW.contains(&self.name(parent)));
                if raw { html.push_str(text) } else { escape(text, html) }
            }
            Kind::Element(element) => self.write_element(id, element, html),
        }
    }

    fn write_element(&self, id: NodeId, element: &Element, html: &mut String) {
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
        if VOID.contains(&name) && element.name.ns == ns!(html) {
            html.push_str("/>");
            return;
        }
        html.push('>');
        let first = self.node(id).first;
        if matches!(name, "pre" | "listing" | "textarea")
            && let Some(first) = first
            && matches!(&self.node(first).kind, Kind::Text(text) if text.starts_with('\n'))
        {
            // A parser drops the first line break.
            html.push('\n');
        }
        self.children(id).for_each(|child| self.write(child, html));
        html.extend(["</", name, ">"]);
    }
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
