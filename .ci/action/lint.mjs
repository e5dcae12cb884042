// GitHub's own language service over action.yml and workflows: syntax, expressions and contexts, and the inputs of every action.
// Usage: .ci/node VENV .ci/action .ci/action/lint.mjs FILE...
import fs from 'node:fs';
import path from 'node:path';
import { validate } from '@actions/languageservice';
import { TextDocument } from 'vscode-languageserver-textdocument';
import YAML from 'yaml';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** Us, as users write it. */
const OURS = 'loadgate/loadgate';

/** What an action takes: ours from this folder, others' as they are at the commit that is pinned. */
const actionsMetadataProvider = {
  async fetchActionMetadata({ owner, name, ref }) {
    const action = `${owner}/${name}`;
    if (action === OURS) return YAML.parse(fs.readFileSync(path.join(ROOT, 'action.yml'), 'utf8'));
    const file = path.join(ROOT, '.ci/vendored-actions', `${owner}__${name}.yml`);
    const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
    if (!text.startsWith(`# ${action}@${ref} `)) {
      throw new Error(`${action}@${ref}: its action.yml is not in .ci/vendored-actions; put it there, with this line first: # ${action}@${ref} # TAG`);
    }
    return YAML.parse(text);
  },
};

async function findings(name, text) {
  // The service asks nobody about `uses: ./`, which in this repository is our action.
  const asked = text.replace(/(uses: )\.\/(?=\s)/g, `$1${OURS}@v1`);
  return validate(TextDocument.create(`file:///${name}`, 'yaml', 0, asked), { actionsMetadataProvider });
}

// Does it bite? An input that doesn't exist, under either name of ours, and a context that a job doesn't have.
const wrong = (step) => `on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - ${step}\n`;
for (const step of ['uses: loadgate/loadgate@v1\n        with: { targt: x }', 'run: echo ${{ nothing.here }}', 'uses: ./\n        with: { x: y }']) {
  if ((await findings('wrong.yml', wrong(step))).length === 0) throw new Error(`the language service finds nothing in: ${step}`);
}

let found = 0;
const files = process.argv.slice(2);
for (const file of files) {
  // An action's document is known by its name.
  const name = path.basename(file);
  for (const { range, message } of await findings(name, fs.readFileSync(file, 'utf8'))) {
    found += 1;
    console.error(`${name}:${range.start.line + 1}:${range.start.character + 1}: ${message}`);
  }
}
console.log(`GitHub's language service: ${files.length} files, ${found} findings`);
process.exit(found === 0 ? 0 : 1);
