"""Holds the comments and check runs that the real binary writes to what a reader may rely on, whatever names it is given."""

import json
import os
import subprocess
import sys
import tempfile

from github import Hub, target
from rendering import Page, rendered

LOADGATE = sys.argv[1]
MOST_BYTES = 60_000
MOST_CHARACTERS = 65_536
CHECK_BYTES = 65_535

HOSTILE = [
    "a | b || c",
    "line\nbreak\r\n\n# heading",
    "`code` ``` ~~~",
    "```\n::error::forged",
    "<script>alert(1)</script>",
    "</details></table><h1>x",
    "<img src=x onerror=alert(1)>",
    "<!-- open",
    "--> closed",
    "<sub><a href='http://evil.example'>x</a>",
    "@everyone @org/team",
    "me@evil.example mailto:me@evil.example",
    "#123 GH-1 gh-22 org/repo#45",
    "https://evil.example/x http://evil.example",
    "www.evil.example WWW.evil.example/x",
    "ftp://evil.example xmpp:x@evil.example",
    "![x](http://evil.example/x.png)",
    "[x](http://evil.example) [x]: http://evil.example",
    "<http://evil.example>",
    "::error title=x::forged ::set-output name=verdict::pass",
    "\u202egnp.exe\u202c a\u200bb \u2066x\u2069 \u00ad\ufeff",
    "&lt;b&gt; &#64;team &commat;team",
    "**bold** __bold__ ~~gone~~ *x*",
    "- item\n- item",
    "1. one",
    "> [!CAUTION]\n> quoted",
    "$x^2$ $$y$$ \\( z \\)",
    "\\| \\` \\\\",
    "좌석 예약 한글 이름",
    "🎫🔥👩‍👩‍👧‍👦 :tada:",
    "[^1] [^1]: note",
    "- [ ] task",
    "| a | b |\n| --- | --- |",
    "=== ---",
    "{{ liquid }} {% raw %}",
    "long " + "x" * 300,
    "long한" * 100,
    "<details open><summary>forged</summary>",
    "<![CDATA[x]]><?php x ?>",
    "a\tb\x0bc\x00d".replace("\x00", ""),
]
BODY = "```\n</code></pre><script>x</script>\n@everyone\n::error::x\n" + "".join(HOSTILE)


def requests(count):
    """Names: the hostile ones, made different by a number."""
    return [f"{HOSTILE[at % len(HOSTILE)]} {at}" for at in range(count)]


def plan(name, steps, thresholds, **more):
    """A gate file as JSON, which is YAML too. A busy machine must not keep it from a verdict."""
    guards = {"cpu": "100%", "loopLag": "1m", "dropped": "90%"}
    return {"version": 1, "name": name, "thresholds": thresholds, "gate": {"guards": guards}, **more, **steps}


def hostile():
    names = requests(60)
    steps = [
        {"get": f"/{at}", "name": name, "optional": True, "check": {f"check {name}": "status == 200"}}
        for at, name in enumerate(names)
    ]
    steps.append({"if": "vu == 2", "then": [{"stop": HOSTILE[7] + HOSTILE[10]}]})
    executor = {"executor": "per-vu-iterations", "vus": 2, "iterations": 2}
    thresholds = {"http_req_failed": ["rate<0.01"], "checks": ["rate==1"]}
    # A selector's tag takes no comma, brace or line break, and a key of YAML is not that long.
    plain = [name for name in names if not set(name) & set("{},\n\r\t\x0b") and len(name) < 200]
    thresholds.update({f"http_req_duration{{name:{name}}}": ["p(95)<0.001"] for name in plain[:38]})
    return plan("hostile", {"scenarios": {"load": {**executor, "steps": steps}}}, thresholds)


def paired():
    steps = [{"get": f"/{at}", "name": name} for at, name in enumerate(requests(60))]
    scenario = {"executor": "constant-vus", "vus": 2, "duration": "8s", "steps": steps}
    return plan("paired", {"scenarios": {"load": scenario}}, {"http_req_failed": ["rate<0.01"]})


def passing():
    scenario = {"executor": "per-vu-iterations", "vus": 2, "iterations": 2, "steps": [{"get": "/ok", "name": "ok"}]}
    return plan("passing", {"scenarios": {"load": scenario}}, {"http_req_failed": ["rate<0.01"]})


