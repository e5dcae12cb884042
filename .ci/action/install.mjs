// What the action installs, and what it refuses. The "binary" is a script that tells its arguments.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Place, VERSION, here, release, sha256 } from './place.mjs';

const GOOD = '#!/bin/sh\nprintf "%s\\0" "$@" >"$GITHUB_WORKSPACE/arguments"\n';
const EVIL = '#!/bin/sh\ntouch "$GITHUB_WORKSPACE/owned"\n';
const { file } = here();

/** A place with a release, whose file is `content` and whose checksum in the action is that of `known`. */
async function place(t, content, known) {
  const it = new Place();
  const releases = await release({ [file]: content });
  if (known !== undefined) it.checksums({ 'another-file': '0'.repeat(64), [file]: sha256(known) });
  t.after(() => (releases.close(), it.remove()));
  return { it, releases, env: { LOADGATE_RELEASES: releases.url } };
}

/** The installation failed with such an error on one line, and nothing was run or kept. */
function refused(it, result, message) {
  assert.deepEqual(result.outcome, { install: 'exit code 4', run: 'skipped' }, result.log);
  const errors = result.log.split('\n').filter((line) => line.startsWith('::error '));
  assert.equal(errors.length, 1, result.log);
  assert.match(errors[0], /^::error title=loadgate::/);
  assert.match(errors[0], message);
  assert.deepEqual(it.files('tool cache'), []);
  assert.deepEqual(it.files('workspace'), [], 'something was run');
  assert.deepEqual(result.outputs, { verdict: '', measurement: '', report: '' });
}

test('a release is downloaded once, and verified whenever it is used', async (t) => {
  const { it, releases, env } = await place(t, GOOD, GOOD);
  const first = await it.run({}, { env });
  assert.equal(first.failed, false, first.log);
  assert.deepEqual(releases.asked, [`/v${VERSION}/${file}`]);
  const second = await it.run({}, { env });
  assert.equal(second.failed, false, second.log);
  assert.equal(releases.asked.length, 1, 'it comes from the tool cache');

  const [cached] = it.files('tool cache');
  assert.equal(it.files('tool cache').length, 1);
  fs.writeFileSync(cached, EVIL);
  const third = await it.run({}, { env });
  assert.equal(third.failed, false, third.log);
  assert.match(third.log, /^::warning title=loadgate::the binary in the tool cache is not the one/m);
  assert.equal(releases.asked.length, 2);
  assert.equal(fs.existsSync(it.path('workspace', 'owned')), false, 'what was changed in the tool cache was run');
  assert.equal(fs.readFileSync(cached, 'utf8'), GOOD);
});

test('a tampered binary is not run', async (t) => {
  const { it, env } = await place(t, EVIL, GOOD);
  refused(it, await it.run({}, { env }), /is not the file that was released/);
});

test('a truncated download is not run', async (t) => {
  const { it, env } = await place(t, GOOD.slice(0, -1), GOOD);
  refused(it, await it.run({}, { env }), /is not the file that was released/);
});

