//! From YAML to the tree.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span, StrInput, Tag};

use super::syntax;
use super::{Content, Entry, Node, Scalar};
use crate::plan::error::{Place, Problems, join};

/// Deepest nesting of lists and maps.
const DEEPEST: usize = 48;
/// Most nodes of a file, aliases expanded: a plan has some hundreds.
const MOST_NODES: usize = 100_000;
/// Largest file, in bytes.
const LARGEST: usize = 4 << 20;

/// Parses the text. Errors that don't end the parse (duplicate keys, say) are noted beside a tree; none comes of text
/// that is no YAML.
pub fn parse(text: &str, problems: &mut Problems) -> Option<Node> {
    if text.len() > LARGEST {
        let place = Place { line: 1, column: 1, width: 1, ..Place::default() };
        problems.add(&place, format!("the file is {} MB large", text.len() >> 20), "a plan has at most 4 MB");
        return None;
    }
    let mut options = Options::default();
    options.block_nesting_limit = 2 * DEEPEST;
    options.flow_nesting_limit = DEEPEST;
    options.emit_unresolved_aliases = true;
    // The default depends on a feature that another crate may switch on.
    options.emit_comments = false;
    let parser = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder { parser, problems, anchors: HashMap::new(), nodes: 0 };
    match builder.document() {
        Ok(node) => Some(node),
        Err(Stop { place, problem, help }) => {
            problems.add(&place, problem, help);
            None
        }
    }
}

/// An error after which the rest of the file can't be read.
struct Stop {
    place: Place,
    problem: String,
    help: String,
}

struct Builder<'text, 'problems> {
    parser: Parser<'text, StrInput<'text>>,
    problems: &'problems mut Problems,
    /// Finished nodes by the id of their anchor, with their size and depth.
    anchors: HashMap<usize, (Node, usize, usize)>,
    nodes: usize,
}

