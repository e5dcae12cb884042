// Runs a composite action of `run:` steps as a runner does, with GitHub's own expression engine.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Evaluator, Lexer, Parser, data } from '@actions/expressions';
import YAML from 'yaml';

/** The longest that a step may take, in milliseconds. */
const STEP = 45_000;

/**
 * Runs the action in `folder`. `job` says where:
 * - `temp`, `toolCache`, `workspace`: folders that are there
 * - `os`, `arch`: as `runner.os` and `runner.arch`
 * - `repository`: of the action; empty for `uses: ./`
 * - `env`: the job's environment, with PATH
 * Returns `failed`, the action's `outputs`, each step's `outcome`, the step `summary`, and all that was printed as `log`.
 */
export async function run(folder, inputs, job) {
  const action = YAML.parse(fs.readFileSync(path.join(folder, 'action.yml'), 'utf8'));
  const unknown = Object.keys(inputs).filter((name) => !(name in action.inputs));
  if (unknown.length > 0) throw new Error(`the action has no input ${unknown}`);

  const contexts = {
    github: { action_path: folder, action_repository: job.repository, token: 'ghs_of_the_job', workspace: job.workspace },
    runner: { os: job.os, arch: job.arch, temp: job.temp, tool_cache: job.toolCache },
    inputs: {},
    steps: {},
  };
  const expand = (text) => expanded(text, contexts);
  for (const [name, input] of Object.entries(action.inputs)) {
    // What a workflow gives is text by now, and never expanded once more.
    contexts.inputs[name] = inputs[name] ?? expand(input.default ?? '');
  }

  const result = { failed: false, outcome: {}, summary: '', log: '' };
  for (const [index, step] of action.runs.steps.entries()) {
    if (step.if !== undefined || step.uses !== undefined) throw new Error('only plain `run:` steps are known');
    if (result.failed) {
      result.outcome[step.id] = 'skipped';
      continue;
    }
    const files = stepFiles(job.temp, index);
    const env = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, expand(value)]));
    const script = path.join(job.temp, `step-${index}.sh`);
    fs.writeFileSync(script, expand(step.run));
    const { code, log } = await bash(script, job.workspace, { ...environment(job, files), ...env });
    contexts.steps[step.id] = { outputs: outputsIn(files.GITHUB_OUTPUT) };
    result.log += log;
    result.summary += fs.readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8');
    result.failed = code !== 0;
    result.outcome[step.id] = code === 0 ? 'success' : `exit code ${code}`;
  }
  const outputs = Object.entries(action.outputs).map(([name, output]) => [name, expand(output.value)]);
  return { ...result, outputs: Object.fromEntries(outputs) };
}

/** The text with every `${{ … }}` replaced. */
function expanded(text, contexts) {
  return String(text).replace(/\$\{\{([\s\S]*?)\}\}/g, (_, expression) => {
    const { tokens } = new Lexer(expression.trim()).lex();
    const tree = new Parser(tokens, Object.keys(contexts), []).parse();
    return new Evaluator(tree, value(contexts), new Map()).evaluate().coerceString();
  });
}

/** A value of the expression language. */
function value(from) {
  if (from === undefined || from === null) return new data.Null();
  if (typeof from === 'object') {
    return new data.Dictionary(...Object.entries(from).map(([key, inner]) => ({ key, value: value(inner) })));
  }
  return new data.StringData(String(from));
}

function stepFiles(temp, index) {
  const files = {};
  for (const name of ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY', 'GITHUB_ENV', 'GITHUB_PATH']) {
    files[name] = path.join(temp, `${name}-${index}`);
    fs.writeFileSync(files[name], '');
  }
  return files;
}

/** What a step finds in its environment, besides its own `env:`. */
function environment(job, files) {
  return {
    HOME: job.temp,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: job.workspace,
    RUNNER_OS: job.os,
    RUNNER_ARCH: job.arch,
    RUNNER_TEMP: job.temp,
    RUNNER_TOOL_CACHE: job.toolCache,
    ...job.env,
    ...files,
  };
}

function bash(script, cwd, env) {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], { cwd, env, timeout: STEP });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += text));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? signal, log }));
  });
}

/** Outputs as a step writes them: `name=value`, or `name<<DELIMITER`, lines, `DELIMITER`. */
function outputsIn(file) {
  const outputs = {};
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const [, name, operator, rest] = /^([^=<]+)(=|<<)(.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    if (operator === '=') {
      outputs[name] = rest;
      continue;
    }
    const end = lines.indexOf(rest);
    if (end < 0) throw new Error(`the output ${name} has no end`);
    outputs[name] = lines.splice(0, end + 1).slice(0, -1).join('\n');
  }
  return outputs;
}
