//! What the tests of the modules run scripts in.

use rquickjs::{CatchResultExt, Context, Ctx, Object, Result, Runtime};

/// Runs `f` in an engine of its own.
pub fn engine<R>(f: impl FnOnce(&Ctx<'_>) -> R) -> R {
    let runtime = Runtime::new().unwrap();
    let context = Context::full(&runtime).unwrap();
    context.with(|ctx| f(&ctx))
}

/// What a module's function `exports` is.
pub type Exports = for<'js> fn(&Ctx<'js>) -> Result<Object<'js>>;

/// The value of `script`, as JSON, with what the module exports as globals; of a promise, what it's settled to. An
/// exception is `!` and its message.
pub fn run(exports: Exports, script: &str) -> String {
    engine(|ctx| {
        let module = exports(ctx).catch(ctx).unwrap();
        for name in module.keys::<String>() {
            let name = name.unwrap();
            let value: rquickjs::Value = module.get(name.as_str()).unwrap();
            ctx.globals().set(name, value).unwrap();
        }
        evaluate(ctx, script)
    })
}

/// As [`run`], in an engine with the globals that `install` makes.
pub fn run_global(install: fn(&Ctx<'_>) -> Result<()>, script: &str) -> String {
    engine(|ctx| {
        install(ctx).catch(ctx).unwrap();
        evaluate(ctx, script)
    })
}

/// The value of `script` as JSON; see [`run`].
pub fn evaluate(ctx: &Ctx<'_>, script: &str) -> String {
    let script = format!(
        "(async () => {{ try {{ return String(JSON.stringify(await ({script}))) }} \
         catch (error) {{ return '!' + (error instanceof Error ? error.message : error) }} }})()"
    );
    let promise: rquickjs::Promise = ctx.eval(script).catch(ctx).unwrap();
    promise.finish::<String>().catch(ctx).unwrap()
}

/// Each row is a script and its value as JSON.
pub fn check(exports: Exports, rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(script, expected)| {
            let found = run(exports, script);
            (found != *expected).then(|| format!("{script}\n   is {found}\n  not {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// As [`check`], with globals.
pub fn check_global(install: fn(&Ctx<'_>) -> Result<()>, rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(script, expected)| {
            let found = run_global(install, script);
            (found != *expected).then(|| format!("{script}\n   is {found}\n  not {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