test('without a checksum and without gh nothing is even downloaded', async (t) => {
  const { it, releases, env } = await place(t, GOOD);
  refused(it, await it.run({}, { env }), /can't be verified: .* gh, .* is not installed; pin the action .* `binary`/);
  assert.deepEqual(releases.asked, []);
});

test('without a checksum gh is asked for the attestation', async (t) => {
  const { it, env } = await place(t, GOOD);
  it.script('yes/gh', '#!/bin/sh\nprintf "%s\\n" "$GH_TOKEN" "$@" >"$RUNNER_TEMP/../asked"\n');
  it.script('no/gh', '#!/bin/sh\necho "no attestation" >&2\nexit 1\n');
  refused(it, await it.run({}, { env, path: it.path('no') }), /is not the file that was released/);

  const result = await it.run({}, { env, path: it.path('yes') });
  assert.equal(result.failed, false, result.log);
  const [token, attestation, verify, downloaded, ...more] = fs.readFileSync(it.path('jobs', 'asked'), 'utf8').trim().split('\n');
  assert.deepEqual([token, attestation, verify], ['ghs_of_the_job', 'attestation', 'verify']);
  assert.equal(path.dirname(downloaded), path.dirname(it.files('tool cache')[0]));
  assert.deepEqual(more, ['--repo', 'loadgate/loadgate', '--signer-workflow', 'loadgate/loadgate/.github/workflows/release.yml']);

  // What is in the tool cache is asked for again.
  const again = await it.run({}, { env: { LOADGATE_RELEASES: 'http://127.0.0.1:9' }, path: it.path('no') });
  assert.deepEqual(again.outcome, { install: 'exit code 4', run: 'skipped' }, again.log);
});

test('every platform has a file of its own', async (t) => {
  const targets = {
    'Linux X64': 'x86_64-unknown-linux-gnu',
    'Linux ARM64': 'aarch64-unknown-linux-gnu',
    'macOS ARM64': 'aarch64-apple-darwin',
    'Windows X64': 'x86_64-pc-windows-msvc.exe',
  };
  const { it, releases, env } = await place(t, GOOD);
  for (const [platform, target] of Object.entries(targets)) {
    const name = `loadgate-${VERSION}-${target}`;
    const content = `${GOOD}# ${target}\n`;
    releases.files[name] = content;
    it.checksums({ [name]: sha256(content) });
    const [os, arch] = platform.split(' ');
    const result = await it.run({}, { env, os, arch });
    assert.equal(result.failed, false, result.log);
    assert.equal(releases.asked.at(-1), `/v${VERSION}/${name}`);
  }
  assert.equal(it.files('tool cache').length, 4);
});

test('other platforms are told what to do', async (t) => {
  const { it, releases, env } = await place(t, GOOD, GOOD);
  for (const [os, arch] of [['Linux', 'X86'], ['Linux', 'ARM'], ['macOS', 'X64'], ['Windows', 'ARM64'], ['', '']]) {
    refused(it, await it.run({}, { env, os, arch }), /there is no loadgate for .*; use a runner with .* `binary`/);
  }
  assert.deepEqual(releases.asked, []);
});

test('a release that is not there is told so', async (t) => {
  const { it, releases, env } = await place(t, GOOD, GOOD);
  delete releases.files[file];
  refused(it, await it.run({}, { env }), /can't be downloaded; if that release doesn't exist/);
});

test('plain http is for this machine alone', async (t) => {
  const { it } = await place(t, GOOD, GOOD);
  const hosts = ['http://mirror.example', 'http://127.0.0.1:80@mirror.example', 'http://localhost.mirror.example', 'ftp://x', 'file:///'];
  for (const LOADGATE_RELEASES of [...hosts, '--config=x', 'mirror.example']) {
    refused(it, await it.run({}, { env: { LOADGATE_RELEASES } }), /must begin with https:/);
  }
});

test('an action from nowhere has no release', async (t) => {
  const { it, env } = await place(t, GOOD, GOOD);
  for (const repository of ['', 'loadgate', 'a/b/c', 'a/b --repo c/d', '$(touch owned)/x']) {
    refused(it, await it.run({}, { env, repository }), /not taken from a repository .* `binary`/);
  }
});

test('a binary of the user is run as it is', async (t) => {
  const { it, releases, env } = await place(t, GOOD, GOOD);
  const own = it.script('workspace/my tools/loadgate', GOOD);
  for (const binary of ['my tools/loadgate', './my tools/loadgate', own]) {
    // Neither the platform nor the repository matters.
    const result = await it.run({ binary }, { env, os: 'Linux', arch: 'RISCV', repository: '' });
    assert.equal(result.failed, false, result.log);
    assert.equal(fs.readFileSync(it.path('workspace', 'arguments'), 'utf8').split('\0')[0], 'run');
    fs.rmSync(it.path('workspace', 'arguments'));
  }
  fs.rmSync(it.path('workspace', 'my tools'), { recursive: true });
  for (const binary of ['nowhere', '.', '$(touch owned)', '; touch owned', '::error::x']) {
    refused(it, await it.run({ binary }, { env }), /the input `binary` names no file that can be run/);
  }
  refused(it, await it.run({ binary: 'a\nbinary=b' }, { env }), /the input `binary` has more than one line/);
  assert.deepEqual(releases.asked, []);
});

test('hostile inputs do nothing', async (t) => {
  const { it } = await place(t, GOOD, GOOD);
  const binary = it.script('own/loadgate', GOOD);
  const hostile = [
    '"; touch owned; "',
    "'; touch owned; '",
    '$(touch owned)',
    '`touch owned`',
    'a\ntouch owned\n',
    '${{ github.token }}',
    '%0A::error::x',
    '--help',
    '*',
  ];
  for (const value of hostile) {
    const names = ['plan', 'target', 'reference', 'profile', 'baseline', 'comment', 'check', 'args', 'token'];
    const result = await it.run({ binary, ...Object.fromEntries(names.map((name) => [name, value])) });
    assert.equal(result.failed, false, result.log);
    assert.equal(result.log, '', 'nothing of it is in the log');
    const told = fs.readFileSync(it.path('workspace', 'arguments'), 'utf8').split('\0').slice(0, -1);
    const ours = told.filter((argument) => !/^--(out|report)=/.test(argument));
    const lines = value.split('\n').filter(Boolean);
    const options = ['target', 'profile', 'reference', 'baseline', 'comment', 'check'];
    assert.deepEqual(ours, ['run', ...options.map((name) => `--${name}=${value}`), ...lines, '--', value]);
    assert.deepEqual(it.files('workspace'), [it.path('workspace', 'arguments')], 'an input was run');
  }
  for (const command of hostile) {
    const result = await it.run({ binary, command });
    assert.equal(result.outcome.run, 'exit code 2', result.log);
    assert.equal(result.log.trim(), '::error title=loadgate::the input `command` must be `run`, `merge`, `comment` or `baseline refresh`');
  }
});
