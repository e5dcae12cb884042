// Lets a script import the packages that `.ci/node` installed outside of the repository.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const packages = pathToFileURL(`${process.env.PACKAGES}/`).href;

registerHooks({
  resolve(specifier, context, next) {
    const bare = /^@?[a-z0-9]/i.test(specifier) && !specifier.includes(':');
    const ours = context.parentURL?.startsWith('file:') && !context.parentURL.startsWith(packages);
    const found = next(specifier, bare && ours ? { ...context, parentURL: packages } : context);
    // Packages made for a bundler leave the type of a JSON file out.
    return found.url.endsWith('.json') ? { ...found, importAttributes: { type: 'json' } } : found;
  },
});