impl<'text> Builder<'text, '_> {
    fn next(&mut self) -> Result<(Event<'text>, Span), Stop> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let mark = error.marker();
                let place =
                    Place { line: mark.line() as u32, column: mark.col() as u32 + 1, width: 1, ..Place::default() };
                let (problem, help) = syntax::in_words(&error.info());
                Err(Stop { place, problem, help: help.to_owned() })
            }
            None => Err(Stop { place: Place::default(), problem: "the file ends early".into(), help: String::new() }),
        }
    }

    fn document(&mut self) -> Result<Node, Stop> {
        let empty = |span: &Span| Stop {
            place: Place { line: 1, column: 1, ..place(span, &"".into()) },
            problem: "the file is empty".to_owned(),
            help: "`loadgate init` writes a plan to begin with".to_owned(),
        };
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(..) => continue,
                Event::StreamEnd | Event::DocumentEnd => return Err(empty(&span)),
                event => {
                    let root = self.node(event, span, "".into(), 0)?;
                    if matches!(&root.content, Content::Scalar(scalar) if scalar.is_null()) {
                        return Err(empty(&span));
                    }
                    self.end()?;
                    return Ok(root);
                }
            }
        }
    }

    /// After the first document there is none.
    fn end(&mut self) -> Result<(), Stop> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(()),
                Event::DocumentStart(..) => {
                    return Err(Stop {
                        place: place(&span, &"".into()),
                        problem: "a second document begins here".to_owned(),
                        help: "one file holds one plan".to_owned(),
                    });
                }
                _ => continue,
            }
        }
    }

    fn node(&mut self, event: Event<'text>, span: Span, path: Arc<str>, depth: usize) -> Result<Node, Stop> {
        let place = place(&span, &path);
        self.count(1, depth, &place)?;
        let (anchor, content) = match event {
            Event::Scalar(text, style, anchor, tag) => (anchor, self.scalar(&text, style, tag.as_deref(), &place)),
            Event::SequenceStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), &place);
                (anchor, Content::List(self.items(&path, depth)?))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), &place);
                (anchor, Content::Map(self.entries(&path, depth)?))
            }
            Event::Alias(id) => return self.alias(id, place, path, depth),
            Event::UnresolvedAlias(name) => {
                let problem = format!("there is no anchor `&{name}` before this alias");
                self.problems.add(&place, problem, "write text that begins with `*` in quotes");
                self.problems.settle(&place);
                (0, null())
            }
            other => {
                let problem = format!("unexpected {other:?}");
                return Err(Stop { place, problem, help: String::new() });
            }
        };
        let node = Node { place, content };
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), node.size(), node.depth()));
        }
        Ok(node)
    }

    fn count(&mut self, nodes: usize, depth: usize, place: &Place) -> Result<(), Stop> {
        self.nodes += nodes;
        let stop = |problem: String, help: &str| Err(Stop { place: place.clone(), problem, help: help.to_owned() });
        if depth > DEEPEST {
            return stop(format!("lists and maps are nested more than {DEEPEST} deep here"), "flatten the plan");
        }
        if self.nodes > MOST_NODES {
            let problem = format!("the plan grows over {MOST_NODES} values here");
            return stop(problem, "use fewer aliases, or move rows of data to a file");
        }
        Ok(())
    }

    fn alias(&mut self, id: usize, place: Place, path: Arc<str>, depth: usize) -> Result<Node, Stop> {
        let Some((_, size, deep)) = self.anchors.get(&id) else {
            self.problems.add(&place, "this alias stands inside its own anchor", "an alias repeats a finished value");
            self.problems.settle(&place);
            return Ok(Node { place, content: null() });
        };
        self.count(*size, depth + deep, &place)?;
        Ok(self.anchors[&id].0.at_path(&path))
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, place: &Place) -> Content {
        self.tag(tag, place);
        let text_by_tag = tag.is_some_and(|tag| tag.core_suffix() == Some("str"));
        Content::Scalar(Scalar { text: text.to_owned(), plain: style == ScalarStyle::Plain && !text_by_tag })
    }

    fn tag(&mut self, tag: Option<&Tag>, place: &Place) {
        if let Some(tag) = tag
            && !tag.core_suffix().is_some_and(|core| matches!(core, "str" | "seq" | "map"))
        {
            self.problems.add(place, format!("the tag `{}` means nothing here", tag.original()), "leave it out");
        }
    }

    fn items(&mut self, path: &str, depth: usize) -> Result<Vec<Node>, Stop> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, span) => {
                    let path = format!("{path}[{}]", items.len()).into();
                    items.push(self.node(event, span, path, depth + 1)?);
                }
            }
        }
    }

    fn entries(&mut self, path: &str, depth: usize) -> Result<Vec<Entry>, Stop> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut merged: Vec<Node> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let (key, plain) = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, style, ..) => (text.into_owned(), style == ScalarStyle::Plain),
                event => {
                    let key = self.node(event, span, path.into(), depth + 1)?;
                    self.problems.add(&key.place, format!("{} can't be a key", key.kind()), "a key is text");
                    self.value(path.into(), depth)?;
                    continue;
                }
            };
            let child: Arc<str> = join(path, &key).into();
            let place = place(&span, &child);
            let mut value = self.value(child, depth)?;
            if key == "<<" && plain {
                merged.push(value);
                continue;
            }
            if !matches!(value.content, Content::Scalar(_)) {
                value.place = place.clone();
            }
            match entries.iter().find(|entry| entry.key == key) {
                Some(first) => {
                    let problem = format!("the key `{key}` stands here twice");
                    self.problems.add(&place, problem, format!("the first is on line {}", first.place.line));
                }
                None => entries.push(Entry { key, place, value }),
            }
        }
        for node in merged {
            self.merge(&mut entries, node, path);
        }
        Ok(entries)
    }

    fn value(&mut self, path: Arc<str>, depth: usize) -> Result<Node, Stop> {
        let (event, span) = self.next()?;
        self.node(event, span, path, depth + 1)
    }

    /// `<<: *other`: entries of the other map that this one does not have.
    fn merge(&mut self, entries: &mut Vec<Entry>, node: Node, path: &str) {
        match node.content {
            Content::Map(others) => {
                for other in others {
                    if !entries.iter().any(|entry| entry.key == other.key) {
                        entries.push(other.at_path(path));
                    }
                }
            }
            Content::List(nodes) if nodes.iter().all(|node| matches!(node.content, Content::Map(_))) => {
                nodes.into_iter().for_each(|node| self.merge(entries, node, path));
            }
            _ => self.problems.add(&node.place, "`<<` merges a map, and this is none", "write `<<: *anchor`"),
        }
    }
}