def answers():
    """Each path fails from its second request on, so that the trial before the load goes well."""
    seen = {}

    def answer(path):
        seen[path] = seen.get(path, 0) + 1
        fails = path != "/ok" and seen[path] > 2 and int(path.strip("/") or 0) % 3 == 0
        return (500 if fails else 200), BODY

    return answer


def run(plan, code, *arguments):
    """Runs the plan as a job of a pull request; the comment, the check run, and the targets' hosts."""
    hub, url = Hub(), target(answers())
    command = [LOADGATE, "run", "loadgate.yml", "--target", url, "--no-repeat", *arguments]
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/loadgate.yml", "w", encoding="utf-8") as file:
            json.dump(plan, file, ensure_ascii=False)
        head, base = ({"sha": sha * 20, "ref": "x", "repo": {"full_name": "acme/shop"}} for sha in ("ab", "cd"))
        with open(f"{folder}/event.json", "w", encoding="utf-8") as file:
            json.dump({"pull_request": {"number": 7, "head": head, "base": base}}, file)
        job = {
            "PATH": os.environ["PATH"],
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": f"{folder}/event.json",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_API_URL": hub.url,
            "GITHUB_RUN_ID": "100",
            "GITHUB_JOB": "gate",
            "GITHUB_TOKEN": "ghs_x",
        }
        done = subprocess.run(command, cwd=folder, env=job, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode in code, f"exit code {done.returncode} instead of {code}:\n{said}"
    assert len(hub.comments) == 1 and len(hub.checks) == 1, said
    for line in done.stderr.splitlines() + done.stdout.splitlines():
        assert not line.lstrip().startswith("::") or line.startswith("::error title=loadgate"), f"a command: {line}"
    return hub.comments[0], hub.checks[0], [url, *arguments]


def look(name, markdown, ours, most):
    """Renders and asserts what holds for every page of ours."""
    page = Page(rendered(markdown))
    assert not page.problems, f"{name}:\n" + "\n".join(page.problems[:20]) + "\n\n" + markdown[:4000]
    size, characters = len(markdown.encode()), len(markdown.encode("utf-16-le")) // 2
    assert size <= most and characters <= MOST_CHARACTERS, f"{name}: {size} bytes, {characters} characters"
    hosts = ["https://github.example/", *(url for url in ours if url.startswith("http"))]
    for link in page.links:
        assert any(link.startswith(host) for host in hosts), f"{name} links to {link}"
    print(f"{name}: {size} bytes, {len(page.tables)} tables, {page.details} folded, {len(page.links)} links")
    return page


def check(name, plan, code, *arguments):
    comment, run_of_check, ours = run(plan, code, *arguments)
    page = look(f"comment of {name}", comment, ours, MOST_BYTES)
    assert len(page.comments) == 1 and page.comments[0].startswith(" loadgate:"), page.comments
    above = [rows for folded, rows in page.tables if not folded]
    assert len(above) == 1, f"{len(above)} tables above the fold"
    assert len(above[0]) <= 11, f"{len(above[0]) - 1} rows above the fold"
    alerts = sum(line.startswith("> [!") for line in comment.splitlines())
    fails = "✗ loadgate: fail" in comment.splitlines()[1]
    assert alerts == int(fails), f"{alerts} alert blocks, and the verdict is {comment.splitlines()[1]}"
    assert "loadgate run loadgate.yml --target" in "".join(page.code), "the command to run again"
    output = run_of_check["output"]
    for part in ("summary", "text"):
        look(f"{part} of the check run of {name}", output[part], ours, CHECK_BYTES)
    assert "\n" not in output["title"] and len(output["title"].encode()) <= 200, output["title"]
    return comment, page


def main():
    # The check must bite, or nothing was checked.
    for text in ["@team", "see #12", "<b>x</b>", "GH-1", "a\u202eb", "<details>"]:
        assert Page(rendered(text)).problems, f"`{text}` was taken for harmless"
    comment, page = check("60 requests and 40 thresholds with hostile names", hostile(), {1})
    assert "First failure of " in "".join(page.text)
    assert comment.splitlines()[3] == "> [!CAUTION]", comment[:400]
    text = "".join(page.text)
    missing = [name for at, name in enumerate(requests(60)) if len(name) < 100 and f" {at}\n" not in text]
    assert not missing, f"not in the comment: {missing}"
    reference = target(lambda path: (200, "ok"))
    comment, _ = check("60 requests beside a reference", paired(), {0, 1}, "--reference", reference)
    assert "for want of room" in comment, "this comment is too small to show what is left out"
    check("a run that passes", passing(), {0})


main()
