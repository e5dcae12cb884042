//! Forms and links of a page: what `res.submitForm()` sends and where `res.clickLink()` goes.

use url::Url;

use super::dom::{DOCUMENT, Dom, NodeId};
use super::select::Test;
use super::selector::Selector;

/// What submitting a form sends, before the script's own fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// In upper case; `GET` where the form says nothing.
    pub method: String,
    /// Where to, resolved against the page's address.
    pub action: String,
    /// Each field once, in the order of the page, the submit button's last. A field's last value counts.
    pub fields: Vec<(String, FieldValue)>,
}

/// A field's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    One(String),
    /// Of a `select` that takes several.
    Several(Vec<String>),
}

impl Form {
    /// Reads the form that `form_selector` finds in the page at `address`. `submit_selector` finds the button in it whose
    /// name and value are sent too; k6's default is `[type="submit"]`.
    ///
    /// # Errors
    ///
    /// That there is no such form, a selector uses what loadgate doesn't have, or the action is no address; for the
    /// script's author.
    pub fn read(page: &Dom, address: &str, form_selector: &str, submit_selector: &str) -> Result<Form, String> {
        let forms = find(page, DOCUMENT, form_selector)?;
        let Some(&form) = forms.first() else {
            return Err(format!("no form found for selector '{form_selector}' in response '{address}'"));
        };
        let action = match page.attribute(form, "action") {
            Some(action) => resolve(address, action)?,
            None => address.to_owned(),
        };
        let mut fields: Vec<(String, FieldValue)> = Vec::new();
        for field in page.fields(&forms) {
            if let (Some(name), Some(value)) = (page.attribute(field, "name"), page.value(field)) {
                set(&mut fields, name, value);
            }
        }
        if let Some(&button) = find(page, form, submit_selector)?.first()
            && let (Some(name), Some(value)) = (page.attribute(button, "name"), page.value(button))
        {
            set(&mut fields, name, value);
        }
        let method = page.attribute(form, "method").unwrap_or("GET").to_uppercase();
        Ok(Form { method, action, fields })
    }
}

fn set(fields: &mut Vec<(String, FieldValue)>, name: &str, value: FieldValue) {
    match fields.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = value,
        None => fields.push((name.to_owned(), value)),
    }
}

/// Where the link that `selector` finds in the page at `address` leads; k6's default is `a[href]`.
///
/// # Errors
///
/// That there is no such link, the selector uses what loadgate doesn't have, or the link is no address; for the script's
/// author.
pub fn link(page: &Dom, address: &str, selector: &str) -> Result<String, String> {
    let Some(&link) = find(page, DOCUMENT, selector)?.first() else {
        return Err(format!("no element found for selector '{selector}' in response '{address}'"));
    };
    let Some(href) = page.attribute(link, "href") else {
        return Err(format!("the element found for selector '{selector}' in response '{address}' has no href"));
    };
    resolve(address, href)
}

/// Resolves a reference against the page's address.
///
/// # Errors
///
/// Which of them is no address.
pub fn resolve(address: &str, reference: &str) -> Result<String, String> {
    let base = Url::parse(address).map_err(|error| format!("the page's address '{address}' can't be read: {error}"))?;
    let resolved = base.join(reference).map_err(|error| format!("the address '{reference}' can't be read: {error}"))?;
    let text = String::from(resolved);
    // Like k6, no path is added to an address that is written without one.
    let bare = reference.split_once("//").is_some_and(|(_, rest)| !rest.contains(['/', '?', '#']));
    Ok(if bare { text.strip_suffix('/').map_or(text.clone(), str::to_owned) } else { text })
}

fn find(page: &Dom, id: NodeId, selector: &str) -> Result<Vec<NodeId>, String> {
    match Test::selector(selector) {
        Ok(Test::Selector(selector)) => Ok(selector.find(page, id).collect()),
        Ok(Test::Nodes(nodes)) => Ok(nodes),
        Err(what) => Err(format!("the selector '{selector}' uses {what}, which loadgate doesn't have")),
    }
}

impl Dom {
    /// The fields that submitting the forms sends: in the first form and the others, or of the nodes themselves when
    /// they're no forms.
    pub fn fields(&self, nodes: &[NodeId]) -> Vec<NodeId> {
        let is_field = |id: &NodeId| matches!(self.name(*id), "input" | "select" | "textarea" | "keygen");
        let fields: Vec<NodeId> = if nodes.iter().any(|&id| self.is(id, "form")) {
            nodes.iter().flat_map(|&form| self.descendants(form).filter(is_field)).collect()
        } else {
            nodes.iter().copied().filter(is_field).collect()
        };
        fields.into_iter().filter(|&id| self.is_sent(id)).collect()
    }

    fn is_sent(&self, id: NodeId) -> bool {
        if self.attribute(id, "name").unwrap_or_default().is_empty() || self.attribute(id, "disabled").is_some() {
            return false;
        }
        match self.attribute(id, "type").unwrap_or_default() {
            "submit" | "button" | "reset" | "image" | "file" => false,
            "checkbox" | "radio" => self.attribute(id, "checked").is_some(),
            _ => true,
        }
    }

    /// A field's value, as `val()` tells it; `None` for what is no field.
    pub fn value(&self, id: NodeId) -> Option<FieldValue> {
        let one = |value: &str| Some(FieldValue::One(value.to_owned()));
        match self.name(id) {
            "input" => match (self.attribute(id, "value"), self.attribute(id, "type")) {
                (Some(value), _) => one(value),
                (None, Some("radio" | "checkbox")) => one("on"),
                (None, _) => one(""),
            },
            "button" => one(self.attribute(id, "value").unwrap_or_default()),
            "textarea" => Some(FieldValue::One(self.inner_html(id))),
            "option" => Some(FieldValue::One(self.option_value(id))),
            "select" => {
                let selected = Selector::read("option[selected]").unwrap_or(Selector::none());
                let mut values = selected.find(self, id).map(|option| self.option_value(option));
                if self.attribute(id, "multiple").is_some() {
                    return Some(FieldValue::Several(values.collect()));
                }
                Some(FieldValue::One(values.next().unwrap_or_default()))
            }
            _ => None,
        }
    }

    /// The `value`, or what the element holds.
    pub fn option_value(&self, id: NodeId) -> String {
        self.attribute(id, "value").map_or_else(|| self.inner_html(id), str::to_owned)
    }
}
