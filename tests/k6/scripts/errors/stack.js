// api: language.errors
// expect: checks 5
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

class NotFound extends Error {
  constructor(id) {
    super(`no ${id}`, { cause: 'typo' });
    this.name = 'NotFound';
    this.id = id;
  }
}

function lookUp(id) {
  throw new NotFound(id);
}

export default function () {
  try {
    lookUp(7);
  } catch (error) {
    equal('class', [error instanceof NotFound, error instanceof Error], [true, true]);
    equal('text', String(error), 'NotFound: no 7');
    equal('members', [error.id, error.cause], [7, 'typo']);
    equal('stack', error.stack.includes('lookUp'), true);
    equal('file', error.stack.includes('stack.js'), true);
  }
}
