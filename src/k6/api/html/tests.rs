use super::{Dom, FieldValue, Form, exports, link};
use crate::k6::api::harness::check as check_module;

const PAGE: &str = r#"<!DOCTYPE html><title>Shop</title>
<div id=top class="a b"><p class=first>One <b>bold</b></p><p lang=en-GB>Two</p><!-- note --><p>Three</p><span></span></div>
<ul><li>1<li data-user-id="7" data-tags='["x"]' data-on=true data-price="1.50" data-none="">2<li>3</ul>
<form action="/search?old" method=post><input name=q value="tea & cake"><input type=checkbox name=c checked=checked>
<input type=checkbox name=d><input name=off disabled=disabled><textarea name=t>hi</textarea>
<select name=one><option>x<option selected value=2>y</select>
<select name=many multiple><option selected>m<option selected value=n>N</select>
<button type=submit name=go value=now>Go</button></form>
<a href="next?x=1#y" rel="nofollow next">Next</a><table><tr><td>a<th>b<tr><td colspan=2>c</table>"#;

/// The scripts know the page as `d`.
fn check(rows: &[(&str, &str)]) {
    let page = serde_json::to_string(PAGE).unwrap();
    let rows: Vec<(String, &str)> =
        rows.iter().map(|(script, expected)| (format!("((d) => ({script}))(parseHTML({page}))"), *expected)).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(script, expected)| (script.as_str(), *expected)).collect();
    check_module(exports, &rows);
}