fn null() -> Content {
    Content::Scalar(Scalar { text: String::new(), plain: true })
}

fn place(span: &Span, path: &Arc<str>) -> Place {
    let width = if span.start.line() == span.end.line() { span.end.col().saturating_sub(span.start.col()) } else { 1 };
    Place {
        line: span.start.line() as u32,
        column: span.start.col() as u32 + 1,
        width: width.max(1) as u32,
        path: path.clone(),
        at_base: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> String {
        let mut problems = Problems::default();
        parse(text, &mut problems);
        problems.into_diagnostics("p.yml", text).to_string()
    }

    fn scalar(node: Option<&Node>) -> &str {
        match node.map(|node| &node.content) {
            Some(Content::Scalar(scalar)) => &scalar.text,
            other => panic!("no scalar: {other:?}"),
        }
    }

    #[test]
    fn nodes_know_line_column_and_path() {
        let mut problems = Problems::default();
        let root = parse("a:\n  - { b: 5x }\n", &mut problems).unwrap();
        let Content::List(items) = &root.get("a").unwrap().content else { panic!() };
        let node = items[0].get("b").unwrap();
        assert_eq!(node.place, Place { line: 2, column: 10, width: 2, path: "a[0].b".into(), at_base: false });
    }

    #[test]
    fn aliases_and_merge_keys_are_resolved() {
        let mut problems = Problems::default();
        let text = "base: &b { x: 1, y: 2 }\none: *b\ntwo: { <<: *b, y: 3 }\n";
        let root = parse(text, &mut problems).unwrap();
        assert_eq!(scalar(root.get("one").unwrap().get("x")), "1");
        assert_eq!(root.get("one").unwrap().get("x").unwrap().place.path.as_ref(), "one.x");
        assert_eq!(scalar(root.get("two").unwrap().get("y")), "3");
        assert_eq!(root.get("two").unwrap().get("x").unwrap().place.path.as_ref(), "two.x");
        assert!(problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn every_duplicate_key_is_named() {
        insta::assert_snapshot!(errors("a: 1\nb: { c: 1, c: 2 }\na: 2\n"), @r"
        p.yml:2:12: b.c: the key `c` stands here twice
         2 | b: { c: 1, c: 2 }
           |            ^
          help: the first is on line 2

        p.yml:3:1: a: the key `a` stands here twice
         3 | a: 2
           | ^
          help: the first is on line 1

        p.yml: 2 errors
        ");
    }

    #[test]
    fn bombs_are_refused() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for i in 1..12 {
            let alias = format!("*a{}", i - 1);
            text.push_str(&format!("a{i}: &a{i} [{}]\n", vec![alias; 10].join(", ")));
        }
        assert!(errors(&text).contains("grows over 100000 values"), "{}", errors(&text));
        assert!(errors(&"[".repeat(100_000)).contains("1 error"));
        assert!(errors(&"- ".repeat(10_000)).contains("1 error"));
        assert!(errors("a: &a [*a]").contains("inside its own anchor"), "{}", errors("a: &a [*a]"));
        let chain = (1..60).map(|i| format!("a{i}: &a{i} [*a{}]\n", i - 1)).collect::<String>();
        assert!(errors(&format!("a0: &a0 [x]\n{chain}")).contains("nested more than"));
    }

    #[test]
    fn text_that_is_no_yaml_has_a_place() {
        assert!(errors("a: [1, 2\nb: 3\n").starts_with("p.yml:"), "{}", errors("a: [1, 2\nb: 3\n"));
        assert!(errors("").contains("the file is empty"));
        assert!(errors("# nothing\n").contains("the file is empty"));
        assert!(errors("a: 1\n---\nb: 2\n").contains("a second document"));
        assert!(errors("a: *b\n").contains("there is no anchor `&b`"));
        assert!(errors("a: !foo 1\n").contains("the tag `!foo`"));
        assert!(errors("? [a]\n: 1\n").contains("can't be a key"));
    }
}
