//! Runs bundles in QuickJS, to see that what comes out is what it reads.

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{CatchResultExt, CaughtError, Context, Ctx, Error, Module as JsModule, Result, Runtime};

use super::*;

struct Names(BTreeMap<Arc<str>, Module>);

impl Resolver for Names {
    fn resolve<'js>(
        &mut self,
        _: &Ctx<'js>,
        base: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        let imports = self.0.get(base).map(|module| &module.imports);
        let found = imports.and_then(|imports| imports.iter().find(|(written, _)| written == name));
        found.map(|(_, name)| name.to_string()).ok_or_else(|| Error::new_resolving(base, name))
    }
}

struct Codes(BTreeMap<Arc<str>, Module>);

impl Loader for Codes {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<JsModule<'js, Declared>> {
        let code = match name {
            "k6" => "export function sleep() {} export default { sleep };",
            "k6/http" => "export function get(url) { return url } export default { get };",
            name => &self.0.get(name).ok_or_else(|| Error::new_loading(name))?.code,
        };
        JsModule::declare(ctx.clone(), name, code)
    }
}

/// Runs a bundle. Gives what it has put into `globalThis.out`, as JSON; or the stack of its exception.
pub(super) fn run(bundle: &Bundle) -> std::result::Result<String, String> {
    let runtime = Runtime::new().expect("a runtime");
    runtime.set_loader(Names(bundle.modules.clone()), Codes(bundle.modules.clone()));
    let context = Context::full(&runtime).expect("a context");
    context.with(|ctx| {
        let code = bundle.modules[&bundle.main].code.clone();
        let ran = JsModule::evaluate(ctx.clone(), &*bundle.main, code).and_then(|promise| promise.finish::<()>());
        match ran.catch(&ctx) {
            Ok(()) => {
                let out: rquickjs::Value = ctx.globals().get("out").expect("a global");
                let json = ctx.json_stringify(out).expect("JSON").map(|json| json.to_string().expect("text"));
                Ok(json.unwrap_or_default())
            }
            Err(CaughtError::Exception(exception)) => {
                Err(format!("{}\n{}", exception.message().unwrap_or_default(), exception.stack().unwrap_or_default()))
            }
            Err(error) => Err(error.to_string()),
        }
    })
}

/// Loads and runs files of which the first is the script.
pub(super) fn out(sources: &[(&str, &str)]) -> String {
    let bundle = files(sources).unwrap_or_else(|errors| panic!("{errors}"));
    run(&bundle).unwrap_or_else(|stack| panic!("{stack}\n{:#?}", bundle.modules))
}

#[test]
fn modules_cycles_and_json_run() {
    let main = "#!/usr/bin/env k6\nimport { b, a as again } from './lib/b';\nimport data from '../data.json' with { type: 'json' };\n\
                import all, { type } from './lib/c.ts'\nexport const a = 1;\nexport function f() { return a }\n\
                const late = await import('./late.js', { with: { type: 'json' } });\n\
                globalThis.out = [b(), again, data, all, type, late.default];";
    let files = [
        ("script.js", main),
        (
            "lib/b.js",
            "import { f } from '../script.js';\nexport const b = () => f();\nexport { a } from '../script.js';",
        ),
        ("lib/c.ts", "export const type: string = 'T'; export default { type } satisfies object;"),
        ("../data.json", " { \"__proto__\": [ 1, \"\u{2028}\" ] } "),
        ("late.js", "export default 'late'"),
    ];
    assert_eq!(out(&files), "[1,1,{\"__proto__\":[1,\"\u{2028}\"]},{\"type\":\"T\"},\"T\",\"late\"]");
}

#[test]
fn a_stack_shows_the_lines_of_the_script() {
    let script = "interface Answer {\n  id: number;\n}\n\n// 주석\nfunction f(a: Answer): never {\n  const 이름: string = 'x'; throw new Error(`${a.id}`);\n}\n\
                  export function g(): void {\n  f({ id: 7 });\n}\n";
    let main = "import { g } from './lib/f';\n/* 서버 */ g();\n";
    let bundle = files(&[("script.js", main), ("lib/f.ts", script)]).expect("it loads");
    let stack = run(&bundle).expect_err("it throws");
    let places: Vec<String> = bundle
        .trace(&stack)
        .lines()
        .filter_map(|line| line.trim().split_once("at ").map(|(_, place)| place.to_owned()))
        .collect();
    // The lines alone: which column of a call an engine names changes with its release.
    assert!(places[0].starts_with("f (lib/f.ts:7:"), "{stack}");
    assert!(places[1].starts_with("g (lib/f.ts:10:"), "{stack}");
    assert!(places[2].starts_with("<anonymous> (script.js:2:"), "{stack}");
}