#[test]
fn selectors() {
    check(&[
        ("d.find('p').size()", "3"),
        ("d.find('#top > p.first b').text()", r#""bold""#),
        ("d.find('div.a.b, ul').size()", "2"),
        ("d.find('p + p').size()", "2"),
        ("d.find('p ~ p:last-of-type').text()", r#""Three""#),
        ("d.find('P:first-child').text()", r#""One bold""#),
        ("d.find('li:nth-child(2n+1)').text()", r#""13""#),
        ("d.find('li:nth-last-child(1)').size()", "1"),
        ("d.find('p:not(.first)').size()", "2"),
        ("d.find('div:has(b)').attr('id')", r#""top""#),
        ("d.find('ul:haschild(b)').size()", "0"),
        ("d.find('p:contains(\"two\")').size()", "1"),
        ("d.find('p:containsOwn(bold)').size()", "0"),
        ("d.find('span:empty').size()", "1"),
        ("d.find(':root').get(0).nodeName()", r#""html""#),
        ("d.find('p:lang(en)').text()", r#""Two""#),
        ("d.find('form :input').size()", "8"),
        ("d.find(':checked').size()", "4"),
        ("d.find('input:disabled').attr('name')", r#""off""#),
        ("d.find('input:enabled').size()", "3"),
        ("d.find('[data-on]').size()", "1"),
        (
            "[d.find('[name=q]'), d.find('[type!=checkbox][name]'), d.find('a[rel~=next]'), d.find('[lang|=en]')].map((s) => s.size())",
            "[1,6,1,1]",
        ),
        (
            "[d.find('[href^=next]'), d.find(\"[href$='#y']\"), d.find('[href*=\"x=1\"]'), d.find('[lang=EN-gb i]')].map((s) => s.size())",
            "[1,1,1,1]",
        ),
        ("d.find('p:first').size() + d.find('p[').size() + d.find('').size()", "0"),
        (
            "d.find('[name#=x]')",
            "!the selector '[name#=x]' uses a regular expression, [attribute#=…], which loadgate doesn't have",
        ),
    ]);
}

#[test]
fn steps_from_a_selection() {
    check(&[
        ("d.find('p').first().next().text()", r#""Two""#),
        ("d.find('p.first').nextAll().size()", "3"),
        ("d.find('p.first').nextAll('p').size()", "2"),
        ("d.find('p.first').nextUntil('span').size()", "2"),
        ("d.find('p.first').nextUntil('span', '[lang]').size()", "1"),
        ("d.find('span').prev().text()", r#""Three""#),
        ("d.find('span').prevAll('p').size()", "3"),
        ("d.find('span').prevUntil(d.find('.first')).size()", "2"),
        ("d.find('b').parent().attr('class')", r#""first""#),
        ("d.find('b').parents().toArray().map((s) => s.get(0).nodeName())", r#"["p","div","body","html"]"#),
        ("d.find('b').parentsUntil('body').size()", "2"),
        ("d.find('b').closest('div').attr('id')", r#""top""#),
        ("d.find('li').siblings().size()", "3"),
        ("d.find('li').eq(1).siblings().size()", "2"),
        ("d.find('#top').children('p').size()", "3"),
        ("d.find('.first').contents().size()", "2"),
        ("d.find('p').filter('.first').size()", "1"),
        ("d.find('p').filter((index) => index > 0).size()", "2"),
        ("d.find('p').not('.first').size()", "2"),
        ("d.find('p').not(d.find('[lang]')).size()", "2"),
        ("d.find('p').has('b').size()", "1"),
        ("d.find('p').is('[lang]')", "true"),
        ("d.find('b').add('span').add(d.find('b')).size()", "2"),
        ("d.find('p').eq(-1).text()", r#""Three""#),
        ("d.find('p').slice(1).size()", "2"),
        ("d.find('p').first().end().size()", "3"),
        (
            "[d.find('li').eq(2).index(), d.find('li').index(d.find('li').eq(1)), d.find('span').index('p'), d.find('zz').index()]",
            "[2,1,-1,-1]",
        ),
        ("d.find('p').map((index, p) => index + p.text())", r#"["0One bold","1Two","2Three"]"#),
        (
            "((seen) => { d.find('p').each((index, p) => seen.push(p.textContent())); return seen })([])",
            r#"["One bold","Two","Three"]"#,
        ),
        ("d.single('p').text()", r#""One bold""#),
    ]);
}

#[test]
fn what_a_selection_holds() {
    check(&[
        ("d.find('title').text()", r#""Shop""#),
        ("d.find('p.first').html()", r#""One <b>bold</b>""#),
        (
            "d.find('table').html()",
            r#""<tbody><tr><td>a</td><th>b</th></tr><tr><td colspan=\"2\">c</td></tr></tbody>""#,
        ),
        (
            "[d.find('a').attr('href'), d.find('a').attr('no'), d.find('a').attr('no', 'else')]",
            r#"["next?x=1#y",null,"else"]"#,
        ),
        ("d.find('li').eq(1).data()", r#"{"userID":7,"tags":["x"],"on":true,"price":"1.50"}"#),
        (
            "[d.find('li').eq(1).data('userId'), d.find('li').eq(1).data('userID'), d.find('li').eq(1).data('user-id')]",
            "[7,7,7]",
        ),
        (
            "[d.find('zz').text(), d.find('zz').html(), d.find('zz').attr('x'), d.find('zz').val(), d.find('zz').get(0)]",
            r#"["","",null,null,null]"#,
        ),
        (
            "[d.find('[name=q]').val(), d.find('[name=c]').val(), d.find('[name=one]').val(), d.find('textarea').val()]",
            r#"["tea & cake","on","2","hi"]"#,
        ),
        ("d.find('[name=many]').val()", r#"["m","n"]"#),
        ("d.find('form').serialize()", r#""c=on&many=m&many=n&one=2&q=tea+%26+cake&t=hi""#),
        ("d.find('form').serializeObject()", r#"{"q":"tea & cake","c":"on","t":"hi","one":"2","many":["m","n"]}"#),
        ("d.find('form').serializeArray()[0]", r#"{"name":"q","value":"tea & cake"}"#),
        ("d.find('b')", r#"{"url":""}"#),
    ]);
}

#[test]
fn elements() {
    check(&[
        (
            "((e) => [e.nodeName(), e.nodeType(), e.id(), e.className(), e.classList(), e.childElementCount()])(d.find('#top').get(0))",
            r#"["div",1,"top","a b",["a","b"],4]"#,
        ),
        ("d.find('#top').get(0).children().map((e) => e.nodeName())", r#"["p","p","p","span"]"#),
        ("d.find('#top').get(0).childNodes().map((e) => e.nodeType())", "[1,1,8,1,1]"),
        ("d.find('.first').get(0).firstChild().nodeValue()", r#""One ""#),
        ("d.find('.first').get(0).lastElementChild().innerHTML()", r#""bold""#),
        ("d.find('span').get(0).nextSibling()", "undefined"),
        ("d.find('span').get(0).previousElementSibling().textContent()", r#""Three""#),
        ("d.find('li').get(1).attributes()['data-on']", r#"{"name":"data-on","value":"true"}"#),
        (
            "[d.find('b').get(0).isSameNode(d.find('b').get(0)), d.find('#top').get(0).contains(d.find('b').get(0)), d.find('b').get(0).matches('p b')]",
            "[true,true,true]",
        ),
        ("d.find('#top').get(0).querySelectorAll('p').length", "3"),
        ("d.get(0).nodeName() + d.find('b').get(0).ownerDocument().nodeType()", r##""#document9""##),
        (
            "((a) => [a.href(), a.relList(), a.text(), String(a)])(d.find('a').get(0))",
            r#"["next?x=1#y",["nofollow","next"],"Next","next?x=1#y"]"#,
        ),
        (
            "((f) => [f.method(), f.action(), f.length(), f.enctype()])(d.find('form').get(0))",
            r#"["post","/search?old",8,"application/x-www-form-urlencoded"]"#,
        ),
        (
            "((i) => [i.type(), i.name(), i.value(), i.form().nodeName(), i.formMethod(), i.maxLength()])(d.find('input').get(0))",
            r#"["text","q","tea & cake","form","post",-1]"#,
        ),
        (
            "((s) => [s.value(), s.selectedIndex(), s.options().length, s.type()])(d.find('select').get(0))",
            r#"["2",1,2,"select"]"#,
        ),
        ("d.find('option').get(1).index()", "1"),
        (
            "[d.find('th').get(0).cellIndex(), d.find('tr').get(1).rowIndex(), d.find('td').get(1).colSpan(), d.find('table').get(0).rows().length]",
            "[1,1,2,2]",
        ),
    ]);
}

#[test]
fn what_is_wrong_is_named() {
    check(&[
        ("d.find(5)", "!invalid argument: a selector, a Selection or an Element is needed, not number '5'"),
        ("d.find()", "!invalid argument: a selector, a Selection or an Element is needed, not undefined 'undefined'"),
        ("d.each(5)", "!the argument to each() must be a function"),
        ("d.is()", "!the argument to is() must be a function, a selector or a selection"),
        ("parseHTML()", "!parseHTML() needs the text to parse as its first argument"),
        ("d.find('p').each(() => { throw new Error('mine') })", "!mine"),
        ("d.find(parseHTML('<p>').find('p')).size()", "0"),
    ]);
}

#[test]
fn links_resolve_against_the_page() {
    let resolved = |html: &str| {
        crate::k6::api::harness::engine(|ctx| {
            let selection = super::selection(ctx, html, "https://user@shop.example:8443/a/b?c", Some("a")).unwrap();
            ctx.globals().set("a", selection).unwrap();
            crate::k6::api::harness::evaluate(
                ctx,
                "((e) => [e.href(), e.protocol(), e.host(), e.hostname(), e.port(), e.origin(), e.pathname(), e.search(), e.hash()])(a.get(0))",
            )
        })
    };
    assert_eq!(
        resolved("<a href='../c?d=1#e'>"),
        r##"["https://user@shop.example:8443/c?d=1#e","https","shop.example:8443","shop.example","8443","https://shop.example:8443","/c","?d=1","#e"]"##
    );
}

#[test]
fn what_a_form_sends() {
    let page = Dom::parse(PAGE);
    let one = |name: &str, value: &str| (name.to_owned(), FieldValue::One(value.to_owned()));
    let form = Form::read(&page, "http://h.example/a/b", "form", "[type=\"submit\"]").unwrap();
    assert_eq!(
        form,
        Form {
            method: "POST".to_owned(),
            action: "http://h.example/search?old".to_owned(),
            fields: vec![
                one("q", "tea & cake"),
                one("c", "on"),
                one("t", "hi"),
                one("one", "2"),
                ("many".to_owned(), FieldValue::Several(vec!["m".to_owned(), "n".to_owned()])),
                one("go", "now"),
            ],
        }
    );
    assert_eq!(
        Form::read(&page, "http://h.example/", "#no", "button").unwrap_err(),
        "no form found for selector '#no' in response 'http://h.example/'"
    );
    let bare = Form::read(&Dom::parse("<form><input name=a></form>"), "http://h.example/x", "form", "button").unwrap();
    assert_eq!((bare.method.as_str(), bare.action.as_str()), ("GET", "http://h.example/x"));
}

#[test]
fn where_a_link_leads() {
    let rows = [
        ("a[href]", Ok("http://h.example/a/next?x=1#y")),
        ("b", Err("the element found for selector 'b' in response 'http://h.example/a/b' has no href")),
        ("#no", Err("no element found for selector '#no' in response 'http://h.example/a/b'")),
    ];
    let page = Dom::parse(PAGE);
    for (selector, expected) in rows {
        let found = link(&page, "http://h.example/a/b", selector);
        assert_eq!(found.as_deref().map_err(String::as_str), expected, "{selector}");
    }
    let other = Dom::parse("<a href='http://other.example'>");
    assert_eq!(link(&other, "http://h.example/", "a").unwrap(), "http://other.example");
}

#[test]
fn no_page_and_no_selector_panics() {
    const PIECES: &[&str] =
        &["<", ">", "</", "p", "table", "a", " ", "=", "\"", "'", "x", "<!--", "&amp;", "<template>", "<svg>", "é"];
    const SELECTORS: &[&str] = &[
        "p",
        " ",
        ">",
        "+",
        "~",
        ",",
        ":",
        "not(",
        ")",
        "[",
        "]",
        "=",
        "*",
        "#",
        ".",
        "\\",
        "nth-child(",
        "2n",
        "é",
        "\"",
    ];
    proptest::proptest!(|(
        page in proptest::collection::vec(proptest::sample::select(PIECES), 0..20),
        selector in proptest::collection::vec(proptest::sample::select(SELECTORS), 0..10),
    )| {
        let page = Dom::parse(&page.concat());
        let _ = link(&page, "http://h.example/", &selector.concat());
        let again = Dom::parse(&page.inner_html(super::DOCUMENT));
        let _ = again.inner_html(super::DOCUMENT);
    });
}

#[test]
fn deep_pages_and_selectors_take_no_stack() {
    let page = Dom::parse(&"<div>".repeat(3_000));
    assert_eq!(page.inner_html(super::DOCUMENT).matches("</div>").count(), 3_000);
    assert_eq!(page.text(super::DOCUMENT), "");
    let selector = ":not(".repeat(3_000) + "p" + &")".repeat(3_000);
    assert!(link(&page, "http://h.example/", &selector).unwrap_err().starts_with("no element found"));
    let selector = "div ".repeat(1_000) + "p";
    assert!(link(&page, "http://h.example/", &selector).unwrap_err().starts_with("no element found"));
}
