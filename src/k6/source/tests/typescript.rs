use super::quickjs::out;
use super::*;

#[test]
fn types_vanish_and_the_rest_runs() {
    let rows = [
        (
            "enum",
            "enum Color { Red, Green = 'g', Blue = 1 << 3 } globalThis.out = [Color.Red, Color.Green, Color[8]]",
            "[0,\"g\",\"Blue\"]",
        ),
        ("const enum", "const enum A { X = 7 } globalThis.out = A.X", "7"),
        (
            "namespace",
            "namespace N { export const x = 1; export function f() { return x + 1 } } globalThis.out = N.f()",
            "2",
        ),
        (
            "generics",
            "function id<T extends object>(x: T): T { return x } globalThis.out = id<{ a: 1 }>({ a: 1 })",
            "{\"a\":1}",
        ),
        ("satisfies", "globalThis.out = { a: 1 } satisfies Record<string, number>", "{\"a\":1}"),
        ("as const", "const x = ['a', 'b'] as const; globalThis.out = x as unknown as string[]", "[\"a\",\"b\"]"),
        ("assertions", "const x: { y?: number } = { y: 2 }; globalThis.out = x!.y! + <number>1", "3"),
        (
            "parameter properties",
            "class A { constructor(private readonly a: number, public b = 2) {} sum() { return this.a + this.b } }\n\
          globalThis.out = new A(1).sum()",
            "3",
        ),
        (
            "fields",
            "class A { declare z: number; a!: number; #b: string = 'b'; static c?: number; get b() { return this.#b } }\n\
          globalThis.out = [Object.keys(new A()), new A().b]",
            "[[\"a\"],\"b\"]",
        ),
        (
            "abstract classes",
            "abstract class A { abstract f(): number; g(): number { return this.f() } }\n\
          class B extends A implements I { override f() { return 5 } } interface I {} globalThis.out = new B().g()",
            "5",
        ),
        (
            "overloads",
            "function f(a: string): string; function f(a: number): number; function f(a: any) { return a }\n\
          globalThis.out = f(1)",
            "1",
        ),
        (
            "this types and optional parameters",
            "function f(this: void, a?: number, ...rest: number[]) { return rest.length }\n\
          globalThis.out = f(1, 2, 3)",
            "2",
        ),
        (
            "modern syntax stays",
            "const o: any = null; let n: number | null = null; n ??= 4; globalThis.out = [o?.a?.b ?? 1_000, 2n > 1, n]",
            "[1000,true,4]",
        ),
        (
            "declare",
            "declare const __ENV: Record<string, string>; declare global { interface X {} } declare module 'k6/x' {}\n\
          globalThis.out = typeof __ENV",
            "\"undefined\"",
        ),
    ];
    for (what, text, expected) in rows {
        let text = text.replace("globalThis.out", "(globalThis as any).out");
        assert_eq!(out(&[("script.ts", &text)]), expected, "{what}");
    }
}

#[test]
fn imports_that_are_only_types_vanish() {
    let text = "import type { A } from './no-such-file';\nimport { type B } from './nor-this';\n\
                import { C, type D, d } from './types';\nimport http, { RefinedParams } from 'k6/http';\n\
                import unused from './not-there-either';\n\
                export type { A } from './no-such-file';\n\
                let a: A, b: B, c: C, p: RefinedParams; (globalThis as any).out = [d, http.get('x')];";
    let files =
        [("script.ts", text), ("types.mts", "export interface C {} export type D = C; export const d: number = 1;")];
    assert_eq!(out(&files), "[1,\"x\"]");
    let bundle = super::files(&files).expect("it loads");
    let written: Vec<&str> = bundle.modules["script.ts"].imports.iter().map(|(written, _)| written.as_str()).collect();
    assert_eq!(written, ["./types", "k6/http"]);
}

#[test]
fn javascript_keeps_what_is_imported_and_not_used() {
    let bundle =
        files(&[("script.js", "import unused from './a.js'"), ("a.js", "export default 1")]).expect("it loads");
    assert!(bundle.modules.contains_key("a.js"));
}

#[test]
fn what_cannot_be_stripped_is_refused_with_its_place() {
    let rows = [
        ("@log class A {}\n", "script.ts:1:1: decorators can't be run"),
        ("class A {\n  @log f() {}\n}", "script.ts:2:3: decorators can't be run"),
        ("import x = require('x');\nx();", "script.ts:1:12: `import … = require()` can't be run"),
        ("const x = require('./x');", "script.ts:1:11: require() can't be used in TypeScript"),
        ("export = 1;", "script.ts:1:1: `export =` can't be run"),
        ("class A { accessor x = 1 }", "script.ts:1:11: `accessor` fields can't be run"),
        ("{ using x = f(); }", "script.ts:1:3: `using` declarations can't be run"),
        ("let x: = 1;", "script.ts:1:8: "),
    ];
    for (text, expected) in rows {
        let shown = errors(typed(text));
        assert!(shown.starts_with(expected), "{text}: {shown}");
    }
}
